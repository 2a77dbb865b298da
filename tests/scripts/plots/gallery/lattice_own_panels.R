# %% Panels by the user
library(lattice)
xyplot(mpg ~ wt, mtcars, groups = cyl, panel = function(x, y, ...) {
  panel.superpose(x, y, ...)
  panel.abline(lm(y ~ x), lty = 2)
  panel.text(5, 30, "words")
}, par.settings = simpleTheme(pch = 16:18))
# %%
xyplot(mpg + qsec ~ wt, mtcars, outer = TRUE, strip = strip.custom(bg = "grey90"), scales = list(relation = "free"))
trellis.focus("panel", 1, 1, highlight = FALSE)
panel.points(3, 20, pch = 4, cex = 3)
trellis.unfocus()
