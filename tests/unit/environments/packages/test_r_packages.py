"""Changes of packages with this machine's R, from a local repository into a library of the test's own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ide.core.environment import Environment
from ide.core.errors import FourpaneError
from ide.core.packages import Act
from ide.environments.machine import Machine
from ide.environments.network import Network
from ide.environments.packages.policies import PolicyPlaces
from ide.environments.packages.policy import Severity
from ide.environments.packages.r import DEBIAN_R, debian_note
from tests.fakes.package_index import served_index
from tests.fakes.r_repository import make_r_package
from tests.unit.environments.packages.kit import Bench, tree

R_PROGRAM = shutil.which("R") or "R"


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "R library é"
    folder.mkdir()
    monkeypatch.setenv("R_LIBS", str(folder))
    return folder


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    make_r_package(folder, "deep", "1.0", licence="GPL-3")
    make_r_package(folder, "tidytest", "1.2-3", imports="deep, stats", licence="MIT + file LICENSE")
    make_r_package(folder, "picky", "1.0", imports="deep (>= 9.0)")
    return folder


@pytest.fixture
def bench(tmp_path: Path, library: Path, repository: Path) -> Bench:
    bench = Bench(tmp_path, Network(r_repository=repository.as_uri()))
    bench.packages._machine = Machine.here()
    return bench


@pytest.fixture
def env() -> Environment:
    return Environment(R_PROGRAM, "R", "r", "r", Path(R_PROGRAM))


def own(bench: Bench, env: Environment) -> dict[str, str]:
    return {name: version for name, version in bench.versions(env).items() if name in ("deep", "tidytest", "picky")}


def test_installs_with_what_it_needs_updates_and_takes_back(
    bench: Bench, env: Environment, repository: Path, library: Path
) -> None:
    plan = bench.plan(env, Act.INSTALL, "tidytest")
    assert [(one.name, one.after, one.is_asked) for one in plan.changes] == [
        ("tidytest", "1.2-3", True),
        ("deep", "1.0", False),
    ]
    assert own(bench, env) == {}
    bench.change(env, plan)
    assert own(bench, env) == {"deep": "1.0", "tidytest": "1.2-3"}
    before = tree(library)

    make_r_package(repository, "tidytest", "1.10-1", imports="deep")
    assert bench.ask(bench.packages.ask_newest, env)["tidytest"] == "1.10-1"
    changed = bench.change(env, bench.plan(env, Act.UPDATE, "tidytest"))
    assert own(bench, env)["tidytest"] == "1.10-1"
    assert changed.modules == ("tidytest",)
    bench.undo(env)
    assert tree(library) == before

    plan = bench.plan(env, Act.REMOVE, "tidytest")
    assert plan.unneeded == ("deep",)
    bench.change(env, plan)
    assert own(bench, env) == {"deep": "1.0"}
    bench.undo(env)
    assert tree(library) == before


def test_what_does_not_fit_is_said(bench: Bench, env: Environment) -> None:
    with pytest.raises(FourpaneError) as told:
        bench.plan(env, Act.INSTALL, "picky")
    assert told.value.meaning == "“picky” needs deep 9.0, and the newest that can be had is 1.0."
    with pytest.raises(FourpaneError, match="cannot be installed") as told:
        bench.plan(env, Act.INSTALL, "nosuchthing")
    assert "There is no package “nosuchthing”" in told.value.meaning
    with pytest.raises(FourpaneError, match="belongs to the language"):
        bench.plan(env, Act.REMOVE, "stats")


def test_package_that_fails_to_install_leaves_nothing(
    bench: Bench, env: Environment, repository: Path, library: Path
) -> None:
    make_r_package(repository, "tidytest", "2.0", imports="deep", code="this is no R code\n")
    before = tree(library)
    with pytest.raises(FourpaneError, match="Install tidytest"):
        bench.change(env, bench.plan(env, Act.INSTALL, "tidytest"))
    assert tree(library) == before


def test_policy_sees_the_licences_of_dependencies(bench: Bench, env: Environment, tmp_path: Path) -> None:
    file = tmp_path / "fourpane-policy.toml"
    file.write_text('[licences]\ndenied = ["GPL-*"]\n')
    bench.policies = PolicyPlaces(site_file=file)
    plan = bench.plan(env, Act.INSTALL, "tidytest")
    assert [one.name for one in plan.verdicts if not one.is_allowed] == ["deep"]
    with pytest.raises(FourpaneError, match="does not allow deep"):
        bench.change(env, plan)


def test_repository_that_is_away_is_said(bench: Bench, env: Environment, tmp_path: Path) -> None:
    bench.network = Network(r_repository=(tmp_path / "nothing").as_uri())
    with pytest.raises(FourpaneError) as told:
        bench.plan(env, Act.INSTALL, "tidytest")
    assert "does not answer" in told.value.meaning


def test_weaknesses_of_r_packages_are_asked_for_in_their_own_ecosystem_or_could_not_be_checked(
    bench: Bench, env: Environment, tmp_path: Path
) -> None:
    bench.install(env, "deep")
    with served_index(tmp_path) as index:
        index.advisories["deep"] = [{"id": "R-1", "summary": "Too deep", "database_specific": {"severity": "HIGH"}}]
        bench.database = index.root
        bench.ask(bench.packages.ask_newest, env)
        assert index.ecosystems == {"CRAN"}
    advisories = bench.packages.advisories(env)
    assert advisories is not None
    assert [(one.id, one.severity) for one in advisories.of("deep")] == [("R-1", Severity.HIGH)]
    bench.ask(bench.packages.ask_newest, env)  # nobody answers there any more
    advisories = bench.packages.advisories(env)
    assert advisories is not None
    assert (advisories.severity("deep"), bool(advisories.problem)) == (None, True)


def test_names_are_listed(bench: Bench, env: Environment) -> None:
    bench.look(env)
    assert bench.ask(bench.packages.ask_names, env) == ("deep", "picky", "tidytest")


def test_goes_into_the_users_own_library_also_as_root_and_says_where(
    bench: Bench, env: Environment, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the machine's library could be written into, as root can; what needs another comes after it."""
    own = tmp_path / "home" / "R library"
    machine_library = tmp_path / "machine library"
    machine_library.mkdir()
    monkeypatch.delenv("R_LIBS")
    monkeypatch.setenv("R_LIBS_SITE", str(machine_library))
    monkeypatch.setenv("R_LIBS_USER", str(own))
    bench.packages._machine = Machine.here()
    make_r_package(repository, "able", "1.0", imports="zeta")
    make_r_package(repository, "zeta", "1.0")
    plan = bench.plan(env, Act.INSTALL, "able")
    assert plan.library == own
    assert not own.exists()
    assert bench.change(env, plan).has_new_library
    bench.undo(env)
    assert not own.parent.exists(), "the library that was made is gone, with its folder"
    bench.change(env, bench.plan(env, Act.INSTALL, "able"))
    assert sorted(path.name for path in own.iterdir()) == ["able", "zeta"]
    assert list(machine_library.iterdir()) == []
    assert not bench.change(env, bench.plan(env, Act.INSTALL, "deep")).has_new_library
    bench.undo(env)
    assert sorted(path.name for path in own.iterdir()) == ["able", "zeta"]


def test_package_of_the_machine_stays_when_a_newer_one_hides_it_and_is_taken_back(
    bench: Bench, env: Environment, repository: Path, library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.install(env, "deep")
    before = tree(library)
    monkeypatch.delenv("R_LIBS")
    monkeypatch.setenv("R_LIBS_SITE", str(library))
    monkeypatch.setenv("R_LIBS_USER", str(tmp_path / "own"))
    bench.packages._machine = Machine.here()
    make_r_package(repository, "deep", "2.0")
    bench.change(env, bench.plan(env, Act.UPDATE, "deep"))
    assert own(bench, env) == {"deep": "2.0"}
    make_r_package(repository, "deep", "3.0", code="this is no R code\n")
    with pytest.raises(FourpaneError):
        bench.change(env, bench.plan(env, Act.UPDATE, "deep"))
    assert own(bench, env) == {"deep": "2.0"}
    bench.change(env, bench.plan(env, Act.REMOVE, "deep"))
    assert own(bench, env) == {"deep": "1.0"}
    assert tree(library) == before


def test_debian_is_named_where_it_has_all_that_comes_built() -> None:
    offered = frozenset({"r-cran-dplyr", "r-cran-r6"})
    (said,) = debian_note(["dplyr", "R6"], offered)
    assert said.startswith("They are compiled here.")
    assert said.endswith("gets them by “apt install r-cran-dplyr r-cran-r6”.")
    assert debian_note(["dplyr", "tidytest"], offered) == ()


def test_package_that_apt_looks_after_is_not_removed(bench: Bench, env: Environment) -> None:
    installed = bench.look(env).packages
    of_debian = next(one for one in installed if one.folder and one.folder.parent == DEBIAN_R / "site-library")
    with pytest.raises(FourpaneError, match="belongs to the system") as told:
        bench.plan(env, Act.REMOVE, of_debian.name)
    assert f"apt remove r-cran-{of_debian.name.lower()}" in told.value.advice
