# %% Shares of answers, lying, with their numbers
import matplotlib.pyplot as plt
import numpy as np

shares = np.array([[10, 30, 60], [20, 50, 30], [40, 40, 20]])
figure, axes = plt.subplots(layout="constrained")
start = np.zeros(3)
for answer, share in zip(["no", "maybe", "yes"], shares.T, strict=True):
    bars = axes.barh(["first", "second", "third"], share, left=start, label=answer)
    axes.bar_label(bars, label_type="center", fmt="%d%%")
    start += share
axes.invert_yaxis()
axes.legend(ncols=3, bbox_to_anchor=(0, 1), loc="lower left")
plt.show()
# %% Broken ones
figure, axes = plt.subplots()
axes.broken_barh([(110, 30), (150, 10)], (10, 9), facecolors="tab:blue")
axes.set_yticks([15], labels=["works"])
