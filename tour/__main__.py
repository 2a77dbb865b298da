"""`python -m tour --env PYTHON [--out FOLDER]`: does the tour, leaves its pictures, exits 0 only if every step held."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

from ide._paths import resources_dir
from ide.api.testing import open_workbench
from ide.app.workbench import Workbench
from ide.core.errors import FourpaneError
from tour.steps import STEPS, StepError


def main() -> int:
    parser = argparse.ArgumentParser(prog="tour", description="Show the program at work on the sample project.")
    parser.add_argument("--env", default="", help="Python with pandas and matplotlib to run the sample in")
    parser.add_argument("--out", type=Path, default=Path("out/tour"), help="folder for the pictures")
    arguments = parser.parse_args()
    shutil.rmtree(arguments.out, ignore_errors=True)
    arguments.out.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="fp-tour-") as place:
        project = Path(place) / "penguins"
        shutil.copytree(resources_dir() / "sample", project)
        return tour(Path(place) / "profile", project, arguments.env, arguments.out)


def tour(profile: Path, project: Path, environment: str, out: Path) -> int:
    """Every step in turn; the first that does not hold ends it."""
    with open_workbench(profile_dir=profile, project_dir=project, environment=environment, is_trusted=True) as wb:
        longest_ms = 0.0
        for number, step in enumerate(STEPS, 1):
            began_s = time.monotonic()
            try:
                seen = step.do(wb, project)
            except (StepError, FourpaneError) as error:
                take_picture(wb, out / f"{number:02}-{step.name}-FAILED.png")
                print(f"{number:2}. {step.title}: NOT DONE. {error}", file=sys.stderr)
                traceback.print_exc()
                return 1
            picture = take_picture(wb, out / f"{number:02}-{step.name}.png")
            took = f"{time.monotonic() - began_s:.1f} s"
            if wb.stall_max_ms() > longest_ms:
                longest_ms = wb.stall_max_ms()
                took += f", the longest gap so far: {longest_ms:.0f} ms"
            print(f"{number:2}. {step.title}: {seen} ({took}) -> {picture}", flush=True)
        print(f"The longest gap of the event loop was {wb.stall_max_ms():.0f} ms.")
    print(f"Tour finished: {len(STEPS)} steps, all held.")
    return 0


def take_picture(wb: Workbench, path: Path) -> Path:
    """A picture once everything that is on its way has been painted."""
    wb.settle()
    return wb.screenshot(path)


if __name__ == "__main__":
    sys.exit(main())
