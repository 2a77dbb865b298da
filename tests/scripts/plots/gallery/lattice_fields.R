# %% Fields and clouds
library(lattice)
contourplot(volcano[1:12, 1:12], cuts = 5, region = TRUE)
# %%
splom(~ iris[1:3], groups = iris$Species)
parallelplot(~ iris[1:4] | Species, iris)
# %%
cloud(prop.table(Titanic, 1:3)[, , 1, 2], panel.3d.cloud = panel.3dscatter, type = "h")
