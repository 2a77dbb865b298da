"""What an import may bring: plugins and pure code load no Qt; nothing heavy comes before it is needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rules.source import ROOT

QT = {"PySide6", "shiboken6", "qtpy", "qtconsole"}
# Over about 20 ms each, or the user's: first used after the first paint, in a pool thread, or in another process.
HEAVY = {
    "pyarrow", "numpy", "pandas", "polars", "matplotlib", "jedi", "parso", "nbformat", "rapidfuzz", "tomlkit",
    "watchfiles", "IPython", "ipykernel", "jupyter_client", "zmq", "tornado", "pygments", "asyncio", "traitlets",
}  # fmt: skip

# Ours that the first paint of a new window does without: each was once on the way to it.
LATE = {
    "ide.kernels.session", "ide.kernels.hub", "ide.kernels.contract", "ide.panes.console.page", "ide.panes.plots.pane",
    "ide.panes.console.bridge", "ide.widgets.text_find_bar", "ide.panes.console.text_viewer", "ide.panes.console.view",
    "ide.panes.variables.pane", "ide.panes.files.pane", "ide.panes.help.pane", "ide.panes.help.model", "ide.app.help",
    "ide.shell.palette", "ide.shell.settings_dialog",
    "ide.shell.environment_picker", "ide.widgets.diff_view", "ide.widgets.code_view_find_bar",
    "ide.widgets.rich.view",
}  # fmt: skip
MOST_MODULES = 410
AT_FIRST_PAINT = """
import json, os, sys
from pathlib import Path
import ide.app.marks

def mark(name):
    if name == "first_paint":
        print(json.dumps(sorted(sys.modules)), flush=True)
        os._exit(0)

ide.app.marks.mark = mark
from ide.__main__ import main
main(["--new-window", "--profile", sys.argv[1], "--env", "nothing of this name"])
"""


def loaded_by(module: str) -> set[str]:
    """Top-level packages in a fresh interpreter after importing `module`."""
    code = f"import sys, json, {module}; print(json.dumps(sorted({{name.split('.')[0] for name in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


@pytest.mark.parametrize(
    "module", ["ide.api", "ide.core", "ide.settings", "ide.commands", "ide.extensions", "ide.documents"]
)
def test_pure_folder_loads_neither_qt_nor_heavy_modules(module: str) -> None:
    assert loaded_by(module) & (QT | HEAVY) == set()


def test_qt_is_seen_where_it_is_loaded() -> None:
    assert "PySide6" in loaded_by("PySide6.QtCore")


def test_first_paint_needs_nothing_heavy_and_none_of_what_comes_later(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", AT_FIRST_PAINT, str(tmp_path / "profile")],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert "ide.shell.window" in loaded
    assert {name.split(".")[0] for name in loaded} & (HEAVY | {"qtpy", "qtconsole"}) == set()
    assert loaded & LATE == set()
    assert len(loaded) <= MOST_MODULES
