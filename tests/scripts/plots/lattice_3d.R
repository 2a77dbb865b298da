# %% Surfaces in panels
library(lattice)
wireframe(volcano[1:15, 1:15], shade = TRUE)
# %% Two on a page
print(levelplot(volcano[1:15, 1:15]), split = c(1, 1, 2, 1), more = TRUE)
print(cloud(mpg ~ wt * hp, mtcars), split = c(2, 1, 2, 1))
