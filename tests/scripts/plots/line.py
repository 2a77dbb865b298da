# %% Lines with a legend, titles and annotations
import matplotlib.pyplot as plt
import numpy as np

x = np.linspace(0, 10, 200)
plt.plot(x, np.sin(x), label="sine")
plt.plot(x, np.cos(x), "--", label="cosine")
plt.annotate("peak", (np.pi / 2, 1), (3, 1.1), arrowprops={"arrowstyle": "->"})
plt.title("Waves")
plt.xlabel("time")
plt.ylabel("amplitude")
plt.legend()
# %% The same figure is not there any more
plt.plot(x, x**2)
plt.yscale("log")
