"""The installed program, away from the checkout, opens its window and closes it again."""

from __future__ import annotations

import subprocess
from pathlib import Path

from PIL import Image

OPEN = """
from pathlib import Path
from ide.api.testing import open_workbench

here = Path.cwd()
with open_workbench(profile_dir=here / "profile", project_dir=here / "project", platform="offscreen") as wb:
    doc = wb.open(here / "project" / "hello.py")
    wb.screenshot(here / "window.png")
print("closed")
"""


def test_installed_program_opens_a_window_and_closes_it(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "hello.py").write_text("print('hello')\n", "utf-8")

    done = subprocess.run(
        [str(installed / "python"), "-c", OPEN], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=100
    )

    assert done.stdout.strip().endswith("closed"), done.stderr
    assert done.returncode == 0
    with Image.open(tmp_path / "window.png") as picture:
        assert picture.width >= 800
        assert picture.height >= 500
        colours = picture.convert("RGB").getcolors(maxcolors=2**24)
        assert colours is not None
        assert len(colours) > 20  # text and panes, not one blank surface


def test_installed_program_diagnoses_itself(installed: Path, tmp_path: Path) -> None:
    words = [str(installed / "fourpane"), "--profile", str(tmp_path / "profile"), "--diagnose"]

    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=100)

    assert done.returncode == 0, done.stderr
    for fact in ("Python", "PySide6", "fourpane"):
        assert fact.lower() in done.stdout.lower()
