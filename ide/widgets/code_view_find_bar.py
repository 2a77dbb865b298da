"""The bars under a code view: find and replace, and go to a line. They take the keyboard only when asked for."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ide.core.text import Place
from ide.qt.accessible import announce
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.widgets.code_view import CodeView
from ide.widgets.code_view_search import Query, Search, replace_all, replacement_of

SEARCH_AGAIN_MS = 200
_SHIFT = Qt.KeyboardModifier.ShiftModifier


class FindBar(QWidget):
    """Find and replace in one view."""

    closed = Signal()

    def __init__(self, view: CodeView, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._theme = theme
        self._icons = icons
        self._search = Search(view.code, self)
        self._search.progressed.connect(self._on_progressed)
        self._replacing = 0
        self._from = Place(0)
        self._goes_to_first = False
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(SEARCH_AGAIN_MS)
        self._again.timeout.connect(self._search_again)
        self.find_field = _field("Find")
        self.replace_field = _field("Replace with")
        self._count = QLabel()
        self._case = self._toggle("Aa", "Match case")
        self._word = self._toggle("W", "Whole words")
        self._regex = self._toggle(".*", "Regular expression")
        self._replace = QPushButton("Replace")
        self._replace_all = QPushButton("Replace all")
        self._replace_row = QWidget()
        self._lay_out()
        self._connect()
        self.hide()

    # --- from commands -----------------------------------------------------------------------------------------------

    def open(self, *, replaces: bool) -> None:
        """Show the bar with what is selected, and take the keyboard."""
        start, end = self._view.selection
        if start != end and start.line == end.line:
            self.find_field.setText(self._view.selected_text)
        self._replace_row.setVisible(replaces and not self._view.isReadOnly())
        self._from = start
        self.show()
        self.find_field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.find_field.selectAll()
        self._start(goes_to_first=False)

    def close_bar(self) -> None:
        """Hide the bar and give the keyboard back."""
        self._search.stop()
        self._again.stop()
        self._view.set_found({}, None)
        self.hide()
        self._view.setFocus(Qt.FocusReason.OtherFocusReason)
        self.closed.emit()

    @Slot()
    def find_next(self) -> None:
        """Go to the next match, around the end."""
        if not self._ready():
            return
        self._go(self._search.at_or_after(self._view.selection[1]))

    @Slot()
    def find_previous(self) -> None:
        """Go to the match before, around the start."""
        if not self._ready():
            return
        index = self._search.before(self._view.selection[0])
        self._go(index if index >= 0 else len(self._search.found) - 1)

    @Slot()
    def replace_one(self) -> None:
        """Replace the match that is selected and go to the next one."""
        start, end = self._view.selection
        index = self._search.at_or_after(start)
        if index >= 0 and (self._search.found[index].start, self._search.found[index].end) == (start, end):
            one = self._search.found[index]
            of = replacement_of(self._view.code, self._search.query, self.replace_field.text())
            self._view.insert(of(one))
            self._from = self._view.place
            self._start(goes_to_first=True)
        else:
            self.find_next()

    @Slot()
    def replace_all(self) -> None:
        """Replace every match as one undo step."""
        if self._replacing or self._search.is_running or not self._search.found:
            return
        self._replacing = len(self._search.found)
        self._again.stop()
        self._count.setText(f"Replacing {self._replacing}…")
        code = self._view.code
        code.long.run(replace_all(code, self._search.query, self._search.found, self.replace_field.text()))

    @property
    def search(self) -> Search:
        """The search behind the bar."""
        return self._search

    @property
    def count_text(self) -> str:
        """What the bar says about the matches."""
        return self._count.text()

    def set_query(self, query: Query) -> None:
        """Look for something that a script says."""
        self.find_field.setText(query.text)
        for button, state in (
            (self._regex, query.is_regex),
            (self._case, query.matches_case),
            (self._word, query.whole_word),
        ):
            button.blockSignals(True)
            button.setChecked(state)
            button.blockSignals(False)
        self._start(goes_to_first=False)

    # --- the search --------------------------------------------------------------------------------------------------

    def _query(self) -> Query:
        return Query(self.find_field.text(), self._regex.isChecked(), self._case.isChecked(), self._word.isChecked())

    def _ready(self) -> bool:
        if self._search.query != self._query():
            self._start(goes_to_first=True)
            return False
        return bool(self._search.found)

    def _start(self, *, goes_to_first: bool) -> None:
        self._goes_to_first = goes_to_first
        self._search.start(self._query())

    @Slot()
    def _on_typed(self) -> None:
        self._start(goes_to_first=True)

    @Slot()
    def _search_again(self) -> None:
        if self.isVisible() and not self._replacing:
            self._start(goes_to_first=False)

    @Slot()
    def _on_progressed(self) -> None:
        if self._goes_to_first and self._search.found:
            index = self._search.at_or_after(self._from)
            if index or not self._search.is_running:
                self._goes_to_first = False
                self._go(index)
        self.paint_found()

    @Slot()
    def paint_found(self) -> None:
        """Show what was found on the visible lines, and how much there is."""
        if not self.isVisible():
            return
        start, end = self._view.selection
        first = self._view.first_line
        lines = int(self._view.viewport().height() / max(1.0, self._view.code.line_height())) + 2
        current = (start.line, start.column, end.column - start.column) if start.line == end.line else None
        self._view.set_found(self._search.by_line(first, first + lines), current)
        self._count.setText(self._words(start, end))
        self._replace_all.setEnabled(bool(self._search.found) and not self._search.is_running)

    def _words(self, start: Place, end: Place) -> str:
        if self._search.problem:
            return f"Not a pattern: {self._search.problem}"
        if not self._search.query.text:
            return ""
        count = len(self._search.found)
        if not count:
            return "Searching…" if self._search.is_running else f"No results. {self._search.note}".strip()
        index = self._search.at_or_after(start)
        is_on = (self._search.found[index].start, self._search.found[index].end) == (start, end)
        words = f"{index + 1} of {count}" if is_on else f"{count} found"
        more = "…" if self._search.is_running else ""
        return f"{words}{more} {self._search.note}".strip()

    def _go(self, index: int) -> None:
        if 0 <= index < len(self._search.found):
            one = self._search.found[index]
            self._from = one.start
            self._view.go_to(one.end, anchor=one.start)
            self.paint_found()
            announce(self.find_field, self._count.text())

    @Slot()
    def _on_long_edit_ended(self) -> None:
        if self._replacing:
            words = "1 replaced." if self._replacing == 1 else f"{self._replacing} replaced."
            self._replacing = 0
            self._start(goes_to_first=False)
            self._count.setText(words)
            announce(self.find_field, words)

    # --- the widget --------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes on, Shift+Enter back, Esc closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.replace_field.hasFocus():
                self.replace_one()
            elif event.modifiers() & _SHIFT:
                self.find_previous()
            else:
                self.find_next()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The header's background and a line above."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("header"))
        painter.fillRect(0, 0, self.width(), 1, self._theme.color("border"))
        painter.end()

    def _lay_out(self) -> None:
        find_row = QHBoxLayout()
        find_row.addWidget(self.find_field, 1)
        for toggle in (self._case, self._word, self._regex):
            find_row.addWidget(toggle)
        find_row.addWidget(self._count)
        find_row.addWidget(self._button("arrow-up", "Previous match (Shift+Enter)", self.find_previous))
        find_row.addWidget(self._button("arrow-down", "Next match (Enter)", self.find_next))
        find_row.addWidget(self._button("x", "Close (Esc)", self.close_bar))
        replace_row = QHBoxLayout(self._replace_row)
        replace_row.setContentsMargins(0, 0, 0, 0)
        replace_row.addWidget(self.replace_field, 1)
        replace_row.addWidget(self._replace)
        replace_row.addWidget(self._replace_all)
        column = QVBoxLayout(self)
        _space(column, self._theme)
        column.addLayout(find_row)
        column.addWidget(self._replace_row)

    def _connect(self) -> None:
        self.find_field.textEdited.connect(self._on_typed)
        for toggle in (self._case, self._word, self._regex):
            toggle.toggled.connect(self._on_typed)
        self._replace.clicked.connect(self.replace_one)
        self._replace_all.clicked.connect(self.replace_all)
        self._view.code.lines_changed.connect(self._on_lines_changed)
        self._view.code.long.ended.connect(self._on_long_edit_ended)
        self._view.view_scrolled.connect(self.paint_found)
        self._view.selectionChanged.connect(self.paint_found)

    @Slot()
    def _on_lines_changed(self) -> None:
        if self.isVisible() and not self._replacing:
            self._again.start()

    def _toggle(self, text: str, name: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setCheckable(True)
        button.setToolTip(name)
        button.setAccessibleName(name)
        return button

    def _button(self, icon: str, tip: str, pressed: object) -> QToolButton:
        button = QToolButton()
        button.setIcon(self._icons.icon(icon))
        button.setToolTip(tip)
        button.setAccessibleName(tip.split(" (")[0])
        button.clicked.connect(pressed)
        return button


class GoToLineBar(QWidget):
    """Asks for a line and goes there: "42", "42:7", "+5", "-5"."""

    closed = Signal()

    def __init__(self, view: CodeView, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._theme = theme
        self.field = _field("Line, or line:column")
        self._says = QLabel()
        row = QHBoxLayout(self)
        _space(row, theme)
        row.addWidget(self.field, 1)
        row.addWidget(self._says, 1)
        self.field.textEdited.connect(self._on_typed)
        self.hide()

    def open(self) -> None:
        """Show the bar and take the keyboard."""
        self._back = self._view.place
        self._says.setText(f"1 to {len(self._view.code.lines)}, now at {self._back.line + 1}")
        self.field.clear()
        self.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def close_bar(self) -> None:
        """Hide the bar and give the keyboard back."""
        self.hide()
        self._view.setFocus(Qt.FocusReason.OtherFocusReason)
        self.closed.emit()

    @Slot()
    def _on_typed(self) -> None:
        place = place_of(self.field.text(), self._back, len(self._view.code.lines))
        if place is not None:
            self._view.go_to(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter stays there, Esc goes back."""
        if event.key() == Qt.Key.Key_Escape:
            self._view.go_to(self._back)
            self.close_bar()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_typed()
            self.close_bar()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The header's background and a line above."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("header"))
        painter.fillRect(0, 0, self.width(), 1, self._theme.color("border"))
        painter.end()

    _back = Place(0)


def place_of(text: str, now: Place, count: int) -> Place | None:
    """The place that the user means by "42", "42:7", "+5" or "-5"; None for anything else. Lines count from 1 there."""
    line_text, _, column_text = text.strip().partition(":")
    try:
        number = int(line_text)
        column = int(column_text) - 1 if column_text else 0
    except ValueError:
        return None
    line = now.line + number if line_text[0] in "+-" else number - 1
    return Place(min(max(line, 0), max(0, count - 1)), max(0, column))


def _field(name: str) -> QLineEdit:
    field = QLineEdit()
    field.setPlaceholderText(name)
    field.setAccessibleName(name)
    field.setClearButtonEnabled(True)
    return field


def _space(layout: QBoxLayout, theme: Theme) -> None:
    layout.setContentsMargins(theme.px(8), theme.px(5), theme.px(8), theme.px(4))
    layout.setSpacing(theme.px(4))
