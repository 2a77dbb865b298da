"""Two texts compared, side by side or in one column, for "Show the difference". Changes neither text."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from ide.core.ports import Cancel, RunInPool
from ide.qt.theme import Theme
from ide.widgets.diff_rows import DiffRow, diff_rows

LONGEST_LINE = 500
# Never colour alone: each line carries its mark.
_MARKS = {"same": " ", "removed": "−", "added": "+", "changed": "~", "skipped": "⋯"}


class DiffView(QWidget):
    """Compares in the pool and shows rows, at most `diff_rows.MOST_ROWS` of them."""

    def __init__(self, theme: Theme, run_in_pool: RunInPool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._run_in_pool = run_in_pool
        self._rows: tuple[DiffRow, ...] = ()
        self._cancel: Cancel | None = None
        self._summary = QLabel()
        self._side_by_side, self._unified = _choice("Side by side"), _choice("One column")
        self._side_by_side.setChecked(True)
        group = QButtonGroup(self)
        group.addButton(self._side_by_side)
        group.addButton(self._unified)
        group.buttonClicked.connect(self._show_rows)
        self._old_title, self._new_title = QLabel(), QLabel()
        self._old_text, self._new_text = _Side(theme), _Side(theme)
        self._follow_each_other()
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._old_half = _under(self._old_title, self._old_text)
        self._splitter.addWidget(self._old_half)
        self._splitter.addWidget(_under(self._new_title, self._new_text))
        self._splitter.setChildrenCollapsible(False)
        top = QHBoxLayout()
        top.addWidget(self._summary, 1)
        top.addWidget(self._side_by_side)
        top.addWidget(self._unified)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(8), theme.px(8), theme.px(8), theme.px(8))
        column.addLayout(top)
        column.addWidget(self._splitter, 1)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    @property
    def rows(self) -> tuple[DiffRow, ...]:
        """What is shown."""
        return self._rows

    @property
    def summary(self) -> str:
        """The sentence above the texts."""
        return self._summary.text()

    def compare(self, old: str, new: str, old_title: str, new_title: str) -> None:
        """Show `old` at the left and `new` at the right; the titles say what each is ("On disk, 10:42")."""
        self.close_work()
        self._old_title.setText(old_title)
        self._new_title.setText(new_title)
        self._old_text.setAccessibleName(old_title)
        self._new_text.setAccessibleName(new_title)
        self._summary.setText("Comparing…")
        self._cancel = self._run_in_pool(lambda: diff_rows(old, new), self._on_compared, self._on_failed)

    def close_work(self) -> None:
        """Drop a comparison that is under way."""
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    def _on_compared(self, rows: tuple[DiffRow, ...]) -> None:
        self._cancel = None
        self._rows = rows
        self._summary.setText(_sentence(rows))
        self._show_rows()

    def _on_failed(self, error: Exception) -> None:
        self._cancel = None
        self._summary.setText(f"The texts could not be compared: {error}")

    @Slot()
    def _show_rows(self) -> None:
        is_unified = self._unified.isChecked()
        self._old_half.setVisible(not is_unified)
        self._new_title.setVisible(not is_unified)
        width = len(str(max((r.old_number or 0, r.new_number or 0) for r in self._rows)[1])) if self._rows else 1
        if is_unified:
            self._new_text.set_lines([line for row in self._rows for line in _unified(row, width)])
        else:
            self._old_text.set_lines([_half(row, width, is_old=True) for row in self._rows])
            self._new_text.set_lines([_half(row, width, is_old=False) for row in self._rows])

    def _follow_each_other(self) -> None:
        pairs = ((self._old_text, self._new_text), (self._new_text, self._old_text))
        for one, other in pairs:
            one.verticalScrollBar().valueChanged.connect(other.verticalScrollBar().setValue)
            one.horizontalScrollBar().valueChanged.connect(other.horizontalScrollBar().setValue)

    @Slot()
    def _on_theme_changed(self) -> None:
        for text in (self._old_text, self._new_text):
            text.setFont(self._theme.font("code"))
        for label in (self._old_title, self._new_title):
            label.setFont(self._theme.font("title"))
        if self._rows:
            self._show_rows()


class _Side(QPlainTextEdit):
    """Lines on the background of their role. Backgrounds are painted, not formatted: that costs nothing per line."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._roles: list[str] = []
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )

    def set_lines(self, lines: Sequence[tuple[str, str]]) -> None:
        """Show lines of (text, role of the background or empty)."""
        self._roles = [role for _text, role in lines]
        self.setPlainText("\n".join(text for text, _role in lines))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Backgrounds of the visible lines, then the text."""
        painter = QPainter(self.viewport())
        block = self.firstVisibleBlock()
        while block.isValid():
            place = self.blockBoundingGeometry(block).translated(self.contentOffset())
            if place.top() > self.viewport().height():
                break
            number = block.blockNumber()
            if number < len(self._roles) and self._roles[number]:
                width, height = self.viewport().width(), round(place.height())
                painter.fillRect(0, round(place.top()), width, height, self._theme.color(self._roles[number]))
            block = block.next()
        painter.end()
        super().paintEvent(event)


def _choice(title: str) -> QPushButton:
    button = QPushButton(title)
    button.setCheckable(True)
    button.setAccessibleName(title)
    return button


def _under(title: QLabel, text: QPlainTextEdit) -> QWidget:
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(title)
    column.addWidget(text, 1)
    return holder


def _sentence(rows: tuple[DiffRow, ...]) -> str:
    counts = [(kind, sum(row.kind == kind for row in rows)) for kind in ("changed", "added", "removed")]
    words = [f"{count} {'line' if count == 1 else 'lines'} {kind}" for kind, count in counts if count]
    return ", ".join(words) or "The texts are the same."


def _half(row: DiffRow, width: int, *, is_old: bool) -> tuple[str, str]:
    if row.kind == "skipped":
        return f"{_MARKS['skipped']} {row.count} equal {'line' if row.count == 1 else 'lines'}", "header"
    number, line = (row.old_number, row.old) if is_old else (row.new_number, row.new)
    if number is None:
        return "", "header"
    role = "" if row.kind == "same" else "removed_back" if is_old else "added_back"
    return f"{number:>{width}} {_MARKS[row.kind]} {line[:LONGEST_LINE]}", role


def _unified(row: DiffRow, width: int) -> list[tuple[str, str]]:
    if row.kind in ("same", "skipped"):
        return [_half(row, width, is_old=False)]
    lines = []
    if row.old_number is not None:
        lines.append((f"{row.old_number:>{width}} − {row.old[:LONGEST_LINE]}", "removed_back"))
    if row.new_number is not None:
        lines.append((f"{row.new_number:>{width}} + {row.new[:LONGEST_LINE]}", "added_back"))
    return lines
