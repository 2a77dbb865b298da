"""What tests of data files share: a UI thread, the reader's process, answers waited for, cells as Python values."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ide.core.ports import Cancel
from ide.core.table import (
    CellDetail,
    Cells,
    Code,
    Column,
    ColumnProfile,
    FilterGroup,
    Page,
    Progress,
    SortKey,
    TableError,
    TableInfo,
    TableSource,
    ViewSpec,
    ViewState,
)
from ide.tables.files.options import FileOptions, FilePart, Limits
from ide.tables.files.source import DataFiles, FileTableSource
from tests.fakes.ui_thread import FakeUiThread

WAIT_S = 60.0
_FORMATS = {"bool": "?", "int32": "i", "int64": "q", "uint64": "Q", "float64": "d"}


class Desk:
    """Opens files and asks tables, one thing after the other."""

    def __init__(self, temp_folder: Path, limits: Limits = Limits()) -> None:  # noqa: B008 - immutable
        self.ui = FakeUiThread()
        self.temp_folder = temp_folder
        self.files = DataFiles(self.ui.post, self.ui.after, temp_folder=temp_folder, limits=limits)
        self.view = 0
        self.wait_s = WAIT_S
        self.sources: list[FileTableSource] = []

    def temp_files(self) -> list[Path]:
        """What the reader has written, apart from what it always has."""
        # Not `rglob`: it fails where the reader removes a folder while it is looked through.
        found = (Path(folder) / name for folder, _folders, names in os.walk(self.temp_folder) for name in names)
        return [path for path in found if path.name not in ("errors", "lock")]

    def wait(self, ask: Callable[[Callable[[Any], None], Callable[[TableError], None]], Cancel]) -> Any:
        """The answer, or the error raised."""
        answers: list[Any] = []
        errors: list[TableError] = []
        ask(answers.append, errors.append)
        self.ui.pump_until(lambda: answers or errors, self.wait_s, "an answer")
        if errors:
            raise errors[0]
        return answers[0]

    def open(self, path: Path, *, is_whole: bool = True, **options: Any) -> FileTableSource:
        """The table; with `is_whole` when all of the file was read."""
        source: FileTableSource = self.wait(
            lambda done, failed: self.files.open_file(path, FileOptions(**options), done, failed)
        )
        self.sources.append(source)
        if is_whole:
            self.ui.pump_until(lambda: not source.is_growing, self.wait_s, "the end of the file")
        return source

    def parts(self, path: Path) -> tuple[FilePart, ...]:
        found: tuple[FilePart, ...] = self.wait(lambda done, failed: self.files.parts(path, done, failed))
        return found

    def columns(self, source: TableSource) -> tuple[Column, ...]:
        found: tuple[Column, ...] = self.wait(
            lambda done, failed: source.columns(0, source.info.column_count, done, failed)
        )
        return found

    def page(self, source: TableSource, first: int, end: int, columns: Sequence[int], view: int = 0) -> Page:
        found: Page = self.wait(lambda done, failed: source.page(view, first, end, columns, done, failed))
        return found

    def rows(self, source: TableSource, view: int = 0, count: int | None = None) -> list[tuple[object, ...]]:
        """Every row of a view as Python values: missing ones as their code."""
        total = source.info.row_count if count is None else count
        indexes = range(source.info.column_count)
        found: list[tuple[object, ...]] = []
        step = max(1, min(2_000, 100_000 // max(1, len(indexes))))
        while len(found) < total:
            page = self.page(source, len(found), min(total, len(found) + step), indexes, view)
            assert page.end > page.first
            found += zip(*(values(page.cells[index]) for index in indexes), strict=True)
        return found

    def make_view(
        self,
        source: TableSource,
        sort: Sequence[SortKey] = (),
        group: FilterGroup = FilterGroup(),  # noqa: B008 - immutable
    ) -> ViewState:
        self.view += 1
        spec, number = ViewSpec(tuple(sort), group), self.view
        found: ViewState = self.wait(lambda done, failed: source.view(number, spec, done, failed))
        return found

    def profile(self, source: TableSource, column: int, *, view: int = 0, is_exact: bool = False) -> ColumnProfile:
        found: ColumnProfile = self.wait(
            lambda done, failed: source.profile(view, column, done, failed, is_exact=is_exact)
        )
        return found

    def cell(self, source: TableSource, row: int, column: int, view: int = 0) -> CellDetail:
        found: CellDetail = self.wait(lambda done, failed: source.cell(view, row, column, done, failed))
        return found

    def close_sources(self) -> None:
        for source in self.sources:
            source.close()
        self.sources.clear()

    def close(self) -> None:
        self.files.close()
        assert not list(self.temp_folder.iterdir()), "the reader's temporary files are still there"


def values(cells: Cells) -> list[object]:
    """Cells as Python values; what is no value as its code, cut and described ones as text with the code."""
    if cells.encoding == "text":
        ends = struct.unpack(f"<{len(cells.ends) // 4}i", cells.ends)
        found: list[object] = [cells.data[first:end].decode() for first, end in zip((0, *ends[:-1]), ends, strict=True)]
    else:
        width = {"bool": 1, "int32": 4}.get(cells.encoding, 8)
        count = len(cells.data) // width
        found = list(struct.unpack(f"<{count}{_FORMATS[cells.encoding]}", cells.data))
    assert len(cells.codes) in (0, len(found))
    codes = [Code(code) for code in cells.codes] or [Code.VALUE] * len(found)
    return [
        value if code is Code.VALUE else code if code.is_missing else (value, code)
        for value, code in zip(found, codes, strict=True)
    ]


__all__ = ["Desk", "Mapping", "Progress", "TableInfo", "values"]
