# %% A figure without pyplot, and one drawn into a file only
import io

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

figure = Figure()
figure.subplots().plot([1, 2, 3])
figure  # noqa: B018 - the value of the cell
# %%
other = Figure()
other.subplots().plot([3, 2])
other.savefig(io.BytesIO())
# %%
plt.plot([1, 2])
plt.savefig(io.BytesIO())
