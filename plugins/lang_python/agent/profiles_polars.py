"""What columns hold, by polars itself."""

from __future__ import annotations

from typing import Any

from fourpane_plugins.lang_python.agent import profile_records as records
from fourpane_plugins.lang_python.agent.profile_records import SAMPLE_ROWS, Profile
from fourpane_plugins.lang_python.agent.profiles_numpy import counted, picture
from fourpane_plugins.lang_python.agent.refusal import Refusal
from fourpane_plugins.lang_python.agent.rows_polars import evenly
from fourpane_plugins.lang_python.agent.table_cells import NAN, NULL
from fourpane_plugins.lang_python.agent.table_filters import TIMES
from fourpane_plugins.lang_python.agent.table_polars import PolarsColumn, polars


def _stop_if_cancelled(job: Any) -> None:
    if job.is_cancelled():
        raise Refusal("cancelled", "")


def _looked_at(frame: Any, rows: Any, is_exact: bool) -> tuple[Any, int, int]:
    """Rows to look at (None: all), how many they are, and how many there are."""
    total = frame.row_count if rows is None else len(rows)
    if not is_exact and total > SAMPLE_ROWS:
        return evenly(rows, frame.row_count, SAMPLE_ROWS), SAMPLE_ROWS, total
    return rows, total, total


def _present(series: Any, found: Profile | None = None) -> Any:
    """The values that are there; the others are counted."""
    nulls = int(series.null_count())
    series = series.drop_nulls() if nulls else series
    blanks = 0
    if series.dtype.is_float():
        is_number = series.is_not_nan()
        blanks = len(series) - int(is_number.sum())
        series = series.filter(is_number) if blanks else series
    if found is not None:
        found.missing = {code: count for code, count in ((NULL, nulls), (NAN, blanks)) if count}
    return series


def profile(frame: Any, index: int, rows: Any, is_exact: bool, bins: int, top: int, job: Any) -> dict[str, Any]:
    """The contract's `ColumnProfile`."""
    _stop_if_cancelled(job)
    job.progress("read", 0, 0)
    column = frame.column(index)
    chosen, looked_at, total = _looked_at(frame, rows, is_exact)
    found = Profile(index, total, looked_at)
    series = _present(column.series if chosen is None else column.series.gather(chosen), found)
    _stop_if_cancelled(job)
    if column.base == "Null":
        found.add("distinct", 0)
    elif column.kind == "boolean":
        trues = int(series.sum() or 0)
        found.add("true", trues)
        found.add("false", len(series) - trues)
        pairs = [("true", trues), ("false", len(series) - trues)]
        found.top = records.top_counts(sorted((pair for pair in pairs if pair[1]), key=lambda pair: -pair[1]), 2)
    elif column.kind in ("text", "category"):
        _texts(series.cast(polars().String), found, top, column)
    elif column.kind in ("number", *TIMES):
        _numbers(column, series if column.kind == "number" else series.to_physical(), found, bins)
    return found.as_json()


def _texts(series: Any, found: Profile, top: int, column: PolarsColumn) -> None:
    pl = polars()
    found.add("distinct", int(series.n_unique()) if len(series) else 0)
    if column.level_count:
        found.add("levels", column.level_count)
    if len(series) and column.kind == "text":
        lengths = series.str.len_chars()
        found.add("shortest", int(lengths.min()))
        found.add("longest", int(lengths.max()))
        found.add("empty", int((series == "").sum()))
    counts = series.alias("value").value_counts().sort(pl.col("count"), descending=True).head(top)
    found.top = records.top_counts(zip(counts["value"].to_list(), counts["count"].to_list()), top)


def _numbers(column: PolarsColumn, series: Any, found: Profile, bins: int) -> None:
    if not len(series):
        found.add("distinct", 0)
        return
    is_float = series.dtype.is_float()
    ordered = series.sort()
    finite = ordered.filter(ordered.is_finite()) if is_float else ordered
    if len(finite) < len(ordered):
        found.add("infinite", len(ordered) - len(finite))
    least, greatest = records.names_of(column.kind)
    found.add(least, _figure(column, ordered[0]))
    found.add(greatest, _figure(column, ordered[-1]))
    if column.kind == "number":
        floats = ordered.cast(polars().Float64)
        found.add("mean", float(floats.mean()))
        found.add("sd", float(floats.std()) if len(floats) > 1 else float("nan"))
    for name, share in (("q25", 0.25), ("median", 0.5), ("q75", 0.75)):
        found.add(name, _figure(column, _quantile(ordered, share, column.kind)))
    found.add("distinct", int(ordered.n_unique()))
    if column.kind == "number":
        found.add("zeros", int((ordered == 0).sum()))
        found.add("negative", int((ordered < 0).sum()))
    if len(finite):
        _histogram(finite, found, bins, not is_float and column.base != "Decimal")


def _figure(column: PolarsColumn, value: Any) -> str:
    return records.figure_text(column, value)


def _quantile(ordered: Any, share: float, kind: str) -> Any:
    place = (len(ordered) - 1) * share
    below = int(place)
    low, high = ordered[below], ordered[min(below + 1, len(ordered) - 1)]
    if low == high or place == below:
        return float(low) if kind == "number" else low
    if kind != "number":
        return low + int((high - low) * (place - below))
    return float(low) + float(high - low) * (place - below)


def _histogram(finite: Any, found: Profile, bins: int, is_whole: bool) -> None:
    low, high = finite[0], finite[-1]
    if not is_whole:
        finite, low, high = finite.cast(polars().Float64), float(low), float(high)
    found.edges = [float(edge) for edge in records.edges(low, high, bins, is_whole)]
    inner = found.edges[1:-1]
    places = finite.cast(polars().Float64).search_sorted(polars().Series(inner), side="left").to_list() if inner else []
    bounds = [0, *places, len(finite)]
    found.counts = [end - first for first, end in zip(bounds, bounds[1:])]


def values(frame: Any, index: int, search: str, limit: int, job: Any) -> dict[str, Any]:
    """The contract's `ValueCounts`, over all rows."""
    _stop_if_cancelled(job)
    pl = polars()
    column = frame.column(index)
    found = Profile(index, frame.row_count, frame.row_count)
    series = _present(column.series, found)
    if column.kind == "object":
        raise Refusal("not_possible", "The values of this type of column cannot be counted.")
    if column.kind == "category":
        series = series.cast(pl.String)
    elif column.kind in TIMES:
        series = series.to_physical()
    counts = series.alias("value").value_counts()
    pairs = [
        (_value_text(column, value), count)
        for value, count in zip(counts["value"].to_list(), counts["count"].to_list())
    ]
    return counted(pairs, found.missing, search, limit, frame.row_count, True)


def _value_text(column: PolarsColumn, value: Any) -> str:
    if column.kind == "boolean":
        return "true" if value else "false"
    return value if type(value) is str else records.figure_text(column, value)


def missing(
    frame: Any, indexes: list[int], rows: Any, buckets: int, is_exact: bool, job: Any
) -> tuple[dict[str, Any], list[bytes]]:
    """The contract's `MissingPicture` and its buffer."""
    _stop_if_cancelled(job)
    pl = polars()
    chosen, looked_at, total = _looked_at(frame, rows, is_exact)
    buckets = max(1, min(buckets, looked_at))
    masks = []
    for place, index in enumerate(indexes):
        series = frame.column(index).series
        series = series if chosen is None else series.gather(chosen)
        mask = series.is_null()
        if series.dtype.is_float():
            mask = mask | series.is_nan().fill_null(False)
        masks.append(mask.alias(str(place)))
    _stop_if_cancelled(job)
    if not masks or not looked_at:
        return picture(indexes, buckets, [0] * len(indexes), total, looked_at, []), [bytes(buckets * len(indexes))]
    table = pl.DataFrame(masks)
    which = (pl.int_range(0, looked_at, dtype=pl.Int64, eager=True) * buckets // looked_at).alias("bucket")
    by_bucket = table.with_columns(which).group_by("bucket").agg(pl.all().mean()).sort("bucket")
    shares = b"".join(
        bytes(max(round(255 * share), share > 0) for share in by_bucket[str(place)].to_list())
        for place in range(len(masks))
    )
    names = [mask.name for mask in masks]
    some = table.filter(pl.any_horizontal(names)).group_by(names).len("count").sort("count", descending=True)
    patterns = [
        ([indexes[place] for place, flag in enumerate(row[:-1]) if flag], row[-1])
        for row in some.head(records.PATTERNS_MOST).rows()
    ]
    return picture(indexes, buckets, [int(mask.sum()) for mask in masks], total, looked_at, patterns), [shares]
