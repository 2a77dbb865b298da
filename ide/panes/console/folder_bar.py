"""The working folder above the console; a click changes it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from ide.panes.console.model import shown_folder
from ide.qt.icons import Icons
from ide.qt.theme import Theme


class FolderBar(QWidget):
    """One quiet line."""

    clicked = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._text = ""
        self.button = QPushButton()
        self.button.setProperty("link", "true")
        self.button.setIcon(icons.icon("folder-simple", "muted"))
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.button.clicked.connect(self.clicked)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.button)
        self._row.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def show_folder(self, folder: Path | None) -> None:
        """Show another folder."""
        self._text = shown_folder(folder, Path.home())
        self.button.setToolTip(f"Working folder: {folder or 'unknown'}. Click to change it.")
        self.button.setAccessibleName(f"Working folder {self._text}, change")
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A long path loses its middle."""
        super().resizeEvent(event)
        self._elide()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The pane's colour and a line below."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("pane"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, self._theme.color("line"))
        painter.end()

    def _elide(self) -> None:
        room = max(self._theme.px(60), self.width() - self._theme.px(48))
        metrics = QFontMetrics(self.button.font())
        text = metrics.elidedText(self._text, Qt.TextElideMode.ElideMiddle, room)
        self.button.setText(text.replace("&", "&&"))

    @Slot()
    def _on_theme_changed(self) -> None:
        px = self._theme.px
        self._row.setContentsMargins(px(4), 0, px(4), 1)
        self.button.setFont(self._theme.font("small"))
        self.button.setIconSize(QSize(px(14), px(14)))
        self.setFixedHeight(px(25))
        self._elide()
