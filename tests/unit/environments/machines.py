"""Machines made of folders, for tests of looking: nothing on them can run."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ide.environments.machine import Machine

CANARY = "#!/bin/sh\ntouch {mark}\n"


def machine(
    root: Path,
    system: str = "linux",
    variables: Mapping[str, str] | None = None,
    registry: Mapping[str, Mapping[str, Mapping[str, str]]] | None = None,
) -> Machine:
    """A machine below `root`; the program's own Python lies in `root/program`."""
    home = root / "home"
    home.mkdir(parents=True, exist_ok=True)
    prefix = root / "program"
    own = python(prefix, system, kernel=True)
    known = registry or {}
    return Machine(system, dict(variables or {}), home, root, own, prefix, "3.12.4", lambda key: known.get(key, {}))


def program(path: Path, text: str = "never run") -> Path:
    """A file that would tell if it were run: it is no program at all, or the canary in `text`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def python(prefix: Path, system: str = "linux", *, kernel: bool = False, text: str = "never run") -> Path:
    """A Python in `prefix`."""
    is_windows = system == "win32"
    found = program(prefix / ("python.exe" if is_windows else "bin/python3"), text)
    site = prefix / ("Lib/site-packages" if is_windows else "lib/python3.11/site-packages")
    site.mkdir(parents=True, exist_ok=True)
    if kernel:
        (site / "ipykernel").mkdir(exist_ok=True)
        (site / "ipykernel" / "__init__.py").write_text("")
    return found


def venv(prefix: Path, system: str = "linux", *, kernel: bool = False, version: str = "3.11.7", text: str = "") -> Path:
    """A virtual environment in `prefix`."""
    prefix.mkdir(parents=True, exist_ok=True)
    (prefix / "pyvenv.cfg").write_text(f"home = /nowhere/bin\nversion = {version}\n")
    found = python(prefix, system, kernel=kernel, text=text or "never run")
    if system == "win32":
        scripts = prefix / "Scripts" / "python.exe"
        scripts.parent.mkdir()
        return found.rename(scripts)
    return found


def conda(prefix: Path, system: str = "linux", *, version: str = "3.10.2", kernel: bool = False) -> Path:
    """A conda environment in `prefix`."""
    (prefix / "conda-meta").mkdir(parents=True)
    (prefix / "conda-meta" / f"python-{version}-h1_0.json").write_text("{}")
    return python(prefix, system, kernel=kernel)


def r_home(home: Path, version: str = "4.3.1", *, kernel: bool = False) -> Path:
    """An R in `home`; returns the program."""
    for package in ("base", *(["IRkernel"] if kernel else [])):
        folder = home / "library" / package
        folder.mkdir(parents=True)
        (folder / "DESCRIPTION").write_text(f"Package: {package}\nVersion: {version}\n")
    return program(home / "bin" / "R")


def kernelspec(folder: Path, **content: Any) -> Path:
    """A kernelspec in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kernel.json").write_text(json.dumps(content))
    return folder


def on_path(*folders: Path, system: str = "linux") -> dict[str, str]:
    """PATH with these folders."""
    return {"PATH": (";" if system == "win32" else ":").join(map(os.fspath, folders))}
