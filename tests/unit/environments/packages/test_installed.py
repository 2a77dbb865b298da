"""Lists of packages from files that a test writes: damaged ones too. Nothing is run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ide.core.environment import Environment
from ide.core.packages import Package
from ide.environments.machine import Machine
from ide.environments.packages import places, relations
from ide.environments.packages.installed_conda import read_prefix
from ide.environments.packages.installed_python import read_folders
from ide.environments.packages.installed_r import read_libraries


def write_dist(
    site: Path, name: str, version: str = "1.0", *lines: str, record: str | None = "", requested: bool = False
) -> Path:
    info = site / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        "\n".join([f"Name: {name}", f"Version: {version}", *lines]) + "\n\nText: no\n", "utf-8"
    )
    if record is not None:
        (info / "RECORD").write_text(record, "utf-8")
    if requested:
        (info / "REQUESTED").touch()
    return info


def by_name(packages: tuple[Package, ...]) -> dict[str, Package]:
    return {one.name: one for one in packages}


def test_fields_are_read_to_the_first_blank_line_however_far_it_is(tmp_path: Path) -> None:
    needs = [f"Requires-Dist: needed_{number:04}" for number in range(400)]
    assert len("\n".join(needs)) > 2 * 4_096
    info = write_dist(tmp_path, "many", "1.0", *needs, record='"a b",x,7\r\nmany/one.py,sha256=x,5\r\n')
    (info / "METADATA").write_bytes((info / "METADATA").read_bytes().replace(b"\n", b"\r\n"))
    (info / "INSTALLER").write_text("uv\n")
    one = by_name(read_folders([tmp_path], "3.11.7"))["many"]
    assert (len(one.needs), one.needs[-1], one.size_bytes, one.modules) == (400, "needed-0399", 12, ("many",))
    assert (one.installer, one.summary, one.is_direct) == ("uv", "", True)


def test_reads_size_imports_needs_and_licence(tmp_path: Path) -> None:
    write_dist(
        tmp_path,
        "Sci_Kit",
        "1.0",
        "Summary: Learns",
        "License: Copyright (c) somebody",
        "        ",
        "        Permission is hereby granted, free of charge, to any person obtaining a copy",
        "Requires-Dist: numpy>=1.2",
        'Requires-Dist: tests; extra == "dev"',
        "Requires-Dist: winonly; sys_platform == 'win32'",
        "Project-URL: Homepage, https://sci.example",
        record='sklearn/__init__.py,sha256=x,120\nsklearn/a.py,,80\n"odd,name.py",,5\nSci_Kit-1.0.dist-info/RECORD,,\n',
        requested=True,
    )
    write_dist(tmp_path, "numpy")
    found = by_name(read_folders([tmp_path], "3.11.7"))
    one = found["Sci_Kit"]
    assert (one.size_bytes, one.needs, one.summary, one.licence) == (205, ("numpy",), "Learns", "MIT")
    assert "sklearn" in one.modules
    assert one.home_page == "https://sci.example"
    assert one.is_direct
    assert not found["numpy"].is_direct


def test_first_folder_wins_and_system_packages_are_fixed(tmp_path: Path) -> None:
    own, system = tmp_path / "own", tmp_path / "system"
    write_dist(own, "numpy", "2.0")
    write_dist(system, "numpy", "1.0")
    write_dist(system, "apt")
    found = by_name(read_folders([own, system], "3.11", fixed=frozenset({system})))
    assert (found["numpy"].version, found["numpy"].is_fixed, found["apt"].is_fixed) == ("2.0", False, True)


def test_damaged_package_is_listed_with_what_is_wrong(tmp_path: Path) -> None:
    write_dist(tmp_path, "whole")
    (write_dist(tmp_path, "torn", "2.0") / "METADATA").unlink()
    (tmp_path / "left-1.0.dist-info").mkdir()
    found = by_name(read_folders([tmp_path], "3.11"))
    assert set(found) == {"whole", "torn"}
    assert "METADATA is missing" in found["torn"].problem


def test_conda_prefix_is_read_and_a_damaged_record_is_said(tmp_path: Path) -> None:
    meta = tmp_path / "conda-meta"
    meta.mkdir()
    record = {
        "name": "xz", "version": "5.4", "license": "GPL-2.0-or-later", "depends": ["libgcc >=12", "__glibc"],
        "channel": "conda-forge", "requested_spec": "xz", "files": ["bin/xz"],
        "paths_data": {"paths": [{"_path": "bin/xz", "size_in_bytes": 70}]},
    }  # fmt: skip
    (meta / "xz-5.4-h0.json").write_text(json.dumps(record))
    (meta / "bzip2-1.0-h1.json").write_text("{ torn")
    found = by_name(read_prefix(tmp_path))
    xz = found["xz"]
    assert (xz.size_bytes, xz.needs, xz.licence, xz.is_spdx, xz.is_direct) == (
        70,
        ("libgcc",),
        "GPL-2.0-or-later",
        True,
        True,
    )
    assert found["bzip2"].version == "1.0"
    assert "bzip2-1.0-h1.json is damaged" in found["bzip2"].problem


def test_r_libraries_are_read(tmp_path: Path) -> None:
    for library, name, version, more in (
        ("user", "tidy", "2.0-1", "Imports: rlang (>= 1.0), methods\nLicense: MIT + file LICENSE\n"),
        ("site", "tidy", "1.0", ""),
        ("site", "rlang", "1.1", "License: GPL (>= 2)\n"),
        ("base", "methods", "4.2", "Priority: base\nLicense: Part of R 4.2.2\n"),
        ("base", "translations", "4.2", "License: Part of R 4.2.2\n"),
    ):
        folder = tmp_path / library / name
        folder.mkdir(parents=True)
        (folder / "DESCRIPTION").write_text(f"Package: {name}\nVersion: {version}\nTitle: The\n  {name}\n{more}")
    (tmp_path / "site" / "torn").mkdir()
    (tmp_path / "site" / "torn" / "DESCRIPTION").write_text("Nothing\n")
    found = by_name(read_libraries([tmp_path / "user", tmp_path / "site", tmp_path / "base"]))
    assert (found["tidy"].version, found["tidy"].needs, found["tidy"].licence) == ("2.0-1", ("rlang", "methods"), "MIT")
    assert found["tidy"].summary == "The tidy"
    assert (found["tidy"].is_direct, found["rlang"].is_direct) == (True, False)
    assert (found["methods"].is_fixed, found["translations"].is_fixed, found["rlang"].is_fixed) == (True, True, False)
    assert "no version" in found["torn"].problem


@pytest.mark.parametrize(
    ("first", "second", "expected"), [("1.2-3", "1.2.4", -1), ("2.0", "2.0.0", 0), ("1.10", "1.9", 1), ("a", "b", -1)]
)
def test_versions_are_compared(first: str, second: str, expected: int) -> None:
    assert relations.compare_versions(first, second) == expected


def test_unneeded_is_only_what_came_along() -> None:
    def package(name: str, *needs: str, direct: bool = False) -> Package:
        return Package(name, "1", needs=needs, is_direct=direct)

    packages = (
        package("app", "lib", "shared", direct=True),
        package("other", "shared", direct=True),
        package("lib", "deep"),
        package("deep"),
        package("shared"),
        package("left-over"),
    )
    assert set(relations.unneeded_after(packages, {"app"})) == {"lib", "deep"}


def test_system_python_and_own_python_are_not_changed(tmp_path: Path) -> None:
    prefix = tmp_path / "usr"
    (prefix / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
    (prefix / "lib" / "python3.11" / "EXTERNALLY-MANAGED").touch()
    (prefix / "bin").mkdir()
    program = prefix / "bin" / "python3"
    program.touch()
    machine = Machine.here()
    place = places.place_of(Environment(str(program), "x", "python", "system", program, version="3.11.2"), machine)
    assert place is not None
    assert (place.manager, "belong to the system" in place.reason) == ("", True)
    own = Environment("own", "own", "python", "program", machine.program, version=machine.program_version)
    place = places.place_of(own, machine)
    assert place is not None
    assert (place.manager, "Fourpane itself" in place.reason) == ("", True)
    gone = Environment("gone", "gone", "python", "venv", tmp_path / "no" / "bin" / "python")
    assert places.place_of(gone, machine) is None
