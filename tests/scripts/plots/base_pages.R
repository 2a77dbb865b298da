# %% Several pages of one call
op <- par(ask = FALSE)
plot(lm(mpg ~ wt, mtcars))
par(op)
# %% A loop of pages
for (name in c("mpg", "hp", "wt")) hist(mtcars[[name]], main = name)
