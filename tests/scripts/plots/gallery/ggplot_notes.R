# %% Words and arrows on a plot
library(ggplot2)
ggplot(cars, aes(speed, dist)) +
  geom_point() +
  annotate("rect", xmin = 10, xmax = 15, ymin = 0, ymax = 50, alpha = 0.2) +
  annotate("label", 12, 100, label = "here") +
  geom_hline(yintercept = 40, linetype = "dashed") +
  geom_segment(aes(x = 12, y = 90, xend = 14, yend = 60), arrow = arrow()) +
  labs(title = expression(x^2), subtitle = "below", tag = "A", caption = "own") +
  theme_classic(base_size = 14)
