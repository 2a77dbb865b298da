# %% What pandas draws
import numpy as np
import pandas as pd

frame = pd.DataFrame(np.random.default_rng(5).normal(size=(60, 3)).cumsum(0), columns=list("abc"))
frame.plot()
# %%
frame.plot(subplots=True, layout=(2, 2))
# %%
frame.hist()
# %%
frame.plot.scatter("a", "b", c="c", colormap="viridis")
