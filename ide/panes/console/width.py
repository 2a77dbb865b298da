"""Tells a session how many characters fit into a line of its console, and again when that changes.

Owns the pause after which a new size counts. UI thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QPlainTextEdit

from ide.qt.ties import connect, tied

if TYPE_CHECKING:
    from ide.kernels.records import Answer
    from ide.kernels.session import Session

CALM_MS = 200
"""A pane that is being resized has a new width in every frame."""


class ConsoleWidth(QObject):
    """Lives as long as `control`, the text of the console."""

    def __init__(self, session: Session, control: QPlainTextEdit) -> None:
        super().__init__(control)
        self._session = session
        self._control = control
        self._told = 0
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(CALM_MS)
        self._calm.timeout.connect(self._tell)
        control.installEventFilter(self)
        connect(self, session.state_changed, self._on_state_changed)
        self._calm.start()

    def columns(self) -> int:
        """Characters that fit now."""
        room = self._control.viewport().width() - 2 * self._control.document().documentMargin()
        return int(room / QFontMetricsF(self._control.font()).horizontalAdvance("0"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Another size, or another font."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.FontChange, QEvent.Type.Show):
            self._calm.start()
        return super().eventFilter(watched, event)

    def _on_state_changed(self) -> None:
        if self._session.state in ("starting", "restarting", "dead"):
            self._told = 0  # a kernel that starts anew knows nothing
        else:
            self._tell()

    @Slot()
    def _tell(self) -> None:
        columns = self.columns()
        if self._control.isVisible() and self._session.is_answering and columns > 0 and columns != self._told:
            self._told = columns
            self._session.ask("console.width", {"columns": columns}, tied(self, self._on_told))

    def _on_told(self, answer: Answer) -> None:
        if answer.result is None:
            self._told = 0  # told again when the kernel is idle next
