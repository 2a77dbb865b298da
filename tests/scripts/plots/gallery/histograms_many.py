# %% Several data sets
import matplotlib.pyplot as plt
import numpy as np

data = np.random.default_rng(1).normal(size=(200, 3))
figure, ((a, b), (c, d)) = plt.subplots(2, 2)
a.hist(data, 10, density=True, histtype="bar")
b.hist(data, 10, histtype="step", stacked=True, fill=False)
c.hist(data[:, 0], bins="auto", cumulative=True, orientation="horizontal")
d.ecdf(data[:, 1], complementary=True)
figure.tight_layout()
# %%
counts, edges = np.histogram(data, bins=8)
plt.stairs(counts, edges, fill=True)
plt.axvline(0, color="k")
