# %% Surfaces
z <- outer(1:30, 1:30, function(a, b) sin(a / 5) * cos(b / 5))
persp(z, theta = 30, phi = 30, shade = 0.4)
# %%
image(z, col = hcl.colors(20))
contour(z, add = TRUE)
# %%
filled.contour(volcano[1:20, 1:20])
