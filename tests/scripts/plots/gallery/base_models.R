# %% A scatter with a band
fit <- lm(dist ~ speed, cars)
at <- data.frame(speed = 5:25)
band <- predict(fit, at, interval = "confidence")
plot(cars, pch = 16)
polygon(c(at$speed, rev(at$speed)), c(band[, 2], rev(band[, 3])), col = "#0000ff33", border = NA)
lines(at$speed, band[, 1])
# %%
scatter.smooth(cars)
termplot(fit, partial.resid = TRUE)
# %% Four pages on one
old <- par(mfrow = c(2, 2))
plot(fit)
par(old)
