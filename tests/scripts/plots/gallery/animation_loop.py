# %% Drawn again and again in one place
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import clear_output

walk = np.random.default_rng(8).normal(size=20).cumsum()
for end in range(5, 21, 5):
    clear_output(wait=True)
    plt.figure(figsize=(3, 2))
    plt.plot(walk[:end])
    plt.xlim(0, 20)
    plt.show()
print("done")
# %% Cleared, and nothing after
plt.plot([1, 2])
plt.show()
clear_output()
