"""Code for the rows of a view, in base R or dplyr. What filters and sorts mean is told in docs/reference/filters.md; a
test runs the code of every operator and kind and compares the rows.

R compares text by the locale and sorts it so in some places: the code goes by code point wherever that counts.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from ide.api.tables import Column, Filter, FilterGroup, SortKey, ViewCodeError, ViewCodeRequest

LINE_LENGTH: Final = 88
_SIGNS: Final = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_NAME: Final = re.compile(r"(?:[^\W\d_]|\.(?!\d))[\w.]*")
_RESERVED: Final = frozenset(
    (
        *("if", "else", "repeat", "while", "function", "for", "next", "break", "in", "TRUE", "FALSE", "T", "F"),
        *("NULL", "Inf", "NaN", "NA", "NA_integer_", "NA_real_", "NA_character_", "NA_complex_"),
    )
)
_STAMP: Final = re.compile(r"(\d{4,}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")
_TEXT_ORDER: Final = """\
# Text by code point, whatever the locale
text_order <- function(x, value) {
  each <- sort(unique(c(x, value)), method = "radix")
  match(x, each) - match(value, each)
}
"""


def view_code(dialect: str, request: ViewCodeRequest) -> str:
    """The code; raises ViewCodeError where the dialect cannot say it."""
    writers = {"base_r": _Base, "dplyr": _Dplyr}
    if dialect not in writers:
        raise ViewCodeError(f"R code cannot be written as “{dialect}”.")
    return writers[dialect](request).code()


class _Writer:
    """What both dialects share: tests on a column, however it is named."""

    joint = "&"

    def __init__(self, request: ViewCodeRequest) -> None:
        self.request = request
        self.needs_text_order = False

    def code(self) -> str:
        """The whole code."""
        lines = self.lines()
        return (_TEXT_ORDER + "\n" if self.needs_text_order else "") + "\n".join(lines) + "\n"

    def lines(self) -> list[str]:
        raise NotImplementedError

    def name(self, column: Column) -> str:
        """The column as it is called where tests stand."""
        raise NotImplementedError

    def column_of(self, index: int) -> Column:
        found = self.request.columns.get(index)
        if found is None:
            raise ViewCodeError(
                "The columns of this table are not all known yet.", "", "Try again when the column has been in sight."
            )
        return found

    # ---- filters

    def condition(self, group: FilterGroup) -> str:
        """A group as one test; empty where it asks nothing."""
        parts: list[str] = []
        for member in group.members:
            part = self.test(member) if isinstance(member, Filter) else self.condition(member)
            parts.extend((part,) if part else ())
        if len(parts) < 2:
            return parts[0] if parts else ""
        sign = self.joint if group.is_all else "|"
        line = f" {sign} ".join(parts)
        return f"({line})" if len(line) < LINE_LENGTH else "(" + f" {sign}\n    ".join(parts) + ")"

    def test(self, one: Filter) -> str:
        """One filter, in brackets where an operator may follow."""
        column = self.column_of(one.column)
        x = self.name(column)
        match one.operator:
            case "is_missing":
                return self.missing(column, x)
            case "is_present":
                return f"!{self.missing(column, x)}"
            case "is_true":
                return f"{x}"
            case "is_false":
                return f"!{x}"
            case "in" | "not_in":
                return self.membership(one, column, x)
            case "contains" | "not_contains" | "starts" | "ends" | "regex" | "is_empty":
                return self.text_test(one, _as_text(column, x))
            case _:
                return self.comparison(one, column, x)

    def missing(self, column: Column, x: str) -> str:
        if column.kind == "nested":
            is_none = "is.null(cell) || (length(cell) == 1L && is.atomic(cell) && is.na(cell))"
            return f"vapply({x}, function(cell) {is_none}, NA)"
        return f"is.na({x})"

    def comparison(self, one: Filter, column: Column, x: str) -> str:
        if one.operator == "between":
            first = self.comparison(Filter(one.column, "ge", one.values[:1]), column, x)
            last = self.comparison(Filter(one.column, "le", one.values[1:]), column, x)
            return f"({first[1:-1]} & {last[1:-1]})"
        text = str(one.values[0])
        sign = _SIGNS[one.operator]
        if one.operator in ("eq", "ne"):
            return f"({self.comparable(column, x, is_equality=True)} {sign} {self.literal(text, column)})"
        if column.kind == "text":
            self.needs_text_order = True
            return f"(text_order({x}, {_quoted(text)}) {sign} 0)"
        return f"({self.comparable(column, x)} {sign} {self.literal(text, column)})"

    def comparable(self, column: Column, x: str, *, is_equality: bool = False) -> str:
        if column.kind == "category" and is_equality:
            return f"as.character({x})"
        if column.kind == "duration":
            return f'as.numeric({x}, units = "secs")'
        return f"as.numeric({x})" if column.kind == "time" else x

    def membership(self, one: Filter, column: Column, x: str) -> str:
        values = [self.literal(str(value), column) for value in one.values if value is not None]
        missing = self.missing(column, x)
        y = self.comparable(column, x, is_equality=True)
        if not values:
            test = f"({x} %in% NULL)"
        elif column.kind in ("timestamp", "date", "time", "duration"):
            test = f"({' | '.join(f'{y} == {value}' for value in values)})"
        else:
            test = f"({y} %in% c({', '.join(values)}))"
        if one.operator == "not_in":
            return f"(!{test} & !{missing})"
        return f"({test} | {missing})" if None in one.values else test

    def text_test(self, one: Filter, x: str) -> str:
        if one.operator == "is_empty":
            return f'({x} == "")'
        text = str(one.values[0])
        if one.operator == "regex":
            case = "" if one.is_case_sensitive else ", ignore.case = TRUE"
            return f"grepl({_quoted(text)}, {x}, perl = TRUE{case})"
        bare = x
        if not one.is_case_sensitive:
            text, x = text.lower(), f"tolower({x})"
        if one.operator in ("starts", "ends"):
            return f"{one.operator}With({x}, {_quoted(text)})"
        if not text:  # `grepl` finds nothing in some cells and everything in others
            return f"!is.na({bare})" if one.operator == "contains" else f"(is.na({bare}) & !is.na({bare}))"
        test = f"grepl({_quoted(text)}, {x}, fixed = TRUE)"
        return f"(!{test} & !is.na({bare}))" if one.operator == "not_contains" else test

    def literal(self, text: str, column: Column) -> str:
        match column.kind:
            case "number":
                return _wide(text) if column.type_name == "integer64" else _number(text)
            case "boolean":
                return text.upper()
            case "timestamp":
                return _moment(text, column.zone)
            case "date":
                return f'as.Date("{_parts(text)[0]}")'
            case "duration":
                return text
            case "time":
                return _seconds(text)
            case "text" | "category":
                return _quoted(text)
            case _:
                raise ViewCodeError(f"The column “{column.name}” can only be filtered for missing values.")


class _Base(_Writer):
    def __init__(self, request: ViewCodeRequest) -> None:
        super().__init__(request)
        self.frame = request.expression

    def lines(self) -> list[str]:
        request, result = self.request, self.request.result
        lines = []
        if request.library == "file":
            lines.extend(_file(request))
            self.frame = result
        elif not _is_name(self.frame):
            lines.append(f"{result} <- {self.frame}")
            self.frame = result
        condition = self.condition(request.spec.filter)
        if condition:
            lines.extend(self.picked(f"which({_unwrapped(condition)})"))
            self.frame = result
        if request.spec.sort:
            lines.extend(self.picked(self.order(request.spec.sort)))
            self.frame = result
        if self.frame != result:
            lines.append(f"{result} <- {self.frame}")
        return lines

    def picked(self, rows: str) -> list[str]:
        """A data.table reads `order(` inside its brackets in its own way: rows are found before."""
        result = self.request.result
        if self.request.type_name == "data.table":
            return [f"rows <- {rows}", f"{result} <- {self.frame}[rows, ]"]
        return [f"{result} <- {self.frame}[{rows}, , drop = FALSE]"]

    def name(self, column: Column) -> str:
        if column.index < 0:
            return f"rownames({self.frame})"
        if column.index in self.request.repeated or not column.name:
            return f"{self.frame}[[{column.index + 1}]]"
        return f"{self.frame}${column.name}" if _is_name(column.name) else f"{self.frame}[[{_quoted(column.name)}]]"

    def order(self, keys: tuple[SortKey, ...]) -> str:
        names = []
        for key in keys:
            column = self.column_of(key.column)
            x = self.name(column)
            names.append(f"as.POSIXct({x})" if column.type_name == "POSIXlt" else x)
        descending = ["TRUE" if key.is_descending else "FALSE" for key in keys]
        told = descending[0] if len(set(descending)) == 1 else f"c({', '.join(descending)})"
        decreasing = "" if told == "FALSE" else f", decreasing = {told}"
        return f'order({", ".join(names)}{decreasing}, method = "radix")'


class _Dplyr(_Writer):
    def lines(self) -> list[str]:
        request = self.request
        lines = ["library(dplyr)", ""]
        if request.library == "file":
            lines.extend(_file(request))
        steps = [request.result if request.library == "file" else request.expression]
        conditions = []
        if request.spec.filter.is_all:
            conditions = [self.condition(FilterGroup((member,))) for member in request.spec.filter.members]
        else:
            conditions = [self.condition(request.spec.filter)]
        kept = [_unwrapped(condition) for condition in conditions if condition]
        if kept:
            steps.append(f"filter({_listed(kept)})")
        if request.spec.sort:
            steps.append(f"arrange({_listed([self.key(key) for key in request.spec.sort])})")
        chain = " |>\n  ".join(steps)
        return [*lines, f"{request.result} <- {chain}"]

    def name(self, column: Column) -> str:
        if column.index < 0:
            raise ViewCodeError("dplyr does not keep row names.", "", "Use base R, or make the row names a column.")
        if column.index in self.request.repeated or not column.name:
            raise ViewCodeError(
                f"dplyr cannot name the column “{column.name}”.",
                "Its name is empty, or another column has the same name.",
                "Use base R.",
            )
        escaped = column.name.replace("\\", "\\\\").replace("`", "\\`")
        return column.name if _is_name(column.name) else f"`{escaped}`"

    def key(self, key: SortKey) -> str:
        column = self.column_of(key.column)
        x = self.name(column)
        if column.kind == "text":  # older versions of dplyr sort text by the locale
            x = f'match({x}, sort(unique({x}), method = "radix"))'
        return f"desc({x})" if key.is_descending else x


# ---- words -----------------------------------------------------------------------------------------------------------


def _is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None and text not in _RESERVED


def _as_text(column: Column, x: str) -> str:
    return f"as.character({x})" if column.kind == "category" else x


def _unwrapped(condition: str) -> str:
    """A condition without the brackets around the whole of it: one that begins with a bracket ends with its twin."""
    return condition[1:-1] if condition.startswith("(") else condition


def _listed(parts: list[str]) -> str:
    line = ", ".join(parts)
    return line if len(line) < LINE_LENGTH else "\n    " + ",\n    ".join(parts) + "\n  "


def _quoted(text: str) -> str:
    """`text` as an R string literal."""
    for character, escape in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        text = text.replace(character, escape)
    return f'"{text}"'


def _number(text: str) -> str:
    if text.lstrip("+-") == "inf":
        return f"{'-' if text.startswith('-') else ''}Inf"
    return text


def _wide(text: str) -> str:
    """A number beside 64-bit integers, which doubles cannot hold."""
    is_whole = re.fullmatch(r"-?\d{16,19}", text) is not None
    return f'bit64::as.integer64("{text}")' if is_whole else _number(text)


def _parts(text: str) -> tuple[str, str, str, str]:
    """Day, time of day to the second, fraction, offset."""
    found = _STAMP.fullmatch(text)
    if found is None:
        raise ViewCodeError(f"“{text}” is not a date.")
    clock = f"{found[2]}{found[3] or ':00'}" if found[2] else ""
    return found[1], clock, found[4] or "", found[5] or ""


def _moment(text: str, zone: str) -> str:
    day, clock, fraction, offset = _parts(text)
    if offset:
        moment = datetime.fromisoformat(f"{day}T{clock or '00:00:00'}{offset.replace('Z', '+00:00')}").astimezone(UTC)
        day, clock, zone = moment.date().isoformat(), moment.time().isoformat(), "UTC"
    told = " ".join(part for part in (day, clock + fraction if clock else "") if part)
    return f'as.POSIXct("{told}"{f", tz = {_quoted(zone)}" if zone else ""})'


def _seconds(text: str) -> str:
    hour, minute, *rest = text.split(":")
    second = rest[0] if rest else "0"
    whole, _, fraction = second.partition(".")
    total = int(hour) * 3600 + int(minute) * 60 + int(whole)
    return f"{total}.{fraction}" if fraction else str(total)


def _file(request: ViewCodeRequest) -> list[str]:
    """Lines that read a file of delimited text so that its columns are those of the viewer: text is never missing, and
    words such as NA are missing in other columns only. So all that the view speaks of is read as text first."""
    if request.file_format != "csv":
        raise ViewCodeError(
            f"R code for this kind of file ({request.file_format or 'unknown'}) cannot be written.",
            "",
            "Load the file in a console and open it from there.",
        )
    options = request.options
    told = [_quoted(request.path)]
    for name, option, usual in (("sep", "separator", ","), ("dec", "decimal", "."), ("quote", "quote", '"')):
        value = str(options.get(option) or usual)
        if value != usual:
            told.append(f"{name} = {_quoted(value)}")
    if options.get("has_header") is False:
        told.append("header = FALSE")
    encoding = str(options.get("encoding") or "utf-8")
    told.append(f"fileEncoding = {_quoted('UTF-8-BOM' if encoding in ('utf-8', 'utf-8-sig', 'ascii') else encoding)}")
    told.append('check.names = FALSE, na.strings = character(), colClasses = "character"')
    lines = [f"{request.result} <- read.csv({', '.join(told)})"]
    if options.get("has_header") is False:
        columns = sorted(request.columns.values(), key=lambda one: one.index)
        lines.append(f"names({request.result}) <- c({', '.join(_quoted(one.name) for one in columns)})")
    for column in sorted(request.columns.values(), key=lambda one: one.index):
        place = f"{request.result}[[{_quoted(column.name)}]]"
        if column.index in request.repeated:
            place = f"{request.result}[[{column.index + 1}]]"
        made = _made(column, place, str(options.get("decimal") or "."))
        if made:
            lines.append(f"{place} <- {made}")
    return lines


def _made(column: Column, x: str, decimal: str) -> str:
    """How a column of text becomes what it is."""
    match column.kind:
        case "number":
            y = f'sub(",", ".", {x}, fixed = TRUE)' if decimal == "," else x
            return f"suppressWarnings(as.numeric({y}))"
        case "boolean":
            return f"as.logical({x})"
        case "date":
            return f'as.Date({x}, format = "%Y-%m-%d")'
        case "timestamp":
            zone = column.zone or "UTC"
            return f'as.POSIXct(sub("T", " ", {x}), tz = {_quoted(zone)}, format = "%Y-%m-%d %H:%M:%OS")'
        case _:
            return ""
