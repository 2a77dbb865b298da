"""The audit at the side of a table: what is said, what the buttons do, busy, stale, gone; findings shown as rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ide.core.ports import Cancel
from ide.core.table import Done, Failed, Filter, FilterGroup, SortKey, TableError, ViewSpec
from ide.kernels.contract import FrameFilter, FrameFinding, FrameFindings
from ide.panes.tables.audit_panel import AuditPanel
from tests.fakes.table_source import ALL_FEATURES, FakeTableSource
from tests.fakes.tables_desk import PEOPLE, TablesDesk
from tests.qt.accessible import unnamed

SPACES = FrameFinding(
    "spaces", "2 values of `name` begin or end with spaces.", ("name",),
    code="df[df['name'] != df['name'].str.strip()]",
    mend_code="df['name'] = df['name'].str.strip()", places=(0,), count=2,
    filters=(FrameFilter(0, "regex", (r"^\s|\s$",)),),
)  # fmt: skip
LIKE = FrameFinding(
    "like_missing", "1 values of `age` look like missing ones: 19.", ("age",), severity="warning", places=(1,), count=1,
    filters=(FrameFilter(1, "in", ("19",)),), mend_code="df['age'] = df['age'].mask(df['age'].isin([19]))",
)  # fmt: skip
CONSTANT = FrameFinding("constant", "All rows of `member` hold the same value.", ("member",), places=(3,))
FAR = FrameFinding(
    "outliers", "2 values of `age` lie far from all others.", ("age",), places=(1,), count=2, is_all=False,
    filters=(FrameFilter(1, "lt", ("20",)), FrameFilter(1, "gt", ("50",))),
)  # fmt: skip
ROWS = FrameFinding("duplicate_rows", "1 rows are the same as an earlier one.", severity="warning", count=1, code="x")


class AuditedSource(FakeTableSource):
    """A frame of a kernel: `answer` is what the agent finds."""

    answer = FrameFindings("df", (SPACES, LIKE, CONSTANT), 5, 5, 4, 4)

    def audit(self, done: Done[FrameFindings], failed: Failed) -> Cancel:
        return self._answer("audit", (), lambda: self.answer, done, failed)


@pytest.fixture
def source(desk: TablesDesk, qtbot: QtBot) -> AuditedSource:
    made = AuditedSource(PEOPLE, features=ALL_FEATURES | {"audit"})
    desk.open(made)
    qtbot.waitUntil(desk.page.grid.hasFocus)
    return made


def panel(desk: TablesDesk) -> AuditPanel:
    found = desk.page.side
    assert isinstance(found, AuditPanel)
    return found


def audited(desk: TablesDesk) -> AuditPanel:
    desk.run("table.audit")
    return panel(desk)


def shown(desk: TablesDesk, column: int) -> list[str]:
    grid = desk.page.grid
    return [grid.cells.exact(row, column) or "" for row in range(desk.page.model.pager.row_count)]


def test_findings_are_listed_the_most_serious_first(desk: TablesDesk, source: AuditedSource, qtbot: QtBot) -> None:
    found = audited(desk)
    qtbot.waitUntil(lambda: len(found.cards) == 3)
    assert found.text.text() == "3 findings in 5 rows and 4 columns."
    assert [card.finding.kind for card in found.cards] == ["like_missing", "spaces", "constant"]
    assert [card.place.text() for card in found.cards] == ["age, 1 value", "name, 2 values", "member"]
    assert [list(card.buttons) for card in found.cards] == [
        ["Show rows", "Insert code to mend it"],
        ["Show rows", "Copy code to see it", "Insert code to mend it"],
        ["Go to column"],
    ]
    assert unnamed(found) == []
    assert desk.parts.commands.context.get("table.has_audit") is True
    desk.run("table.audit")
    assert desk.page.side is None
    assert desk.parts.commands.context.get("table.has_audit") is False


def test_rows_of_a_finding_are_shown(desk: TablesDesk, source: AuditedSource, qtbot: QtBot) -> None:
    source.answer = FrameFindings("df", (LIKE, FAR, CONSTANT, ROWS), 5, 5, 4, 4)
    found = audited(desk)
    qtbot.waitUntil(lambda: len(found.cards) == 4)
    cards = {card.finding.kind: card for card in found.cards}
    cards["like_missing"].buttons["Show rows"].click()
    qtbot.waitUntil(lambda: shown(desk, 1) == ["19"])
    assert desk.page.model.pager.spec == ViewSpec((SortKey(1),), FilterGroup((Filter(1, "in", ("19",)),)))
    assert desk.page.column == 1
    cards["outliers"].buttons["Show rows"].click()
    qtbot.waitUntil(lambda: sorted(shown(desk, 1)) == ["19", "52"])
    assert desk.page.model.pager.spec.filter.is_all is False
    desk.run("table.clear_view")
    qtbot.waitUntil(lambda: len(shown(desk, 1)) == 5)
    desk.page.grid.hide_columns([3])
    cards["constant"].buttons["Go to column"].click()
    assert desk.page.column == 3
    assert desk.page.model.pager.spec.is_plain
    assert list(cards["duplicate_rows"].buttons) == ["Copy code to see it"]


def test_code_is_copied_and_put_into_the_script(desk: TablesDesk, source: AuditedSource, qtbot: QtBot) -> None:
    found = audited(desk)
    qtbot.waitUntil(lambda: len(found.cards) == 3)
    found.cards[1].buttons["Copy code to see it"].click()
    assert QGuiApplication.clipboard().text() == SPACES.code
    found.cards[1].buttons["Insert code to mend it"].click()
    assert desk.inserted == [SPACES.mend_code]


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (FrameFindings("df", (), 344, 344, 8, 8), "Nothing suspicious was found in 344 rows and 8 columns."),
        (
            FrameFindings("df", (), 2_000_000, 100_000, 300, 200),
            "Nothing suspicious was found in 2 000 000 rows and 300 columns. "
            "Looked at: 100 000 of the rows, taken evenly and 200 of the columns.",
        ),
        (FrameFindings("df", (ROWS,), 1, 1, 1, 1), "1 finding in 1 row and 1 column."),
    ],
)
def test_what_was_looked_at_is_said(
    desk: TablesDesk, source: AuditedSource, qtbot: QtBot, answer: FrameFindings, text: str
) -> None:
    source.answer = answer
    found = audited(desk)
    qtbot.waitUntil(lambda: found.audit.state == "found")
    assert found.text.text() == text.replace(" 000", "\u2009000")


def test_a_busy_session_is_waited_for_and_the_wait_given_up(
    desk: TablesDesk, source: AuditedSource, qtbot: QtBot
) -> None:
    source.set_busy(True)
    found = audited(desk)
    assert found.text.text() == "The session is busy: the frame is looked at when it is free."
    assert found.button.text() == "Cancel"
    found.button.click()
    assert found.text.text() == "It was not looked at."
    source.set_busy(False)
    assert found.audit.state == "stopped"
    found.button.click()
    qtbot.waitUntil(lambda: len(found.cards) == 3)
    assert source.count("audit") == 2


def test_other_data_ask_for_another_look(desk: TablesDesk, source: AuditedSource, qtbot: QtBot) -> None:
    found = audited(desk)
    qtbot.waitUntil(lambda: len(found.cards) == 3)
    source.change_data({**PEOPLE, "age": [1, 2, 3, 4, 5]})
    assert found.bar.text == "The frame has changed: look again."
    assert not found.cards[0].buttons["Show rows"].isEnabled()
    source.answer = FrameFindings("df", (SPACES,), 5, 5, 4, 4)
    found.button.click()
    qtbot.waitUntil(lambda: len(found.cards) == 1)
    assert found.bar.text == ""
    assert found.cards[0].buttons["Show rows"].isEnabled()


def test_errors_are_said(desk: TablesDesk, source: AuditedSource, qtbot: QtBot) -> None:
    source.failures["audit"] = [TableError("Only data frames can be audited.")]
    found = audited(desk)
    qtbot.waitUntil(lambda: found.audit.state == "failed")
    assert found.text.text() == "Only data frames can be audited."
    found.button.click()
    qtbot.waitUntil(lambda: len(found.cards) == 3)
    source.lose()
    assert found.text.text() == "The frame is not there any more."
    assert not desk.parts.commands.is_enabled("table.audit")
    found.head.cross.click()
    assert desk.page.side is None


def test_a_panel_that_is_closed_waits_for_nothing(desk: TablesDesk, source: AuditedSource) -> None:
    source.set_busy(True)
    found = audited(desk)
    audit = found.audit
    found.head.cross.click()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert audit.state == "stopped"
    assert source.waiting == []


def test_files_and_arrays_are_not_audited(desk: TablesDesk, show: Callable[..., Any]) -> None:
    show()
    assert not desk.parts.commands.is_enabled("table.audit")
    desk.page.show_audit()
    assert desk.page.state.text == "“df” cannot be audited: only data frames can."
