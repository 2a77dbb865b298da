# %% Ways to fill in between pixels
import matplotlib.pyplot as plt
import numpy as np

pixels = np.random.default_rng(6).random((5, 5))
figure, axes = plt.subplots(1, 3)
for each, kind in zip(axes, ["none", "bilinear", "bicubic"], strict=True):
    each.imshow(pixels, interpolation=kind)
    each.set_axis_off()
# %% Colours, transparency and what is missing
plt.imshow(np.dstack([pixels, pixels.T, 1 - pixels, np.linspace(0, 1, 25).reshape(5, 5)]))
plt.figure()
plt.imshow(np.ma.masked_greater(pixels, 0.6), vmin=0, vmax=1, cmap=plt.colormaps["plasma"].with_extremes(bad="grey"))
plt.colorbar(extend="max", shrink=0.6)
# %% Of no figure at all
from PIL import Image  # noqa: E402 - as in a notebook

Image.fromarray((pixels * 255).astype("uint8")).resize((50, 50))
