"""A machine with an environment of every kind, most of them real: the list is exact, and nothing is in it twice."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from ide.core.environment import Environment
from ide.environments import Environments, Machine, probe
from ide.environments.uv import uv_command
from tests.kernel.test_environments import base_python
from tests.kernel.test_pythons_without_ipykernel import at_once

HANG_LIMIT_S = 1.0
LISTED = {
    # path below the bench: language, kind, manager, implementation, health
    "project/.venv": ("python", "venv", "uv", "cpython", "needs_kernel"),
    "project/.pixi/envs/default": ("python", "conda", "pixi", "cpython", "needs_kernel"),
    "home/.virtualenvs/plain": ("python", "venv", "", "cpython", "needs_kernel"),
    "home/.virtualenvs/with kernel": ("python", "venv", "", "cpython", "ready"),
    "home/.virtualenvs/größe ümläut": ("python", "venv", "", "cpython", "needs_kernel"),
    "home/.virtualenvs/on-pypy": ("python", "venv", "uv", "pypy", "needs_kernel"),
    "home/.virtualenvs/by-virtualenv": ("python", "venv", "virtualenv", "cpython", "needs_kernel"),
    "home/.virtualenvs/noisy": ("python", "venv", "", "cpython", "needs_kernel"),
    "home/.virtualenvs/dead-link": ("python", "venv", "", "cpython", "broken"),
    "home/.virtualenvs/other-processor": ("python", "venv", "", "cpython", "broken"),
    "home/.virtualenvs/no-right": ("python", "venv", "", "cpython", "broken"),
    "home/.virtualenvs/no-python": ("python", "venv", "", "cpython", "broken"),
    "home/.virtualenvs/hangs": ("python", "venv", "", "cpython", "silent"),
    "home/.cache/pypoetry/virtualenvs/sales-AbC-py3.11": ("python", "venv", "poetry", "cpython", "needs_kernel"),
    "home/.local/share/hatch/env/virtual/sales/x1/test": ("python", "venv", "hatch", "cpython", "needs_kernel"),
    "home/.local/share/virtualenvs/old-x1": ("python", "venv", "pipenv", "cpython", "needs_kernel"),
    "home/.pyenv/versions/3.11.7": ("python", "pyenv", "", "cpython", "needs_kernel"),
    "home/.pyenv/versions/3.11.7/envs/lab": ("python", "venv", "", "cpython", "needs_kernel"),
    "home/.local/share/uv/python/cpython-3.11.7-linux-x86_64-gnu": ("python", "uv", "", "cpython", "needs_kernel"),
    "home/.local/share/mise/installs/python/3.11.7": ("python", "install", "mise", "cpython", "needs_kernel"),
    "home/miniforge3": ("python", "conda", "", "cpython", "needs_kernel"),
    "home/miniforge3/envs/stats": ("python", "conda", "", "cpython", "needs_kernel"),
    "home/micromamba/envs/small": ("python", "conda", "", "cpython", "needs_kernel"),
    "elsewhere/listed": ("python", "conda", "", "cpython", "needs_kernel"),
    "home/.pixi/envs/tool": ("python", "conda", "pixi", "cpython", "needs_kernel"),
    "home/miniforge3/envs/torn": ("python", "conda", "", "cpython", "broken"),
    "home/miniforge3/envs/r-alone": ("r", "r", "conda", "", "needs_kernel"),
    "opt/R/4.4.1": ("r", "r", "", "", "ready"),
    "usr/lib/R": ("r", "r", "", "", "ready"),
    "usr/bin/other": ("julia", "kernelspec", "", "", "broken"),
}


class Bench:
    """A machine below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.base = base_python()

    def venv(self, place: str, line: str = "", program: Path | None = None) -> Path:
        """A real virtual environment, which any Python of 3.3 and newer knows by its `pyvenv.cfg`."""
        base = program or self.base
        prefix = self.root / place
        (prefix / "bin").mkdir(parents=True)
        (prefix / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
        (prefix / "pyvenv.cfg").write_text(f"home = {base.parent}\nversion = 3.11.7\n{line}\n", "utf-8")
        (prefix / "bin" / "python3").symlink_to(base)
        (prefix / "bin" / "python").symlink_to("python3")
        return prefix

    def by_uv(self, place: str, program: Path) -> None:
        """One that uv makes."""
        argv = [*uv_command(), "venv", "--quiet", "--no-config", "--offline", "--python", str(program)]
        subprocess.run([*argv, str(self.root / place)], check=True, cwd=self.root)

    def wrapped(self, place: str, text: str = "") -> Path:
        """A prefix whose Python is the real one behind a script, as no install of its own is at hand."""
        program = self.root / place / "bin" / "python3"
        (self.root / place / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(text or f'#!/bin/sh\nexec "{self.base}" -I -S "$@"\n')
        program.chmod(0o755)
        return program

    def conda(self, place: str, *packages: str) -> Path:
        """A conda environment: records of its packages, and a Python where it has one."""
        prefix = self.root / place
        (prefix / "conda-meta").mkdir(parents=True)
        (prefix / "conda-meta" / "history").write_text("")
        for package in packages or ("python-3.11.7-0",):
            (prefix / "conda-meta" / f"{package}.json").write_text(json.dumps({"name": package.partition("-")[0]}))
        if not packages:
            self.wrapped(place)
        return prefix

    def r(self, home: str, program: str, version: str, *, kernel: bool) -> None:
        """An R as Debian lays it out, its script saying where the rest is. It is never run."""
        for package in ("base", *(["IRkernel"] if kernel else [])):
            (self.root / home / "library" / package).mkdir(parents=True)
            about = self.root / home / "library" / package / "DESCRIPTION"
            about.write_text(f"Package: {package}\nVersion: {version}\n")
        script = self.root / program
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text(f"#!/bin/sh\nR_HOME_DIR=/{home}\ntouch {self.root / 'RAN'}\n")
        script.chmod(0o755)

    def kernelspec(self, name: str, program: Path, language: str = "python") -> None:
        """A kernelspec of this user."""
        folder = self.root / "home/.local/share/jupyter/kernels" / name
        folder.mkdir(parents=True)
        argv = [str(program), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        (folder / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": name, "language": language}))


def build(root: Path) -> Bench:
    bench = Bench(root)
    (root / "home").mkdir()
    bench.by_uv("project/.venv", bench.base)
    bench.by_uv("home/.virtualenvs/on-pypy", Path(shutil.which("pypy3") or "pypy3"))
    for place in (
        "home/.virtualenvs/plain", "home/.virtualenvs/größe ümläut", "home/.local/share/virtualenvs/old-x1",
        "home/.cache/pypoetry/virtualenvs/sales-AbC-py3.11", "home/.local/share/hatch/env/virtual/sales/x1/test",
        "home/.pyenv/versions/3.11.7/envs/lab",
    ):  # fmt: skip
        bench.venv(place)
    bench.venv("home/.virtualenvs/by-virtualenv", "virtualenv = 20.26.6")
    ready = bench.venv("home/.virtualenvs/with kernel") / "lib/python3.11/site-packages/ipykernel"
    ready.mkdir()
    (ready / "__init__.py").write_text("")
    for place in (
        "home/.pyenv/versions/3.11.7", "home/.local/share/uv/python/cpython-3.11.7-linux-x86_64-gnu",
        "home/.local/share/mise/installs/python/3.11.7",
    ):  # fmt: skip
        bench.wrapped(place)
    for place in (
        "home/miniforge3", "home/miniforge3/envs/stats", "home/micromamba/envs/small", "elsewhere/listed",
        "project/.pixi/envs/default", "home/.pixi/envs/tool",
    ):  # fmt: skip
        bench.conda(place)
    bench.conda("home/miniforge3/envs/torn", "python-3.11.7-0")
    bench.r("home/miniforge3/envs/r-alone/lib/R", "home/miniforge3/envs/r-alone/bin/R", "4.3.3", kernel=False)
    bench.conda("home/miniforge3/envs/r-alone/", "r-base-4.3.3-0")
    bench.r("opt/R/4.4.1/lib/R", "opt/R/4.4.1/bin/R", "4.4.1", kernel=True)
    bench.r("usr/lib/R", "usr/bin/R", "4.2.2", kernel=True)
    break_some(bench)
    lead_there_twice(bench)
    return bench


def break_some(bench: Bench) -> None:
    for name in ("dead-link", "other-processor", "no-right", "no-python", "hangs", "noisy"):
        program = bench.venv(f"home/.virtualenvs/{name}") / "bin" / "python3"
        program.unlink()
        if name == "dead-link":
            program.symlink_to("/gone/bin/python3")
        elif name == "other-processor":
            program.write_bytes(b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HH", 2, 22) + bytes(40))
        else:
            texts = {"no-python": "echo 1.2.3", "hangs": "exec sleep 1000"}
            then = texts.get(name, f'echo "hello from here"; printf noise; exec "{bench.base}" -I -S "$@"')
            program.write_text(f"#!/bin/sh\n{then}\n")
        if name not in ("dead-link", "no-right"):
            program.chmod(0o755)
    bench.kernelspec("other", bench.root / "usr/bin/gone-julia", "julia")


def lead_there_twice(bench: Bench) -> None:
    """Further ways to what is there already: aliases, lists, variables, kernelspecs, other names on PATH."""
    home = bench.root / "home"
    (home / ".pyenv/versions/3.11").symlink_to("3.11.7")
    (home / ".pyenv/versions/lab").symlink_to("3.11.7/envs/lab")
    (home / ".local/share/uv/python/cpython-3.11-linux-x86_64-gnu").symlink_to("cpython-3.11.7-linux-x86_64-gnu")
    (home / ".conda").mkdir()
    listed = ("elsewhere/listed", "home/miniforge3", "home/miniforge3/envs/stats", "gone")
    (home / ".conda/environments.txt").write_text("".join(f"{bench.root / place}\n" for place in listed))
    (bench.root / "link").symlink_to(home / "miniforge3")
    (bench.root / "usr/bin/python").symlink_to(bench.root / "home/.virtualenvs/plain/bin/python3")
    bench.kernelspec("plain", home / ".virtualenvs/plain/bin/python")
    (bench.root / "path").mkdir()
    for name, program in (("python3", bench.base), ("python3.11", bench.base), ("pypy3", shutil.which("pypy3"))):
        (bench.root / "path" / name).symlink_to(str(program))


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return build(tmp_path_factory.mktemp("bench"))


def environments_of(bench: Bench, folder: Path) -> Environments:
    """What Fourpane sees of the bench, with its own Python as it is."""
    root = bench.root
    variables = {
        "PATH": f"{root}/path:{root}/usr/bin:{root}/home/.pyenv/shims",
        "VIRTUAL_ENV": str(root / "home/.virtualenvs/plain"),
        "CONDA_PREFIX": str(root / "link/envs/stats"),
    }
    machine = replace(Machine.here(), variables=variables, home=root / "home", root=root)
    return Environments(folder / "state.json", folder / "side", machine=machine, pool=at_once)


def place_of(one: Environment, root: Path) -> str:
    """The key of LISTED; the interpreter itself for what lies outside of the bench."""
    if one.kind == "kernelspec":
        return f"usr/bin/{one.kernelspec}"
    program = str(one.interpreter)
    if not program.startswith(f"{root}/"):
        return program
    if program == f"{root}/usr/bin/R":
        return "usr/lib/R"
    return str(Path(program).relative_to(root).parent.parent)


def test_list_is_exact_and_nothing_is_in_it_twice(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe.probe, "__defaults__", (HANG_LIMIT_S, lambda: False))
    environments = environments_of(bench, tmp_path)
    environments.refresh(bench.root / "project", is_trusted=True)
    found = {place_of(one, bench.root): one for one in environments.all}
    told = {
        place: (one.language, one.kind, one.manager, one.implementation, one.health.value)
        for place, one in found.items()
    }
    outside = {place: told.pop(place) for place in list(told) if place not in LISTED}
    assert told == LISTED
    own, base, pypy = sys.executable, str(bench.base.resolve()), str(Path(shutil.which("pypy3") or "").resolve())
    assert set(outside) == {own, base, pypy}
    assert outside[pypy][3] == "pypy"
    assert max(Counter(place_of(one, bench.root) for one in environments.all).values()) == 1
    assert all(one.reason for one in environments.all if one.health.value in ("broken", "silent"))
    first = environments.all[0]
    assert (first.is_in_project, first.interpreter) == (True, bench.root / "project/.venv/bin/python3")
    assert not (bench.root / "RAN").exists(), "an R was run by looking"


def test_in_an_untrusted_project_nothing_of_it_is_run_and_the_rest_is_the_same(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe.probe, "__defaults__", (HANG_LIMIT_S, lambda: False))
    project, mark = tmp_path / "project", tmp_path / "SANG"
    for place in (".venv/bin/python3", ".pixi/envs/default/bin/python3", ".pixi/envs/default/bin/R"):
        canary = project / place
        canary.parent.mkdir(parents=True, exist_ok=True)
        canary.write_text(f"#!/bin/sh\ntouch {mark}\n")
        canary.chmod(0o755)
    (project / ".venv/pyvenv.cfg").write_text("version = 3.11.7\n")
    (project / ".pixi/envs/default/conda-meta").mkdir()
    environments = environments_of(bench, tmp_path)
    environments.refresh(project, is_trusted=False)
    assert not mark.exists()
    shown = [one for one in environments.all if one.is_in_project]
    assert len(shown) == 2
    assert all("not trusted" in one.reason for one in shown)
    others = {place_of(one, bench.root) for one in environments.all if not one.is_in_project}
    assert others >= {place for place in LISTED if not place.startswith("project/")}
    environments.refresh(project, is_trusted=True)
    assert mark.exists(), "the canary must be able to sing"
