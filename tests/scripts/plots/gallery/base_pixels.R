# %% Pictures in a plot
pixels <- as.raster(matrix(0:15 / 15, 4))
plot(pixels, interpolate = FALSE)
# %%
plot(0:1, 0:1, type = "n", asp = 1)
rasterImage(pixels, 0.2, 0.2, 0.8, 0.6, angle = 15)
