# %% Several plots on one page
par(mfrow = c(2, 2), mar = c(3, 3, 2, 1))
plot(mtcars$wt, mtcars$mpg)
hist(mtcars$mpg)
boxplot(mpg ~ cyl, mtcars)
pie(table(mtcars$gear))
# %% Cells of several sizes
layout(matrix(c(1, 1, 2, 3), 2, byrow = TRUE), heights = c(1, 2))
plot(1:3)
plot(3:1)
plot(c(2, 2))
