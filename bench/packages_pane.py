"""From going to the Packages pane to its first paint with 400 packages listed from their files, in milliseconds.

`first`: the pane was never seen before, so its list is read and its widgets are laid out for the first time. `again`:
the list of another environment of 400 packages, once the pane has been seen.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench._program import SAMPLE_PYTHON
from bench.measure import Result

if TYPE_CHECKING:
    from ide.app.workbench import Workbench
    from ide.core.environment import Environment

PACKAGES: Final = 400
FILES: Final = 60
"""Of each package, in its RECORD."""


def measure(runs: int) -> dict[str, Result]:
    """One start of the program per run; at most five."""
    from bench._panes import program_with_agent

    first, again = [], []
    for _ in range(min(runs, 5)):
        with (
            tempfile.TemporaryDirectory(prefix="fp-bench-") as place,
            program_with_agent(str(SAMPLE_PYTHON)) as workbench,
        ):
            environments = [_environment(Path(place) / name) for name in ("one", "two")]
            workbench.wait_until(lambda: hasattr(workbench.program, "packages"), 30, "The Packages pane")
            first.append(_shown_ms(workbench, environments[0]))
            again.append(_shown_ms(workbench, environments[1]))
    return {"first": Result.of(first, "ms"), "again": Result.of(again, "ms")}


def _environment(prefix: Path) -> Environment:
    """An environment whose packages have metadata, requirements and a list of files as real ones have."""
    from ide.core.environment import Environment

    site = prefix / "lib" / "python3.11" / "site-packages"
    for number in range(PACKAGES):
        name = f"package_{number:03}"
        info = site / f"{name}-1.{number}.dist-info"
        info.mkdir(parents=True)
        needs = "".join(f"Requires-Dist: package_{(number * 7 + step) % PACKAGES:03}>=1.0\n" for step in range(1, 9))
        head = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.{number}\nSummary: A package\nLicense: MIT\n"
        (info / "METADATA").write_text(f"{head}{needs}\n{'text ' * 1_000}\n")
        files = (f"{name}/module_{file}.py,sha256={'a' * 43},{file * 100}\n" for file in range(FILES))
        (info / "RECORD").write_text("".join(files))
    (prefix / "bin").mkdir()
    program = prefix / "bin" / "python3"
    program.touch()
    return Environment(str(program), prefix.name, "python", "venv", program, version="3.11.7")


def _shown_ms(workbench: Workbench, environment: Environment) -> float:
    from bench._panes import PaintWatch, rest

    pane = workbench.program.packages.pane
    view = pane.view.list
    rows = view.rows

    def is_shown() -> bool:
        return pane.model.environment is environment and rows.rowCount() == PACKAGES and view.isVisible()

    watch = PaintWatch(view.viewport(), is_shown)
    began_s = time.time()
    pane.show(environment)
    workbench.run_command("view.packages")
    workbench.wait_until(lambda: watch.painted_s is not None, 30, "The painting")
    painted_s = watch.painted_s or 0.0
    watch.close()
    rest(workbench, 0.3)
    return (painted_s - began_s) * 1000
