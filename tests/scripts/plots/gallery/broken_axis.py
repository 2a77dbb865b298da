# %% Two parts of one axis
import matplotlib.pyplot as plt

figure, (top, bottom) = plt.subplots(2, sharex=True, height_ratios=(1, 3))
for axes in (top, bottom):
    axes.plot([1, 2, 90, 3], "o-")
top.set_ylim(80, 100)
bottom.set_ylim(0, 10)
top.spines.bottom.set_visible(False)
bottom.spines["top"].set_visible(False)
figure.align_ylabels()
plt.show()
# %% Arms instead of a frame
figure, axes = plt.subplots()
axes.spines[["left", "bottom"]].set_position("zero")
axes.spines[["top", "right"]].set_visible(False)
axes.plot([-2, 0, 2], [4, 0, 4])
