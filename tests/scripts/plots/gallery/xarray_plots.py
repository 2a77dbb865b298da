# %% Labelled arrays
import numpy as np
import xarray as xr

array = xr.DataArray(
    np.random.default_rng(15).random((3, 6, 8)),
    dims=("time", "lat", "lon"),
    coords={"time": [0, 1, 2], "lat": np.arange(6), "lon": np.arange(8)},
    name="rain",
    attrs={"units": "mm"},
)
array[0].plot()
# %%
array.plot(col="time", col_wrap=2, size=1.5)
# %%
array.mean(("lat", "lon")).plot(marker="o")
array[0].plot.contourf(levels=4)
array.plot.hist()
