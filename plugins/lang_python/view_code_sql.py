"""Views as SQL that DuckDB runs over a frame of the session or over a file.

DuckDB calls NaN the largest number, sees no row labels and knows the order of levels only sometimes, and its sorts are
not stable: the code says all of this itself.
"""

from __future__ import annotations

import re
from typing import Final

from fourpane_plugins.lang_python import view_code as common
from fourpane_plugins.lang_python import view_code_files as files
from ide.api.tables import Column, Filter, SortKey, ViewCodeError, ViewCodeRequest

_SIGNS: Final = {"eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_ENDS: Final = {"pandas": ".df()", "polars": ".pl()", "arrow": ".to_arrow_table()", "file": ".df()"}
_FLOATS: Final = re.compile(r"(half)?float|double|real", re.IGNORECASE)
_SINGLE: Final = re.compile(r"float32|float$|float\[pyarrow\]|real", re.IGNORECASE)
_ROW: Final = "_row"


def code(request: ViewCodeRequest) -> str:
    """The whole code."""
    return _Writer(request).code()


class _Writer:
    def __init__(self, request: ViewCodeRequest) -> None:
        self.request = request
        self.levels: dict[int, str] = {}

    def code(self) -> str:
        request, lines = self.request, []
        source = request.expression
        self.refuse_what_changes_on_the_way()
        if request.library == "file":
            source = files.duckdb(request)
        elif not common.is_name(source):
            source = f"{request.result}_source"
            lines.append(f"{source} = {request.expression}")
        condition = common.folded(request.spec.filter, self.test, self.joined)
        order = [self.key(key) for key in request.spec.sort]
        row = self.row_name()
        query = ["SELECT *", f"FROM {source}"]
        if order:
            query = [f"SELECT * EXCLUDE ({row})", f"FROM (SELECT *, row_number() OVER () AS {row} FROM {source})"]
            order.append(row)
        if condition:
            query.append(f"WHERE {common.unwrapped(condition)}")
        if order:
            query.append(f"ORDER BY {', '.join(order)}")
        text = "\n".join(query).replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
        text = "".join(f"    {line}\n" for line in text.split("\n"))
        parameters = ""
        if self.levels:
            named = ", ".join(f'"level_{index}": {levels}' for index, levels in self.levels.items())
            parameters = f",\n    params={{{named}}},\n"
        end = _ENDS.get(request.library, ".df()")
        call = f'duckdb.sql("""\n{text}"""{parameters}){end}'
        if parameters:
            call = f'duckdb.sql(\n    """\n{text}    """{parameters}){end}'
        return common.assembled({"import duckdb"}, [*lines, f"{request.result} = {call}"])

    def refuse_what_changes_on_the_way(self) -> None:
        if self.request.library == "polars" and any(one.kind == "duration" for one in self.request.columns.values()):
            raise ViewCodeError(
                "DuckDB gives durations back in a form that Polars cannot take.", "", "Use Polars for this table."
            )

    def row_name(self) -> str:
        names = {column.name.lower() for column in self.request.columns.values()}
        name = _ROW
        while name in names:
            name += "_"
        return name

    def joined(self, is_all: bool, parts: list[str]) -> str:
        return common.bracketed(parts, "AND" if is_all else "OR")

    # ---- columns

    def column(self, column: Column) -> str:
        if column.index < 0:
            raise ViewCodeError("SQL does not see the row labels.", "", "Filter and sort by columns, or use pandas.")
        twins = [
            one for one in self.request.columns.values() if one.index >= 0 and one.name.lower() == column.name.lower()
        ]
        if column.name_code or column.index in self.request.repeated or len(twins) > 1:
            raise ViewCodeError(
                f"SQL cannot name the column “{column.name}” without doubt.",
                "Its name is not plain text, or another column has the same name.",
                "Use pandas.",
            )
        return _name(column.name)

    def nan(self, x: str) -> str:
        """Whether it is NaN. DuckDB takes the statistics of a Parquet file for the word that there is none."""
        return f"({x}::VARCHAR = 'nan')" if self.request.file_format == "parquet" else f"isnan({x})"

    def present(self, column: Column, x: str) -> str:
        """Whether there is a value; NaN is none."""
        return f"({x} IS NOT NULL AND NOT {self.nan(x)})" if _is_float(column) else f"({x} IS NOT NULL)"

    # ---- filters

    def test(self, one: Filter) -> str:
        """One filter in brackets."""
        column = common.column_of(self.request, one.column)
        x = self.column(column)
        match one.operator:
            case "is_missing":
                return f"({x} IS NULL OR {self.nan(x)})" if _is_float(column) else f"({x} IS NULL)"
            case "is_present":
                return self.present(column, x)
            case "is_true":
                return f"({x})"
            case "is_false":
                return f"(NOT {x})"
            case "in" | "not_in":
                return self.membership(one, column, x)
            case "contains" | "not_contains" | "starts" | "ends" | "regex" | "is_empty":
                return self.text_test(one, column, x)
            case _:
                return self.comparison(one, column, x)

    def comparison(self, one: Filter, column: Column, x: str) -> str:
        values = [self.literal(str(value), column) for value in one.values]
        y = self.value(column, x)
        if column.kind == "category" and one.operator not in ("eq", "ne"):
            y, values = self.place(column, y), [self.place(column, value) for value in values]
        if one.operator == "between":
            test = f"{y} BETWEEN {values[0]} AND {values[1]}"
        else:
            test = f"{y} {_SIGNS[one.operator]} {values[0]}"
        return f"({test} AND NOT {self.nan(x)})" if _is_float(column) else f"({test})"

    def membership(self, one: Filter, column: Column, x: str) -> str:
        values = [self.literal(str(value), column) for value in one.values if value is not None]
        missing = f"({x} IS NULL OR {self.nan(x)})" if _is_float(column) else f"({x} IS NULL)"
        if not values:
            if one.operator == "not_in":
                return self.present(column, x)
            return missing if None in one.values else "(FALSE)"
        test = f"{self.value(column, x)} IN ({', '.join(values)})"
        if one.operator == "not_in":
            return f"(NOT {test} AND {self.present(column, x)})"
        if None in one.values:
            return f"({test} OR {missing})"
        return f"({test} AND NOT {self.nan(x)})" if _is_float(column) else f"({test})"

    def text_test(self, one: Filter, column: Column, x: str) -> str:
        y = self.value(column, x)
        if one.operator == "is_empty":
            return f"({y} = '')"
        text = str(one.values[0])
        if one.operator == "regex":
            return f"regexp_matches({y}, {_text(text)}, '{'c' if one.is_case_sensitive else 'i'}')"
        if not one.is_case_sensitive:
            text, y = text.lower(), f"lower({y})"
        function = {"starts": "starts_with", "ends": "suffix"}.get(one.operator, "contains")
        test = f"{function}({y}, {_text(text)})"
        return f"(NOT {test})" if one.operator == "not_contains" else test

    def value(self, column: Column, x: str) -> str:
        # DuckDB may take text in JSON for dates.
        if column.kind == "category" or (column.kind == "text" and self.request.file_format == "json"):
            return f"{x}::VARCHAR"
        return f"{x}::TIME" if column.kind == "time" else x

    def place(self, column: Column, text: str) -> str:
        """The place of a level among the levels, which Python tells."""
        if self.request.library not in ("pandas", "polars"):
            raise ViewCodeError(
                f"SQL does not know the order of the levels of “{column.name}”.", "", "Sort by another column."
            )
        frame = f"{self.request.expression}[{common.quoted(column.name)}]"
        levels = f"{frame}.dtype.categories.to_list()"
        if self.request.library == "pandas":
            levels = f"[str(level) for level in {frame}.cat.categories]"
        self.levels[column.index] = levels
        return f"list_position($level_{column.index}, {text})"

    def literal(self, text: str, column: Column) -> str:
        match column.kind:
            case "number":
                return _number(text, column)
            case "boolean":
                return text
            case "timestamp":
                return _moment(text, column)
            case "duration":
                return f"INTERVAL '{text} seconds'"
            case "date":
                return f"DATE '{common.stamp(text)[0]}'"
            case "time":
                return f"TIME '{text}'"
            case "text" | "category":
                return _text(text)
            case _:
                raise ViewCodeError(f"The column “{column.name}” can only be filtered for missing values.")

    # ---- order

    def key(self, key: SortKey) -> str:
        column = common.column_of(self.request, key.column)
        x = self.column(column)
        if _is_float(column):
            x = f"CASE WHEN {self.nan(x)} THEN NULL ELSE {x} END"
        elif column.kind == "text":
            x = self.value(column, x)
        elif column.kind == "category":
            is_by_text = self.request.library == "polars" and column.type_name.startswith("Categorical")
            x = f"{x}::VARCHAR" if is_by_text else self.place(column, f"{x}::VARCHAR")
        return f"{x} {'DESC' if key.is_descending else 'ASC'} NULLS LAST"


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _is_float(column: Column) -> bool:
    return column.kind == "number" and _FLOATS.match(column.type_name) is not None


def _number(text: str, column: Column) -> str:
    if text.lstrip("+-") == "inf":
        return f"'{text}'::DOUBLE"
    if common.is_whole(text) or "ecimal" in column.type_name:
        return f"{text}"
    return f"{text}::{'FLOAT' if _SINGLE.search(column.type_name) else 'DOUBLE'}"


def _moment(text: str, column: Column) -> str:
    day, clock, offset = common.stamp(text)
    value = f"{day} {clock or '00:00:00'}"
    if offset:
        return f"TIMESTAMPTZ '{value}{offset}'"
    is_fine = (column.unit == "ns" and not column.zone) or common.fraction_digits(text) > 6
    kind = "TIMESTAMP_NS" if is_fine else "TIMESTAMP"
    return f"({kind} '{value}' AT TIME ZONE '{column.zone}')" if column.zone else f"{kind} '{value}'"
