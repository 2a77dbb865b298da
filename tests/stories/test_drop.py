"""A file dropped on the code opens; its path is not typed into the text."""

from __future__ import annotations

from pathlib import Path

from tests.stories.kit import run_script


def test_file_dropped_on_code_opens_in_a_tab(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "first.py").write_text("one = 1\n")
    (tmp_path / "second.py").write_text("two = 2\n")

    outcome = run_script(
        """
        from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
        from PySide6.QtGui import QDragEnterEvent, QDropEvent
        from PySide6.QtWidgets import QApplication
        with open_workbench(profile_dir=profile, project_dir=project, environment=python) as wb:
            first = wb.open(Path("first.py").absolute())
            wb.settle()
            data = QMimeData()
            data.setUrls([QUrl.fromLocalFile(str(Path("second.py").absolute()))])
            copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
            drop = QDropEvent(QPointF(20, 20), copy, data, left, none)
            viewport = wb.program.editor.desk.page.view.viewport()
            QApplication.sendEvent(viewport, QDragEnterEvent(QPoint(20, 20), copy, data, left, none))
            QApplication.sendEvent(viewport, drop)
            wb.wait_until(lambda: any(one.title == "second.py" for one in wb.program.documents.all), 20)
            tell(text=first.text)
        """,
        tmp_path,
    )

    assert outcome.exit_code == 0, outcome.errors
    assert outcome.facts == {"text": "one = 1\n"}
