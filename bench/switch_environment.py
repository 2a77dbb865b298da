"""From choosing another environment to a prompt that can execute, against `start_new_kernel` in a bare script."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from bench._program import BARE_KERNEL, SAMPLE_PYTHON, bare_kernelspec, bare_seconds
from bench.measure import Result


def measure(runs: int) -> Result:
    """The console goes from the program's own Python to the sample's and back; the way there is what counts."""
    from ide.api.testing import open_workbench

    ours: list[float] = []
    bare: list[float] = []
    with tempfile.TemporaryDirectory(prefix="fp-") as folder, bare_kernelspec() as environment:
        project = Path(folder) / "project"
        project.mkdir()
        with open_workbench(profile_dir=Path(folder) / "profile", project_dir=project, is_trusted=True) as wb:
            program = wb.program
            wb.environments()
            own = program.environments.own()
            other = program.environments.add(SAMPLE_PYTHON)
            for turn in range(runs + 1):
                program.launching.choose(own, restarts=True)
                wb.wait_until(lambda: wb.session is not None and wb.session.state == "idle", 60, "The own prompt")
                wb.settle(30)
                started_s = time.perf_counter()
                program.launching.choose(other, restarts=True)
                wb.wait_until(lambda: _is_ready(wb.session, other.id), 60, "The other prompt")
                taken_s = time.perf_counter() - started_s
                wb.settle(30)
                if turn:
                    ours.append(taken_s)
        for turn in range(runs + 1):
            taken_s = bare_seconds(BARE_KERNEL, "prompt", **environment)
            if turn:
                bare.append(taken_s)
    return Result.of(ours, "s", bare)


def _is_ready(session: object, id: str) -> bool:
    inner = getattr(session, "session", None)
    return inner is not None and inner.state == "idle" and inner.launch.environment.id == id
