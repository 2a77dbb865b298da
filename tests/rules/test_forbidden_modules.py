"""Modules that no file of the project may import, which import-linter cannot tell apart (it sees only `PySide6`)."""

from __future__ import annotations

import ast

import pytest

from tests.rules.source import imported_names, parsed, python_files, relative

# Only under the GPL.
_QT_GPL = {
    f"PySide6.{name}"
    for name in ("QtCharts", "QtDataVisualization", "QtGraphs", "QtGraphsWidgets", "QtVirtualKeyboard", "QtNetworkAuth")
}
# Kernels have one client: ours (DESIGN.md, "Who may import whom").
_SECOND_CLIENT = {"qtconsole.client", "qtconsole.manager", "qtconsole.inprocess", "qtconsole.kernel_mixins"}
_FORBIDDEN = _QT_GPL | _SECOND_CLIENT


def forbidden_imports(tree: ast.AST) -> list[tuple[int, str]]:
    return [
        (line, name)
        for line, name in imported_names(tree)
        if any(name == banned or name.startswith(f"{banned}.") for banned in _FORBIDDEN)
    ]


def test_no_file_imports_a_forbidden_module() -> None:
    files = python_files("ide", "plugins", "tests", "bench", "tour")

    found = {relative(path): hits for path in files if (hits := forbidden_imports(parsed(path)))}

    assert files
    assert found == {}


@pytest.mark.parametrize(
    "code",
    [
        "import PySide6.QtCharts",
        "from PySide6 import QtCore, QtGraphs",
        "from PySide6.QtVirtualKeyboard import x",
        "def f():\n    from qtconsole.client import QtKernelClient",
        "from qtconsole import manager",
    ],
)
def test_forbidden_import_in_any_form_is_found(code: str) -> None:
    assert forbidden_imports(ast.parse(code))


def test_allowed_neighbour_is_not_found() -> None:
    assert forbidden_imports(ast.parse("from PySide6 import QtCore\nimport qtconsole.rich_jupyter_widget")) == []
