"""Exact profiles over a fake source: asked for once, followed by progress, given up with the rows that they are of."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from ide.core.ports import Cancel
from ide.core.table import Filter, FilterGroup, SortKey, TableError, ViewSpec
from ide.tables.exact_profiles import ExactProfiles
from ide.tables.pager import Pager
from tests.fakes.table_source import FakeTableSource

Place = tuple[FakeTableSource, Pager, ExactProfiles, list[int]]


def _never(_delay_s: float, _callback: Callable[[], None]) -> Cancel:
    return lambda: None


@pytest.fixture
def place() -> Iterator[Callable[..., Place]]:
    """A source with its pager and what is to be tested; the last is the columns that changes were told of."""
    made: list[Place] = []

    def make(*, reports_progress: bool = False) -> Place:
        columns = {"a": range(1_000), "b": range(1_000)}
        source = FakeTableSource(columns, is_stepwise=True, reports_progress=reports_progress)
        pager = Pager(source, _never)
        exact, told = ExactProfiles(source, pager), list[int]()
        exact.changed.connect(told.append)
        made.append((source, pager, exact, told))
        return made[-1]

    yield make
    for source, pager, exact, _told in made:
        exact.close()
        pager.close()
        source.close()


def show(source: FakeTableSource, pager: Pager, spec: ViewSpec) -> None:
    pager.set_view(spec)
    source.step_all()
    assert pager.shown_spec == spec


def test_profile_is_asked_for_once_and_kept(place: Callable[..., Place]) -> None:
    source, _pager, exact, told = place(reports_progress=True)
    exact.ask(1)
    exact.ask(1)
    assert source.count("profile") == 1
    assert source.asked[-1].arguments[:3] == (0, 1, True)
    assert exact.is_under_way(1)
    source.step()
    found = exact.get(1)
    assert found is not None
    assert found.is_exact
    assert not exact.is_under_way(1)
    assert told == [1, 1, 1]


def test_cancelled_profile_does_not_come(place: Callable[..., Place]) -> None:
    source, _pager, exact, _told = place()
    exact.ask(0)
    exact.cancel(0)
    assert not source.waiting
    assert not exact.is_under_way(0)
    assert exact.get(0) is None


def test_failure_is_told_and_can_be_tried_again(place: Callable[..., Place]) -> None:
    source, _pager, exact, _told = place()
    source.failures["profile"] = [TableError("The column cannot be read.")]
    exact.ask(0)
    source.step()
    assert exact.problem(0) == "The column cannot be read."
    exact.ask(0)
    assert exact.problem(0) == ""
    source.step()
    assert exact.get(0) is not None


def test_other_rows_end_what_is_known_and_under_way(place: Callable[..., Place]) -> None:
    source, pager, exact, told = place()
    exact.ask(0)
    source.step()
    exact.ask(1)
    show(source, pager, ViewSpec(filter=FilterGroup((Filter(0, "lt", ("10",)),))))
    assert exact.get(0) is None
    assert not exact.is_under_way(1)
    assert told[-1] == -1
    exact.ask(1)
    source.step_all()
    found = exact.get(1)
    assert found is not None
    assert found.row_count == 10


def test_other_order_keeps_what_is_known_and_asks_anew(place: Callable[..., Place]) -> None:
    source, pager, exact, _told = place()
    show(source, pager, ViewSpec((SortKey(0),)))
    exact.ask(0)
    source.step()
    exact.ask(1)
    waiting = source.waiting.pop()  # it takes long: the view is another one before it is answered
    pager.set_view(ViewSpec((SortKey(0, True),)))
    source.waiting.append(waiting)
    source.step_all()
    assert exact.get(0) is not None
    found = exact.get(1)
    assert found is not None
    assert found.row_count == 1_000
    assert [one.arguments[0] for one in source.asked if one.method == "profile"] == [1, 1, 2]
