"""Jobs on a cluster of dask, for plugins whose target is one. Needs dask: in the cluster process alone."""

from __future__ import annotations

from ide.deploy.dask_jobs.facts import facts
from ide.deploy.dask_jobs.jobs import DaskJobs, JobsAtRest, ask, status_of
from ide.deploy.dask_jobs.local_cluster import Connection, Place, state_of

__all__ = ["Connection", "DaskJobs", "JobsAtRest", "Place", "ask", "facts", "state_of", "status_of"]
