"""Blocks of cells that have arrived, bounded by their bytes; the one looked at longest ago goes first.

Owns nothing of how cells are asked for. A tile is one column of one block of `BLOCK_ROWS` rows.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from ide.core.record import dataclass
from ide.core.table import Cells, Page

BLOCK_ROWS: Final = 128
CACHE_BYTES: Final = 16 * 1024 * 1024
# What a tile takes beside its buffers: the records and the entry of the dictionary.
_TILE_BYTES: Final = 400


@dataclass(frozen=True, slots=True)
class _Tile:
    cells: Cells
    first: int
    end: int
    generation: int
    size_bytes: int


def blocks_of(rows: range) -> range:
    """The blocks that rows lie in."""
    return range(rows.start // BLOCK_ROWS, -(-rows.stop // BLOCK_ROWS)) if rows else range(0)


class PageCache:
    """The tiles of one view. A tile of an older generation is still shown, but counts as missing."""

    def __init__(self, limit_bytes: int = CACHE_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self._tiles: OrderedDict[tuple[int, int], _Tile] = OrderedDict()
        self._generation = 0
        self.size_bytes = 0

    @property
    def generation(self) -> int:
        """Of what is asked for now."""
        return self._generation

    def outdate(self) -> None:
        """All that is here is to be fetched anew."""
        self._generation += 1

    def cells(self, row: int, column: int) -> tuple[Cells, int] | None:
        """The buffers that hold a cell, and its row in them."""
        tile = self._tiles.get((row // BLOCK_ROWS, column))
        return (tile.cells, row - tile.first) if tile is not None and tile.first <= row < tile.end else None

    def missing(self, block: int, columns: Iterable[int]) -> tuple[int, ...]:
        """Which of the columns are not here, or outdated, in that block."""
        found = []
        for column in columns:
            tile = self._tiles.get((block, column))
            if tile is None or tile.generation != self._generation:
                found.append(column)
        return tuple(found)

    def touch(self, blocks: Iterable[int], columns: Sequence[int]) -> None:
        """These are looked at now: they go last."""
        for block in blocks:
            for column in columns:
                if (block, column) in self._tiles:
                    self._tiles.move_to_end((block, column))

    def put(self, block: int, page: Page) -> None:
        """Keep the page that was asked for as this block."""
        for column, cells in page.cells.items():
            self._drop((block, column))
            size = len(cells.data) + len(cells.codes) + len(cells.ends) + _TILE_BYTES
            self._tiles[block, column] = _Tile(cells, page.first, page.end, self._generation, size)
            self.size_bytes += size
        while self.size_bytes > self._limit_bytes and len(self._tiles) > 1:
            self._drop(next(iter(self._tiles)))

    def forget_from(self, row: int) -> None:
        """Rows from there on are others by now; a block that ended there, not being full, has more rows now."""
        for key, tile in tuple(self._tiles.items()):
            if tile.end > row or (tile.end == row and row % BLOCK_ROWS):
                self._drop(key)

    def renumber(self, moved: Mapping[int, int]) -> None:
        """Columns have other numbers now; those that are not among `moved` are gone."""
        kept = [((block, moved[column]), tile) for (block, column), tile in self._tiles.items() if column in moved]
        self._tiles = OrderedDict(kept)
        self.size_bytes = sum(tile.size_bytes for tile in self._tiles.values())

    def _drop(self, key: tuple[int, int]) -> None:
        tile = self._tiles.pop(key, None)
        if tile is not None:
            self.size_bytes -= tile.size_bytes
