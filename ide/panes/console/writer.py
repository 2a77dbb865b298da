"""Writes lines into the console's document, takes them off again, gives them new colours. Owns no order of messages.

Why not qtconsole's own insert: it works character group by character group on the UI thread and is quadratic on long
lines. Here one section of output has a known end, and consecutive text of one style is one insertion.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import QObject, QSignalBlocker, QTimer, Slot
from PySide6.QtGui import QTextBlock, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from ide.core.ports import RunInPool
from ide.panes.console.lines import MUTED, PLAIN, Line, Style
from ide.panes.console.looks import LARGE_PROPERTY, Looks
from ide.panes.console.pictures import KEY_PROPERTY, OBJECT_TYPE, PLACE, Pictures
from ide.panes.console.terminal import Paint
from ide.qt.theme import Theme

DISPLAYS_KEPT = 300
RECOLOR_BLOCKS = 150

Move = QTextCursor.MoveOperation
KEEP = QTextCursor.MoveMode.KeepAnchor


Range = tuple[QTextCursor, QTextCursor]
"""Beginning and end of something in the document; moves with the text around it."""


class Writer(QObject):
    """One section of output at a time: `begin` names its place, `paint` changes its end."""

    def __init__(
        self, control: QPlainTextEdit, looks: Looks, scrollback_lines: int, theme: Theme, run_in_pool: RunInPool
    ) -> None:
        super().__init__(control)
        self._control = control
        self.looks = looks
        self.scrollback_lines = scrollback_lines
        self.recolor_code: Callable[[QTextBlock], None] | None = None
        self._start = QTextCursor(control.document())
        self._start.setKeepPositionOnInsert(True)
        self._end = QTextCursor(control.document())
        self._count = 1
        self._displays: OrderedDict[str, list[Range]] = OrderedDict()
        self._pictures = Pictures(control, theme, run_in_pool, self._on_picture_failed)
        self._recolored: QTextBlock | None = None
        self._recoloring = QTimer(self)
        self._recoloring.setInterval(0)
        self._recoloring.timeout.connect(self._recolor_some)

    def begin(self, position: int) -> None:
        """A new section in the empty block at `position`."""
        self._start.setPosition(position)
        self._end.setPosition(position)
        self._count = 1

    def forget(self) -> None:
        """The document was cleared."""
        self._displays.clear()
        self._recoloring.stop()

    def insert(self, cursor: QTextCursor, text: str, style: Style) -> None:
        """Text of our own, such as a prompt, at `cursor`."""
        cursor.insertText(text, self.looks.format(style))

    @property
    def is_settled(self) -> bool:
        """Whether all pictures are drawn."""
        return not self._pictures.is_waiting

    def text_of(self, cursor: QTextCursor) -> str:
        """What is selected, with the source of formulas in their place."""
        text = cursor.selection().toPlainText()
        if PLACE not in text:
            return text
        parts: list[str] = []
        there = QTextCursor(cursor)
        position = cursor.selectionStart()
        for part in text.split(PLACE):
            position += len(part.encode("utf-16-le", "surrogatepass")) // 2
            parts.append(part)
            if position < cursor.selectionEnd():
                there.setPosition(position + 1)
                parts.append(self._pictures.text_of(int(there.charFormat().property(KEY_PROPERTY) or 0)))
            position += 1
        return "".join(parts)

    def large_at(self, cursor: QTextCursor) -> int:
        """The number of the kept object that `cursor` is in; 0 for none."""
        there = QTextCursor(cursor)
        there.clearSelection()
        numbers = [int(there.charFormat().property(LARGE_PROPERTY) or 0)]
        if not there.atBlockEnd():
            there.setPosition(there.position() + 1)
            numbers.append(int(there.charFormat().property(LARGE_PROPERTY) or 0))
        return max(numbers)

    def paint(self, paint: Paint) -> None:
        """Change the end of the section. The user's undo stack does not survive output: Qt has one per document."""
        undo = self._control.isUndoRedoEnabled()
        if undo:
            self._control.setUndoRedoEnabled(False)
        # The highlighter and qtconsole's call tips listen to every change; neither has business with output.
        blocker = QSignalBlocker(self._control.document())
        cursor = QTextCursor(self._end)
        cursor.beginEditBlock()
        if paint.is_cleared or paint.rewind >= self._count:
            self._empty(cursor)
        elif paint.rewind:
            self._take_off(cursor, paint.rewind)
        self._append(cursor, paint.lines)
        cursor.endEditBlock()
        self._end.setPosition(cursor.position())
        self._trim()
        blocker.unblock()
        if undo:
            self._control.setUndoRedoEnabled(True)

    def replace_display(self, display: str, lines: tuple[Line, ...], open_lines: int) -> None:
        """Replace a shown object wherever it was painted, but for the last `open_lines` of the section, which change by
        `paint`."""
        found = self._displays.get(display, [])
        last = self._control.document().findBlock(self._end.position()).blockNumber() - open_lines
        for place in tuple(found):
            if not open_lines or place[0].blockNumber() <= last:
                found.remove(place)
                found.append(self._replaced(place, lines))

    def _replaced(self, place: Range, lines: tuple[Line, ...]) -> Range:
        undo = self._control.isUndoRedoEnabled()
        if undo:
            self._control.setUndoRedoEnabled(False)
        start, end = place
        cursor = QTextCursor(self._control.document())
        cursor.setPosition(start.position())
        cursor.setPosition(max(start.position(), end.position()), KEEP)
        # Whole lines between: the section's own end stays where it is.
        blocker = QSignalBlocker(self._control.document())
        cursor.beginEditBlock()
        cursor.removeSelectedText()
        first = cursor.position()
        for index, each in enumerate(lines):
            if index:
                cursor.insertText("\n", QTextCharFormat())
            self._insert_line(cursor, each)
        cursor.endEditBlock()
        blocker.unblock()
        if undo:
            self._control.setUndoRedoEnabled(True)
        return self._range(first, cursor.position())

    def recolor(self) -> None:
        """The theme changed: give all text its new colours, a slice per turn of the event loop, the newest first."""
        self.looks.forget()
        self._recolored = self._control.document().lastBlock()
        self._recoloring.start()

    def close(self) -> None:
        """Nothing is recoloured or drawn any more."""
        self._recoloring.stop()
        self._pictures.close()

    def _trim(self) -> None:
        """Take the oldest lines off. Qt's own maximumBlockCount does it in the same edit as the insertion, which makes
        its layout go through all lines: 25 ms for 1,000 lines, where these two edits take 1.3 ms."""
        document = self._control.document()
        surplus = document.blockCount() - self.scrollback_lines
        if surplus > 0:
            cursor = QTextCursor(document)
            cursor.setPosition(document.findBlockByNumber(surplus).position(), KEEP)
            self._forget_displays(0, cursor.position() - 1)
            cursor.removeSelectedText()

    def _empty(self, cursor: QTextCursor) -> None:
        cursor.setPosition(self._start.position())
        cursor.setPosition(self._end.position(), KEEP)
        self._forget_displays(self._start.position(), self._end.position())
        cursor.removeSelectedText()
        self._count = 0

    def _take_off(self, cursor: QTextCursor, lines: int) -> None:
        block = self._control.document().findBlock(self._end.position())
        for _ in range(lines):
            if not block.previous().isValid() or block.position() <= self._start.position():
                self._empty(cursor)
                return
            block = block.previous()
        cursor.setPosition(block.position() + block.length() - 1)
        self._forget_displays(cursor.position() + 1, self._end.position())
        cursor.setPosition(self._end.position(), KEEP)
        cursor.removeSelectedText()
        self._count -= lines

    def _append(self, cursor: QTextCursor, lines: Iterable[str | Line]) -> None:
        """Consecutive plain lines become one insertion."""
        waiting: list[str] = []
        for each in lines:
            if isinstance(each, str):
                waiting.append(each)
                continue
            self._append_plain(cursor, waiting)
            if self._count:
                cursor.insertText("\n", QTextCharFormat())
            first = cursor.position()
            self._insert_line(cursor, each)
            self._count += 1
            if each.display:
                self._extend(each.display, first, cursor.position())
        self._append_plain(cursor, waiting)

    def _append_plain(self, cursor: QTextCursor, waiting: list[str]) -> None:
        if waiting:
            text = "\n".join(waiting)
            cursor.insertText("\n" + text if self._count else text, self.looks.format(PLAIN))
            self._count += len(waiting)
            waiting.clear()

    def _insert_line(self, cursor: QTextCursor, whole: Line) -> None:
        if whole.picture is not None:
            self._insert_object(cursor, whole, partial(self._pictures.add_picture, whole.picture))
            return
        for text, style in whole.spans:
            if style.formula:
                self._insert_object(cursor, whole, partial(self._pictures.add_formula, style.formula, text))
                continue
            look = self.looks.format(style)
            if whole.large:
                look = QTextCharFormat(look)
                look.setProperty(LARGE_PROPERTY, whole.large)
            cursor.insertText(text, look)

    def _insert_object(self, cursor: QTextCursor, whole: Line, add: Callable[[QTextCursor], int]) -> None:
        place = QTextCursor(self._control.document())
        place.setPosition(cursor.position())
        place.setKeepPositionOnInsert(True)
        look = QTextCharFormat()
        look.setObjectType(OBJECT_TYPE)
        look.setProperty(KEY_PROPERTY, add(place))
        if whole.large:
            look.setProperty(LARGE_PROPERTY, whole.large)
        cursor.insertText(PLACE, look)

    def _on_picture_failed(self, place: QTextCursor, text: str, why: str) -> None:
        """Say so where the picture would be; of a formula its source stands there."""
        cursor = QTextCursor(self._control.document())
        cursor.setPosition(place.position())
        if self._control.document().characterAt(place.position()) != PLACE:
            return  # it scrolled out, or was replaced
        cursor.setPosition(place.position() + 1, KEEP)
        undo = self._control.isUndoRedoEnabled()
        if undo:
            self._control.setUndoRedoEnabled(False)
        blocker = QSignalBlocker(self._control.document())
        cursor.beginEditBlock()
        if text:
            self.insert(cursor, text, PLAIN)
            self.insert(cursor, f" (not drawn: {why})", MUTED)
        else:
            self.insert(cursor, f"A picture that cannot be shown: {why}.", MUTED)
        cursor.endEditBlock()
        blocker.unblock()
        if undo:
            self._control.setUndoRedoEnabled(True)

    def _extend(self, display: str, first: int, end: int) -> None:
        """A line of a shown object was painted: one more of those before it, or the first."""
        known = self._displays.setdefault(display, [])
        if known and known[-1][1].position() == first - 1 and known[-1][0].position() < first:
            first = known.pop()[0].position()
        known.append(self._range(first, end))
        self._displays.move_to_end(display)
        while len(self._displays) > DISPLAYS_KEPT:
            self._displays.popitem(last=False)

    def _forget_displays(self, first: int, last: int) -> None:
        """What lies between these positions is about to go."""
        for display, places in tuple(self._displays.items()):
            kept = [each for each in places if each[0].position() < first or each[1].position() > last]
            if kept:
                self._displays[display] = kept
            else:
                del self._displays[display]

    def _range(self, first: int, end: int) -> Range:
        start = QTextCursor(self._control.document())
        start.setPosition(first)
        start.setKeepPositionOnInsert(True)
        stop = QTextCursor(self._control.document())
        stop.setPosition(end)
        stop.setKeepPositionOnInsert(True)
        return start, stop

    @Slot()
    def _recolor_some(self) -> None:
        block = self._recolored
        blocker = QSignalBlocker(self._control.document())
        for _ in range(RECOLOR_BLOCKS):
            if block is None or not block.isValid():
                self._recoloring.stop()
                self._recolored = None
                break
            self._recolor_block(block)
            if self.recolor_code is not None:
                self.recolor_code(block)
            block = block.previous()
        else:
            self._recolored = block
        blocker.unblock()

    def _recolor_block(self, block: QTextBlock) -> None:
        found: list[tuple[int, int, QTextCharFormat]] = []
        iterator = block.begin()
        while not iterator.atEnd():
            fragment = iterator.fragment()
            renewed = self.looks.renewed(fragment.charFormat())
            if renewed is not None:
                found.append((fragment.position(), fragment.length(), renewed))
            iterator += 1
        cursor = QTextCursor(block)
        for position, length, renewed in found:
            cursor.setPosition(position)
            cursor.setPosition(position + length, KEEP)
            cursor.setCharFormat(renewed)
