# %% Rows and columns of several sizes
import matplotlib.pyplot as plt

figure = plt.figure(figsize=(6, 4))
grid = figure.add_gridspec(3, 3, width_ratios=(1, 2, 1), hspace=0.5)
figure.add_subplot(grid[0, :]).plot([1, 2])
figure.add_subplot(grid[1:, :2]).imshow([[1, 2], [2, 1]])
figure.add_subplot(grid[-1, -1]).bar([1, 2], [2, 1])
# %%
figure, axes = plt.subplot_mosaic([["left", "top"], ["left", [["a", "b"]]]])
for name, each in axes.items():
    each.set_title(name)
# %%
plt.subplot(221)
plt.plot([1, 2])
plt.subplot(2, 2, 4)
plt.plot([2, 1])
plt.subplots_adjust(wspace=0.5)
