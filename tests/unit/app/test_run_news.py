"""What is told on the desktop of code that runs and ends, with a clock and a desktop made for the test."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ide.app.run_news import STALE_S, RunNews
from ide.core.outputs import Failure, Stream
from ide.core.runs import CodeSource, Run, RunStatus
from ide.kernels.active import ActiveSession
from ide.kernels.progress import RunProgress
from ide.settings import declared
from ide.settings.settings import Settings
from tests.fakes.desktop import FakeBar, FakeNotifier
from tests.fakes.kernels import FakeKernels
from tests.fakes.session import FakeSession

SOURCE = CodeSource("key", Path("/project/fit.py"), 3, "Fit")


class Desk:
    """One session, a desktop, and the time."""

    def __init__(self, folder: Path) -> None:
        self.now_s = 1_000_000.0
        self.is_away = True
        self.bar, self.notifier = FakeBar(), FakeNotifier()
        self.settings = Settings(folder / "settings.toml")
        kernels: Any = FakeKernels()
        self.kernels = kernels
        self.session: FakeSession = kernels.add(FakeSession(name="lab"))
        self.active = ActiveSession()
        self.progress = RunProgress(kernels)
        self.news = RunNews(
            kernels,
            self.active,
            self.progress,
            self.settings,
            self.bar,
            self.notifier,
            lambda: self.is_away,
            lambda seconds: f"{seconds:.0f} s",
            lambda: self.now_s,
        )

    def execute(self, *sources: CodeSource | None) -> list[Run]:
        """Ask for runs, which are queued."""
        runs = [self.session.execute("x", source=source) for source in sources]
        for run in runs:
            self.session.run_changed.emit(run)
        return runs

    def end(self, run: Run, took_s: float, status: RunStatus = RunStatus.OK, error: Failure | None = None) -> None:
        """It ran so long."""
        run = replace(run, started_s=self.now_s, error=error)
        self.now_s += took_s
        self.session.run_changed.emit(run.ended(status, self.now_s))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_long_run_is_told_with_its_name_and_time(desk: Desk) -> None:
    (run,) = desk.execute(SOURCE)
    desk.end(run, 12)
    assert desk.notifier.shown == [("fit.py is done", "After 12 s, in lab.", False)]


def test_run_of_the_limit_or_less_is_not_told(desk: Desk) -> None:
    for took_s in (0.1, 10):
        (run,) = desk.execute(SOURCE)
        desk.end(run, took_s)
    assert desk.notifier.shown == []
    desk.settings.set(declared.WINDOW_NOTICE_AFTER_S, 5)
    (run,) = desk.execute(None)
    desk.end(run, 6)
    assert desk.notifier.shown == [("The code in the console is done", "After 6 s, in lab.", False)]


def test_nothing_is_told_to_who_looks_or_does_not_want_it(desk: Desk) -> None:
    desk.is_away = False
    (run,) = desk.execute(SOURCE)
    desk.end(run, 100)
    desk.is_away = True
    desk.settings.set(declared.WINDOW_NOTICE_WHEN_DONE, False)
    (run,) = desk.execute(SOURCE)
    desk.end(run, 100)
    assert desk.notifier.shown == []


def test_cells_of_a_file_are_told_once_together(desk: Desk) -> None:
    for run in desk.execute(SOURCE, SOURCE, SOURCE):
        assert desk.notifier.shown == []
        desk.end(run, 6)
    assert desk.notifier.shown == [("fit.py is done", "3 cells in 18 s, in lab.", False)]


def test_error_is_told_in_its_own_words(desk: Desk) -> None:
    first, second, third = desk.execute(SOURCE, SOURCE, SOURCE)
    desk.end(first, 8)
    desk.end(second, 8, RunStatus.ERROR, Failure("ValueError", "bad\n  value " + "x" * 500))
    desk.end(third, 0, RunStatus.INTERRUPTED, Failure("Aborted", "Not run"))
    ((title, text, is_error),) = desk.notifier.shown
    assert title == "fit.py was stopped by an error"
    assert text.startswith("Cell 2 of 3, after 16 s, in lab: ValueError: bad value xxx")
    assert len(text) < 300
    assert is_error


def test_kernel_that_died_is_told(desk: Desk) -> None:
    (run,) = desk.execute(None)
    desk.end(run, 20, RunStatus.DIED)
    text = "After 20 s: lab is gone, and its variables with it."
    assert desk.notifier.shown == [("The code in the console has ended early", text, True)]


def test_who_stopped_it_knows(desk: Desk) -> None:
    (run,) = desk.execute(SOURCE)
    desk.end(run, 20, RunStatus.INTERRUPTED, Failure("KeyboardInterrupt", ""))
    assert desk.notifier.shown == []


def test_end_that_is_only_read_again_is_no_news(desk: Desk) -> None:
    (run,) = desk.execute(SOURCE)
    ended = replace(run, started_s=desk.now_s).ended(RunStatus.OK, desk.now_s + 100)
    desk.now_s += 100 + STALE_S + 1
    desk.session.run_changed.emit(ended)
    assert desk.notifier.shown == []


def test_bar_shows_the_session_in_use_first(desk: Desk) -> None:
    other: Any = desk.kernels.add(FakeSession())
    (run,) = desk.execute(SOURCE)
    desk.session.output_arrived.emit(run, (Stream("stderr", "\r 10%|"),))
    assert desk.bar.share == 0.1
    run = other.execute("y")
    other.run_changed.emit(run)
    other.output_arrived.emit(run, (Stream("stderr", "\r 70%|"),))
    assert desk.bar.share == 0.1
    desk.active.choose(other)
    assert desk.bar.share == 0.7
    desk.kernels.remove(other)
    desk.active.choose(None)
    assert desk.bar.share == 0.1
    desk.end(desk.session.runs[0], 1)
    assert desk.bar.share is None


def test_closed_news_tell_nothing(desk: Desk) -> None:
    desk.news.close()
    (run,) = desk.execute(SOURCE)
    desk.session.output_arrived.emit(run, (Stream("stderr", "\r 10%|"),))
    desk.end(run, 100)
    assert desk.notifier.shown == []
    assert desk.bar.share is None
