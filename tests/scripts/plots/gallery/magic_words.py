# %% As in old notebooks
# the next line is one of IPython
get_ipython().run_line_magic("matplotlib", "inline")  # noqa: F821
import matplotlib.pyplot as plt  # noqa: E402

plt.plot([1, 2])
plt.title("said by magic")
# %%
with plt.ioff():
    figure, axes = plt.subplots()
    axes.plot([1, 2])
with plt.ion():
    plt.figure()
    plt.plot([2, 1])
# %%
from IPython.core.pylabtools import figsize  # noqa: E402

old = tuple(plt.rcParams["figure.figsize"])
figsize(3, 2)
plt.plot([1, 2])
plt.show()
figsize(*old)
