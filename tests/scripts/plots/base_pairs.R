# %% All against all
pairs(iris[1:4], col = as.integer(iris$Species))
# %%
coplot(mpg ~ wt | factor(cyl), mtcars)
# %%
mosaicplot(Titanic[, , 1, 1], main = "mosaic")
