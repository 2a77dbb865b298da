# %% Powers, days and colours
library(ggplot2)
few <- data.frame(day = as.Date("2026-01-01") + 30 * 0:5, y = 10^(0:5), z = -2:3)
ggplot(few, aes(day, y, colour = z)) +
  geom_point(size = 4) +
  scale_y_log10() +
  scale_x_date(date_labels = "%b") +
  scale_colour_gradient2(midpoint = 0)
# %%
ggplot(few, aes(z, y)) + geom_point() + scale_x_reverse() + coord_cartesian(ylim = c(0, 500)) + xlim(-3, 3)
