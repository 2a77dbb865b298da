# %% Columns of a matrix
matplot(iris3[, 1, ], type = "b", pch = 1:3, lty = 1)
legend("bottomleft", dimnames(iris3)[[3]], pch = 1:3, col = 1:3, bty = "n")
# %%
dotchart(VADeaths, main = "Deaths", pch = 19)
# %%
heatmap(as.matrix(mtcars[1:8, 1:5]), scale = "column")
