"""What an import may bring: plugins and pure code load no Qt; nothing heavy comes before it is needed."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.rules.source import ROOT

QT = {"PySide6", "shiboken6", "qtpy", "qtconsole"}
# Over about 20 ms each, or the user's: first used after the first paint, in a pool thread, or in another process.
HEAVY = {
    "pyarrow", "numpy", "pandas", "polars", "matplotlib", "jedi", "parso", "nbformat", "rapidfuzz", "tomlkit",
    "watchfiles", "IPython", "ipykernel", "jupyter_client", "zmq", "tornado", "pygments", "asyncio", "traitlets",
}  # fmt: skip


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
