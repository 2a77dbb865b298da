# %% Notches, ranges and violins of one's own
import matplotlib.pyplot as plt
import numpy as np

data = [np.random.default_rng(7).gamma(shape, size=60) for shape in (1, 2, 3)]
figure, (left, right) = plt.subplots(1, 2)
left.boxplot(data, notch=True, patch_artist=True, tick_labels=["x", "y", "z"], vert=False)
parts = right.violinplot(data, showextrema=False, quantiles=[[0.5]] * 3)
for body in parts["bodies"]:
    body.set_facecolor("tab:green")
# %%
plt.eventplot(data, orientation="vertical", linelengths=0.5)
