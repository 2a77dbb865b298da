# %% Panels
library(lattice)
xyplot(mpg ~ wt | factor(cyl), mtcars, type = c("p", "r"))
# %%
histogram(~mpg | factor(gear), mtcars)
bwplot(factor(cyl) ~ mpg, mtcars)
# %%
print(dotplot(VADeaths, auto.key = TRUE))
