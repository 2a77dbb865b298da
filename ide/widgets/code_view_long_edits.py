"""Changes that would stop the event loop if they were made at once: long insertions and removals, many replacements.

Each is made of Qt's own undo steps, a few milliseconds each, that are taken back and made again together: one step to
the user. Keys wait while one is under way (`is_busy`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QTextCursor, QTextDocument

TURN_S = 0.006
PIECE_LINES = 1_000
LONG_CHARACTERS = 100_000
"""A shorter change is made at once."""

Insert = Callable[[QTextCursor, str], None]
_KEEP = QTextCursor.MoveMode.KeepAnchor


class LongEdits(QObject):
    """Of one `QTextDocument`. UI thread."""

    ended = Signal()
    """The last piece is done."""

    def __init__(self, document: QTextDocument, insert: Insert, pieces: Callable[[str], Iterator[str]]) -> None:
        """`insert` puts text in safely; `pieces` cuts a text into pieces that go in within milliseconds."""
        super().__init__(document)
        self._document = document
        self._insert = insert
        self._pieces = pieces
        self._work: Iterator[None] = iter(())
        self._groups: list[tuple[int, int]] = []
        self._is_stepping = False
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._turn)

    @property
    def is_busy(self) -> bool:
        """Whether a change is under way."""
        return self._timer.isActive()

    def insert(self, cursor: QTextCursor, text: str) -> None:
        """Put `text` in place of the selection."""
        self.run(self._inserting(QTextCursor(cursor), text))

    def remove(self, cursor: QTextCursor) -> None:
        """Take the selection out."""
        self.run(self._removing(QTextCursor(cursor)))

    def run(self, work: Iterator[None]) -> None:
        """Do `work`, piece by piece, as one step to the user. Each piece makes whole undo steps of its own."""
        self.finish()
        self._start(self._as_group(work))

    def undo(self) -> None:
        """Take the last step back."""
        self.finish()
        target = next((first for first, last in self._groups if last == self._steps()), None)
        if target is None:
            self._document.undo()
        else:
            self._start(self._stepping(self._document.undo, lambda: self._steps() > target))

    def redo(self) -> None:
        """Make the step taken back last again."""
        self.finish()
        target = next((last for first, last in self._groups if first == self._steps()), None)
        if target is None or not self._document.isRedoAvailable():
            self._document.redo()
        else:
            self._start(self._stepping(self._document.redo, lambda: self._steps() < target))

    def forget(self) -> None:
        """The text is a new one: nothing can be undone."""
        self._timer.stop()
        self._work = iter(())
        self._groups.clear()

    def follow(self) -> None:
        """The text changed: what was taken back before a new change can't be made again."""
        if self._groups and not self.is_busy and not self._document.isRedoAvailable():
            steps = self._steps()
            self._groups = [group for group in self._groups if group[1] <= steps]

    def finish(self) -> None:
        """Do what is left now."""
        while self.is_busy and not self._is_stepping:
            self._do(until_s=float("inf"))

    # --- pieces ------------------------------------------------------------------------------------------------------

    def _start(self, work: Iterator[None]) -> None:
        self._work = work
        self._timer.start()
        self._turn()

    @Slot()
    def _turn(self) -> None:
        self._do(time.perf_counter() + TURN_S)

    def _do(self, until_s: float) -> None:
        if self._is_stepping:  # a piece asked for something that first wants all pieces done
            return
        self._is_stepping = True
        try:
            for _ in self._work:
                if time.perf_counter() > until_s:
                    return
        finally:
            self._is_stepping = False
        self._timer.stop()
        self.ended.emit()

    def _as_group(self, work: Iterator[None]) -> Iterator[None]:
        first = self._steps()
        self._groups = [group for group in self._groups if group[1] <= first]
        yield from work
        if self._steps() > first:
            self._groups.append((first, self._steps()))

    def _stepping(self, step: Callable[[], object], is_left: Callable[[], bool]) -> Iterator[None]:
        while is_left():
            before = self._steps()
            step()
            if self._steps() == before:
                return
            yield

    def _inserting(self, cursor: QTextCursor, text: str) -> Iterator[None]:
        yield from self._removing(cursor)
        for piece in self._pieces(text):
            cursor.beginEditBlock()
            self._insert(cursor, piece)
            cursor.endEditBlock()
            yield

    def _removing(self, cursor: QTextCursor) -> Iterator[None]:
        """From the end to the start, so that each piece moves little."""
        first, end = cursor.selectionStart(), cursor.selectionEnd()
        while end > first:
            line = self._document.findBlock(end).blockNumber() - PIECE_LINES
            start = first if line < 0 else max(first, self._document.findBlockByNumber(line).position())
            cursor.setPosition(start)
            cursor.setPosition(end, _KEEP)
            cursor.beginEditBlock()
            cursor.removeSelectedText()
            cursor.endEditBlock()
            end = start
            yield
        cursor.setPosition(first)

    def _steps(self) -> int:
        return self._document.availableUndoSteps()
