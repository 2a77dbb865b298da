# %% Circles, thermometers and sunflowers
symbols(1:5, c(3, 1, 4, 2, 5), circles = 1:5, inches = 0.3, bg = rainbow(5, alpha = 0.5))
# %%
symbols(1:3, 1:3, thermometers = cbind(0.3, 0.9, c(0.2, 0.5, 0.9)), inches = 0.5)
plot(0:25 %% 5, 0:25 %/% 5, pch = 0:25, bg = "yellow", cex = 2, axes = FALSE, ann = FALSE)
