# %% Into files: nothing is shown of these
file <- tempfile(fileext = ".pdf")
pdf(file)
plot(1:3)
invisible(dev.off())
file.exists(file)
png(tempfile(fileext = ".png"), 200, 200)
hist(mtcars$mpg)
invisible(dev.off())
# %% And back
plot(mtcars$hp, main = "shown")
