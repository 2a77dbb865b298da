"""Rows of two compared texts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ide.widgets.diff_rows import MOST_COMPARED, MOST_ROWS, diff_rows

LINES = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=30).map("\n".join)


def test_diff_rows_of_a_changed_line_has_context_and_counts_the_rest() -> None:
    old = "\n".join(map(str, range(20)))
    rows = diff_rows(old, old.replace("10", "ten"))
    assert [row.kind for row in rows] == ["skipped", *["same"] * 3, "changed", *["same"] * 3, "skipped"]
    changed = rows[4]
    assert (changed.old_number, changed.old, changed.new_number, changed.new) == (11, "10", 11, "ten")
    assert rows[0].count == 7
    assert rows[-1].count == 6


def test_diff_rows_of_equal_texts_is_one_skipped_row() -> None:
    assert [row.kind for row in diff_rows("a\nb", "a\nb")] == ["skipped"]
    assert diff_rows("", "") == ()


@given(LINES, LINES)
def test_diff_rows_hold_every_differing_line_of_both_texts_in_order(old: str, new: str) -> None:
    rows = diff_rows(old, new, context=100)
    assert [row.old for row in rows if row.old_number] == old.splitlines() or any(r.kind == "skipped" for r in rows)
    old_numbers = [row.old_number for row in rows if row.old_number]
    new_numbers = [row.new_number for row in rows if row.new_number]
    assert old_numbers == sorted(old_numbers)
    assert new_numbers == sorted(new_numbers)
    for row in rows:
        assert row.old_number is None or old.splitlines()[row.old_number - 1] == row.old
        assert row.new_number is None or new.splitlines()[row.new_number - 1] == row.new
    same_or_skipped = sum(row.count if row.kind == "skipped" else row.kind == "same" for row in rows)
    assert same_or_skipped + sum(row.kind in ("removed", "changed") for row in rows) == len(old.splitlines())


def test_diff_rows_of_two_long_unlike_texts_is_bounded() -> None:
    old = "\n".join(f"old {i}" for i in range(MOST_COMPARED))
    new = "\n".join(f"new {i}" for i in range(MOST_COMPARED))
    rows = diff_rows(old, new)
    assert len(rows) == MOST_ROWS + 1
    assert rows[-1].kind == "skipped"
    assert rows[-1].count == MOST_COMPARED - MOST_ROWS
