"""Python environments made by real uv from wheels of the test's own."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ide.core.errors import PackageError
from ide.environments.making import python
from ide.environments.making.place import ToBin
from ide.environments.making.python import Pinned, pinned
from ide.environments.making.wish import Wish
from ide.environments.network import Network
from ide.environments.platform import HALF_MADE
from ide.environments.uv import CancelledError, NoWork, Uv
from tests.unit.environments.test_uv import Watched
from tests.unit.environments.wheels import loopback_index, make_wheel, own_uv

HERE = Path(sys.executable)
WORK = NoWork()


@pytest.fixture
def uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Uv:
    wheels = tmp_path / "wheels"
    make_wheel(wheels, "alpha", "1.0", ["beta"])
    make_wheel(wheels, "alpha", "2.0", ["beta"])
    make_wheel(wheels, "beta", "1.0")
    make_wheel(wheels, "ipykernel", "7.0")
    return own_uv(tmp_path / "uv", monkeypatch, wheels=wheels)


def wish(place: Path, *packages: str, source: Path | None = None) -> Wish:
    return Wish(place, "python", "uv", interpreter=HERE, packages=packages, source=source)


def listed(prefix: Path) -> list[str]:
    return [one.line for one in pinned(prefix)]


def says(program: Path, code: str) -> str:
    return subprocess.run([program, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def bin_of(folder: Path) -> ToBin:
    def to_bin(path: Path) -> None:
        folder.mkdir(exist_ok=True)
        path.rename(folder / path.name)

    return to_bin


def test_environment_with_a_space_and_other_letters_in_its_name_runs(tmp_path: Path, uv: Uv) -> None:
    made = python.make(wish(tmp_path / "envs" / "Daten für ‘alle’ 数", "alpha<2"), uv, WORK)
    assert says(made, "import alpha, sys; print(alpha.__version__, sys.prefix)").startswith("1.0 ")
    assert listed(made.parent.parent) == ["alpha==1.0", "beta==1.0"]
    assert not (made.parent.parent / HALF_MADE).exists()
    assert "prompt = Daten für ‘alle’ 数" in (made.parent.parent / "pyvenv.cfg").read_text("utf-8")


def test_failure_and_cancelling_leave_no_folder(tmp_path: Path, uv: Uv) -> None:
    with pytest.raises(PackageError, match="“one” could not be made") as told:
        python.make(wish(tmp_path / "envs" / "one", "nosuch"), uv, WORK)
    assert "nosuch" in told.value.meaning
    with pytest.raises(CancelledError):
        python.make(wish(tmp_path / "envs" / "two", "alpha"), uv, Watched(0))
    assert not (tmp_path / "envs").exists()


def test_name_in_use_is_told_and_the_other_is_untouched(tmp_path: Path, uv: Uv) -> None:
    place = tmp_path / "mine"
    place.mkdir()
    (place / "thesis.txt").write_text("words")
    with pytest.raises(PackageError) as told:
        python.make(wish(place), uv, WORK)
    assert "There is something called “mine” already." in told.value.text
    assert (place / "thesis.txt").read_text() == "words"


def test_what_a_crash_left_is_made_anew(tmp_path: Path, uv: Uv) -> None:
    place = tmp_path / "torn"
    place.mkdir()
    (place / HALF_MADE).write_text("")
    (place / "rubbish").write_text("")
    made = python.make(wish(place, "beta"), uv, WORK)
    assert not (place / "rubbish").exists()
    assert made.exists()


def test_disk_that_refuses_is_told(tmp_path: Path, uv: Uv) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PackageError, match="could not be made") as told:
        python.make(wish(tmp_path / "file" / "env"), uv, WORK)
    assert "The system says" in told.value.text


@pytest.mark.parametrize("kind", ["requirements.txt", "pylock.toml"])
def test_file_says_what_goes_in(tmp_path: Path, uv: Uv, kind: str) -> None:
    source = tmp_path / "of a class" / kind
    source.parent.mkdir()
    if kind == "requirements.txt":
        source.write_text("alpha==1.0\n")
    else:
        arguments = ["pip", "compile", "--quiet", "--python", str(HERE), "--generate-hashes", "-o", str(source), "-"]
        wanted = tmp_path / "wanted.txt"
        wanted.write_text("alpha==1.0\n")
        uv.run([*arguments[:-1], str(wanted)], WORK, "No lock.")
    made = python.make(wish(tmp_path / "env", source=source), uv, WORK)
    assert listed(made.parent.parent) == ["alpha==1.0", "beta==1.0"]


def test_locks_of_uv_poetry_and_pipenv_say_what_goes_in(tmp_path: Path, uv: Uv) -> None:
    """That of uv is written by uv; the others have the forms that their makers document."""
    digests = [f"sha256:{hashlib.sha256(one.read_bytes()).hexdigest()}" for one in (tmp_path / "wheels").glob("*.whl")]
    project = tmp_path / "my project"
    project.mkdir()
    (project / "pyproject.toml").write_text(
        '[project]\nname = "mine"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["alpha<2"]\n'
    )
    source = ["--no-index", "--find-links", str(tmp_path / "wheels")]
    uv.run(["lock", *source, "--project", str(project), "--python", str(HERE)], WORK, "No lock.")
    entries = (f'{{file = "x", hash = "{one}"}}' for one in digests)
    files = f"[{', '.join(entries)}]"
    (project / "poetry.lock").write_text(
        f'[[package]]\nname = "alpha"\nversion = "1.0"\noptional = false\nfiles = {files}\ngroups = ["main"]\n'
        f'[[package]]\nname = "beta"\nversion = "1.0"\noptional = false\nfiles = {files}\n'
        '[[package]]\nname = "windows-only"\nversion = "1"\noptional = false\nfiles = []\n'
        "markers = \"sys_platform == 'nowhere'\"\n"
        '[[package]]\nname = "extra"\nversion = "1"\noptional = true\nfiles = []\n'
        '[[package]]\nname = "own"\nversion = "1"\nfiles = []\n[package.source]\ntype = "directory"\nurl = "own"\n'
    )
    locked = {"alpha": {"version": "==1.0", "hashes": digests}, "beta": {"version": "==1.0", "hashes": digests}}
    own = {"own": {"path": ".", "editable": True}}
    (project / "Pipfile.lock").write_text(json.dumps({"default": locked, "develop": own}))
    (project / "Pipfile").write_text('[packages]\nalpha = "<2"\n[dev-packages]\nbeta = {version = "*"}\n')
    for number, name in enumerate(("uv.lock", "poetry.lock", "Pipfile.lock", "Pipfile")):
        made = python.make(wish(tmp_path / f"env{number}", source=project / name), uv, WORK)
        assert listed(made.parent.parent) == ["alpha==1.0", "beta==1.0"], name
    for name in ("poetry.lock", "Pipfile.lock"):
        text = (project / name).read_text()
        (project / name).write_text(re.sub("sha256:[0-9a-f]{64}", "sha256:" + "0" * 64, text))
        with pytest.raises(PackageError):
            python.make(wish(tmp_path / "wrong", source=project / name), uv, WORK)
    for name in ("uv.lock", "poetry.lock", "Pipfile.lock", "Pipfile"):
        (project / name).write_text("[[torn")
        with pytest.raises(PackageError, match="could not be made"):
            python.make(wish(tmp_path / "torn", source=project / name), uv, WORK)
        assert not (tmp_path / "torn").exists()


def test_copy_has_the_same_packages_and_needs_no_source(tmp_path: Path, uv: Uv) -> None:
    with loopback_index(tmp_path / "wheels") as address:
        uv = replace(uv, network=Network(python_index=address))
        python.make(wish(tmp_path / "first", "alpha==1.0"), uv, WORK)
    copied = python.copy(tmp_path / "first", tmp_path / "second", uv, WORK)
    assert listed(tmp_path / "second") == listed(tmp_path / "first")
    assert says(copied, "import sys; print(sys.prefix)") == str(tmp_path / "second")


def test_packages_from_elsewhere_are_listed_with_where_from(tmp_path: Path, uv: Uv) -> None:
    made = python.make(wish(tmp_path / "env"), uv, WORK)
    project = tmp_path / "project"
    (project / "mine").mkdir(parents=True)
    (project / "mine" / "__init__.py").write_text("")
    wheel = make_wheel(tmp_path / "other", "gamma")
    python.install(made, ["--no-deps", str(wheel)], uv, WORK, "No.")
    [one] = pinned(tmp_path / "env")
    assert one == Pinned("gamma", "1.0", f"gamma @ {wheel.as_uri()}", "It comes from a file of this computer.")


def test_broken_environment_is_made_anew_with_the_same_packages(tmp_path: Path, uv: Uv) -> None:
    made = python.make(wish(tmp_path / "env", "alpha==1.0"), uv, WORK)
    for name in ("python", "python3"):
        (made.parent / name).unlink(missing_ok=True)
    (made.parent / "python").symlink_to(tmp_path / "gone" / "python3")
    assert python.python_version(tmp_path / "env") == ".".join(map(str, sys.version_info[:2]))
    repaired = python.repair(tmp_path / "env", HERE, "", uv, WORK, bin_of(tmp_path / "bin"))
    assert repaired.changed == ()
    assert says(repaired.python, "import alpha; print(alpha.__version__)") == "1.0"
    assert len(list((tmp_path / "bin").iterdir())) == 1


def test_repair_takes_other_versions_where_the_old_ones_are_gone_and_says_which(tmp_path: Path, uv: Uv) -> None:
    python.make(wish(tmp_path / "env", "alpha==1.0"), uv, WORK)
    next((tmp_path / "wheels").glob("alpha-1.0*")).unlink()
    shutil.rmtree(tmp_path / "uv" / "cache")
    repaired = python.repair(tmp_path / "env", HERE, "", uv, WORK, bin_of(tmp_path / "bin"))
    assert repaired.changed == ("alpha",)
    assert listed(tmp_path / "env") == ["alpha==2.0", "beta==1.0"]


def test_repair_that_fails_leaves_it_as_it_was(tmp_path: Path, uv: Uv) -> None:
    python.make(wish(tmp_path / "env", "alpha==1.0"), uv, WORK)
    shutil.rmtree(tmp_path / "wheels")
    (tmp_path / "wheels").mkdir()
    shutil.rmtree(tmp_path / "uv" / "cache")
    before = sorted((tmp_path / "env").iterdir())
    with pytest.raises(PackageError, match="“env” could not be repaired"):
        python.repair(tmp_path / "env", HERE, "", uv, WORK, bin_of(tmp_path / "bin"))
    assert sorted((tmp_path / "env").iterdir()) == before
    assert listed(tmp_path / "env") == ["alpha==1.0", "beta==1.0"]
    assert not (tmp_path / "bin").exists()


def test_reset_brings_back_what_the_lock_says_and_nothing_else(tmp_path: Path, uv: Uv) -> None:
    made = python.make(wish(tmp_path / "env", "alpha==1.0"), uv, WORK)
    lock = tmp_path / "requirements.txt"
    lock.write_text("beta==1.0\n")
    (made.parent.parent / "stray.txt").write_text("")
    python.rebuild(tmp_path / "env", lock, uv, WORK, bin_of(tmp_path / "bin"))
    assert listed(tmp_path / "env") == ["beta==1.0"]
    assert not (tmp_path / "env" / "stray.txt").exists()


def test_kernel_is_installed_into_one_that_lacks_it(tmp_path: Path, uv: Uv) -> None:
    made = python.make(wish(tmp_path / "env"), uv, WORK)
    python.install_kernel(made, uv, WORK)
    assert listed(tmp_path / "env") == ["ipykernel==7.0"]
