"""Opens a data file: which reader it gets, and which sheets or tables it has. Part of the process that reads files."""

from __future__ import annotations

from pathlib import Path

from ide.core.record import replace
from ide.tables.files.blocks import Blocks, Job
from ide.tables.files.options import FileOptions, FilePart
from ide.tables.files.packed import format_of, looked_at, unpack


def open_blocks(path: Path, options: FileOptions, folder: Path, memory_bytes: int, job: Job) -> Blocks:
    """A reader for the file. `folder` is for what it has to keep; it exists."""
    looked_at(path)
    name, packing = format_of(path, options)
    if name == "csv":
        from ide.tables.files.delimited import DelimitedBlocks

        return DelimitedBlocks(path, options, packing, folder)
    if name == "json":
        from ide.tables.files.loose import JsonBlocks

        return JsonBlocks(path, options, packing, folder)
    if packing:
        path = unpack(path, packing, folder, job)
    options = replace(options, format=name)
    if name in ("parquet", "arrow"):
        from ide.tables.files.columnar import ParquetBlocks, arrow_blocks

        return ParquetBlocks(path, options) if name == "parquet" else arrow_blocks(path, options, folder)
    if name in ("sheets", "sqlite"):
        from ide.tables.files.loose import SheetBlocks, SqliteBlocks

        return (SheetBlocks if name == "sheets" else SqliteBlocks)(path, options, folder)
    from ide.tables.files.tight import DuckdbBlocks, StatisticsBlocks

    if name == "duckdb":
        return DuckdbBlocks(path, options, folder, memory_bytes)
    return StatisticsBlocks(path, options, folder)


def parts_of(path: Path, options: FileOptions, folder: Path, memory_bytes: int, job: Job) -> list[FilePart]:
    """Sheets or tables; empty where a file holds one table."""
    looked_at(path)
    name, packing = format_of(path, options)
    if name not in ("sheets", "sqlite", "duckdb"):
        return []
    if packing:
        path = unpack(path, packing, folder, job)
    if name == "duckdb":
        from ide.tables.files.tight import duckdb_parts

        return duckdb_parts(path, folder, memory_bytes)
    from ide.tables.files.loose import sheet_parts, sqlite_parts

    return sheet_parts(path) if name == "sheets" else sqlite_parts(path)
