"""Opening a file of 100,000 lines until its first screen is painted; the longest stall until all of it is there."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench._editor import Paints, page_of, program_with_project, rest, source
from bench.measure import Result

if TYPE_CHECKING:
    from ide.app.workbench import Workbench

LINES = 100_000


def measure(runs: int) -> dict[str, Result]:
    """Each run opens a file of its own in one window; the first, which also warms the window, does not count."""
    taken: list[tuple[float, float]] = []
    with program_with_project() as (workbench, project):
        for turn in range(runs + 1):
            path = project / f"long_{turn}.py"
            path.write_text(source(LINES) + f"\n# {turn}", encoding="utf-8")
            rest(workbench, 0.5)
            taken.append(_open(workbench, path))
    seconds, stalls = zip(*taken[1:], strict=True)
    return {"": Result.of(seconds, "s"), "stall": Result.of(stalls, "ms")}


def _open(workbench: Workbench, path: Path) -> tuple[float, float]:
    """Seconds to the first paint with the text, and the longest gap of the loop in milliseconds."""
    from ide.documents.document import Document
    from ide.qt.stall import StallMeter

    paints = Paints()
    meter = StallMeter()
    meter.start()
    started_s = time.perf_counter()

    def on_shown(_document: Document) -> None:
        paints.watch(page_of(workbench).view.viewport())

    workbench.program.editor.open(path, done=on_shown)
    workbench.wait_until(lambda: paints.count > 0, 60)
    seconds = time.perf_counter() - started_s
    workbench.wait_until(lambda: not page_of(workbench).buffer.text.is_busy, 60)
    rest(workbench, 1.0)
    stall_ms = meter.max_ms()
    meter.close()
    workbench.run_command("file.close")
    return seconds, stall_ms
