# %% Powers, both ways, and shares
import matplotlib.pyplot as plt
import numpy as np

x = np.linspace(0.01, 5, 50)
figure, axes = plt.subplots(2, 2, layout="compressed")
axes[0, 0].semilogy(x, np.exp(x))
axes[0, 1].loglog(x, x**3, base=2)
axes[1, 0].plot(x - 2.5, (x - 2.5) ** 3)
axes[1, 0].set_yscale("symlog", linthresh=0.5)
axes[1, 1].plot(np.linspace(0.01, 0.99, 50), x)
axes[1, 1].set_xscale("logit")
# %% A scale of one's own
plt.plot(x, np.sqrt(x))
plt.gca().set_xscale("function", functions=(np.sqrt, np.square))
