# %% Another style for one figure
import matplotlib.pyplot as plt

with plt.style.context("dark_background"):
    plt.plot([1, 3, 2])
    plt.title("dark")
    plt.show()
# %% And the old one again
with plt.xkcd():
    plt.plot([1, 2])
    plt.show()
plt.plot([3, 3])
