# %% Layers, numbers of the program's own, and another theme
import pandas as pd
import plotnine as p9

frame = pd.DataFrame({"kind": list("aabbbc"), "y": [1, 2, 3, 2, 1, 4]})
plot = p9.ggplot(frame, p9.aes("kind")) + p9.geom_bar(fill="steelblue")
plot + p9.coord_flip() + p9.theme_minimal()
# %%
plot  # noqa: B018 - the value of the cell
# %%
p9.ggplot(frame, p9.aes("kind", "y")) + p9.geom_boxplot() + p9.stat_summary(geom="point") + p9.theme(figure_size=(4, 2))
