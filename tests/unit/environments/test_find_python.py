from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ide.environments.find_python import FoundPython, find_pythons
from ide.environments.platform import HALF_MADE
from tests.unit.environments import machines
from tests.unit.environments.machines import machine, on_path


def by_kind(found: tuple[FoundPython, ...], kind: str) -> list[FoundPython]:
    return [one for one in found if one.kind == kind]


def test_programs_own_python_is_always_there(tmp_path: Path) -> None:
    (own,) = find_pythons(machine(tmp_path))
    assert (own.kind, own.version, own.has_kernel) == ("program", "3.12.4", True)


def test_one_python_with_many_names_is_listed_once(tmp_path: Path) -> None:
    here = machine(tmp_path, variables=on_path(tmp_path / "usr/bin", tmp_path / "bin", tmp_path / "local"))
    real = machines.program(tmp_path / "usr/bin/python3.11")
    (tmp_path / "usr/bin/python3").symlink_to("python3.11")
    (tmp_path / "usr/bin/python").symlink_to("python3")
    (tmp_path / "bin").symlink_to("usr/bin")
    (tmp_path / "local").mkdir()
    (tmp_path / "local/python3").symlink_to(real)
    (found,) = by_kind(find_pythons(here), "system")
    assert found.program == real.resolve()
    assert found.version == "3.11"


def test_two_venvs_over_one_python_are_two(tmp_path: Path) -> None:
    here = machine(tmp_path, variables=on_path(tmp_path / "usr/bin"))
    real = machines.program(tmp_path / "usr/bin/python3.11")
    for name in ("one", "two"):
        prefix = here.home / ".virtualenvs" / name
        (prefix / "bin").mkdir(parents=True)
        (prefix / "pyvenv.cfg").write_text("version = 3.11.7")
        (prefix / "bin/python3").symlink_to(real)
    found = find_pythons(here)
    assert [one.prefix.name for one in by_kind(found, "venv")] == ["one", "two"]
    assert len(by_kind(found, "system")) == 1


@pytest.mark.parametrize("line", ["version = 3.11.7", "version_info = 3.11.7.final.0", "VERSION=3.11.7"])
def test_venv_says_its_version_in_either_spelling(tmp_path: Path, line: str) -> None:
    here = machine(tmp_path)
    machines.venv(here.home / ".virtualenvs/a")
    (here.home / ".virtualenvs/a/pyvenv.cfg").write_text(line)
    assert [one.version for one in by_kind(find_pythons(here), "venv")] == ["3.11.7"]


def test_venv_of_the_project_comes_first_whatever_its_name(tmp_path: Path) -> None:
    here = machine(tmp_path)
    project = tmp_path / "project"
    machines.venv(project / "another")
    machines.venv(project / ".venv", kernel=True)
    (project / "data").mkdir()
    found = [one for one in find_pythons(here, project) if one.is_in_project]
    assert [one.prefix.name for one in found] == [".venv", "another"]
    assert [one.has_kernel for one in found] == [True, False]


def test_venv_without_its_python_is_shown_broken_with_the_place(tmp_path: Path) -> None:
    here = machine(tmp_path)
    prefix = tmp_path / "project/.venv"
    (prefix / "bin").mkdir(parents=True)
    (prefix / "pyvenv.cfg").write_text("home = /gone/bin\nversion = 3.9.1")
    (prefix / "bin/python3").symlink_to("/gone/bin/python3")
    (found,) = by_kind(find_pythons(here, tmp_path / "project"), "venv")
    assert found.is_broken
    assert found.reason == "The Python that it was made from is gone: /gone/bin."


def test_venv_that_lost_its_links_keeps_its_name_and_does_not_blame_its_base(tmp_path: Path) -> None:
    here = machine(tmp_path)
    own = machines.venv(tmp_path / "project/.venv")
    base = machines.program(tmp_path / "usr/bin/python3")
    (tmp_path / "project/.venv/pyvenv.cfg").write_text(f"home = {base.parent}\nversion = 3.11.2")
    (before,) = by_kind(find_pythons(here, tmp_path / "project"), "venv")
    own.unlink()
    (found,) = by_kind(find_pythons(here, tmp_path / "project"), "venv")
    assert (found.is_broken, found.program) == (True, before.program)
    assert found.reason == f"Its Python program is gone: {own}."


def test_conda_environments_come_from_its_list_and_its_folders(tmp_path: Path) -> None:
    here = machine(tmp_path)
    machines.conda(here.home / "miniforge3")
    machines.conda(here.home / "miniforge3/envs/stats", kernel=True)
    machines.conda(tmp_path / "elsewhere", version="3.9.18")
    (here.home / ".conda").mkdir()
    (here.home / ".conda/environments.txt").write_text(f"{tmp_path / 'elsewhere'}\n{tmp_path / 'gone'}\n\n")
    found = {one.prefix.name: one for one in by_kind(find_pythons(here), "conda")}
    assert set(found) == {"miniforge3", "stats", "elsewhere"}
    assert found["elsewhere"].version == "3.9.18"
    assert found["stats"].has_kernel


def test_pyenv_and_uv_installs_are_found_and_shims_are_not(tmp_path: Path) -> None:
    here = machine(tmp_path, variables=on_path(tmp_path / "home/.pyenv/shims"))
    machines.program(here.home / ".pyenv/shims/python3")
    machines.python(here.home / ".pyenv/versions/3.10.13")
    machines.python(here.home / ".local/share/uv/python/cpython-3.13.1-linux-x86_64-gnu")
    found = find_pythons(here)
    assert [one.version for one in by_kind(found, "pyenv")] == ["3.10.13"]
    assert [one.version for one in by_kind(found, "uv")] == ["3.13.1"]
    assert by_kind(found, "system") == []


def test_relative_folder_of_path_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machines.program(tmp_path / "project/bin/python3")
    monkeypatch.chdir(tmp_path / "project")
    here = machine(tmp_path, variables={"PATH": "bin:.:"})
    assert by_kind(find_pythons(here), "system") == []


def test_windows_places(tmp_path: Path) -> None:
    install = machines.python(tmp_path / "Python312", "win32")
    roaming, local = tmp_path / "Roaming", tmp_path / "Local"
    registered = {"1\\3.12": {"": str(install.parent), "ExecutablePath": str(install)}, "2\\3.9": {"": "C:\\gone"}}
    here = machine(
        tmp_path,
        "win32",
        {"APPDATA": str(roaming), "LOCALAPPDATA": str(local), **on_path(tmp_path / "WindowsApps", system="win32")},
        {r"Software\Python\PythonCore\*\InstallPath": registered},
    )
    machines.program(tmp_path / "WindowsApps/python.exe")
    machines.venv(local / "pypoetry/Cache/virtualenvs/p", "win32")
    machines.python(here.home / ".pyenv/pyenv-win/versions/3.8.10", "win32")
    machines.python(roaming / "uv/python/cpython-3.13.0-windows-x86_64-none", "win32")
    machines.conda(local / "miniconda3", "win32")
    kinds = sorted(one.kind for one in find_pythons(here))
    assert kinds == ["conda", "program", "pyenv", "system", "uv", "venv"]


def test_macos_frameworks_are_found_and_apples_stub_is_not(tmp_path: Path) -> None:
    here = machine(tmp_path, "darwin", on_path(tmp_path / "usr/bin"))
    machines.program(tmp_path / "usr/bin/python3")
    machines.python(tmp_path / "Library/Frameworks/Python.framework/Versions/3.12")
    (found,) = by_kind(find_pythons(here), "system")
    assert found.version == "3.12"
    machines.program(tmp_path / "Library/Developer/CommandLineTools/usr/bin/python3")
    assert len(by_kind(find_pythons(here), "system")) == 2


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"=" * 300_000, b"version\n= 3"])
def test_odd_venv_file_does_not_stop_the_look(tmp_path: Path, content: bytes) -> None:
    here = machine(tmp_path)
    machines.venv(here.home / ".virtualenvs/a")
    (here.home / ".virtualenvs/a/pyvenv.cfg").write_bytes(content)
    assert len(by_kind(find_pythons(here), "venv")) == 1


def test_environments_of_our_own_are_found_but_not_while_they_are_made(tmp_path: Path) -> None:
    here = replace(machine(tmp_path), made_here=tmp_path / "made")
    for name in ("whole", "torn"):
        machines.python(tmp_path / "made" / name)
        (tmp_path / "made" / name / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11.2\n")
    (tmp_path / "made" / "torn" / HALF_MADE).write_text("")
    assert [one.prefix.name for one in by_kind(find_pythons(here), "venv")] == ["whole"]
