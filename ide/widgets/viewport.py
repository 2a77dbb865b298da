"""Viewports made by us. Owns none: Qt does, as of its own.

To ask a scroll area for the viewport that Qt made costs 20 ms the first time in a process: PySide looks through all
classes of widgets for the one that it is, and makes each of them on the way. One made here it knows.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QAbstractScrollArea, QPlainTextEdit, QWidget


def give_viewport(area: QAbstractScrollArea) -> None:
    """Let `area` have a viewport that shows what is behind it. Before anything else is done with the area."""
    area.setViewport(QWidget())


def give_text_viewport(edit: QPlainTextEdit) -> None:
    """Let `edit` have a viewport like the one that Qt makes for it. Before anything else is done with the edit."""
    viewport = QWidget()
    viewport.setBackgroundRole(QPalette.ColorRole.Base)
    viewport.setAutoFillBackground(True)
    viewport.setCursor(Qt.CursorShape.IBeamCursor)
    edit.setViewport(viewport)
    viewport.setAcceptDrops(edit.acceptDrops())
