"""Memory that the window takes for 1,000 kept plots, in megabytes of its own (USS), seen and not seen.

`kept`: they have come, as PNG files of 1,000 x 600 pixels, and are on disk. `scrolled`: each one's small picture was
shown once, and fifty plots were in view. `restored`: the window was started again with them. The baseline is the same
window before the first plot.
"""

from __future__ import annotations

import base64
import random
import struct
import tempfile
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.measure import Result

if TYPE_CHECKING:
    from ide.app.workbench import Workbench

PLOTS: Final = 1_000
SIZE: Final = (1_000, 600)
BATCH: Final = 10
SEEN: Final = 50
MEGABYTE: Final = 1e6


def measure(runs: int) -> dict[str, Result]:
    """Two starts of the program for each run; at most three. Megabytes."""
    parts: dict[str, list[float]] = {"kept": [], "scrolled": [], "restored": []}
    for _ in range(min(runs, 3)):
        with tempfile.TemporaryDirectory(prefix="fp-bench-") as place:
            empty_mb = _measure_fresh(Path(place), parts)
            parts["restored"].append(_measure_restored(Path(place)) - empty_mb)
    return {name: Result.of(values, "MB") for name, values in parts.items()}


def _measure_fresh(place: Path, parts: dict[str, list[float]]) -> float:
    from ide.api.testing import open_workbench
    from ide.core.outputs import Display
    from ide.core.runs import CodeSource, Run

    project = place / "project"
    project.mkdir()
    with open_workbench(profile_dir=place / "profile", project_dir=project) as workbench:
        _calm(workbench)
        empty_mb = _own_mb()
        pane = workbench.program.plots
        for first in range(0, PLOTS, BATCH):
            pictures = [base64.b64encode(picture(first + number)).decode() for number in range(BATCH)]
            run = Run(f"r{first}", "s1", "plot()", CodeSource(title="bench.py"))
            pane.model.take("s1", run, tuple(Display({"image/png": data}) for data in pictures))
            _calm(workbench, 0.05)
        workbench.wait_until(lambda: not any(plot.picture.is_in_memory for plot in workbench.plots), 60, "Writing")
        _calm(workbench)
        parts["kept"].append(_own_mb() - empty_mb)
        strip = pane.view.thumbnails
        for row in range(0, PLOTS, 3):
            strip.scrollTo(strip.rows.index(row, 0))
            if row % (PLOTS // SEEN) < 3:
                pane.model.choose(row)
            _calm(workbench, 0.01)
        _calm(workbench)
        parts["scrolled"].append(_own_mb() - empty_mb)
    return empty_mb


def _measure_restored(place: Path) -> float:
    from ide.api.testing import open_workbench

    with open_workbench(profile_dir=place / "profile", project_dir=place / "project") as workbench:
        workbench.wait_until(lambda: len(workbench.plots) == PLOTS, 60, "The plots of the last window")
        _calm(workbench)
        return _own_mb()


def picture(number: int) -> bytes:
    """A PNG like a scatter plot's: white, with a few thousand coloured pixels; about 30 kB."""
    chance = random.Random(number)
    width, height = SIZE
    rows = [bytearray(b"\0" + b"\xff" * width * 3) for _ in range(height)]
    for _ in range(6_000):
        at = 1 + 3 * chance.randrange(width)
        rows[chance.randrange(height)][at : at + 3] = chance.randbytes(3)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"".join(rows), 1)) + chunk(b"IEND", b"")


def _calm(workbench: Workbench, seconds: float = 1.0) -> None:
    until_s = time.monotonic() + seconds
    workbench.wait_until(lambda: time.monotonic() > until_s and not workbench.program.tasks.open, seconds + 60)


def _own_mb() -> float:
    """What only this process takes: private pages, in megabytes (Linux)."""
    import psutil

    return float(psutil.Process().memory_full_info().uss) / MEGABYTE
