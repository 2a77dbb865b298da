"""Every command in the running program: described, reachable, with an icon that exists; it runs or refuses politely."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.kit import ROOT, run_script

pytestmark = pytest.mark.timeout(180)

HEAD = """
import inspect
from PySide6.QtGui import QAction, QDesktopServices, QKeySequence
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QInputDialog, QLineEdit, QWidgetAction
from ide.core.errors import FourpaneError

# Somebody who thinks better of every question of the system.
for name, answer in (("getOpenFileName", ("", "")), ("getOpenFileNames", ([], "")), ("getSaveFileName", ("", "")),
                     ("getExistingDirectory", "")):
    setattr(QFileDialog, name, staticmethod(lambda *_a, answer=answer, **_k: answer))
QInputDialog.getText = staticmethod(lambda *_a, **_k: ("", False))
QDialog.exec = lambda *_a: 0
opened = []
QDesktopServices.openUrl = staticmethod(lambda url: opened.append(url.toString()) or True)
"""

RUN_ALL = """
SKIPPED = {"app.quit"}
# What takes away the ground from under others comes last.
LAST = ("session.interrupt", "session.restart", "session.restart_all", "session.kill", "run.restart_and_run_all",
        "help.sample_project", "trust.revoke", "session.shut_down", "file.close", "file.close_all", "file.close_folder")
ran = {}
broken, silent = [], []

def needs_arguments(program, command):
    # Actions of notices have their arguments from there; nothing that the user can choose by itself may need any.
    wanted = inspect.signature(program.commands._handlers[command.id]).parameters.values()
    is_offered = command.is_in_palette or command.menu
    return not is_offered and any(one.default is one.empty and one.kind in (0, 1, 3) for one in wanted)

def run_everything(wb, label):
    program = wb.program
    for command in sorted(program.commands.all(), key=lambda one: LAST.index(one.id) if one.id in LAST else -1):
        if command.id in SKIPPED or needs_arguments(program, command):
            continue
        if not program.commands.is_enabled(command.id):
            if not program.commands.reason(command.id):
                silent.append([label, command.id])
            continue
        if label == "with a document" and program.documents.get(document.key):
            program.editor.show(document)
        ran[label] = ran.get(label, 0) + 1
        try:
            program.commands.perform(command.id)
        except FourpaneError as error:
            if not error.text or error.text.count("\\n") > 2:
                broken.append([label, command.id, error.text])
        except Exception as error:
            broken.append([label, command.id, f"{type(error).__name__}: {error}"])
        QApplication.processEvents()
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, QDialog) and widget.isVisible():
                widget.close()
        popup = QApplication.activePopupWidget()
        if popup is not None:
            popup.close()
        if not program.shell.window.isVisible():
            broken.append([label, command.id, "closed the window"])
            return

failures = []
with open_workbench(profile_dir=profile, project_dir=project, environment=python, is_trusted=True) as wb:
    program = wb.program
    sys.excepthook = lambda kind, error, where: failures.append(f"{kind.__name__}: {error}")
    sys.unraisablehook = lambda what: failures.append(f"unraisable {what.exc_value}")
    wb.session.wait_ready(60)
    run_everything(wb, "without a document")
    wb.settle(60)
    for document in program.documents.all:
        program.documents.close(document)
    if not wb.sessions:
        program.commands.run("session.start")
    wb.run_command("view.theme_light")
    document = wb.open(project / "script.py")
    wb.run(document, by_cell=True)
    wb.settle(60)
    program.editor.show(document)
    wb.run_command("view.editor")
    run_everything(wb, "with a document")
    wb.settle(60)
    tell(on_disk=(project / "script.py").exists())
    program.commands.run("view.console")
    wb.wait_until(lambda: not any(one.state == "restarting" for one in wb.sessions), 60)
    run_everything(wb, "in the console")
    wb.settle(60)
    tell(ran=ran, broken=broken, silent=silent, failures=failures)
    tell(alive=program.shell.window.isVisible(), dialogs=[type(w).__name__ for w in QApplication.topLevelWidgets()
         if w.isVisible() and w is not program.shell.window])
"""

DESCRIBED = """
import re
ROOT = Path(root)

def of_menu(menu, path, found):
    menu.aboutToShow.emit()
    actions = menu.actions()
    if not actions:
        found["empty"].append(path)
    previous_is_separator = True
    for action in actions:
        if action.isSeparator():
            if previous_is_separator:
                found["separators"].append(path)
            previous_is_separator = True
            continue
        previous_is_separator = False
        if not action.text().strip():
            found["unnamed"].append(path)
        if action.menu() is not None:
            of_menu(action.menu(), f"{path}/{action.text()}", found)
    if actions and previous_is_separator:
        found["separators"].append(f"{path} ends")
    letters = re.findall("&([^& ])", " ".join(action.text() for action in actions).lower())
    if len(letters) != len(set(letters)):
        found["mnemonics"].append(path)

with open_workbench(profile_dir=profile, project_dir=project, environment=python, is_trusted=True) as wb:
    program = wb.program
    wb.open(project / "script.py")
    wb.session.wait_ready(60)
    commands, keymaps = program.commands.all(), program.keymaps
    source = "\\n".join(path.read_text("utf-8") for path in (ROOT / "ide").rglob("*.py"))
    window = program.shell.window
    window.menus.fill_all()
    found = {"empty": [], "separators": [], "unnamed": [], "mnemonics": []}
    for action in window.bar.actions():
        of_menu(action.menu(), action.text(), found)
    tell(menus=found, menu_count=len(window.bar.actions()))
    tell(untitled=[c.id for c in commands if not c.title.strip() or c.title != c.title.strip()])
    bound = {binding.command for binding in keymaps.bindings()}
    named = {c.id for c in commands if source.count(f'"{c.id}"') > 1}  # as the action of a notice, in a pane's header
    tell(unreachable=[c.id for c in commands if not (c.menu or c.is_in_palette or c.id in bound | named)])
    tell(icons=[c.id for c in commands if c.icon and not (ROOT / "resources" / "icons" / f"{c.icon}.svg").exists()])
    wb.run_command("app.palette")
    palette = program.dialogs.palette
    missing = []
    for command in commands:
        if command.is_in_palette:
            palette.box.setText(program.commands.title(command.id))
            QApplication.processEvents()
            if command.id not in [row.value for row in palette.rows()]:
                missing.append(command.id)
    palette.hide()
    tell(not_in_palette=missing)
    maps = {}
    for name in keymaps.names():
        keymaps.use(name)
        maps[name] = {
            "conflicts": [str(one) for one in keymaps.conflicts()],
            "unknown": [b.command for b in keymaps.bindings() if b.command not in program.commands],
            "no_key": [b.command for b in keymaps.bindings() if QKeySequence(b.key).isEmpty()],
            "count": len(keymaps.bindings()),
        }
        QApplication.processEvents()
        used = {}
        for action in window.findChildren(QAction):
            for key in action.shortcuts():
                if action.shortcutContext().name in ("WindowShortcut", "ApplicationShortcut"):
                    used.setdefault(key.toString(), []).append(action.text())
        maps[name]["ambiguous"] = {key: texts for key, texts in used.items() if len(texts) > 1}
    tell(maps=maps)
    ours = [a for a in window.findChildren(QAction) if not isinstance(a, QWidgetAction)]
    ours = [a for a in ours if not isinstance(a.parent(), QLineEdit)]  # Qt's own mark that empties a field
    tell(actions=[repr(action) for action in ours if not (action.isSeparator() or action.text() or action.menu())])
    known = {c.id for c in commands}
    asked = set(re.findall(r'(?:\\baction=|commands\\.run\\()"([a-z_]+\\.[a-z_]+)"', source))
    tell(asked_but_unknown=sorted(asked - known), asked=len(asked))
    looked_at = {key for c in commands for key in program.commands.keys_looked_at(c.id)}
    tell(undeclared=sorted(looked_at - {key.name for key in program.context.keys}))
    wb.settle()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    project.mkdir()
    lines = ["# %% one", "import matplotlib.pyplot as plt", "plt.plot([1, 2])", "plt.show()", "# %% two", "x = 1", ""]
    (project / "script.py").write_text("\n".join(lines))
    return tmp_path


def test_every_command_runs_or_refuses_politely(folder: Path) -> None:
    outcome = run_script(HEAD + RUN_ALL, folder, timeout_s=170)

    assert outcome.exit_code == 0, outcome.errors
    facts = outcome.facts
    assert facts["broken"] == [], "\n".join(map(str, facts["broken"]))
    assert facts["silent"] == []
    assert facts["failures"] == [], facts["failures"]
    assert facts["alive"]
    assert facts["ran"]["with a document"] > 110
    assert facts["dialogs"] == []
    assert facts["on_disk"]


def test_every_command_is_described_and_reachable(folder: Path) -> None:
    outcome = run_script(f"root = {str(ROOT)!r}\n{HEAD}\n{DESCRIBED}", folder)

    assert outcome.exit_code == 0, outcome.errors
    facts = outcome.facts
    assert facts["menus"] == {"empty": [], "separators": [], "unnamed": [], "mnemonics": []}
    assert facts["menu_count"] >= 7
    for name in ("untitled", "unreachable", "icons", "not_in_palette", "actions", "asked_but_unknown", "undeclared"):
        assert facts[name] == [], name
    assert facts["asked"] > 20
    assert set(facts["maps"]) >= {"default", "rstudio", "spyder", "jupyter"}
    for name, told in facts["maps"].items():
        assert told.pop("count") > 50, name
        assert told == {"conflicts": [], "unknown": [], "no_key": [], "ambiguous": {}}, name
