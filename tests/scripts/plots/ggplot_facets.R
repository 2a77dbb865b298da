# %% Facets
library(ggplot2)
ggplot(mtcars, aes(wt, mpg, colour = factor(cyl))) +
  geom_point() +
  geom_smooth(method = "lm", formula = y ~ x) +
  facet_wrap(~gear)
# %% A value that is not printed, and two that are
p <- ggplot(mpg, aes(class)) + geom_bar()
p
p + coord_flip() + theme_minimal()
