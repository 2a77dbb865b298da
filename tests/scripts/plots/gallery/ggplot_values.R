# %% Plots as values: printed, returned, kept and saved
library(ggplot2)
draw <- function(name) ggplot(mtcars, aes(.data[[name]])) + geom_dotplot(binwidth = 2, method = "histodot")
draw("mpg")
kept <- lapply(c("hp", "wt"), function(name) ggplot(mtcars, aes(.data[[name]], mpg)) + geom_point())
# %%
for (one in kept) print(one)
invisible(kept[[1]])
# %% Saved: nothing is shown
ggsave(tempfile(fileext = ".png"), kept[[1]], width = 2, height = 2, dpi = 50)
# %%
last_plot() + ggtitle("the last one")
