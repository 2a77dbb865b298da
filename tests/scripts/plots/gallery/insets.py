# %% A part, enlarged
import matplotlib.pyplot as plt
import numpy as np

x = np.linspace(0, 10, 300)
figure, axes = plt.subplots()
axes.plot(x, np.sin(x**1.5))
inner = axes.inset_axes([0.6, 0.65, 0.38, 0.3], xlim=(8, 9), ylim=(-0.5, 0.5), xticklabels=[])
inner.plot(x, np.sin(x**1.5))
axes.indicate_inset_zoom(inner, edgecolor="black")
# %% Another scale above
figure, axes = plt.subplots()
axes.plot(x, x)
axes.secondary_xaxis("top", functions=(np.rad2deg, np.deg2rad)).set_xlabel("degrees")
axes.set_xlabel("radians")
