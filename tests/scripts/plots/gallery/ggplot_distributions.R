# %% Histograms, densities and boxes
library(ggplot2)
ggplot(iris, aes(Sepal.Length, fill = Species)) + geom_histogram(bins = 12)
# %%
ggplot(iris, aes(Species, Sepal.Width)) + geom_violin() + geom_boxplot(width = 0.2, notch = FALSE)
# %%
ggplot(iris, aes(Sepal.Length, colour = Species)) + geom_density() + geom_freqpoly(aes(y = after_stat(density)), bins = 9)
