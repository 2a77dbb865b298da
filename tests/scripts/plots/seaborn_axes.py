# %% Single plots of seaborn
import numpy as np
import pandas as pd
import seaborn as sns

numbers = np.random.default_rng(7)
frame = pd.DataFrame({"a": numbers.normal(size=60), "kind": list("xyz") * 20})
sns.violinplot(frame, x="kind", y="a")
# %%
sns.heatmap(np.corrcoef(numbers.normal(size=(5, 20))), annot=True, fmt=".1f")
# %%
sns.regplot(x=np.arange(20), y=np.arange(20) + numbers.normal(size=20), seed=1)
# %%
sns.jointplot(frame.assign(b=frame.a**2), x="a", y="b", height=3)
