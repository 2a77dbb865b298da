# %% Lines with a legend
x <- seq(0, 10, length.out = 200)
plot(x, sin(x), type = "l", main = "Waves", xlab = "time", ylab = "amplitude")
lines(x, cos(x), lty = 2)
legend("topright", c("sine", "cosine"), lty = 1:2)
abline(h = 0, col = "grey")
# %% A curve and words
curve(x^2, 0, 4, log = "y")
text(2, 5, "square")
