"""conda environments made by real py-rattler from a channel of the test's own."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from ide.core.errors import PackageError
from ide.environments.making import conda as conda_module
from ide.environments.making.conda import Conda, explicit, installed, read_environment_file
from ide.environments.making.wish import Wish
from ide.environments.network import Network
from ide.environments.uv import CancelledError, NoWork, Uv
from tests.unit.environments.channels import R_SCRIPT, make_index, make_package
from tests.unit.environments.test_uv import Watched

WORK = NoWork()


@pytest.fixture(scope="module")
def channel(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("channel of ä class")
    for version in ("4.4.3", "4.5.1"):
        make_package(folder, "r-base", version, files={"bin/R": R_SCRIPT}, is_for_any=False)
    make_package(folder, "r-irkernel", "1.3", ["r-base >=4.4"])
    make_package(folder, "old", "1.0", ["r-base <4.5"])
    make_package(folder, "new", "1.0", ["r-base >=4.5"])
    return make_index(folder)


@pytest.fixture
def conda(tmp_path: Path, channel: str) -> Conda:
    return Conda(tmp_path / "own", Uv(tmp_path / "own", Network(conda_channel=channel)))


def wish(place: Path, version: str = "4.5", *packages: str, source: Path | None = None) -> Wish:
    return Wish(place, "r", "conda", version, packages=packages, source=source)


def names(prefix: Path) -> list[str]:
    return [f"{one.name} {one.version}" for one in installed(prefix)]


def to_bin(path: Path) -> None:
    raise PackageError("There is no bin here.")


def test_r_is_made_in_the_version_that_was_asked_for_and_runs(tmp_path: Path, conda: Conda) -> None:
    work = Watched()
    program = conda_module.make(wish(tmp_path / "Statistik für alle", "4.4", "r-irkernel"), conda, work)
    assert program == tmp_path / "Statistik für alle" / "bin" / "R"
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    assert said.startswith("R version")
    assert names(tmp_path / "Statistik für alle") == ["r-base 4.4.3", "r-irkernel 1.3"]
    steps = [step for step, _, _ in work.steps]
    assert steps[0] == "Looking what fits together"
    assert any(step.startswith("Installing 2 of 2: ") for step in steps)


def test_what_does_not_fit_is_told_and_leaves_nothing(tmp_path: Path, conda: Conda) -> None:
    with pytest.raises(PackageError, match="“env” could not be made") as told:
        conda_module.make(wish(tmp_path / "env", "4.5", "nosuch"), conda, WORK)
    assert "There is no package “nosuch” in the channel." in told.value.text
    with pytest.raises(PackageError) as told:
        conda_module.make(wish(tmp_path / "env", "", "old", "new"), conda, WORK)
    assert "do not fit together" in told.value.text
    assert not (tmp_path / "env").exists()


def test_unreachable_channel_is_told(tmp_path: Path, conda: Conda) -> None:
    far = replace(conda, uv=replace(conda.uv, network=Network(conda_channel="http://127.0.0.1:9/u:p@x")))
    with pytest.raises(PackageError) as told:
        conda_module.make(wish(tmp_path / "env"), far, WORK)
    assert "does not answer" in told.value.text
    assert told.value.action == "app.settings"


def test_cancelling_leaves_nothing(tmp_path: Path, conda: Conda) -> None:
    with pytest.raises(CancelledError):
        conda_module.make(wish(tmp_path / "env"), conda, Watched(0))
    assert not (tmp_path / "env").exists()


def test_copy_and_reset_have_exactly_the_same_files(tmp_path: Path, conda: Conda) -> None:
    conda_module.make(wish(tmp_path / "first", "4.4", "r-irkernel"), conda, WORK)
    conda_module.copy(tmp_path / "first", tmp_path / "second", conda, WORK)
    assert installed(tmp_path / "second") == installed(tmp_path / "first")
    (tmp_path / "second" / "share" / "stray").write_text("")
    conda_module.rebuild(tmp_path / "second", installed(tmp_path / "first"), conda, WORK, to_bin)
    assert names(tmp_path / "second") == ["r-base 4.4.3", "r-irkernel 1.3"]
    assert not (tmp_path / "second" / "share" / "stray").exists()


def test_other_file_than_the_lock_names_is_refused(tmp_path: Path, conda: Conda) -> None:
    conda_module.make(wish(tmp_path / "first"), conda, WORK)
    tampered = [replace(one, sha256="0" * 64) for one in installed(tmp_path / "first")]
    with pytest.raises(PackageError) as told:
        conda_module.rebuild(tmp_path / "first", tampered, conda, WORK, to_bin)
    assert "other files than the lock names: r-base" in told.value.text
    assert names(tmp_path / "first") == ["r-base 4.5.1"]


def test_environment_file_says_what_goes_in(tmp_path: Path, conda: Conda, channel: str) -> None:
    source = tmp_path / "environment.yml"
    source.write_text(f"name: class\nchannels:\n  - {channel}\ndependencies:\n  - r-base=4.4  # as in class\n  - old\n")
    conda_module.make(wish(tmp_path / "env", "", source=source), conda, WORK)
    assert names(tmp_path / "env") == ["old 1.0", "r-base 4.4.3"]


def test_plain_environment_file_is_read_and_another_form_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "environment.yml"
    path.write_text(
        "name: 'a b'\nchannels:\n- conda-forge\n- nodefaults\n# remark\ndependencies:\n- python=3.12\n"
        '- numpy=2.1.0=py312_0\n- scipy>=1.10\n- pip:\n    - seaborn==0.13\n    - "rich"\nprefix: /somewhere\n'
    )
    read = read_environment_file(path)
    assert read.specs == ("python 3.12.*", "numpy ==2.1.0 py312_0", "scipy>=1.10")
    assert (read.channels, read.by_pip, read.name) == (("conda-forge",), ("seaborn==0.13", "rich"), "a b")
    path.write_text("dependencies: {python: 3}\n")
    with pytest.raises(PackageError, match="cannot be read") as told:
        read_environment_file(path)
    assert "Line 1" in told.value.text


def test_explicit_list_is_read_with_its_hashes() -> None:
    text = f"# platform: linux-64\n@EXPLICIT\nhttps://c.example/noarch/a-b-1.0-py_0.conda#{'0' * 32}\n"
    [one] = explicit(text)
    assert (one.exact, one.md5, one.sha256) == ("a-b ==1.0 py_0", "0" * 32, "")
    with pytest.raises(PackageError, match="cannot be read"):
        explicit("@EXPLICIT\nnonsense\n")
