# %% A diagram of flows, and a table of pieces
import matplotlib.pyplot as plt
from matplotlib.sankey import Sankey

Sankey(flows=[1, -0.6, -0.4], labels=["in", "use", "loss"], orientations=[0, 0, 1]).finish()
plt.title("flows")
# %%
plt.stackplot([1, 2, 3], [1, 2, 3], [3, 2, 1], baseline="wiggle", labels=["a", "b"])
plt.legend()
