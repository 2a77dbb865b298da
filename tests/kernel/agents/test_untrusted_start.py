"""A folder full of traps runs nothing while it is untrusted (PROMISES D2); after trust its start-up files hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kernel.agents.conftest import StartKernel, home_variables

SHADOWS = ("types", "pandas", "json", "sitecustomize", "usercustomize", "ipykernel", "zmq", "readline", "pkg")


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A project whose every file writes a canary when it runs."""
    folder = tmp_path / "trap"
    folder.mkdir()
    canary = (tmp_path / "canary").as_posix()
    for name in SHADOWS:
        (folder / f"{name}.py").write_text(f"open({canary!r}, 'a').write({name!r} + ' ')\n", encoding="utf-8")
    (folder / ".Rprofile").write_text(f"cat('Rprofile ', file = '{canary}', append = TRUE)\n", encoding="utf-8")
    (folder / ".Renviron").write_text("FROM_PROJECT=yes\n", encoding="utf-8")
    (folder / ".RData").write_bytes(b"RDX3\n broken")
    (folder / "ipython_kernel_config.py").write_text(f"open({canary!r}, 'a').write('config ')\n", encoding="utf-8")
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The user's own home, whose start-up files must hold."""
    home = tmp_path / "home"
    home.mkdir()
    (home / ".Rprofile").write_text("options(mine = 'profile')\n", encoding="utf-8")
    (home / ".Renviron").write_text("MINE=environ\n", encoding="utf-8")
    return home


def test_untrusted_python_runs_nothing_of_the_folder(start: StartKernel, trap: Path, home: Path) -> None:
    kernel = start("python", trap, is_trusted=False, variables=home_variables(home))
    assert Path(kernel.ask("folder.get").path) == trap.resolve()
    assert kernel.run("import pandas, json, types; print(pandas.DataFrame)").text.startswith("<class")
    assert kernel.run("import pkg").status == "error"
    assert kernel.run("import os, sys; print('' in sys.path, os.environ['PYTHONSAFEPATH'])").text == "False 1\n"
    kernel.ask("complete", code="import pk", offset=9)
    assert not (trap.parent / "canary").exists(), (trap.parent / "canary").read_text()


def test_trusted_python_imports_the_folders_modules_last(start: StartKernel, trap: Path, home: Path) -> None:
    kernel = start("python", trap, is_trusted=True, variables=home_variables(home))
    reply = kernel.run("import sys, os, pandas, pkg; print(sys.path[-1] == '', 'PYTHONSAFEPATH' in os.environ)")
    assert reply.text == "True False\n"
    assert (trap.parent / "canary").read_text() == "pkg "


def test_untrusted_r_runs_nothing_of_the_folder_and_keeps_the_users_files(
    start: StartKernel, trap: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(home))
    kernel = start("r", trap, is_trusted=False)
    assert Path(kernel.ask("folder.get").path) == trap.resolve()
    reply = kernel.run(
        "cat(getOption('mine'), Sys.getenv('MINE'), Sys.getenv('FROM_PROJECT'), Sys.getenv('FOURPANE_FOLDER'))"
    )
    assert reply.text == "profile environ  "
    assert not (trap.parent / "canary").exists()


def test_trusted_r_runs_the_folders_profile_but_restores_no_workspace(
    start: StartKernel, trap: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(home))
    kernel = start("r", trap, is_trusted=True)
    assert kernel.run("cat(Sys.getenv('FROM_PROJECT'))").text == "yes"
    assert (trap.parent / "canary").read_text() == "Rprofile "
