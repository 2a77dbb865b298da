"""What a grid asks of whoever feeds it (`ide.tables.pager.Pager`, or a table in memory). Owns nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ide.core.events import SignalInstance
from ide.core.table import Cells, Column, ColumnProfile, TableInfo, ViewSpec


class GridData(Protocol):
    """A table as a grid paints it. UI thread; every call returns at once, what is not here is announced later."""

    info: TableInfo
    spec: ViewSpec

    @property
    def row_count(self) -> int:
        """Rows of the view; grows while nobody knows how many there are."""

    @property
    def column_count(self) -> int:
        """Columns, row labels not counted."""

    @property
    def label_columns(self) -> tuple[Column, ...]:
        """Row labels, the first level first; empty where rows are only numbered."""

    @property
    def arrived(self) -> SignalInstance:
        """(first, end): rows that can be painted anew."""

    @property
    def columns_arrived(self) -> SignalInstance:
        """(first, end): columns by index."""

    @property
    def profile_arrived(self) -> SignalInstance:
        """(column)"""

    @property
    def view_changed(self) -> SignalInstance:
        """Other rows are shown now."""

    @property
    def changed(self) -> SignalInstance:
        """Anything else: how many rows, other columns."""

    def column(self, index: int) -> Column | None:
        """A column, or a row label by a negative index."""

    def cells(self, row: int, column: int) -> tuple[Cells, int] | None:
        """Buffers and the row's place in them."""

    def want(self, rows: range, columns: Sequence[int]) -> None:
        """What is in sight."""

    def profile(self, column: int) -> ColumnProfile | None:
        """What is known of a column for its header."""
