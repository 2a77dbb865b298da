"""Jobs on a cluster of dask, for plugins whose target is one. Needs dask: in the cluster process alone."""

from __future__ import annotations

from ide.deploy.dask_jobs.jobs import DaskJobs

__all__ = ["DaskJobs"]
