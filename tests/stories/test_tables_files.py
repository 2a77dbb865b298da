"""Data files in the real program: opened by the usual ways, never as text unless that is asked for; written again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.kit import run_script

pytestmark = pytest.mark.timeout(200)


def test_data_files_open_in_the_viewer(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "a.csv").write_text("name,n\nzoe,1\nann,2\nann,\n", "utf-8")
    (project / "rows.json").write_text('[{"a": 1}, {"a": 2}]', "utf-8")
    (project / "settings.json").write_text('{"a": 1}', "utf-8")
    (project / "one.py").write_text("one = 1\n", "utf-8")
    script = """
from ide.panes.tables.export_dialog import ExportWish
with open_workbench(profile_dir=profile, project_dir=project, is_trusted=True, words=(str(project / "a.csv"),)) as wb:
    program = wb.program
    wb.wait_until(lambda: program.tables.pane.page, 60, "The file of the command line")
    page = program.tables.pane.page
    wb.wait_until(lambda: page.model.pager.cells(0, 0), 40, "The cells")
    tell(title=page.model.title, documents=len(program.documents.all), footer=page.footer.text)
    t = wb.table(project / "a.csv")
    tell(same=len(program.tables.pane.pages), names=t.sort([("name", "asc")]).page().to_pydict()["name"])
    tell(code=t.code("pandas"), can_edit=program.commands.is_enabled("table.edit_cell"))

    target = project / "out.csv"
    program.tables.pane.export_as(page, ExportWish(target, "csv", True, False, False))
    wb.wait_until(target.exists, 60, "The export")
    wb.wait_until(lambda: not page.model.task_text, 20)
    tell(written=target.read_text("utf-8").splitlines(), notices=texts(wb))

    wb.run_command("table.summaries")
    wb.wait_until(lambda: page.side.list.card.sample.label.text() == "All 3 rows", 40, "The summary")
    tell(values=[value.words for value in page.side.list.card.values])
    wb.run_command("table.missing")
    wb.wait_until(lambda: page.side.survey.is_whole and not page.side.survey.is_under_way, 40, "The missing values")
    tell(missing=page.side.summary.text())
    wb.run_command("table.missing")

    wb.run_command("file.open", path=str(project / "one.py"))
    wb.wait_until(lambda: program.editor.desk.document, 20, "The script")
    tell(script=program.editor.desk.document.title)
    program.tables._insert_code("two = 2")
    tell(inserted=program.editor.desk.document.text)
    wb.run_command("file.open", path=str(project / "rows.json"))
    wb.wait_until(lambda: program.tables.pane.page and program.tables.pane.page is not page, 60, "JSON rows")
    tell(json=program.tables.pane.page.model.title)
    wb.run_command("file.open", path=str(project / "settings.json"))
    wb.wait_until(lambda: program.editor.desk.document and program.editor.desk.document.title == "settings.json", 20)
    wb.run_command("file.open", path=str(project / "a.csv"))
    wb.wait_until(lambda: program.tables.pane.page is page, 20, "The tab that is there")
    wb.run_command("table.open_as_text")
    wb.wait_until(lambda: program.editor.desk.document and program.editor.desk.document.title == "a.csv", 20, "Text")
    tell(text=program.editor.desk.document.text.splitlines()[0])
    target.unlink()
    (project / "a.csv").unlink()
    wb.wait_until(lambda: page.model.pager.is_gone, 60, "The file gone")
    tell(gone=page.state.text)
"""
    outcome = run_script(script, tmp_path, 180)
    assert outcome.exit_code == 0, outcome.errors[-3000:]
    facts = outcome.facts
    assert facts["title"] == "a.csv  3 × 2"
    assert facts["documents"] == 0
    assert facts["footer"] == "3 rows × 2 columns  ·  a.csv in project"
    assert facts["same"] == 1
    assert facts["names"] == ["ann", "ann", "zoe"]
    assert "read_csv" in facts["code"]
    assert not facts["can_edit"]
    assert facts["written"] == ["name,n", '"ann",2', '"ann",', '"zoe",1']
    assert "3 rows were written" in facts["notices"][-1]
    assert facts["values"] == [["ann", "2  67\u2009%"], ["zoe", "1  33\u2009%"]]
    assert facts["missing"] == (
        "17\u2009% of the values are missing, in 1 of 2 columns. 2 rows (67\u2009%) have every value."
    )
    assert facts["script"] == "one.py"
    assert (
        facts["inserted"] == "one = 1\ntwo = 2\n"
        or facts["inserted"].endswith("two = 2\n")
        or "two = 2" in facts["inserted"]
    )
    assert facts["json"] == "rows.json  2 × 1"
    assert facts["text"] == "name,n"
    assert "not there any more" in facts["gone"]


def test_every_way_of_opening_a_data_file_shows_a_table(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    for name in ("scripted.csv", "dropped.csv", "clicked.csv"):
        (project / name).write_text("a,b\n1,2\n", "utf-8")
    (project / "settings.json").write_text('{"a": 1}', "utf-8")
    (project / "one.py").write_text("one = 1\n", "utf-8")
    script = """
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
with open_workbench(profile_dir=profile, project_dir=project, is_trusted=True) as wb:
    program = wb.program
    opened = [wb.open(project / name) for name in ("scripted.csv", "settings.json", "one.py")]
    tell(shape=opened[0].shape, titles=[one.title for one in opened[1:]])

    def shown():
        page = program.tables.pane.page
        return page.model.title if page else ""

    program.shell.dropped.emit([project / "dropped.csv"])
    wb.wait_until(lambda: shown().startswith("dropped"), 60, "The dropped file")
    view = program.files.view
    wb.wait_until(lambda: view.rows.index_of(project / "clicked.csv").isValid(), 20, "The file in the tree")
    view.select(project / "clicked.csv")
    place = view.visualRect(view.rows.index_of(project / "clicked.csv")).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    wb.wait_until(lambda: shown().startswith("clicked"), 60, "The file of the tree")
    tell(documents=sorted(one.title for one in program.documents.all), pages=len(program.tables.pane.pages))
    tell(temporary=len(list((profile / "cache" / "tables").glob("*/errors"))), notices=texts(wb))
tell(left=list(map(str, (profile / "cache" / "tables").iterdir())))
"""
    outcome = run_script(script, tmp_path, 120)
    assert outcome.exit_code == 0, outcome.errors[-3000:]
    assert outcome.facts == {
        "shape": [1, 2], "titles": ["settings.json", "one.py"], "documents": ["one.py", "settings.json"], "pages": 3,
        "temporary": 1, "notices": [], "left": [],
    }  # fmt: skip


def test_a_file_that_is_no_table_is_told_politely(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "bad.parquet").write_bytes(b"PAR1" + bytes(range(256)) + b"PAR1")
    script = """
with open_workbench(profile_dir=profile, project_dir=project, is_trusted=True) as wb:
    wb.run_command("file.open", path=str(project / "bad.parquet"))
    notice = wait_for_notice(wb, "bad.parquet", 60)
    tell(lines=notice.text.count(chr(10)) + 1, kind=notice.kind, pages=len(wb.program.tables.pane.pages))
    wb.run_command("table.open_file", path=str(project / "none.csv"))
    tell(gone=wait_for_notice(wb, "none.csv", 30).text)
"""
    outcome = run_script(script, tmp_path)
    assert outcome.exit_code == 0, outcome.errors[-3000:]
    assert outcome.facts["lines"] <= 3
    assert outcome.facts["kind"] == "error"
    assert outcome.facts["pages"] == 0
