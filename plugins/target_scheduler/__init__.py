"""The target “Scheduler of Dask”: a cluster that somebody else keeps up."""
