"""Asking all interpreters of a machine / the sum of their own times over those that are asked at once (issue 5)."""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from pathlib import Path

from bench.measure import Result

COUNT = 12


def measure(runs: int) -> Result:
    """One look round per run with nothing remembered; the baseline asks one after the other."""
    taken, alone = zip(*(_one(run) for run in range(runs)), strict=True)
    return Result.of(taken, "s", alone)


def _one(_run: int) -> tuple[float, float]:
    from concurrent.futures import ThreadPoolExecutor

    from ide.environments import Environments, Machine
    from ide.environments.environments import ASKED_AT_ONCE
    from ide.environments.probe import probe
    from tests.fakes.ui_thread import FakeUiThread
    from tests.kernel.test_environment_bench import Bench

    with tempfile.TemporaryDirectory(prefix="fp-") as folder, ThreadPoolExecutor(4) as threads:
        root, ui = Path(folder), FakeUiThread()
        bench = Bench(root)
        programs = [bench.venv(f"home/.virtualenvs/{number}") / "bin" / "python3" for number in range(COUNT)]
        programs.append(bench.base)  # found too, as they were made from it
        started = time.perf_counter()
        for program in programs:
            if probe(program).reason:
                raise RuntimeError(f"{program} gave no answer")
        alone = (time.perf_counter() - started) / ASKED_AT_ONCE

        def pool(work, done, failed):  # type: ignore[no-untyped-def]  # as `RunInPool` says
            def answer(future):  # type: ignore[no-untyped-def]
                error = future.exception()
                ui.post((lambda: failed(error)) if error else (lambda: done(future.result())))

            threads.submit(work).add_done_callback(answer)
            return lambda: None

        machine = replace(Machine.here(), home=root / "home", root=root, variables={})
        environments = Environments(root / "state.json", root / "side", machine=machine, pool=pool)
        started = time.perf_counter()
        environments.refresh()
        ui.pump_until(lambda: not environments.is_refreshing, 60, "the end of the look round")
        taken = time.perf_counter() - started
        environments.close()
        return taken, alone
