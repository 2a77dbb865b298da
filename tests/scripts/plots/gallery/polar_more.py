# %% Points around a circle, a radar and a clock
import matplotlib.pyplot as plt
import numpy as np

numbers = np.random.default_rng(5)
figure, axes = plt.subplots(1, 2, subplot_kw={"projection": "polar"})
axes[0].scatter(numbers.random(30) * 6, numbers.random(30), c=numbers.random(30), s=80, alpha=0.5)
angle = np.linspace(0, 2 * np.pi, 6)
axes[1].plot(angle, [3, 4, 2, 5, 4, 3])
axes[1].fill(angle, [3, 4, 2, 5, 4, 3], alpha=0.2)
axes[1].set_thetagrids(range(0, 360, 72), ["speed", "power", "range", "cost", "age"])
# %%
axes = plt.subplot(projection="polar")
axes.set_theta_zero_location("N")
axes.set_theta_direction(-1)
axes.set_rlim(1, 0)
axes.plot([0, 1, 2], [0.2, 0.5, 0.9])
