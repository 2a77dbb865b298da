"""Steps from one ordered list to another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ide.core.ordered import steps_between

ordered = st.sets(st.integers(0, 40)).map(sorted)


@given(ordered, ordered)
def test_steps_lead_from_one_list_to_the_other(before: list[int], after: list[int]) -> None:
    now = list(before)
    for row, count in steps_between(before, after):
        if count < 0:
            del now[row : row - count]
        else:
            now[row:row] = after[row : row + count]
    assert now == after


@given(ordered)
def test_equal_lists_need_no_step(entries: list[int]) -> None:
    assert list(steps_between(entries, entries)) == []


def test_neighbours_come_and_go_in_one_step() -> None:
    assert list(steps_between([1, 2, 3, 9], [1, 9])) == [(1, -2)]
    assert list(steps_between([1, 9], [1, 4, 5, 6, 9])) == [(1, 3)]
