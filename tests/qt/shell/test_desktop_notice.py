"""Notices on the desktop: what every notifier does, and what the real one does with the tray and the window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget
from pytestqt.qtbot import QtBot

from ide.app.run_news import Notifier
from ide.shell.desktop_notice import DesktopNotices
from tests.fakes.desktop import FakeNotifier
from tests.fakes.window_parts import Parts


class Tray(QObject):
    """A tray icon that is nowhere."""

    messageClicked = Signal()
    activated = Signal(int)
    is_there = True
    all: list[Tray] = []  # noqa: RUF012 - emptied by the fixture

    def __init__(self, icon: QIcon, parent: QObject) -> None:
        super().__init__(parent)
        assert not icon.isNull()
        self.is_visible = False
        self.messages: list[tuple[str, str, QSystemTrayIcon.MessageIcon]] = []
        self.all.append(self)

    @classmethod
    def isSystemTrayAvailable(cls) -> bool:
        return cls.is_there

    @classmethod
    def supportsMessages(cls) -> bool:
        return cls.is_there

    def setToolTip(self, text: str) -> None:
        assert text

    def show(self) -> None:
        self.is_visible = True

    def hide(self) -> None:
        self.is_visible = False

    def showMessage(self, title: str, text: str, icon: QSystemTrayIcon.MessageIcon, _ms: int) -> None:
        assert self.is_visible
        self.messages.append((title, text, icon))


@pytest.fixture
def tray() -> Iterator[type[Tray]]:
    Tray.is_there = True
    Tray.all.clear()
    yield Tray
    Tray.all.clear()


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def notices(window: QWidget, parts: Parts, tray: type[Tray]) -> DesktopNotices:
    return DesktopNotices(window, parts.icons, tray)  # type: ignore[arg-type]  # the part of a tray icon that is used


@pytest.fixture(params=["fake", "tray", "no tray", "of this machine"])
def notifier(
    request: pytest.FixtureRequest, window: QWidget, parts: Parts, tray: type[Tray], notices: DesktopNotices
) -> Notifier:
    tray.is_there = request.param == "tray"
    if request.param == "fake":
        return FakeNotifier()
    return DesktopNotices(window, parts.icons) if request.param == "of this machine" else notices


def test_every_notifier_shows_what_it_is_told_and_returns(notifier: Notifier) -> None:
    for is_error in (False, True):
        notifier.show("fit.py is done", "After 12 s.", is_error=is_error)
    notifier.show("", "")


def test_notice_stands_in_the_tray_until_the_window_is_in_front(notices: DesktopNotices) -> None:
    notices.put_away()
    notices.show("fit.py is done", "After 12 s.")
    notices.show("fit.py was stopped", "By an error", is_error=True)
    (icon,) = Tray.all
    kind = QSystemTrayIcon.MessageIcon
    assert icon.messages == [
        ("fit.py is done", "After 12 s.", kind.Information),
        ("fit.py was stopped", "By an error", kind.Warning),
    ]
    notices.put_away()
    assert not icon.is_visible
    notices.close()
    notices.close()


def test_click_brings_the_window_to_the_front(notices: DesktopNotices, window: QWidget, qtbot: QtBot) -> None:
    notices.show("fit.py is done", "After 12 s.")
    window.showMinimized()
    with qtbot.waitSignal(notices.clicked):
        Tray.all[0].messageClicked.emit()
    assert not window.isMinimized()
    assert not Tray.all[0].is_visible
    notices.close()


def test_without_a_tray_the_window_asks_for_attention(
    notices: DesktopNotices, window: QWidget, tray: type[Tray], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[QWidget] = []
    monkeypatch.setattr(QApplication, "alert", asked.append)
    tray.is_there = False
    notices.show("fit.py is done", "After 12 s.")
    assert asked == [window]
    assert tray.all == []
