"""The Variables pane with real widgets and a session that the test plays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from ide.core.variables import Kind, Variable
from ide.panes.variables.pane import EMPTY_TEXT, NO_NAMES_TEXT, VariablesPane
from ide.panes.variables.rows import NAME, SHAPE, VALUE, Index
from tests.fakes.pane_desk import PaneDesk
from tests.fakes.pane_session import PaneSession, variable

SAMPLES = {"python": "ages = [31, 42]"}


@pytest.fixture
def pane(desk: PaneDesk) -> Iterator[VariablesPane]:
    ran: list[str] = []
    made = VariablesPane(
        desk.commands,
        desk.actions,
        desk.active,
        desk.theme,
        desk.icons,
        lambda language: SAMPLES.get(language, ""),
        ran.append,
    )
    made.ran = ran  # type: ignore[attr-defined]  # what the sample button asked for, for the tests alone
    desk.show(made.widget)
    yield made
    made.close()


@pytest.fixture
def session(desk: PaneDesk, pane: VariablesPane) -> PaneSession:
    made = PaneSession()
    desk.active.choose(made.as_session)
    return made


def texts(pane: VariablesPane) -> list[str]:
    """Names and headings as they are drawn, from the top, closed groups without their names."""
    view, rows = pane.view, pane.view.rows
    found: list[str] = []
    for at in range(rows.rowCount()):
        heading = rows.index(at, NAME)
        found.append(str(heading.data()))
        if view.isExpanded(heading):
            found += [str(rows.index(row, NAME, heading).data()) for row in range(rows.rowCount(heading))]
    return found


def many(count: int) -> tuple[Variable, ...]:
    return tuple(variable(f"v{number}") for number in range(count))


def test_an_empty_pane_offers_a_line_of_the_sessions_language(pane: VariablesPane, session: PaneSession) -> None:
    (button,) = pane._empty.buttons
    assert pane._empty.isVisible()
    assert (pane._empty.text, button.text()) == (EMPTY_TEXT, SAMPLES["python"])
    button.click()
    assert pane.ran == [SAMPLES["python"]]  # type: ignore[attr-defined]  # see the fixture


def test_a_session_that_cannot_list_names_says_so(pane: VariablesPane, desk: PaneDesk) -> None:
    desk.active.choose(PaneSession("bash").as_session)
    assert pane._empty.text == NO_NAMES_TEXT
    assert pane._empty.buttons == ()


def test_names_appear_under_open_headings(pane: VariablesPane, session: PaneSession) -> None:
    session.change(variable("df", "data"), variable("b"), variable("a"))
    assert texts(pane) == ["Data  1", "df", "Values  2", "a", "b"]
    assert pane.view.isVisible()


@pytest.mark.parametrize("count", [3, 500])
def test_selection_and_scroll_survive_rows_that_come_and_go(
    pane: VariablesPane, session: PaneSession, qtbot: QtBot, count: int
) -> None:
    session.change(*(variable(f"m{number}") for number in range(300)))
    pane.view.select("m150")
    top = pane.view.visualRect(pane.view.rows.index_of("m150")).top()
    session.change(*(variable(f"a{number}_{number * 7 % 3}") for number in range(count)), removed=("m10", "m200"))
    pane.view.executeDelayedItemsLayout()
    assert pane.view.selected_name() == "m150"
    assert pane.view.visualRect(pane.view.rows.index_of("m150")).top() == top


def test_a_full_list_keeps_the_selection(pane: VariablesPane, session: PaneSession) -> None:
    session.change(*many(200))
    pane.view.select("v77")
    session.change(*many(200), is_full=True)
    assert pane.view.selected_name() == "v77"


def test_a_selected_name_that_changes_its_group_stays_selected(pane: VariablesPane, session: PaneSession) -> None:
    session.change(variable("a"), variable("b"))
    pane.view.select("a")
    session.change(changed=(variable("a", "data"),))
    assert pane.view.selected_name() == "a"


def test_a_selected_name_that_goes_leaves_no_other_selected(
    pane: VariablesPane, session: PaneSession, desk: PaneDesk
) -> None:
    session.change(variable("a"), variable("b"))
    pane.view.select("a")
    assert desk.context.get("variables.has_selection") is True
    session.change(removed=("a",))
    assert pane.view.selected_name() == ""
    assert desk.context.get("variables.has_selection") is False


def test_rows_follow_any_sequence_of_changes(pane: VariablesPane, session: PaneSession) -> None:
    kinds: tuple[Kind, ...] = ("data", "value", "function")
    for step in range(60):
        names = [f"n{(step * 7 + offset * 13) % 40}" for offset in range(12)]
        new = tuple(
            variable(name, kinds[(step + at) % 3], preview=str(step)) for at, name in enumerate(dict.fromkeys(names))
        )
        session.change(*new, removed=tuple(f"n{(step * 11 + offset) % 40}" for offset in range(6)))
        wanted = [text for group in pane.model.groups for text in (None, *(each.name for each in group.names))]
        assert [None if "  " in text else text for text in texts(pane)] == wanted
        for group in pane.model.groups:
            for each in group.names:
                index = pane.view.rows.index_of(each.name)
                assert pane.view.rows.variable_at(index) == each


def test_groups_close_by_click_and_key_and_stay_closed(pane: VariablesPane, session: PaneSession, qtbot: QtBot) -> None:
    session.change(variable("df", "data"), variable("a"))
    heading = pane.view.rows.group_index("data")
    place = pane.view.visualRect(heading).center()
    QTest.mouseClick(pane.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert texts(pane) == ["Data  1", "Values  1", "a"]
    session.change(variable("b"), variable("dg", "data"))
    assert texts(pane) == ["Data  2", "Values  2", "a", "b"]
    QTest.keyClick(pane.view, Qt.Key.Key_Return)
    assert texts(pane) == ["Data  2", "df", "dg", "Values  2", "a", "b"]
    QTest.keyClick(pane.view, Qt.Key.Key_Left)
    assert not pane.model.is_open("data")


def test_keys_walk_the_list_and_typing_finds_a_name(pane: VariablesPane, session: PaneSession, qtbot: QtBot) -> None:
    session.change(variable("df", "data"), variable("alpha"), variable("beta"))
    pane.focus()
    QTest.keyClick(pane.view, Qt.Key.Key_Home)
    for _ in range(3):
        QTest.keyClick(pane.view, Qt.Key.Key_Down)
    assert pane.view.selected_name() == "alpha"
    QTest.keyClicks(pane.view, "be")
    assert pane.view.selected_name() == "beta"


def test_enter_and_double_click_open_a_variable(pane: VariablesPane, session: PaneSession, qtbot: QtBot) -> None:
    session.change(variable("a"), variable("b"))
    opened: list[str] = []
    pane.view.opened.connect(opened.append)
    pane.view.select("a")
    QTest.keyClick(pane.view, Qt.Key.Key_Return)
    place = pane.view.visualRect(pane.view.rows.index_of("b")).center()
    QTest.mouseDClick(pane.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert opened == ["a", "b"]


def test_name_and_value_are_copied(pane: VariablesPane, session: PaneSession, desk: PaneDesk) -> None:
    session.change(variable("a", preview="[1, 2]"))
    pane.view.select("a")
    desk.commands.run("variables.copy_name")
    assert QGuiApplication.clipboard().text() == "a"
    desk.commands.run("variables.copy_value")
    assert QGuiApplication.clipboard().text() == "[1, 2]"
    assert desk.errors == []


def test_modules_are_shown_on_demand(pane: VariablesPane, session: PaneSession, desk: PaneDesk) -> None:
    session.change(variable("np", "module"), variable("a"))
    action = desk.actions.action("variables.show_modules")
    assert not action.isChecked()
    action.trigger()
    assert texts(pane) == ["Values  1", "a", "Modules  1", "np"]
    assert action.isChecked()
    action.trigger()
    assert texts(pane) == ["Values  1", "a"]


def test_the_menu_offers_what_works(pane: VariablesPane, session: PaneSession, qtbot: QtBot) -> None:
    session.change(variable("a"))
    pane.view.select("a")
    pane.view.customContextMenuRequested.emit(QPoint(20, 40))
    menu = pane.view.findChild(QMenu)
    assert isinstance(menu, QMenu)
    assert [action.text() for action in menu.actions() if action.text()] == [
        "Show object",
        "Plot",
        "Histogram",
        "Edit value...",
        "Rename variable...",
        "Duplicate variable",
        "Remove variables",
        "Copy name",
        "Copy path",
        "Copy value",
        "Save variables...",
        "Undo in variables",
        "Preview data frames",
        "List variables again",
    ]
    menu.close()


def test_a_value_that_looks_like_markup_is_not_read_as_markup(pane: VariablesPane, session: PaneSession) -> None:
    session.change(variable("a", preview="<img src='file:///etc/passwd'>"))
    index = pane.view.rows.index_of("a").siblingAtColumn(VALUE)
    assert "&lt;img" in str(index.data(Qt.ItemDataRole.ToolTipRole))


def test_a_narrow_list_tells_the_shape_beside_the_value(
    pane: VariablesPane, session: PaneSession, qtbot: QtBot
) -> None:
    session.change(variable("df", "data", preview="a, b", shape=(3, 2)))
    value = pane.view.rows.index_of("df").siblingAtColumn(VALUE)
    assert not pane.view.isColumnHidden(SHAPE)
    assert value.data() == "a, b"
    pane.widget.resize(300, 400)
    qtbot.waitUntil(lambda: pane.view.isColumnHidden(SHAPE))
    assert value.data() == "3 × 2  a, b"
    qtbot.waitUntil(lambda: pane.view.horizontalScrollBar().maximum() == 0)


def test_a_list_that_was_cut_says_how_many_there_are(pane: VariablesPane, session: PaneSession) -> None:
    session.change(*many(3), total=12_000)
    assert pane._note.isVisible()
    assert pane._note.text() == "3 of 12\u2009000 names are listed."
    session.change(total=3)
    assert not pane._note.isVisible()


def test_another_session_takes_the_list_over(pane: VariablesPane, session: PaneSession, desk: PaneDesk) -> None:
    session.change(*many(5))
    other = PaneSession("r")
    other.change(variable("z", "data"))
    desk.active.choose(other.as_session)
    assert texts(pane) == ["Data  1", "z"]
    session.change(variable("late"))
    assert texts(pane) == ["Data  1", "z"]
    desk.active.choose(None)
    assert pane._empty.isVisible()


def test_headings_are_expandable_for_a_screen_reader(pane: VariablesPane, session: PaneSession) -> None:
    session.change(variable("df", "data", preview="a", shape=(3, 2)), variable("a"))
    interface = QAccessible.queryAccessibleInterface(pane.view)
    assert interface.text(QAccessible.Text.Name) == "Variables"
    assert interface.role() == QAccessible.Role.Tree
    heading = pane.view.rows.group_index("data")
    cells = [interface.child(at) for at in range(interface.childCount())]
    (found,) = [cell for cell in cells if cell.text(QAccessible.Text.Name) == "Data, 1 names"]
    assert found.state().expandable
    assert found.state().expanded
    pane.view.collapse(heading)
    assert not found.state().expanded
    row = pane.view.rows.index_of("df")
    assert row.data(Qt.ItemDataRole.AccessibleTextRole) == "df, int, 3 × 2, a, changed in the last run"
    assert row.siblingAtColumn(SHAPE).data(Qt.ItemDataRole.AccessibleTextRole) == "df, shape, 3 × 2"


def test_few_names_more_among_5000_ask_for_few_texts(pane: VariablesPane, session: PaneSession) -> None:
    session.change(*many(5000))
    pane.view.executeDelayedItemsLayout()
    asked: list[int] = []
    inner = pane.view.rows.data

    def counted(index: Index, role: int = 0) -> object:
        asked.append(role)
        return inner(index, role)

    pane.view.rows.data = counted  # type: ignore[method-assign]  # counts
    session.change(variable("v2500b"))
    pane.widget.grab()
    assert pane.view.rows.index_of("v2500b").isValid()
    assert len(asked) < 400


def test_zoom_makes_rows_higher(pane: VariablesPane, session: PaneSession, desk: PaneDesk, qtbot: QtBot) -> None:
    session.change(variable("a"))
    pane.widget.grab()
    assert pane.view.visualRect(pane.view.rows.index_of("a")).height() == 24
    desk.theme.set_zoom(2.0)
    QTest.qWait(0)
    pane.widget.grab()
    assert pane.view.visualRect(pane.view.rows.index_of("a")).height() == 48
