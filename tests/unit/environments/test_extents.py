"""Counting packages and summing files of real folders."""

from __future__ import annotations

from pathlib import Path

from ide.core.environment import Environment
from ide.environments.extents import changed_ns, measure
from tests.unit.environments import machines
from tests.unit.environments.machines import machine, on_path
from tests.unit.environments.test_find_tools import listed


def never() -> bool:
    return False


def found(root: Path, kind: str, **options: object) -> Environment:
    (one,) = [one for one in listed(machine(root, **options)) if one.kind == kind]  # type: ignore[arg-type]
    return one


def test_packages_and_bytes_of_a_venv(tmp_path: Path) -> None:
    prefix = tmp_path / "home/.virtualenvs/a"
    machines.venv(prefix)
    site = prefix / "lib/python3.11/site-packages"
    for name in ("numpy-2.0.dist-info", "numpy", "old.egg-info"):
        (site / name).mkdir()
    (site / "numpy/core.so").write_bytes(bytes(5000))
    (site / "numpy/same.so").hardlink_to(site / "numpy/core.so")
    (site / "numpy/link.so").symlink_to("core.so")
    rest = sum(path.stat().st_size for path in prefix.rglob("*") if path.is_file() and path.suffix != ".so")
    extent = measure(found(tmp_path, "venv"), machine(tmp_path), never)
    assert extent is not None
    assert (extent.package_count, extent.size_bytes, extent.problem) == (2, rest + 5000, "")


def test_damaged_record_of_conda_is_told(tmp_path: Path) -> None:
    prefix = tmp_path / "home/miniforge3/envs/a"
    machines.conda(prefix)
    (prefix / "conda-meta/numpy-2.0-0.json").write_text('{"name": "numpy"}')
    one = found(tmp_path, "conda")
    sound = measure(one, machine(tmp_path), never)
    (prefix / "conda-meta/scipy-1.0-0.json").write_text('{"name": "sci')
    torn = measure(one, machine(tmp_path), never)
    assert sound is not None
    assert torn is not None
    assert (sound.package_count, sound.problem) == (2, "")
    assert torn.package_count == 3
    assert "scipy-1.0-0.json is damaged" in torn.problem


def test_packages_of_an_r_are_those_of_all_its_libraries(tmp_path: Path) -> None:
    path = on_path(tmp_path / "usr/bin")
    machines.r_home(tmp_path / "usr/lib/R", kernel=True)
    machines.program(tmp_path / "usr/bin/R", "R_HOME_DIR=/usr/lib/R\n")
    (tmp_path / "usr/lib/R/library/broken").mkdir()
    machines.program(tmp_path / "home/R/x86-library/4.3/dplyr/DESCRIPTION")
    extent = measure(found(tmp_path, "r", variables=path), machine(tmp_path, variables=path), never)
    assert extent is not None
    assert extent.package_count == 3


def test_installing_a_package_is_a_change(tmp_path: Path) -> None:
    import os

    prefix = tmp_path / "home/.virtualenvs/a"
    machines.venv(prefix)
    one, here = found(tmp_path, "venv"), machine(tmp_path)
    before = changed_ns(one, here)
    os.utime(prefix / "lib/python3.11/site-packages", ns=(before + 10, before + 10))
    assert changed_ns(one, here) == before + 10


def test_cancelled_measuring_gives_nothing(tmp_path: Path) -> None:
    machines.venv(tmp_path / "home/.virtualenvs/a")
    assert measure(found(tmp_path, "venv"), machine(tmp_path), lambda: True) is None
