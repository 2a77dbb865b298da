# %% Bars in groups and in stacks
import matplotlib.pyplot as plt
import numpy as np

names = ["north", "east", "south"]
values = np.array([[3, 5, 2], [4, 1, 6]])
figure, axes = plt.subplots()
axes.bar(np.arange(3) - 0.2, values[0], 0.4, label="2025")
axes.bar(np.arange(3) + 0.2, values[1], 0.4, label="2026", hatch="//")
axes.set_xticks(range(3), names)
axes.bar_label(axes.containers[0])
axes.legend()
# %% Lying
plt.barh(names, values[0])
plt.barh(names, values[1], left=values[0])
