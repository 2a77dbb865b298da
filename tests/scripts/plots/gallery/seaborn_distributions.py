# %% Figures whose margins show more
import numpy as np
import pandas as pd
import seaborn as sns

numbers = np.random.default_rng(13)
frame = pd.DataFrame({"x": numbers.normal(size=50), "y": numbers.normal(size=50), "kind": list("xy") * 25})
grid = sns.JointGrid(frame, x="x", y="y", height=3)
grid.plot(sns.scatterplot, sns.histplot)
# %%
sns.displot(frame, x="x", hue="kind", kind="hist", multiple="stack", height=2)
# %%
sns.ecdfplot(frame, x="x")
