# %% Sizes and resolutions of the user's own
import matplotlib.pyplot as plt

plt.figure(figsize=(8, 2))
plt.plot([1, 2])
# %%
plt.figure(dpi=50)
plt.plot([2, 1])
# %%
with plt.rc_context({"figure.figsize": (2, 3)}):
    plt.subplots()[1].plot([1, 1])
