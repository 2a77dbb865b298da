# %% On scales of powers
curve(exp, 0.1, 5, log = "xy", main = "powers", panel.first = grid())
curve(1 + x^2, add = TRUE, lty = 2)
abline(v = 1, h = 1, col = "red")
# %% Another axis at the right
par(mar = c(4, 4, 2, 4))
plot(1:10, (1:10)^2, type = "s")
par(new = TRUE)
plot(1:10, 10:1, type = "h", axes = FALSE, xlab = "", ylab = "")
axis(4, at = c(2, 6), labels = c("low", "high"), las = 1)
mtext("other", side = 4, line = 2)
