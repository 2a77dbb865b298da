# %% In titles, labels and along the axes
import matplotlib.pyplot as plt
import numpy as np

x = np.linspace(-np.pi, np.pi, 60)
plt.plot(x, np.sin(x), label=r"$\sin(x)$")
plt.title(r"$\int_0^\infty e^{-x^2}\,dx = \frac{\sqrt{\pi}}{2}$")
plt.xticks([-np.pi, 0, np.pi], [r"$-\pi$", "0", r"$\pi$"])
plt.legend()
# %%
plt.text(0.5, 0.5, r"$\alpha_i^{2} \sum_{k=1}^n \mathbf{x}_k \leq \mathcal{O}(n)$", size=20, ha="center")
