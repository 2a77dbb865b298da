"""Asks whether a chosen environment takes the place of a console's or gets a console of its own, or shows its one."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ide.qt.theme import Theme
from ide.qt.ties import connect

_NAME_LIMIT = 24


class EnvironmentQuestion(QWidget):
    """Buttons and a box to tick. Hidden until it is asked."""

    answered = Signal(str, bool)
    """ "go", "open" or "restart", and whether to do so from now on."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.go = QPushButton()
        self.open = QPushButton("Open another console")
        self.go.setProperty("main", "true")
        self.restart = QPushButton("Restart")
        self.kept = QCheckBox("Do so from now on")
        self.go.clicked.connect(self._on_go)
        self.open.clicked.connect(self._on_open)
        self.restart.clicked.connect(self._on_restart)
        self._row = QHBoxLayout()
        self._row.addWidget(self.go)
        self._row.addWidget(self.open)
        self._row.addWidget(self.restart)
        self._row.addStretch(1)
        self._row.addWidget(self.kept)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.words)
        self._column.addLayout(self._row)
        self.hide()
        connect(self, theme.changed, self._on_theme_changed)
        self._on_theme_changed()

    def ask(self, environment: str, console: str, running: str = "") -> None:
        """Ask about an environment, the console that could be restarted in it, and one that runs in it; by names."""
        self.words.setText(
            f"A console runs in “{environment}” already. Restarting “{console}” loses its variables."
            if running
            else f"Open another console in “{environment}”, or restart “{console}” in it? "
            "Restarting loses its variables."
        )
        self.go.setText(f"Go to “{short_name(running)}”".replace("&", "&&"))
        self.go.setVisible(bool(running))
        self.kept.setVisible(not running)
        self.open.setProperty("main", "" if running else "true")
        self.open.style().polish(self.open)
        self.restart.setText(f"Restart “{short_name(console)}”".replace("&", "&&"))
        self.kept.setChecked(False)
        (self.go if running else self.open).setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the keyboard, as in a dialog."""
        focused = self.focusWidget()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(focused, QPushButton):
            focused.click()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _on_go(self) -> None:
        self.answered.emit("go", False)

    @Slot()
    def _on_open(self) -> None:
        self.answered.emit("open", self.kept.isChecked())

    @Slot()
    def _on_restart(self) -> None:
        self.answered.emit("restart", self.kept.isChecked())

    def _on_theme_changed(self) -> None:
        self._row.setSpacing(self._theme.px(8))
        self._column.setSpacing(self._theme.px(4))


def short_name(text: str) -> str:
    """A name that fits on a button."""
    return text if len(text) <= _NAME_LIMIT else f"{text[: _NAME_LIMIT - 1]}…"
