# %% Pages in loops of every kind
for (n in 1:2) plot(n, main = n)
n <- 0
while (n < 2) {
  n <- n + 1
  barplot(n)
}
# %%
done <- lapply(split(mtcars, mtcars$cyl), function(part) plot(part$wt, part$mpg))
# %%
invisible(Map(function(a, b) plot(a, b), 1:2, 2:1))
by(warpbreaks, warpbreaks$tension, function(part) boxplot(breaks ~ wool, part)$n)
