"""What the program imports is what the distribution asks for: a clean installation lacks nothing."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable
from typing import Any

from tests.rules.source import ROOT, imported_names, parsed, python_files, relative

# Distribution -> package, where the names differ.
_PACKAGE = {"pyside6_essentials": "PySide6", "pyside6_addons": "PySide6", "pyzmq": "zmq", "py_rattler": "rattler"}
# Parts of a declared distribution that it always brings.
_BROUGHT = {"shiboken6": "pyside6_essentials"}
_OURS = {"ide", "fourpane_plugins"}


_CLUSTER_SIDE = ("ide/deploy/dask_jobs/", "plugins/target_")


def project() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return found


def cluster_packages() -> set[str]:
    """Those of the cluster process's own environment."""
    return names(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]["cluster"])


def names(lines: Iterable[str]) -> set[str]:
    return {re.split(r"[<>=!~; \[]", line)[0].lower().replace("-", "_") for line in lines}


def declared_packages() -> set[str]:
    asked = names(project()["dependencies"])
    return {_PACKAGE.get(name, name) for name in asked} | {part for part, whole in _BROUGHT.items() if whole in asked}


def fetched_packages() -> set[str]:
    """Those of extras: the program does without, or fetches them beside itself at the first use."""
    return {_PACKAGE.get(name, name) for lines in project()["optional-dependencies"].values() for name in names(lines)}


def test_every_import_of_the_program_is_a_declared_dependency() -> None:
    allowed = declared_packages() | fetched_packages() | _OURS | sys.stdlib_module_names
    cluster = cluster_packages()
    # Code that is sent into the user's kernel runs there, with what the user has.
    files = [path for path in python_files("ide", "plugins") if "agent" not in relative(path)]

    found = {
        f"{relative(path)}:{line} {name}"
        for path in files
        for line, name in imported_names(parsed(path))
        if name.split(".")[0] not in (allowed | cluster if relative(path).startswith(_CLUSTER_SIDE) else allowed)
    }

    assert files
    assert found == set()


def test_no_dependency_is_declared_in_vain() -> None:
    # Run as programs or loaded by name, not imported.
    run_by_name = {"ruff", "uv", "ipykernel"}
    # Asked for only to hold a version that another dependency would leave open.
    holds_version = {"qtpy", "jupyter_core"}
    used = {name.split(".")[0] for path in python_files("ide", "plugins") for _, name in imported_names(parsed(path))}

    assert declared_packages() - used - run_by_name - holds_version - set(_BROUGHT) == set()
