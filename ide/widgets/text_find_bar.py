"""Finds words in a shown text: a console's output, a help page. Owns its bar; the text belongs to its widget."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QTextCharFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPlainTextEdit, QTextEdit, QToolButton, QWidget

from ide.qt.icons import Icons
from ide.qt.theme import Theme

MOST_MARKS = 500


class TextFindBar(QWidget):
    """Words to find, how many there are, next and previous. Esc gives the keyboard back. UI thread."""

    closed = Signal()

    def __init__(
        self, theme: Theme, icons: Icons, parent: QWidget | None = None, *, words: str = "Find in output"
    ) -> None:
        """`words` say where the bar finds."""
        super().__init__(parent)
        self._theme = theme
        self._control: QPlainTextEdit | QTextEdit | None = None
        self._found: list[QTextCursor] = []
        self._current = -1
        self.box = QLineEdit()
        self.box.setPlaceholderText(words)
        self.box.setAccessibleName(words)
        self.box.setClearButtonEnabled(True)
        self._count = QLabel()
        self._case = _button(icons, "text-aa", "Match case")
        self._case.setCheckable(True)
        self._previous = _button(icons, "caret-up", "Previous match (Shift+Enter)")
        self._next = _button(icons, "caret-down", "Next match (Enter)")
        self._close = _button(icons, "x", "Close (Esc)")
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.box, 1)
        for widget in (self._count, self._case, self._previous, self._next, self._close):
            self._row.addWidget(widget)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(120)
        self._soon.timeout.connect(self._search)
        self.box.textChanged.connect(self._on_text_changed)
        self._case.toggled.connect(self._search)
        self._previous.clicked.connect(self.previous)
        self._next.clicked.connect(self.next)
        self._close.clicked.connect(self.put_away)
        self.setFocusProxy(self.box)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self.hide()

    @property
    def count_text(self) -> str:
        """What the bar says about the matches."""
        return self._count.text()

    def open_for(self, control: QPlainTextEdit | QTextEdit) -> None:
        """Search in `control`, from its selection where it has one."""
        self._control = control
        selected = control.textCursor().selectedText()
        if selected and "\u2029" not in selected:
            self.box.setText(selected)
        self.show()
        self.box.setFocus()
        self.box.selectAll()
        self._search()

    def search_again(self) -> None:
        """The control shows another text now."""
        if self.isVisible():
            self._search()
        else:
            self._found, self._current = [], -1

    @Slot()
    def put_away(self) -> None:
        """Close the bar and take the marks off."""
        self._soon.stop()
        if self._control is not None:
            self._control.setExtraSelections([])
        self._found = []
        self.hide()
        self.closed.emit()

    @Slot()
    def next(self) -> None:
        """Go to the following match."""
        self._step(1)

    @Slot()
    def previous(self) -> None:
        """Go to the one before."""
        self._step(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter, Shift+Enter, Esc."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._soon.isActive():
                self._soon.stop()
                self._search()
            self._step(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        elif event.key() == Qt.Key.Key_Escape:
            self.put_away()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _on_text_changed(self) -> None:
        self._soon.start()

    @Slot()
    def _search(self) -> None:
        if self._control is None:
            return
        words = self.box.text()
        document = self._control.document()
        flags = QTextDocument.FindFlag.FindCaseSensitively if self._case.isChecked() else QTextDocument.FindFlag(0)
        self._found, self._current = [], -1
        place = document.find(words, QTextCursor(document), flags) if words else QTextCursor()
        while not place.isNull() and len(self._found) < MOST_MARKS:
            self._found.append(place)
            place = document.find(words, place, flags)
        self._say(words)
        self._mark()

    def _say(self, words: str) -> None:
        count = len(self._found)
        more = "+" if count == MOST_MARKS else ""
        if not words:
            self._count.setText("")
        elif self._current >= 0:
            self._count.setText(f"{self._current + 1} of {count}{more}")
        else:
            self._count.setText(f"{count}{more} found" if count else "Not found")

    def _step(self, by: int) -> None:
        if not self._found or self._control is None:
            return
        if self._current < 0:
            self._current = len(self._found) if by < 0 else -1
        self._current = (self._current + by) % len(self._found)
        cursor = QTextCursor(self._found[self._current])
        self._control.setTextCursor(cursor)
        if isinstance(self._control, QPlainTextEdit):
            self._control.centerCursor()
        else:
            self._control.ensureCursorVisible()
        self._say(self.box.text())
        self._mark()

    def _mark(self) -> None:
        if self._control is None:
            return
        marks = []
        for index, cursor in enumerate(self._found):
            mark = QTextEdit.ExtraSelection()
            shown = QTextCharFormat()
            shown.setBackground(self._theme.color("found_current" if index == self._current else "found"))
            mark.format = shown
            mark.cursor = cursor
            marks.append(mark)
        self._control.setExtraSelections(marks)

    @Slot()
    def _on_theme_changed(self) -> None:
        px = self._theme.px
        self._row.setContentsMargins(px(8), px(4), px(4), px(4))
        self._row.setSpacing(px(4))
        for button in (self._case, self._previous, self._next, self._close):
            button.setFixedSize(px(24), px(24))
            button.setIconSize(QSize(px(16), px(16)))
        if self.isVisible():
            self._mark()


def _button(icons: Icons, icon: str, tooltip: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icons.icon(icon))
    button.setToolTip(tooltip)
    button.setAccessibleName(tooltip.split(" (")[0])
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
