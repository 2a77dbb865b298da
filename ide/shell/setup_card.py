"""The card of a first start on a machine without a Python of the user's: one button sets one up.

Knows no service: what is chosen is a command.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout

from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.widgets.flow_layout import FlowLayout
from ide.widgets.wrapped_label import WrappedLabel


class SetupCard(QFrame):
    """Words, and a button for each way. The first is the main one."""

    chosen = Signal(str)
    """Key of the button."""

    def __init__(self, title: str, words: str, ways: Sequence[tuple[str, str]], theme: Theme, icons: Icons) -> None:
        """`ways` are (key, text of the button)."""
        super().__init__()
        self.setObjectName("setup_card")
        self.setAccessibleName(title)
        self._theme = theme
        self._icons = icons
        self._picture = QLabel()
        self.title, self.words = WrappedLabel(title), WrappedLabel(words)
        self.buttons: list[QPushButton] = []
        self._flow = FlowLayout()
        for number, (key, text) in enumerate(ways):
            button = QPushButton(text.replace("&", "&&"))
            button.setProperty("key", key)
            if number == 0:
                button.setProperty("main", "true")
            button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            button.clicked.connect(self._on_clicked)
            self._flow.addWidget(button)
            self.buttons.append(button)
        self._column = QVBoxLayout()
        self._column.addWidget(self.title)
        self._column.addWidget(self.words)
        self._column.addLayout(self._flow)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addLayout(self._column, 1)
        connect(self, theme.changed, self._on_theme_changed)
        self._on_theme_changed()

    @Slot()
    def _on_clicked(self) -> None:
        self.chosen.emit(str(self.sender().property("key")))

    def _on_theme_changed(self) -> None:
        px, color = self._theme.px, self._theme.color
        self.title.setFont(self._theme.font("title"))
        self.words.setFont(self._theme.font("ui"))
        self._row.setContentsMargins(px(12), px(12), px(12), px(12))
        self._row.setSpacing(px(12))
        self._column.setSpacing(px(8))
        size = QSize(px(24), px(24))
        self._picture.setPixmap(self._icons.pixmap("package", "accent", size, self.devicePixelRatioF()))
        self.setStyleSheet(
            f"QFrame#setup_card {{ background: {color('header').name()};"
            f" border-bottom: 1px solid {color('border').name()}; }}"
        )
