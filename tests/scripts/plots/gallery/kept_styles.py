# %% Other settings for a while
import matplotlib as mpl
import matplotlib.pyplot as plt

with mpl.rc_context({"lines.linewidth": 4, "axes.facecolor": "lightyellow", "font.family": "monospace"}):
    plt.plot([1, 3, 2])
    plt.title("wide")
    plt.show()
for style in ("ggplot", "bmh", "grayscale"):
    with plt.style.context(style):
        plt.figure(figsize=(2, 1.5))
        plt.plot([1, 3, 2])
        plt.show()
# %%
plt.figure(facecolor="none")
plt.plot([1, 2])
