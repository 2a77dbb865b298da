# %% A histogram with a density and the data
set.seed(1)
x <- rnorm(100)
hist(x, breaks = 20, freq = FALSE, col = "grey90", border = "white")
lines(density(x), lwd = 2)
rug(x)
# %%
boxplot(len ~ dose * supp, ToothGrowth, notch = TRUE, col = c("gold", "green"), varwidth = TRUE)
stripchart(len ~ dose, ToothGrowth, vertical = TRUE, method = "jitter", pch = 1, jitter = 0)
# %%
qqnorm(x)
qqline(x, col = 2)
plot(ecdf(x), verticals = TRUE, do.points = FALSE)
