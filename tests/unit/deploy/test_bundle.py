"""Bundles: the same bytes for the same input, every file with its sum, nothing left where it fails."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from pathlib import Path

import pytest

from ide.core.errors import DeployError
from ide.core.package_lock import LockFile
from ide.deploy.bundle import lock_digest, write_bundle

LOCK = (LockFile("requirements.txt", "numpy==2.1 --hash=sha256:aa\n"), LockFile("python-version", "3.12\n"))


def project(folder: Path, contents: dict[str, bytes]) -> dict[str, Path]:
    for path, content in contents.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return {path: folder / path for path in contents}


CONTENTS = {"main.py": b"print(1)\n", "data/z.csv": b"a\n1\n", "data/\u00e9.csv": b"", "large.bin": b"x" * 8_000_001}


def test_same_input_gives_the_same_bytes_whatever_order_time_and_mode(tmp_path: Path) -> None:
    first = project(tmp_path / "a", CONTENTS)
    second = project(tmp_path / "b", dict(reversed(CONTENTS.items())))
    os.utime(second["main.py"], (1, 1))
    second["main.py"].chmod(0o755)

    one = write_bundle(tmp_path / "1.zip", first, entry="main.py", language="python", lock=LOCK, secrets=["B", "A"])
    two = write_bundle(
        tmp_path / "2.zip", second, entry="main.py", language="python", lock=LOCK[::-1], secrets=["A", "B", "A"]
    )

    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()
    assert one.sha256 == two.sha256 == hashlib.sha256((tmp_path / "1.zip").read_bytes()).hexdigest()
    # As a bundle of another system has it: a change of this sum changes what "the same run" means.
    small = write_bundle(tmp_path / "3.zip", {"main.py": first["main.py"]}, entry="main.py", language="python")
    assert small.sha256 == "df933a3dd3ad7e6e140d22f35f19a46d404d63fa3d47c7ebc2e964907aba393f"


def test_manifest_has_the_sum_of_every_file_and_names_of_secrets_only(tmp_path: Path) -> None:
    write_bundle(
        tmp_path / "b.zip", project(tmp_path, CONTENTS), entry="main.py", language="r", lock=LOCK, secrets=["KEY"]
    )

    with zipfile.ZipFile(tmp_path / "b.zip") as opened:
        manifest = json.loads(opened.read("manifest.json"))
        inside = {name: opened.read(name) for name in opened.namelist()}
        assert opened.testzip() is None

    assert (manifest["entry"], manifest["language"], manifest["secrets"]) == ("main.py", "r", ["KEY"])
    assert set(inside) == {
        *(f"files/{path}" for path in CONTENTS), "lock/requirements.txt", "lock/python-version", "manifest.json",
    }  # fmt: skip
    for path, said in manifest["files"].items():
        assert said == {
            "sha256": hashlib.sha256(inside[f"files/{path}"]).hexdigest(), "size": len(CONTENTS[path]),
        }  # fmt: skip
    for name, said in manifest["lock"].items():
        assert said == hashlib.sha256(inside[f"lock/{name}"]).hexdigest()


def test_digest_of_a_lock_depends_on_its_files_alone() -> None:
    assert lock_digest(()) == ""
    assert lock_digest(LOCK) == lock_digest(LOCK[::-1]) != lock_digest(LOCK[:1])


def test_file_that_went_away_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    files = project(tmp_path / "p", CONTENTS)
    files["data/z.csv"].unlink()

    with pytest.raises(DeployError) as raised:
        write_bundle(tmp_path / "b.zip", files, entry="main.py", language="python")

    assert "z.csv" in raised.value.text
    assert [path.name for path in tmp_path.iterdir()] == ["p"]


@pytest.mark.parametrize("name", ["../up.py", "a/../../up.py", "/etc/x", "a\\b", "bad\udcff"])
def test_name_that_would_lie_elsewhere_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "x").touch()

    with pytest.raises(DeployError):
        write_bundle(tmp_path / "b.zip", {name: tmp_path / "x", "m": tmp_path / "x"}, entry="m", language="python")

    assert not list(tmp_path.glob("b.zip*"))


def test_entry_must_be_among_the_files(tmp_path: Path) -> None:
    with pytest.raises(DeployError, match=r"run\.R"):
        write_bundle(tmp_path / "b.zip", {}, entry="run.R", language="r")
