"""The environment that clusters are reached from: made once, whole or not at all."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from ide.core.errors import PackageError
from ide.environments.making import cluster_side
from ide.environments.making.cluster_side import SideEnvironment, lock_file, locked_versions
from ide.environments.uv import NoWork, Uv


class Heard(NoWork):
    """Keeps the steps."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    def report(self, step: str, done: int = 0, total: int = 0) -> None:
        self.steps.append(step)


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SideEnvironment:
    """With a lock that names nothing: uv makes it without an index."""
    lock = tmp_path / "requirements.txt"
    lock.write_text("", "utf-8")
    monkeypatch.setattr(cluster_side, "lock_file", lambda: lock)
    return SideEnvironment(tmp_path / "side", Uv(tmp_path / "uv"))


def test_lock_that_travels_is_hashed_and_names_what_clusters_need() -> None:
    versions = locked_versions()

    assert {"dask", "distributed", "dask-gateway"} <= set(versions)
    assert "dask-gateway-server" not in versions
    assert versions["dask"] == versions["distributed"]
    assert lock_file().read_text("utf-8").count("--hash=sha256:") >= len(versions)


def test_environment_is_made_once_and_runs_where_it_was_moved_to(environment: SideEnvironment) -> None:
    heard, again = Heard(), Heard()

    python = environment.ensure(heard)
    assert environment.ensure(again) == python

    assert heard.steps
    assert again.steps == []
    said = subprocess.run(
        [python, "-c", "import json, sys; print(json.dumps(sys.prefix))"], capture_output=True, check=True
    ).stdout
    assert Path(json.loads(said)).resolve() == python.parent.parent.resolve()
    assert [one.name for one in environment.folder.iterdir()] == [python.parent.parent.name]


def test_environment_that_was_left_half_made_is_made_anew(environment: SideEnvironment) -> None:
    environment.python.parent.mkdir(parents=True)
    assert not environment.is_ready

    environment.ensure(NoWork())

    assert environment.is_ready


def test_failure_leaves_nothing_and_says_what_could_not_be_done(environment: SideEnvironment) -> None:
    cluster_side.lock_file().write_text("no-such-thing==1\n", "utf-8")  # without a hash

    with pytest.raises(PackageError, match="What reaches clusters could not be set up"):
        environment.ensure(NoWork())

    assert list(environment.folder.iterdir()) == []
