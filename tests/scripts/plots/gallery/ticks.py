# %% Where they are and what they say
import matplotlib.pyplot as plt
from matplotlib import ticker

figure, axes = plt.subplots()
axes.plot([0, 12_000], [0, 1])
axes.xaxis.set_major_formatter(ticker.EngFormatter(unit="Hz"))
axes.yaxis.set_major_formatter(ticker.PercentFormatter(1))
axes.xaxis.set_minor_locator(ticker.AutoMinorLocator(4))
axes.tick_params(axis="x", which="major", length=10, rotation=45)
axes.yaxis.tick_right()
# %%
plt.figure()
plt.plot(["apples", "pears", "plums"], [3, 1, 2], "o")
plt.xticks(rotation="vertical")
plt.margins(0.2)
plt.minorticks_on()
