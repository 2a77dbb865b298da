# %% A grid with shared axes
import matplotlib.pyplot as plt
import numpy as np

figure, axes = plt.subplots(2, 3, sharex=True, sharey=True, layout="constrained")
for number, each in enumerate(axes.flat):
    each.plot(np.arange(10) ** (number / 3))
    each.set_title(f"power {number / 3:.1f}")
figure.supxlabel("x")
figure.suptitle("Powers")
# %% Cells of several sizes, and an inset
figure = plt.figure(layout="tight")
places = figure.subplot_mosaic("AAB;AAC")
places["A"].plot([1, 3, 2])
places["B"].pie([1, 2, 3])
places["C"].text(0.5, 0.5, "text", ha="center")
places["A"].inset_axes((0.6, 0.1, 0.3, 0.3)).plot([3, 1])
# %% Figures in a figure
whole = plt.figure(layout="constrained")
left, right = whole.subfigures(1, 2)
left.subplots().plot([1, 2])
right.subplots(2).flat[1].plot([2, 1])
