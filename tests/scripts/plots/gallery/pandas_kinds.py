# %% Kinds of plots
import numpy as np
import pandas as pd

frame = pd.DataFrame(np.random.default_rng(9).random((6, 3)), columns=list("abc"), index=list("uvwxyz"))
frame.plot.bar(stacked=True)
frame.plot.barh(subplots=True, legend=False)
# %%
frame.plot.area(alpha=0.4)
frame["a"].plot.pie(autopct="%.0f")
# %%
frame.plot.box()
frame.plot.hexbin(x="a", y="b", gridsize=5)
