"""Conditions and ranks of Arrow's texts and decimals, by Arrow's own functions."""

from __future__ import annotations

import re
import sys
from typing import Any

from fourpane_plugins.lang_python.agent import table_filters
from fourpane_plugins.lang_python.agent.table_arrow import arrow, compute
from fourpane_plugins.lang_python.agent.table_filters import Test

_COMPARE = {"eq": "equal", "ne": "not_equal", "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal"}


def _as_mask(found: Any) -> Any:
    return found.fill_null(False).to_numpy(zero_copy_only=False)


def hits(values: Any, test: Test) -> Any:
    """Which texts fit; false where there is none."""
    pc, pa = compute(), arrow()
    operator = test.operator
    if operator in _COMPARE:
        return _as_mask(getattr(pc, _COMPARE[operator])(values, pa.scalar(test.values[0], values.type)))
    if operator == "between":
        low, high = (pa.scalar(value, values.type) for value in test.values)
        return _as_mask(pc.and_(pc.greater_equal(values, low), pc.less_equal(values, high)))
    if operator in table_filters.LISTS:
        found = _as_mask(pc.is_in(values, value_set=pa.array(list(test.values), values.type)))
        return found if operator == "in" else ~found
    if operator == "is_empty":
        return _as_mask(pc.equal(pc.binary_length(values), 0))
    if operator == "regex":
        return _pattern_hits(values, test)
    lowered = values if test.is_case_sensitive else pc.utf8_lower(values)
    part = test.values[0] if test.is_case_sensitive else test.values[0].lower()
    function = {"starts": pc.starts_with, "ends": pc.ends_with}.get(operator, pc.match_substring)
    found = _as_mask(function(lowered, pattern=part))
    return ~found if operator == "not_contains" else found


def _pattern_hits(values: Any, test: Test) -> Any:
    """By Arrow's own expressions; what they do not know (looking ahead, back references) by Python's."""
    try:
        found = compute().match_substring_regex(values, test.values[0], ignore_case=not test.is_case_sensitive)
        return _as_mask(found)
    except (ValueError, NotImplementedError):
        search = re.compile(test.values[0], 0 if test.is_case_sensitive else re.IGNORECASE).search
        texts = values.to_pylist()
        return sys.modules["numpy"].array([text is not None and search(text) is not None for text in texts], "?")


def decimal_hits(values: Any, test: Test) -> Any:
    """Which decimals fit, exactly."""
    fits = _number_fits(test)
    found = [value is not None and fits(value) for value in values.to_pylist()]
    return sys.modules["numpy"].array(found, "?")


def _number_fits(test: Test) -> Any:
    from fractions import Fraction

    from fourpane_plugins.lang_python.agent import rows_plain

    fits = rows_plain.number_fits(test)
    return lambda value: fits(Fraction(value))


def ranks(values: Any, missing: Any) -> Any:
    """A number for each value, in the order of the values; anything where it is missing."""
    np = sys.modules["numpy"]
    present = values if missing is None else values.drop_null()
    found = _ranks(present)
    if missing is None:
        return found
    spread = np.zeros(len(values), found.dtype)
    spread[~missing] = found
    return spread


def _ranks(values: Any) -> Any:
    np = sys.modules["numpy"]
    pc = compute()
    if not _repeats(values):
        return _dense(values, pc.sort_indices(values).to_numpy(zero_copy_only=False))
    coded = values.dictionary_encode()
    by_value = pc.sort_indices(coded.dictionary).to_numpy(zero_copy_only=False)
    table = np.empty(len(by_value), "i4")
    table[by_value] = np.arange(len(by_value), dtype="i4")
    return table[coded.indices.to_numpy(zero_copy_only=False)] if len(values) else table[:0]


def _repeats(values: Any) -> bool:
    """Whether a dictionary is much shorter than the values, by a few of them."""
    if len(values) < 1000:
        return True
    part = values.take(arrow().array(range(0, len(values), len(values) // 1000)))
    return int(compute().count_distinct(part).as_py()) < 600


def _dense(values: Any, by_value: Any) -> Any:
    """Ranks from an order, equal values with equal ranks."""
    np = sys.modules["numpy"]
    pc, pa = compute(), arrow()
    ordered = values.take(pa.array(by_value))
    steps = np.ones(len(by_value), "i4")
    steps[1:] = pc.not_equal(ordered[1:], ordered[:-1]).to_numpy(zero_copy_only=False)
    found = np.empty(len(by_value), "i4")
    found[by_value] = np.cumsum(steps, dtype="i4")
    return found
