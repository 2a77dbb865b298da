"""Code for the rows of a view: `view_code` and what its dialects share. What filters and sorts mean is told in
docs/reference/filters.md; a test runs the code of every operator and kind and compares the rows.

Owns literals of Python and the walk through groups. The dialects are `view_code_pandas`, `view_code_polars`,
`view_code_sql`; where files come from is told by `view_code_files`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from ide.api.tables import Column, Filter, FilterGroup, ViewCodeError, ViewCodeRequest

LINE_LENGTH: Final = 88
_LARGEST_WHOLE: Final = 1 << 64
_LEAST_WHOLE: Final = -(1 << 63)
_STAMP: Final = re.compile(r"(\d{4,}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?(Z|[+-]\d\d:?\d\d)?")


def view_code(dialect: str, request: ViewCodeRequest) -> str:
    """The code; raises ViewCodeError where the dialect cannot say it."""
    from fourpane_plugins.lang_python import view_code_pandas, view_code_polars, view_code_sql

    writers: dict[str, Callable[[ViewCodeRequest], str]] = {
        "pandas": view_code_pandas.code,
        "polars": view_code_polars.code,
        "sql": view_code_sql.code,
    }
    if dialect not in writers:
        raise ViewCodeError(f"Python code cannot be written as “{dialect}”.")
    return writers[dialect](request)


def column_of(request: ViewCodeRequest, index: int) -> Column:
    """A column that the view speaks of."""
    found = request.columns.get(index)
    if found is None:
        raise ViewCodeError(
            "The columns of this table are not all known yet.", "", "Try again when the column has been in sight."
        )
    return found


def folded(group: FilterGroup, write: Callable[[Filter], str], join: Callable[[bool, list[str]], str]) -> str:
    """A group as one condition; empty where it asks nothing. Each part comes bracketed where it has to be."""
    parts: list[str] = []
    for member in group.members:
        part = write(member) if isinstance(member, Filter) else folded(member, write, join)
        parts.extend((part,) if part else ())
    return parts[0] if len(parts) == 1 else join(group.is_all, parts) if parts else ""


def is_name(expression: str) -> bool:
    """Whether an expression is one plain name, which may be written as often as one likes."""
    return expression.isidentifier()


# ---- literals --------------------------------------------------------------------------------------------------------


def quoted(text: str) -> str:
    """A text as a literal, in double quotation marks where it can be."""
    literal = repr(text)
    return f'"{literal[1:-1]}"' if literal[0] == "'" and '"' not in literal and "\\'" not in literal else literal


def number(text: str) -> str:
    """A number as Python's. Whole ones that no 64-bit column can hold become floats, which all libraries compare."""
    if text.lstrip("+-") == "inf":
        return f'float("{text}")'
    value = Decimal(text)
    if value == value.to_integral_value() and _LEAST_WHOLE <= value < _LARGEST_WHOLE:
        return str(int(value))
    return repr(float(value))


def is_whole(text: str) -> bool:
    """Whether a canonical number is a whole one that fits into 64 bits."""
    return text.lstrip("+-") != "inf" and "." not in number(text) and "e" not in number(text)


def decimal(text: str) -> str:
    """A number as an exact decimal."""
    return f'Decimal("{text}")'


def stamp(text: str) -> tuple[str, str, str]:
    """Day, time of day and offset of a canonical date or time."""
    found = _STAMP.fullmatch(text)
    if found is None:
        raise ViewCodeError(f"“{text}” is not a date.")
    clock = found[2] or ""
    return found[1], f"{clock}:00" if len(clock) == 5 else clock, (found[3] or "").replace("Z", "+00:00")


def date(text: str) -> str:
    """A `datetime.date`."""
    year, month, day = (int(part) for part in stamp(text)[0].split("-"))
    return f"datetime.date({year}, {month}, {day})"


def time(text: str) -> str:
    """A `datetime.time`."""
    hour, minute, *rest = text.split(":")
    second, _, fraction = (rest[0] if rest else "0").partition(".")
    return f"datetime.time({_numbers(hour, minute, second, _microseconds(fraction))})"


def moment(text: str) -> str:
    """A `datetime.datetime` without a zone."""
    day, clock, _ = stamp(text)
    hour, minute, second = (clock or "00:00:00").split(":")
    second, _, fraction = second.partition(".")
    return f"datetime.datetime({_numbers(*day.split('-'), hour, minute, second, _microseconds(fraction))})"


def fraction_digits(text: str) -> int:
    """How many digits of a second there are."""
    return len(text.partition(".")[2].partition("+")[0].partition("-")[0].rstrip("Z").rstrip("0"))


def _microseconds(fraction: str) -> str:
    if len(fraction.rstrip("0")) > 6:
        raise ViewCodeError("Times with parts of a microsecond cannot be written in this dialect.")
    return fraction[:6].ljust(6, "0")


def _numbers(*parts: str) -> str:
    """Arguments without the zeros at the end; the first two are always there."""
    numbers = [int(part) for part in parts]
    while len(numbers) > 2 and numbers[-1] == 0:
        numbers.pop()
    return ", ".join(map(str, numbers))


def listed(parts: list[str]) -> str:
    """A list."""
    return f"[{', '.join(parts)}]"


# ---- layout ----------------------------------------------------------------------------------------------------------


def bracketed(parts: list[str], sign: str) -> str:
    """Conditions joined by a sign; one on each line where they are long."""
    line = f" {sign} ".join(parts)
    return f"({line})" if len(line) < LINE_LENGTH else "(\n    " + indented(f"\n{sign} ".join(parts)) + "\n)"


def indented(text: str) -> str:
    """All lines but the first moved in."""
    return text.replace("\n", "\n    ")


def unwrapped(condition: str) -> str:
    """A condition without the brackets around the whole of it: one that begins with a bracket ends with its twin."""
    return condition[1:-1] if condition.startswith("(") else condition


def assembled(imports: set[str], lines: list[str]) -> str:
    """The whole code."""
    head = sorted(imports, key=lambda line: (line.startswith("from"), line))
    return "\n".join([*head, *([""] if head else []), *lines]) + "\n"
