"""Values opened in place, and sizes, in the real list with a session that the test plays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ide.panes.variables.pane import VariablesPane
from ide.panes.variables.rows import NAME, SIZE
from tests.fakes.nested_session import NestedSession
from tests.fakes.pane_desk import PaneDesk

LIMIT_MS = 30_000


@pytest.fixture
def pane(desk: PaneDesk) -> Iterator[VariablesPane]:
    made = VariablesPane(
        desk.commands, desk.actions, desk.active, desk.theme, desk.icons, lambda _language: "", lambda _code: None
    )
    desk.show(made.widget, 640)
    yield made
    made.close()


@pytest.fixture
def session(desk: PaneDesk, pane: VariablesPane) -> NestedSession:
    made = NestedSession()
    desk.active.choose(made.as_session)
    return made


def texts(pane: VariablesPane) -> list[str]:
    rows = pane.view.rows
    heading = rows.group_index("value")
    return [str(rows.index(row, NAME, heading).data()) for row in range(rows.rowCount(heading))]


def test_a_click_on_the_arrow_opens_and_closes(pane: VariablesPane, session: NestedSession, qtbot: QtBot) -> None:
    session.hold(a=[1, [2, 3]], b=1)
    view = pane.view
    rect = view.visualRect(view.rows.index_of("a"))
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(rect.left() - 6, rect.center().y()))
    assert texts(pane) == ["a", "[0]", "[1]", "b"]
    inner = view.rows.index(2, NAME, view.rows.group_index("value"))
    rect = view.visualRect(inner)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(rect.left() + 8, rect.center().y()))
    assert texts(pane) == ["a", "[0]", "[1]", "[0]", "[1]", "b"]
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(rect.left() + 8, rect.center().y()))
    assert texts(pane) == ["a", "[0]", "[1]", "b"]


def test_the_keys_right_and_left_walk_into_values(pane: VariablesPane, session: NestedSession, qtbot: QtBot) -> None:
    session.hold(a=[[7], 1], b=1)
    pane.focus()
    pane.view.select("a")
    for key, wanted in (
        (Qt.Key.Key_Right, ["a", "[0]", "[1]", "b"]),
        (Qt.Key.Key_Right, ["a", "[0]", "[1]", "b"]),
        (Qt.Key.Key_Right, ["a", "[0]", "[0]", "[1]", "b"]),
        (Qt.Key.Key_Right, ["a", "[0]", "[0]", "[1]", "b"]),
        (Qt.Key.Key_Left, ["a", "[0]", "[0]", "[1]", "b"]),
        (Qt.Key.Key_Left, ["a", "[0]", "[1]", "b"]),
        (Qt.Key.Key_Left, ["a", "[0]", "[1]", "b"]),
        (Qt.Key.Key_Left, ["a", "b"]),
    ):
        QTest.keyClick(pane.view, key)
        assert texts(pane) == wanted
    assert pane.view.selected_name() == "a"


def test_more_parts_by_click_and_by_enter_and_esc_gives_up(
    pane: VariablesPane, session: NestedSession, desk: PaneDesk, qtbot: QtBot
) -> None:
    session.hold(a=list(range(350)))
    view = pane.view
    pane.model.tree.open("a")
    heading = view.rows.group_index("value")

    def line() -> QPoint:
        last = view.rows.index(view.rows.rowCount(heading) - 1, NAME, heading)
        view.scrollTo(last)
        view.setCurrentIndex(last)
        return view.visualRect(last).center()

    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=line())
    assert view.rows.rowCount(heading) == 202
    line()
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert view.rows.rowCount(heading) == 302
    session.is_held = True
    line()
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert texts(pane)[-1] == "Loading…"
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert texts(pane)[-1] == "Show 50 more (of 350)"
    assert session.given_up == 1


def test_a_part_that_is_selected_stays_selected_and_is_no_variable(
    pane: VariablesPane, session: NestedSession, desk: PaneDesk
) -> None:
    session.hold(b=[5, 6])
    pane.model.tree.open("b")
    key = pane.model.groups[0].rows[2].name
    pane.view.select(key)
    session.hold(a=1, c=2)
    assert pane.view.selected_key() == key
    assert pane.view.selected_name() == ""
    assert desk.context.get("variables.has_selection") is False
    words = pane.view.rows.index_of(key).data(Qt.ItemDataRole.AccessibleTextRole)
    assert words == "[1], int, 6, level 2"
    assert pane.view.rows.index_of("b").data(Qt.ItemDataRole.AccessibleTextRole).endswith("open")


def test_sizes_are_asked_for_rows_in_sight_only(pane: VariablesPane, session: NestedSession, qtbot: QtBot) -> None:
    session.hold(**{f"v{number}": number for number in range(500)})
    size = pane.view.rows.index_of("v0").siblingAtColumn(SIZE)
    qtbot.waitUntil(lambda: size.data() == "2.0 kB", timeout=LIMIT_MS)
    asked = [name for method, params in session.acts if method == "variables.sizes" for name in params["names"]]
    assert 5 < len(asked) < 40
    pane.view.scrollToBottom()
    last = pane.view.rows.index_of("v499").siblingAtColumn(SIZE)
    qtbot.waitUntil(lambda: last.data() == "4.0 kB", timeout=LIMIT_MS)


def test_sizes_wait_until_the_kernel_is_idle(pane: VariablesPane, session: NestedSession, qtbot: QtBot) -> None:
    session.set_state("busy")
    session.hold(a=1)
    qtbot.waitUntil(lambda: not pane.view._rest.isActive(), timeout=LIMIT_MS)
    assert session.acts == []
    session.set_state("idle")
    assert pane.view.rows.index_of("a").siblingAtColumn(SIZE).data() == "1.0 kB"
