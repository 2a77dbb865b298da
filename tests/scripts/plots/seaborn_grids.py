# %% Grids of seaborn
import numpy as np
import pandas as pd
import seaborn as sns

numbers = np.random.default_rng(6)
frame = pd.DataFrame({"a": numbers.normal(size=80), "b": numbers.normal(size=80), "kind": list("xxyz") * 20})
sns.relplot(frame, x="a", y="b", col="kind", height=2)
# %%
sns.pairplot(frame, hue="kind", height=1.5)
# %%
grid = sns.FacetGrid(frame, row="kind", height=1.5)
grid.map(sns.histplot, "a")
grid.figure.suptitle("facets")
