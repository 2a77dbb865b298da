"""Finding rows with nothing but Python: filters and sorts of lists and dicts, and of Arrow where there is no numpy.

Columns give `objects(rows)`: numbers, texts and times as whole numbers, None where there is none, beside their codes.
Vectors are `array`s of 64-bit row numbers.
"""

from __future__ import annotations

from array import array
from typing import Any, Callable

from fourpane_plugins.lang_python.agent import table_filters
from fourpane_plugins.lang_python.agent.refusal import Refusal
from fourpane_plugins.lang_python.agent.table_filters import Group, Test, pattern, text_fits

CHUNK_ROWS = 20_000


def check(frame: Any, test: Test) -> None:
    """Raises Unfit for a pattern that cannot be read."""
    if test.operator == "regex":
        pattern(test)


def number_fits(test: Test) -> Callable[[Any], bool]:
    """The condition for one number that is there."""
    operator, values = test.operator, test.values
    if operator in ("is_true", "is_false"):
        return lambda value: value is (operator == "is_true")
    exact, near = _number_test(operator, values), _number_test(operator, tuple(_nearest(value) for value in values))
    return lambda value: near(value) if type(value) is float else exact(value)


def _number_test(operator: str, values: tuple[Any, ...]) -> Callable[[Any], bool]:
    if operator in table_filters.LISTS:
        wanted = frozenset(values)
        return lambda value: (value in wanted) == (operator == "in")
    return lambda value: table_filters.compares(operator, value, values)


def _nearest(value: Any) -> float:
    """Floats compare with what was typed as the nearest float; ints and fractions as they are."""
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def fits(column: Any, test: Test) -> Callable[[Any], bool]:
    """The condition for a value, None where there is none."""
    if test.operator in table_filters.PRESENCE:
        return lambda value: (value is None) == (test.operator == "is_missing")
    if column.kind == "category" and test.operator in table_filters.COMPARISONS - {"eq", "ne"}:
        places = {text: place for place, text in enumerate(column.level_texts())}
        inner_places = number_fits(test._replace(values=tuple(places[value] for value in test.values)))
        inner: Callable[[Any], bool] = lambda value: inner_places(places[value])  # noqa: E731 - one of three
    else:
        inner = text_fits(test) if column.kind in ("text", "category") else number_fits(test)

    def holds(value: Any) -> bool:
        if value is None:
            return test.takes_missing
        try:
            return inner(value)
        except TypeError:  # text in a column of numbers
            return test.operator in ("ne", "not_in", "not_contains")

    return holds


def filter_rows(frame: Any, group: Group, job: Any) -> Any:
    """The rows that fit, ascending."""
    columns: dict[int, Any] = {}
    holds = _prepared(frame, group, columns)
    found = array("q")
    for first in range(0, frame.row_count, CHUNK_ROWS):
        if job.is_cancelled():
            raise Refusal("cancelled", "")
        job.progress("filter", first, frame.row_count)
        rows = slice(first, min(first + CHUNK_ROWS, frame.row_count))
        values = {index: column.objects(rows)[0] for index, column in columns.items()}
        found.extend(first + row for row in range(rows.stop - first) if holds(values, row))
    return found


def _prepared(frame: Any, part: Any, columns: dict[int, Any]) -> Callable[[dict[int, Any], int], bool]:
    if type(part) is Group:
        members = [_prepared(frame, member, columns) for member in part.members]
        check_of = all if part.is_all else any
        return lambda values, row: check_of(member(values, row) for member in members)
    column = columns.setdefault(part.column, frame.column(part.column))
    one = fits(column, part)
    return lambda values, row: one(values[part.column][row])


def order(frame: Any, keys: list[tuple[int, bool]], rows: Any, job: Any) -> Any:
    """The rows (None: all) in order; each sort keeps what was equal as it was."""
    found = list(range(frame.row_count)) if rows is None else list(rows)
    for done, (index, is_descending) in enumerate(reversed(keys)):
        if job.is_cancelled():
            raise Refusal("cancelled", "")
        job.progress("sort", done, len(keys))
        column = frame.column(index)
        values = column.objects(found)[0]
        places = {text: place for place, text in enumerate(column.level_texts())}
        if column.kind == "category":
            values = [None if value is None else places[value] for value in values]
        present = [place for place, value in enumerate(values) if value is not None]
        present.sort(key=lambda place: _sort_key(values[place]), reverse=is_descending)
        missing = [place for place, value in enumerate(values) if value is None]
        found = [found[place] for place in present + missing]
    return array("q", found)


def _sort_key(value: Any) -> tuple[int, Any]:
    """Text after numbers, where they are mixed."""
    return (1, value) if type(value) is str else (0, value)


def first_rows(frame: Any, keys: list[tuple[int, bool]], rows: Any, count: int, job: Any) -> Any:
    """Sorting is all at once here."""
    return None


def gathered(vector: Any, mask_rows: Any, row_count: int) -> Any:
    """Those of `vector` that are among `mask_rows`, in the order of `vector`."""
    inside = bytearray(row_count)
    for row in mask_rows:
        inside[row] = 1
    return array("q", [row for row in vector if inside[row]])


def evenly(rows: Any, row_count: int, count: int) -> Any:
    """`count` rows of a view (None: all rows), evenly spaced."""
    total = row_count if rows is None else len(rows)
    places = [place * total // count for place in range(count)]
    return places if rows is None else [rows[place] for place in places]


def fingerprint(frame: Any, indexes: list[int]) -> Any:
    """Whether cells are the same as before is not found out here."""
    return None
