# %% Patches, paths and collections
import matplotlib.patches as patches
import matplotlib.pyplot as plt
from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.path import Path

figure, axes = plt.subplots()
axes.add_patch(patches.Ellipse((0.3, 0.5), 0.4, 0.2, angle=30, alpha=0.4))
axes.add_patch(patches.FancyArrowPatch((0.1, 0.1), (0.9, 0.9), mutation_scale=20))
axes.add_patch(patches.PathPatch(Path([(0, 0), (0.5, 1), (1, 0)], [Path.MOVETO, Path.CURVE3, Path.CURVE3]), fill=False))
axes.add_collection(PatchCollection([patches.Circle((0.8, 0.3), 0.1), patches.Wedge((0.8, 0.7), 0.1, 0, 270)]))
axes.add_collection(LineCollection([[(0, 0.9), (1, 0.8)], [(0, 0.8), (1, 0.9)]], colors=["r", "b"]))
axes.set_aspect("equal")
