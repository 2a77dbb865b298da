# %% Said in layers
import pandas as pd
import seaborn.objects as so

frame = pd.DataFrame({"x": range(6), "y": [1, 3, 2, 4, 3, 5], "kind": list("xyxyxy")})
so.Plot(frame, "x", "y", color="kind").add(so.Dot()).add(so.Line())
# %%
so.Plot(frame, "x").facet("kind").add(so.Bars(), so.Hist(bins=3)).show()
