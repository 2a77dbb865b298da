"""The empty editor, and files dropped on the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QPlainTextEdit
from pytestqt.qtbot import QtBot

from ide.shell.drop import DropTarget
from ide.shell.welcome import Welcome
from tests.fakes.window_parts import Parts
from tests.qt.accessible import unnamed


def test_welcome_offers_what_exists_and_what_was_open(parts: Parts, qtbot: QtBot) -> None:
    welcome = Welcome(parts.commands, {"file.open": ("Ctrl+O",)}, parts.theme, parts.icons)
    qtbot.addWidget(welcome)
    welcome.show()
    assert [button.accessibleName() for button in welcome.buttons] == [
        "New Python script",
        "Open a file",
        "Open a folder",
    ]
    assert welcome.buttons[1].toolTip() == "Open a file (Ctrl+O)"
    welcome.set_recent([Path("/p/penguins")], [Path("/p/penguins/analysis.py")])
    assert [button.text() for button in welcome.buttons[3:]] == ["penguins", "analysis.py"]
    assert unnamed(welcome) == []
    for button in welcome.buttons[2:]:
        button.click()
    assert parts.ran == [
        ("file.open_folder", {}),
        ("file.open_folder", {"path": Path("/p/penguins")}),
        ("file.open", {"path": Path("/p/penguins/analysis.py")}),
    ]


def _data(*urls: str) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl(url) for url in urls])
    return data


def test_files_dropped_on_an_editor_are_opened_not_pasted(qtbot: QtBot) -> None:
    text, target = QPlainTextEdit(), DropTarget()
    qtbot.addWidget(text)
    target.watch(text.viewport())
    heard: list[list[Path]] = []
    target.dropped.connect(heard.append)
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    data = _data("file:///p/a.py", "file:///p/folder", "https://example.org/x")
    enter = QDragEnterEvent(QPoint(5, 5), copy, data, left, none)
    QApplication.sendEvent(text.viewport(), enter)
    assert enter.isAccepted()
    QApplication.sendEvent(text.viewport(), QDropEvent(QPointF(5, 5), copy, data, left, none))
    assert heard == [[Path("/p/a.py"), Path("/p/folder")]]
    assert text.toPlainText() == ""


def test_text_dropped_on_an_editor_is_its_own_affair(qtbot: QtBot) -> None:
    text, target = QPlainTextEdit(), DropTarget()
    qtbot.addWidget(text)
    target.watch(text.viewport())
    data = QMimeData()
    data.setText("words")
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), copy, data, left, none)
    QApplication.sendEvent(text.viewport(), enter)
    drop = QDropEvent(QPointF(5, 5), copy, data, left, none)
    QApplication.sendEvent(text.viewport(), drop)
    assert text.toPlainText() == "words"
