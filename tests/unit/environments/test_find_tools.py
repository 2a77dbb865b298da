"""Environments of further tools: each found once, with what made it and which Python it is."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from ide.core.environment import Environment, Health
from ide.environments.binaries import processor_of
from ide.environments.find_python import find_pythons
from ide.environments.find_r import find_rs
from ide.environments.listing import Surroundings, list_environments
from ide.environments.machine import Machine
from ide.environments.side_folder import SideFolders
from tests.unit.environments import machines
from tests.unit.environments.machines import machine, on_path
from tests.unit.environments.test_listing import asked_all


def listed(here: Machine, project: Path | None = None, *, is_trusted: bool = True) -> tuple[Environment, ...]:
    return list_environments(Surroundings(here, SideFolders(here.root / "side"), project, is_trusted))


def elf(kind: int) -> bytes:
    """The head of a program for such a processor."""
    return b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HH", 2, kind) + bytes(40)


def test_environments_of_each_tool_tell_who_made_them(tmp_path: Path) -> None:
    here = machine(tmp_path)
    machines.venv(here.home / ".cache/pypoetry/virtualenvs/sales-x1-py3.11")
    machines.venv(here.home / ".local/share/hatch/env/virtual/sales/abc123/sales")
    machines.venv(here.home / ".local/share/virtualenvs/old-abc")
    machines.conda(here.home / "work/.pixi/envs/default")
    for name, line in (("by-uv", "uv = 0.5.1"), ("by-virtualenv", "virtualenv = 20.26.0"), ("by-venv", "")):
        machines.venv(here.home / ".virtualenvs" / name)
        (here.home / ".virtualenvs" / name / "pyvenv.cfg").write_text(
            f"home = /nowhere/bin\nversion = 3.11.7\n{line}\n"
        )
    found = {one.prefix.name: one.manager for one in find_pythons(here, here.home / "work") if one.kind != "program"}
    assert found == {
        "sales-x1-py3.11": "poetry",
        "sales": "hatch",
        "old-abc": "pipenv",
        "default": "pixi",
        "by-uv": "uv",
        "by-virtualenv": "virtualenv",
        "by-venv": "",
    }


def test_pythons_that_tools_keep_are_found(tmp_path: Path) -> None:
    here = machine(tmp_path)
    machines.python(here.home / ".local/share/mise/installs/python/3.12.1")
    machines.python(here.home / ".asdf/installs/python/3.11.2")
    machines.python(here.home / ".local/share/hatch/pythons/3.10/python")
    machines.python(here.home / ".rye/py/cpython@3.9.1")
    (here.home / ".local/share/mise/installs/python/3.12").symlink_to("3.12.1")
    found = sorted((one.manager, one.kind) for one in find_pythons(here) if one.kind != "program")
    assert found == [(tool, "install") for tool in ("asdf", "hatch", "mise", "rye")]


def test_environments_of_every_conda_are_found_once(tmp_path: Path) -> None:
    here = machine(tmp_path, variables={"MAMBA_ROOT_PREFIX": str(tmp_path / "mamba")})
    (here.home / ".condarc").write_text(
        "channels:\n  - conda-forge\nenvs_dirs:\n  - ~/big/envs\nauto_activate: false\n"
    )
    (here.home / ".conda").mkdir()
    (here.home / ".conda/environments.txt").write_text(f"{here.home / 'big/envs/one'}\n{tmp_path / 'mamba/envs/two'}\n")
    for prefix in ("home/big/envs/one", "mamba/envs/two", "home/.local/share/mamba/envs/three", "home/.pixi/envs/four"):
        machines.conda(tmp_path / prefix)
    found = sorted(one.prefix.name for one in find_pythons(here) if one.kind == "conda")
    assert found == ["four", "one", "three", "two"]


def test_conda_environment_for_r_alone_is_an_r_and_no_python(tmp_path: Path) -> None:
    here = machine(tmp_path)
    prefix = here.home / "miniforge3/envs/stats"
    (prefix / "conda-meta").mkdir(parents=True)
    machines.r_home(prefix / "lib/R", "4.4.1", kernel=True)
    machines.program(prefix / "bin/R", f"R_HOME_DIR={prefix}/lib/R\n")
    found = [one for one in listed(here) if one.kind != "program"]
    assert [(one.language, one.name, one.manager) for one in found] == [("r", "stats: R 4.4.1", "conda")]


@pytest.mark.parametrize(
    ("name", "implementation", "version"),
    [
        ("pypy3.10-7.3.17", "pypy", "3.10"),
        ("graalpy-24.1.0", "graalpy", "3.11"),
        ("pyston-2.3.5", "pyston", "3.11"),
        ("3.12.4", "cpython", "3.12.4"),
    ],
)
def test_implementations_are_told_apart(tmp_path: Path, name: str, implementation: str, version: str) -> None:
    here = machine(tmp_path)
    machines.python(here.home / ".pyenv/versions" / name)
    (found,) = [one for one in find_pythons(here) if one.kind == "pyenv"]
    assert (found.implementation, found.version) == (implementation, version)


def test_venv_on_another_implementation_says_so(tmp_path: Path) -> None:
    here = machine(tmp_path)
    machines.venv(here.home / ".virtualenvs/a")
    (here.home / ".virtualenvs/a/pyvenv.cfg").write_text("implementation = PyPy\nversion_info = 3.9.16.final.0")
    assert [one.implementation for one in find_pythons(here) if one.kind == "venv"] == ["pypy"]


def test_ipykernel_of_a_pypy_is_seen(tmp_path: Path) -> None:
    here = machine(tmp_path)
    prefix = here.home / ".virtualenvs/a"
    machines.venv(prefix)
    (prefix / "lib/python3.11").rename(prefix / "lib/pypy3.9")
    machines.program(prefix / "lib/pypy3.9/site-packages/ipykernel/__init__.py")
    assert [one.has_kernel for one in find_pythons(here) if one.kind == "venv"] == [True]


def test_python_of_the_store_is_found_and_its_advert_is_not(tmp_path: Path) -> None:
    apps = tmp_path / "Local/Microsoft/WindowsApps"
    here = machine(tmp_path, "win32", {"LOCALAPPDATA": str(tmp_path / "Local"), **on_path(apps, system="win32")})
    machines.program(apps / "python.exe")
    own = machines.program(apps / "PythonSoftwareFoundation.Python.3.12_abc/python.exe")
    assert [one.program for one in find_pythons(here) if one.kind == "system"] == [own]


def test_install_that_an_environment_was_made_from_is_found_wherever_it_lies(tmp_path: Path) -> None:
    here, project = machine(tmp_path), tmp_path / "project"
    own = machines.python(tmp_path / "far/away")
    for prefix, base in ((here.home / ".virtualenvs/a", tmp_path / "far/away"), (project / ".venv", project / "evil")):
        machines.venv(prefix).unlink()
        (prefix / "bin/python3").symlink_to(machines.python(base))
        (prefix / "pyvenv.cfg").write_text(f"home = {base}/bin\nversion = 3.11.7\n")
    assert [one.program for one in find_pythons(here, project) if one.kind == "system"] == [own]


def test_implementations_that_share_a_folder_are_told_apart(tmp_path: Path) -> None:
    here = machine(tmp_path, variables=on_path(tmp_path / "usr/bin"))
    for name in ("python3.11", "pypy3.9"):
        machines.program(tmp_path / "usr/bin" / name)
        (tmp_path / "usr/lib" / name).mkdir(parents=True)
    (tmp_path / "usr/bin/pypy3").symlink_to("pypy3.9")
    found = {(one.implementation, one.version) for one in find_pythons(here) if one.kind == "system"}
    assert found == {("cpython", "3.11"), ("pypy", "3.9")}


def test_python_of_the_system_is_discouraged_with_the_reason(tmp_path: Path) -> None:
    here = machine(tmp_path, variables=on_path(tmp_path / "usr/bin", tmp_path / "opt/py/bin"))
    machines.python(tmp_path / "usr").rename(tmp_path / "usr/bin/python3.11")
    (tmp_path / "usr/lib/python3.11/EXTERNALLY-MANAGED").write_text("")
    machines.python(tmp_path / "opt/py")
    machines.venv(here.home / ".virtualenvs/own")
    found = listed(here)
    assert [one.kind for one in found] == ["venv", "system", "system", "program"]
    reasons = {str(one.interpreter): one.reason for one in found}
    assert "belongs to the operating system" in reasons[str(tmp_path / "usr/bin/python3.11")]
    assert "shares it" in reasons[str(tmp_path / "opt/py/bin/python3")]


@pytest.mark.parametrize(
    ("head", "processor"),
    [(elf(62), "x86_64"), (elf(183), "aarch64"), (b"#!/bin/sh\n", ""), (b"\x7fELF", ""), (b"", "")],
)
def test_program_tells_its_processor(tmp_path: Path, head: bytes, processor: str) -> None:
    (tmp_path / "python").write_bytes(head)
    assert processor_of(tmp_path / "python") == processor


@pytest.mark.parametrize("damage", ["processor", "rights", "folder", "base"])
def test_broken_python_is_listed_with_what_is_wrong(tmp_path: Path, damage: str) -> None:
    from dataclasses import replace

    here = replace(machine(tmp_path), processor="x86_64")
    own = machines.venv(here.home / ".virtualenvs/a", kernel=True)
    said = {"processor": "aarch64", "rights": "right to be executed", "folder": "not a program", "base": "/nowhere/bin"}
    if damage == "processor":
        own.write_bytes(elf(183))
    elif damage == "rights":
        own.chmod(0o644)
    else:
        own.unlink()
        own.mkdir() if damage == "folder" else own.symlink_to(tmp_path / "gone")
    (found,) = [one for one in listed(here) if one.kind == "venv"]
    assert found.health is Health.BROKEN
    assert said[damage] in found.reason


def test_conda_environment_whose_python_is_gone_is_listed_broken(tmp_path: Path) -> None:
    here = machine(tmp_path)
    machines.conda(here.home / "miniforge3/envs/a").unlink()
    (found,) = [one for one in listed(here) if one.kind == "conda"]
    assert (found.health, found.version) == (Health.BROKEN, "3.10.2")
    assert "gone" in found.reason


def test_r_whose_folder_is_gone_is_listed_broken_and_another_r_is_none(tmp_path: Path) -> None:
    here = machine(tmp_path, variables=on_path(tmp_path / "usr/bin", tmp_path / "other"))
    machines.program(tmp_path / "usr/bin/R", "R_HOME_DIR=/usr/lib/R\n")
    machines.program(tmp_path / "other/R", "some other program")
    (tmp_path / "opt/R/4.1.0/bin").mkdir(parents=True)
    (tmp_path / "opt/R/4.1.0/bin/R").symlink_to("/gone/R")
    reasons = [one.reason for one in find_rs(here)]
    assert len(reasons) == 2
    assert all("gone" in reason for reason in reasons)


def test_r_that_the_project_was_locked_with_comes_first(tmp_path: Path) -> None:
    here = machine(tmp_path)
    for version in ("4.1.2", "4.3.1", "4.4.0"):
        machines.r_home(tmp_path / "opt/R" / version / "lib/R", version, kernel=True).rename(
            machines.program(tmp_path / "opt/R" / version / "bin/R")
        )
    project = tmp_path / "project"
    project.mkdir()
    (project / "renv.lock").write_text('{"R": {"Version": "4.3.0"}}')
    found = [one for one in listed(here, project) if one.language == "r"]
    assert [one.version for one in found] == ["4.3.1", "4.4.0", "4.1.2"]
    assert [bool(one.reason) for one in found] == [False, True, True]
    assert {one.manager for one in found} == {"renv"}


def test_link_out_of_an_untrusted_project_is_no_way_into_it(tmp_path: Path) -> None:
    project = tmp_path / "project"
    mark = project / "RAN"
    own = machines.venv(project / ".venv", text=machines.CANARY.format(mark=mark))
    here = machine(tmp_path, variables={"VIRTUAL_ENV": str(tmp_path / "link/.venv"), **on_path(tmp_path / "bin")})
    (tmp_path / "link").symlink_to(project)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python3").symlink_to(own)
    machines.venv(here.home / ".virtualenvs/sly")
    (here.home / ".virtualenvs/sly/bin/python3").unlink()
    (here.home / ".virtualenvs/sly/bin/python3").symlink_to(own)
    around = Surroundings(here, SideFolders(tmp_path / "side"), project, is_trusted=False)
    asked_all(list_environments(around), around)
    assert not mark.exists()
    asked_all(list_environments(around), Surroundings(here, around.side_folders, project, True))
    assert mark.exists(), "the canary must be able to sing"
