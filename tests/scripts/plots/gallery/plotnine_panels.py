# %% Panels and a colour
import numpy as np
import pandas as pd
from plotnine import aes, facet_wrap, geom_point, ggplot, labs

frame = pd.DataFrame({"x": np.arange(12), "y": np.arange(12) % 5, "kind": list("ab") * 6})
ggplot(frame, aes("x", "y", color="kind")) + geom_point() + facet_wrap("kind") + labs(title="panels")
# %% In a loop
for kind in "ab":
    (ggplot(frame[frame.kind == kind], aes("x", "y")) + geom_point() + labs(title=kind)).show()
