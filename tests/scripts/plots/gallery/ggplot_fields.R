# %% Tiles and contours
library(ggplot2)
few <- expand.grid(x = 1:6, y = 1:6)
few$z <- with(few, sin(x) * y)
ggplot(few, aes(x, y, fill = z)) + geom_tile() + geom_text(aes(label = round(z, 1)), size = 3) + coord_fixed()
# %%
ggplot(few, aes(x, y, z = z)) + geom_contour_filled(bins = 4) + geom_contour(colour = "white", bins = 4)
ggplot(faithful, aes(eruptions, waiting)) + geom_bin2d(bins = 10) + stat_density_2d(bins = 4)
