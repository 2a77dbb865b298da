"""Views as pandas code. Names that a frame has twice, and those that are no plain names, are taken by their place."""

from __future__ import annotations

import re
from typing import Final

from fourpane_plugins.lang_python import view_code as common
from fourpane_plugins.lang_python import view_code_files as files
from ide.api.tables import Column, Filter, SortKey, ViewCodeError, ViewCodeRequest

_SIGNS: Final = {"eq": "==", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_PLAIN_LABEL: Final = re.compile(r"-?\d+|\(.*\)")
_LIKE_A_NUMBER: Final = re.compile(r"[-+\d(\[].*|True|False|inf|nan|")


def code(request: ViewCodeRequest) -> str:
    """The whole code."""
    return _Writer(request).code()


class _Writer:
    def __init__(self, request: ViewCodeRequest) -> None:
        self.request = request
        self.imports: set[str] = set()
        self.frame = request.expression

    def code(self) -> str:
        request, result = self.request, self.request.result
        lines = []
        if request.library == "file":
            self.imports.add("import pandas as pd")
            reading, self.request = files.pandas(request)
            lines.append(f"{result} = {reading}")
            self.frame = result
        elif not common.is_name(self.frame):
            lines.append(f"{result} = {self.frame}")
            self.frame = result
        condition = common.folded(request.spec.filter, self.test, self.joined)
        if condition:
            lines.append(f"{result} = {self.frame}[{common.unwrapped(condition)}]")
            self.frame = result
        if request.spec.sort:
            lines.extend(self.sort(request.spec.sort))
            self.frame = result
        if self.frame != result:
            lines.append(f"{result} = {self.frame}")
        return common.assembled(self.imports, lines)

    def joined(self, is_all: bool, parts: list[str]) -> str:
        return common.bracketed(parts, "&" if is_all else "|")

    # ---- columns

    def column(self, column: Column) -> str:
        """A column, or a level of the row labels."""
        if column.index < 0:
            labels = [one for one in self.request.columns if one < 0]
            if len(labels) == 1:
                return f"{self.frame}.index"
            return f"{self.frame}.index.get_level_values({-column.index - 1})"
        if self.is_by_place(column):
            return f"{self.frame}.iloc[:, {column.index}]"
        return f"{self.frame}[{column.name_code or common.quoted(column.name)}]"

    def is_by_place(self, column: Column) -> bool:
        is_odd = bool(column.name_code) and not _PLAIN_LABEL.fullmatch(column.name_code)
        return is_odd or column.index in self.request.repeated

    # ---- filters

    def test(self, one: Filter) -> str:
        """One filter, in brackets where an operator may follow."""
        column = common.column_of(self.request, one.column)
        x = self.column(column)
        match one.operator:
            case "is_missing":
                return self.missing(column, x)
            case "is_present":
                return self.present(column, x)
            case "is_true" | "is_false":
                return f"({x} == {one.operator == 'is_true'})"
            case "in" | "not_in":
                return self.membership(one, column, x)
            case "contains" | "not_contains" | "starts" | "ends" | "regex" | "is_empty":
                return self.text_test(one, column, x)
            case _:
                return self.comparison(one, column, x)

    def missing(self, column: Column, x: str) -> str:
        return f"({x}.isna() | ({x} != {x}))" if _may_hide_nan(column) else f"{x}.isna()"

    def present(self, column: Column, x: str) -> str:
        return f"({x} == {x})" if _may_hide_nan(column) else f"{x}.notna()"

    def comparison(self, one: Filter, column: Column, x: str) -> str:
        values = [self.literal(str(value), column) for value in one.values]
        if column.kind == "category":
            if one.operator in ("eq", "ne"):
                x = self.level_text(x, one)
            elif _LIKE_A_NUMBER.fullmatch(str(one.values[0])) or one.operator == "between":
                return self.by_levels(one, x)
        if one.operator == "ne":
            return f"(({x} != {values[0]}) & {self.present(column, x)})"
        if column.type_name == "object" and one.operator != "eq":
            return f'({x}.map(lambda value: {self.on_object(one, values)}, na_action="ignore") == True)'
        if one.operator == "between":
            if column.index >= 0:
                return f"{x}.between({values[0]}, {values[1]})"
            return f"(({x} >= {values[0]}) & ({x} <= {values[1]}))"
        return f"({x} {_SIGNS[one.operator]} {values[0]})"

    def on_object(self, one: Filter, values: list[str]) -> str:
        """A comparison of one present object: an object column with missing values cannot be compared as a whole."""
        if one.operator == "between":
            return f"{values[0]} <= value <= {values[1]}"
        return f"value {_SIGNS[one.operator]} {values[0]}"

    def level_text(self, x: str, one: Filter) -> str:
        """A category whose levels may be numbers is compared as text."""
        may_be_numbers = any(_LIKE_A_NUMBER.fullmatch(str(value)) for value in one.values if value is not None)
        return f"{x}{self.levels_of(one)}.rename_categories(str)" if may_be_numbers else x

    def levels_of(self, one: Filter) -> str:
        """Where the methods for levels are: an index is one, a column has one."""
        return ".cat" if one.column >= 0 else ""

    def by_levels(self, one: Filter, x: str) -> str:
        """An order of levels by their places."""
        self.imports.add("import pandas as pd")
        x = x if one.column >= 0 else f"pd.Series({x}, index={self.frame}.index)"
        levels = f"[str(level) for level in {x}.cat.categories]"
        places = [f"{levels}.index({common.quoted(str(value))})" for value in one.values]
        if one.operator == "between":
            return f"{x}.cat.codes.between({places[0]}, {places[1]})"
        present = f"({x}.cat.codes >= 0) & " if one.operator in ("lt", "le") else ""
        return f"({present}({x}.cat.codes {_SIGNS[one.operator]} {places[0]}))"

    def membership(self, one: Filter, column: Column, x: str) -> str:
        texts = [str(value) for value in one.values if value is not None]
        if _is_integer(column):
            texts = [text for text in texts if common.is_whole(text)]
        y = self.level_text(x, one) if column.kind == "category" else x
        values = [self.literal(text, column) for text in texts]
        if column.type_name in ("float32", "Float32", "float[pyarrow]", "float16") and values:
            test = self.joined(False, [f"({y} == {value})" for value in values])
        else:
            test = f"{y}.isin({common.listed(values)})"
        if one.operator == "not_in":
            return f"(~{test} & {self.present(column, x)})"
        return f"({test} | {self.missing(column, x)})" if None in one.values else test

    def text_test(self, one: Filter, column: Column, x: str) -> str:
        y = f'{x}{self.levels_of(one)}.rename_categories(str).astype("string")' if column.kind == "category" else x
        if one.operator == "is_empty":
            return f'({y} == "")'
        text = str(one.values[0])
        if one.operator == "regex":
            case = "" if one.is_case_sensitive else "case=False, "
            return f"{y}.str.contains({common.quoted(text)}, {case}regex=True, na=False)"
        if not one.is_case_sensitive:
            text, y = text.lower(), f"{y}.str.lower()"
        test = {
            "starts": f"{y}.str.startswith({common.quoted(text)}, na=False)",
            "ends": f"{y}.str.endswith({common.quoted(text)}, na=False)",
        }.get(one.operator, f"{y}.str.contains({common.quoted(text)}, regex=False, na=False)")
        return f"(~{test} & {self.present(column, x)})" if one.operator == "not_contains" else test

    def literal(self, text: str, column: Column) -> str:
        match column.kind:
            case "number":
                if "decimal" in column.type_name:
                    self.imports.add("from decimal import Decimal")
                    return common.decimal(text)
                return common.number(text)
            case "boolean":
                return str(text == "true")
            case "timestamp":
                self.imports.add("import pandas as pd")
                day, clock, offset = common.stamp(text)
                value = f'"{" ".join(part for part in (day, clock) if part)}{offset}"'
                zone = f', tz="{column.zone}"' if column.zone and not offset else ""
                return f"pd.Timestamp({value}{zone})"
            case "duration":
                self.imports.add("import pandas as pd")
                return f'pd.Timedelta("{text} s")'
            case "date":
                self.imports.add("import datetime")
                return common.date(text)
            case "time":
                self.imports.add("import datetime")
                return common.time(text)
            case "text" | "category":
                return common.quoted(text)
            case _:
                raise ViewCodeError(f"The column “{column.name}” can only be filtered for missing values.")

    # ---- order

    def sort(self, keys: tuple[SortKey, ...]) -> list[str]:
        """Stable, missing last."""
        columns = [common.column_of(self.request, key.column) for key in keys]
        ascending = [not key.is_descending for key in keys]
        order = str(ascending[0]) if len(set(ascending)) == 1 else str(ascending)
        result = self.request.result
        if any(self.needs_place(column) for column in columns):
            return self.sort_by_place(columns, order)
        names = [column.name_code or common.quoted(column.name) for column in columns]
        by = names[0] if len(names) == 1 and not names[0].startswith("(") else common.listed(names)
        told = "" if order == "True" else f"ascending={order}, "
        return [f'{result} = {self.frame}.sort_values({by}, {told}kind="stable")']

    def needs_place(self, column: Column) -> bool:
        labels = {one.name for index, one in self.request.columns.items() if index < 0}
        return column.index < 0 or self.is_by_place(column) or column.name in labels or _may_hide_nan(column)

    def sort_by_place(self, columns: list[Column], order: str) -> list[str]:
        """Row labels and odd names: the keys are put into a frame of their own."""
        self.imports.add("import pandas as pd")
        parts = []
        for place, column in enumerate(columns):
            x = self.column(column)
            if _may_hide_nan(column):
                x = f'{x}.astype("float64")'
            parts.append(f"{place}: {x}{'.array' if column.index >= 0 else ''}")
        keys, result = f"{self.request.result}_keys", self.request.result
        by = common.listed([str(place) for place in range(len(columns))]) if len(columns) > 1 else "0"
        return [
            f"{keys} = pd.DataFrame({{{', '.join(parts)}}})",
            f'{result} = {self.frame}.iloc[{keys}.sort_values({by}, ascending={order}, kind="stable").index]',
        ]


def _is_integer(column: Column) -> bool:
    return column.kind == "number" and re.match(r"(Sparse\[)?u?int\d|U?Int\d", column.type_name) is not None


def _may_hide_nan(column: Column) -> bool:
    """Arrow's floating-point numbers: a NaN among them is a value to pandas."""
    return column.kind == "number" and re.match(r"(double|float|halffloat)\[pyarrow\]", column.type_name) is not None
