# %% Viewports
library(grid)
grid.newpage()
pushViewport(viewport(layout = grid.layout(2, 2, widths = unit(c(1, 3), c("null", "cm")))))
pushViewport(viewport(layout.pos.row = 1, layout.pos.col = 1))
grid.rect(gp = gpar(fill = "grey90"))
grid.text("first", rot = 30)
popViewport()
pushViewport(viewport(layout.pos.row = 2, layout.pos.col = 2))
grid.circle()
popViewport(2)
# %% A shape that makes itself when it is drawn
makeContent.counted <- function(x) {
  n <- round(convertWidth(unit(1, "npc"), "npc", valueOnly = TRUE))
  setChildren(x, gList(textGrob(paste(n, "viewport wide"))))
}
grid.newpage()
grid.draw(gTree(cl = "counted"))
