# %% A map of the script's own, and round things
library(ggplot2)
land <- data.frame(x = c(0, 2, 2, 0, 3, 5, 4), y = c(0, 0, 2, 2, 1, 1, 3), part = rep(c("a", "b"), c(4, 3)))
ggplot(land, aes(x, y, group = part, fill = part)) + geom_polygon(colour = "black") + coord_equal() + theme_void()
# %%
ggplot(mtcars, aes(factor(1), fill = factor(cyl))) + geom_bar(width = 1) + coord_polar(theta = "y")
