# %% Numbers below their bars
import matplotlib.pyplot as plt

figure, axes = plt.subplots()
axes.bar(range(3), [2, 3, 1])
axes.table([["2", "3", "1"]], rowLabels=["count"], colLabels=list("abc"), loc="bottom")
axes.set_xticks([])
figure.subplots_adjust(bottom=0.2)
# %% A table and nothing else
plt.axis("off")
plt.table(cellText=[[1, 2], [3, 4]], cellColours=[["w", "y"], ["y", "w"]], loc="center")
