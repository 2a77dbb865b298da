# %% Points whose colour and size tell something
import matplotlib.pyplot as plt
import numpy as np

numbers = np.random.default_rng(1)
x, y, z = numbers.normal(size=(3, 300))
points = plt.scatter(x, y, c=z, s=20 + 30 * abs(z), cmap="viridis", alpha=0.7)
plt.colorbar(points, label="z")
plt.axhline(0, color="grey", lw=0.5)
