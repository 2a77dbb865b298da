"""From a checked project to a run, the same run again, and a changed input that is noticed and named."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ide.core.deploy import JobState, Resources, TargetSpec
from ide.core.errors import DeployError
from ide.deploy.deployments import Deployments
from ide.deploy.dirty import Dirty, dirty_of
from ide.deploy.history import History
from ide.deploy.preflight import Preflight
from ide.deploy.preparing import prepare, run_again
from ide.deploy.record import RunRecord, changed_inputs, compare, verify
from tests.fakes.target import FakeCluster, FakeTarget
from tests.fakes.ui_thread import FakeUiThread
from tests.unit.deploy.test_preflight import look, look_at

CODE = (
    "import os, pathlib\nrows = open('data/x.csv').read().split()\n"
    "pathlib.Path('outputs/sum.txt').write_text(str(sum(map(int, rows))) + os.environ['KEY'])\n"
)
TARGET = TargetSpec("t", "Here", "fake", price_per_worker_hour=1.0, currency="EUR")
SECRETS = {"KEY": "value-of-it"}


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[FakeCluster]:
    made = FakeCluster(tmp_path / "cluster")
    made.folder.mkdir()
    yield made
    made.end()


@pytest.fixture
def checked(tmp_path: Path) -> Preflight:
    look(tmp_path, {"main.py": CODE, "data/x.csv": "1\n2\n"})
    return replace(look_at(tmp_path), resources=Resources(workers=2, budget=3.0, options={"image": "x"}))


def run(history: History, cluster: FakeCluster, *prepared: object) -> RunRecord:
    ui = FakeUiThread()
    deployments = Deployments(history.folder, ui.post, lambda target: FakeTarget(cluster))
    finished: list[str] = []
    deployments.finished.connect(finished.append)
    deployments.submit(*prepared)  # type: ignore[arg-type]  # what `prepare` gave
    ui.pump_until(lambda: finished)
    deployments.close()
    assert deployments.wait_closed(20)
    record = deployments.jobs[finished[0]].record
    assert record.state is JobState.SUCCEEDED, record.reason
    return record


def test_same_run_again_gives_the_same_outputs_and_a_changed_input_is_named(
    tmp_path: Path, cluster: FakeCluster, checked: Preflight
) -> None:
    history = History(tmp_path / "jobs")
    record, request = prepare(history, checked, TARGET, SECRETS, title="Sum", user="me")
    first = run(history, cluster, record, request)
    assert [one.name for one in map(Path, first.files)] == ["x.csv", "main.py"]
    assert first.inputs[0].path == str(checked.snapshot.folder / "data/x.csv")

    changed = checked.snapshot.folder / "data/x.csv"
    changed.write_text("5\n", "utf-8")
    again = run(history, cluster, *run_again(history, first, SECRETS))

    assert again.again_of == first.id
    assert again.bundle_sha256 == first.bundle_sha256
    assert again.options == first.options
    assert verify(first, again) == ()
    assert compare(first, again) == ()
    assert changed_inputs(first) == (str(changed),)

    look(tmp_path, {"data/x.csv": "5\n", "main.py": CODE})
    now = replace(look_at(tmp_path), resources=checked.resources)
    other = run(history, cluster, *prepare(history, now, TARGET, SECRETS, title="Sum", user="me"))
    assert [(one.part, one.name) for one in compare(first, other)] == [
        ("data", "data/x.csv"), ("outputs", "outputs/sum.txt"),
    ]  # fmt: skip


def test_bundle_that_is_gone_or_changed_is_not_run_again(tmp_path: Path, checked: Preflight) -> None:
    history = History(tmp_path / "jobs")
    record, request = prepare(history, checked, TARGET, SECRETS, title="Sum", user="me")

    with pytest.raises(DeployError, match="KEY"):
        run_again(history, record, {})
    Path(request.bundle).write_bytes(b"other")
    with pytest.raises(DeployError, match="not what was sent"):
        run_again(history, record, SECRETS)
    assert len(list((tmp_path / "jobs").iterdir())) == 1


def test_project_that_can_not_be_bundled_leaves_nothing(tmp_path: Path, checked: Preflight) -> None:
    (checked.snapshot.folder / "data/x.csv").unlink()

    with pytest.raises(DeployError):
        prepare(History(tmp_path / "jobs"), checked, TARGET, {}, title="Sum", user="me")

    assert list((tmp_path / "jobs").iterdir()) == []


def test_what_differs_from_the_commit_has_a_sum_and_runs_nothing_without_trust(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        settings = ["-c", "user.name=x", "-c", "user.email=x@x.example", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *settings, *words], cwd=tmp_path, check=True, capture_output=True)

    def dirty(is_trusted: bool = True) -> Dirty:
        return dirty_of(tmp_path, os.environ, is_trusted=is_trusted)

    assert dirty().unknown  # no commit to compare with
    git("init", "-q")
    (tmp_path / "a.py").write_text("1", "utf-8")
    (tmp_path / ".gitignore").write_text("canary\nran\n", "utf-8")
    git("add", ".")
    git("commit", "-q", "-m", "x")
    assert dirty() == Dirty()

    (tmp_path / "a.py").write_text("2", "utf-8")
    changed = dirty()
    (tmp_path / "new.py").write_text("3", "utf-8")
    both = dirty()
    assert changed.sha256
    assert both.sha256
    assert changed.sha256 != both.sha256
    assert dirty() == both

    canary = tmp_path / "canary"
    canary.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n", "utf-8")
    canary.chmod(0o755)
    git("config", "core.fsmonitor", str(canary))
    git("config", "diff.external", str(canary))
    assert dirty(is_trusted=False).unknown
    assert dirty() == both
    assert not (tmp_path / "ran").exists()
