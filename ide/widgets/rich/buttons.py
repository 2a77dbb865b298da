"""The small buttons over a large view, and the row that they stand in."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from ide.qt.icons import Icons
from ide.qt.theme import Theme


class ButtonRow(QWidget):
    """Buttons at the left, words in muted, what is added later at the right."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._icons = icons
        self._buttons: list[QToolButton] = []
        self._words = QLabel()
        self._words.setProperty("tone", "muted")
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._words)
        self._row.addStretch(1)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def add(self, icon: str, title: str, act: Callable[[], object], *, is_late: bool = False) -> QToolButton:
        """A button; `is_late` puts it at the right."""
        button = QToolButton()
        button.setIcon(self._icons.icon(icon))
        button.setToolTip(title)
        button.setAccessibleName(title)
        button.setAutoRaise(True)
        button.clicked.connect(act)
        self._buttons.append(button)
        self._dress(button)
        place = self._row.count() if is_late else self._row.indexOf(self._words)
        self._row.insertWidget(place, button)
        return button

    def add_widget(self, widget: QWidget, stretch: int = 0) -> None:
        """Something else, before the words."""
        self._row.insertWidget(self._row.indexOf(self._words), widget, stretch)

    @property
    def words(self) -> str:
        """What it says."""
        return self._words.text()

    def say(self, words: str) -> None:
        """Change the words."""
        self._words.setText(words)

    @Slot()
    def _on_theme_changed(self) -> None:
        edge = self._theme.px(8)
        self._row.setContentsMargins(edge, self._theme.px(4), edge, self._theme.px(4))
        self._row.setSpacing(self._theme.px(4))
        for button in self._buttons:
            self._dress(button)

    def _dress(self, button: QToolButton) -> None:
        side = self._theme.px(28)
        button.setFixedSize(side, side)
        button.setIconSize(QSize(self._theme.px(16), self._theme.px(16)))
