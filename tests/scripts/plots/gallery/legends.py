# %% Made by hand, twice, and for the figure
import matplotlib.pyplot as plt
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

figure, axes = plt.subplots()
first = axes.legend(handles=[Line2D([], [], color="r", marker="o", label="line")], loc="upper right")
axes.add_artist(first)
axes.legend(handles=[Patch(facecolor="b", label="patch")], loc="lower right")
figure.legend(handles=[Patch(label="all")], loc="upper left")
# %%
points = plt.scatter([1, 2, 3], [1, 2, 3], c=[1, 2, 2], s=[20, 60, 120])
plt.legend(*points.legend_elements(), title="class")
