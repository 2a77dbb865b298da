"""More than one caret. Owns the additional ones; the view's own cursor stays the main one.

Each is a `QTextCursor`, which Qt moves along when text changes. Whatever the user does goes to all of them, in one
step that can be undone.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from ide.widgets.code_view_text import CodeText

MOST = 1_000
"""Carets; each key is an edit for each of them."""
_Move = QTextCursor.MoveOperation
_Mode = QTextCursor.MoveMode
_MOVES = {
    QKeySequence.StandardKey.MoveToNextChar: (_Move.Right, False),
    QKeySequence.StandardKey.MoveToPreviousChar: (_Move.Left, False),
    QKeySequence.StandardKey.MoveToNextWord: (_Move.WordRight, False),
    QKeySequence.StandardKey.MoveToPreviousWord: (_Move.WordLeft, False),
    QKeySequence.StandardKey.MoveToNextLine: (_Move.Down, False),
    QKeySequence.StandardKey.MoveToPreviousLine: (_Move.Up, False),
    QKeySequence.StandardKey.MoveToStartOfLine: (_Move.StartOfLine, False),
    QKeySequence.StandardKey.MoveToEndOfLine: (_Move.EndOfLine, False),
    QKeySequence.StandardKey.SelectNextChar: (_Move.Right, True),
    QKeySequence.StandardKey.SelectPreviousChar: (_Move.Left, True),
    QKeySequence.StandardKey.SelectNextWord: (_Move.WordRight, True),
    QKeySequence.StandardKey.SelectPreviousWord: (_Move.WordLeft, True),
    QKeySequence.StandardKey.SelectNextLine: (_Move.Down, True),
    QKeySequence.StandardKey.SelectPreviousLine: (_Move.Up, True),
    QKeySequence.StandardKey.SelectStartOfLine: (_Move.StartOfLine, True),
    QKeySequence.StandardKey.SelectEndOfLine: (_Move.EndOfLine, True),
}


class Carets:
    """The additional carets of one view."""

    def __init__(self, view: QPlainTextEdit, text: CodeText) -> None:
        self._view = view
        self._text = text
        self.extra: list[QTextCursor] = []

    def __bool__(self) -> bool:
        return bool(self.extra)

    def all(self) -> list[QTextCursor]:
        """All carets from the top to the bottom, the main one among them."""
        return sorted([self._view.textCursor(), *self.extra], key=lambda cursor: cursor.selectionStart())

    def clear(self) -> None:
        """Only the main one is left."""
        self.extra.clear()
        self._view.viewport().update()

    # --- making carets -----------------------------------------------------------------------------------------------

    def toggle_at(self, position: int) -> None:
        """Put one more caret at `position`, or take away the one that is there."""
        for cursor in self.extra:
            if cursor.position() == position:
                self.extra.remove(cursor)
                self._view.viewport().update()
                return
        cursor = QTextCursor(self._text.document)
        cursor.setPosition(position)
        self._add(cursor)

    def add_vertical(self, step: int) -> None:
        """One more caret on the line above the top one (`step` -1) or below the bottom one (1), in its column."""
        edge = self.all()[0 if step < 0 else -1]
        cursor = QTextCursor(edge)
        cursor.clearSelection()
        cursor.setVerticalMovementX(edge.verticalMovementX())
        if cursor.movePosition(_Move.Up if step < 0 else _Move.Down):
            self._add(cursor)

    def add_next_occurrence(self) -> None:
        """Select the word at the caret, or one more occurrence of what is selected (around the end to the start)."""
        main = self._view.textCursor()
        if not main.hasSelection():
            main.select(QTextCursor.SelectionType.WordUnderCursor)
            self._view.setTextCursor(main)
            return
        wanted = main.selectedText()
        taken = {cursor.selectionStart() for cursor in self.all()}
        start = self.extra[-1] if self.extra else main
        found = self._find(wanted, start.selectionEnd())
        if found.isNull() or found.selectionStart() in taken:
            return
        self._add(found)

    def add_all_occurrences(self) -> None:
        """Select every occurrence of what is selected, or of the word at the caret."""
        if not self._view.textCursor().hasSelection():
            self.add_next_occurrence()
        main = self._view.textCursor()
        if not main.hasSelection():
            return
        document = self._text.document
        found = document.find(main.selectedText(), 0, document.FindFlag.FindCaseSensitively)
        self.extra = []
        while not found.isNull() and len(self.extra) < MOST:
            self.extra.append(found)
            found = document.find(main.selectedText(), found, document.FindFlag.FindCaseSensitively)
        self._merge()
        self._view.viewport().update()

    def _find(self, wanted: str, after: int) -> QTextCursor:
        document = self._text.document
        flags = document.FindFlag.FindCaseSensitively
        found = document.find(wanted, after, flags)
        return document.find(wanted, 0, flags) if found.isNull() else found

    def _add(self, cursor: QTextCursor) -> None:
        if len(self.extra) < MOST:
            self.extra.append(cursor)
            self._merge()
            self._show(cursor)

    def _show(self, cursor: QTextCursor) -> None:
        rect = self._view.cursorRect(cursor)
        if not self._view.viewport().rect().contains(rect):
            line = cursor.blockNumber() - self._view.firstVisibleBlock().blockNumber()
            bar = self._view.verticalScrollBar()
            page = max(1, bar.pageStep())
            bar.setValue(bar.value() + (line - page + 2 if line > 0 else line - 1))
        self._view.viewport().update()

    # --- using them --------------------------------------------------------------------------------------------------

    def each(self, change: Callable[[QTextCursor], object]) -> None:
        """Do `change` with every caret, from the bottom to the top, as one undo step."""
        main = self._view.textCursor()
        main.beginEditBlock()
        for cursor in sorted([main, *self.extra], key=lambda one: one.selectionStart(), reverse=True):
            change(cursor)
        main.endEditBlock()
        self._view.setTextCursor(main)
        self._merge()
        self._view.viewport().update()

    def handle(self, event: QKeyEvent) -> bool:
        """Give a key to all carets; False for a key that has one meaning only. With one caret nothing is done."""
        if not self.extra:
            return False
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
            return True
        for standard, (move, keeps) in _MOVES.items():
            if event.matches(standard):
                self._move(move, keeps)
                return True
        return self._delete(event)

    def _delete(self, event: QKeyEvent) -> bool:
        for standard, move in (
            (QKeySequence.StandardKey.Backspace, _Move.Left),
            (QKeySequence.StandardKey.Delete, _Move.Right),
            (QKeySequence.StandardKey.DeleteStartOfWord, _Move.WordLeft),
            (QKeySequence.StandardKey.DeleteEndOfWord, _Move.WordRight),
        ):
            if event.matches(standard) or (
                event.key() == Qt.Key.Key_Backspace and move is _Move.Left and not event.modifiers()
            ):
                self.each(lambda cursor, move=move: _remove(cursor, move))  # type: ignore[misc]  # a default binds the loop's value
                return True
        return False

    def _move(self, move: QTextCursor.MoveOperation, keeps: bool) -> None:
        mode = _Mode.KeepAnchor if keeps else _Mode.MoveAnchor
        main = self._view.textCursor()
        for cursor in (main, *self.extra):
            cursor.movePosition(move, mode)
        self._view.setTextCursor(main)
        self._merge()
        self._view.viewport().update()

    def copied(self) -> str:
        """What all carets select, a line for each."""
        return "\n".join(self._text.selected_text(cursor) for cursor in self.all() if cursor.hasSelection())

    def paste(self, text: str) -> None:
        """To each caret its own line where there are as many lines as carets, else the whole text to each."""
        lines = text.split("\n")
        pieces = lines if len(lines) == len(self.extra) + 1 else [text] * (len(self.extra) + 1)
        waiting = list(pieces)  # each() goes from the bottom to the top
        self.each(lambda cursor: self._text.insert(cursor, waiting.pop()))

    def _merge(self) -> None:
        """Carets that came to the same place are one."""
        main = self._view.textCursor()
        taken = {(main.position(), main.anchor())}
        kept = []
        for cursor in self.extra:
            if (cursor.position(), cursor.anchor()) not in taken:
                taken.add((cursor.position(), cursor.anchor()))
                kept.append(cursor)
        self.extra = kept


def _remove(cursor: QTextCursor, move: QTextCursor.MoveOperation) -> None:
    if not cursor.hasSelection():
        cursor.movePosition(move, _Mode.KeepAnchor)
    cursor.removeSelectedText()
