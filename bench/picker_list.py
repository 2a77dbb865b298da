"""The full list of environments from files alone, on a machine with thirty of every kind (issue 5)."""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from pathlib import Path

from bench.measure import Result


def measure(runs: int) -> Result:
    """One look round per run; the environments are made once."""
    from ide.environments import Machine
    from ide.environments.listing import Surroundings, list_environments
    from ide.environments.side_folder import SideFolders
    from tests.kernel.test_environment_bench import build

    with tempfile.TemporaryDirectory(prefix="fp-") as folder:
        root = Path(folder)
        build(root)
        machine = replace(Machine.here(), home=root / "home", root=root)
        around = Surroundings(machine, SideFolders(root / "side"), root / "project", is_trusted=True)
        taken: list[float] = []
        for _ in range(runs):
            started = time.perf_counter()
            found = list_environments(around)
            taken.append(1000 * (time.perf_counter() - started))
            if len(found) < 30:
                raise RuntimeError(f"only {len(found)} environments were found")
        return Result.of(taken, "ms")
