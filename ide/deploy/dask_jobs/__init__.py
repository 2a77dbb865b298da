"""What goes to a worker of dask and runs jobs there: standard library alone, shipped as source."""
