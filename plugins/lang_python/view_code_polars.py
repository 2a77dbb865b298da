"""Views as polars code. NaN is made null first: it is missing here, and polars calls it the largest number."""

from __future__ import annotations

import re
from typing import Final

from fourpane_plugins.lang_python import view_code as common
from fourpane_plugins.lang_python import view_code_files as files
from ide.api.tables import Column, Filter, ViewCodeError, ViewCodeRequest

_SIGNS: Final = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_UNIT_DIGITS: Final = {"ms": 3, "us": 6, "ns": 9}


def code(request: ViewCodeRequest) -> str:
    """The whole code."""
    return _Writer(request).code()


class _Writer:
    def __init__(self, request: ViewCodeRequest) -> None:
        self.request = request
        self.imports = {"import polars as pl"}

    def code(self) -> str:
        request = self.request
        source = request.expression
        if request.library == "file":
            source, self.request = files.polars(request)
        steps = []
        condition = common.folded(request.spec.filter, self.test, self.joined)
        if condition:
            steps.append(f".filter({common.unwrapped(condition)})")
        if request.spec.sort:
            steps.append(self.sort())
        if request.library == "file" and source.startswith("pl.scan_"):
            steps.append(".collect()")
        line = f"{request.result} = {source}{''.join(steps)}"
        if len(max(line.split("\n"), key=len)) > common.LINE_LENGTH and steps:
            source = common.indented(source)
            chain = "".join(f"\n    {common.indented(step)}" for step in steps)
            line = f"{request.result} = (\n    {source}{chain}\n)"
        return common.assembled(self.imports, [line])

    def joined(self, is_all: bool, parts: list[str]) -> str:
        return common.bracketed(parts, "&" if is_all else "|")

    def column(self, column: Column) -> str:
        """The column as an expression whose missing values are all null."""
        if column.index < 0:
            raise ViewCodeError("Polars has no row labels.", "", "Filter and sort by columns only.")
        is_pattern = column.name == "*" or (column.name.startswith("^") and column.name.endswith("$"))
        x = f"pl.nth({column.index})" if is_pattern else f"pl.col({common.quoted(column.name)})"
        return f"{x}.fill_nan(None)" if re.match(r"float|double", column.type_name, re.IGNORECASE) else x

    def test(self, one: Filter) -> str:
        """One filter, in brackets where an operator may follow."""
        column = common.column_of(self.request, one.column)
        x = self.column(column)
        match one.operator:
            case "is_missing":
                return f"{x}.is_null()"
            case "is_present":
                return f"{x}.is_not_null()"
            case "is_true":
                return x
            case "is_false":
                return f"~{x}"
            case "in" | "not_in":
                return self.membership(one, column, x)
            case "contains" | "not_contains" | "starts" | "ends" | "regex" | "is_empty":
                return self.text_test(one, column, x)
            case _:
                return self.comparison(one, column, x)

    def comparison(self, one: Filter, column: Column, x: str) -> str:
        if column.kind == "category" and one.operator in ("eq", "ne"):
            x = f"{x}.cast(pl.String)"
        x = self.at_unit(x, column, [str(value) for value in one.values])
        values = [self.literal(str(value), column) for value in one.values]
        if one.operator == "between":
            if column.kind in ("text", "category"):  # `is_between` takes texts for names of columns
                return f"(({x} >= {values[0]}) & ({x} <= {values[1]}))"
            return f"{x}.is_between({values[0]}, {values[1]})"
        return f"({x} {_SIGNS[one.operator]} {values[0]})"

    def membership(self, one: Filter, column: Column, x: str) -> str:
        """`is_in` wants values of exactly the column's type: where that cannot be written, comparisons do."""
        texts = [str(value) for value in one.values if value is not None]
        is_integer = re.match(r"U?Int\d", column.type_name) is not None
        if is_integer:
            texts = [text for text in texts if common.is_whole(text)]
        y = f"{x}.cast(pl.String)" if column.kind == "category" else x
        values = [self.literal(text, column) for text in texts]
        if column.kind in ("text", "category") or is_integer or not values:
            test = f"{y}.is_in({common.listed(values)})"
        else:
            y = self.at_unit(y, column, texts)
            test = self.joined(False, [f"({y} == {value})" for value in values])
        if one.operator == "not_in":
            return f"(~{test} & {x}.is_not_null())"
        return f"({test} | {x}.is_null())" if None in one.values else test

    def text_test(self, one: Filter, column: Column, x: str) -> str:
        y = f"{x}.cast(pl.String)" if column.kind == "category" else x
        if one.operator == "is_empty":
            return f'({y} == "")'
        text = str(one.values[0])
        if one.operator == "regex":
            return f"{y}.str.contains({common.quoted(text if one.is_case_sensitive else '(?i)' + text)})"
        if not one.is_case_sensitive:
            text, y = text.lower(), f"{y}.str.to_lowercase()"
        if one.operator in ("starts", "ends"):
            return f"{y}.str.{one.operator}_with({common.quoted(text)})"
        test = f"{y}.str.contains({common.quoted(text)}, literal=True)"
        return f"~{test}" if one.operator == "not_contains" else test

    # ---- values

    def at_unit(self, x: str, column: Column, texts: list[str]) -> str:
        """polars compares times in the coarser unit of the two: a column with a coarse one is made finer."""
        if column.kind not in ("timestamp", "duration") or _is_at_most(texts, column.unit):
            return x
        return f'{x}.dt.cast_time_unit("ns")'

    def literal(self, text: str, column: Column) -> str:
        match column.kind:
            case "number":
                if column.type_name.startswith("Decimal"):
                    self.imports.add("from decimal import Decimal")
                    return common.decimal(text)
                return common.number(text)
            case "boolean":
                return str(text == "true")
            case "timestamp":
                return self.moment(text, column)
            case "duration":
                return self.duration(text, column)
            case "date":
                self.imports.add("import datetime")
                return common.date(text)
            case "time":
                return self.time(text)
            case "text" | "category":
                return common.quoted(text)
            case _:
                raise ViewCodeError(f"The column “{column.name}” can only be filtered for missing values.")

    def moment(self, text: str, column: Column) -> str:
        unit = column.unit if _is_at_most([text], column.unit) else "ns"
        if not column.zone and unit != "ns":
            self.imports.add("import datetime")
            return common.moment(text)
        day, clock, offset = common.stamp(text)
        value = f'pl.lit("{day}T{clock or "00:00:00"}{offset}").str'
        if offset:
            made = f'{value}.to_datetime("%Y-%m-%dT%H:%M:%S%.f%z", time_unit="{unit}")'
            return f'{made}.dt.convert_time_zone("{column.zone}")'
        zone = f', time_zone="{column.zone}", ambiguous="earliest"' if column.zone else ""
        return f'{value}.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="{unit}"{zone})'

    def duration(self, text: str, column: Column) -> str:
        unit = column.unit if _is_at_most([text], column.unit) else "ns"
        whole, _, fraction = text.lstrip("-").partition(".")
        sign = "-" if text.startswith("-") else ""
        nanoseconds = int(fraction[:9].ljust(9, "0")) if fraction else 0
        parts = [f"seconds={sign}{int(whole or 0)}"]
        if nanoseconds:
            parts.append(f"nanoseconds={sign}{nanoseconds}")
        return f'pl.duration({", ".join(parts)}, time_unit="{unit}")'

    def time(self, text: str) -> str:
        if common.fraction_digits(text) > _UNIT_DIGITS["us"]:
            return f'pl.lit("{text}").str.to_time("%H:%M:%S%.f")'
        self.imports.add("import datetime")
        return common.time(text)

    # ---- order

    def sort(self) -> str:
        keys = self.request.spec.sort
        columns = [self.column(common.column_of(self.request, key.column)) for key in keys]
        descending = [key.is_descending for key in keys]
        told = "" if not any(descending) else f"descending={descending if len(keys) > 1 else descending[0]}, "
        by = columns[0] if len(columns) == 1 else common.listed(columns)
        return f".sort({by}, {told}nulls_last=True, maintain_order=True)"


def _is_at_most(texts: list[str], unit: str) -> bool:
    """Whether the unit can hold these parts of a second."""
    return all(common.fraction_digits(text) <= _UNIT_DIGITS.get(unit, 9) for text in texts)
