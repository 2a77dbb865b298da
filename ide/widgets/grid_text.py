"""Text of cells laid out once and drawn often: tiles of some rows of one column. Owns glyphs, no geometry of a grid.

Laying out a screen of cells takes Qt as long as a frame may take; drawing glyphs that were looked up once takes a fifth
of it. So simple text (one glyph for each character, from left to right, in the grid's own font) becomes glyph runs, one
for all ordinary cells of a tile. Any other text (Arabic, emoji, combining marks) is laid out by Qt.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QGlyphRun, QPainter, QRawFont, QStaticText, QTransform

from ide.core.record import dataclass, field

ELLIPSIS = "…"
TOO_NARROW = "###"
"""In place of a number that has not enough room: a number that is cut off would be another number."""
_GAP = 0.4
"""Of a character's width, between thousands."""
_SLOTS_MOST = 4_000
_SIMPLE = ((0x21, 0x24F), (0x370, 0x482), (0x48A, 0x52F), (0x1E00, 0x1EFF))
_SIMPLE_SIGNS = frozenset("·…␣↵⇥␍−–—“”‘’€‰∞≤≥≠×÷°")
THIN_SPACE = "\u2009"

LaidOut = tuple[list[int], list[float], float, bool]
"""Glyphs, where each stands, how wide all are, and whether text was left out."""


class Glyphs:
    """The glyphs of one font, looked up once for each character."""

    def __init__(self, font: QFont) -> None:
        self.font = font
        self.metrics = QFontMetricsF(font)
        self._raw = QRawFont.fromFont(font)
        self._table: dict[str, tuple[int, float] | None] = {}
        space = self.metrics.horizontalAdvance("x")
        self._table[" "] = (-1, space)
        self._table[THIN_SPACE] = (-1, space * _GAP)
        self.advance = space
        self.gap = space * _GAP
        self.even: dict[str, int] = {}
        """Glyphs of the characters that are all `advance` wide; those of text met so far."""

    def laid_out(self, text: str, room: float, *, is_number: bool = False) -> LaidOut | None:
        """Glyphs, their places and the width; shortened to `room`. None where it is no simple text."""
        table = self._table
        glyphs: list[int] = []
        places: list[float] = []
        x = 0.0
        for character in text:
            try:
                found = table[character]
            except KeyError:
                found = table[character] = self._look_up(character)
            if found is None:
                return None
            if found[0] >= 0:
                glyphs.append(found[0])
                places.append(x)
            x += found[1]
            if x > room:
                return self._shortened(text, room, is_number=is_number)
        return glyphs, places, x, False

    def static(self, text: str, room: float, *, is_number: bool = False) -> tuple[QStaticText, float, bool]:
        """Text as Qt lays it out, its width and whether it was shortened."""
        is_cut = self.metrics.horizontalAdvance(text) > room
        if is_cut:
            text = TOO_NARROW if is_number else self.metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        made = QStaticText(text)
        made.setTextFormat(Qt.TextFormat.PlainText)
        made.prepare(QTransform(), self.font)
        return made, self.metrics.horizontalAdvance(text), is_cut

    def run(self, glyphs: list[int], positions: list[QPointF]) -> QGlyphRun:
        """Something that a painter draws at once."""
        made = QGlyphRun()
        made.setRawFont(self._raw)
        made.setGlyphIndexes(glyphs)
        made.setPositions(positions)
        return made

    def width(self, text: str) -> float:
        """How wide the text is when nothing is cut off."""
        found = self.laid_out(text, float("inf"))
        return found[2] if found is not None else self.metrics.horizontalAdvance(text)

    def _look_up(self, character: str) -> tuple[int, float] | None:
        code = ord(character)
        is_simple = any(first <= code <= last for first, last in _SIMPLE) and code != 0xAD
        if not self._raw.isValid() or not (is_simple or character in _SIMPLE_SIGNS):
            return None
        indexes = self._raw.glyphIndexesForString(character)
        if len(indexes) != 1 or indexes[0] == 0:
            return None
        wide = self.metrics.horizontalAdvance(character)
        if wide == self.advance:
            self.even[character] = indexes[0]
        return indexes[0], wide

    def _shortened(self, text: str, room: float, *, is_number: bool) -> LaidOut | None:
        text, end = (TOO_NARROW, "") if is_number else (text, ELLIPSIS)
        mark = self._table.setdefault(ELLIPSIS, self._look_up(ELLIPSIS))
        if mark is None:
            return None
        left = room - (mark[1] if end else 0.0)
        glyphs: list[int] = []
        places: list[float] = []
        x = 0.0
        for character in text:
            found = self._table.setdefault(character, self._look_up(character))
            if found is None:
                return None
            if x + found[1] > left:
                break
            if found[0] >= 0:
                glyphs.append(found[0])
                places.append(x)
            x += found[1]
        if end:
            glyphs.append(mark[0])
            places.append(x)
            x += mark[1]
        return glyphs, places, x, True


@dataclass(slots=True)
class Piece:
    """One cell that is drawn by itself, for its colour is not that of the others. `row` counts within the tile."""

    row: int
    style: str
    x: float
    content: QGlyphRun | QStaticText
    value: float | None = None


@dataclass(slots=True)
class Tile:
    """Text of some rows of one column, at the column's left edge and the tile's top."""

    ordinary: QGlyphRun | None = None
    pieces: list[Piece] = field(default_factory=list)
    absent: list[int] = field(default_factory=list)
    """Rows whose cells are not here yet."""
    is_tight: bool = False
    """Whether a number had not enough room."""


@dataclass(slots=True)
class CellText:
    """One cell's text as a tile needs it. `style` "" is ordinary; `value` is what a heat map colours it by."""

    text: str
    style: str = ""
    shift: float = 0.0
    """Pixels that it stands further to the left, so that decimal marks are below each other."""
    value: float | None = None


class TileMaker:
    """Lays out tiles in a grid's font, missing values in italic."""

    def __init__(self, font: QFont, row_px: int, pad_px: int) -> None:
        italic = QFont(font)
        italic.setItalic(True)
        self.plain = Glyphs(font)
        self.italic = Glyphs(italic)
        self._row_px = row_px
        self._pad_px = pad_px
        self._slots: dict[tuple[int, ...], list[QPointF]] = {}
        """Where the characters of even text stand: by width, row and, at the right, the sizes of its parts."""
        metrics = self.plain.metrics
        self.baseline = round((row_px - metrics.height()) / 2 + metrics.ascent())

    def make(
        self, cells: Iterable[CellText | None], width: int, *, is_right: bool, is_number: bool, is_single: bool = False
    ) -> Tile:
        """A tile of these rows; None for a cell that is not here. `is_single`: every cell has a colour of its own."""
        tile = Tile()
        glyphs: list[int] = []
        positions: list[QPointF] = []
        room = width - 2 * self._pad_px
        for row, cell in enumerate(cells):
            if cell is None:
                tile.absent.append(row)
                continue
            if not cell.text:
                continue
            font = self.italic if cell.style == "missing" else self.plain
            is_whole = is_number and cell.style != "missing"
            is_usual = not (cell.style or is_single or cell.shift)
            if is_usual and self._add_even(cell.text, row, width, glyphs, positions, is_right=is_right):
                continue
            found = font.laid_out(cell.text, room, is_number=is_whole)
            if found is None:
                content, wide, is_cut = font.static(cell.text, room, is_number=is_whole)
                tile.is_tight = tile.is_tight or (is_whole and is_cut)
                x = self._x(width, wide + cell.shift, is_right=is_right)
                tile.pieces.append(Piece(row, cell.style, x, content, cell.value))
                continue
            indexes, places, wide, is_cut = found
            tile.is_tight = tile.is_tight or (is_whole and is_cut)
            x = self._x(width, wide + cell.shift, is_right=is_right)
            if cell.style or is_single:
                run = font.run(indexes, [QPointF(place, 0.0) for place in places])
                tile.pieces.append(Piece(row, cell.style, x, run, cell.value))
                continue
            y = float(row * self._row_px + self.baseline)
            glyphs.extend(indexes)
            positions.extend([QPointF(x + place, y) for place in places])
        if glyphs:
            tile.ordinary = self.plain.run(glyphs, positions)
        return tile

    def _add_even(
        self, text: str, row: int, width: int, glyphs: list[int], positions: list[QPointF], *, is_right: bool
    ) -> bool:
        """Add text of characters of one width, whose places are the same in every tile; False where it is not such."""
        parts = text.split(THIN_SPACE) if is_right else [text]
        # Numbers have few shapes. Other text begins at the same edge, however long it is.
        key = (width, row, *map(len, parts)) if is_right else (width, row)
        places = self._slots.get(key)
        if places is None:
            if len(self._slots) > _SLOTS_MOST:
                self._slots.clear()
            make = self._right_places if is_right else self._left_places
            places = self._slots[key] = make(width, row, [len(part) for part in parts])
        try:
            found = list(map(self.plain.even.__getitem__, "".join(parts)))
        except KeyError:
            return False
        if len(found) > len(places):
            return False
        glyphs.extend(found)
        positions.extend(places if is_right else places[: len(found)])
        return True

    def _right_places(self, width: int, row: int, sizes: list[int]) -> list[QPointF]:
        """Where characters of one width stand, in parts of these sizes with a gap between them; none without room."""
        advance, gap = self.plain.advance, self.plain.gap
        wide = sum(sizes) * advance + (len(sizes) - 1) * gap
        if wide > width - 2 * self._pad_px:
            return []
        x = width - self._pad_px - wide
        found: list[QPointF] = []
        for size in sizes:
            found += self._line(x, row, size)
            x += size * advance + gap
        return found

    def _left_places(self, width: int, row: int, _sizes: list[int]) -> list[QPointF]:
        """As many as there is room for."""
        return self._line(self._pad_px, row, max(0, int((width - 2 * self._pad_px) / self.plain.advance)))

    def _line(self, x: float, row: int, count: int) -> list[QPointF]:
        y = float(row * self._row_px + self.baseline)
        return [QPointF(x + number * self.plain.advance, y) for number in range(count)]

    def draw_piece(self, painter: QPainter, piece: Piece, x: float, y: float) -> None:
        """`x` and `y` are the tile's; the pen is the caller's."""
        top = y + piece.row * self._row_px
        if isinstance(piece.content, QGlyphRun):
            painter.drawGlyphRun(QPointF(x + piece.x, top + self.baseline), piece.content)
        else:
            font = self.italic if piece.style == "missing" else self.plain
            painter.setFont(font.font)
            ascent = font.metrics.ascent()
            painter.drawStaticText(QPointF(x + piece.x, top + self.baseline - ascent), piece.content)

    def _x(self, width: int, wide: float, *, is_right: bool) -> float:
        return max(float(self._pad_px), width - self._pad_px - wide) if is_right else float(self._pad_px)
