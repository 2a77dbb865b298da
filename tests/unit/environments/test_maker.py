"""What the commands ask for, with real tools: which one does it, what policies forbid, what is refused."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ide.core.environment import Environment
from ide.core.errors import PackageError
from ide.environments.machine import Machine
from ide.environments.making.conda import read_environment_file
from ide.environments.making.lock import read_lock
from ide.environments.making.maker import Maker
from ide.environments.making.python import pinned
from ide.environments.making.wish import Wish, languages, name_problem, templates
from ide.environments.network import Network
from ide.environments.packages.policies import PolicyPlaces, places_of
from ide.environments.uv import NoWork
from ide.settings import declared
from ide.settings.paths import Paths
from ide.settings.settings import Settings
from tests.fakes.package_index import served_index
from tests.unit.environments.channels import make_index, make_package
from tests.unit.environments.wheels import loopback_index, make_wheel, own_uv

WORK = NoWork()
VERSION = ".".join(map(str, sys.version_info[:3]))


@pytest.fixture
def maker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Maker:
    wheels = tmp_path / "wheels"
    make_wheel(wheels, "alpha", "1.0", ["beta"], metadata="License-Expression: GPL-3.0-only\n")
    make_wheel(wheels, "beta", "1.0", metadata="License-Expression: MIT\n")

    def to_bin(path: Path) -> None:
        (tmp_path / "bin").mkdir(exist_ok=True)
        path.rename(tmp_path / "bin" / path.name)

    uv = own_uv(tmp_path / "uv", monkeypatch, wheels=wheels)
    return Maker(uv, Machine.here(), PolicyPlaces(project=tmp_path), to_bin, "1.0")


def made(maker: Maker, place: Path, *packages: str) -> Environment:
    program = maker.make(Wish(place, "python", "uv", interpreter=Path(sys.executable), packages=packages), WORK)
    return Environment(str(program), place.name, "python", "venv", program, version=VERSION)


def names(place: Path) -> list[str]:
    return [one.line for one in pinned(place)]


def test_renamed_environment_has_the_same_packages_and_the_old_one_is_in_the_bin(tmp_path: Path, maker: Maker) -> None:
    environment = made(maker, tmp_path / "first", "alpha")
    program = maker.rename(environment, tmp_path / "second", WORK)
    assert program.is_relative_to(tmp_path / "second")
    assert names(tmp_path / "second") == ["alpha==1.0", "beta==1.0"]
    assert [path.name for path in (tmp_path / "bin").iterdir()] == ["first"]


@pytest.mark.parametrize("act", ["copied", "deleted"])
def test_installation_of_a_language_is_neither_copied_nor_deleted(tmp_path: Path, maker: Maker, act: str) -> None:
    prefix = tmp_path / "python"
    (prefix / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
    (prefix / "bin").mkdir()
    (prefix / "bin" / "python3").write_text("")
    environment = Environment("p", "its own", "python", "system", prefix / "bin" / "python3", version="3.11.2")
    acts: dict[str, Callable[[], object]] = {
        "copied": lambda: maker.copy(environment, tmp_path / "new", WORK),
        "deleted": lambda: maker.remove(environment),
    }
    with pytest.raises(PackageError, match=f"cannot be {act}"):
        acts[act]()
    assert prefix.exists()


def test_policy_stops_making_and_locking_with_its_reason(tmp_path: Path, maker: Maker) -> None:
    environment = made(maker, tmp_path / "before", "alpha")
    (tmp_path / "fourpane-policy.toml").write_text('[packages]\ndenied = ["beta"]\n')
    with pytest.raises(PackageError, match=r"does not allow beta 1\.0") as told:
        made(maker, tmp_path / "after", "alpha")
    assert "The project’s policy" in told.value.meaning
    assert not (tmp_path / "after").exists()
    with pytest.raises(PackageError, match=r"does not allow beta 1\.0"):
        maker.copy(environment, tmp_path / "copy", WORK)
    assert not (tmp_path / "copy").exists()
    with pytest.raises(PackageError, match=r"does not allow beta 1\.0"):
        maker.lock(environment, tmp_path, WORK)
    assert not (tmp_path / "pylock.toml").exists()


def test_policy_stops_a_reset_by_the_licences_that_the_lock_does_not_name(tmp_path: Path, maker: Maker) -> None:
    """Those of what is installed, and of what is not here the index's."""
    with served_index(tmp_path / "wheels") as index:
        maker = replace(maker, uv=replace(maker.uv, network=Network(python_index=index.address)))
        environment = made(maker, tmp_path / "env", "alpha")
        maker.lock(environment, tmp_path, WORK)
        policy = tmp_path / "fourpane-policy.toml"
        for installed in (True, False):
            policy.write_text('[licences]\ndenied = ["GPL-*"]\n')
            with pytest.raises(PackageError, match=r"does not allow alpha 1\.0") as told:
                maker.reset(environment, tmp_path / "pylock.toml", WORK)
            assert "denies the licence GPL-3.0-only of alpha" in told.value.meaning
            policy.write_text('[licences]\nallowed = ["GPL-*", "MIT"]\n')
            maker.reset(environment, tmp_path / "pylock.toml", WORK)
            assert names(tmp_path / "env") == ["alpha==1.0", "beta==1.0"]
            shutil.rmtree(tmp_path / "bin")
            if installed:
                maker.uv.run(["pip", "uninstall", "--python", str(environment.interpreter), "alpha"], WORK, "")
    maker.lock_verdicts(environment, read_lock(tmp_path / "pylock.toml"), WORK)  # no index, no error


def test_policy_sees_what_pip_brings_and_what_runs_code(tmp_path: Path, maker: Maker) -> None:
    # What runs in conda's environment is the Python of a venv of the test: pip could install nowhere else.
    runs = {"bin/python3": f'#!/bin/sh\nexec "{tmp_path}/env/bin/python" "$@"\n'}
    make_package(tmp_path / "channel", "python", "3.12.1", files=runs, is_for_any=False)
    make_wheel(tmp_path / "wheels", "ipykernel", "7.0", metadata="License-Expression: GPL-3.0-only\n")
    network = replace(maker.uv.network, conda_channel=make_index(tmp_path / "channel"))
    maker = replace(maker, uv=replace(maker.uv, network=network))
    environment = made(maker, tmp_path / "env")
    source = tmp_path / "environment.yml"
    source.write_text("dependencies:\n  - python\n  - pip:\n      - alpha\n")
    policy = tmp_path / "fourpane-policy.toml"
    policy.write_text('[licences]\ndenied = ["GPL-*"]\nunknown = "allowed"\n')
    with pytest.raises(PackageError, match=r"does not allow alpha 1\.0"):
        maker.make(Wish(tmp_path / "new", "python", "conda", source=source), WORK)
    assert not (tmp_path / "new").exists()
    with pytest.raises(PackageError, match=r"does not allow ipykernel 7\.0"):
        maker.install_kernel(environment, WORK)
    assert names(tmp_path / "env") == []


def test_policies_of_the_settings_hold_for_all(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.toml", None)
    settings.set(declared.PACKAGES_POLICY_ADDRESS, "https://policy.example/p.toml")
    where = places_of(Paths.at(tmp_path), settings, tmp_path / "project")
    assert (where.address, where.project) == ("https://policy.example/p.toml", tmp_path / "project")
    assert where.site_file is not None
    assert where.site_file.name == "fourpane-policy.toml"


def test_damaged_policy_stops_everything(tmp_path: Path, maker: Maker) -> None:
    (tmp_path / "fourpane-policy.toml").write_text("nonsense [")
    with pytest.raises(PackageError, match="Nothing can be installed"):
        made(maker, tmp_path / "env")


def test_policy_stops_conda_too(tmp_path: Path, maker: Maker) -> None:
    make_package(tmp_path / "channel", "python", "3.12.1", files={"bin/python3": "#!/bin/sh\n"}, is_for_any=False)
    network = Network(conda_channel=make_index(tmp_path / "channel"))
    maker = replace(maker, uv=replace(maker.uv, network=network))
    (tmp_path / "fourpane-policy.toml").write_text('[packages]\ndenied = ["python"]\n')
    with pytest.raises(PackageError, match=r"does not allow python 3\.12\.1"):
        maker.make(Wish(tmp_path / "env", "python", "conda"), WORK)
    assert not (tmp_path / "env").exists()
    (tmp_path / "fourpane-policy.toml").unlink()
    program = maker.make(Wish(tmp_path / "env", "python", "conda"), WORK)
    environment = Environment(str(program), "env", "python", "conda", program, version="3.12.1")
    maker.export(environment, tmp_path / "environment.yml")
    read = read_environment_file(tmp_path / "environment.yml")
    assert (read.specs, read.channels, read.name) == (("python ==3.12.1 0",), (network.conda_channel,), "env")
    maker.lock(environment, tmp_path, WORK)
    (program.parent / "stray").write_text("")
    maker.reset(environment, tmp_path / "conda-explicit.txt", WORK)
    assert not (program.parent / "stray").exists()
    assert maker.compare(environment, tmp_path / "conda-explicit.txt") == ()


def test_lock_and_bill_are_written_and_the_difference_is_told(tmp_path: Path, maker: Maker) -> None:
    with loopback_index(tmp_path / "wheels") as address:
        maker = replace(maker, uv=replace(maker.uv, network=Network(python_index=address)))
        environment = made(maker, tmp_path / "env", "alpha")
        _, paths = maker.lock(environment, tmp_path / "project", WORK)
        assert [path.name for path in paths] == ["pylock.toml", "requirements.lock.txt", "sbom.cdx.json"]
        assert maker.compare(environment, paths[0]) == ()
        maker.uv.run(["pip", "uninstall", "--python", str(environment.interpreter), "beta"], WORK, "No.")
        assert [one.words for one in maker.compare(environment, paths[0])] == ["beta 1.0 is missing"]
        maker.reset(environment, paths[0], WORK)
    assert names(tmp_path / "env") == ["alpha==1.0", "beta==1.0"]


def test_export_has_the_form_that_the_name_asks_for(tmp_path: Path, maker: Maker) -> None:
    environment = made(maker, tmp_path / "env", "alpha")
    maker.export(environment, tmp_path / "requirements.txt")
    assert (tmp_path / "requirements.txt").read_text() == "alpha==1.0\nbeta==1.0\n"
    maker.export(environment, tmp_path / "environment.yml")
    read = read_environment_file(tmp_path / "environment.yml")
    assert read.by_pip == ("alpha==1.0", "beta==1.0")
    assert read.specs[0] == f"python {'.'.join(VERSION.split('.')[:2])}.*"


@pytest.mark.parametrize("name", ["", " a", "a.", "a/b", "a\\b", "con", "COM1.x", "-a", "a:b", "x" * 101, "a\nb"])
def test_name_that_a_system_refuses_is_refused(name: str) -> None:
    assert name_problem(name) != ""


@pytest.mark.parametrize("name", ["a", "Daten für alle", "数据", "a.b", "class-2026"])
def test_usual_names_are_fine(name: str) -> None:
    assert name_problem(name) == ""


def test_every_template_offers_every_language() -> None:
    for template in templates():
        assert set(template.packages) == {one.id for one in languages()}
        assert template.title
        assert template.help


def test_kernel_of_r_comes_from_a_repository_of_sources(
    tmp_path: Path, maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    package, library = tmp_path / "IRkernel", tmp_path / "library"
    package.mkdir()
    library.mkdir()
    (package / "DESCRIPTION").write_text(
        "Package: IRkernel\nVersion: 1.0\nTitle: T\nDescription: T.\nLicense: MIT\nAuthor: A\nMaintainer: A <a@b.c>\n"
    )
    (package / "NAMESPACE").write_text("")
    sources = tmp_path / "repository" / "src" / "contrib"
    sources.mkdir(parents=True)
    with tarfile.open(sources / "IRkernel_1.0.tar.gz", "w:gz") as archive:
        archive.add(package, "IRkernel")
    index = f"tools::write_PACKAGES('{sources}', type = 'source')"
    subprocess.run(["Rscript", "--vanilla", "-e", index], check=True, capture_output=True)
    monkeypatch.setenv("R_LIBS", str(library))
    network = Network(r_repository=(tmp_path / "repository").as_uri())
    r = Path(shutil.which("R") or "R")
    environment = Environment("r", "R", "r", "system", r, version="4.2.2")
    replace(maker, uv=replace(maker.uv, network=network)).install_kernel(environment, WORK)
    assert (library / "IRkernel" / "DESCRIPTION").is_file()


def test_r_is_not_exported_but_locked(maker: Maker, tmp_path: Path) -> None:
    program = shutil.which("R") or "R"
    env = Environment(program, "R", "r", "r", Path(program))
    with pytest.raises(PackageError, match="cannot be exported") as told:
        maker.export(env, tmp_path / "requirements.txt")
    assert (told.value.action, told.value.action_arguments) == ("environment.lock", {"environment": program})
    assert not (tmp_path / "requirements.txt").exists()


def test_r_is_not_reset_but_renv_named_with_what_to_do(
    maker: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decided by the libraries' files alone; the renv here is a folder of that name."""
    program = shutil.which("R") or "R"
    library, lock = tmp_path / "library", tmp_path / "renv.lock"
    library.mkdir()
    monkeypatch.setenv("R_LIBS", str(library))
    maker = replace(maker, machine=Machine.here())
    env = Environment(program, "R", "r", "r", Path(program))
    with pytest.raises(PackageError, match="installation of R") as told:
        maker.reset(env, lock, NoWork())
    assert (told.value.action, told.value.action_arguments) == ("packages.install", {"name": "renv"})
    (library / "renv").mkdir()
    (library / "renv" / "DESCRIPTION").write_text("Package: renv\nVersion: 1.0\n")
    with pytest.raises(PackageError, match="installation of R") as told:
        maker.reset(env, lock, NoWork())
    assert told.value.action == ""
    assert told.value.advice == f'Run this in the console: renv::restore(lockfile = "{lock.as_posix()}")'
