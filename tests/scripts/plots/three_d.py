# %% A surface and points in space
import matplotlib.pyplot as plt
import numpy as np

x, y = np.meshgrid(np.linspace(-2, 2, 25), np.linspace(-2, 2, 25))
figure = plt.figure()
axes = figure.add_subplot(projection="3d")
axes.plot_surface(x, y, np.exp(-(x**2) - y**2), cmap="plasma")
axes.set_zlabel("height")
# %%
axes = plt.figure().add_subplot(projection="3d")
axes.scatter([1, 2, 3], [3, 1, 2], [2, 3, 1])
axes.view_init(20, 40)
