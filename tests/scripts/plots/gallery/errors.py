# %% Bars of error, and where a value is a bound only
import matplotlib.pyplot as plt
import numpy as np

x = np.arange(6)
plt.errorbar(x, x**2, yerr=[x, x * 2], xerr=0.2, fmt="s", capsize=4, lolims=x > 4)
plt.show()
# %% A band
y = np.sin(x)
plt.plot(x, y)
plt.fill_between(x, y - 0.3, y + 0.3, where=y > 0, color="g", alpha=0.3, interpolate=True)
plt.fill_betweenx([-1, 1], 2, 3, color="r", alpha=0.1)
