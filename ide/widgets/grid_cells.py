"""What a grid knows of the cells in sight, as text: looks of columns, tiles, widths. Owns no geometry, paints nothing.

Tiles are kept until their cells, their column's width or look, or the font are other ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from PySide6.QtGui import QFont

from ide.core.record import dataclass
from ide.core.table import MISSING_WORDS, Cells, Code, Column
from ide.tables.cell_text import EMPTY_TEXT, THIN_SPACE, Look, alignment, display, display_rows, full, is_right_aligned
from ide.widgets.grid_data import GridData
from ide.widgets.grid_text import CellText, Tile, TileMaker

TILE_ROWS = 8
TILES_MOST = 6_000
NUMBERS = -1_000_000
"""Stands for the column of row numbers."""


@dataclass(slots=True)
class _Kept:
    tile: Tile
    width: int
    look: Look | None
    is_single: bool


class GridCells:
    """Text of the cells of one table in one font."""

    def __init__(self) -> None:
        self._data: GridData | None = None
        self._maker: TileMaker | None = None
        self._tiles: dict[tuple[int, int, int], _Kept] = {}
        self._looks: dict[int, Look] = {}
        self._first_look = Look()
        self._held: dict[tuple[int, int], tuple[Cells, int]] = {}
        self._held_rows: frozenset[int] = frozenset()

    def set_data(self, data: GridData | None) -> None:
        """Other cells."""
        self._data = data
        self._held.clear()
        self.forget()

    def set_font(self, font: QFont, row_px: int, pad_px: int) -> None:
        """Another font, or other distances."""
        self._maker = TileMaker(font, row_px, pad_px)
        self._tiles.clear()

    def set_marks(self, decimal_mark: str, group_mark: str) -> None:
        """Marks of the locale in numbers."""
        self._first_look = Look(decimal_mark=decimal_mark, group_mark=group_mark)
        self.forget()

    @property
    def maker(self) -> TileMaker:
        """Draws the pieces of tiles."""
        assert self._maker is not None
        return self._maker

    def forget(self) -> None:
        """Other columns: looks begin anew."""
        self._looks.clear()
        self._tiles.clear()

    def forget_rows(self, first: int, end: int) -> None:
        """These cells are other ones, or are here now."""
        gone = [key for key in self._tiles if key[1] < end and first < key[1] + key[2] and key[0] != NUMBERS]
        for key in gone:
            del self._tiles[key]
        for held in [place for place in self._held if first <= place[0] < end]:
            del self._held[held]

    def forget_tiles(self) -> None:
        """Other rows are shown; looks stay, so that columns do not jump when they are sorted."""
        self._tiles.clear()
        self._held.clear()

    def hold_rows(self, rows: Iterable[int]) -> None:
        """Keep cells of these rows once they were here, also when they are out of sight."""
        self._held_rows = frozenset(rows)
        for place in [place for place in self._held if place[0] not in self._held_rows]:
            del self._held[place]

    def find(self, row: int, column: int) -> tuple[Cells, int] | None:
        """A cell, if it is here."""
        found = self._data.cells(row, column) if self._data is not None else None
        if row in self._held_rows:
            if found is None:
                return self._held.get((row, column))
            self._held[row, column] = found
        return found

    def column(self, index: int) -> Column | None:
        """What is known of a column; row labels come with the table."""
        if self._data is None:
            return None
        if index < 0:
            return next((label for label in self._data.label_columns if label.index == index), None)
        return self._data.column(index)

    def tile(self, index: int, first: int, count: int, width: int, *, is_single: bool = False) -> Tile:
        """The text of rows `first` on of a column, or of the row numbers."""
        key = (index, first, count)
        kept = self._tiles.get(key)
        wanted = (width, is_single)
        if kept is not None and (kept.width, kept.is_single) == wanted and kept.look is self._looks.get(index):
            return kept.tile
        if len(self._tiles) > TILES_MOST:
            self._tiles.clear()
        tile = self._number_tile(first, count, width) if index == NUMBERS else None
        if tile is None:
            tile = self._cell_tile(index, range(first, first + count), width, is_single=is_single)
        self._tiles[key] = _Kept(tile, width, self._looks.get(index), is_single)
        return tile

    def _number_tile(self, first: int, count: int, width: int) -> Tile:
        cells = [CellText(row_number(row)) for row in range(first, first + count)]
        return self.maker.make(cells, width, is_right=True, is_number=False)

    def _cell_tile(self, index: int, rows: range, width: int, *, is_single: bool) -> Tile:
        column = self.column(index)
        if column is None:
            return Tile(absent=list(range(len(rows))))
        found = [self.find(row, index) for row in rows]
        look = self._looks.get(index, self._first_look)
        texts: list[str] = []
        for _ in range(2):  # the second time with the look that has room for all
            before, texts = look, []
            for cells, first, count in _pieces(found):
                if cells is None:
                    texts.extend([""] * count)
                else:
                    written, look = display_rows(cells, first, count, column, look)
                    texts.extend(written)
            if look is before:
                break
        if look is not self._looks.get(index):
            self._looks[index] = look
        made = [
            None if one is None else self._text(*one, text, column, look, is_single=is_single)
            for one, text in zip(found, texts, strict=True)
        ]
        is_right = is_right_aligned(column)
        return self.maker.make(made, width, is_right=is_right, is_number=is_right, is_single=is_single)

    def _text(self, cells: Cells, row: int, text: str, column: Column, look: Look, *, is_single: bool) -> CellText:
        code = cells.codes[row] if cells.codes else 0
        if code in MISSING_WORDS or code == Code.UNSEEN or (text == "NaN" and cells.encoding == "float64"):
            return CellText(text, "missing")
        if cells.encoding == "text":
            if text == EMPTY_TEXT and cells.value(row) == "":
                return CellText(text, "faint")
            if column.kind == "number":
                return CellText(text, shift=self._shift(text, look))
            return CellText(text)
        return CellText(text, value=float(cells.value(row))) if is_single else CellText(text)

    def _shift(self, text: str, look: Look) -> float:
        """Numbers that travel as text have decimals of their own: their marks are put below each other."""
        own = alignment(text, look).decimals
        if own == look.decimals:
            return 0.0
        glyphs = self.maker.plain
        return glyphs.width("0") * (look.decimals - own) + (glyphs.width(look.decimal_mark) if not own else 0.0)

    # ---- single cells

    def shown(self, row: int, index: int) -> str | None:
        """A cell's text as it is displayed; None where it is not here."""
        column, found = self.column(index), self.find(row, index)
        if column is None or found is None:
            return None
        look = self._looks.get(index, self._first_look).widened(*found, column)
        return display(*found, column, look)

    def exact(self, row: int, index: int) -> str | None:
        """A cell in full; None where it is not here."""
        column, found = self.column(index), self.find(row, index)
        return None if column is None or found is None else full(*found, column)

    def code(self, row: int, index: int) -> Code | None:
        """What the byte beside a cell says; None where it is not here."""
        found = self.find(row, index)
        return None if found is None else found[0].code(found[1])

    def spoken(self, row: int, index: int) -> str:
        """A cell as a screen reader says it."""
        text, code = self.shown(row, index), self.code(row, index)
        if text is None or code is None:
            return "not here yet"
        if code.is_missing:
            return f"missing, {text}"
        return text if self.exact(row, index) else "empty text"

    def look_at(self, rows: range, index: int) -> None:
        """Let the column's look have room for these rows, so that their widths are those that will be painted."""
        column = self.column(index)
        if column is None:
            return
        look = self._looks.get(index, self._first_look)
        for row in rows:
            found = self.find(row, index)
            look = look.widened(*found, column) if found is not None else look
        if look is not self._looks.get(index):
            self._looks[index] = look

    def width(self, row: int, index: int) -> float:
        """Pixels of a cell's text."""
        text = self.shown(row, index)
        if not text:
            return 0.0
        code = self.code(row, index)
        font = self.maker.italic if code is not None and code.is_missing else self.maker.plain
        return font.width(text)


def _pieces(found: Sequence[tuple[Cells, int] | None]) -> Iterator[tuple[Cells | None, int, int]]:
    """Rows that follow each other in the same buffers: buffers (None: not here), first row in them, how many."""
    start = 0
    while start < len(found):
        one = found[start]
        end = start + 1
        while end < len(found) and _follows(one, found[end], end - start):
            end += 1
        yield (None, 0, end - start) if one is None else (one[0], one[1], end - start)
        start = end


def _follows(one: tuple[Cells, int] | None, other: tuple[Cells, int] | None, by: int) -> bool:
    if one is None or other is None:
        return one is other
    return one[0] is other[0] and other[1] == one[1] + by


def row_number(row: int) -> str:
    """As people count: from 1, thousands apart."""
    return f"{row + 1:,}".replace(",", THIN_SPACE)
