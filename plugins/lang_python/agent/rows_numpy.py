"""Finding rows with numpy: filters and sorts of tables whose columns give blocks (pandas, numpy, xarray, Arrow).

Answers are vectors of row numbers (32-bit where that is enough); no column is copied whole but for the numbers that a
sort itself needs. Filters work through chunks, so that they can be given up between them.

Sorting: what is sorted are 64-bit numbers made of the rank of the value and, in the lowest bits, of the row. So they
all differ, the order is stable, and numpy's fastest sort can be used. Where values and rows need more than 64 bits
together, the lowest bits of the values are left out, and rows that look equal then are put in order afterwards.
"""

from __future__ import annotations

import math
import sys
from typing import Any, Callable

from fourpane_plugins.lang_python.agent import table_filters
from fourpane_plugins.lang_python.agent.refusal import Refusal
from fourpane_plugins.lang_python.agent.table_columns import Block, Column
from fourpane_plugins.lang_python.agent.table_filters import Group, Test

CHUNK_ROWS = 1 << 19
TOP_SPARE = 200_000


def numpy() -> Any:
    """numpy, as the user has imported it."""
    return sys.modules["numpy"]


def _vector_type(row_count: int) -> str:
    return "i4" if row_count < 1 << 31 else "i8"


def stop_if_cancelled(job: Any) -> None:
    """Give up between two steps."""
    if job.is_cancelled():
        raise Refusal("cancelled", "")


# ---- filters --------------------------------------------------------------------------------------------------------


def check(frame: Any, test: Test) -> None:
    """Raises Unfit for a pattern that cannot be read."""
    if test.operator == "regex":
        table_filters.pattern(test)


def filter_rows(frame: Any, group: Group, job: Any) -> Any:
    """The rows that fit, ascending."""
    np = numpy()
    columns: dict[int, Column] = {}
    tests = _prepared(frame, group, columns)
    kind, found = _vector_type(frame.row_count), []
    for first in range(0, frame.row_count, CHUNK_ROWS):
        stop_if_cancelled(job)
        job.progress("filter", first, frame.row_count)
        rows = slice(first, min(first + CHUNK_ROWS, frame.row_count))
        blocks: dict[int, Block] = {}
        mask = _group_mask(tests, blocks, columns, rows)
        found.append((mask.nonzero()[0] + first).astype(kind))
    return np.concatenate(found) if found else np.zeros(0, kind)


Prepared = Any
"""A tuple (is_all, members), or (column, function of a block)."""


def _prepared(frame: Any, part: Any, columns: dict[int, Column]) -> Prepared:
    if type(part) is Group:
        return part.is_all, [_prepared(frame, member, columns) for member in part.members]
    column = columns.setdefault(part.column, frame.column(part.column))
    return part.column, _predicate(column, part)


def _group_mask(part: Prepared, blocks: dict[int, Block], columns: dict[int, Column], rows: slice) -> Any:
    first, second = part
    if callable(second):
        block = blocks.get(first)
        if block is None:
            block = blocks[first] = columns[first].block(rows)
        return second(block, rows.stop - rows.start)
    mask = _group_mask(second[0], blocks, columns, rows)
    for member in second[1:]:
        other = _group_mask(member, blocks, columns, rows)
        mask = mask & other if first else mask | other
    return mask


Predicate = Callable[[Block, int], Any]


def _predicate(column: Column, test: Test) -> Predicate:
    """What says of each row of a block whether it fits."""
    if test.operator in ("is_missing", "is_present"):
        return lambda block, count: _present(block, count) == (test.operator == "is_present")
    lookup = _level_lookup(column, test) if column.kind == "category" else None

    def holds(block: Block, count: int) -> Any:
        hits = _hits(block, test) if lookup is None else _level_hits(block.values, lookup)
        # NaN equals nothing and is neither less nor greater: only the opposites have to be told.
        missing = block.missing if test.takes_missing or test.operator in ("ne", "not_in") else block.masked
        if missing is not None:
            hits = hits | missing if test.takes_missing else hits & ~missing
        return hits

    return holds


def _present(block: Block, count: int) -> Any:
    missing = block.missing
    return numpy().ones(count, "?") if missing is None else ~missing


def _level_lookup(column: Column, test: Test) -> Any:
    """For each level whether it fits; the last one is for rows without a level."""
    levels = column.level_texts()
    if test.operator in ("lt", "le", "gt", "ge", "between") and levels:
        places = tuple(levels.index(value) for value in test.values)
        found = [table_filters.compares(test.operator, place, places) for place in range(len(levels))]
    else:
        found = [table_filters.text_fits(test)(level) for level in levels]
    return numpy().array([*found, False], "?")


def _level_hits(places: Any, lookup: Any) -> Any:
    """Which places are of levels that fit. A single level is compared, which takes a tenth of looking each place up."""
    fitting = lookup.nonzero()[0]
    return places == places.dtype.type(fitting[0]) if len(fitting) == 1 else lookup[places]


def _hits(block: Block, test: Test) -> Any:
    if block.form == "texts":
        return _text_hits(block.values, test)
    if block.form == "arrow":
        from fourpane_plugins.lang_python.agent import text_arrow

        return text_arrow.hits(block.values, test)
    if block.form == "arrow_numbers":
        from fourpane_plugins.lang_python.agent import text_arrow

        return text_arrow.decimal_hits(block.values, test)
    if block.values.dtype.kind == "b":
        return _truth_hits(block.values, test)
    if block.values.dtype.kind in "iu":
        return _whole_hits(block.values, test)
    return _float_hits(block.values, test)


def _text_hits(texts: list[Any], test: Test) -> Any:
    """Each different text is looked at once, as far as they repeat."""
    fits = table_filters.text_fits(test)
    known: dict[str, bool] = {}
    found = []
    for text in texts:
        answer = known.get(text)
        if answer is None:
            answer = fits(text or "")
            if len(known) < 10_000:
                known[text] = answer
        found.append(answer)
    return numpy().array(found, "?")


def _truth_hits(values: Any, test: Test) -> Any:
    if test.operator in ("is_true", "is_false"):
        return values == (test.operator == "is_true")
    wanted = [value for value in (True, False) if value in test.values]
    hits = numpy().isin(values, wanted)
    return ~hits if test.operator in ("ne", "not_in") else hits


def _whole_hits(values: Any, test: Test) -> Any:
    np = numpy()
    limits = np.iinfo(values.dtype)
    if test.operator in table_filters.LISTS:
        wanted = [value for value in test.values if type(value) is int and limits.min <= value <= limits.max]
        hits = np.isin(values, np.array(wanted, values.dtype.newbyteorder("=")))
        return hits if test.operator == "in" else ~hits
    whole = table_filters.whole_test(test.operator, test.values, int(limits.min), int(limits.max))
    low, high = values.dtype.type(whole.low), values.dtype.type(whole.high)
    if whole.low == whole.high:
        hits = values == low
    elif whole.low == limits.min:
        hits = values <= high
    elif whole.high == limits.max:
        hits = values >= low
    else:
        hits = (values >= low) & (values <= high)
    return ~hits if whole.is_opposite else hits


def as_float(value: Any) -> float:
    """The nearest float of an exact number."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _float_hits(values: Any, test: Test) -> Any:
    np = numpy()
    with np.errstate(over="ignore", invalid="ignore"):
        wanted = [values.dtype.type(as_float(value)) for value in test.values]
        if test.operator in table_filters.LISTS:
            hits = np.isin(values, np.array(wanted, values.dtype.newbyteorder("=")))
            return hits if test.operator == "in" else ~hits
        first, last = wanted[0], wanted[-1]
        return {
            "eq": lambda: values == first,
            "ne": lambda: values != first,
            "lt": lambda: values < first,
            "le": lambda: values <= first,
            "gt": lambda: values > first,
            "ge": lambda: values >= first,
            "between": lambda: (values >= first) & (values <= last),
        }[test.operator]()


# ---- sorting --------------------------------------------------------------------------------------------------------


def order(frame: Any, keys: list[tuple[int, bool]], rows: Any, job: Any) -> Any:
    """The rows (None: all) in order. The last key is sorted by first: each sort keeps what was equal as it was."""
    found, is_whole = rows, rows is None
    for done, (index, is_descending) in enumerate(reversed(keys)):
        stop_if_cancelled(job)
        job.progress("sort", done, len(keys))
        column = frame.column(index)
        if found is not None and len(found) < frame.row_count // 4:
            values, missing = _sortable(column.block(found))
        else:
            values, missing = _sortable(column.block(slice(0, frame.row_count)))
            if found is not None:
                values, missing = values[found], None if missing is None else missing[found]
        stop_if_cancelled(job)
        places = sorted_places(values, missing, is_descending)
        found = places if found is None else found[places]
    return numpy().arange(frame.row_count, dtype=_vector_type(frame.row_count)) if found is None and is_whole else found


def _sortable(block: Block) -> tuple[Any, Any]:
    """An array in the order of the values (anything where one is missing), and what is missing or None."""
    missing = block.missing
    missing = None if missing is None or not missing.any() else missing
    if block.form in ("numbers", "codes"):
        return block.values, missing
    if block.form == "texts":
        return _text_ranks(block.values), missing
    from fourpane_plugins.lang_python.agent import text_arrow

    return text_arrow.ranks(block.values, missing), missing


def sorted_places(values: Any, missing: Any, is_descending: bool) -> Any:
    """Where rows go: present ones by value, then the missing ones, each in the order they had."""
    kind = _vector_type(len(values))
    if missing is None:
        return _order_of(values, is_descending).astype(kind, copy=False)
    present = (~missing).nonzero()[0].astype(kind)
    return numpy().concatenate([present[_order_of(values[present], is_descending)], missing.nonzero()[0].astype(kind)])


def _text_ranks(texts: list[Any]) -> Any:
    """The rank of each text among the different ones."""
    places: dict[str, int] = {}
    codes = [places.setdefault(text or "", len(places)) for text in texts]
    ranks = numpy().zeros(max(len(places), 1), "i4")
    for rank, text in enumerate(sorted(places)):
        ranks[places[text]] = rank
    return ranks[numpy().array(codes, "i4")] if codes else ranks[:0]


def _order_of(values: Any, is_descending: bool) -> Any:
    """A stable order of values among which none is missing."""
    np = numpy()
    if len(values) < 2:
        return np.arange(len(values))
    if values.dtype.itemsize > 8:
        return np.argsort(-values if is_descending else values, kind="stable")
    keys = _keys(values)
    low, high = keys.min(), keys.max()
    if low == high:
        return np.arange(len(values))
    if is_descending:
        np.subtract(high, keys, out=keys)
    else:
        np.subtract(keys, low, out=keys)
    bits, row_bits = int(high - low).bit_length(), (len(values) - 1).bit_length()
    spare = bits + row_bits - 64
    rows = np.arange(len(values), dtype="u8")
    if spare <= 0:
        keys <<= np.uint64(row_bits)
        keys |= rows
        keys.sort()
        keys &= np.uint64((1 << row_bits) - 1)
        return keys.astype(_vector_type(len(values)))
    return _order_of_many_bits(keys, rows, spare, row_bits)


def _keys(values: Any) -> Any:
    """Unsigned 64-bit numbers in the order of the values; a new array."""
    np = numpy()
    form = values.dtype.kind
    if form in "bu":
        return values.astype("u8")
    if form == "i":
        return values.astype("i8").view("u8") ^ np.uint64(1 << 63)
    floats = values.astype("f8")
    floats += 0.0  # minus zero equals zero
    raw = floats.view("u8")
    negative = (raw >> np.uint64(63)).astype("?")
    np.bitwise_xor(raw, np.uint64(1 << 63), out=raw, where=~negative)
    np.invert(raw, out=raw, where=negative)
    return raw


def _order_of_many_bits(keys: Any, rows: Any, spare: int, row_bits: int) -> Any:
    """The lowest bits of the values are left out first."""
    np = numpy()
    rows |= (keys >> np.uint64(spare)) << np.uint64(row_bits)
    rows.sort()
    upper = rows >> np.uint64(row_bits)
    rows &= np.uint64((1 << row_bits) - 1)
    found = rows.astype(_vector_type(len(keys)))
    is_same = upper[1:] == upper[:-1]
    if not is_same.any():
        return found
    inside = np.zeros(len(keys), "?")
    inside[1:] |= is_same
    inside[:-1] |= is_same
    places = inside.nonzero()[0]
    group = upper[places]
    part = found[places]
    part_keys = keys[part]
    by_key = np.argsort(part_keys, kind="stable")
    by_group = by_key[np.argsort(group[by_key], kind="stable")]
    found[places] = part[by_group]
    return found


def first_rows(frame: Any, keys: list[tuple[int, bool]], rows: Any, count: int, job: Any) -> Any:
    """The first `count` rows of the order, found without sorting all; None where too many rows are equal. Values
    beyond the best so far are passed over chunk by chunk."""
    np = numpy()
    index, is_descending = keys[0]
    column = frame.column(index)
    total = frame.row_count if rows is None else len(rows)
    if column.kind in ("text", "category") or not total:
        return None
    best_rows, best_keys, limit = np.zeros(0, "i8"), np.zeros(0, "u8"), None
    for first in range(0, total, CHUNK_ROWS):
        stop_if_cancelled(job)
        part = slice(first, min(first + CHUNK_ROWS, total))
        part_rows = np.arange(part.start, part.stop) if rows is None else rows[part].astype("i8")
        block = column.block(part if rows is None else part_rows)
        if block.form != "numbers" or block.values.dtype.itemsize > 8:
            return None
        ranks = ~_keys(block.values) if is_descending else _keys(block.values)
        keep = np.ones(len(ranks), "?") if limit is None else ranks <= limit
        missing = block.missing
        if missing is not None:
            keep &= ~missing
        best_rows, best_keys = np.append(best_rows, part_rows[keep]), np.append(best_keys, ranks[keep])
        if len(best_keys) > count:
            limit = np.partition(best_keys, count - 1)[count - 1]
            best_rows, best_keys = best_rows[best_keys <= limit], best_keys[best_keys <= limit]
        if len(best_keys) > TOP_SPARE:
            return None
    if len(best_rows) < count:
        return None
    return order(frame, keys, best_rows.astype(_vector_type(frame.row_count)), job)[:count]


def gathered(vector: Any, mask_rows: Any, row_count: int) -> Any:
    """Those of `vector` (an order of all rows) that are among `mask_rows`, in the order of `vector`."""
    inside = numpy().zeros(row_count, "?")
    inside[mask_rows] = True
    return vector[inside[vector]]


def evenly(rows: Any, row_count: int, count: int) -> Any:
    """`count` rows of a view (None: all rows), evenly spaced."""
    np = numpy()
    total = row_count if rows is None else len(rows)
    places = np.arange(count, dtype="i8") * total // count
    return places if rows is None else rows[places]


# ---- whether cells are the same as before ----------------------------------------------------------------------------

_MIX = 0x9E3779B97F4A7C15
_WEIGHTS: list[Any] = []


def fingerprint(frame: Any, indexes: list[int]) -> Any:
    """Two numbers for each of these columns that differ when any one of its cells has become another, at a hundredth
    of what a sort costs; None where the values are no plain numbers."""
    return tuple(_print_of(frame.column(index), frame.row_count) for index in indexes)


def _print_of(column: Column, row_count: int) -> Any:
    """Each cell counts by an odd weight of its place, so that a single change never goes unseen."""
    np = numpy()
    if not _WEIGHTS:
        _WEIGHTS.append((np.arange(CHUNK_ROWS, dtype="u8") * np.uint64(2) + np.uint64(1)) * np.uint64(_MIX))
    total, hidden = 0, 0
    for first in range(0, row_count, CHUNK_ROWS):
        block = column.block(slice(first, min(first + CHUNK_ROWS, row_count)))
        if block.form not in ("numbers", "codes") or block.values.dtype.itemsize > 8:
            return None
        weights = _WEIGHTS[0][: len(block.values)]
        bits = block.values.astype(f"f{block.values.dtype.itemsize}" if block.values.dtype.kind == "f" else "i8")
        bits = bits.view(f"u{bits.dtype.itemsize}")
        total = (total * _MIX + int((bits * weights).sum(dtype="u8"))) & 0xFFFFFFFFFFFFFFFF
        if block.masked is not None:
            hidden = (hidden * _MIX + int(weights[block.masked].sum(dtype="u8"))) & 0xFFFFFFFFFFFFFFFF
    return row_count, total, hidden
