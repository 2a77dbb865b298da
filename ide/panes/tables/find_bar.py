"""Finds text in a table. Owns the bar; the search is the model's, done where the table lives."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from ide.panes.tables.model import Query
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.widgets.ground import paint_ground

PAUSE_MS = 250


class FindBar(QWidget):
    """Text, letter case, pattern, next and previous. Esc gives the keyboard back to the grid."""

    asked = Signal(object)
    """A Query to search for from the current cell on."""
    next_asked = Signal()
    previous_asked = Signal()
    closed = Signal()

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self.box = QLineEdit()
        self.box.setPlaceholderText("Find in cells")
        self.box.setAccessibleName("Find in cells")
        self.box.setClearButtonEnabled(True)
        self.count = QLabel()
        self.count.setProperty("tone", "muted")
        self.case = _button(icons, "text-aa", "Match case")
        self.case.setCheckable(True)
        self.regex = QToolButton()
        self.regex.setText(".*")
        self.regex.setToolTip("Regular expression")
        self.regex.setAccessibleName("Regular expression")
        self.regex.setCheckable(True)
        self.regex.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.previous = _button(icons, "caret-up", "Previous match (Shift+Enter)")
        self.next = _button(icons, "caret-down", "Next match (Enter)")
        self.cross = _button(icons, "x", "Close (Esc)")
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.box, 1)
        for widget in (self.count, self.case, self.regex, self.previous, self.next, self.cross):
            self._row.addWidget(widget)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(PAUSE_MS)
        self._soon.timeout.connect(self._ask)
        self.box.textChanged.connect(self._soon_again)
        self.case.toggled.connect(self._ask)
        self.regex.toggled.connect(self._ask)
        self.previous.clicked.connect(self.previous_asked)
        self.next.clicked.connect(self._on_next)
        self.cross.clicked.connect(self.put_away)
        self.setFocusProxy(self.box)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self.hide()

    @property
    def query(self) -> Query:
        """What is looked for."""
        return Query(self.box.text(), self.case.isChecked(), self.regex.isChecked())

    def open_bar(self, text: str = "") -> None:
        """Show it and take the keyboard."""
        self.show()
        if text:
            self.box.setText(text)
        self.box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.box.selectAll()

    @Slot()
    def put_away(self) -> None:
        """Hide it."""
        self._soon.stop()
        self.hide()
        self.closed.emit()

    def say(self, text: str) -> None:
        """What came of it."""
        self.count.setText(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes on, with Shift back; Esc closes."""
        is_shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.previous_asked.emit() if is_shift else self._on_next()
        elif event.key() == Qt.Key.Key_Escape:
            self.put_away()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ground of headers and a line below."""
        paint_ground(self, self._theme)

    @Slot()
    def _soon_again(self) -> None:
        self._soon.start()

    @Slot()
    def _ask(self) -> None:
        self._soon.stop()
        self.asked.emit(self.query)

    @Slot()
    def _on_next(self) -> None:
        if self._soon.isActive():
            self._ask()
        else:
            self.next_asked.emit()

    @Slot()
    def _on_theme_changed(self) -> None:
        px = self._theme.px
        self._row.setContentsMargins(px(8), px(4), px(4), px(4) + 1)
        self._row.setSpacing(px(4))
        self.box.setFont(self._theme.font("ui"))
        self.count.setFont(self._theme.font("small"))
        for button in (self.case, self.regex, self.previous, self.next, self.cross):
            button.setIconSize(QSize(px(16), px(16)))
            button.setFixedSize(px(26), px(26))
        self.regex.setFont(self._theme.font("code"))


def _button(icons: Icons, icon: str, name: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icons.icon(icon))
    button.setToolTip(name)
    button.setAccessibleName(name.partition(" (")[0])
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
