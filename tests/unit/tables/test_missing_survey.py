"""The survey of missing values over a fake source: whole tables, wide ones in blocks, other views, failures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ide.core.ports import Cancel
from ide.core.table import Filter, FilterGroup, TableError, ViewSpec
from ide.tables.missing_survey import BLOCK_COLUMNS, MissingSurvey, Pattern
from ide.tables.pager import Pager
from tests.fakes.table_source import FakeTableSource

GAPS: dict[str, list[Any]] = {
    "whole": [1, 2, 3, 4, 5, 6],
    "a": [None, 2, None, 4, None, 6],
    "b": [None, 2, None, 4, 5, 6],
}
WIDE: dict[str, list[Any]] = {f"c{at}": [at, None if at % 150 == 0 else at] for at in range(450)}

Survey = tuple[FakeTableSource, Pager, MissingSurvey]


def _never(_delay_s: float, _callback: Callable[[], None]) -> Cancel:
    return lambda: None


@pytest.fixture
def survey() -> Iterator[Callable[..., Survey]]:
    made: list[Survey] = []

    def make(columns: dict[str, list[Any]], *, is_stepwise: bool = False) -> Survey:
        source = FakeTableSource(columns, is_stepwise=is_stepwise)
        pager = Pager(source, _never)
        made.append((source, pager, MissingSurvey(source, pager)))
        return made[-1]

    yield make
    for source, pager, one in made:
        one.close()
        pager.close()
        source.close()


def test_small_table_is_one_request(survey: Callable[..., Survey]) -> None:
    source, _pager, one = survey(GAPS)
    assert source.count("missing") == 1
    assert [(gap.column, gap.count, gap.shares) for gap in one.gaps] == [
        (1, 3, b"\xff\0\xff\0\xff\0"),
        (2, 2, b"\xff\0\xff\0\0\0"),
    ]
    assert one.patterns == (Pattern((1, 2), 2), Pattern((1,), 1))
    assert one.pattern_columns == (1, 2)
    assert one.complete_rows == 3
    assert one.is_exact


def test_wide_table_comes_in_blocks_and_patterns_last(survey: Callable[..., Survey]) -> None:
    source, _pager, one = survey(WIDE, is_stepwise=True)
    source.step()
    assert len(one.columns) == BLOCK_COLUMNS
    assert one.is_under_way
    source.step_all()
    blocks = [len(asked.arguments[1]) for asked in source.asked if asked.method == "missing"]
    assert blocks == [200, 200, 50, 3]
    assert one.patterns == (Pattern((0, 150, 300), 1),)
    assert one.complete_rows == 1
    assert not one.is_under_way


def test_other_view_is_surveyed_anew_and_the_old_answer_dropped(survey: Callable[..., Survey]) -> None:
    source, pager, one = survey(GAPS, is_stepwise=True)
    spec = ViewSpec(filter=FilterGroup((Filter(1, "is_missing"),)))
    pager.set_view(spec)
    source.step_all()
    assert pager.shown_spec == spec
    assert one.row_count == 3
    assert one.columns[1].count == 3
    assert one.patterns == (Pattern((1, 2), 2), Pattern((1,), 1))
    source.change_data({"whole": [1], "a": [None], "b": [2]})
    source.step_all()
    assert [gap.column for gap in one.gaps] == [1]


def test_cancelled_survey_keeps_what_is_here(survey: Callable[..., Survey]) -> None:
    source, _pager, one = survey(WIDE, is_stepwise=True)
    source.step()
    one.cancel()
    assert not source.waiting
    assert (one.is_under_way, one.is_whole, len(one.columns)) == (False, False, BLOCK_COLUMNS)


def test_exact_survey_looks_at_every_row_and_a_failure_is_told(survey: Callable[..., Survey]) -> None:
    source, _pager, one = survey(GAPS)
    one.ask_exact()
    assert source.asked[-1].arguments[3]
    source.failures["missing"] = [TableError("The table cannot be read.")]
    one.ask_exact()
    assert one.problem == "The table cannot be read."
    assert one.gaps
    source.lose()
    assert not one.is_under_way


def test_table_without_columns_has_nothing_to_ask(survey: Callable[..., Survey]) -> None:
    source, _pager, one = survey({})
    assert source.count("missing") == 0
    assert (one.gaps, one.is_whole) == ((), True)
