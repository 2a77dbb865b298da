"""What is typed into the real editor comes back after a kill: text, carets, tabs, no question (PROMISES A1, A4)."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.stories.kit import run_script

TYPE_AND_DIE = """
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from ide.core.text import Place

def press(view, words):
    # QTest knows ASCII only; other letters come as an input method or a compose key would send them.
    for letter in words:
        if letter.isascii():
            QTest.keyClicks(view, letter)
        else:
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                key = QKeyEvent(kind, 0, Qt.KeyboardModifier.NoModifier, letter)
                QApplication.sendEvent(view, key)

def type_into(wb, document, words, place):
    wb.program.editor.show(document)
    view = wb.program.editor.desk.page.view
    wb.program.shell.window.activateWindow()
    wb.program.editor.focus()
    wb.wait_until(view.hasFocus, 10, "The keyboard in the editor")
    view.go_to(place)
    for word in words:
        if word == "\\n":
            QTest.keyClick(view, Qt.Key.Key_Return)
        elif word == "<":
            QTest.keyClick(view, Qt.Key.Key_Backspace)
        else:
            press(view, word)

with open_workbench(profile_dir=profile, project_dir=project, environment=python) as wb:
    documents = wb.program.documents
    script, other = wb.open(project / "a.py"), wb.open(project / "b.R")
    fresh = wb.run_command("file.new_python") or documents.active
    fresh = documents.all[-1]
    type_into(wb, script, ["x = [1, 2", "\\n", "def f(a", "\\n", "café", "€", "<", "\\n"], Place(1))
    type_into(wb, other, ["y <- ", "'quoted", "\\n", "if (TRUE) {", "\\n", "z"], Place(0))
    type_into(wb, fresh, ["never saved (", "a", "\\n", "\\n", "second"], Place(0))
    documents.move(fresh, 0)
    type_into(wb, script, ["<", "<"], Place(2, 3))
    wb.program.editor.desk.page.view.go_to(Place(1, 2))
    tell(texts=[[d.title, d.text] for d in documents.all], active=documents.active.title)
    typed_s = time.monotonic()
    wb.wait_until(lambda: time.monotonic() > typed_s + 1.0, 5)
    tell(carets=[[d.title, d.view.caret] for d in documents.all])
    for session in wb.program.kernels.sessions:
        if session.pid:
            os.kill(session.pid, 9)
    os.kill(os.getpid(), 9)
"""

LOOK = """
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
with open_workbench(profile_dir=profile, project_dir=project, environment=python) as wb:
    documents = wb.program.documents
    tell(texts=[[d.title, d.text] for d in documents.all], active=documents.active.title)
    wb.settle()
    tell(carets=[[d.title, d.view.caret] for d in documents.all], dirty=[d.is_dirty for d in documents.all])
    page = wb.program.editor.desk.page
    tell(shown=page.document.title, at=[page.view.place.line, page.view.place.column])
    tell(tabs=[tab.text for tab in wb.program.editor.tabs.tabs])
    others = [w for w in QApplication.topLevelWidgets() if w.isVisible() and w is not wb.program.shell.window]
    tell(dialogs=[type(w).__name__ for w in others], notices=texts(wb))
    script = next(d for d in documents.all if d.title == "a.py")
    wb.program.editor.show(script)
    wb.program.editor.focus()
    page = wb.program.editor.desk.page
    tell(state=script.disk_state, bar=page.bar.text if page.bar.isVisible() else "")
    before = script.text
    for _ in range(5):
        QTest.keyClick(page.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    tell(undone=script.text == before)
    refused = []
    script.save(lambda: None, lambda error: refused.append([error.text, [c.command for c in error.choices]]))
    wb.wait_until(lambda: refused or not script.is_dirty, 20, "The save")
    tell(refused=refused, on_disk=(project / "a.py").read_text())
    found = []
    script.compare(lambda conflict, diff: found.append([conflict.ours, conflict.theirs, diff]), lambda error: None)
    wb.wait_until(lambda: found, 20, "The difference")
    tell(both=found[0])
    wb.run_command("file.show_difference")
    wb.settle()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    project.mkdir()
    (project / "a.py").write_text("first = 1\nsecond = 2\n")
    (project / "b.R").write_text("old <- 1\n")
    return tmp_path


def test_typed_text_carets_and_tabs_come_back_after_a_kill(folder: Path) -> None:
    first = run_script(TYPE_AND_DIE, folder)
    assert first.exit_code == -signal.SIGKILL, first.errors
    assert [title for title, _text in first.facts["texts"]] == ["Untitled 1", "a.py", "b.R"]
    assert all(word in str(first.facts["texts"]) for word in ("never saved (", "café", "'quoted", "second"))

    second = run_script(LOOK, folder)

    assert second.exit_code == 0, second.errors
    facts = second.facts
    for name in ("texts", "carets", "active"):
        assert facts[name] == first.facts[name]
    assert (facts["shown"], facts["at"]) == ("a.py", [1, 2])
    assert facts["tabs"] == ["Untitled 1", "a.py", "b.R"]
    assert facts["dirty"] == [True, True, True]
    assert (facts["dialogs"], facts["notices"]) == ([], [])
    assert facts["state"] == "same"
    assert facts["undone"], "undo after a restore must not take the restored text away"
    assert facts["refused"] == []
    assert facts["on_disk"] == dict(first.facts["texts"])["a.py"]


def test_newer_file_on_disk_and_restored_text_are_both_kept(folder: Path) -> None:
    first = run_script(TYPE_AND_DIE, folder)
    assert first.exit_code == -signal.SIGKILL, first.errors
    typed = dict(first.facts["texts"])["a.py"]
    (folder / "project" / "a.py").write_text("newer = 'on disk'\n")
    (folder / "project" / "b.R").unlink()

    second = run_script(LOOK, folder)

    assert second.exit_code == 0, second.errors
    facts = second.facts
    assert facts["texts"] == first.facts["texts"]
    assert facts["state"] == "newer"
    assert facts["dialogs"] == []
    assert "changed on disk" in facts["bar"]
    assert facts["undone"]
    assert facts["on_disk"] == "newer = 'on disk'\n"
    assert len(facts["refused"]) == 1
    assert facts["both"][:2] == [typed, "newer = 'on disk'\n"]
    assert "+newer = 'on disk'" in facts["both"][2] or "-newer = 'on disk'" in facts["both"][2]
