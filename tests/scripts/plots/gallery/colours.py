# %% Maps and bars of colour
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np

figure, axes = plt.subplots(3, figsize=(5, 2), layout="constrained")
for each, norm in zip(
    axes,
    [mpl.colors.Normalize(5, 10), mpl.colors.BoundaryNorm([1, 2, 4, 8], 256), mpl.colors.CenteredNorm()],
    strict=True,
):
    figure.colorbar(mpl.cm.ScalarMappable(norm, "cividis"), cax=each, orientation="horizontal")
# %%
cmap = mpl.colors.ListedColormap(["#e69f00", "#56b4e9", "#009e73"])
plt.scatter(np.arange(9), np.arange(9) % 3, c=np.arange(9) % 3, cmap=cmap)
plt.colorbar(ticks=[0, 1, 2]).ax.set_yticklabels(list("abc"))
