"""The text behind one or more code views: a `QTextDocument`, the same text as Python lines, and edits in code points.

Owns the text's way in and out: loading in pieces, stand-ins for what must not be laid out, the translation of Qt's
changes to `Edit`s. Knows no file and no language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QTextBlock, QTextCharFormat, QTextCursor, QTextDocument

from ide.core.text import Edit, Place, offset_of_utf16, utf16_length
from ide.qt.theme import Theme
from ide.widgets.code_view_layout import (
    HIDDEN,
    LINE_HEIGHT,
    STAND_IN,
    STAND_IN_TYPE,
    CodeLayout,
    Hidden,
    StandIn,
    stand_in_format,
)
from ide.widgets.code_view_long_edits import LongEdits
from ide.widgets.code_view_weights import LineWeights

LONGEST_SHOWN = 10_000
"""Characters. Qt lays out a whole line for each key: of a longer one only the start is shown."""
SHOWN_OF_LONG = 2_000
FIRST_PIECE_LINES = 400
PIECE_LINES = 1_000
PIECE_CHARACTERS = 400_000

# What Qt takes for the end of a block or frame, and what reorders or hides text that is shown (Trojan Source).
_NEVER_LAID_OUT = re.compile(
    "[\0\r\u2028\u2029\ufdd0\ufdd1\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\u00ad]"
)


class CodeText(QObject):
    """One text; several views may show it. UI thread only."""

    edited = Signal(object)
    """Edit, for each change that was made here (not for `load` and `replace`), in the order of applying."""
    lines_changed = Signal(int, int, int)
    """First line, lines removed, lines added: for every change, whoever made it, after `lines` holds it."""
    loaded = Signal()

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lines: list[str] = [""]
        """The text without line ends, stand-ins taken out. Not to be changed from outside."""
        self.is_loading = False
        self.line_total = 1
        """How many lines there will be once all is loaded."""
        self._theme = theme
        self._weights = LineWeights()
        self._weights.splice(0, 0, [0])
        self._is_quiet = False
        self._is_external = False
        self._waiting: Iterator[list[str]] = iter(())
        self.document = QTextDocument(self)
        self._line_height = 1.0
        self._layout = CodeLayout(self.document, self.line_height)
        self._stand_in = StandIn(theme, self.document)
        self._layout.registerHandler(STAND_IN_TYPE, self._stand_in)
        self.document.setDocumentLayout(self._layout)
        self._on_theme_changed()
        theme.changed.connect(self._on_theme_changed)
        self.document.contentsChange.connect(self._on_contents_change)
        self._loading = QTimer(self)
        self._loading.setInterval(0)
        self._loading.timeout.connect(self._load_piece)
        self.long = LongEdits(self.document, insert_text, _text_pieces)
        """Makes and undoes changes that take many turns of the event loop."""

    def line_height(self) -> float:
        """Pixels from one line to the next."""
        return self._line_height

    # --- text in -----------------------------------------------------------------------------------------------------

    def load(self, text: str) -> None:
        """Show `text`; nothing of it can be undone. The first screen is there on return, the rest follows in pieces."""
        self._loading.stop()
        self.long.forget()
        self.document.setUndoRedoEnabled(False)
        self.is_loading = True
        lines = text.split("\n")
        self.line_total = len(lines)
        self._waiting = _pieces(lines)
        self._is_quiet = True
        self.document.clear()
        self._is_quiet = False
        removed = len(self.lines)
        self.lines = [""]
        self._weights.clear()
        self._weights.splice(0, 0, [0])
        self.lines_changed.emit(0, removed, 1)
        self._load_piece()

    @Slot()
    def _load_piece(self) -> None:
        piece = next(self._waiting, None)
        if piece is None:
            self._end_load()
            return
        is_first = len(self.lines) == 1 and not self.lines[0]
        at = 0 if is_first else len(self.lines)
        cursor = QTextCursor(self.document)
        cursor.movePosition(QTextCursor.MoveOperation.End)
        self._is_quiet = True
        _insert(cursor, piece if is_first else ["", *piece])
        self._is_quiet = False
        removed = 1 if is_first else 0
        self.lines[at:] = piece
        self._weights.splice(at, removed, map(self._weight, range(at, at + len(piece)), piece))
        self.lines_changed.emit(at, removed, len(piece))
        if self.is_loading and not self._loading.isActive():
            self._loading.start()
            if len(piece) < FIRST_PIECE_LINES:
                self._load_piece()

    def _end_load(self) -> None:
        self._loading.stop()
        self.is_loading = False
        self.document.setUndoRedoEnabled(True)
        self.document.setModified(False)
        self.loaded.emit()

    def finish_loading(self) -> None:
        """Load what is left now. Takes about 4 us per line."""
        while self.is_loading:
            self._load_piece()
        self.long.finish()

    def replace(self, text: str) -> None:
        """Make the text another one, as one step that can be undone, without announcing edits."""
        self.finish_loading()
        new = text.split("\n")
        first, old_end, new_end = _differing(self.lines, new)
        if first == old_end and first == new_end:
            return
        self._is_external = True
        try:
            self.replace_lines(first, old_end, new[first:new_end])
        finally:
            self._is_external = False

    def replace_lines(self, first: int, end: int, new: Sequence[str]) -> None:
        """Put `new` in place of the lines `first` to `end` as one undo step."""
        self.long.finish()
        cursor = QTextCursor(self.document)
        cursor.beginEditBlock()
        count = self.document.blockCount()  # inside an edit block `lines` may be older
        if first >= count:
            cursor.movePosition(QTextCursor.MoveOperation.End)
            _insert(cursor, ["", *new])
        elif end >= count:
            # There is no line end after the last line: take the one before, if anything stands before.
            cursor.setPosition(self._start_of(first) - (1 if first and not new else 0))
            cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
            cursor.removeSelectedText()
            _insert(cursor, new)
        else:
            cursor.setPosition(self._start_of(first))
            cursor.setPosition(self._start_of(end), QTextCursor.MoveMode.KeepAnchor)
            cursor.removeSelectedText()
            if new:
                _insert(cursor, [*new, ""])
        cursor.endEditBlock()

    @property
    def is_busy(self) -> bool:
        """Whether text is still on its way in; keys wait for it."""
        return self.is_loading or self.long.is_busy

    def insert(self, cursor: QTextCursor, text: str) -> None:
        """Put `text` in place of the cursor's selection, laid out safely. Belongs to the caller's undo step."""
        insert_text(cursor, text)

    def apply(self, edits: Sequence[Edit]) -> None:
        """Make `edits`, whose offsets all count in the present text, as one undo step; they are announced.

        They must not overlap.
        """
        self.long.finish()
        ordered = sorted(edits, key=lambda edit: edit.start)[::-1]
        if any(self._touches_hidden(edit) for edit in ordered):
            self._apply_to_lines(ordered)
            return
        cursor = QTextCursor(self.document)
        cursor.beginEditBlock()
        # `lines` stays as it was until the block ends: going from the last to the first keeps the places right.
        for edit in ordered:
            start, end = (
                self._position_of_offset(edit.start),
                self._position_of_offset(edit.start + edit.removed_length),
            )
            cursor.setPosition(start)
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            self.insert(cursor, edit.inserted)
        cursor.endEditBlock()

    def _touches_hidden(self, edit: Edit) -> bool:
        first = self.place_of_offset(edit.start).line
        last = self.place_of_offset(edit.start + edit.removed_length).line
        return any(self.has_hidden(line) for line in range(first, last + 1))

    def _apply_to_lines(self, ordered: Sequence[Edit]) -> None:
        """Positions inside hidden text do not exist: put whole lines in place of whole lines."""
        text = self.text
        for edit in ordered:
            text = edit.apply(text)
        new = text.split("\n")
        first, old_end, new_end = _differing(self.lines, new)
        if (first, first) != (old_end, new_end):
            self.replace_lines(first, old_end, new[first:new_end])

    def has_hidden(self, line: int) -> bool:
        """Whether something of a line is hidden behind a stand-in."""
        return STAND_IN in self.document.findBlockByNumber(line).text()

    # --- places ------------------------------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """The whole text."""
        return "\n".join(self.lines)

    def place(self, position: int) -> Place:
        """The line and code point column of a position in the `QTextDocument`."""
        block = self.document.findBlock(position)
        if not block.isValid():
            block = self.document.lastBlock()
        return Place(block.blockNumber(), self.column(block, position - block.position()))

    def position(self, place: Place) -> int:
        """The position in the `QTextDocument` of a place; a place that does not exist becomes the nearest one."""
        line = min(max(place.line, 0), self.document.blockCount() - 1)
        block = self.document.findBlockByNumber(line)
        return block.position() + self.units(block, max(0, place.column))

    def column(self, block: QTextBlock, units: int) -> int:
        """Code points in the first `units` UTF-16 units of a block."""
        shown = block.text()
        column = offset_of_utf16(shown, max(0, units))
        if STAND_IN not in shown[:column]:
            return column
        return len(_with_hidden(block, shown[:column]))

    def units(self, block: QTextBlock, column: int) -> int:
        """UTF-16 units before the code point `column` of a block; inside hidden text it is the stand-in's place."""
        shown = block.text()
        if STAND_IN not in shown:
            return utf16_length(shown[:column])
        left, units = column, 0
        for piece, hidden in _runs(block, shown):
            if left < len(hidden):
                return units + (0 if hidden != piece else utf16_length(piece[:left]))
            left -= len(hidden)
            units += utf16_length(piece)
        return units

    def offset_of_line(self, line: int) -> int:
        """Code points before a line, line ends counted."""
        return self._start_of(line) + self._weights.before(line)

    def offset(self, place: Place) -> int:
        """Code points before a place."""
        return self.offset_of_line(place.line) + place.column

    def place_of_offset(self, offset: int) -> Place:
        """The place with `offset` code points before it."""
        low, high = 0, len(self.lines) - 1
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self.offset_of_line(middle) <= offset else (low, middle - 1)
        return Place(low, min(offset - self.offset_of_line(low), len(self.lines[low])))

    def selected_text(self, cursor: QTextCursor) -> str:
        """What the cursor selects, hidden text included."""
        start, end = self.place(cursor.selectionStart()), self.place(cursor.selectionEnd())
        return self.between(start, end)

    def between(self, start: Place, end: Place) -> str:
        """The text from `start` to `end`."""
        if start.line == end.line:
            return self.lines[start.line][start.column : end.column]
        middle = self.lines[start.line + 1 : end.line]
        return "\n".join([self.lines[start.line][start.column :], *middle, self.lines[end.line][: end.column]])

    def _start_of(self, line: int) -> int:
        block = self.document.findBlockByNumber(line)
        return block.position() if block.isValid() else self.document.characterCount()

    def _position_of_offset(self, offset: int) -> int:
        return self.position(self.place_of_offset(offset))

    def _weight(self, line: int, text: str) -> int:
        if text.isascii() and len(text) <= LONGEST_SHOWN and "\r" not in text and "\0" not in text:
            return 0
        block = self.document.findBlockByNumber(line)
        return len(text) - (block.length() - 1)

    # --- text out ----------------------------------------------------------------------------------------------------

    @Slot(int, int, int)
    def _on_contents_change(self, position: int, _removed: int, added: int) -> None:
        if self._is_quiet:
            return
        document = self.document
        first_block = document.findBlock(position)
        if not first_block.isValid():
            first_block = document.lastBlock()
        last_block = document.findBlock(position + added)
        if not last_block.isValid():
            last_block = document.lastBlock()
        first, new_end = first_block.blockNumber(), last_block.blockNumber() + 1
        old_end = new_end - (document.blockCount() - len(self.lines))
        new: list[str] = []
        block = first_block
        for _ in range(new_end - first):
            new.append(real_text(block))
            block = block.next()
        self._take(first, self.lines[first:old_end], new)

    def _take(self, first: int, old: list[str], new: list[str]) -> None:
        """Lines `first` and on were `old` and are `new` now."""
        same, old_end, new_end = _differing(old, new)
        if same == old_end == new_end:
            # The same text, yet perhaps with more or less of it hidden behind a stand-in.
            self._weigh(first, len(old), new)
            return
        edits = [] if self._is_external else list(_edits(self.offset_of_line(first), old, new))
        self.long.follow()
        self.line_total = self.document.blockCount()
        self.lines[first : first + len(old)] = new
        self._weigh(first, len(old), new)
        for edit in edits:
            self.edited.emit(edit)
        self.lines_changed.emit(first + same, old_end - same, new_end - same)
        if any(len(text) > LONGEST_SHOWN * 2 for text in new):
            QTimer.singleShot(0, self, self._hide_long_lines)

    def _weigh(self, first: int, removed: int, new: list[str]) -> None:
        weights = [self._weight(line, text) for line, text in enumerate(new, first)]
        self._weights.splice(first, removed, weights)

    @Slot()
    def _hide_long_lines(self) -> None:
        """Lines that grew long by joining, undoing or one huge insertion: show their start only from now on."""
        for line, text in enumerate(self.lines):
            block = self.document.findBlockByNumber(line) if len(text) > LONGEST_SHOWN * 2 else None
            if block is None or block.length() <= LONGEST_SHOWN * 2:
                continue
            shown = block.text()
            hidden = _with_hidden(block, shown)[SHOWN_OF_LONG:]
            cursor = QTextCursor(block)
            cursor.joinPreviousEditBlock()
            cursor.setPosition(block.position() + utf16_length(shown[:SHOWN_OF_LONG]))
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
            cursor.insertText(STAND_IN, stand_in_format(hidden))
            cursor.endEditBlock()

    @Slot()
    def _on_theme_changed(self) -> None:
        font = self._theme.font("code")
        self._line_height = float(round(font.pixelSize() * LINE_HEIGHT))
        self.document.setDefaultFont(font)


def insert_text(cursor: QTextCursor, text: str) -> None:
    """Put `text` in place of the selection, with stand-ins where they are needed."""
    if cursor.hasSelection():
        cursor.removeSelectedText()
    _insert(cursor, text.replace("\r\n", "\n").split("\n"))


def real_text(block: QTextBlock) -> str:
    """The text of a block with its stand-ins replaced by what they stand for."""
    shown = block.text()
    return _with_hidden(block, shown) if STAND_IN in shown else shown


def hidden_at(document: QTextDocument, position: int) -> str:
    """What the stand-in at `position` stands for; empty where there is none."""
    if document.characterAt(position) != STAND_IN:
        return ""
    cursor = QTextCursor(document)
    cursor.setPosition(position + 1)
    hidden = cursor.charFormat().property(HIDDEN)
    return hidden.text if isinstance(hidden, Hidden) else ""


def _runs(block: QTextBlock, shown: str) -> Iterator[tuple[str, str]]:
    """What is shown and what it is, piece by piece: one stand-in or a stretch of ordinary text."""
    document = block.document()
    units = 0
    for piece in re.split(f"({STAND_IN})", shown):
        if piece == STAND_IN:
            yield piece, hidden_at(document, block.position() + units) or piece
        elif piece:
            yield piece, piece
        units += utf16_length(piece)


def _with_hidden(block: QTextBlock, shown: str) -> str:
    return "".join(hidden for _piece, hidden in _runs(block, shown))


def _insert(cursor: QTextCursor, lines: Sequence[str]) -> None:
    """Insert `lines` with line ends between them, with stand-ins where they are needed."""
    if max(map(len, lines), default=0) <= LONGEST_SHOWN:
        text = "\n".join(lines)
        if _NEVER_LAID_OUT.search(text) is None:
            cursor.insertText(text, QTextCharFormat())
            return
    plain: list[str] = []
    for number, line in enumerate(lines):
        if number:
            plain.append("\n")
        for piece in _safe_pieces(line):
            if isinstance(piece, str):
                plain.append(piece)
                continue
            cursor.insertText("".join(plain), QTextCharFormat())
            plain.clear()
            cursor.insertText(STAND_IN, piece)
    cursor.insertText("".join(plain), QTextCharFormat())


def _safe_pieces(line: str) -> Iterator[str | QTextCharFormat]:
    rest = ""
    if len(line) > LONGEST_SHOWN:
        line, rest = line[:SHOWN_OF_LONG], line[SHOWN_OF_LONG:]
    end = 0
    for match in _NEVER_LAID_OUT.finditer(line):
        yield line[end : match.start()]
        yield stand_in_format(match[0])
        end = match.end()
    yield line[end:]
    if rest:
        yield stand_in_format(rest)


def _text_pieces(text: str) -> Iterator[str]:
    """A text in pieces that go in within a few milliseconds each; their line ends are kept."""
    is_first = True
    for piece in _pieces(text.replace("\r\n", "\n").split("\n")):
        yield "\n".join(piece if is_first else ["", *piece])
        is_first = False


def _pieces(lines: list[str]) -> Iterator[list[str]]:
    """`lines` in pieces that load in a few milliseconds each."""
    first, limit = 0, FIRST_PIECE_LINES
    while first < len(lines):
        end, size = first, 0
        while end < len(lines) and end - first < limit and (end == first or size < PIECE_CHARACTERS):
            size += min(len(lines[end]), LONGEST_SHOWN)
            end += 1
        yield lines[first:end]
        first, limit = end, PIECE_LINES


def _differing(old: Sequence[str], new: Sequence[str]) -> tuple[int, int, int]:
    """First line that differs, and the ends of what differs in `old` and in `new`."""
    shorter = min(len(old), len(new))
    first = 0
    while first < shorter and old[first] == new[first]:
        first += 1
    tail = 0
    while tail < shorter - first and old[len(old) - 1 - tail] == new[len(new) - 1 - tail]:
        tail += 1
    return first, len(old) - tail, len(new) - tail


def _edits(offset: int, old: list[str], new: list[str]) -> Iterator[Edit]:
    """The edits that make `old` into `new`, last place first; `offset` is that of the first line."""
    if len(old) == len(new):
        yield from reversed(list(_line_edits(offset, old, new)))
        return
    first, old_end, new_end = _differing(old, new)
    # One equal line on each side of the gap stays in, so that the line end that came or went is in both texts.
    first = max(0, min(first, old_end - 1, new_end - 1))
    if first in (old_end, new_end):
        old_end, new_end = min(old_end + 1, len(old)), min(new_end + 1, len(new))
    offset += sum(len(line) + 1 for line in old[:first])
    yield from _text_edit(offset, "\n".join(old[first:old_end]), "\n".join(new[first:new_end]))


def _line_edits(offset: int, old: list[str], new: list[str]) -> Iterator[Edit]:
    """Runs of lines that differ, where the number of lines is the same."""
    run_first: int | None = None
    run_offset = offset
    for line, (before, after) in enumerate(zip(old, new, strict=True)):
        if before != after and run_first is None:
            run_first, run_offset = line, offset
        elif before == after and run_first is not None:
            yield from _text_edit(run_offset, "\n".join(old[run_first:line]), "\n".join(new[run_first:line]))
            run_first = None
        offset += len(before) + 1
    if run_first is not None:
        yield from _text_edit(run_offset, "\n".join(old[run_first:]), "\n".join(new[run_first:]))


def _text_edit(offset: int, old: str, new: str) -> Iterator[Edit]:
    if old == new:
        return
    start = _common(old, new, min(len(old), len(new)))
    tail = _common_end(old, new, min(len(old), len(new)) - start)
    yield Edit(offset + start, len(old) - start - tail, new[start : len(new) - tail])


def _common(old: str, new: str, limit: int) -> int:
    """Length of the common start, by halving: comparing slices is far quicker than comparing characters."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if old[low:middle] == new[low:middle] else (low, middle - 1)
    return low


def _common_end(old: str, new: str, limit: int) -> int:
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        same = old[len(old) - middle : len(old) - low] == new[len(new) - middle : len(new) - low]
        low, high = (middle, high) if same else (low, middle - 1)
    return low
