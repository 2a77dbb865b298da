"""Finding rows with polars itself: filters and sorts over its series. Vectors are series of row numbers (32-bit)."""

from __future__ import annotations

from typing import Any

from fourpane_plugins.lang_python.agent import rows_plain, table_filters
from fourpane_plugins.lang_python.agent.refusal import Refusal
from fourpane_plugins.lang_python.agent.table_filters import Group, Test, Unfit
from fourpane_plugins.lang_python.agent.table_polars import PolarsColumn, polars

TOP_SPARE = 200_000
_LIMITS = {
    name: ((-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if name[0] == "I" else (0, (1 << bits) - 1))
    for bits in (8, 16, 32, 64)
    for name in (f"Int{bits}", f"UInt{bits}")
}


def check(frame: Any, test: Test) -> None:
    """Raises Unfit for a pattern that polars cannot read."""
    if test.operator == "regex":
        pl = polars()
        try:
            pl.Series([""]).str.contains(_pattern(test))
        except pl.exceptions.PolarsError as error:
            raise Unfit(f"The pattern cannot be read: {str(error).splitlines()[0]}") from error


def _pattern(test: Test) -> str:
    return str(test.values[0]) if test.is_case_sensitive else "(?i)" + str(test.values[0])


def _stop_if_cancelled(job: Any) -> None:
    if job.is_cancelled():
        raise Refusal("cancelled", "")


def filter_rows(frame: Any, group: Group, job: Any) -> Any:
    """The rows that fit, ascending."""
    return _mask(frame, group, job).arg_true()


def _mask(frame: Any, part: Any, job: Any) -> Any:
    if type(part) is Group:
        mask = _mask(frame, part.members[0], job)
        for member in part.members[1:]:
            other = _mask(frame, member, job)
            mask = (mask & other) if part.is_all else (mask | other)
        return mask
    _stop_if_cancelled(job)
    job.progress("filter", 0, 0)
    column = frame.column(part.column)
    present = _present(column.series)
    if part.operator == "is_present":
        return present
    if part.operator == "is_missing":
        return ~present
    hits = _hits(column, part).fill_null(False) & present
    return hits | ~present if part.takes_missing else hits


def _present(series: Any) -> Any:
    present = series.is_not_null()
    return present & series.is_not_nan().fill_null(True) if series.dtype.is_float() else present


def _hits(column: PolarsColumn, test: Test) -> Any:
    pl, series = polars(), column.series
    if column.kind == "category":
        return _category_hits(column, test)
    if column.base == "Null":
        return pl.Series([False]).new_from_index(0, len(series))
    if column.kind == "text":
        return _text_hits(series, test)
    if column.kind == "boolean":
        wanted = {"is_true": (True,), "is_false": (False,)}.get(test.operator, test.values)
        hits = series.is_in(pl.Series(list(wanted), dtype=pl.Boolean))
        return ~hits if test.operator in ("ne", "not_in") else hits
    physical = series.to_physical()
    if str(physical.dtype) in _LIMITS:
        return _whole_hits(physical, test, *_LIMITS[str(physical.dtype)])
    if series.dtype.is_float():
        return _compared(series, test, pl.Series([_as_float(value) for value in test.values], dtype=series.dtype))
    fits = rows_plain.number_fits(test)  # decimals and numbers of 128 bits, exactly
    return pl.Series([value is not None and fits(_plain(value)) for value in series.to_list()], dtype=pl.Boolean)


def _plain(value: Any) -> Any:
    from fractions import Fraction

    return value if type(value) is int else Fraction(value)


def _as_float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _compared(series: Any, test: Test, wanted: Any) -> Any:
    """A comparison with values of the same type."""
    if test.operator in table_filters.LISTS:
        hits = series.is_in(wanted)
        return hits if test.operator == "in" else ~hits
    first, last = wanted[:1], wanted[-1:]
    return {
        "eq": lambda: series == first,
        "ne": lambda: series != first,
        "lt": lambda: series < first,
        "le": lambda: series <= first,
        "gt": lambda: series > first,
        "ge": lambda: series >= first,
        "between": lambda: (series >= first) & (series <= last),
    }[test.operator]()


def _whole_hits(series: Any, test: Test, least: int, most: int) -> Any:
    pl = polars()
    if test.operator in table_filters.LISTS:
        wanted = [value for value in test.values if type(value) is int and least <= value <= most]
        hits = series.is_in(pl.Series(wanted, dtype=series.dtype))
        return hits if test.operator == "in" else ~hits
    whole = table_filters.whole_test(test.operator, test.values, least, most)
    limits = pl.Series([whole.low, whole.high], dtype=series.dtype)
    hits = (series >= limits[:1]) & (series <= limits[1:])
    return ~hits if whole.is_opposite else hits


def _text_hits(series: Any, test: Test) -> Any:
    operator = test.operator
    if operator in table_filters.COMPARISONS or operator in table_filters.LISTS:
        return _compared(series, test, polars().Series(list(test.values), dtype=polars().String))
    if operator == "is_empty":
        return series.str.len_bytes() == 0
    if operator == "regex":
        return series.str.contains(_pattern(test))
    text = test.values[0] if test.is_case_sensitive else test.values[0].lower()
    cells = series if test.is_case_sensitive else series.str.to_lowercase()
    if operator == "starts":
        return cells.str.starts_with(text)
    if operator == "ends":
        return cells.str.ends_with(text)
    hits = cells.str.contains(text, literal=True)
    return hits if operator == "contains" else ~hits


def _category_hits(column: PolarsColumn, test: Test) -> Any:
    """The levels that fit, by their text or (where they are ordered) by their place."""
    pl = polars()
    levels = column.level_texts()
    if column.is_ordered and test.operator in table_filters.COMPARISONS - {"eq", "ne"}:
        places = tuple(levels.index(value) for value in test.values)
        kept = [level for place, level in enumerate(levels) if table_filters.compares(test.operator, place, places)]
    else:
        hits = _text_hits(pl.Series(levels, dtype=pl.String), test).to_list()
        kept = [level for level, fits in zip(levels, hits) if fits]
    return column.series.cast(pl.String).is_in(pl.Series(kept, dtype=pl.String))


def order(frame: Any, keys: list[tuple[int, bool]], rows: Any, job: Any) -> Any:
    """The rows (None: all) in order."""
    pl = polars()
    _stop_if_cancelled(job)
    job.progress("sort", 0, 0)
    if not keys:
        return rows if rows is not None else pl.arange(0, frame.row_count, eager=True)
    series = [_sortable(frame.column(index), rows).alias(str(place)) for place, (index, _) in enumerate(keys)]
    found = (
        pl.DataFrame(series)
        .select(
            pl.arg_sort_by(
                [one.name for one in series],
                descending=[is_descending for _, is_descending in keys],
                nulls_last=True,
                maintain_order=True,
            )
        )
        .to_series()
    )
    return found if rows is None else rows.gather(found)


def _sortable(column: PolarsColumn, rows: Any) -> Any:
    series = column.series if rows is None else column.series.gather(rows)
    if column.base == "Enum":
        return series.to_physical()
    if column.base == "Categorical":
        return series.cast(polars().String)
    return series.fill_nan(None) if series.dtype.is_float() else series


def first_rows(frame: Any, keys: list[tuple[int, bool]], rows: Any, count: int, job: Any) -> Any:
    """The first `count` rows of the order, found without sorting all; None where too many rows are equal."""
    index, is_descending = keys[0]
    column = frame.column(index)
    if column.kind in ("text", "category", "boolean"):
        return None
    series = _sortable(column, rows)
    best = series.drop_nulls()
    best = best.top_k(count) if is_descending else best.bottom_k(count)
    if len(best) < count:
        return None
    limit = best.min() if is_descending else best.max()
    wanted = polars().Series([limit], dtype=series.dtype)
    places = ((series >= wanted) if is_descending else (series <= wanted)).fill_null(False).arg_true()
    if len(places) > TOP_SPARE:
        return None
    return order(frame, keys, places if rows is None else rows.gather(places), job)[:count]


def gathered(vector: Any, mask_rows: Any, row_count: int) -> Any:
    """Those of `vector` that are among `mask_rows`, in the order of `vector`."""
    pl = polars()
    inside = pl.Series([False]).new_from_index(0, row_count).scatter(mask_rows, True)
    return vector.filter(inside.gather(vector))


def evenly(rows: Any, row_count: int, count: int) -> Any:
    """`count` rows of a view (None: all rows), evenly spaced."""
    total = row_count if rows is None else len(rows)
    places = polars().Series([place * total // count for place in range(count)], dtype=polars().UInt32)
    return places if rows is None else rows.gather(places)


def fingerprint(frame: Any, indexes: list[int]) -> Any:
    """Hashes over these columns that differ when a cell has become another; None for columns without numbers."""
    pl = polars()
    found: list[Any] = []
    for index in indexes:
        series = frame.column(index).series
        if not (series.dtype.is_numeric() or series.dtype.is_temporal() or series.dtype == pl.Boolean):
            return None
        places = pl.int_range(1, 2 * len(series) + 1, 2, dtype=pl.UInt64, eager=True)
        found.append((len(series), int((series.hash() * places).sum() or 0)))
    return tuple(found)
