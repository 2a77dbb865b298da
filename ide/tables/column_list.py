"""The columns of a table as far as they are known: asked for in blocks, when somebody looks at one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from ide.core.ports import After, Cancel
from ide.core.table import Column, TableError, TableInfo, TableSource

COLUMN_BLOCK: Final = 256
_RETRY_S: Final = 1.0


class ColumnList:
    """Columns by index; row labels (negative) are known from the start. A block that failed is asked for again by
    whoever looks at it a second or more later."""

    def __init__(
        self,
        source: TableSource,
        info: TableInfo,
        after: After,
        on_arrived: Callable[[int, int], None],
        on_failed: Callable[[TableError], None],
    ) -> None:
        self._source, self._after = source, after
        self._on_arrived, self._on_failed = on_arrived, on_failed
        self._count = info.column_count
        self._known: dict[int, Column] = {column.index: column for column in info.labels}
        self._asked: dict[int, Cancel | None] = {}
        self._pausing: dict[int, Cancel] = {}

    @property
    def known(self) -> Mapping[int, Column]:
        """Those that are here, row labels too."""
        return self._known

    def get(self, index: int) -> Column | None:
        """The column; asks for it where it is not here."""
        found = self._known.get(index)
        if found is None and 0 <= index < self._count:
            self.ask(index // COLUMN_BLOCK)
            found = self._known.get(index)  # a source may answer at once
        return found

    def search(self, names: Iterable[str], near: Iterable[int], done: Callable[[], None]) -> None:
        """Ask for the blocks that hold the columns `near`, then for block after block until all of the names are known
        or no block is left; then call `done`."""
        count = -(-self._count // COLUMN_BLOCK)
        first = list(dict.fromkeys(index // COLUMN_BLOCK for index in near if 0 <= index < self._count))
        _Search(self, set(names), first, [block for block in range(count) if block not in first], done).go_on()

    def close(self) -> None:
        """Give up what is under way."""
        for cancel in [*self._asked.values(), *self._pausing.values()]:
            if cancel is not None:
                cancel()
        self._asked.clear()
        self._pausing.clear()

    def ask(self, block: int, then: Callable[[], None] | None = None) -> None:
        """Ask for a block, unless it is under way or has just failed; `then` is called once it came or failed."""
        if then is None and (block in self._asked or block in self._pausing):
            return
        first, end = block * COLUMN_BLOCK, min((block + 1) * COLUMN_BLOCK, self._count)

        def arrived(columns: tuple[Column, ...]) -> None:
            self._asked.pop(block, None)
            self._known.update((column.index, column) for column in columns)
            self._on_arrived(first, end)
            if then is not None:
                then()

        def failed(error: TableError) -> None:
            self._asked.pop(block, None)
            self._pausing[block] = self._after(_RETRY_S, lambda: self._retry(block, first, end))
            self._on_failed(error)
            if then is not None:
                then()

        self._asked[block] = None
        cancel = self._source.columns(first, end, arrived, failed)
        if block in self._asked:
            self._asked[block] = cancel

    def _retry(self, block: int, first: int, end: int) -> None:
        """Those who look are told to look again, and so ask again."""
        del self._pausing[block]
        self._on_arrived(first, end)


class _Search:
    """One `ColumnList.search` on its way."""

    def __init__(
        self, columns: ColumnList, names: set[str], first: list[int], others: list[int], done: Callable[[], None]
    ) -> None:
        self._columns, self._names, self._first, self._others, self._done = columns, names, first, others, done

    def go_on(self) -> None:
        """Ask for the next block, if there is one that is worth it."""
        self._names.difference_update(column.name for column in self._columns.known.values())
        blocks = self._first or (self._others if self._names else [])
        if blocks:
            self._columns.ask(blocks.pop(0), self.go_on)
        else:
            self._done()
