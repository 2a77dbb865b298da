"""How a data file is read in each dialect so that it has the columns that the viewer shows.

The viewer reads delimited text with types of its own: text is never missing, and words such as NA are missing in other
columns only. The code says so itself for the columns that the view speaks of. Owns the types that columns have then.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import Final

from fourpane_plugins.lang_python import view_code as common
from ide.api.tables import MISSING_IN_FILES, Column, ViewCodeError, ViewCodeRequest

_UTF8: Final = ("", "utf-8", "utf-8-sig", "ascii")
_POLARS_TYPES: Final[Mapping[str, str]] = {
    "double": "Float64", "float": "Float32", "halffloat": "Float16", "string": "String", "large_string": "String",
}  # fmt: skip
_TYPED_MOST: Final = 60


def needed(request: ViewCodeRequest) -> list[Column]:
    """Columns that the view speaks of."""
    indexes = {key.column for key in request.spec.sort} | {one.column for one in request.spec.filter.filters()}
    return [common.column_of(request, index) for index in sorted(indexes)]


def _refuse(request: ViewCodeRequest, dialect: str) -> ViewCodeError:
    return ViewCodeError(
        f"{dialect} code for this kind of file ({request.file_format or 'unknown'}) cannot be written.",
        "",
        "Load the file in a console and open it from there.",
    )


def _check_names(request: ViewCodeRequest) -> None:
    for column in needed(request):
        if column.index in request.repeated:
            raise ViewCodeError(f"The file has several columns that are called “{column.name}”.", "", "Rename them.")


def _is_lines(path: str) -> bool:
    return any(suffix.lower() in (".jsonl", ".ndjson") for suffix in PurePath(path).suffixes)


def _option(request: ViewCodeRequest, name: str) -> str:
    return str(request.options.get(name) or "")


def _names(columns: Iterable[Column]) -> str:
    return common.listed([common.quoted(column.name) for column in columns])


def _has_header(request: ViewCodeRequest) -> bool:
    return request.options.get("has_header") is not False


def _all_names(request: ViewCodeRequest) -> list[str]:
    """Names for a file without headings, which must all be known."""
    columns = sorted((column for column in request.columns.values() if column.index >= 0), key=lambda one: one.index)
    if [column.index for column in columns] != list(range(len(columns))):
        raise ViewCodeError("The columns of this file are not all known yet.", "", "Try again in a moment.")
    return [column.name for column in columns]


# ---- pandas ----------------------------------------------------------------------------------------------------------


def pandas(request: ViewCodeRequest) -> tuple[str, ViewCodeRequest]:
    """An expression that reads the file as a frame, and the request with the types that its columns have."""
    path = common.quoted(request.path)
    match request.file_format:
        case "csv":
            _check_names(request)
            return f"pd.read_csv({', '.join([path, *_pandas_csv(request)])})", _as_in_pandas(request)
        case "parquet" | "arrow":
            reader = "read_parquet" if request.file_format == "parquet" else "read_feather"
            return f'pd.{reader}({path}, dtype_backend="pyarrow")', _with_types(
                request, lambda name: f"{name}[pyarrow]"
            )
        case "json":
            lines = ", lines=True" if _is_lines(request.path) else ""
            expression = f"pd.read_json({path}{lines}, dtype=False)"
            return expression, _with_types(request, lambda name: "object" if name == "string" else "float64")
        case _:
            raise _refuse(request, "pandas")


def _pandas_csv(request: ViewCodeRequest) -> list[str]:
    columns = needed(request)
    told = []
    separator, decimal = _option(request, "separator"), _option(request, "decimal")
    if separator not in ("", ","):
        told.append(f"sep={common.quoted(separator)}")
    if decimal not in ("", "."):
        told.append(f"decimal={common.quoted(decimal)}")
    if _option(request, "quote") not in ("", '"'):
        told.append(f"quotechar={common.quoted(_option(request, 'quote'))}")
    if _option(request, "encoding") not in _UTF8:
        told.append(f"encoding={common.quoted(_option(request, 'encoding'))}")
    if not _has_header(request):
        told.append(f"header=None, names={common.listed([common.quoted(name) for name in _all_names(request)])}")
    others = [column for column in _known(request) if column.kind != "text"]
    missing = common.listed([common.quoted(word) for word in (*MISSING_IN_FILES, "nan", "NaN")])
    told.append(f"keep_default_na=False, na_values=dict.fromkeys({_names(others)}, {missing})")
    dtypes = {"int": "Int64", "uint": "UInt64", "bool": "boolean"}
    typed = [(column, dtypes[kind]) for column in columns if (kind := column.type_name.rstrip("0123456789")) in dtypes]
    typed += [(column, "str") for column in columns if column.kind == "text"]
    if typed:
        pairs = ", ".join(f'{common.quoted(column.name)}: "{dtype}"' for column, dtype in typed)
        told.append(f"dtype={{{pairs}}}")
    dates = [column for column in columns if column.kind in ("date", "timestamp")]
    if dates:
        told.append(f'parse_dates={_names(dates)}, date_format="ISO8601"')
    if any(column.kind not in ("text", "number", "boolean", "date", "timestamp") for column in columns):
        raise ViewCodeError("Times of day in delimited text cannot be filtered or sorted by pandas code.")
    return told


def _as_in_pandas(request: ViewCodeRequest) -> ViewCodeRequest:
    """Dates are timestamps in a frame that was read from text."""
    columns = {}
    for index, column in request.columns.items():
        kind = "timestamp" if column.kind == "date" else column.kind
        type_name = {"number": "Int64" if "int" in column.type_name else "float64", "text": "str"}.get(kind, "")
        columns[index] = replace(column, kind=kind, type_name=type_name)
    return replace(request, columns=columns)


def _known(request: ViewCodeRequest) -> list[Column]:
    """Columns whose types the code says: all of them, unless they are too many."""
    known = [column for index, column in request.columns.items() if index not in request.repeated]
    return known if len(known) <= _TYPED_MOST else needed(request)


def _with_types(request: ViewCodeRequest, change: Callable[[str], str]) -> ViewCodeRequest:
    columns = {index: replace(one, type_name=change(one.type_name)) for index, one in request.columns.items()}
    return replace(request, columns=columns)


# ---- Polars ----------------------------------------------------------------------------------------------------------


def polars(request: ViewCodeRequest) -> tuple[str, ViewCodeRequest]:
    """An expression that reads the file, lazily where Polars can, and the request with its types."""
    path = common.quoted(request.path)
    typed = _with_types(request, _polars_type)
    columns = {index: replace(one, unit="us" if one.unit == "s" else one.unit) for index, one in typed.columns.items()}
    request = typed = replace(typed, columns=columns)
    match request.file_format:
        case "csv":
            _check_names(request)
            return f"pl.scan_csv({', '.join([path, *_polars_csv(request)])}){_polars_casts(request)}", typed
        case "parquet":
            return f"pl.scan_parquet({path})", typed
        case "arrow":
            return f"pl.scan_ipc({path})", typed
        case "json":
            return f"pl.{'scan_ndjson' if _is_lines(request.path) else 'read_json'}({path})", typed
        case _:
            raise _refuse(request, "Polars")


def _polars_type(name: str) -> str:
    if name.startswith("decimal"):
        return "Decimal"
    found = re.fullmatch(r"(u?)int(\d+)", name)
    return f"{'U' if found[1] else ''}Int{found[2]}" if found else _POLARS_TYPES.get(name, name)


def _polars_csv(request: ViewCodeRequest) -> list[str]:
    """All columns come as text; those that are something else are made so afterwards."""
    if _option(request, "encoding") not in _UTF8:
        raise ViewCodeError(f"Polars cannot read the encoding {_option(request, 'encoding')}.", "", "Use pandas.")
    told = []
    if _option(request, "separator") not in ("", ","):
        told.append(f"separator={common.quoted(_option(request, 'separator'))}")
    if _option(request, "quote") not in ("", '"'):
        told.append(f"quote_char={common.quoted(_option(request, 'quote'))}")
    if not _has_header(request):
        told.append(f"has_header=False, new_columns={common.listed([common.quoted(n) for n in _all_names(request)])}")
    return [*told, "infer_schema=False"]


def _polars_casts(request: ViewCodeRequest) -> str:
    groups: dict[str, list[str]] = {}
    for column in _known(request):
        cast = _polars_cast(column, _option(request, "decimal"))
        if cast:
            groups.setdefault(cast, []).append(common.quoted(column.name))
    if not groups:
        return ""
    casts = "".join(f"    pl.col({', '.join(names)}){cast},\n" for cast, names in groups.items())
    return f".with_columns(\n{casts})"


def _polars_cast(column: Column, decimal: str) -> str:
    """How a text becomes a value; what is none becomes null."""
    match column.kind:
        case "number":
            comma = '.str.replace(",", ".", literal=True)' if decimal == "," else ""
            kind = f"pl.{column.type_name}"
            return f"{comma}.cast({kind}, strict=False)"
        case "boolean":
            return '.str.to_lowercase().replace_strict({"true": True, "false": False}, default=None)'
        case "date":
            return ".str.to_date(strict=False)"
        case "timestamp":
            zone = f', time_zone="{column.zone}"' if column.zone else ""
            read = f'.str.to_datetime(time_unit="{column.unit}"{zone}, strict=False)'
            return f'.str.replace("T", " ", literal=True){read}'
        case "time":
            return ".str.to_time(strict=False)"
        case "text":
            return '.fill_null("")'
        case _:
            return ""


# ---- DuckDB ----------------------------------------------------------------------------------------------------------


def duckdb(request: ViewCodeRequest) -> str:
    """What stands after FROM."""
    path = _text(request.path)
    match request.file_format:
        case "csv":
            _check_names(request)
            return f"({_duckdb_typed(request)} FROM read_csv({', '.join([path, *_duckdb_csv(request)])}))"
        case "parquet":
            return f"read_parquet({path})"
        case "json":
            return f"read_json({path})"
        case _:
            raise _refuse(request, "SQL")


def _duckdb_csv(request: ViewCodeRequest) -> list[str]:
    if _option(request, "encoding") not in (*_UTF8, "latin-1", "utf-16"):
        raise ViewCodeError(f"DuckDB cannot read the encoding {_option(request, 'encoding')}.", "", "Use pandas.")
    told = []
    for name, option in (("delim", "separator"), ("quote", "quote")):
        if _option(request, option):
            told.append(f"{name}={_text(_option(request, option))}")
    if _option(request, "encoding") not in _UTF8:
        told.append(f"encoding={_text(_option(request, 'encoding'))}")
    told.append(f"header={'true' if _has_header(request) else 'false'}")
    if not _has_header(request):
        told.append(f"names=[{', '.join(map(_text, _all_names(request)))}]")
    return [*told, "all_varchar=true"]


def _duckdb_typed(request: ViewCodeRequest) -> str:
    """All columns come as text; those that are something else are made so. What is none becomes NULL."""
    comma = _option(request, "decimal") == ","
    made = []
    for column in _known(request):
        name = '"' + column.name.replace('"', '""') + '"'
        if column.kind == "text":
            made.append(f"coalesce({name}, '') AS {name}")
            continue
        x = f"replace({name}, ',', '.')" if comma and column.kind == "number" else name
        made.append(f"TRY_CAST({x} AS {_duckdb_type(column)}) AS {name}")
    return f"SELECT * REPLACE ({', '.join(made)})"


def _duckdb_type(column: Column) -> str:
    match column.kind:
        case "number":
            return "BIGINT" if "int" in column.type_name else "DOUBLE"
        case "boolean":
            return "BOOLEAN"
        case "date":
            return "DATE"
        case "timestamp":
            return "TIMESTAMPTZ" if column.zone else "TIMESTAMP"
        case "time":
            return "TIME"
        case _:
            return "VARCHAR"


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
