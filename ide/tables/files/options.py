"""How a data file is to be read, and what kinds there are. Records without I/O: both sides import them."""

from __future__ import annotations

from typing import Final, Literal

from ide.core.record import dataclass

Format = Literal[
    "csv", "parquet", "arrow", "sheets", "json", "sas", "xport", "spss", "stata", "sqlite", "duckdb"
]  # fmt: skip

SUFFIXES: Final[dict[str, Format]] = {
    ".csv": "csv", ".tsv": "csv", ".tab": "csv", ".txt": "csv", ".psv": "csv", ".dat": "csv",
    ".parquet": "parquet", ".pq": "parquet",
    ".feather": "arrow", ".arrow": "arrow", ".arrows": "arrow", ".ipc": "arrow",
    ".xlsx": "sheets", ".xlsm": "sheets", ".xls": "sheets", ".xlsb": "sheets", ".ods": "sheets",
    ".json": "json", ".jsonl": "json", ".ndjson": "json",
    ".sas7bdat": "sas", ".xpt": "xport", ".sav": "spss", ".zsav": "spss", ".dta": "stata",
    ".sqlite": "sqlite", ".sqlite3": "sqlite", ".db": "sqlite", ".duckdb": "duckdb",
}  # fmt: skip
"""What a file's name says. What its first bytes say counts more."""

MEMORY_STATUS: Final = 75
"""Exit status of a process that would have taken more memory than it may."""

PACKED_SUFFIXES: Final = (".gz", ".bz2", ".xz", ".zst")
CODE_SUFFIXES: Final = (".pkl", ".pickle", ".npy", ".npz", ".joblib", ".spydata", ".rds", ".rdata", ".rda", ".dill")
"""Reading these can run code that they hold: never done here."""

FORMAT_NAMES: Final[dict[Format, str]] = {
    "csv": "Delimited text", "parquet": "Parquet", "arrow": "Arrow", "sheets": "Spreadsheet", "json": "JSON",
    "sas": "SAS", "xport": "SAS transport", "spss": "SPSS", "stata": "Stata", "sqlite": "SQLite", "duckdb": "DuckDB",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FileOptions:
    """How to read a file; what is empty or None is found out. After opening: what was found out.

    `part` is a sheet or a table of the file. `separator`, `quote`, `decimal`, `encoding` are of delimited text;
    `has_header` also of spreadsheets.
    """

    format: Format | Literal[""] = ""
    part: str = ""
    separator: str = ""
    quote: str | None = None
    decimal: str = ""
    encoding: str = ""
    has_header: bool | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What the process that reads may take. `ordered_at_once`: rows up to which a sort is made whole without asking;
    `values_bytes`: what the values of a column that is profiled may take before they go to disk."""

    memory_bytes: int = 1 << 30
    ordered_at_once: int = 1_000_000
    values_bytes: int = 128_000_000


@dataclass(frozen=True, slots=True)
class FilePart:
    """A sheet or table of a file; `row_count` is -1 where it is not known."""

    name: str
    row_count: int = -1
