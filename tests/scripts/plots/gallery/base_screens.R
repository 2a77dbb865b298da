# %% Parts of a page
figs <- rbind(c(0, 0.5, 0, 1), c(0.5, 1, 0, 1))
parts <- split.screen(figs)
screen(1)
plot(1:3)
screen(2)
plot(3:1)
close.screen(all.screens = TRUE)
# %% A plot in a plot
plot(1:10)
old <- par(fig = c(0.5, 0.95, 0.2, 0.5), new = TRUE, mar = c(2, 2, 1, 1))
hist(mtcars$mpg, main = "")
par(old)
