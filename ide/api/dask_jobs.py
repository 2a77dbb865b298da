"""Jobs on a cluster of dask, for plugins whose target is one. Needs dask: in the cluster process alone."""

from __future__ import annotations

from ide.deploy.dask_jobs.console_clusters import ConsoleClusters
from ide.deploy.dask_jobs.facts import facts
from ide.deploy.dask_jobs.jobs import DaskJobs, JobsAtRest, status_of
from ide.deploy.dask_jobs.local_cluster import Connection, Place
from ide.deploy.dask_jobs.session import Session

__all__ = ["Connection", "ConsoleClusters", "DaskJobs", "JobsAtRest", "Place", "Session", "facts", "status_of"]
