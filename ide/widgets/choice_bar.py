"""A bar across a pane: a sentence on what happened, and buttons for what can be done about it. Knows no pane."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from ide.core.record import dataclass
from ide.qt.accessible import announce
from ide.qt.icons import Icons
from ide.qt.theme import Theme


@dataclass(frozen=True, slots=True)
class BarChoice:
    """One button: its title, and the command that it runs (empty: only close the bar) with arguments."""

    title: str
    command: str = ""
    arguments: tuple[tuple[str, object], ...] = ()


class ChoiceBar(QFrame):
    """A sentence and up to four buttons. Esc is the last button where the bar has the keyboard. Never takes it."""

    chosen = Signal(object)
    """BarChoice; the bar hides itself."""

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._role = "warning"
        self._picture = QLabel()
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._buttons: list[QPushButton] = []
        self._choices: Sequence[BarChoice] = ()
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._picture)
        self._row.addWidget(self._text, 1)
        theme.changed.connect(self._dress)
        self.hide()

    @property
    def text(self) -> str:
        """What is said; empty while the bar is hidden."""
        return "" if self.isHidden() else self._text.text()

    @property
    def buttons(self) -> tuple[QPushButton, ...]:
        """The buttons, in order."""
        return tuple(self._buttons)

    def tell(self, text: str, choices: Sequence[BarChoice] = (), *, role: str = "warning") -> None:
        """Show the bar, in place of what it told before. `role`: "accent" (a note), "warning" or "error"."""
        for button in self._buttons:
            self._row.removeWidget(button)
            button.deleteLater()
        self._buttons = [self._button(choice) for choice in choices]
        self._choices = choices
        self._role = role
        self._text.setText(text)
        self._dress()
        self.setAccessibleName(text)
        self.show()
        announce(self, text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc keeps things as they are."""
        if event.key() == Qt.Key.Key_Escape and self._choices:
            self.hide()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A quiet background with a stripe at the left."""
        painter = QPainter(self)
        back = "header" if self._role == "accent" else f"{self._role}_back"
        painter.fillRect(self.rect(), self._theme.color(back))
        painter.fillRect(0, 0, self._theme.px(3), self.height(), self._theme.color(self._role))
        painter.fillRect(0, self.height() - 1, self.width(), 1, self._theme.color("border"))
        painter.end()

    def _button(self, choice: BarChoice) -> QPushButton:
        button = QPushButton(choice.title)
        button.setAccessibleName(choice.title)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setProperty("choice", choice)
        button.clicked.connect(self._on_clicked)
        self._row.addWidget(button)
        return button

    @Slot()
    def _on_clicked(self) -> None:
        sender = self.sender()
        self.hide()
        if sender is not None:
            self.chosen.emit(sender.property("choice"))

    @Slot()
    def _dress(self) -> None:
        px = self._theme.px
        self._row.setContentsMargins(px(12), px(4), px(8), px(4) + 1)
        self._row.setSpacing(px(8))
        name = {"accent": "info", "warning": "warning", "error": "x-circle"}[self._role]
        size = QSize(px(16), px(16))
        self._picture.setPixmap(self._icons.pixmap(name, self._role, size, self.devicePixelRatioF()))
        self._text.setFont(self._theme.font("ui"))
