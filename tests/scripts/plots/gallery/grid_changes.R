# %% Changed after it was drawn
library(grid)
grid.newpage()
grid.rect(name = "frame", gp = gpar(fill = "grey80"))
grid.text("words", name = "words", gp = gpar(fontsize = 30))
grid.edit("words", label = "other words")
grid.remove("frame")
# %% A tree of shapes
tree <- gTree(children = gList(circleGrob(r = 0.3), linesGrob(c(0, 1), c(0, 1))), name = "tree")
grid.draw(tree)
grid.newpage()
grid.draw(editGrob(tree, gp = gpar(col = "red", lwd = 3)))
