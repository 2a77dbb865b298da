# %% Distributions
import matplotlib.pyplot as plt
import numpy as np

numbers = np.random.default_rng(4)
data = [numbers.normal(n, 1, 100) for n in range(3)]
figure, (left, right) = plt.subplots(1, 2)
left.boxplot(data)
right.violinplot(data, showmedians=True)
# %%
plt.errorbar(range(3), [each.mean() for each in data], yerr=[each.std() for each in data], fmt="o")
# %%
plt.pie([3, 2, 1], labels=["a", "b", "c"], autopct="%1.0f%%", explode=(0.1, 0, 0))
