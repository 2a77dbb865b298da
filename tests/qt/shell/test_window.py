"""The whole window over simple panes: docks, layouts, keys, bars, accessibility."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QPlainTextEdit, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from ide.core.errors import CommandError
from ide.settings import declared
from ide.shell.crash_report import Report
from ide.shell.report_dialog import AboutDialog, ReportDialog
from ide.shell.shell import Shell
from ide.shell.trust_bar import WhyDialog
from ide.widgets.notices import Notice
from tests.fakes.window_parts import Parts
from tests.qt.accessible import name, role, tab_round, unnamed


@pytest.fixture
def shell(parts: Parts, qtbot: QtBot) -> Iterator[Shell]:
    made = parts.shell()
    with qtbot.waitSignal(made.opened):
        made.open()
    made.window.resize(1280, 720)
    made.window.activateWindow()
    qtbot.waitExposed(made.window)
    yield made
    made.close()


def _visible(shell: Shell) -> list[str]:
    return [dock.name for dock in shell.window.docks.all if dock.isVisible()]


def _current(shell: Shell) -> str:
    dock = shell.window.docks.dock_of(QApplication.focusWidget())
    return dock.current.id if dock else ""


def _focused() -> QPlainTextEdit:
    """The text box of the pane with the keyboard."""
    widget = QApplication.focusWidget()
    assert isinstance(widget, QPlainTextEdit)
    return widget


def _columns(shell: Shell) -> dict[str, tuple[bool, bool]]:
    """Dock -> whether it is in the left half, whether in the upper half."""
    size = shell.window.size()
    places = {dock.name: dock.mapTo(shell.window, dock.rect().center()) for dock in shell.window.docks.all}
    return {name: (place.x() < size.width() / 2, place.y() < size.height() / 2) for name, place in places.items()}


# --- panes ----------------------------------------------------------------------------------------------------


def test_first_start_shows_four_panes_in_two_columns(shell: Shell, qtbot: QtBot) -> None:
    assert _visible(shell) == ["editor", "console", "variables", "plots"]
    expected = {"editor": (True, True), "console": (True, False), "variables": (False, True), "plots": (False, False)}
    qtbot.waitUntil(lambda: _columns(shell) == expected)
    assert shell.window.centralWidget() is None


def test_files_is_a_tab_beside_plots(shell: Shell, parts: Parts) -> None:
    parts.commands.run("view.files")
    dock = shell.window.docks.all[3]
    assert dock.current.id == "files"
    assert _current(shell) == "files"
    strip = dock.current.widget.header.tabs
    assert strip is not None
    assert [tab.text for tab in strip.tabs] == ["Plots", "Files"]
    assert strip.current == "files"
    strip.select("plots")
    assert dock.current.id == "plots"


def test_pane_comes_forward_in_its_dock_but_never_under_the_user_s_hands(shell: Shell, parts: Parts) -> None:
    docks = shell.window.docks
    dock = docks.all[3]
    parts.commands.run("view.files")
    docks.bring_forward("plots")
    assert dock.current.id == "files", "the keyboard is there"
    parts.commands.run("view.editor")
    docks.bring_forward("plots")
    assert (dock.current.id, _current(shell)) == ("plots", "editor")
    dock.hide()
    docks.show("files")
    dock.hide()
    docks.bring_forward("plots")
    assert (dock.current.id, dock.isVisible()) == ("files", False), "what is hidden stays so"


def test_keys_go_to_each_pane_and_f6_cycles_through_all(shell: Shell, qtbot: QtBot) -> None:
    for key, pane in (
        (Qt.Key.Key_2, "console"),
        (Qt.Key.Key_3, "variables"),
        (Qt.Key.Key_4, "plots"),
        (Qt.Key.Key_1, "editor"),
    ):
        QTest.keyClick(_focused(), key, Qt.KeyboardModifier.ControlModifier)
        assert _current(shell) == pane
    met = []
    for _ in range(4):
        QTest.keyClick(_focused(), Qt.Key.Key_F6)
        met.append(_current(shell))
    assert met == ["console", "variables", "plots", "editor"]
    QTest.keyClick(_focused(), Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert _current(shell) == "plots"


def test_pane_with_the_keyboard_is_in_the_context(shell: Shell, parts: Parts) -> None:
    parts.commands.run("view.variables")
    assert parts.context.get("pane.current") == "variables"
    shell.window.toolbar.command_box.setFocus()
    assert parts.context.get("pane.current") == ""


def test_maximise_gives_one_pane_the_window_and_back(shell: Shell, parts: Parts, qtbot: QtBot) -> None:
    before = {dock.name: dock.geometry() for dock in shell.window.docks.all}
    parts.commands.run("view.console")
    QTest.keyClick(_focused(), Qt.Key.Key_F8)
    assert _visible(shell) == ["console"]
    assert parts.context.get("window.has_maximised_pane") is True
    assert _current(shell) == "console"
    QTest.keyClick(_focused(), Qt.Key.Key_F8)
    assert _visible(shell) == ["editor", "console", "variables", "plots"]
    qtbot.waitUntil(lambda: {dock.name: dock.geometry() for dock in shell.window.docks.all} == before)


def test_going_to_a_hidden_pane_brings_the_others_back(shell: Shell, parts: Parts) -> None:
    parts.commands.run("view.maximise_pane")
    parts.commands.run("view.plots")
    assert "plots" in _visible(shell)
    assert parts.context.get("window.has_maximised_pane") is False


def test_layouts_switch_at_once_and_keep_what_was_moved(shell: Shell, parts: Parts, qtbot: QtBot) -> None:
    parts.commands.run("layout.simple")
    assert _visible(shell) == ["editor", "console", "plots"]
    assert parts.context.get("window.layout") == "simple"
    assert parts.settings.get(declared.WINDOW_LAYOUT) == "simple"
    parts.commands.run("layout.full")
    assert _visible(shell) == ["editor", "console", "variables", "plots"]
    shell.window.docks.all[0].setVisible(False)
    parts.commands.run("layout.simple")
    parts.commands.run("layout.full")
    assert _visible(shell) == ["console", "variables", "plots"]
    parts.commands.run("layout.reset")
    assert _visible(shell) == ["editor", "console", "variables", "plots"]


def test_layout_switch_keeps_the_keyboard_in_its_pane(shell: Shell, parts: Parts) -> None:
    parts.commands.run("view.console")
    parts.commands.run("layout.simple")
    assert _current(shell) == "console"
    parts.commands.run("layout.full")
    parts.commands.run("view.variables")
    parts.commands.run("layout.simple")
    assert _current(shell) == "editor", "the variables pane is hidden"


def test_reset_brings_back_floating_panes(shell: Shell, parts: Parts) -> None:
    dock = shell.window.docks.all[2]
    dock.setFloating(True)
    parts.commands.run("layout.reset")
    assert not dock.isFloating()
    assert dock.isVisible()


def test_float_command_makes_the_pane_a_window_and_puts_it_back(shell: Shell, parts: Parts, qtbot: QtBot) -> None:
    parts.commands.run("view.variables")
    dock = shell.window.docks.all[2]
    parts.commands.run("view.float_pane")
    assert dock.isFloating()
    qtbot.waitUntil(lambda: _current(shell) == "variables")
    parts.commands.run("view.float_pane")
    assert not dock.isFloating()
    qtbot.waitUntil(lambda: _current(shell) == "variables")


def test_pane_can_float_and_keeps_its_keys(shell: Shell, parts: Parts, qtbot: QtBot) -> None:
    dock = shell.window.docks.all[2]
    dock.setFloating(True)
    dock.activateWindow()
    dock.current.focus()
    assert shell.window.scope_of(dock.current.widget) == "variables"
    assert shell.window.keys.command_for("Ctrl+S", dock.current.widget) == "file.save"


def test_layout_is_remembered(parts: Parts, qtbot: QtBot) -> None:
    first = parts.shell()
    first.open()
    first.window.setGeometry(60, 50, 640, 500)
    first.window.docks.all[1].setVisible(False)
    parts.commands.run("view.files")
    first.window.close()
    first.close()
    again = Parts(parts.folder)
    second = again.shell()
    second.open()
    try:
        assert [dock.name for dock in second.window.docks.all if dock.isVisible()] == ["editor", "variables", "plots"]
        assert second.window.docks.all[3].current.id == "files"
        assert second.window.geometry().size().toTuple() == (640, 500)
    finally:
        second.close()
        again.close()


def test_reset_layout_at_start_forgets_the_panes_places_and_keeps_the_window_s(parts: Parts) -> None:
    first = parts.shell()
    first.open()
    first.window.setGeometry(60, 50, 640, 500)
    first.window.docks.all[1].setVisible(False)
    first.window.close()
    first.close()
    again = Parts(parts.folder)
    second = again.shell()
    second.open(reset_layout=True)
    try:
        assert all(dock.isVisible() for dock in second.window.docks.all)
        assert second.window.geometry().size().toTuple() == (640, 500)
    finally:
        second.close()
        again.close()


def test_maximised_pane_is_not_remembered_as_such(parts: Parts) -> None:
    first = parts.shell()
    first.open()
    parts.commands.run("view.maximise_pane")
    first.window.close()
    first.close()
    again = Parts(parts.folder)
    second = again.shell()
    second.open()
    try:
        assert all(dock.isVisible() for dock in second.window.docks.all)
    finally:
        second.close()
        again.close()


@pytest.mark.parametrize("content", ["", "garbage [[[", "version = 1\n[full]\nstate = 'AAAA'\ncheck = 1", "\0" * 100])
def test_window_opens_with_any_layout_file(parts: Parts, content: str) -> None:
    (parts.folder / "layout.toml").write_text(content)
    shell = parts.shell()
    shell.open()
    try:
        assert all(dock.isVisible() for dock in shell.window.docks.all)
        kept = [path for path in parts.folder.iterdir() if ".bad" in path.name]
        assert len(parts.notices.all) == len(kept)
    finally:
        shell.close()


# --- menus, toolbar, keys ---------------------------------------------------------------------------------------------


def test_menus_stand_in_order_and_are_filled_when_opened(shell: Shell, parts: Parts) -> None:
    menus = shell.window.menus
    assert menus.names == ("file", "edit", "view", "run", "variables", "plots", "help")
    texts = [action.text() for action in menus.menu("file").actions()]
    assert texts[:6] == ["Open a file", "Open a folder", "Open recent", "New Python script", "", "Save"]
    assert texts[6:] == ["", "Trust this folder", "Why this folder is not trusted", "", "Quit"]
    save = next(action for action in menus.menu("file").actions() if action.text() == "Save")
    assert save.shortcut().toString() == "Ctrl+S"
    save.trigger()
    assert parts.ran == [("file.save", {})]


def test_menu_list_is_made_anew_each_time_it_opens(shell: Shell, parts: Parts) -> None:
    from ide.shell.menus import Entry

    entries = [Entry("a & b.py", "file.open", {"path": Path("a & b.py")})]
    shell.window.menus.set_list("file.open_recent", lambda: entries)
    action = next(a for a in shell.window.menus.menu("file").actions() if a.text() == "Open recent")
    submenu = action.menu()
    assert isinstance(submenu, QMenu)
    submenu.aboutToShow.emit()
    (first,) = submenu.actions()
    assert first.text() == "a && b.py"
    first.trigger()
    assert parts.ran == [("file.open", {"path": Path("a & b.py")})]
    entries.clear()
    submenu.aboutToShow.emit()
    assert [a.isEnabled() for a in submenu.actions()] == [False]


def test_run_is_the_only_filled_button_and_its_title_is_live(shell: Shell, parts: Parts, qtbot: QtBot) -> None:
    filled = [b for b in shell.window.findChildren(QToolButton) if b.property("main") == "true"]
    run = [button for button in filled if button.property("side") == "left"]
    assert len(run) == 1
    assert len(filled) == 2, "the main button and the narrow part beside it"
    assert run[0].text() == "Run cell"
    parts.context.set("run.title", "Run line")
    qtbot.waitUntil(lambda: run[0].text() == "Run line")
    assert name(run[0]) == "Run line"


def test_disabled_command_is_disabled_in_toolbar_and_follows_the_context(
    shell: Shell, parts: Parts, qtbot: QtBot
) -> None:
    stop = next(button for button in shell.window.toolbar.buttons if button.text() == "Stop")
    assert not stop.isEnabled()
    parts.context.set("session.is_busy", True)
    qtbot.waitUntil(stop.isEnabled)


def test_tooltip_ends_in_the_key(shell: Shell) -> None:
    save = next(button for button in shell.window.toolbar.buttons if button.accessibleName() == "Save")
    assert save.toolTip() == "Save (Ctrl+S)"


def test_command_box_opens_the_palette(shell: Shell, parts: Parts) -> None:
    shell.window.toolbar.command_box.click()
    assert parts.ran == [("app.palette", {})]


def test_key_of_a_command_wins_over_the_text_box_and_other_keys_stay_its_own(
    shell: Shell, parts: Parts, qtbot: QtBot
) -> None:
    pane = shell.window.docks.panes[0]
    pane.focus()
    widget = _focused()
    QTest.keyClick(widget, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(widget, Qt.Key.Key_F5)
    assert [command for command, _arguments in parts.ran] == ["file.save", "run.file"]
    QTest.keyClicks(widget, "x=1")
    # In the default map Right is a key of the plots pane; here it moves the caret.
    QTest.keyClick(widget, Qt.Key.Key_Left)
    QTest.keyClick(widget, Qt.Key.Key_Right)
    QTest.keyClick(widget, Qt.Key.Key_Return)
    assert widget.toPlainText() == "x=1\n"
    assert len(parts.ran) == 2


def test_key_means_the_command_of_its_pane(shell: Shell, parts: Parts, qtbot: QtBot) -> None:
    parts.commands.run("view.plots")
    QTest.keyClick(_focused(), Qt.Key.Key_Right)
    assert parts.ran == [("plot.next", {})]


def test_key_of_a_command_that_cannot_run_stays_the_widget_s(shell: Shell, parts: Parts) -> None:
    parts.commands.run("view.console")
    widget = QApplication.focusWidget()
    assert shell.window.keys.command_for("Esc", widget) == ""
    parts.context.set("session.is_busy", True)
    assert shell.window.keys.command_for("Esc", widget) == "session.interrupt"


def test_two_strokes_run_a_command(shell: Shell, parts: Parts, qtbot: QtBot) -> None:
    parts.add(parts.commands.get("file.save").__class__("file.save_all", "Save all"))
    pane = shell.window.docks.panes[0]
    pane.focus()
    widget = _focused()
    QTest.keyClick(widget, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(widget, Qt.Key.Key_S)
    assert parts.ran == [("file.save_all", {})]
    assert widget.toPlainText() == ""


def test_changed_keys_hold_at_once(shell: Shell, parts: Parts, qtbot: QtBot) -> None:
    parts.keymaps.set_keys("file.save", ("Ctrl+J",))
    pane = shell.window.docks.panes[0]
    pane.focus()
    QTest.keyClick(_focused(), Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    assert parts.ran == [("file.save", {})]
    assert parts.actions.tooltip("file.save") == "Save (Ctrl+J)"


# --- status, notices, trust, reports ----------------------------------------------------------------------------------


def test_status_items_are_buttons_only_where_a_click_does_something(shell: Shell, parts: Parts) -> None:
    bar = shell.window.status_bar
    bar.set_cursor(11, 4)
    bar.set_file_form("UTF-8", "LF")
    assert bar.item("cursor").text() == "Ln 12, Col 5"
    assert name(bar.item("cursor")) == "Caret: Ln 12, Col 5"
    bar.item("cursor").click()
    assert parts.ran == [("edit.go_to_line", {})]
    bar.item("encoding").click()
    assert len(parts.ran) == 1
    assert bar.item("encoding").focusPolicy() == Qt.FocusPolicy.NoFocus


def test_status_shows_only_what_is_known(shell: Shell) -> None:
    bar = shell.window.status_bar
    assert not bar.item("environment").isVisible()
    bar.set_environment("myenv 3.13", "Py", "badge_python")
    assert bar.item("environment").isVisible()
    bar.set_environment("", "", "")
    assert not bar.item("environment").isVisible()


def test_simple_layout_has_a_shorter_status_bar(shell: Shell, parts: Parts) -> None:
    bar = shell.window.status_bar
    bar.set_file_form("UTF-8", "LF")
    bar.set_cursor(0, 0)
    parts.commands.run("layout.simple")
    assert not bar.item("encoding").isVisible()
    assert bar.item("cursor").isVisible()


def test_error_of_a_command_is_a_bar_and_in_the_list(shell: Shell, parts: Parts) -> None:
    error = CommandError(
        "It failed.", "Nothing was changed.", "Try again.", action="file.save", action_title="Save again"
    )
    error.__cause__ = OSError("disk")
    shell.show_error(error)
    (bar,) = shell.window.notice_area.bars
    assert bar.notice.text == "It failed.\nNothing was changed.\nTry again."
    assert bar.notice.details == "OSError: disk"
    bar.buttons[0].click()
    assert parts.ran == [("file.save", {})]
    assert shell.window.status_bar.item("notices").text() == "1 notice"
    assert parts.context.get("window.has_notices") is True


def test_notice_taken_back_closes_its_bar(shell: Shell, parts: Parts) -> None:
    parts.notices.add(Notice("Waiting.", key="wait"))
    parts.notices.remove("wait")
    assert shell.window.notice_area.bars == ()
    assert not shell.window.status_bar.item("notices").isVisible()


def test_notices_open_in_a_list_and_clear(shell: Shell, parts: Parts) -> None:
    parts.notices.add(Notice("One."))
    parts.commands.run("view.notices")
    assert shell._list is not None
    assert shell._list.isVisible()
    shell._list.cleared.emit()
    assert parts.notices.all == ()


def test_trust_bar_tells_what_is_off_and_runs_its_commands(shell: Shell, parts: Parts, qtbot: QtBot) -> None:
    bar = shell.window.trust_bar
    shell.show_untrusted(Path("/p/penguins"), [".Rprofile is not run.", ".RData is not loaded."])
    assert bar.text == "“penguins” is not trusted. .Rprofile is not run. .RData is not loaded."
    assert unnamed(bar) == []
    trust, why = bar.buttons
    trust.click()
    why.click()
    assert [command for command, _a in parts.ran] == ["trust.trust", "trust.why"]
    why.setFocus()
    QTest.keyClick(why, Qt.Key.Key_Escape)
    assert not bar.isVisible()


def test_trust_bar_stays_away_where_the_user_said_so(shell: Shell, parts: Parts) -> None:
    parts.settings.set(declared.TRUST_ASK, False)
    shell.show_untrusted(Path("/p/penguins"), [])
    assert not shell.window.trust_bar.isVisible()


def test_why_dialog_means_no_unless_its_button_is_pressed(shell: Shell, parts: Parts, qtbot: QtBot) -> None:
    shell.explain_trust(Path("/p/penguins"), [".Rprofile"])
    dialog = shell._dialog
    assert isinstance(dialog, WhyDialog)
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not dialog.isVisible())
    assert parts.ran == []
    shell.explain_trust(Path("/p/penguins"), [])
    assert isinstance(shell._dialog, WhyDialog)
    shell._dialog.accept()
    assert parts.ran == [("trust.trust", {})]


def test_report_is_shown_and_copied(shell: Shell) -> None:
    report = Report("Fourpane met an error that it did not expect", "the report")
    shell.show_report(report)
    assert isinstance(shell._dialog, ReportDialog)
    assert unnamed(shell._dialog) == []
    shell._dialog.copy()
    assert QGuiApplication.clipboard().text() == "the report"


def test_about_tells_versions(shell: Shell, parts: Parts) -> None:
    parts.commands.run("app.about")
    assert isinstance(shell._dialog, AboutDialog)
    assert unnamed(shell._dialog) == []
    shell._dialog.copy()
    assert "Python" in QGuiApplication.clipboard().text()


def test_copy_report_without_an_error_copies_the_versions(shell: Shell, parts: Parts) -> None:
    parts.commands.run("app.copy_report")
    assert "Fourpane:" in QGuiApplication.clipboard().text()


# --- looks ----------------------------------------------------------------------------------------------------


def test_zoom_keys_change_everything_and_are_remembered(shell: Shell, parts: Parts, qtbot: QtBot) -> None:
    height = shell.window.status_bar.height()
    parts.commands.run("view.zoom_in")
    assert parts.theme.zoom == 1.1
    assert parts.settings.get(declared.APPEARANCE_ZOOM) == 1.1
    assert shell.window.status_bar.height() > height
    parts.commands.run("view.zoom_out")
    parts.commands.run("view.zoom_out")
    assert parts.theme.zoom == 0.9
    parts.commands.run("view.zoom_reset")
    assert parts.theme.zoom == 1.0


def test_presentation_mode_is_large_and_goes_back(shell: Shell, parts: Parts) -> None:
    parts.commands.run("view.presentation")
    assert parts.theme.zoom == 1.5
    assert shell.window.isFullScreen()
    parts.commands.run("view.presentation")
    assert parts.theme.zoom == 1.0
    assert not shell.window.isFullScreen()


def test_theme_commands_change_it_at_once_and_are_ticked(shell: Shell, parts: Parts) -> None:
    parts.commands.run("view.theme_dark")
    assert parts.theme.name == "dark"
    assert parts.commands.is_checked("view.theme_dark")
    assert not parts.commands.is_checked("view.theme_light")


def test_painted_and_closing_are_told(parts: Parts, qtbot: QtBot) -> None:
    shell = parts.shell()
    with qtbot.waitSignal(shell.opened):
        shell.open()
    with qtbot.waitSignal(shell.closed):
        parts.commands.run("app.quit")
    shell.close()


# --- accessibility ----------------------------------------------------------------------------------------------------


def _fill(shell: Shell) -> None:
    bar = shell.window.status_bar
    bar.set_environment("myenv 3.13", "Py", "badge_python")
    bar.set_kernel("idle", took_s=0.4)
    bar.set_cursor(1, 1)
    bar.set_file_form("UTF-8", "LF")
    shell.show_untrusted(Path("/p/penguins"), [".Rprofile is not run."])
    shell.notices.add(Notice("One.", "error", action="file.save", action_title="Save", details="x"))


def test_every_focusable_widget_of_the_window_is_named(shell: Shell) -> None:
    _fill(shell)
    assert unnamed(shell.window) == []


def test_roles_are_right(shell: Shell) -> None:
    window = shell.window
    assert role(window.toolbar) == QAccessible.Role.ToolBar
    assert role(window.bar) == QAccessible.Role.MenuBar
    assert role(window.status_bar) == QAccessible.Role.StatusBar
    assert role(window.toolbar.command_box) == QAccessible.Role.Button
    assert role(window.docks.all[0]) == QAccessible.Role.Pane
    assert name(window.docks.all[0]) == "Editor"


def test_tab_key_comes_to_toolbar_all_panes_and_back(shell: Shell) -> None:
    _fill(shell)
    shell.window.docks.focus("editor")
    start = QApplication.focusWidget()
    assert isinstance(start, QWidget)
    chain = [start, *tab_round(start)]
    panes = [pane.id for pane in shell.window.docks.panes for widget in chain if widget is pane.widget.body]
    assert sorted(panes) == ["console", "editor", "plots", "variables"], "files is behind plots"
    assert shell.window.toolbar.command_box in chain
    order = [dock.name for widget in chain if (dock := shell.window.docks.dock_of(widget)) is not None]
    first_places = [order.index(dock) for dock in ("editor", "console", "variables", "plots")]
    assert first_places == sorted(first_places)


def test_tab_of_a_later_pane_is_there_while_it_has_something_to_show(parts: Parts, qtbot: QtBot) -> None:
    made = parts.shell(panes=parts.panes(("editor", "console", "variables", "plots", "viewer", "files")))
    made.open()
    qtbot.waitExposed(made.window)
    docks = made.window.docks
    dock = docks.all[3]

    def tabs() -> list[str]:
        strip = dock.current.widget.header.tabs
        return [strip.tabText(at) for at in range(strip.count())] if strip is not None else []

    assert not dock.offers("viewer")
    without = tabs()
    docks.bring_forward("viewer")
    assert dock.current.id == "viewer"
    assert len(tabs()) == len(without) + 1
    docks.keep_back("viewer")
    assert dock.current.id == "plots"
    assert tabs() == without
    docks.keep_back("files")  # one that is always there
    assert dock.offers("files")
    made.close()
