"""The stall meter and what is said to screen readers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from ide.core.ports import Cancel
from ide.qt import screenshot
from ide.qt.accessible import LONGEST, PAUSE_S, Announcer, announce
from ide.qt.stall import StallMeter
from tests.fakes.window_parts import Parts


@pytest.fixture
def meter(qapp: object) -> Iterator[StallMeter]:
    made = StallMeter()
    yield made
    made.close()
    made.deleteLater()


def _turn(seconds: float) -> None:
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        QCoreApplication.processEvents()


def hold_the_ui_thread(seconds: float) -> None:
    time.sleep(seconds)


def test_stall_is_measured_and_its_place_is_named(meter: StallMeter) -> None:
    meter.start(with_places=True)
    _turn(0.05)
    hold_the_ui_thread(0.3)
    _turn(0.05)
    assert 250 < meter.max_ms() < 5_000
    assert "hold_the_ui_thread" in meter.place
    meter.reset()
    assert meter.max_ms() < 250


def test_stall_that_lasts_is_seen_while_it_lasts(meter: StallMeter) -> None:
    meter.start()
    _turn(0.02)
    time.sleep(0.2)
    assert meter.max_ms() > 150


def test_meter_closed_has_no_timer_and_no_thread_and_keeps_its_figure(meter: StallMeter) -> None:
    meter.start(with_places=True)
    time.sleep(0.1)
    _turn(0.02)
    meter.close()
    figure = meter.max_ms()
    time.sleep(0.1)
    assert meter.max_ms() == figure > 50


class Desk:
    """A clock worked by hand and a mouth that notes."""

    def __init__(self) -> None:
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.said: list[str] = []

    def after(self, seconds: float, callback: Callable[[], None]) -> Cancel:
        entry = (seconds, callback)
        self.timers.append(entry)
        return lambda: self.timers.remove(entry)

    def say(self, _widget: QWidget, text: str) -> None:
        self.said.append(text)


def test_announcer_says_pieces_together_after_a_pause(qtbot: QtBot) -> None:
    desk, label = Desk(), QLabel()
    qtbot.addWidget(label)
    announcer = Announcer(label, desk.after, desk.say)
    announcer.add("a\n")
    announcer.add("b")
    assert [seconds for seconds, _callback in desk.timers] == [PAUSE_S]
    desk.timers.pop()[1]()
    assert desk.said == ["a\nb"]


def test_announcer_says_only_the_end_of_a_flood(qtbot: QtBot) -> None:
    desk, label = Desk(), QLabel()
    qtbot.addWidget(label)
    announcer = Announcer(label, desk.after, desk.say)
    for number in range(10_000):
        announcer.add(f"line {number}\n")
    desk.timers.pop()[1]()
    (said,) = desk.said
    assert said.startswith("98890 characters of output, the end is:")
    assert said.endswith("line 9999")
    assert len(said) < LONGEST + 100


def test_announcer_closed_says_nothing(qtbot: QtBot) -> None:
    desk, label = Desk(), QLabel()
    qtbot.addWidget(label)
    announcer = Announcer(label, desk.after, desk.say)
    announcer.add("a")
    announcer.close()
    assert desk.timers == []


def test_announce_without_a_screen_reader_costs_nothing_and_does_not_fail(qtbot: QtBot) -> None:
    label = QLabel()
    qtbot.addWidget(label)
    announce(label, "text", is_urgent=True)
    announce(label, "")


def test_screenshot_is_written_with_its_folder(parts: Parts, qtbot: QtBot) -> None:
    label = QLabel("text")
    qtbot.addWidget(label)
    path = screenshot.save(label, parts.folder / "new" / "now.png")
    assert QImage(str(path)).size() == label.size() * label.devicePixelRatioF()
    (parts.folder / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        screenshot.save(label, parts.folder / "file" / "now.png")
