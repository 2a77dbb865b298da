# %% Printed in a loop
library(ggplot2)
for (name in c("wt", "hp")) print(ggplot(mtcars, aes(.data[[name]], mpg)) + geom_point() + ggtitle(name))
# %% Layers of several kinds
ggplot(faithfuld, aes(waiting, eruptions, fill = density)) + geom_raster() + scale_fill_viridis_c()
# %%
ggplot(data.frame(x = 1:3, y = c(2, 1, 3)), aes(x, y)) +
  geom_col() +
  coord_polar() +
  labs(title = "round", caption = "a caption")
