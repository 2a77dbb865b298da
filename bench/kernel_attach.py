"""From the moment a window takes over a busy kernel to its state and its first output, in seconds (PROMISES B1).

`python`: a kernel that prints a million lines; `r`: one that has printed, is at work and answers nothing meanwhile.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Final

from bench.measure import Result

_CODE: Final = {
    "python": "for number in range(1_000_000): print(number)",
    "r": "cat('begun\\n'); flush.console(); repeat Sys.sleep(0.1)",
}


def measure(runs: int) -> dict[str, Result]:
    """One kernel per language and run."""
    return {language: Result.of([_attach_s(language) for _ in range(runs)], "s") for language in _CODE}


def _attach_s(language: str) -> float:
    from ide.kernels.kernels import Kernels
    from tests.fakes.ui_thread import FakeUiThread
    from tests.kernel.kit import Watcher, python_launch, r_launch

    with tempfile.TemporaryDirectory(prefix="fp-") as folder:
        ui, home = FakeUiThread(), Path(folder)
        first, second = (Kernels(home / "run", ui.post, ui.after, agent_of=lambda _language: None) for _ in range(2))
        try:
            launch = python_launch(home) if language == "python" else r_launch(home)
            watcher = Watcher(first.start(launch), ui)
            watcher.session.execute(_CODE[language])
            watcher.wait(lambda: watcher.outputs)
            first.close(leave_kernels=True)
            (record,) = second.left_behind()
            started = time.perf_counter()
            again = Watcher(second.attach(record), ui)
            again.wait(lambda: again.session.state == "busy" and again.outputs)
            return time.perf_counter() - started
        finally:
            first.close()
            second.close()
