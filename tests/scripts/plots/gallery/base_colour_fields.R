# %% With a bar of colours beside it
layout(matrix(1:2, 1), widths = c(4, 1))
image(volcano[1:20, 1:20], col = terrain.colors(12), axes = FALSE)
contour(volcano[1:20, 1:20], add = TRUE, levels = c(100, 105))
par(mar = c(4, 1, 4, 3))
image(1, 1:12, t(1:12), col = terrain.colors(12), axes = FALSE, xlab = "", ylab = "")
axis(4)
# %%
filled.contour(volcano[1:15, 1:15], color.palette = heat.colors, plot.axes = {
  axis(1)
  points(0.5, 0.5, pch = 3)
})
