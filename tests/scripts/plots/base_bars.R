# %% Bars
counts <- table(mtcars$cyl, mtcars$gear)
barplot(counts, beside = TRUE, legend.text = TRUE)
# %%
places <- barplot(c(a = 3, b = 5), horiz = TRUE)
text(1, places, c("three", "five"))
