# %% One and two dimensions
import matplotlib.pyplot as plt
import numpy as np

np.random.seed(3)
plt.hist(np.random.normal(size=1000), bins=40, density=True)
plt.show()
plt.hist2d(np.random.normal(size=500), np.random.normal(size=500), bins=20)
plt.show()
# %% Nothing is drawn, so nothing comes
np.random.normal(size=3)
