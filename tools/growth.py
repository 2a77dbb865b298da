"""Draws how the cost of a table grows with its size: `.venv-sample/bin/python tools/growth.py`.

Reads `docs/reference/growth.json`, which `python dev.py bench table_growth --json` has printed, and writes the picture
beside it. Run by the sample environment's interpreter, as that has matplotlib.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).resolve().parent.parent / "docs" / "reference"
LANGUAGES: Final = {"python": ("Python", "#2f6fb5"), "r": ("R", "#b5602f")}
TIMES: Final = {
    "open": "Double click to cells",
    "page": "One page of cells",
    "profile": "Summary of a column (sample)",
    "filter": "Filter",
    "sort": "Sort, all rows in order",
    "kernel_mb": "Memory added to the kernel",
}
AXES: Final = {"rows": "rows", "columns": "columns"}


def points(figures: dict[str, dict[str, Any]], language: str, what: str, axis: str) -> list[tuple[int, float]]:
    """Sizes and medians, by size."""
    start = f"table_growth.{language}.{what}.{axis}"
    found = [(int(name.removeprefix(start)), one["median"]) for name, one in figures.items() if name.startswith(start)]
    return sorted(found)


def draw(figures: dict[str, dict[str, Any]], path: Path) -> None:
    """One small plot for each cost, against rows above and against columns below."""
    import matplotlib.pyplot as plt  # type: ignore[import-not-found]  # of the sample environment

    plt.rcParams.update({"font.size": 8, "axes.spines.top": False, "axes.spines.right": False})
    figure, grid = plt.subplots(len(AXES), len(TIMES), figsize=(13, 5), layout="constrained")
    for row, (axis, word) in enumerate(AXES.items()):
        for place, (what, title) in zip(grid[row], TIMES.items(), strict=True):
            for language, (name, color) in LANGUAGES.items():
                found = points(figures, language, what, axis)
                place.plot(*zip(*found, strict=True), marker="o", markersize=3, color=color, label=name)
            place.set_xscale("log")
            if what == "kernel_mb":
                place.set_ylim(-2, 50)
                place.set_ylabel("MB")
            else:
                place.set_yscale("log")
                place.set_ylim(1, 100_000)
                place.set_yticks([1, 10, 100, 1_000, 10_000, 100_000], ["1 ms", "10", "100", "1 s", "10", "100"])
            place.minorticks_off()
            place.set_title(title, fontsize=8)
            place.set_xlabel(word)
            place.grid(alpha=0.25)
    grid[0][0].legend(frameon=False)
    figure.savefig(path, dpi=90)


if __name__ == "__main__":
    draw(json.loads((FOLDER / "growth.json").read_text("utf-8")), FOLDER / "growth.png")
    sys.stdout.write("docs/reference/growth.png\n")
