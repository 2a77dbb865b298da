"""The target “This computer” as the program reaches it, in a folder of its own. Measures nothing."""

from __future__ import annotations

import contextlib
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ide.core.deploy import JobRequest
    from ide.deploy.cluster.client import ClusterTarget

CLUSTER_PYTHON = (
    Path(__file__).resolve().parents[1]
    / ".venv-cluster"
    / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
)


@contextlib.contextmanager
def this_computer(folder: Path, workers: int = 1) -> Iterator[ClusterTarget]:
    """With its cluster for jobs up, which ends at the end; with no `workers` there is none."""
    from ide._paths import plugins_dir
    from ide.core.deploy import TargetSpec
    from ide.deploy.cluster.client import ClusterProcess, ClusterTarget, Kinds
    from ide.extensions.extensions import Extensions

    loads = {facts.id: facts.load for facts in Extensions(plugins_dir()).targets()}
    process = ClusterProcess(lambda: CLUSTER_PYTHON, Kinds(loads, (plugins_dir(),)), folder)
    target = ClusterTarget(process, TargetSpec("this-computer", "This computer", "local"), {})
    try:
        cluster = target.start_cluster({"workers": workers}) if workers else ""
        yield target
        if cluster:
            target.end_cluster(cluster)
    finally:
        process.close()


def request_of(script: Path) -> JobRequest:
    """A job of that script, bundled anew."""
    from ide.core.deploy import JobRequest
    from ide.deploy.bundle import write_bundle

    id = uuid.uuid4().hex
    bundle = write_bundle(script.with_name(f"{id}.zip"), {"main.py": script}, entry="main.py", language="python")
    return JobRequest(id, "Bench", bundle.path, bundle.sha256, bundle.entry, bundle.language)
