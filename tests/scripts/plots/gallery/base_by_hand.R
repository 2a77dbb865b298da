# %% From an empty page on
plot.new()
plot.window(xlim = c(0, 10), ylim = c(0, 1))
axis(1, at = seq(0, 10, 2))
rect(1:3, 0, 2:4, c(0.3, 0.6, 0.9), col = 2:4, density = 10)
segments(0, 0, 10, 1, lty = 3)
arrows(5, 0.2, 8, 0.6, length = 0.1)
box("plot")
title("by hand", sub = "below")
# %% Nothing but the page
plot.new()
# %% Words only
frame()
text(0.5, 0.5, "words", cex = 3, srt = 45)
