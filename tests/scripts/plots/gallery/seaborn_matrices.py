# %% Ordered rows and columns
import numpy as np
import pandas as pd
import seaborn as sns

numbers = np.random.default_rng(14)
frame = pd.DataFrame(numbers.random((6, 5)), columns=list("abcde"))
sns.clustermap(frame, figsize=(3, 3), row_cluster=False, col_cluster=False)
# %%
grid = sns.PairGrid(frame[["a", "b"]], height=1.5)
grid.map_diag(sns.histplot)
grid.map_offdiag(sns.scatterplot)
