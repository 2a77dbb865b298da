"""Tables in the real program: frames of real Python and R, opened, sorted, filtered, edited, followed, scripted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.kit import USER_PYTHON, run_script

pytestmark = pytest.mark.timeout(240)

CODE = {
    "python": (
        "import pandas as pd\\n"
        "df = pd.DataFrame({'n': range(5000), 'half': [x / 2 for x in range(5000)],"
        " 'word': ['w%d' % (x % 7) for x in range(5000)]})"
    ),
    "r": "df <- data.frame(n = 0:4999, half = 0:4999 / 2, word = paste0('w', 0:4999 %% 7), stringsAsFactors = FALSE)",
}
CHANGE = {"python": "df['n'] = df['n'] + 1", "r": "df$n <- df$n + 1L"}
DIALECT = {"python": "pandas", "r": "base_r"}
TOTAL = {"python": "print(int(df['n'].iloc[0]))", "r": "cat(df$n[1])"}
ENVIRONMENTS = {"python": str(USER_PYTHON), "r": "ir"}

STORY = """
with open_workbench(profile_dir=profile, project_dir=project, is_trusted=True) as wb:
    wb.environments()
    session = wb.start_session({environment!r}, 60).session
    wb.run("{code}", language={language!r}).wait(60)
    program = wb.program
    wb.wait_until(lambda: program.variables.model.variable("df"), 40, "The name")
    program.variables.view.select("df")
    program.variables.view.opened.emit("df")
    tables = program.tables
    wb.wait_until(lambda: tables.pane.page, 40, "The table")
    page = tables.pane.page
    pager, grid = page.model.pager, page.grid

    def value(row, column=0):
        wb.wait_until(lambda: pager.cells(row, column), 40, f"Cell {{row}}, {{column}}")
        cells, at = pager.cells(row, column)
        return cells.value(at)

    tell(first=value(0), title=page.model.title, tab=program.editor.tabs.current == page.key, footer=page.footer.text)
    wb.run_command("table.sort_descending", column=0)
    wb.wait_until(lambda: pager.shown_spec.sort, 40, "The sort")
    tell(top=value(0), chips=[chip.text for chip in page.model.chips])
    page.model.set_filter(2, parse("=w3", pager.column(2)))
    wb.wait_until(lambda: pager.shown_spec.filter.filters(), 40, "The filter")
    tell(rows=pager.row_count, footer_filtered=page.footer.text)
    wb.run_command("table.go_to", row=pager.row_count - 1)
    wb.wait_until(lambda: pager.cells(pager.row_count - 1, 0), 40, "The last row")
    tell(last=value(pager.row_count - 1), current=list(grid.current))
    tell(code=tables.write_code(page.model, {dialect!r}))
    wb.run_command("table.clear_view")
    wb.wait_until(lambda: pager.shown_spec.is_plain, 40, "The table as it is")
    wb.run_command("table.go_to", row=0, column=0)
    value(0)
    wb.run_command("table.summaries")
    card = page.side.list.card
    wb.wait_until(lambda: card.histogram and card.sample.label.text().startswith("All 5"), 40, "The summary")
    tell(summary=card.texts)
    card.histogram.picked.emit(0)
    wb.wait_until(lambda: pager.row_count == 250, 40, "The rows of the bar")
    wb.wait_until(lambda: card.sample.label.text() == "All 250 rows", 40, "Their summary")
    wb.run_command("table.missing")
    survey = page.side.survey
    wb.wait_until(lambda: survey.is_whole and not survey.is_under_way, 40, "The missing values")
    tell(missing=page.side.summary.text())
    wb.run_command("table.missing")
    wb.run_command("table.clear_view")
    wb.wait_until(lambda: pager.shown_spec.is_plain, 40, "The table as it is")
    wb.run_command("table.edit_cell", text="77")
    wb.wait_until(lambda: page.model.edits, 40, "The edit")
    wb.wait_until(lambda: value(0) == 77, 40, "The edited cell")
    tell(edit_code=page.footer.code, in_kernel=wb.run("{total}", language={language!r}).wait(40).text)
    wb.run_command("table.undo")
    wb.wait_until(lambda: value(0) == 0, 40, "The cell as it was")
    tell(undone=wb.run("{total}", language={language!r}).wait(40).text)
    wb.run("{change}", language={language!r}).wait(40)
    wb.wait_until(lambda: value(0) == 1, 40, "The change")
    tell(followed=value(0), moment="In [" in page.footer.text)
    wb.run_command("table.find")
    page.find_bar.box.setText("w6")
    wb.wait_until(lambda: grid.current == (6, 2), 40, "The match")
    tell(found=page.find_bar.count.text())
    session.restart()
    wb.wait_until(lambda: pager.is_gone, 40, "The restart")
    tell(gone=page.state.text, notices=texts(wb))
    wb.run_command("file.close")
    tell(pages=len(tables.pane.pages))
"""


@pytest.mark.parametrize("language", ["python", "r"])
def test_frame_is_opened_sorted_filtered_edited_and_followed(language: str, tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    script = "from ide.tables.filters import parse\n" + STORY.format(
        environment=ENVIRONMENTS[language], code=CODE[language], language=language, dialect=DIALECT[language],
        change=CHANGE[language], total=TOTAL[language],
    )  # fmt: skip
    outcome = run_script(script, tmp_path, 220)
    assert outcome.exit_code == 0, outcome.errors[-3000:]
    facts = outcome.facts
    assert facts["first"] == 0
    assert facts["title"].endswith("5\u2009000 × 3")
    assert facts["tab"]
    assert facts["top"] == 4999
    assert facts["chips"] == ["↓ n"]
    assert facts["rows"] == 714
    assert facts["footer_filtered"].startswith("714 of 5\u2009000 rows × 3 columns")
    assert facts["last"] == 3
    assert facts["current"] == [713, 0]
    assert "w3" in facts["code"]
    assert {"Mean", "2499.5", "Median", "Distinct", "5\u2009000", "All 5\u2009000 rows"} <= set(facts["summary"])
    assert facts["missing"] == "No missing values in 250 rows and 3 columns"
    assert facts["in_kernel"].split()[-1] == "77"
    assert "77" in facts["edit_code"]
    assert facts["undone"].split()[-1] == "0"
    assert facts["followed"] == 1
    assert facts["moment"]
    assert "not there any more" in facts["gone"]
    assert facts["pages"] == 0
    assert facts["notices"] == []


def test_view_of_r_opens_the_table(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    script = """
with open_workbench(profile_dir=profile, project_dir=project, is_trusted=True) as wb:
    wb.environments()
    session = wb.start_session("ir", 60).session
    wb.wait_until(lambda: session.has_agent, 60, "The agent")
    run = wb.run("cars2 <- cars; View(cars2)", language="r").wait(60)
    wb.wait_until(lambda: wb.program.tables.pane.page, 40, "The table")
    tell(status=run.status, title=wb.program.tables.pane.page.model.title)
"""
    outcome = run_script(script, tmp_path)
    assert outcome.exit_code == 0, outcome.errors[-3000:]
    assert outcome.facts == {"status": "ok", "title": "cars2  50 × 2"}


def test_scripts_read_sort_and_filter_a_table(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    script = """
with open_workbench(profile_dir=profile, project_dir=project, environment=python, is_trusted=True) as wb:
    wb.session.wait_ready(60)
    wb.run("import pandas as pd", language="python").wait(60)
    columns = "{'price': [3.5, None, 1.0], 'day': pd.to_datetime(['2024-01-01'] * 3)}"
    wb.run(f"df = pd.DataFrame({columns})", language="python").wait(60)
    t = wb.table("df")
    tell(shape=t.shape, columns=t.columns, loaded="pyarrow" in sys.modules)
    tell(all=t.page().to_pydict()["price"], type=str(t.page().schema.field("day").type).split("[")[0])
    tell(sorted=t.sort([("price", "asc")]).page(columns=slice(0, 1)).to_pydict()["price"])
    tell(filtered=t.filter([("price", ">= 2")]).shape, code=t.code("pandas"))
    tell(missing=t.filter([]).profile("price").missing_share)
    try:
        wb.table("nothing")
    except Exception as error:
        tell(error=[type(error).__name__, str(error)])
    t.close()
    tell(pages=len(wb.program.tables.pane.pages))
"""
    outcome = run_script(script, tmp_path)
    assert outcome.exit_code == 0, outcome.errors[-3000:]
    facts = outcome.facts
    assert facts["shape"] == [3, 2]
    assert facts["columns"] == ["price", "day"]
    assert not facts["loaded"]
    assert facts["all"] == [3.5, None, 1.0]
    assert facts["type"] == "timestamp"
    assert facts["sorted"] == [1.0, 3.5, None]
    assert facts["filtered"] == [1, 2]
    assert "sort_values" in facts["code"]
    assert facts["missing"] == pytest.approx(1 / 3)
    assert facts["error"][0] == "TableError"
    assert facts["pages"] == 0
