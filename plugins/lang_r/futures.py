"""Workers for a console of R: processes of R beside it, which the package `future` keeps."""

from __future__ import annotations

from ide.api.scaling import Scaling


def _plan(workers: int) -> str:
    return f"future::plan(future::multisession, workers = {workers})" if workers else "future::plan(future::sequential)"


scaling = Scaling(
    "future",
    "Processes of R on this computer, for code that uses future. Dask runs no R, so clusters are not for it.",
    joins_clusters=False,
    plan=_plan,
)
