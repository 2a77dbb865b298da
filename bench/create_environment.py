"""An environment with ipykernel, numpy and pandas made as the dialog makes it, against uv by hand; both from uv's warm
cache (issue 5). Needs the index of packages once, or a cache that has them."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.measure import Result

PACKAGES = ("ipykernel", "numpy", "pandas")


def measure(runs: int) -> Result:
    """In turns, one warm-up of each."""
    from ide.environments.machine import Machine
    from ide.environments.making.maker import Maker
    from ide.environments.making.wish import Wish
    from ide.environments.packages.policies import PolicyPlaces
    from ide.environments.uv import NoWork, Uv, uv_command

    ours: list[float] = []
    by_hand: list[float] = []
    with tempfile.TemporaryDirectory(prefix="fp-bench-") as folder:
        place = Path(folder)
        uv = Uv(place / "own")
        maker = Maker(uv, Machine.here(), PolicyPlaces(), lambda _path: None, "bench")
        for turn in range(runs + 1):
            started_s = time.perf_counter()
            wish = Wish(place / f"ours-{turn}", "python", "uv", interpreter=Path(sys.executable), packages=PACKAGES)
            maker.make(wish, NoWork())
            own_s = time.perf_counter() - started_s
            started_s = time.perf_counter()
            hand = place / f"hand-{turn}"
            _run([*uv_command(), "venv", "--quiet", "--python", sys.executable, str(hand)], place)
            _run(
                [*uv_command(), "pip", "install", "--quiet", "--python", str(hand / "bin" / "python"), *PACKAGES], place
            )
            hand_s = time.perf_counter() - started_s
            if turn:
                ours.append(own_s)
                by_hand.append(hand_s)
    return Result.of(ours, "s", by_hand)


def _run(argv: list[str], folder: Path) -> None:
    subprocess.run(argv, cwd=folder, check=True)
