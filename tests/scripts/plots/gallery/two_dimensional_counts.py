# %% On a scale of powers
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LogNorm

x, y = np.random.default_rng(2).multivariate_normal([0, 0], [[2, 1], [1, 3]], 2000).T
plt.hist2d(x, y, bins=30, norm=LogNorm())
plt.colorbar(label="count")
plt.show()
plt.hexbin(x, y, gridsize=15, bins="log", cmap="inferno", mincnt=1)
