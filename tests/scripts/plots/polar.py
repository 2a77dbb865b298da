# %% A rose and a wind chart
import matplotlib.pyplot as plt
import numpy as np

angle = np.linspace(0, 2 * np.pi, 200)
axes = plt.subplot(projection="polar")
axes.plot(angle, 1 + np.sin(4 * angle))
axes.set_title("rose")
# %%
plt.subplot(projection="polar").bar(angle[::20], 1 + angle[::20], width=0.3)
