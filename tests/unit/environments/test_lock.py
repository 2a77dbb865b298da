"""Locks of real environments, read back, compared, rebuilt, and told as a bill of materials."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest

from ide.core.environment import Environment
from ide.core.errors import PackageError
from ide.core.package_lock import Difference, LockedPackage, LockFile, PackageLock, differences
from ide.environments.machine import Machine
from ide.environments.making import conda as conda_module
from ide.environments.making import lock as lock_module
from ide.environments.making import python
from ide.environments.making.conda import Conda
from ide.environments.making.lock import find_lock, make_lock, read_lock, write_lock
from ide.environments.making.python import pinned
from ide.environments.making.sbom import make_sbom
from ide.environments.making.wish import Wish
from ide.environments.network import Network
from ide.environments.packages.installed_python import read_folders
from ide.environments.packages.installed_r import read_libraries
from ide.environments.packages.places import Place, place_of
from ide.environments.uv import NoWork, Uv
from tests.unit.environments.channels import make_index, make_package
from tests.unit.environments.wheels import loopback_index, make_wheel, own_uv

WORK = NoWork()
# The parts of the form that a bill here can have, after the schema of CycloneDX 1.5.
BILL = {
    "type": "object",
    "required": ["bomFormat", "specVersion", "serialNumber", "version", "components"],
    "properties": {
        "bomFormat": {"const": "CycloneDX"},
        "specVersion": {"const": "1.5"},
        "serialNumber": {"pattern": "^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"},
        "version": {"type": "integer", "minimum": 1},
        "metadata": {
            "properties": {
                "timestamp": {"pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
                "tools": {"properties": {"components": {"type": "array"}}},
            }
        },
        "components": {
            "type": "array",
            "items": {
                "required": ["type", "name"],
                "additionalProperties": False,
                "properties": {
                    "type": {"enum": ["library", "application"]},
                    "bom-ref": {"type": "string", "minLength": 1},
                    "name": {"type": "string"},
                    "version": {"type": "string"},
                    "purl": {"pattern": "^pkg:(pypi|conda|cran)/[^@]+@.+$"},
                    "hashes": {
                        "items": {
                            "required": ["alg", "content"],
                            "properties": {
                                "alg": {"enum": ["MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"]},
                                "content": {"pattern": "^([a-f0-9]{32}|[a-f0-9]{40}|[a-f0-9]{64}|[a-f0-9]{96})$"},
                            },
                        }
                    },
                    "licenses": {
                        "items": {
                            "oneOf": [
                                {"required": ["expression"]},
                                {"required": ["license"], "properties": {"license": {"required": ["name"]}}},
                            ]
                        }
                    },
                    "externalReferences": {"items": {"required": ["url", "type"]}},
                },
            },
        },
    },
}  # fmt: skip


@pytest.fixture
def uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Uv:
    wheels = tmp_path / "wheels"
    make_wheel(wheels, "alpha", "1.0", ["beta"], metadata="License-Expression: MIT OR Apache-2.0\n")
    make_wheel(wheels, "alpha", "2.0", ["beta"])
    make_wheel(wheels, "beta", "1.0", metadata="License: something of our own\n")
    return own_uv(tmp_path / "uv", monkeypatch)


def place(program: Path) -> Place:
    version = ".".join(map(str, sys.version_info[:3]))
    found = place_of(Environment("e", "env", "python", "venv", program, version=version), Machine.here())
    assert found is not None
    return found


def test_lock_of_a_python_environment_rebuilds_it_and_tells_differences(tmp_path: Path, uv: Uv) -> None:
    with loopback_index(tmp_path / "wheels") as address:
        uv = replace(uv, network=Network(python_index=address))
        wish = Wish(tmp_path / "env", "python", "uv", interpreter=Path(sys.executable), packages=("alpha==1.0",))
        program = python.make(wish, uv, WORK)
        where = place(program)
        lock = make_lock(where, read_folders(where.folders, where.version), uv, WORK, "env")
        assert [(one.name, one.version) for one in lock.packages] == [("alpha", "1.0"), ("beta", "1.0")]
        assert lock.has_all_hashes
        assert lock.packages[0].licence == "MIT OR Apache-2.0"
        assert [path.name for path in write_lock(lock, tmp_path)] == ["pylock.toml", "requirements.lock.txt"]
        assert find_lock(tmp_path) == tmp_path / "pylock.toml"
        assert differences(read_lock(tmp_path / "pylock.toml"), here(tmp_path)) == ()

        python.install(program, ["alpha==2.0", "--upgrade"], uv, WORK, "No.")
        found = differences(read_lock(tmp_path / "requirements.lock.txt"), here(tmp_path))
        assert [one.words for one in found] == ["alpha 1.0 is locked, 2.0 installed"]

        for name in ("pylock.toml", "requirements.lock.txt"):
            python.rebuild(tmp_path / "env", tmp_path / name, uv, WORK, refuse)
            assert differences(lock, here(tmp_path)) == ()


def here(folder: Path) -> list[tuple[str, str]]:
    return [(one.name, one.version) for one in pinned(folder / "env")]


def refuse(path: Path) -> None:
    raise PackageError("There is no bin here.")


def test_other_file_than_the_lock_names_is_refused_and_nothing_changes(tmp_path: Path, uv: Uv) -> None:
    with loopback_index(tmp_path / "wheels") as address:
        uv = replace(uv, network=Network(python_index=address))
        wish = Wish(tmp_path / "env", "python", "uv", interpreter=Path(sys.executable), packages=("beta",))
        python.make(wish, uv, WORK)
        (tmp_path / "requirements.txt").write_text(f"beta==1.0 --hash=sha256:{'0' * 64}\n")
        with pytest.raises(PackageError, match="could not be reset"):
            python.rebuild(tmp_path / "env", tmp_path / "requirements.txt", uv, WORK, refuse)
    assert here(tmp_path) == [("beta", "1.0")]


def test_what_cannot_be_locked_is_told_and_is_no_difference(tmp_path: Path, uv: Uv) -> None:
    wish = Wish(tmp_path / "env", "python", "uv", interpreter=Path(sys.executable))
    program = python.make(wish, uv, WORK)
    python.install(program, ["--no-deps", str(make_wheel(tmp_path / "own", "mine"))], uv, WORK, "No.")
    where = place(program)
    lock = make_lock(where, (), uv, WORK, "env")
    assert [(one.name, one.reason) for one in lock.left_out] == [("mine", "It comes from a file of this computer.")]
    assert lock.packages == ()
    assert read_lock(write_lock(lock, tmp_path)[0]).packages == ()
    assert differences(lock, here(tmp_path)) == ()


def test_what_belongs_to_the_system_is_not_locked_however_it_is_spelt(tmp_path: Path, uv: Uv) -> None:
    program = python.make(Wish(tmp_path / "env", "python", "uv", interpreter=Path(sys.executable)), uv, WORK)
    python.install(program, ["--no-deps", str(make_wheel(tmp_path / "own", "of_the_system"))], uv, WORK, "No.")
    where = place(program)
    listed = tuple(replace(one, is_fixed=True) for one in read_folders(where.folders, where.version))
    lock = make_lock(where, listed, uv, WORK, "env")
    assert [one.key for one in listed] == ["of-the-system"]
    assert (lock.packages, lock.left_out) == ((), ())


def test_lock_of_a_conda_environment_is_an_explicit_list(tmp_path: Path) -> None:
    make_package(tmp_path / "channel", "python", "3.12.1", files={"bin/python3": "#!/bin/sh\n"}, is_for_any=False)
    make_package(tmp_path / "channel", "thing", "1.5")
    conda = Conda(tmp_path / "own", Uv(tmp_path / "own", Network(conda_channel=make_index(tmp_path / "channel"))))
    program = conda_module.make(Wish(tmp_path / "env", "python", "conda", packages=("thing",)), conda, WORK)
    lock = make_lock(place(program), (), conda.uv, WORK, "env")
    assert [(one.name, one.version, one.licence) for one in lock.packages] == [
        ("python", "3.12.1", "MIT"), ("thing", "1.5", "MIT"),
    ]  # fmt: skip
    [path] = write_lock(lock, tmp_path)
    read = read_lock(path)
    assert read.digest != ""
    assert [one.hashes for one in read.packages] == [one.hashes[:1] for one in lock.packages]
    assert differences(read, [("python", "3.12.1")]) == (Difference("thing", "1.5", ""),)


def test_lock_of_r_is_read_by_renv(tmp_path: Path) -> None:
    library = tmp_path / "library"
    (library / "shiny").mkdir(parents=True)
    (library / "shiny" / "DESCRIPTION").write_text(
        "Package: shiny\nVersion: 1.8.0\nLicense: GPL-3\nImports: R6 (>= 2.0), utils\nBuilt: R 4.5.1; ; ; unix\n"
    )
    where = Place("R", "R", Path("R"), tmp_path, (library,), version="4.5.1")
    lock = make_lock(where, read_libraries((library,)), Uv(tmp_path), WORK, "R")
    [path] = write_lock(lock, tmp_path)
    content = json.loads(path.read_text("utf-8"))
    assert content["R"]["Version"] == "4.5.1"
    assert content["Packages"]["shiny"]["Version"] == "1.8.0"
    assert content["Packages"]["shiny"]["Requirements"] == ["R6", "utils"]
    assert differences(read_lock(path), [("shiny", "1.9.0")]) == (Difference("shiny", "1.8.0", "1.9.0"),)


@pytest.mark.parametrize(
    ("name", "text"),
    [("pylock.toml", "packages = 3"), ("pylock.toml", "not toml ["), ("renv.lock", "{}"), ("renv.lock", "nonsense")],
)
def test_damaged_lock_is_told(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(PackageError, match="cannot be read"):
        read_lock(tmp_path / name)


def test_lock_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    lock = PackageLock("r", "4.5", (), (LockFile("renv.lock", "{}"),))
    (tmp_path / "file").write_text("")
    with pytest.raises(PackageError, match=r"renv\.lock could not be written"):
        write_lock(lock, tmp_path / "file")


def test_lines_without_a_version_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("# of ours\nalpha==1.0  # why\n-e .\nbeta>=2\nGamma[x]==3 ; a\n")
    lock = read_lock(tmp_path / "requirements.txt")
    assert [(one.key, one.version) for one in lock.packages] == [("alpha", "1.0"), ("gamma", "3")]
    assert [one.name for one in lock.left_out] == ["beta"]


@pytest.mark.parametrize("kind", ["python", "conda", "r"])
def test_bill_of_materials_has_the_form_of_cyclonedx(kind: str) -> None:
    packages = (
        LockedPackage("A_b", "1.0", ("sha256:" + "a" * 64,), "https://c.example/a.whl", "MIT OR Apache-2.0"),
        LockedPackage("two files", "2", ("sha256:" + "b" * 64, "sha256:" + "c" * 64), "", "Words of our own, really"),
        LockedPackage("plain", "3", ("md5:" + "d" * 32,)),
    )
    lock = PackageLock(kind, "3.12.1", packages)
    bill = json.loads(make_sbom(lock, "env", "1.0", datetime(2026, 1, 2, tzinfo=UTC)).text)
    jsonschema.validate(bill, BILL)
    assert bill["metadata"]["timestamp"] == "2026-01-02T00:00:00Z"
    assert bill == json.loads(make_sbom(lock, "env", "1.0", datetime(2026, 1, 2, tzinfo=UTC)).text)
    first, second, third = bill["components"]
    assert first["licenses"] == [{"expression": "MIT OR Apache-2.0"}]
    assert first["purl"].partition("@")[0].endswith("a-b" if kind == "python" else "A_b")
    assert second["licenses"] == [{"license": {"name": "Words of our own, really"}}]
    assert "hashes" not in second
    assert third["hashes"] == [{"alg": "MD5", "content": "d" * 32}]
    assert lock_module.NAMES[0] == "pylock.toml"
