"""Changes of a conda prefix with real py-rattler, from a channel in a folder that the test makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from ide.core.environment import Environment
from ide.core.errors import FourpaneError
from ide.core.packages import Act
from ide.environments.making.conda import Conda
from ide.environments.network import Network
from ide.environments.packages.policies import PolicyPlaces
from ide.environments.uv import NoWork, Uv
from tests.fakes.package_index import served_index
from tests.unit.environments.channels import make_index, make_package
from tests.unit.environments.packages.kit import Bench, tree


@pytest.fixture(scope="module")
def channel(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("channel")
    make_package(folder, "python", "3.11.0", files={"bin/python3": "#!/bin/sh\n", "bin/python": "#!/bin/sh\n"})
    make_package(folder, "colours", "1.0")
    make_package(folder, "colours", "2.0")
    make_package(folder, "charts", "1.0", ["colours >=1"])
    make_package(folder, "maps", "1.0", ["colours >=2"])
    make_package(folder, "old", "1.0", ["colours <2"])
    return make_index(folder)


@pytest.fixture
def bench(tmp_path: Path, channel: str) -> Bench:
    return Bench(tmp_path, Network(conda_channel=channel))


@pytest.fixture
def env(tmp_path: Path, channel: str) -> Environment:
    prefix = tmp_path / "conda env"
    conda = Conda(tmp_path / "packages", Uv(tmp_path / "uv", Network(conda_channel=channel)))
    conda.install(prefix, ["python", "colours ==1.0"], [channel], NoWork(), "No prefix.")
    program = prefix / "bin" / "python3"
    return Environment(str(program), "conda env", "python", "conda", program, version="3.11.0")


def test_installs_updates_removes_and_takes_back(bench: Bench, env: Environment) -> None:
    assert env.interpreter is not None
    prefix = env.interpreter.parent.parent
    before = tree(prefix)
    plan = bench.plan(env, Act.INSTALL, "charts")
    assert [(one.name, one.before, one.after) for one in plan.changes] == [("charts", "", "1.0")]  # nothing else moves
    bench.change(env, plan)
    assert bench.versions(env) == {"charts": "1.0", "colours": "1.0", "python": "3.11.0"}
    charts = bench.look(env).get("charts")
    assert charts is not None
    assert (charts.licence, charts.installer, charts.needs) == ("MIT", "conda", ("colours",))

    plan = bench.plan(env, Act.INSTALL, "maps")  # what is there has to give way
    assert [(one.name, one.before, one.after) for one in plan.changes] == [
        ("maps", "", "1.0"),
        ("colours", "1.0", "2.0"),
    ]
    bench.change(env, plan)
    assert bench.versions(env)["colours"] == "2.0"
    bench.undo(env)
    assert bench.versions(env) == {"charts": "1.0", "colours": "1.0", "python": "3.11.0"}

    bench.change(env, bench.plan(env, Act.REMOVE, "charts"))
    own = [name.removeprefix("share/") for name in before if name.startswith("share/")]
    assert sorted(tree(prefix / "share")) == own
    bench.undo(env)
    assert "charts" in bench.versions(env)


def test_names_in_the_channel_are_listed_and_a_channel_that_is_away_is_said(bench: Bench, env: Environment) -> None:
    assert bench.ask(bench.packages.ask_names, env) == ("charts", "colours", "maps", "old", "python")
    bench.network = Network(conda_channel="http://127.0.0.1:9/channel")
    with pytest.raises(FourpaneError, match="could not be asked") as told:
        bench.ask(bench.packages.ask_names, env)
    assert "does not answer" in told.value.meaning


def test_weaknesses_are_told_of_what_the_database_knows_alone(bench: Bench, env: Environment, tmp_path: Path) -> None:
    """Of a library that is no Python package nothing is claimed."""
    with served_index(tmp_path) as index:
        bench.database = index.root
        bench.ask(bench.packages.ask_newest, env)
        assert index.ecosystems == set(), "nothing here is a package of Python"
    advisories = bench.packages.advisories(env)
    assert advisories is not None
    assert advisories.severity("colours") is None


def test_conflict_and_policy_stop_it(bench: Bench, env: Environment, tmp_path: Path) -> None:
    with pytest.raises(FourpaneError, match="cannot be installed") as told:
        bench.plan(env, Act.INSTALL, "maps", "old")
    assert "do not fit together" in told.value.meaning
    policy = tmp_path / "fourpane-policy.toml"
    policy.write_text('[licences]\ndenied = ["MIT"]\n')
    bench.policies = PolicyPlaces(site_file=policy)
    plan = bench.plan(env, Act.INSTALL, "charts")
    with pytest.raises(FourpaneError, match="does not allow charts"):
        bench.change(env, plan)
    assert "charts" not in bench.versions(env)
