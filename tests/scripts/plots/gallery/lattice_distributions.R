# %% Densities and quantiles
library(lattice)
densityplot(~mpg, groups = cyl, data = mtcars, auto.key = TRUE, plot.points = "rug")
# %%
qqmath(~ mpg | factor(am), mtcars)
stripplot(factor(cyl) ~ mpg, mtcars, pch = 1)
# %%
print(barchart(VADeaths, stack = TRUE, auto.key = list(space = "right")))
