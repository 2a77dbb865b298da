# %% Round things
angle <- seq(0, 2 * pi, length.out = 300)
radius <- 1 + sin(4 * angle)
plot(radius * cos(angle), radius * sin(angle), type = "l", asp = 1, axes = FALSE)
polygon(radius * cos(angle) / 2, radius * sin(angle) / 2, col = rgb(0, 0, 1, 0.3))
# %%
stars(mtcars[1:6, 1:5], key.loc = c(6, 2))
