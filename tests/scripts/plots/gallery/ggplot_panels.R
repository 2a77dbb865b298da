# %% Rows and columns of panels with scales of their own
library(ggplot2)
ggplot(mtcars, aes(wt, mpg)) + geom_point() + facet_grid(am ~ cyl, scales = "free", labeller = label_both)
# %%
ggplot(mpg, aes(displ, hwy)) + geom_point(aes(colour = cty)) + facet_wrap(vars(year), ncol = 1) + theme_bw()
