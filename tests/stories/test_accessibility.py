"""The whole window for somebody who sees nothing or uses no mouse: names for all that takes the keyboard, F6, Tab."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.kit import run_script

pytestmark = pytest.mark.timeout(120)

LOOK = """
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

def described(widget):
    way = []
    while widget is not None and len(way) < 4:
        way.append(f"{type(widget).__name__} {widget.objectName()}".strip())
        widget = widget.parentWidget()
    return " < ".join(way)

def nameless(root):
    found = []
    for widget in [root, *root.findChildren(QWidget)]:
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() != Qt.FocusPolicy.NoFocus:
            face = QAccessible.queryAccessibleInterface(widget)
            name = face.text(QAccessible.Text.Name) if face is not None else ""
            if not name.strip() and not is_inner(widget):
                found.append(described(widget))
    return found

def items(face, depth=0):
    # Buttons, tabs and menu entries are children without a widget of their own.
    if depth > 12 or face is None or not face.isValid():
        return
    yield face
    for number in range(min(face.childCount(), 300)):
        yield from items(face.child(number), depth + 1)

NAMED = ("PushButton", "CheckBox", "RadioButton", "ComboBox", "EditableText", "PageTab", "MenuItem", "List", "Tree",
         "Table", "Slider", "SpinBox", "ButtonMenu", "Link")
ROLES = {QAccessible.Role[name] for name in NAMED}

def is_inner(thing):
    # Qt's own parts of a widget, in which the keyboard never stays.
    return thing is not None and thing.objectName().startswith("qt_")

def unnamed_items(root):
    found = []
    for face in items(QAccessible.queryAccessibleInterface(root)):
        state = face.state()
        is_nameless = not face.text(QAccessible.Text.Name).strip() and not is_inner(face.object())
        if face.role() in ROLES and not state.invisible and not state.disabled and is_nameless:
            place = described(face.object()) if face.object() else face.parent().role().name
            found.append(f"{face.role().name} in {place}")
    return found

def chain(window):
    first, widget, order = window, window.nextInFocusChain(), []
    while widget is not first and len(order) < 5000:
        takes = widget.focusPolicy().value & Qt.FocusPolicy.TabFocus.value
        if takes and widget.isVisible() and widget.isEnabled() and widget.window() is window:
            order.append(widget)
        widget = widget.nextInFocusChain()
    return order

with open_workbench(profile_dir=profile, project_dir=project, environment=python) as wb:
    program, window = wb.program, wb.program.shell.window
    document = wb.open(project / "script.py")
    wb.session.wait_ready(60)
    wb.run(document, by_cell=True).wait(60)
    wb.settle(30)
    window.activateWindow()
    wb.wait_until(window.isActiveWindow, 10)
    states = {"window": window}
    tell(window={"nameless": nameless(window), "items": unnamed_items(window)})
    for command in ("edit.find", "edit.replace", "edit.go_to_line", "console.find", "edit.split", "view.notices"):
        if program.commands.is_enabled(command):
            wb.run_command(command)
            wb.settle()
    tell(bars={"nameless": nameless(window), "items": unnamed_items(window)})
    dialogs = {}
    for command in ("app.settings", "app.keys", "app.about", "trust.why", "app.palette", "session.choose_environment",
                    "console.history_search", "files.new_file"):
        before = set(QApplication.topLevelWidgets())
        wb.run_command(command)
        wb.settle()
        shown = [w for w in QApplication.topLevelWidgets() if w.isVisible() and w is not window]
        dialogs[command] = {"count": len(shown), "nameless": [n for w in shown for n in nameless(w)],
                            "items": [n for w in shown for n in unnamed_items(w)],
                            "title": [w.windowTitle() or w.accessibleName() for w in shown]}
        for widget in shown:
            widget.close()
        QApplication.processEvents()
    tell(dialogs=dialogs)

    # F6 goes through all panes and back.
    program.commands.run("edit.unsplit")
    window.activateWindow()
    wb.wait_until(window.isActiveWindow, 10)
    wb.run_command("view.editor")
    visited = {"F6": [], "Shift+F6": []}
    for key, modifier in (("F6", Qt.KeyboardModifier.NoModifier), ("Shift+F6", Qt.KeyboardModifier.ShiftModifier)):
        for _ in range(10):
            target = QApplication.focusWidget() or window
            QTest.keyClick(target, Qt.Key.Key_F6, modifier)
            QApplication.processEvents()
            visited[key].append(program.context.get("pane.current"))
    tell(visited=visited)
    order = chain(window)
    docks = window.docks
    groups = []
    for widget in order:
        dock = docks.dock_of(widget)
        name = dock.current.id if dock is not None else ""
        if not groups or groups[-1] != name:
            groups.append(name)
    tell(groups=groups, tab_stops=[described(w) for w in order])
    # Every pane's own view takes the keyboard by its command, also those behind a tab.
    reached = {}
    for pane in ("editor", "console", "variables", "plots", "files"):
        wb.run_command(f"view.{pane}")
        wb.settle()
        focus = QApplication.focusWidget()
        reached[pane] = program.context.get("pane.current") if focus is not None else "nothing"
    tell(reached=reached)
"""


def test_everything_that_takes_the_keyboard_has_a_name_and_is_reached(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    lines = ["# %% one", "import matplotlib.pyplot as plt", "plt.plot([1, 2])", "plt.show()", "# %% two", "x = 1", ""]
    (project / "script.py").write_text("\n".join(lines))

    outcome = run_script(LOOK, tmp_path)

    assert outcome.exit_code == 0, outcome.errors
    facts = outcome.facts
    for name in ("window", "bars"):
        assert facts[name] == {"nameless": [], "items": []}, name
    for command, told in facts["dialogs"].items():
        assert told["count"] >= 1, command
        assert (told["nameless"], told["items"]) == ([], []), command
        assert all(told["title"]), command
    panes = {"editor", "console", "variables"}
    for key in ("F6", "Shift+F6"):
        assert panes <= set(facts["visited"][key]), facts["visited"]
        assert {"plots", "files"} & set(facts["visited"][key]), facts["visited"]
    assert facts["reached"] == {name: name for name in ("editor", "console", "variables", "plots", "files")}
    assert panes <= set(facts["groups"]), facts["groups"]
    assert len(facts["tab_stops"]) > 10
