# %% By group and over time
import numpy as np
import pandas as pd

numbers = np.random.default_rng(10)
frame = pd.DataFrame({"a": numbers.normal(size=40), "b": numbers.normal(size=40), "kind": list("xy") * 20})
frame.boxplot(by="kind")
frame.hist("a", by="kind")
# %%
pd.plotting.scatter_matrix(frame[["a", "b"]], figsize=(4, 4))
pd.plotting.parallel_coordinates(frame.head(6), "kind")
# %%
series = pd.Series(numbers.normal(size=60).cumsum(), index=pd.date_range("2026-01-01", periods=60))
series.plot(style="k--")
series.rolling(7).mean().plot(secondary_y=True)
