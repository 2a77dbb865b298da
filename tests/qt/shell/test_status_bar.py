"""Kernel states and times in the status bar."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from ide.shell.status_bar import StatusBar, elapsed
from tests.fakes.window_parts import Parts


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bar(parts: Parts, clock: Clock) -> Iterator[StatusBar]:
    made = StatusBar(parts.commands, parts.actions, parts.theme, parts.icons, clock=clock)
    made.show()
    yield made
    made.close_work()
    made.close()
    made.deleteLater()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0.0 s"),
        (0.42, "0.4 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (60, "1 min 00 s"),
        (185, "3 min 05 s"),
        (7800, "2 h 10 min"),
    ],
)
def test_elapsed_is_short_and_has_units(seconds: float, text: str) -> None:
    assert elapsed(seconds) == text


def test_running_kernel_counts_and_stops_counting(bar: StatusBar, clock: Clock) -> None:
    bar.set_kernel("busy", since_s=998.0)
    assert bar.item("kernel").text() == "running 2.0 s"
    clock.now_s = 1013.0
    bar._tick.timeout.emit()
    assert bar.item("kernel").text() == "running 15 s"
    bar.set_kernel("idle", took_s=15.2)
    assert bar.item("kernel").text() == "idle, last 15 s"
    assert not bar._tick.isActive()


def test_dead_kernel_is_told_with_its_cause(bar: StatusBar) -> None:
    bar.set_kernel("dead", "The kernel ended with exit code 3")
    assert bar.item("kernel").text() == "ended"
    assert "exit code 3" in bar.item("kernel").toolTip()


def test_no_session_takes_the_kernel_away(bar: StatusBar) -> None:
    bar.set_kernel("busy", since_s=998.0)
    bar.set_kernel("")
    assert bar.item("kernel").isHidden()
    assert not bar._tick.isActive()


def test_idle_bar_runs_no_timer(bar: StatusBar, qtbot: QtBot) -> None:
    bar.set_kernel("idle")
    bar.set_memory("1.2 of 24 GB")
    bar.set_cursor(-1, 0)
    assert not bar._tick.isActive()
    assert bar.item("cursor").isHidden()


def test_progress_is_told_beside_the_time(bar: StatusBar) -> None:
    bar.set_kernel("busy", since_s=998.0, done="3 of 12, 40 %", share=0.2)
    assert bar.item("kernel").text() == "running 2.0 s, 3 of 12, 40 %"
    filled = bar.item("kernel").grab().toImage()
    bar.set_kernel("busy", since_s=998.0, done="3 of 12, 40 %", share=None)
    assert bar.item("kernel").grab().toImage() != filled
    bar.set_kernel("idle")
    assert bar.item("kernel").text() == "idle"
