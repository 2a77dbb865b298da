# %% Trees
tree <- hclust(dist(mtcars[1:10, 1:3]))
plot(tree, hang = -1, cex = 0.7)
rect.hclust(tree, k = 3)
# %%
plot(as.dendrogram(tree), horiz = TRUE)
biplot(prcomp(USArrests[1:12, ], scale. = TRUE))
