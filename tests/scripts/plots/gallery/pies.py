# %% A ring in a ring
import matplotlib.pyplot as plt

figure, axes = plt.subplots()
axes.pie([3, 5, 2], radius=1, wedgeprops={"width": 0.3, "edgecolor": "w"}, labels=["a", "b", "c"])
axes.pie([1, 2, 2, 3, 1, 1], radius=0.7, wedgeprops={"width": 0.3, "edgecolor": "w"})
axes.set(aspect="equal", title="Rings")
# %%
plt.pie([4, 1], startangle=90, shadow=True, counterclock=False)
plt.legend(["most", "rest"], loc="best")
