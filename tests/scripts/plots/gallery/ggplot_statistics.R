# %% Made by statistics
library(ggplot2)
ggplot(mtcars, aes(factor(cyl), mpg)) + stat_summary(fun = mean, fun.min = min, fun.max = max)
# %%
ggplot(data.frame(x = c(-3, 3)), aes(x)) + stat_function(fun = dnorm) + stat_function(fun = dt, args = list(df = 1))
ggplot(mtcars, aes(sample = mpg)) + stat_qq() + stat_qq_line()
