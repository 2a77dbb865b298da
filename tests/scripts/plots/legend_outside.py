# %% What stands out of the figure
import matplotlib.pyplot as plt

for number in range(4):
    plt.plot([0, number], label=f"a rather long label {number}")
plt.legend(loc="upper left", bbox_to_anchor=(1.02, 1))
plt.figtext(0.5, -0.05, "a note below", ha="center")
