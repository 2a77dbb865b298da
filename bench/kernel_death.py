"""From the death of a kernel to the window's knowing it and its cause, in seconds (PROMISES B2).

`killed`: by SIGKILL while it runs code; `ended`: by itself, with an exit code.
"""

from __future__ import annotations

import os
import signal
import tempfile
import time
from pathlib import Path

from bench.measure import Result


def measure(runs: int) -> dict[str, Result]:
    """One kernel per run and way."""
    return {
        "killed": Result.of([_told_s(is_killed=True) for _ in range(runs)], "s"),
        "ended": Result.of([_told_s(is_killed=False) for _ in range(runs)], "s"),
    }


def _told_s(*, is_killed: bool) -> float:
    from ide.kernels.kernels import Kernels
    from tests.fakes.ui_thread import FakeUiThread
    from tests.kernel.kit import Watcher, python_launch

    with tempfile.TemporaryDirectory(prefix="fp-") as folder:
        ui, home = FakeUiThread(), Path(folder)
        kernels = Kernels(home / "run", ui.post, ui.after, agent_of=lambda _language: None)
        try:
            watcher = Watcher(kernels.start(python_launch(home)), ui)
            watcher.wait_state("idle")
            end = "import time; time.sleep(600)" if is_killed else "import os; os._exit(41)"
            started = time.perf_counter()
            watcher.session.execute(end)
            if is_killed:
                watcher.wait(lambda: watcher.session.state == "busy")
                started = time.perf_counter()
                os.kill(watcher.session.pid, signal.SIGKILL)
            watcher.wait(lambda: watcher.session.state == "dead" and watcher.session.cause is not None)
            return time.perf_counter() - started
        finally:
            kernels.close()
