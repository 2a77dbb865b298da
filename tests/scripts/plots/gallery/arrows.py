# %% A field with a key
import matplotlib.pyplot as plt
import numpy as np

x, y = np.meshgrid(np.arange(0, 6, 0.8), np.arange(0, 6, 0.8))
q = plt.quiver(x, y, np.cos(x), np.sin(y), np.hypot(x, y), angles="xy")
plt.quiverkey(q, 0.9, 0.95, 1, "1 m/s", labelpos="E", coordinates="figure")
# %%
plt.barbs(x[::2], y[::2], 20 * np.cos(x[::2]), 20 * np.sin(y[::2]))
# %%
grid = np.linspace(-3, 3, 30)
speed = np.hypot(*np.meshgrid(grid, grid))
plt.streamplot(grid, grid, *np.meshgrid(-grid, grid), color=speed, linewidth=0.5 + speed / 4, density=0.5)
