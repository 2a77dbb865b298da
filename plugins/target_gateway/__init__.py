"""The target “Dask Gateway”."""
