# %% Lines, steps and bands
library(ggplot2)
few <- data.frame(x = 1:8, y = c(2, 4, 3, 5, 1, 2, 4, 3), kind = rep(c("a", "b"), each = 4))
ggplot(few, aes(x, y)) +
  geom_ribbon(aes(ymin = y - 1, ymax = y + 1), alpha = 0.2) +
  geom_line(aes(colour = kind)) +
  geom_point(shape = 21, fill = "white")
# %%
ggplot(few, aes(x, y, linetype = kind)) + geom_step() + theme(legend.position = "bottom")
