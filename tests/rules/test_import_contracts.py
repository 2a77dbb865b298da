"""Each import contract of pyproject.toml, broken on purpose in a copy of the code: the linter must name it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.rules.source import ROOT

# contract id -> (file that gets the import, module imported)
BREAKS = {
    "layers": [
        ("ide/core/broken.py", "ide.settings"),
        ("ide/core/broken.py", "ide.commands"),
        ("ide/settings/broken.py", "ide.commands"),
        ("ide/commands/broken.py", "ide.settings"),
        ("ide/commands/broken.py", "ide.kernels"),
        ("ide/kernels/broken.py", "ide.documents"),
        ("ide/documents/broken.py", "ide.environments"),
        ("ide/environments/broken.py", "ide.kernels"),
        ("ide/documents/broken.py", "ide.extensions"),
        ("ide/deploy/broken.py", "ide.environments"),
        ("ide/extensions/broken.py", "ide.qt"),
        ("ide/qt/broken.py", "ide.widgets"),
        ("ide/widgets/broken.py", "ide.api"),
        ("ide/api/broken.py", "ide.panes.plots"),
        ("ide/panes/plots/broken.py", "ide.shell"),
        ("ide/shell/broken.py", "ide.__main__"),
    ],
    "panes": [
        ("ide/panes/plots/broken.py", "ide.panes.console"),
        ("ide/panes/console/broken.py", "ide.panes.editor"),
        ("ide/panes/editor/broken.py", "ide.panes.variables"),
        ("ide/panes/variables/broken.py", "ide.panes.files"),
        ("ide/panes/files/broken.py", "ide.panes.plots"),
    ],
    "no-qt-below": [
        *(
            (f"ide/{folder}/broken.py", "PySide6.QtCore")
            for folder in (
                "core",
                "settings",
                "commands",
                "kernels",
                "deploy",
                "environments",
                "documents",
                "extensions",
                "api",
            )
        ),
        ("ide/_paths.py", "PySide6.QtCore"),
        ("ide/core/broken.py", "qtpy"),
        ("ide/core/broken.py", "shiboken6"),
        ("ide/panes/plots/model.py", "PySide6.QtGui"),
        ("ide/panes/plots/commands.py", "PySide6.QtWidgets"),
    ],
    "kernel-libraries": [
        ("ide/core/broken.py", "zmq"),
        ("ide/environments/broken.py", "jupyter_client"),
        ("ide/shell/broken.py", "jupyter_client"),
        ("ide/panes/console/broken.py", "zmq"),
        ("fourpane_plugins/broken.py", "zmq"),
    ],
    "qtconsole": [
        ("ide/panes/console/broken.py", "qtconsole.rich_jupyter_widget"),
        ("ide/widgets/broken.py", "qtconsole"),
        ("fourpane_plugins/broken.py", "qtconsole"),
    ],
    "cluster-libraries": [
        ("ide/shell/broken.py", "distributed"),
        ("ide/core/broken.py", "dask"),
        ("ide/kernels/broken.py", "dask_gateway"),
    ],
    "cluster-side": [
        ("ide/panes/jobs/broken.py", "ide.deploy.dask_jobs.jobs"),
        ("ide/app/broken.py", "ide.api.dask_jobs"),
    ],
    "user-libraries": [
        ("ide/core/broken.py", "pandas"),
        ("ide/widgets/broken.py", "numpy"),
        ("ide/panes/plots/broken.py", "matplotlib"),
        ("fourpane_plugins/broken.py", "polars"),
    ],
    "plugins": [
        ("fourpane_plugins/broken.py", "ide.core"),
        ("fourpane_plugins/broken.py", "ide.qt"),
        ("fourpane_plugins/broken.py", "ide.kernels"),
        ("fourpane_plugins/broken.py", "ide._paths"),
    ],
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The program, the plugins under their import name, and the contracts."""
    only_python = shutil.ignore_patterns("__pycache__", "*.R", "*.json", "*.toml")
    shutil.copytree(ROOT / "ide", tmp_path / "ide", ignore=only_python)
    shutil.copytree(ROOT / "plugins", tmp_path / "fourpane_plugins", ignore=only_python)
    (tmp_path / "fourpane_plugins/__init__.py").touch()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(folder: Path, *contracts: str) -> str:
    chosen = [word for contract in contracts for word in ("--contract", contract)]
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    environment = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "400"}
    command = [sys.executable, "-P", "-c", program, "--no-cache", *chosen]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=100, check=False
    )
    return done.stdout + done.stderr


def module_of(file: str) -> str:
    return file.removesuffix(".py").replace("/", ".")


def root_of_external(imported: str) -> str:
    return imported if imported.startswith("ide") else imported.split(".")[0]


@pytest.mark.parametrize("contract", BREAKS)
def test_broken_contract_is_reported_import_by_import(contract: str, copy: Path) -> None:
    (copy / "ide/__main__.py").touch()
    for file, imported in BREAKS[contract]:
        path = copy / file
        before = path.read_text("utf-8") if path.exists() else ""
        path.write_text(f"{before}\nimport {imported}\n", "utf-8")

    report = " ".join(lint(copy, contract).split())

    assert "1 broken" in report
    missing = [
        (file, imported)
        for file, imported in BREAKS[contract]
        if f"{module_of(file)} -> {root_of_external(imported)}" not in report
    ]
    assert missing == []


def test_qt_reached_through_another_folder_is_reported(copy: Path) -> None:
    (copy / "ide/qt/drawn.py").write_text("import PySide6.QtCore\n", "utf-8")
    (copy / "ide/api/indirect.py").write_text("import ide.qt.drawn\n", "utf-8")

    report = " ".join(lint(copy, "no-qt-below").split())

    assert "ide.api.indirect -> ide.qt.drawn" in report


def test_new_folder_without_a_place_is_reported(copy: Path) -> None:
    (copy / "ide/newcomer").mkdir()
    (copy / "ide/newcomer/__init__.py").touch()

    report = lint(copy, "layers")

    assert "newcomer" in report
    assert "1 broken" in report


def test_code_as_it_is_keeps_every_contract(copy: Path) -> None:
    report = lint(copy)

    assert "0 broken" in report, report


def test_every_contract_is_broken_on_purpose_here() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

    assert {contract["id"] for contract in settings["tool"]["importlinter"]["contracts"]} == set(BREAKS)


def test_every_folder_below_qt_is_in_the_contract_without_qt() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    named = {contract["id"]: contract for contract in contracts}["no-qt-below"]["source_modules"]
    with_qt = {"qt", "widgets", "panes", "shell", "app"}
    folders = {path.parent.name for path in (ROOT / "ide").glob("*/__init__.py")}

    assert {f"ide.{folder}" for folder in folders - with_qt} <= set(named)
