"""The log of a job as it comes: bounded, followed while its end is in sight. UI thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Slot
from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QPlainTextEdit

from ide.core.deploy import JobEvent
from ide.core.text import with_unseen_shown
from ide.panes.jobs.model import clean
from ide.qt.theme import Theme
from ide.qt.ties import connect

MOST_LINES: Final = 20_000
"""Older lines leave the view; the whole log lies with the job."""
MOST_CHARACTERS: Final = 2_000_000
"""Of a log that is shown from its beginning."""


class LogView(QPlainTextEdit):
    """Text with errors in their colour. Whoever scrolled up stays there; at the end new lines are followed."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._events: Sequence[JobEvent] = ()
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setMaximumBlockCount(MOST_LINES)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setAccessibleName("Log of the job")
        self.setPlaceholderText("Nothing was printed yet.")
        connect(self, theme.changed, self._dress)
        self._dress()

    def show_log(self, events: Sequence[JobEvent]) -> None:
        """Another log, from its beginning; of a long one its last part."""
        self._events = events
        self.clear()
        length = 0
        first = len(events)
        while first and length < MOST_CHARACTERS:
            first -= 1
            length += len(events[first].text)
        self._write(events[first:])
        self._go_to_end()

    def add(self, events: Sequence[JobEvent]) -> None:
        """More of the same log."""
        bar = self.verticalScrollBar()
        follows = bar.value() >= bar.maximum() - 1
        self._write(events)
        if follows:
            self._go_to_end()

    def _write(self, events: Sequence[JobEvent]) -> None:
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.beginEditBlock()
        for one in events:
            look = QTextCharFormat()
            look.setForeground(self._theme.color("error" if one.stream == "stderr" else "text"))
            text = "\n".join(with_unseen_shown(line) for line in clean(one.text).split("\n"))
            cursor.insertText(text, look)
        cursor.endEditBlock()

    def _go_to_end(self) -> None:
        bar = self.verticalScrollBar()
        bar.setValue(bar.maximum())

    @Slot()
    def _dress(self) -> None:
        self.setFont(self._theme.font("code"))
        self.document().setDocumentMargin(self._theme.px(8))
        if self._events:
            self.show_log(self._events)
