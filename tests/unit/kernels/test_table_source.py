"""The table source over a session that the test plays: records, errors, events, what is out of date."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Callable
from typing import Any

import pytest

from ide.core.events import Signal
from ide.core.ports import Cancel
from ide.core.table import (
    Code,
    Filter,
    FilterGroup,
    OnProgress,
    OutOfDateError,
    Page,
    Progress,
    SortKey,
    TableError,
    ViewSpec,
    ViewState,
)
from ide.kernels.records import Answer, SessionState
from ide.kernels.table_source import KernelTableSource

INFO: dict[str, Any] = {
    "table": "t1",
    "title": "df",
    "row_count": 3,
    "column_count": 2,
    "features": ["sort", "filter"],
    "version": 1,
    "labels": [{"index": -1, "name": "id", "kind": "number"}],
}


class ScriptedSession:
    """Keeps what it is asked until the test answers."""

    agent_event = Signal(str, dict)
    state_changed = Signal()

    def __init__(self) -> None:
        self.state: SessionState = "idle"
        self.is_answering = True
        self.asked: dict[int, tuple[str, dict[str, Any], Callable[[Answer], None], OnProgress | None]] = {}
        self.methods: list[str] = []
        self.cancelled: list[str] = []
        self.later: list[Callable[[], None]] = []
        self._numbers = itertools.count()

    def after(self, _delay_s: float, act: Callable[[], None]) -> Cancel:
        self.later.append(act)
        return lambda: self.later.remove(act) if act in self.later else None

    def ask(
        self,
        method: str,
        params: dict[str, Any],
        done: Callable[[Answer], None],
        timeout_s: float = 5,
        progress: OnProgress | None = None,
    ) -> Cancel:
        assert timeout_s > 3600, "a busy kernel answers when it is done"
        number = next(self._numbers)
        self.asked[number] = (method, params, done, progress)
        self.methods.append(method)

        def cancel() -> None:
            if self.asked.pop(number, None):
                self.cancelled.append(method)

        return cancel

    def answer(self, result: dict[str, Any] | None, *buffers: bytes, code: str = "", error: str = "") -> dict[str, Any]:
        """Answer the oldest question; returns its parameters."""
        number = min(self.asked)
        _, params, done, _ = self.asked.pop(number)
        done(Answer(result, buffers, error or code, code))
        return params

    def set(self, state: SessionState, *, is_answering: bool) -> None:
        self.state, self.is_answering = state, is_answering
        self.state_changed.emit()


class Heard:
    """What a source said."""

    def __init__(self) -> None:
        self.done: list[Any] = []
        self.errors: list[TableError] = []
        self.changes: list[str] = []


@pytest.fixture
def session() -> ScriptedSession:
    return ScriptedSession()


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def source(session: ScriptedSession, heard: Heard) -> KernelTableSource:
    opened: list[KernelTableSource] = []
    KernelTableSource.open_table(session, ["df"], opened.append, heard.errors.append)
    assert session.answer(INFO) == {"path": ["df"]}
    opened[0].changed.connect(heard.changes.append)
    return opened[0]


def test_opening_tells_what_the_table_is(source: KernelTableSource) -> None:
    assert (source.info.title, source.info.row_count) == ("df", 3)
    assert source.info.features == frozenset({"sort", "filter"})
    assert source.info.labels[0].index == -1
    assert not source.is_busy


def test_a_table_that_cannot_be_opened_says_why(session: ScriptedSession, heard: Heard) -> None:
    KernelTableSource.open_table(session, ["x"], heard.done.append, heard.errors.append)
    session.answer(None, code="not_possible", error="x is a function, which has no rows.")
    assert heard.done == []
    assert heard.errors[0].happened == "x is a function, which has no rows."


def test_giving_up_an_opening_closes_what_was_opened(session: ScriptedSession, heard: Heard) -> None:
    KernelTableSource.open_table(session, ["x"], heard.done.append, heard.errors.append)()
    session.answer(INFO)
    assert (heard.done, heard.errors) == ([], [])
    assert session.methods[-1] == "table.close"


def test_a_page_is_read_from_its_buffers(session: ScriptedSession, source: KernelTableSource, heard: Heard) -> None:
    source.page(0, 1, 3, [0, 1], heard.done.append, heard.errors.append)
    columns = [
        {"column": 0, "encoding": "int32", "has_codes": True},
        {"column": 1, "encoding": "text"},
    ]
    buffers = (b"\x00\x01", b"\x05\x00\x00\x00\x00\x00\x00\x00", "aé".encode(), b"\x01\x00\x00\x00\x03\x00\x00\x00")
    result = {"view": 0, "first": 1, "end": 3, "columns": columns, "version": 1}
    params = session.answer(result, *buffers)
    assert params == {"table": "t1", "view": 0, "first": 1, "end": 3, "columns": [0, 1]}
    page = heard.done[0]
    assert isinstance(page, Page)
    assert (page.first, page.end, page.cells[0].value(0), page.cells[0].code(1)) == (1, 3, 5, Code.NA)
    assert [page.cells[1].value(row) for row in (0, 1)] == ["a", "é"]
    source.page(0, 1, 3, [0, 1], heard.done.append, heard.errors.append)
    session.answer({**result, "inline": [base64.b64encode(one).decode() for one in buffers]})
    assert heard.done[1] == page


@pytest.mark.parametrize(
    ("encoding", "buffers"),
    [
        ("int64", (b"\x00" * 15,)),
        ("int64", ()),
        ("int64", (b"\x00" * 16, b"more")),
        ("text", (b"abc", b"\x01\x00\x00\x00\x02\x00\x00\x00")),
        ("text", (b"abc",)),
        ("decimal", (b"\x00" * 16,)),
    ],
)
def test_buffers_that_do_not_fit_are_an_error(
    session: ScriptedSession, source: KernelTableSource, heard: Heard, encoding: str, buffers: tuple[bytes, ...]
) -> None:
    source.page(0, 0, 2, [0], heard.done.append, heard.errors.append)
    session.answer({"view": 0, "first": 0, "end": 2, "columns": [{"column": 0, "encoding": encoding}]}, *buffers)
    assert heard.done == []
    assert heard.errors[0].happened == "The table could not be read."


def test_errors_are_told_apart(session: ScriptedSession, source: KernelTableSource, heard: Heard) -> None:
    for code in ("out_of_date", "cancelled", "gone", "failed", "timeout"):
        source.cell(0, 0, 0, heard.done.append, heard.errors.append)
        session.answer(None, code=code)
    assert [isinstance(error, OutOfDateError) for error in heard.errors] == [True, True, False, False, False]
    assert heard.done == []


def test_a_view_is_sent_as_the_contract_says(session: ScriptedSession, source: KernelTableSource, heard: Heard) -> None:
    told: list[Progress] = []
    inner = FilterGroup((Filter(1, "contains", ("x",)), Filter(1, "in", (None, "y"))), is_all=False)
    spec = ViewSpec((SortKey(0, is_descending=True),), FilterGroup((inner,)))
    source.view(4, spec, heard.done.append, heard.errors.append, told.append)
    progress = session.asked[min(session.asked)][3]
    assert progress is not None
    progress(Progress("sort", 1, 2))
    params = session.answer({"view": 4, "row_count": 2, "problems": [{"filter": 0, "message": "no"}]})
    assert params["sort"] == [{"column": 0, "is_descending": True}]
    members = [
        {"column": 1, "operator": "contains", "values": ["x"], "is_case_sensitive": False},
        {"column": 1, "operator": "in", "values": [None, "y"], "is_case_sensitive": False},
    ]
    assert params["filter"] == {"all": True, "members": [{"all": False, "members": members}]}
    assert heard.done[0].problems[0].message == "no"
    assert told == [Progress("sort", 1, 2)]


def test_a_view_that_comes_in_two_steps_is_done_twice(
    session: ScriptedSession, source: KernelTableSource, heard: Heard
) -> None:
    source.view(1, ViewSpec((SortKey(0),)), heard.done.append, heard.errors.append)
    session.answer({"view": 1, "row_count": 9, "ready_rows": 3})
    session.agent_event.emit("table.view_ready", {"table": "other", "view": 1, "row_count": 9})
    session.agent_event.emit("table.view_ready", {"table": "t1", "view": 1, "row_count": 9})
    session.agent_event.emit("table.view_ready", {"table": "t1", "view": 1, "row_count": 9})
    assert heard.done == [ViewState(1, 9, 3), ViewState(1, 9)]


def test_the_second_step_may_overtake_the_first(
    session: ScriptedSession, source: KernelTableSource, heard: Heard
) -> None:
    source.view(1, ViewSpec((SortKey(0),)), heard.done.append, heard.errors.append)
    session.agent_event.emit("table.view_ready", {"table": "t1", "view": 1, "row_count": 9})
    session.answer({"view": 1, "row_count": 9, "ready_rows": 3})
    assert heard.done == [ViewState(1, 9, 3), ViewState(1, 9)]


def test_a_view_given_up_between_the_steps_says_no_more(
    session: ScriptedSession, source: KernelTableSource, heard: Heard
) -> None:
    give_up = source.view(1, ViewSpec((SortKey(0),)), heard.done.append, heard.errors.append)
    session.answer({"view": 1, "row_count": 9, "ready_rows": 3})
    give_up()
    session.agent_event.emit("table.view_ready", {"table": "t1", "view": 1, "row_count": 9})
    assert heard.done == [ViewState(1, 9, 3)]


def test_changes_of_the_object_are_told(session: ScriptedSession, source: KernelTableSource, heard: Heard) -> None:
    session.agent_event.emit("table.changed", {"table": "t1", "change": "data", "version": 2})
    assert source.info.version == 2
    new = {**INFO, "column_count": 5, "version": 3}
    session.agent_event.emit("table.changed", {"table": "t1", "change": "schema", "info": new, "version": 3})
    assert source.info.column_count == 5
    session.agent_event.emit("table.changed", {"table": "t2", "change": "gone"})
    session.agent_event.emit("table.changed", {"table": "t1", "change": "nonsense"})
    session.agent_event.emit("table.changed", {"table": "t1", "change": "gone"})
    assert heard.changes == ["data", "schema", "gone"]


def test_a_page_from_before_a_change_is_out_of_date(
    session: ScriptedSession, source: KernelTableSource, heard: Heard
) -> None:
    page = {"view": 0, "first": 0, "end": 0, "columns": []}
    source.page(0, 0, 1, [], heard.done.append, heard.errors.append)
    session.agent_event.emit("table.changed", {"table": "t1", "change": "data", "version": 2})
    session.answer({**page, "version": 1})
    assert isinstance(heard.errors[0], OutOfDateError)
    source.page(0, 0, 1, [], heard.done.append, heard.errors.append)
    session.answer({**page, "version": 2})
    assert len(heard.done) == 1
    source.columns(0, 1, heard.done.append, heard.errors.append)
    session.agent_event.emit("table.changed", {"table": "t1", "change": "schema", "info": INFO})
    session.answer({"columns": []})
    assert isinstance(heard.errors[1], OutOfDateError)
    assert len(heard.done) == 1


def test_a_slice_makes_earlier_answers_out_of_date(
    session: ScriptedSession, source: KernelTableSource, heard: Heard
) -> None:
    source.slice(0, 2, [0, 1, 0], heard.done.append, heard.errors.append)
    source.cell(0, 0, 0, heard.done.append, heard.errors.append)
    params = session.answer({**INFO, "row_count": 7, "dims": [7, 2, 3]})
    assert params == {"table": "t1", "row_axis": 0, "column_axis": 2, "fixed": [0, 1, 0]}
    assert source.info.row_count == 7
    session.answer({"text": "1"})
    assert isinstance(heard.errors[0], OutOfDateError)


def test_busy_and_free_are_told_once(session: ScriptedSession, source: KernelTableSource, heard: Heard) -> None:
    session.set("busy", is_answering=True)
    assert heard.changes == []
    session.set("busy", is_answering=False)
    session.set("busy", is_answering=False)
    assert source.is_busy
    session.set("idle", is_answering=True)
    assert heard.changes == ["busy", "free"]


def test_after_a_restart_the_table_is_gone_for_good(
    session: ScriptedSession, source: KernelTableSource, heard: Heard
) -> None:
    source.cell(0, 0, 0, heard.done.append, heard.errors.append)
    session.set("restarting", is_answering=False)
    session.answer(None, code="gone")
    session.set("idle", is_answering=True)
    session.agent_event.emit("table.changed", {"table": "t1", "change": "data"})
    assert heard.changes == ["gone"]
    asked = len(session.methods)
    source.cell(0, 0, 0, heard.done.append, heard.errors.append)
    assert len(heard.errors) == 1, "an answer never comes before the call returns"
    session.later.pop()()
    assert len(heard.errors) == 2
    source.close()
    assert len(session.methods) == asked, "the new kernel may know the number as another table"


def test_closing_drops_what_is_under_way(session: ScriptedSession, source: KernelTableSource, heard: Heard) -> None:
    source.cell(0, 0, 0, heard.done.append, heard.errors.append)
    source.values(0, "", 5, heard.done.append, heard.errors.append)()
    source.close()
    source.close()
    assert session.cancelled == ["table.values", "table.cell"]
    assert session.methods.count("table.close") == 1
    session.set("dead", is_answering=False)
    session.agent_event.emit("table.changed", {"table": "t1", "change": "data"})
    assert (heard.done, heard.errors, heard.changes) == ([], [], [])
    assert len(session.agent_event) == len(session.state_changed) == 0


def test_the_picture_of_missing_values_is_read(
    session: ScriptedSession, source: KernelTableSource, heard: Heard
) -> None:
    source.missing(0, [0, 1], heard.done.append, heard.errors.append, buckets=2)
    pattern = {"columns": [0, 1], "count": 2}
    picture = {
        "columns": [0, 1], "buckets": 2, "counts": [2, 3], "row_count": 4, "rows_looked_at": 4, "patterns": [pattern]
    }  # fmt: skip
    session.answer(picture, b"\x00\xff\x80\xff")
    assert heard.done[0].shares == b"\x00\xff\x80\xff"
    assert heard.done[0].patterns == (((0, 1), 2),)
    source.missing(0, [0, 1], heard.done.append, heard.errors.append, buckets=2)
    session.answer(picture, b"\x00")
    assert len(heard.errors) == 1
