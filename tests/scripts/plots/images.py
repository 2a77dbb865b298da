# %% A picture, a matrix and contours
import matplotlib.pyplot as plt
import numpy as np

x, y = np.meshgrid(np.linspace(-3, 3, 80), np.linspace(-3, 3, 60))
z = np.sin(x) * np.cos(y)
plt.imshow(z, origin="lower", extent=(-3, 3, -3, 3), cmap="gray")
plt.axis("off")
plt.show()
plt.matshow(np.eye(8))
# %%
plt.contourf(x, y, z, levels=12)
plt.clabel(plt.contour(x, y, z, colors="k"))
# %%
plt.quiver(x[::8, ::8], y[::8, ::8], z[::8, ::8], -z[::8, ::8])
plt.streamplot(x, y, np.cos(x), np.sin(y), density=0.6)
