# %% Several plots as one
suppressMessages(library(ggplot2))
library(patchwork)
a <- ggplot(mtcars, aes(wt, mpg)) + geom_point()
b <- ggplot(mtcars, aes(factor(cyl))) + geom_bar()
a + b + plot_annotation(title = "both", tag_levels = "A")
# %%
(a | b) / b + plot_layout(heights = c(2, 1))
# %%
a + inset_element(b, 0.6, 0.6, 1, 1)
