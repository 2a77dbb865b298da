"""What is told of how far code is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ide.core.outputs import Stream
from ide.core.runs import Run, RunStatus
from ide.kernels.progress import Batch, Progress, RunProgress
from tests.fakes.kernels import FakeKernels
from tests.fakes.session import FakeSession


class Rig:
    """One session and what is told of it."""

    def __init__(self) -> None:
        kernels: Any = FakeKernels()
        self.session = kernels.add(FakeSession())
        self.progress = RunProgress(kernels)
        self.kernels = kernels
        self.told: list[Progress] = []
        self.batches: list[Batch] = []
        self.progress.changed.connect(lambda session: self.told.append(self.progress.of(session)))
        self.progress.ended.connect(lambda _session, batch: self.batches.append(batch))

    def execute(self, code: str = "x") -> Run:
        """Ask for a run, which is queued."""
        run: Run = self.session.execute(code)
        self.session.run_changed.emit(run)
        return run

    def become(self, run: Run, status: RunStatus, at_s: float = 0.0) -> None:
        """The kernel says what became of it."""
        started_s = run.started_s or (at_s if status is RunStatus.RUNNING else None)
        run = replace(run, started_s=started_s)
        self.session.run_changed.emit(run.begun(at_s) if status is RunStatus.RUNNING else run.ended(status, at_s))

    def print(self, run: Run, *texts: str) -> None:
        """It prints, in one batch."""
        self.session.output_arrived.emit(run, tuple(Stream("stderr", text) for text in texts))


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_bar_of_one_run(rig: Rig) -> None:
    run = rig.execute()
    assert rig.progress.of(rig.session).share is None
    rig.print(run, "\r 10%|", "\r 42%|")
    now = rig.progress.of(rig.session)
    assert (now.share, now.text) == (0.42, "42 %")
    rig.become(run, RunStatus.OK)
    assert rig.progress.of(rig.session) == Progress()


def test_runs_are_counted_with_the_bar_of_the_one_that_runs(rig: Rig) -> None:
    runs = [rig.execute() for _ in range(4)]
    assert rig.progress.of(rig.session).text == "1 of 4"
    rig.become(runs[0], RunStatus.OK)
    rig.print(runs[1], "\r 50%|")
    now = rig.progress.of(rig.session)
    assert (now.text, now.share) == ("2 of 4, 50 %", 0.375)
    rig.become(runs[1], RunStatus.OK)
    assert rig.progress.of(rig.session).text == "3 of 4"
    for run in runs[2:]:
        rig.become(run, RunStatus.OK)
    assert [len(batch.runs) for batch in rig.batches] == [4]


def test_only_whole_percents_are_told(rig: Rig) -> None:
    run = rig.execute()
    rig.told.clear()
    for number in range(100_001):
        rig.print(run, f"\r{number // 1000:3d}%| {number}/100000")
    assert len(rig.told) == 101


def test_silent_runs_and_late_output_are_nobodys_progress(rig: Rig) -> None:
    silent = rig.session.execute("y", silent=True)
    rig.session.run_changed.emit(silent)
    rig.print(silent, "\r 10%|")
    run = rig.execute()
    rig.become(run, RunStatus.OK)
    rig.print(replace(run, status=RunStatus.OK), "\r 20%|")
    assert rig.progress.of(rig.session) == Progress()
    assert len(rig.batches) == 1


def test_batch_takes_from_its_first_start_to_its_last_end(rig: Rig) -> None:
    first, second, third = (rig.execute(code) for code in "abc")
    rig.become(first, RunStatus.RUNNING, 100.0)
    rig.become(replace(first, started_s=100.0), RunStatus.OK, 105.0)
    rig.become(replace(second, started_s=105.0), RunStatus.ERROR, 112.0)
    rig.become(third, RunStatus.INTERRUPTED, 112.0)
    (batch,) = rig.batches
    assert (batch.took_s, batch.ended_s) == (12.0, 112.0)
    assert batch.failed is not None
    assert batch.failed.code == "b"


def test_news_of_a_run_after_its_end_are_no_other_batch(rig: Rig) -> None:
    run = rig.execute()
    rig.become(run, RunStatus.OK)
    rig.become(run, RunStatus.OK)
    assert len(rig.batches) == 1


def test_session_that_is_gone_has_no_progress(rig: Rig) -> None:
    run = rig.execute()
    rig.kernels.remove(rig.session)
    rig.print(run, "\r 10%|")
    assert rig.progress.of(rig.session) == Progress()
    assert rig.progress.of(None) == Progress()
