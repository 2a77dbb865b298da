# %% Lines of regression in panels
import numpy as np
import pandas as pd
import seaborn as sns

numbers = np.random.default_rng(12)
frame = pd.DataFrame({"x": np.arange(40), "y": np.arange(40) + numbers.normal(size=40), "kind": list("xy") * 20})
sns.lmplot(frame, x="x", y="y", col="kind", ci=None, height=2)
# %%
sns.lineplot(frame, x="x", y="y", hue="kind", style="kind", markers=True)
# %%
sns.residplot(frame, x="x", y="y")
