# %% One figure of several panels
import numpy as np
import pandas as pd
import seaborn as sns

numbers = np.random.default_rng(11)
frame = pd.DataFrame({"a": numbers.normal(size=60), "kind": list("xyz") * 20, "side": list("lr") * 30})
sns.catplot(frame, x="kind", y="a", col="side", kind="box", height=2)
# %%
sns.stripplot(frame, x="kind", y="a", hue="side", dodge=True, jitter=False)
# %%
sns.pointplot(frame, x="kind", y="a", errorbar=None)
sns.despine(trim=True)
