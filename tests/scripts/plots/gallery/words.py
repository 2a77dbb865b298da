# %% Boxes, arrows and turned words
import matplotlib.pyplot as plt

figure, axes = plt.subplots()
axes.plot([0, 1, 0], "o-")
axes.annotate(
    "top",
    xy=(1, 1),
    xytext=(1.5, 0.8),
    bbox={"boxstyle": "round", "fc": "0.9"},
    arrowprops={"arrowstyle": "fancy", "connectionstyle": "arc3,rad=0.3"},
)
axes.text(0.1, 0.9, "within the axes\nin two lines", transform=axes.transAxes, va="top", rotation=10)
figure.text(0.99, 0.01, "source: own", ha="right", size="x-small", style="italic")
axes.set_title("left", loc="left")
axes.set_title("right", loc="right")
# %% Other scripts
plt.title("Größe, 数, שלום")
plt.plot([1, 2])
