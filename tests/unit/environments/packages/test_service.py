"""Changes of packages with real uv, from wheels that the test makes: exact, taken back exactly, whatever goes wrong."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ide.core.environment import Environment, Health
from ide.core.errors import FourpaneError
from ide.core.packages import Act, Installed
from ide.core.policy import Standing
from ide.core.record import replace
from ide.environments.network import Network
from ide.environments.packages import policies, snapshot
from ide.environments.packages.policies import PolicyPlaces
from ide.environments.packages.python import PythonPackages
from ide.environments.packages.service import Packages
from ide.environments.uv import NoWork, Uv
from tests.fakes.package_index import LoopbackIndex, served_index
from tests.unit.environments.packages.kit import Bench, make_venv, tree
from tests.unit.environments.wheels import make_wheel, own_uv

MIT = "License-Expression: MIT\n"
GPL = "License-Expression: GPL-3.0-only\n"


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    make_wheel(folder, "colours", "1.0", metadata=MIT)
    make_wheel(folder, "colours", "2.0", metadata=MIT)
    make_wheel(folder, "charts", "1.0", ["colours>=1", "axes"], metadata=MIT)
    make_wheel(folder, "charts", "2.0", ["colours>=2", "axes"], metadata=MIT)
    make_wheel(folder, "axes", "0.5", metadata=MIT)
    make_wheel(folder, "old-maps", "1.0", ["colours<2"], metadata=MIT)
    make_wheel(folder, "copyleft", "3.1", metadata=GPL)
    make_wheel(folder, "wrapper", "1.0", ["copyleft"], metadata=MIT)
    return folder


@pytest.fixture(scope="module")
def index(wheels: Path) -> Iterator[LoopbackIndex]:
    with served_index(wheels) as found:
        yield found


@pytest.fixture
def bench(tmp_path: Path, index: LoopbackIndex, monkeypatch: pytest.MonkeyPatch) -> Bench:
    own_uv(tmp_path / "uv", monkeypatch)
    index.fetched.clear()
    return Bench(tmp_path, Network(python_index=index.address))


@pytest.fixture
def env(tmp_path: Path) -> Environment:
    return make_venv(tmp_path / "class env é")


def install_beside(bench: Bench, env: Environment, name: str) -> None:
    """As a user would in a terminal."""
    uv = Uv(bench.packages._folder / "work", bench.network)
    uv.run(["pip", "install", "--python", str(env.interpreter), name], NoWork(), "Not installed.")


def write_policy(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "fourpane-policy.toml"
    path.write_text(text, "utf-8")
    return path


def test_plan_tells_everything_that_would_come_and_changes_nothing(
    bench: Bench, env: Environment, index: LoopbackIndex
) -> None:
    plan = bench.plan(env, Act.INSTALL, "charts")
    assert [(one.name, one.before, one.after, one.is_asked) for one in plan.changes] == [
        ("charts", "", "2.0", True),
        ("axes", "", "0.5", False),
        ("colours", "", "2.0", False),
    ]
    assert bench.versions(env) == {}
    assert [name for name in index.fetched if name.endswith(".whl")] == []


def test_installs_what_was_planned_and_knows_who_asked(bench: Bench, env: Environment) -> None:
    bench.install(env, "charts<2")
    installed = bench.look(env)
    assert bench.versions(env) == {"axes": "0.5", "charts": "1.0", "colours": "2.0"}
    assert [one.name for one in installed.packages if one.is_direct] == ["charts"]
    charts = installed.get("charts")
    assert charts is not None
    assert (charts.licence, charts.is_spdx, charts.needs, charts.modules) == (
        "MIT", True, ("colours", "axes"), ("charts",),
    )  # fmt: skip
    assert charts.size_bytes is not None


def test_undo_takes_an_install_back_to_the_last_file(bench: Bench, env: Environment) -> None:
    assert env.interpreter is not None
    prefix = env.interpreter.parent.parent
    bench.install(env, "colours<2")
    before = tree(prefix)
    changed = bench.change(env, bench.plan(env, Act.UPDATE, "colours"))
    assert bench.versions(env) == {"colours": "2.0"}
    assert changed.modules == ("colours",)
    assert bench.look(env).undoable == "Update colours"
    bench.undo(env)
    assert bench.versions(env) == {"colours": "1.0"}
    assert tree(prefix) == before
    assert bench.look(env).undoable == ""


def test_removal_tells_who_still_needs_it_and_what_nothing_needs_then(bench: Bench, env: Environment) -> None:
    bench.install(env, "charts")
    plan = bench.plan(env, Act.REMOVE, "axes")
    assert plan.warnings == ("charts needs axes and may stop working.",)
    plan = bench.plan(env, Act.REMOVE, "charts")
    assert set(plan.unneeded) == {"axes", "colours"}
    plan = bench.plan(env, Act.REMOVE, "charts", with_unneeded=True)
    bench.change(env, plan)
    assert bench.versions(env) == {}
    bench.undo(env)
    assert bench.versions(env) == {"axes": "0.5", "charts": "2.0", "colours": "2.0"}


def test_conflict_names_the_two_that_disagree(bench: Bench, env: Environment) -> None:
    with pytest.raises(FourpaneError) as told:
        bench.plan(env, Act.INSTALL, "old-maps", "charts>=2")
    assert "old-maps" in told.value.meaning
    assert "charts" in told.value.meaning
    assert "cannot be together" in told.value.meaning


def test_plan_warns_of_installed_packages_that_would_no_longer_fit(bench: Bench, env: Environment) -> None:
    bench.install(env, "old-maps")
    plan = bench.plan(env, Act.INSTALL, "colours>=2")
    assert plan.warnings == ("old-maps 1.0 needs colours<2, and gets 2.0.",)


def test_unknown_name_is_said(bench: Bench, env: Environment) -> None:
    with pytest.raises(FourpaneError, match="cannot be installed") as told:
        bench.plan(env, Act.INSTALL, "no-such-thing")
    assert "no-such-thing" in told.value.meaning


@pytest.mark.parametrize("text", ["--index-url http://evil", "-r file", "x @ https://evil.example/x.whl", ""])
def test_what_is_no_name_never_reaches_uv(bench: Bench, env: Environment, text: str) -> None:
    with pytest.raises(FourpaneError, match=r"is no name|is an address"):
        bench.plan(env, Act.INSTALL, text)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), FourpaneError("uv was killed.")])
def test_half_made_change_is_put_back(
    bench: Bench, env: Environment, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """As after a full disk: the new version lies there half, the old one is gone, further files are left."""
    assert env.interpreter is not None
    prefix = env.interpreter.parent.parent
    bench.install(env, "charts<2", "colours<2")
    before = tree(prefix)
    plan = bench.plan(env, Act.INSTALL, "charts>=2")
    site = next(prefix.glob("lib/python3*/site-packages"))

    def half(*_arguments: object) -> None:
        (site / "charts" / "__init__.py").unlink()
        (site / "charts-1.0.dist-info" / "RECORD").unlink()
        (site / "charts" / "new_part.py").write_text("half")
        (site / "charts-2.0.dist-info").mkdir()
        (site / "stray").mkdir()
        raise error

    monkeypatch.setattr(PythonPackages, "apply", half)
    with pytest.raises(type(error)):
        bench.change(env, plan)
    after = tree(prefix)
    after.pop("lib/" + site.parent.name + "/site-packages/charts/new_part.py", None)
    assert after == before
    assert not (site / "stray").exists()
    assert bench.versions(env) == {"axes": "0.5", "charts": "1.0", "colours": "1.0"}


def test_change_that_was_killed_is_offered_to_be_taken_back(
    bench: Bench, env: Environment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bench.install(env, "colours<2")
    assert env.interpreter is not None
    before = tree(env.interpreter.parent.parent)
    plan = bench.plan(env, Act.UPDATE, "colours")

    class Killed(BaseException):
        pass

    def killed(*_arguments: object) -> None:
        subprocess.run(
            [str(env.interpreter), "-c", "import colours, pathlib; pathlib.Path(colours.__file__).unlink()"], check=True
        )
        raise Killed

    monkeypatch.setattr(PythonPackages, "apply", killed)
    with pytest.raises(Killed):
        bench.change(env, plan)
    later = Bench(tmp_path, bench.network)
    assert later.look(env).interrupted == "Update colours"
    later.undo(env)
    assert tree(env.interpreter.parent.parent) == before
    assert later.look(env).interrupted == ""


def test_killed_change_leaves_what_others_installed_since(
    bench: Bench, env: Environment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bench.install(env, "colours<2")
    plan = bench.plan(env, Act.UPDATE, "colours")

    class Killed(BaseException):
        pass

    def killed(*_arguments: object) -> None:
        raise Killed

    monkeypatch.setattr(PythonPackages, "apply", killed)
    with pytest.raises(Killed):
        bench.change(env, plan)
    install_beside(bench, env, "axes")
    later = Bench(tmp_path, bench.network)
    later.undo(env)
    assert later.versions(env) == {"axes": "0.5", "colours": "1.0"}


def test_newer_versions_are_asked_for(bench: Bench, env: Environment) -> None:
    bench.install(env, "colours<2", "axes")
    assert bench.ask(bench.packages.ask_newest, env) == {"colours": "2.0"}
    assert bench.packages.newest(env) == {"colours": "2.0"}


def test_names_of_the_index_are_listed(bench: Bench, env: Environment) -> None:
    bench.look(env)
    assert bench.ask(bench.packages.ask_names, env) == ("axes", "charts", "colours", "copyleft", "old-maps", "wrapper")


def test_list_follows_what_another_program_installs(bench: Bench, env: Environment) -> None:
    bench.look(env)
    install_beside(bench, env, "axes")
    told: list[str] = []
    bench.packages.changed.connect(told.append)
    bench.packages.look_if_changed(env)
    bench.ui.pump_until(lambda: told)
    known = bench.packages.known(env)
    assert known is not None
    assert [one.name for one in known.packages] == ["axes"]


def test_wheel_folder_alone_serves_too(bench: Bench, env: Environment, wheels: Path) -> None:
    bench.network = Network(wheel_folder=wheels)
    bench.policies = PolicyPlaces(site_file=write_policy(wheels.parent / "site", '[licences]\ndenied = ["GPL-*"]\n'))
    plan = bench.plan(env, Act.INSTALL, "wrapper")
    assert [one.name for one in plan.verdicts if not one.is_allowed] == ["copyleft"]


# --- policy ----------------------------------------------------------------------------------------------------------


def test_denied_licence_of_a_dependency_stops_before_anything_is_fetched(
    bench: Bench, env: Environment, index: LoopbackIndex, tmp_path: Path
) -> None:
    bench.policies = PolicyPlaces(site_file=write_policy(tmp_path / "site", '[licences]\ndenied = ["GPL-*"]\n'))
    plan = bench.plan(env, Act.INSTALL, "wrapper")
    assert not plan.is_allowed
    with pytest.raises(FourpaneError, match="does not allow copyleft") as told:
        bench.change(env, plan)
    assert "licence GPL-3.0-only" in told.value.meaning
    assert [name for name in index.fetched if name.endswith(".whl")] == []
    assert bench.versions(env) == {}


def test_project_cannot_loosen_the_administrator(bench: Bench, env: Environment, tmp_path: Path) -> None:
    site = write_policy(tmp_path / "site", '[packages]\ndenied = ["axes"]\n')
    write_policy(tmp_path / "project", '[packages]\nallowed = ["axes"]\n')
    bench.policies = PolicyPlaces(site_file=site, project=tmp_path / "project")
    plan = bench.plan(env, Act.INSTALL, "axes")
    assert plan.verdicts[0].standing is Standing.DENIED
    assert plan.verdicts[0].reasons == ("The administrator’s policy denies axes.",)


def test_policy_with_an_error_denies_and_says_where(
    bench: Bench, env: Environment, tmp_path: Path, index: LoopbackIndex
) -> None:
    site = write_policy(tmp_path / "site", '[packages]\ndenied = ["axes"\n')
    bench.policies = PolicyPlaces(site_file=site)
    index.asked.clear()
    with pytest.raises(FourpaneError, match="Nothing can be installed") as told:
        bench.plan(env, Act.INSTALL, "axes")
    assert str(site) in told.value.meaning
    assert "line 3" in told.value.meaning
    assert index.asked == []


def test_policy_from_an_address_holds_offline_too(
    bench: Bench, env: Environment, tmp_path: Path, index: LoopbackIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "_FRESH_S", 0.0)
    index.policy = b'[packages]\ndenied = ["axes"]\n'
    bench.policies = PolicyPlaces(address=f"{index.root}/policy.toml", cache_folder=tmp_path / "cache")
    assert not bench.plan(env, Act.INSTALL, "axes").is_allowed
    assert bench.packages.policies[0].sha256
    index.policy = None  # The address answers "not found" now
    assert not bench.plan(env, Act.INSTALL, "axes").is_allowed
    bench.policies = PolicyPlaces(address=f"{index.root}/other.toml", cache_folder=tmp_path / "cache")
    with pytest.raises(FourpaneError, match="Nothing can be installed"):
        bench.plan(env, Act.INSTALL, "axes")


def test_required_hashes_are_used(bench: Bench, env: Environment, tmp_path: Path) -> None:
    bench.policies = PolicyPlaces(site_file=write_policy(tmp_path / "site", "[hashes]\nrequired = true\n"))
    bench.install(env, "charts")
    assert bench.versions(env) == {"axes": "0.5", "charts": "2.0", "colours": "2.0"}


def test_installed_packages_are_judged_too(bench: Bench, env: Environment, tmp_path: Path) -> None:
    bench.install(env, "wrapper")
    bench.policies = PolicyPlaces(site_file=write_policy(tmp_path / "site", '[licences]\nallowed = ["MIT"]\n'))
    installed = bench.look(env)
    assert {one.name: one.standing for one in installed.verdicts} == {
        "copyleft": Standing.NEEDS_APPROVAL,
        "wrapper": Standing.ALLOWED,
    }


def test_whole_environments_are_judged_and_read_again_only_where_something_changed(
    bench: Bench, env: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_venv(tmp_path / "other")
    broken = replace(other, id="broken", health=Health.BROKEN)
    everything = (env, other, broken)
    bench.install(env, "wrapper")
    bench.install(other, "axes")
    read: list[str] = []
    look = Packages._look

    def noted(service: Packages, one: Environment, *more: Any) -> Installed:
        read.append(one.name)
        return look(service, one, *more)

    monkeypatch.setattr(Packages, "_look", noted)

    def judge() -> tuple[list[str | None], int]:
        told: list[int] = []
        bench.packages.judge(everything, lambda: told.append(1))
        bench.ui.pump()
        found = [bench.packages.verdict(one) for one in everything]
        return [f"{one.standing.name} {one.about}".strip() if one else None for one in found], len(told)

    assert judge() == ([None, None, None], 0)  # there is no policy
    site = write_policy(tmp_path / "site", '[licences]\ndenied = ["GPL-*"]\n')
    bench.policies = PolicyPlaces(site_file=site)
    reason = "The administrator’s policy denies the licence GPL-3.0-only of copyleft."
    assert judge() == ([f"DENIED {reason}", "ALLOWED", None], 2)
    read.clear()
    assert judge() == ([f"DENIED {reason}", "ALLOWED", None], 0)
    assert read == []
    install_beside(bench, other, "copyleft")
    read.clear()
    assert judge() == ([f"DENIED {reason}", f"DENIED {reason}", None], 1)
    assert read == ["other"]
    write_policy(tmp_path / "site", '[packages]\nallowed = ["axes"]\nothers = "approval"\n')
    assert judge()[0] == [
        "NEEDS_APPROVAL The administrator’s policy does not list copyleft. 1 more package is to be approved.",
        "NEEDS_APPROVAL The administrator’s policy does not list copyleft.",
        None,
    ]
    write_policy(tmp_path / "site", "nonsense [")
    assert [one and one.partition(" ")[0] for one in judge()[0]] == ["DENIED", "DENIED", None]
    site.unlink()
    assert judge()[0] == [None, None, None]


def test_severity_is_checked_against_a_database(
    bench: Bench, env: Environment, tmp_path: Path, index: LoopbackIndex
) -> None:
    index.advisories["axes"] = [
        {"id": "X-1", "summary": "Reads beyond its end", "database_specific": {"severity": "CRITICAL"}}
    ]
    bench.install(env, "axes")
    site = write_policy(tmp_path / "site", '[vulnerabilities]\nhighest = "medium"\nunknown = "approval"\n')
    bench.policies = PolicyPlaces(site_file=site)
    assert bench.look(env).verdicts[0].standing is Standing.NEEDS_APPROVAL  # nobody could check
    bench.database = index.root
    bench.ask(bench.packages.ask_newest, env)
    assert bench.look(env).verdicts[0].standing is Standing.DENIED
    advisories = bench.packages.advisories(env)
    assert advisories is not None
    assert [(one.id, one.summary) for one in advisories.of("axes")] == [("X-1", "Reads beyond its end")]


def test_snapshot_folder_goes_with_the_undo(bench: Bench, env: Environment) -> None:
    bench.install(env, "axes")
    folder = bench.packages._snapshot_folder(env)
    assert snapshot.read(folder) is not None
    bench.undo(env)
    assert snapshot.read(folder) is None
    with pytest.raises(FourpaneError, match="no change to take back"):
        bench.undo(env)


def test_only_allowed_sources_may_be_used(bench: Bench, env: Environment, tmp_path: Path, index: LoopbackIndex) -> None:
    policy = '[indexes]\nallowed = ["https://mirror.example/simple"]\n'
    bench.policies = PolicyPlaces(site_file=write_policy(tmp_path / "site", policy))
    plan = bench.plan(env, Act.INSTALL, "axes")
    assert plan.verdicts[0].reasons == (f"The administrator’s policy does not allow the source {index.address}.",)
    write_policy(tmp_path / "site", f'[indexes]\nallowed = ["{index.address}"]\n')
    assert bench.plan(env, Act.INSTALL, "axes").is_allowed
