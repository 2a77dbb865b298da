# %% Lines with their values
import matplotlib.pyplot as plt
import numpy as np

x, y = np.meshgrid(np.linspace(-2, 2, 40), np.linspace(-2, 2, 40))
z = x * np.exp(-(x**2) - y**2)
figure, (left, right) = plt.subplots(1, 2, sharey=True)
left.clabel(left.contour(x, y, z, levels=6, cmap="coolwarm"), fontsize=7)
filled = right.contourf(x, y, z, hatches=["", "/", "\\"], extend="both")
figure.colorbar(filled, ax=[left, right], location="bottom")
# %% Of scattered points
numbers = np.random.default_rng(3).random((2, 60))
figure, axes = plt.subplots()
axes.tricontourf(*numbers, numbers.sum(0))
axes.triplot(*numbers, "k-", lw=0.3)
