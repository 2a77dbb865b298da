# %% Beside each other, with ranges
library(ggplot2)
few <- data.frame(kind = c("a", "b", "a", "b"), side = c("l", "l", "r", "r"), y = 1:4)
ggplot(few, aes(kind, y, fill = side)) +
  geom_col(position = "dodge") +
  geom_errorbar(aes(ymin = y - 0.5, ymax = y + 0.5), position = position_dodge(0.9), width = 0.2) +
  scale_fill_brewer(palette = "Set2")
# %%
ggplot(mpg, aes(class, fill = drv)) + geom_bar(position = "fill") + coord_flip()
