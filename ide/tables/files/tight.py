"""SAS, SPSS, Stata and DuckDB files: libraries of their own read them, from the beginning, in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyreadstat

from ide.core.record import replace
from ide.core.table import Code
from ide.tables.files.blocks import COLUMNS_MOST, ConvertedBlocks, FileColumn, Refused, column_of
from ide.tables.files.columnar import file_columns, too_many_columns
from ide.tables.files.failures import DAMAGED, OTHER_COPY
from ide.tables.files.loose import array_of, batch_of
from ide.tables.files.options import FileOptions, FilePart

DUCKDB_SHARE: Final = 0.3
"""Of the memory that this process may take."""
_BATCH_CELLS: Final = 1_500_000
_FIRST_ROWS: Final = 500
_LABELS_MOST: Final = 20
_ROWS_IN_A_BATCH: Final = 65_536


class StatisticsBlocks(ConvertedBlocks):
    """A file of a statistics program. Labels of variables and values come with the columns."""

    def __init__(self, path: Path, options: FileOptions, folder: Path) -> None:
        self._file = str(path)
        readers: dict[str, Callable[..., tuple[Any, Any]]] = {
            "sas": pyreadstat.read_sas7bdat, "xport": pyreadstat.read_xport,
            "spss": pyreadstat.read_sav, "stata": pyreadstat.read_dta,
        }  # fmt: skip
        self._reader = readers[options.format]
        self._is_raw = False
        _, about = self._read(metadataonly=True)
        self._total = about.number_rows
        if len(about.column_names) > COLUMNS_MOST:
            raise too_many_columns(len(about.column_names))
        super().__init__(options, folder, [_column(name, about) for name in about.column_names])

    def batches(self) -> Iterator[tuple[pa.RecordBatch, float]]:
        """Batches grow: the first rows come soon, and skipping to the next ones takes time."""
        names = [column.name for column in self.columns]
        most = max(1_000, _BATCH_CELLS // max(1, len(names)))
        first, rows = 0, _FIRST_ROWS
        while self._total is None or first < self._total:
            found, _ = self._read(row_offset=first, row_limit=rows)
            lists = list(found.values())
            count = len(lists[0]) if lists else 0
            if not count:
                return
            first += count
            yield batch_of(names, [array_of(values) for values in lists]), first / (self._total or first)
            if count < rows:
                return
            rows = most

    def _read(self, **how: Any) -> tuple[dict[str, Sequence[Any]], Any]:
        try:
            return self._reader(self._file, output_format="dict", disable_datetime_conversion=self._is_raw, **how)
        except (OverflowError, ValueError) as error:
            if self._is_raw:
                raise self._refused() from error
        except pyreadstat.PyreadstatError as error:
            if self._is_raw or "date" not in str(error).lower():
                raise self._refused() from error
        self._is_raw = True
        self.note = "Some dates are outside of the years 1 to 9999: dates are shown as the numbers that the file holds."
        return self._read(**how)

    def _refused(self) -> Refused:
        return Refused("The file cannot be read.", DAMAGED, OTHER_COPY)


def _column(name: str, about: Any) -> FileColumn:
    label = about.column_names_to_labels.get(name) or ""
    words = about.variable_value_labels.get(name) or {}
    if words:
        shown = [f"{_number(value)} = {word}" for value, word in list(words.items())[:_LABELS_MOST]]
        more = f", and {len(words) - _LABELS_MOST} more" if len(words) > _LABELS_MOST else ""
        label = f"{label} ({', '.join(shown)}{more})".strip()
    kind = about.readstat_variable_types.get(name, "")
    guessed = pa.string() if kind == "string" else pa.null()
    return column_of(name, guessed, Code.NA, label)


def _number(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


# ---- DuckDB


def connect_duckdb(path: str = ":memory:", *, memory_bytes: int, folder: Path) -> duckdb.DuckDBPyConnection:
    """A connection that takes its share of the memory of this process, and loads nothing from elsewhere."""
    return duckdb.connect(
        path,
        read_only=path != ":memory:",
        config={
            "memory_limit": f"{int(memory_bytes * DUCKDB_SHARE) // 1_000_000}MB",
            "threads": 2,
            "temp_directory": str(folder / "duckdb"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )


def arrow_reader(connection: duckdb.DuckDBPyConnection, select: str) -> pa.RecordBatchReader:
    """What a query brings, in batches that are made as they are asked for."""
    relation: Any = connection.sql(select)
    return relation.to_arrow_reader(_ROWS_IN_A_BATCH)


def duckdb_parts(path: Path, folder: Path, memory_bytes: int) -> list[FilePart]:
    """Tables and views, with their schema where it is not the usual one."""
    with _database(path, folder, memory_bytes) as connection:
        found = connection.sql(
            "SELECT table_schema, table_name FROM information_schema.tables"
            " ORDER BY table_schema <> 'main', table_type, table_name"
        ).fetchall()
    return [FilePart(name if schema == "main" else f"{schema}.{name}") for schema, name in found]


class DuckdbBlocks(ConvertedBlocks):
    """One table of a DuckDB file."""

    is_query = True

    def __init__(self, path: Path, options: FileOptions, folder: Path, memory_bytes: int) -> None:
        parts = [part.name for part in duckdb_parts(path, folder, memory_bytes)]
        if not parts:
            raise Refused("The database has no tables.")
        part = options.part or parts[0]
        if part not in parts:
            raise Refused(f"The database has no table “{part}”.", f"It has: {', '.join(parts[:20])}.")
        quoted = ".".join(_quoted(name) for name in part.split(".", 1)) if "." in part else f"main.{_quoted(part)}"
        self._file, self._memory_bytes, self._folder = path, memory_bytes, folder
        self._select = f"SELECT * FROM {quoted}"
        with _database(path, folder, memory_bytes) as connection:
            schema = arrow_reader(connection, self._select + " LIMIT 0").schema
        super().__init__(replace(options, format="duckdb", part=part), folder, file_columns(schema))

    def batches(self) -> Iterator[tuple[pa.RecordBatch, float]]:
        """In the order that they were put in."""
        with _database(self._file, self._folder, self._memory_bytes) as connection:
            ((total,),) = connection.execute(f"SELECT count(*) FROM ({self._select})").fetchall()
            done = 0
            for batch in arrow_reader(connection, self._select):
                done += batch.num_rows
                yield batch, done / max(1, total)


def _database(path: Path, folder: Path, memory_bytes: int) -> duckdb.DuckDBPyConnection:
    try:
        return connect_duckdb(str(path), memory_bytes=memory_bytes, folder=folder)
    except duckdb.IOException as error:
        if "lock" in str(error):
            raise Refused(
                "Another program has this database open for writing.",
                "DuckDB lets nobody else read it meanwhile.",
                "Close it there (in a kernel: `con.close()`), then try again.",
            ) from error
        raise Refused("The database cannot be read.", DAMAGED, OTHER_COPY) from error
    except duckdb.Error as error:
        raise Refused("The database cannot be read.", DAMAGED, OTHER_COPY) from error


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
