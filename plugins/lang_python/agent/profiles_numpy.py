"""What columns hold, by numpy. Exact figures come from one sorted copy of the values, which is gone afterwards."""

from __future__ import annotations

import sys
from collections import Counter
from typing import Any

from fourpane_plugins.lang_python.agent import profile_records as records
from fourpane_plugins.lang_python.agent import table_cells
from fourpane_plugins.lang_python.agent.profile_records import SAMPLE_ROWS, Profile
from fourpane_plugins.lang_python.agent.rows_numpy import CHUNK_ROWS, evenly, stop_if_cancelled
from fourpane_plugins.lang_python.agent.table_columns import Block, Column
from fourpane_plugins.lang_python.agent.table_filters import TIMES


def numpy() -> Any:
    """numpy, as the user has imported it."""
    return sys.modules["numpy"]


def _chunks(frame: Any, rows: Any, is_exact: bool) -> tuple[list[Any], int, int]:
    """Rows to look at, in parts; how many they are, and how many there are."""
    total = frame.row_count if rows is None else len(rows)
    if not is_exact and total > SAMPLE_ROWS:
        return [evenly(rows, frame.row_count, SAMPLE_ROWS)], SAMPLE_ROWS, total
    parts = [slice(first, min(first + CHUNK_ROWS, total)) for first in range(0, max(total, 1), CHUNK_ROWS)]
    return parts if rows is None else [rows[part] for part in parts], total, total


def _length(part: Any) -> int:
    return part.stop - part.start if type(part) is slice else len(part)


def profile(frame: Any, index: int, rows: Any, is_exact: bool, bins: int, top: int, job: Any) -> dict[str, Any]:
    """The contract's `ColumnProfile`."""
    column = frame.column(index)
    parts, looked_at, total = _chunks(frame, rows, is_exact)
    found = Profile(index, total, looked_at)
    blocks: list[Block] = []
    for number, part in enumerate(parts):
        stop_if_cancelled(job)
        job.progress("read", number, len(parts))
        block = column.block(part)
        _count_missing(column, block, part, found.missing)
        blocks.append(block if len(parts) == 1 else _reduced(block))
    stop_if_cancelled(job)
    if column.kind == "boolean":
        _truths(blocks, found)
    elif column.kind == "category":
        _levels(column, blocks, found, top)
    elif blocks and blocks[0].form == "numbers" and column.kind in ("number", *TIMES):
        _numbers(column, blocks, found, bins)
    elif column.kind == "text" or (blocks and blocks[0].form == "arrow_numbers"):
        _texts(column, blocks, found, top, job)
    return found.as_json()


def _reduced(block: Block) -> Block:
    """Only the present numbers: a copy, so that the block can go."""
    if block.form not in ("numbers", "codes"):
        return block
    return block._replace(values=_present(block), masked=None)


def _present(block: Block) -> Any:
    missing = block.missing
    return block.values if missing is None else block.values[~missing]


def _count_missing(column: Column, block: Block, part: Any, counts: dict[int, int]) -> None:
    """By kind of missing value; kinds are read from the cells only where there can be several."""
    missing = block.missing
    count = 0 if missing is None else int(missing.sum())
    if not count:
        return
    places = missing.nonzero()[0]
    few = places[:2_000] if not _is_mixed(column) else places
    chosen = few + part.start if type(part) is slice else part[few]
    codes = Counter(column.texts(chosen)[1])
    for code, number in codes.items():
        counts[code] = counts.get(code, 0) + number
    if len(few) < count:
        counts[codes.most_common(1)[0][0]] += count - len(few)


def _is_mixed(column: Column) -> bool:
    """Whether several kinds of missing values can be beside each other."""
    values = getattr(column, "values", None)
    is_object = getattr(getattr(values, "dtype", None), "kind", "") == "O"
    has_mask = getattr(column, "mask", None) is not None
    return is_object or has_mask or (type(column).__name__ == "ArrowColumn" and column.kind == "number")


def _truths(blocks: list[Block], found: Profile) -> None:
    trues = sum(int(_present(block).sum()) for block in blocks)
    present = sum(len(_present(block)) for block in blocks)
    found.add("true", trues)
    found.add("false", present - trues)
    counts = sorted([("true", trues), ("false", present - trues)], key=lambda pair: -pair[1])
    found.top = records.top_counts([pair for pair in counts if pair[1]], 2)


def _levels(column: Column, blocks: list[Block], found: Profile, top: int) -> None:
    np = numpy()
    levels = column.level_texts()
    counts = np.zeros(len(levels), "i8")
    for block in blocks:
        counts += np.bincount(_present(block), minlength=len(levels))
    found.add("distinct", int((counts > 0).sum()))
    found.add("levels", len(levels))
    best = np.argsort(-counts, kind="stable")[:top].tolist()
    found.top = records.top_counts([(levels[place], int(counts[place])) for place in best if counts[place]], top)


def _numbers(column: Column, blocks: list[Block], found: Profile, bins: int) -> None:
    np = numpy()
    values = np.concatenate([_present(block) for block in blocks])
    is_whole = values.dtype.kind in "iu"
    if not is_whole and values.dtype.itemsize < 8:
        values = values.astype("f8")
    if not len(values):
        found.add("distinct", 0)
        return
    is_number = column.kind in ("number", "duration")
    finite = values
    if not is_whole:
        finite = values[np.isfinite(values)]
        if len(finite) < len(values):
            found.add("infinite", len(values) - len(finite))
    with np.errstate(all="ignore"):
        mean = float(values.mean(dtype="f8")) if is_number else 0.0
        sd = float(values.std(ddof=1, dtype="f8")) if is_number and len(values) > 1 else float("nan")
    values.sort()  # joining the blocks has made a copy: the user's values lie as they did
    ordered = values
    _ordered_figures(column, ordered, found, mean, sd)
    if len(finite) < len(values):
        ordered = ordered[np.isfinite(ordered)]
    if len(ordered):
        _histogram(column, ordered, found, bins, is_whole)


def _ordered_figures(column: Column, ordered: Any, found: Profile, mean: float, sd: float) -> None:
    np = numpy()
    least, greatest = records.names_of(column.kind)
    found.add(least, records.figure_text(column, ordered[0].item()))
    found.add(greatest, records.figure_text(column, ordered[-1].item()))
    if column.kind == "number":
        found.add("mean", mean)
        found.add("sd", sd)
    elif column.kind == "duration":
        found.add("mean", records.figure_text(column, round(mean)))
    for name, share in (("q25", 0.25), ("median", 0.5), ("q75", 0.75)):
        found.add(name, records.figure_text(column, _quantile(ordered, share, column.kind)))
    found.add("distinct", 1 + int(np.count_nonzero(ordered[1:] != ordered[:-1])))
    if column.kind == "number":
        zero_first, zero_end = (int(np.searchsorted(ordered, 0, side=side)) for side in ("left", "right"))
        found.add("zeros", zero_end - zero_first)
        found.add("negative", zero_first)


def _quantile(ordered: Any, share: float, kind: str) -> Any:
    """Between the two nearest values by their distance (as numpy and R do); times are whole."""
    place = (len(ordered) - 1) * share
    below = int(place)
    low = ordered[below].item()
    high = ordered[min(below + 1, len(ordered) - 1)].item()
    if low == high or place == below:
        return float(low) if kind == "number" else low
    if kind != "number":
        return low + int((high - low) * (place - below))
    return low + (high - low) * (place - below)


def _histogram(column: Column, ordered: Any, found: Profile, bins: int, is_whole: bool) -> None:
    np = numpy()
    low, high = ordered[0].item(), ordered[-1].item()
    found.edges = [float(edge) for edge in records.edges(low, high, bins, is_whole)]
    inner = np.array(found.edges[1:-1])
    places = np.searchsorted(ordered, inner, side="left") if len(inner) else np.zeros(0, "i8")
    bounds = [0, *places.tolist(), len(ordered)]
    found.counts = [end - first for first, end in zip(bounds, bounds[1:])]


def _texts(column: Column, blocks: list[Block], found: Profile, top: int, job: Any) -> None:
    counts: Counter[str] = Counter()
    for block in blocks:
        stop_if_cancelled(job)
        counts.update(_text_counts(block))
    if column.kind == "number":
        _decimals(counts, found)
        return
    found.add("distinct", len(counts))
    if counts:
        lengths = [len(text) for text in counts]
        found.add("shortest", min(lengths))
        found.add("longest", max(lengths))
        found.add("empty", counts.get("", 0))
    found.top = records.top_counts(counts.most_common(top), top)


def _text_counts(block: Block) -> dict[str, int]:
    """Each text with its count."""
    if block.form in ("arrow", "arrow_numbers"):
        from fourpane_plugins.lang_python.agent.table_arrow import compute

        counted = compute().value_counts(block.values.drop_null())
        texts, counts = counted.field("values").to_pylist(), counted.field("counts").to_pylist()
        return {text if type(text) is str else str(text): count for text, count in zip(texts, counts)}
    missing = block.missing
    if missing is None or not missing.any():
        return Counter(block.values)
    return Counter(text for text, is_missing in zip(block.values, missing.tolist()) if not is_missing)


def _decimals(counts: Counter[str], found: Profile) -> None:
    from decimal import Decimal

    numbers = sorted(Decimal(text) for text in counts)
    found.add("distinct", len(numbers))
    if numbers:
        found.add("minimum", str(numbers[0]))
        found.add("maximum", str(numbers[-1]))


# ---- values ---------------------------------------------------------------------------------------------------------


def values(frame: Any, index: int, search: str, limit: int, job: Any) -> dict[str, Any]:
    """The contract's `ValueCounts`, over all rows; past a million different ones no further rows are looked at."""
    column = frame.column(index)
    counts: dict[Any, int] = {}
    missing: dict[int, int] = {}
    looked_at = 0
    for first in range(0, frame.row_count, CHUNK_ROWS):
        stop_if_cancelled(job)
        job.progress("count", first, frame.row_count)
        part = slice(first, min(first + CHUNK_ROWS, frame.row_count))
        block = column.block(part)
        _count_missing(column, block, part, missing)
        for value, count in _block_counts(column, block, part):
            counts[value] = counts.get(value, 0) + count
        looked_at = part.stop
        if len(counts) > records.DISTINCT_MOST:
            break
    is_whole = looked_at == frame.row_count
    return counted(_as_texts(column, counts), missing, search, limit, looked_at, is_whole)


def _block_counts(column: Column, block: Block, part: slice) -> Any:
    np = numpy()
    if block.form in ("numbers", "codes") and column.kind in ("number", "boolean", "category", *TIMES):
        found, counts = np.unique(_present(block), return_counts=True)
        return zip(found.tolist() if found.dtype.itemsize <= 8 else map(str, found), counts.tolist())
    if block.form in ("texts", "arrow", "arrow_numbers"):
        return _text_counts(block).items()
    texts, codes = column.texts(part)
    return Counter(text for text, code in zip(texts, codes) if not table_cells.is_missing_code(code)).items()


def _as_texts(column: Column, counts: dict[Any, int]) -> list[tuple[str, int]]:
    if column.kind == "category":
        levels = column.level_texts()
        return [(levels[place], count) for place, count in counts.items()]
    if column.kind == "boolean":
        return [("true" if value else "false", count) for value, count in counts.items()]
    return [
        (value if type(value) is str else records.figure_text(column, value), count) for value, count in counts.items()
    ]


def counted(
    pairs: list[tuple[str, int]], missing: dict[int, int], search: str, limit: int, looked_at: int, is_whole: bool
) -> dict[str, Any]:
    """Those that contain `search`, the most frequent first."""
    if search:
        wanted = search.lower()
        pairs = [pair for pair in pairs if wanted in pair[0].lower()]
    all_pairs = [(text, count, 0) for text, count in pairs]
    if not search:
        all_pairs.extend(("", count, code) for code, count in missing.items())
    all_pairs.sort(key=lambda pair: (-pair[1], pair[2], pair[0]))
    return {
        "values": [records.value_count(text, count, code) for text, count, code in all_pairs[: max(limit, 0)]],
        "total": len(all_pairs) if is_whole else -1,
        "rows_looked_at": looked_at,
    }


# ---- missing values -------------------------------------------------------------------------------------------------


def missing(
    frame: Any, indexes: list[int], rows: Any, buckets: int, is_exact: bool, job: Any
) -> tuple[dict[str, Any], list[bytes]]:
    """The contract's `MissingPicture` and its buffer."""
    np = numpy()
    parts, looked_at, total = _chunks(frame, rows, is_exact)
    buckets = max(1, min(buckets, looked_at))
    sums = np.zeros((len(indexes), buckets), "i8")
    patterns: Counter[bytes] = Counter()
    columns = [frame.column(index) for index in indexes]
    first = 0
    for part in parts:
        stop_if_cancelled(job)
        job.progress("missing", first, looked_at)
        size = _length(part)
        masks = np.zeros((len(indexes), size), "?")
        for place, column in enumerate(columns):
            mask = column.block(part).missing
            if mask is not None:
                masks[place] = mask
        which = np.arange(first, first + size) * buckets // max(looked_at, 1)
        _add_buckets(sums, masks, which)
        _add_patterns(patterns, masks)
        first += size
    sizes = np.diff(-(-np.arange(buckets + 1) * looked_at // buckets))
    # Any missing value is at least one part of 255: a single one must not be lost among many rows.
    shares = np.maximum(np.rint(255 * sums / np.maximum(sizes, 1)), sums > 0).astype("u1")
    return picture(indexes, buckets, sums.sum(axis=1).tolist(), total, looked_at, _unpacked(patterns, indexes)), [
        shares.tobytes()
    ]


def _add_buckets(sums: Any, masks: Any, which: Any) -> None:
    np = numpy()
    for place in masks.any(axis=1).nonzero()[0].tolist():
        sums[place] += np.bincount(which[masks[place]], minlength=sums.shape[1])


def _add_patterns(patterns: Counter[bytes], masks: Any) -> None:
    """Which columns are missing together, counted over rows where any is."""
    np = numpy()
    some = masks[:, masks.any(axis=0)]
    if not some.shape[1]:
        return
    packed = np.ascontiguousarray(np.packbits(some, axis=0).T)
    found, counts = np.unique(packed.view(f"V{packed.shape[1]}").reshape(-1), return_counts=True)
    for pattern, count in zip(found.tolist(), counts.tolist()):
        patterns[bytes(pattern)] += count


def _unpacked(patterns: Counter[bytes], indexes: list[int]) -> list[tuple[list[int], int]]:
    found = []
    for packed, count in patterns.most_common(records.PATTERNS_MOST):
        bits = [packed[place // 8] >> (7 - place % 8) & 1 for place in range(len(indexes))]
        found.append(([index for index, bit in zip(indexes, bits) if bit], count))
    return found


def picture(
    indexes: list[int],
    buckets: int,
    counts: list[int],
    row_count: int,
    looked_at: int,
    patterns: list[tuple[list[int], int]],
) -> dict[str, Any]:
    """The contract's `MissingPicture`."""
    return {
        "columns": list(indexes),
        "buckets": buckets,
        "counts": [int(count) for count in counts],
        "row_count": row_count,
        "rows_looked_at": looked_at,
        "patterns": [{"columns": columns, "count": int(count)} for columns, count in patterns],
    }
