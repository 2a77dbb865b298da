# %% Wires and contours in space
import matplotlib.pyplot as plt
import numpy as np

x, y = np.meshgrid(np.linspace(-3, 3, 15), np.linspace(-3, 3, 15))
z = np.sin(np.hypot(x, y))
figure, (left, right) = plt.subplots(1, 2, subplot_kw={"projection": "3d"})
left.plot_wireframe(x, y, z, rstride=2, cstride=2)
right.contour(x, y, z, offset=-1)
right.set(zlim=(-1, 1), xlabel="east", zlabel="height")
# %%
axes = plt.figure(figsize=(4, 3)).add_subplot(projection="3d")
axes.plot_trisurf(*np.random.default_rng(4).random((3, 25)), cmap="viridis")
