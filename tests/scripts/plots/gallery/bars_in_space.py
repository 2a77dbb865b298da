# %% Bars and a curve
import matplotlib.pyplot as plt
import numpy as np

axes = plt.figure().add_subplot(projection="3d")
axes.bar3d([0, 1, 2], [0, 1, 0], 0, 0.5, 0.5, [3, 1, 2], shade=True)
angle = np.linspace(0, 12, 60)
axes.plot(np.cos(angle) + 1, np.sin(angle) + 1, angle / 4, "r")
axes.text(1, 1, 3, "top", "x")
# %%
full = np.zeros((3, 3, 3), dtype=bool)
full[0, 0, :] = full[1, 1, 1] = True
plt.figure(figsize=(3, 3)).add_subplot(projection="3d").voxels(full, edgecolor="k")
