"""A table by keys alone, in the real window: find, copy, code, filter, close."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.kit import run_script

pytestmark = pytest.mark.timeout(180)

SCRIPT = """
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier

def focus():
    return type(QApplication.focusWidget()).__name__

with open_workbench(profile_dir=profile, project_dir=project, is_trusted=True) as wb:
    program = wb.program
    program.shell.window.activateWindow()
    wb.table(project / "a.csv")
    page = program.tables.pane.page
    wb.wait_until(lambda: page.model.pager.cells(0, 0), 40, "The cells")
    wb.wait_until(lambda: focus() == "Grid", 20, "The keyboard in the grid")
    tell(scope=program.shell.window.scope_of(page.grid))
    QTest.keyClick(page.grid, Qt.Key.Key_F, CTRL)
    tell(find=focus())
    QTest.keyClick(page.find_bar.box, Qt.Key.Key_Escape)
    tell(found=page.find_bar.isVisible(), after=focus())
    QTest.keyClick(page.grid, Qt.Key.Key_C, CTRL)
    wb.wait_until(lambda: QApplication.clipboard().text() == "0", 20, "The copy")
    QTest.keyClick(page.grid, Qt.Key.Key_End, CTRL)
    tell(current=page.grid.current)
    QTest.keyClick(page.grid, Qt.Key.Key_I, CTRL | SHIFT)
    tell(code="read_csv" in page.sheet.code)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    tell(sheet=page.sheet is None)
    QTest.keyClick(page.grid, Qt.Key.Key_L, CTRL | SHIFT)
    popup = QApplication.activePopupWidget()
    QTest.keyClicks(popup.low, ">= 596")
    QTest.keyClick(popup.low, Qt.Key.Key_Return)
    wb.wait_until(lambda: page.model.pager.row_count == 2, 20, "The filter")
    wb.run_command("view.console")
    program.shell.window.activateWindow()  # a popup takes that away where there is no window system
    wb.run_command("view.editor")
    wb.wait_until(lambda: focus() == "Grid", 20, "The keyboard back in the grid")
    QTest.keyClick(page.grid, Qt.Key.Key_W, CTRL)
    tell(pages=len(program.tables.pane.pages), notices=texts(wb))
"""


def test_keys_of_a_table(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    rows = "\n".join(f"{number},{number * 2}" for number in range(300))
    (tmp_path / "project" / "a.csv").write_text(f"x,y\n{rows}\n", "utf-8")
    outcome = run_script(SCRIPT, tmp_path, 160)
    assert outcome.exit_code == 0, outcome.errors[-3000:]
    assert outcome.facts == {
        "scope": "table", "find": "QLineEdit", "found": False, "after": "Grid", "current": [299, 1], "code": True,
        "sheet": True, "pages": 0, "notices": [],
    }  # fmt: skip
