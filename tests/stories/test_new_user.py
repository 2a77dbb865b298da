"""A new user's first hour by clicks and keys alone: an environment made, filled, broken and mended; R, and back.

One program from beginning to end, on a machine with only the system's Python and R. What lies on the screen at each
step is kept in `out/new-user`. Packages of Python come from where the machine's settings say, as a rule uv's cache.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.fakes.r_repository import make_r_package
from tests.kernel.test_environments import base_python
from tests.stories.kit import ROOT, run_script

pytestmark = pytest.mark.timeout(240)

PICTURES = ROOT / "out" / "new-user"

HEAD = """
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication

pictures = Path({pictures!r})
ENTER = Qt.Key.Key_Return
begun_s = time.monotonic()

def picture(wb, name):
    # The window with what lies over it, where it lies.
    window = wb.program.shell.window
    whole = window.grab()
    painter = QPainter(whole)
    for over in QApplication.topLevelWidgets():
        if over is not window and over.isVisible() and over.width() > 40:
            place = over.pos() - window.pos()
            if over.isModal() or over.windowType() == Qt.WindowType.Dialog:
                place = QPoint((window.width() - over.width()) // 2, (window.height() - over.height()) // 2)
            painter.drawPixmap(place, over.grab())
    painter.end()
    number = len(list(pictures.glob("*.png"))) + 1
    whole.save(str(pictures / f"{{number:02}}-{{name}}.png"))
    with open(pictures / "times.txt", "a") as times:
        print(f"{{time.monotonic() - begun_s:5.1f}} s {{name}}", file=times)

def click(button):
    assert button.isVisible() and button.isEnabled(), button.text()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)

def button_of(widget, title):
    found = [one for one in widget.findChildren(QAbstractButton) if one.isVisible() and one.text() == title]
    assert found, (title, [one.text() for one in widget.findChildren(QAbstractButton) if one.isVisible()])
    return found[0]

def choose_item(combo, words):
    combo.setFocus()
    QTest.keyClicks(combo, words)
    assert combo.currentText().startswith(words), combo.currentText()

def open_picker(wb):
    click(wb.program.shell.window.status_bar.item("environment"))
    picker = wb.program.dialogs.picker
    wb.wait_until(lambda: picker.isVisible() and not wb.program.environments.is_refreshing, 30, "The picker")
    return picker

def row_of(picker, name):
    return next(at for at, one in enumerate(picker.model.entries) if one.environment and one.environment.name == name)

def pick(picker, name):
    index = picker.model.index(row_of(picker, name))
    picker.list.scrollTo(index)
    QTest.mouseClick(picker.list.viewport(), Qt.MouseButton.LeftButton, pos=picker.list.visualRect(index).center())

def point_at(picker, name):
    # Typed, as the row that is left is the current one then; a click would take it.
    picker.box.clear()
    QTest.keyClicks(picker.box, name)

def console_of(wb, name):
    here = lambda: wb.session and wb.session.session.launch.environment.name == name and wb.session.state == "idle"
    wb.wait_until(here, 60, f"A console in {{name}}, not {{wb.session and wb.session.name}}, besides {{texts(wb)}}")
    session = wb.program.active.session
    page = wb.program.console.page_of(session)
    wb.wait_until(lambda: page.view is not None and page.view.has_prompt, 60, "The prompt")
    return page

def install(wb, names):
    desk = wb.program.packages
    desk_pane = desk.pane
    box = desk_pane.view.box
    wb.wait_until(lambda: box.isVisible() and box.isEnabled() and desk_pane.model.installed is not None, 30, "The box")
    box.setFocus()
    QTest.keyClicks(box, names)
    picture(wb, "typed")
    QTest.keyClick(box, ENTER)
    wb.wait_until(lambda: desk_pane.model.plan is not None and not desk_pane.model.is_busy, 60, "What would change")
    wb.settle()
    picture(wb, "plan")
    told = desk_pane.view.sheet.text
    click(desk_pane.view.sheet.accept)
    wanted = [name.strip() for name in names.split(",")]
    names_there = lambda: [one.name for one in desk_pane.model.installed.packages] if desk_pane.model.installed else []
    done = lambda: not desk_pane.model.is_busy and set(wanted) <= set(names_there())
    wb.wait_until(done, 90, f"The packages, besides {{desk_pane.model.problem}}")
    wb.settle()
    picture(wb, "installed")
    return told

def run_sample(wb, page):
    before = len(page.view.text)
    plots = len(wb.plots)
    view = wb.program.editor.desk.page.view
    wb.program.shell.window.activateWindow()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(200, 10))
    wb.wait_until(view.hasFocus, 10, "The keyboard in the editor")
    QTest.keyClick(view, Qt.Key.Key_F5)
    ended = lambda: [word for word in ("g of penguin.", "Error") if word in page.view.text[before:]]
    wb.wait_until(ended, 60, "The end of the sample")
    wb.wait_until(lambda: page.view.has_prompt and len(wb.plots) == plots + 2, 30, "Both plots")
    wb.settle()
    return [line for line in page.view.text[before:].splitlines() if line.startswith("One millimetre")]
"""

STORY = """
with open_workbench(profile_dir=profile) as wb:
    wb.program.shell.window.resize(1600, 1000)
    wb.wait_until(lambda: wb.program.is_at_rest and not wb.program.environments.is_refreshing, 60, "Rest")
    wb.wait_until(lambda: wb.session and wb.session.state == "idle", 60, "The system's Python")
    wb.settle(30)
    picture(wb, "first-start")
    tell(first=wb.session.name, card=wb.program.first_run.card is not None)
    click(button_of(wb.program.shell.window, "Open the sample project"))
    opened = lambda: wb.program.documents.active and wb.program.documents.active.title == "analysis.py"
    wb.wait_until(opened, 20, "The sample")
    wb.settle(30)
    picture(wb, "sample-opened")
    tell(bar=wb.program.editor.desk.page.bar.text)

    # Made by the dialog.
    picker = open_picker(wb)
    wb.settle()
    picture(wb, "picker")
    click(picker.further["environment.create"])
    dialog = wb.program.making.dialog
    choose_item(dialog.template, "Empty")
    dialog.name.setFocus()
    dialog.name.selectAll()
    QTest.keyClicks(dialog.name, "class-env")
    wb.settle()
    picture(wb, "create")
    click(dialog.confirm)
    picture(wb, "creating")
    page = console_of(wb, "class-env")
    wb.settle(30)
    picture(wb, "created")
    tell(dialog_gone=wb.program.making.dialog is None)

    # Filled by the pane.
    click(open_picker(wb).further["view.packages"])
    tell(plan=install(wb, "pandas, matplotlib"))
    tell(first_run=run_sample(wb, page))
    picture(wb, "sample-ran")

    # Broken behind the program's back, told in the picker, repaired by its button.
    home = profile / "environments" / "class-env"
    for link in [one for one in (home / "bin").iterdir() if one.name.startswith("python")]:
        link.unlink()
    (home / "bin" / "python").symlink_to("gone/python3")
    picker = open_picker(wb)
    click(picker.refresh)
    wb.wait_until(lambda: not wb.program.environments.is_refreshing, 30, "The look round")
    point_at(picker, "class-env")
    wb.settle()
    picture(wb, "broken")
    tell(broken=picker.told.text(), button=picker.mend.text())
    click(picker.mend)
    wait_for_notice(wb, "in “class-env”")
    wb.settle()
    picture(wb, "repair-asked")
    bars = wb.program.shell.window.notice_area.bars
    click(next(button for bar in bars for button in bar.buttons if button.text() == "End and repair"))
    picture(wb, "repairing")
    old = next(one for one in wb.program.kernels.sessions if one.name == "class-env")
    gone = lambda: old not in wb.program.kernels.sessions
    wb.wait_until(gone, 30, "The end of the old console")
    wait_for_notice(wb, "is repaired", 60)
    page = console_of(wb, "class-env")
    wb.settle(30)
    picture(wb, "repaired")
    tell(second_run=run_sample(wb, page))
    picture(wb, "sample-ran-again")

    # R.
    picker = open_picker(wb)
    name = next(one.name for one in wb.program.environments.all if one.language == "r")
    point_at(picker, name)
    wb.settle()
    picture(wb, "picker-r")
    pick(picker, name)
    r_page = console_of(wb, name)
    wb.settle(30)
    picture(wb, "r-console")
    tell(picker_gone=not picker.isVisible(), r=name)
    click(open_picker(wb).further["view.packages"])
    tell(r_plan=install(wb, "tidytest"))
    r_page.view.control.setFocus()
    QTest.keyClicks(r_page.view.control, "tidytest::tidytest_version()")
    QTest.keyClick(r_page.view.control, ENTER)
    wb.wait_until(lambda: '[1] "1.2-3"' in r_page.view.text or "Error" in r_page.view.text, 30, "What R says")
    wb.settle()
    picture(wb, "r-used")
    tell(used='[1] "1.2-3"' in r_page.view.text)

    # And back.
    picker = open_picker(wb)
    pick(picker, "class-env")
    wb.settle()
    picture(wb, "back-asked")
    tell(back=picker.question.words.text())
    click(picker.question.go)
    page = console_of(wb, "class-env")
    tell(third_run=run_sample(wb, page), consoles=[one.name for one in wb.program.kernels.sessions])
    picture(wb, "end")
    tell(notices=texts(wb))
"""


@pytest.fixture
def search_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """PATH of a machine with the system's Python and R, and without what else is set up for the person here."""
    system = Path("/usr/bin/python3")
    python = system if system.exists() else base_python()
    r = shutil.which("R")
    for name in ("PYENV_ROOT", "CONDA_PREFIX", "CONDA_EXE", "R_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert r is not None
    # Else the library of the whole machine is taken where the tests may write into it.
    (tmp_path / "library").mkdir()
    monkeypatch.setenv("R_LIBS", str(tmp_path / "library"))
    return os.pathsep.join(dict.fromkeys([str(python.parent), str(Path(r).parent), "/usr/bin", "/bin"]))


def test_from_nothing_to_a_repaired_environment_and_r_and_back(tmp_path: Path, search_path: str) -> None:
    repository = tmp_path / "repository"
    make_r_package(repository, "tidytest", "1.2-3")
    (tmp_path / "profile").mkdir()
    (tmp_path / "profile" / "settings.toml").write_text(
        f'[network]\nr_repository = "{repository.as_uri()}"\n[appearance]\ntheme = "light"\n', "utf-8"
    )
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir(parents=True)
    outcome = run_script(HEAD.format(pictures=str(PICTURES)) + STORY, tmp_path, 300, PATH=search_path)
    assert outcome.exit_code == 0, outcome.errors
    facts = outcome.facts
    assert facts["card"] is False, "there is a Python of the machine's"
    assert (facts["dialog_gone"], facts["picker_gone"]) == (True, True)
    assert "will change in “class-env”" in facts["plan"]
    assert "gone" in facts["broken"]
    assert facts["button"] == "Repair"
    assert facts["r_plan"].startswith("1 package will change in “R")
    assert facts["used"] is True
    assert facts["back"].startswith("A console runs in “class-env” already.")
    said = ["One millimetre of flipper goes with 49.7 g of penguin."]
    assert (facts["first_run"], facts["second_run"], facts["third_run"]) == (said, said, said)
    assert facts["consoles"] == ["Fourpane’s own Python", "class-env", facts["r"]]
    assert facts["notices"] == ["“class-env” is repaired."]
