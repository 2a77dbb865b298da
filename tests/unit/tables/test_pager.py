"""The pager over a fake source: what it asks for, how often, and what is shown meanwhile."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from ide.core.ports import Cancel
from ide.core.table import (
    Code,
    Filter,
    FilterGroup,
    OutOfDateError,
    Progress,
    SortKey,
    TableError,
    TableInfo,
    ViewSpec,
    ViewState,
)
from ide.tables.page_cache import BLOCK_ROWS, CACHE_BYTES
from ide.tables.pager import REQUESTS_MOST, Pager
from tests.fakes.table_source import Asked, FakeColumn, FakeTableSource

MILLION = 1_000_000
SIGNALS = ("arrived", "columns_arrived", "profile_arrived", "view_changed", "changed", "failed", "progressed")
BY_A_DOWN = ViewSpec((SortKey(0, is_descending=True),))
A_OVER_5 = ViewSpec(filter=FilterGroup((Filter(0, "gt", ("5",)),)))


class Timers:
    """`After` for tests: timers run when the test says so."""

    def __init__(self) -> None:
        self.waiting: list[tuple[float, Callable[[], None]]] = []

    def after(self, delay_s: float, callback: Callable[[], None]) -> Cancel:
        entry = (delay_s, callback)
        self.waiting.append(entry)
        return lambda: self.waiting.remove(entry) if entry in self.waiting else None

    def fire(self) -> None:
        """All that wait now."""
        waiting, self.waiting = self.waiting, []
        for _, callback in waiting:
            callback()


class Place:
    """A source, a pager over it and what the pager announced."""

    def __init__(self, source: FakeTableSource) -> None:
        self.source, self.timers = source, Timers()
        self.pager = Pager(source, self.timers.after)
        self.told: list[tuple[object, ...]] = []
        for name in (
            "arrived",
            "columns_arrived",
            "profile_arrived",
            "view_changed",
            "changed",
            "failed",
            "progressed",
        ):
            getattr(self.pager, name).connect(self._listener(name))

    def _listener(self, name: str) -> Callable[..., None]:
        def listen(*arguments: object) -> None:
            self.told.append((name, *arguments))

        setattr(self, f"_{name}", listen)  # the signal holds it weakly
        return listen

    def count(self, name: str) -> int:
        return sum(one[0] == name for one in self.told)

    def value(self, row: int, column: int = 0) -> object:
        """The cell as it is shown; None where it is not here."""
        found = self.pager.cells(row, column)
        return found[0].value(found[1]) if found is not None else None

    def is_working(self) -> bool:
        return self.pager.is_working

    def pages(self) -> list[Asked]:
        return [one for one in self.source.asked if one.method == "page"]

    def cells_asked(self) -> int:
        return sum((end - first) * len(columns) for _, first, end, columns in (one.arguments for one in self.pages()))


@pytest.fixture
def places() -> Iterator[Callable[..., Place]]:
    made: list[Place] = []

    def make(columns: object = None, *, is_stepwise: bool = False, **options: object) -> Place:
        columns = columns if columns is not None else {"a": range(MILLION), "b": ["x"] * MILLION}
        made.append(Place(FakeTableSource(columns, is_stepwise=is_stepwise, **options)))  # type: ignore[arg-type]  # options pass through
        return made[-1]

    yield make
    for place in made:
        place.pager.close()
        place.source.close()
        assert not place.timers.waiting
        assert len(place.source.changed) == 0


def test_a_screen_is_one_request_of_its_block(places: Callable[..., Place]) -> None:
    place = places()
    place.pager.want(range(40), [0, 1])
    assert place.pages() == [Asked("page", (0, 0, BLOCK_ROWS, (0, 1)))]
    assert place.value(39) == 39
    assert place.value(39, 1) == "x"
    assert place.value(BLOCK_ROWS) is None
    assert place.told == [("arrived", 0, BLOCK_ROWS)]
    place.pager.want(range(40), [0, 1])
    assert len(place.pages()) == 1


def test_row_labels_come_along_and_unknown_columns_are_left_out(places: Callable[..., Place]) -> None:
    place = places({"a": range(10)}, labels={"id": range(100, 110)})
    place.pager.want(range(5), [0, 7])
    assert place.pages()[0].arguments == (0, 0, 10, (-1, 0))
    assert place.value(3, -1) == 103
    assert [column.name for column in place.pager.label_columns] == ["id"]


def test_scrolling_asks_once_for_each_block_and_one_screen_ahead(places: Callable[..., Place]) -> None:
    place = places()
    rows_seen = 12_800
    for first in range(0, rows_seen, 3):
        place.pager.want(range(first, first + 40), [0, 1])
        assert place.value(first) == first
        assert place.value(first + 39) == first + 39
    asked = [one.arguments[1] for one in place.pages()]
    assert asked == sorted(set(asked)), "no block twice"
    assert len(asked) <= rows_seen // BLOCK_ROWS + 2
    assert place.cells_asked() <= (rows_seen + 2 * BLOCK_ROWS) * 2


def test_one_screen_ahead_is_here_before_it_is_in_sight(places: Callable[..., Place]) -> None:
    place = places()
    place.pager.want(range(80, 120), [0])
    assert place.value(130) is None
    place.pager.want(range(85, 125), [0])
    assert place.value(164) == 164
    place.pager.want(range(1000, 1040), [0])
    place.timers.fire()
    place.pager.want(range(998, 1038), [0])
    assert place.value(960) == 960, "and above, when scrolling up"


def test_random_scrolling_over_a_million_rows_shows_only_truth(places: Callable[..., Place]) -> None:
    place, chance = places(is_stepwise=True), random.Random(3)
    first = 0
    for _ in range(300):
        first = chance.randrange(MILLION - 40) if chance.random() < 0.3 else max(0, first + chance.randrange(-60, 60))
        rows = range(first, first + 40)
        place.pager.want(rows, [0])
        assert place.pager.requests_under_way <= REQUESTS_MOST
        for _ in range(chance.randrange(3)):
            if place.source.waiting:
                place.source.step()
        assert all(place.value(row) in (None, row) for row in rows)
        if chance.random() < 0.3:
            place.timers.fire()
    place.timers.fire()
    place.source.step_all()
    assert all(place.value(row) == row for row in rows if row < MILLION)


def test_a_fling_fetches_its_beginning_and_its_end(places: Callable[..., Place]) -> None:
    place = places(is_stepwise=True)
    place.pager.want(range(40), [0])
    place.source.step_all()
    for first in (50_000, 130_000, 260_000, 400_000, 550_000, 699_904):
        place.pager.want(range(first, first + 40), [0])
    assert len(place.source.waiting) == 0, "the first jump was given up with the second, the others wait for rest"
    place.timers.fire()
    place.source.step_all()
    assert place.value(699_943) == 699_943
    assert {one.arguments[1] // BLOCK_ROWS for one in place.pages()} == {
        0, 50_000 // BLOCK_ROWS, 699_904 // BLOCK_ROWS
    }  # fmt: skip


def test_a_long_drag_shows_rows_now_and_then(places: Callable[..., Place]) -> None:
    place = places()
    shown = 0
    for step in range(60):
        place.pager.want(range(step * 1000, step * 1000 + 40), [0])
        shown += place.value(step * 1000) is not None
    assert 4 <= shown <= 12
    assert len(place.pages()) <= 20


def test_what_is_out_of_sight_is_given_up_and_makes_room(places: Callable[..., Place]) -> None:
    place = places(is_stepwise=True)
    place.pager.want(range(600), [0])
    assert len(place.source.waiting) == REQUESTS_MOST
    place.pager.want(range(5_000, 5_040), [0])
    assert [asked.arguments[1] for _, asked, _ in place.source.waiting] == [5_000 // BLOCK_ROWS * BLOCK_ROWS]
    place.source.step_all()
    assert place.value(0) is None
    assert place.value(5_000) == 5_000


def test_moving_sideways_asks_for_the_new_columns_and_some_ahead(places: Callable[..., Place]) -> None:
    place = places({f"c{number}": range(number, number + 50) for number in range(100)})
    place.pager.want(range(40), range(10))
    place.pager.want(range(40), range(10, 20))
    assert [one.arguments[3] for one in place.pages()] == [tuple(range(18)), (18, 19), tuple(range(20, 28))]
    place.pager.want(range(40), range(15, 25))
    assert place.value(7, 24) == 31
    assert len(place.pages()) <= 4


def test_first_cells_come_with_a_few_columns_more(places: Callable[..., Place]) -> None:
    place = places({f"c{number}": range(50) for number in range(14)})
    place.pager.want(range(40), range(8))
    place.pager.want(range(40), range(14))
    assert [one.arguments[3] for one in place.pages()] == [tuple(range(14))]


def test_very_many_columns_are_asked_for_in_parts(places: Callable[..., Place]) -> None:
    place = places({f"c{number}": range(10) for number in range(1000)})
    place.pager.want(range(10), range(1000))
    assert max(len(one.arguments[3]) for one in place.pages()) <= 256
    assert all(place.value(9, column) == 9 for column in range(1000))


def test_the_cache_is_bounded_and_keeps_what_is_in_sight(places: Callable[..., Place]) -> None:
    place = places({f"c{number}": ["x" * 200] * 20_000 for number in range(8)})
    for first in range(0, 12_800, BLOCK_ROWS):
        place.pager.want(range(first, first + 40), range(8))
        place.timers.fire()
        assert place.pager.size_bytes <= CACHE_BYTES
        assert all(place.value(first, column) for column in range(8))
    assert place.pager.size_bytes > CACHE_BYTES / 2
    assert place.value(0) is None


def test_columns_and_profiles_come_when_somebody_looks(places: Callable[..., Place]) -> None:
    place = places({f"c{number}": range(10) for number in range(600)}, is_stepwise=True)
    pager = place.pager
    assert pager.column(300) is None
    assert pager.column(301) is None
    assert [one.arguments for one in place.source.asked] == [(256, 512)]
    place.source.step()
    assert ("columns_arrived", 256, 512) in place.told
    column = pager.column(300)
    assert column is not None
    assert column.name == "c300"
    assert pager.column(600) is None
    assert place.source.count("columns") == 1


def test_profiles_are_asked_for_one_at_a_time_those_in_sight_first(places: Callable[..., Place]) -> None:
    place = places({f"c{number}": range(10) for number in range(20)}, is_stepwise=True)
    pager = place.pager
    pager.want(range(10), [3, 4])
    for column in (9, 8, 3, 4):
        assert pager.profile(column) is None
    assert place.source.count("profile") == 0, "cells first"
    place.source.step()
    assert [asked.arguments[1] for _, asked, _ in place.source.waiting] == [3]
    place.source.step_all()
    assert [one.arguments[1] for one in place.source.asked if one.method == "profile"] == [3, 4, 8, 9]
    assert all(not one.arguments[2] for one in place.source.asked if one.method == "profile"), "from a sample"
    found = pager.profile(3)
    assert found is not None
    assert found.rows_looked_at == 10
    assert place.source.count("profile") == 4


def test_a_profile_that_fails_is_told_in_the_profile_and_not_asked_again(places: Callable[..., Place]) -> None:
    place = places({"a": range(10)})
    place.source.failures["profile"] = [TableError("Too odd.")]
    place.pager.profile(0)
    found = place.pager.profile(0)
    assert found is not None
    assert found.problem == "Too odd."
    assert place.source.count("profile") == 1


def test_profile_is_always_of_the_rows_that_are_shown(places: Callable[..., Place]) -> None:
    place = places({"a": range(10)}, is_stepwise=True)
    pager = place.pager
    pager.want(range(10), [0])
    place.source.step_all()
    pager.profile(0)
    place.source.step_all()
    pager.set_view(A_OVER_5)
    while place.source.waiting:
        found = pager.profile(0)  # the grid paints at each step
        assert pager.shown_spec == A_OVER_5 or (found is not None and found.rows_looked_at == 10)
        place.source.step()
    pager.profile(0)
    place.source.step_all()
    found = pager.profile(0)
    assert pager.shown_spec == A_OVER_5
    assert found is not None
    assert (found.rows_looked_at, found.problem) == (4, "")


def test_profile_that_came_too_late_is_asked_for_again(places: Callable[..., Place]) -> None:
    place = places({"a": range(10)})
    place.source.failures["profile"] = [OutOfDateError("Another view.")]
    assert place.pager.profile(0) is None
    place.pager.profile(0)
    found = place.pager.profile(0)
    assert found is not None
    assert found.problem == ""
    assert place.source.count("profile") == 2


def test_without_the_feature_no_profile_is_asked_for(places: Callable[..., Place]) -> None:
    place = places({"a": range(10)}, features=frozenset())
    assert place.pager.profile(0) is None
    assert place.source.count("profile") == 0


def test_a_new_view_is_shown_when_its_cells_are_here(places: Callable[..., Place]) -> None:
    place = places({"a": range(1000)}, is_stepwise=True, reports_progress=True)
    pager = place.pager
    pager.want(range(40), [0])
    place.source.step_all()
    pager.set_view(BY_A_DOWN)
    assert pager.spec == BY_A_DOWN
    assert place.is_working()
    assert place.value(0) == 0
    place.source.step()
    assert pager.progress is None
    assert ("progressed", Progress("sort", 1, 2)) in place.told
    assert place.value(0) == 0, "the order is there, its cells are not"
    assert pager.shown_spec.is_plain
    place.source.step()
    assert place.value(0) == 999
    assert pager.shown_spec == BY_A_DOWN
    assert place.count("view_changed") == 1
    assert not place.is_working()
    pager.set_view(ViewSpec())
    place.source.step_all()
    assert place.value(0) == 0
    assert pager.view == 0


def test_a_filter_that_leaves_fewer_rows_than_the_place_in_sight(places: Callable[..., Place]) -> None:
    place = places({"a": range(1000)})
    place.pager.want(range(900, 940), [0])
    place.pager.set_view(ViewSpec(filter=FilterGroup((Filter(0, "lt", ("60",)),))))
    assert place.pager.row_count == 60
    assert place.value(59) == 59
    place.pager.set_view(ViewSpec(filter=FilterGroup((Filter(0, "lt", ("0",)),))))
    assert place.pager.row_count == 0
    assert place.value(0) is None


def test_an_older_view_is_given_up_for_a_newer_one(places: Callable[..., Place]) -> None:
    place = places({"a": range(1000)}, is_stepwise=True)
    place.pager.want(range(40), [0])
    place.source.step_all()
    place.pager.set_view(BY_A_DOWN)
    place.pager.set_view(A_OVER_5)
    assert [asked.arguments[1] for _, asked, _ in place.source.waiting] == [A_OVER_5]
    place.source.step_all()
    assert place.value(0) == 6
    assert place.pager.row_count == 994
    assert place.count("view_changed") == 1


def test_a_view_that_fails_leaves_what_is_shown(places: Callable[..., Place]) -> None:
    place = places({"a": range(1000)})
    place.pager.want(range(40), [0])
    place.source.failures["view"] = [TableError("The sort failed.")]
    place.pager.set_view(BY_A_DOWN)
    assert [str(one[1]) for one in place.told if one[0] == "failed"] == ["The sort failed."]
    assert place.pager.spec.is_plain
    assert place.value(0) == 0
    assert not place.is_working()


def test_a_view_given_up_brings_back_the_one_shown_before(places: Callable[..., Place]) -> None:
    place = places({"a": range(1000)}, is_stepwise=True)
    pager = place.pager
    pager.want(range(40), [0])
    pager.set_view(BY_A_DOWN)
    place.source.step_all()
    pager.set_view(A_OVER_5)
    place.source.step()  # the source has the filtered rows, the pager lacks their cells
    pager.cancel_view()
    assert pager.spec == BY_A_DOWN
    pager.want(range(40, 80), [0])
    pager.want(range(300, 340), [0])
    place.source.step_all()
    place.timers.fire()
    place.source.step_all()
    assert place.value(300) == 699
    assert pager.shown_spec == BY_A_DOWN
    assert place.count("failed") == 0
    assert place.source.count("view") == 3


def test_problems_of_filters_are_told_and_the_rest_applied(places: Callable[..., Place]) -> None:
    place = places({"a": range(100)})
    place.pager.want(range(40), [0])
    group = FilterGroup((Filter(0, "gt", ("many",)), Filter(0, "gt", ("50",))))
    place.pager.set_view(ViewSpec(filter=group))
    assert [problem.filter for problem in place.pager.problems] == [0]
    assert place.pager.row_count == 49


def test_rows_that_are_not_in_their_order_yet_are_not_asked_for(
    places: Callable[..., Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = places({"a": range(5000)}, is_stepwise=True)
    pager, source = place.pager, place.source
    pager.want(range(40), [0])
    source.step_all()
    finish: list[Callable[[ViewState], None]] = []
    make = source._make_view

    def view(number: int, spec: ViewSpec, done: Callable[[ViewState], None], *_: object) -> Cancel:
        finish.append(done)
        done(replace(make(number, spec), ready_rows=256))
        return lambda: None

    monkeypatch.setattr(source, "view", view)  # progressive, which the fake is not
    pager.set_view(BY_A_DOWN)
    source.step_all()
    assert place.value(0) == 4999
    assert pager.row_count == 5000
    assert place.is_working()
    pager.want(range(2000, 2040), [0])
    place.timers.fire()
    assert not source.waiting
    finish[0](ViewState(pager.view, 5000))
    source.step_all()
    assert place.value(2000) == 2999
    assert not place.is_working()


def test_changed_data_replaces_what_is_shown_in_place(places: Callable[..., Place]) -> None:
    place = places({"a": [1, 2, 3]}, is_stepwise=True)
    pager = place.pager
    pager.want(range(3), [0])
    place.source.step_all()
    place.source.change_data({"a": [7, 8, 9, 10]})
    assert pager.row_count == 4
    assert place.value(0) == 1, "until the new ones are here"
    place.source.step_all()
    assert place.value(0) == 7
    assert pager.as_of == 1
    assert place.count("view_changed") == 0


def test_changed_data_makes_the_view_anew(places: Callable[..., Place]) -> None:
    place = places({"a": list(range(10))})
    place.pager.want(range(10), [0])
    place.pager.set_view(A_OVER_5)
    place.source.change_data({"a": list(range(100, 110))})
    assert place.pager.row_count == 10
    assert place.value(0) == 100
    assert place.pager.spec == A_OVER_5


def test_a_late_answer_about_old_data_is_dropped(places: Callable[..., Place]) -> None:
    place = places({"a": [1, 2, 3]}, is_stepwise=True)
    place.pager.want(range(3), [0])
    late = place.source.waiting[0][2]
    place.source.change_data({"a": [7, 8, 9]})
    place.source.step_all()
    before = place.value(0)
    late()
    assert before == 7
    assert place.value(0) == 7


def test_other_columns_keep_sorts_and_filters_by_name(places: Callable[..., Place]) -> None:
    place = places({"a": list(range(10)), "b": list(range(10)), "c": ["x"] * 10}, is_stepwise=True)
    pager = place.pager
    pager.want(range(10), [0, 1, 2])
    pager.column(0)
    spec = ViewSpec((SortKey(1, is_descending=True), SortKey(2)), FilterGroup((Filter(0, "gt", ("5",)),)))
    pager.set_view(spec)
    place.source.step_all()
    place.source.change_schema({"new": list(range(10)), "b": list(range(10)), "a": list(range(10))})
    assert pager.spec == spec, "until the names are known"
    place.source.step_all()
    assert pager.spec == ViewSpec((SortKey(1, is_descending=True),), FilterGroup((Filter(2, "gt", ("5",)),)))
    assert pager.dropped == ("The sort by “c” was dropped: there is no column “c” any more.",)
    assert [place.value(row, 2) for row in range(4)] == [9, 8, 7, 6]
    assert pager.row_count == 4
    column = pager.column(0)
    assert column is not None
    assert column.name == "new"


def test_cells_of_columns_that_stay_are_shown_until_the_new_ones_come(places: Callable[..., Place]) -> None:
    place = places({"a": [1, 2], "b": [3, 4]}, is_stepwise=True)
    pager = place.pager
    pager.want(range(2), [0, 1])
    pager.column(0)
    place.source.step_all()
    place.source.change_schema({"first": [0, 0], "b": [5, 6], "c": [7, 8]})
    place.source.step()
    assert place.value(0, 0) is None
    assert place.value(0, 1) == 3
    pager.want(range(2), [0, 1, 2])
    place.source.step_all()
    assert [place.value(0, column) for column in range(3)] == [0, 5, 7]


def test_names_are_looked_up_in_a_very_wide_table_only_as_far_as_needed(places: Callable[..., Place]) -> None:
    wide = {f"c{number}": [1, 2] for number in range(5000)}
    place = places({"a": [1, 2], **wide})
    place.pager.want(range(2), [0])
    place.pager.column(0)
    place.pager.set_view(BY_A_DOWN)
    before = place.source.count("columns")
    place.source.change_schema({**dict(list(wide.items())[:300]), "a": [1, 2], **dict(list(wide.items())[300:])})
    assert place.pager.spec == ViewSpec((SortKey(300, is_descending=True),))
    assert place.source.count("columns") - before == 2


def test_a_table_that_is_gone_keeps_its_last_pages(places: Callable[..., Place]) -> None:
    place = places({"a": range(1000)})
    place.pager.want(range(40), [0])
    place.source.lose()
    assert place.pager.is_gone
    asked = len(place.source.asked)
    place.pager.want(range(500, 540), [0])
    place.pager.profile(0)
    assert place.value(5) == 5
    assert len(place.source.asked) == asked


def test_a_busy_source_is_told_and_served_once_free(places: Callable[..., Place]) -> None:
    place = places({"a": range(1000)})
    place.source.set_busy(True)
    place.pager.want(range(40), [0])
    assert place.pager.is_busy
    assert place.count("changed") == 1
    assert place.value(0) is None
    place.source.set_busy(False)
    assert place.value(0) == 0
    assert not place.pager.is_busy


def test_a_page_that_fails_is_told_once_and_asked_for_again_ever_more_seldom(places: Callable[..., Place]) -> None:
    place = places({"a": range(1000)})
    place.source.failures["page"] = [TableError("The kernel did not answer.") for _ in range(3)]
    place.pager.want(range(40), [0])
    place.pager.want(range(1, 41), [0])
    assert len(place.pages()) == 1
    delays = []
    for _ in range(3):
        (delay, _callback), *_more = place.timers.waiting
        delays.append(delay)
        place.timers.fire()
    assert delays == [1.0, 2.0, 4.0]
    assert place.count("failed") == 1
    assert place.value(0) == 0
    place.source.failures["page"] = [TableError("Again.")]
    place.pager.want(range(500, 540), [0])
    assert place.count("failed") == 2
    place.timers.fire()
    assert place.value(500) == 500


def test_an_out_of_date_answer_about_the_plain_table_is_quiet_and_asked_again(places: Callable[..., Place]) -> None:
    place = places({"a": range(1000)})
    place.source.failures["page"] = [OutOfDateError("Old.")]
    place.pager.want(range(40), [0])
    place.timers.fire()
    assert place.value(0) == 0
    assert place.count("failed") == 0


def test_a_view_that_the_source_forgot_is_made_again_once(places: Callable[..., Place]) -> None:
    place = places({"a": range(1000)})
    place.pager.want(range(40), [0])
    place.pager.set_view(BY_A_DOWN)
    place.source.failures["page"] = [OutOfDateError("Forgotten.")]
    place.pager.want(range(300, 340), [0])
    assert place.value(300) == 699
    assert place.count("failed") == 0
    place.source.failures["page"] = [OutOfDateError("Forgotten.") for _ in range(20)]
    place.pager.want(range(600, 640), [0])
    place.timers.fire()
    assert place.count("failed") == 1
    assert place.source.count("view") == 3, "not for ever"


def test_columns_that_fail_are_told_and_asked_for_again_by_the_next_look(places: Callable[..., Place]) -> None:
    place = places({"a": range(10)})
    place.source.failures["columns"] = [TableError("No.")]
    assert place.pager.column(0) is None
    assert place.pager.column(0) is None
    assert place.source.count("columns") == 1
    assert place.count("failed") == 1
    place.timers.fire()
    assert place.pager.column(0) is not None


def test_rows_that_nobody_has_counted_grow_until_a_short_page(
    places: Callable[..., Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = places({"a": range(300)})
    monkeypatch.setattr(place.source, "_rows_of", lambda _view: range(300))
    place.source.info = replace(place.source.info, row_count=-1)
    place.source.changed.emit("data")
    pager = place.pager
    assert pager.row_count == BLOCK_ROWS
    first = 0
    while pager.row_count > first:
        pager.want(range(first, first + 40), [0])
        place.timers.fire()
        first += 40
    assert pager.row_count == 300
    assert place.value(299) == 299
    assert len(place.pages()) == 3


def test_slices_take_over_the_new_axes(places: Callable[..., Place]) -> None:
    place = places({"a": range(10)}, is_stepwise=True)

    def slice_(row_axis: int, column_axis: int, fixed: object, done: Callable[[TableInfo], None], _: object) -> Cancel:
        place.source.change_schema({"0": [4], "1": [5]})
        done(place.source.info)
        return lambda: None

    place.pager.want(range(1), [0, 1])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(place.source, "slice", slice_)
        place.pager.slice(0, 2, (1,))
    place.source.step_all()
    place.pager.want(range(1), [0, 1])
    place.source.step_all()
    assert place.pager.column_count == 2
    assert (place.value(0, 0), place.value(0, 1)) == (4, 5)
    place.pager.slice(0, 1, ())
    place.source.step_all()
    assert place.count("failed") == 1
    assert not place.is_working()


def test_closing_gives_up_all_that_is_under_way(places: Callable[..., Place]) -> None:
    place = places(is_stepwise=True)
    place.pager.want(range(40), [0])
    place.pager.column(0)
    place.pager.set_view(BY_A_DOWN)
    place.pager.close()
    place.pager.close()
    assert not place.source.waiting
    place.pager.want(range(40), [0])
    assert not place.source.waiting


def test_missing_kinds_pass_through_as_they_travelled(places: Callable[..., Place]) -> None:
    kinds = [None, float("nan"), Code.NA, Code.NAT, Code.NULL, 1.5]
    place = places([FakeColumn("a", kinds, "number")])
    place.pager.want(range(6), [0])
    codes = [found[0].code(found[1]) for row in range(6) if (found := place.pager.cells(row, 0)) is not None]
    assert codes == [Code.NONE, Code.NAN, Code.NA, Code.NAT, Code.NULL, Code.VALUE]
