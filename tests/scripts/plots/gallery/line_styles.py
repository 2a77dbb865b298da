# %% Dashes, markers and a cycle of one's own
import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler

x = np.linspace(0, 6, 30)
figure, axes = plt.subplots()
axes.set_prop_cycle(cycler(color=["k", "r", "b"], ls=["-", "--", ":"]))
for shift in range(3):
    axes.plot(x, np.sin(x + shift), marker="o", markevery=5, label=f"{shift}")
axes.legend(ncols=3, title="shift", loc="lower center")
axes.grid(which="both", alpha=0.3)
# %%
plt.step(x, np.cos(x), where="mid")
plt.fill_between(x, np.cos(x), step="mid", alpha=0.3)
plt.show()
plt.stem(x, np.exp(-x))
