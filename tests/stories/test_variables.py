"""Variables of real kernels are opened, removed, renamed, copied, edited and brought back, in both languages alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.kit import USER_PYTHON, run_script

SHOUT = {
    "python": "def shout(text):\\n    return text.upper()\\n",
    "r": "shout <- function(text) {\\n  toupper(text)\\n}",
}
FRAME = {
    "python": "import pandas; frame = pandas.DataFrame({'a': range(7)})",
    "r": "frame <- data.frame(a = 1:7)",
}
CODE = {
    "python": "nested = {'a': [1, 2, {'b': 'deep'}], 'n': 5}; many = list(range(250)); limit = 42; phrase = 'one'",
    "r": "nested <- list(a = list(1, 2, list(b = 'deep')), n = 5); many <- as.list(1:250); limit = 42; phrase = 'one'",
}
SHOW = {
    "python": "print(nested['a'][2]['b'], limit2, limit2_copy, 'phrase' in globals())",
    "r": "cat(nested$a[[3]]$b, limit2, limit2_copy, exists('phrase'))",
}
DRAWN = {"python": ["frame['a'].plot();", "frame['a'].plot.hist(bins=30);"], "r": ["plot(frame$a)", "hist(frame$a)"]}
PATH = {"python": "frame['a']", "r": "frame$a"}
LOUD = {"python": "'loud'", "r": '"loud"'}
ENVIRONMENTS = {"python": str(USER_PYTHON), "r": "ir"}

SCRIPT = """
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from ide.panes.variables.line_editor import LineEditor

def editor():
    found = [one for one in view.findChildren(LineEditor) if not one.is_over]
    return found[0] if found else None

def type_in(command, text):
    wb.run_command(command)
    wb.wait_until(editor, 20, "The line to type into")
    before = editor().text()
    editor().setText(text)
    QTest.keyClick(editor(), Qt.Key.Key_Return)
    wb.wait_until(lambda: editor() is None, 20, "The act")
    return before

def rows():
    return [pane._label(row.name) for group in model.groups for row in group.rows]

def row_of(label):
    return next(row.name for group in model.groups for row in group.rows if pane._label(row.name) == label)

def open_row(key, count):
    model.tree.open(key)
    wb.wait_until(lambda: len(rows()) >= count and not model.tree.is_asking, 20, "Parts")

with open_workbench(profile_dir=Path("profile"), project_dir=Path("project"), platform="offscreen") as wb:
    wb.environments()
    session = wb.start_session({environment!r}).session
    pane = wb.program.variables
    view, model = pane.view, pane.model
    wb.wait_until(lambda: session.has_agent and session.state == "idle", 40, "The agent")
    wb.run("{shout}", language={language!r}).wait(60)
    wb.run("{code}", language={language!r}).wait(60)
    wb.wait_until(lambda: model.variable("phrase") and session.state == "idle", 20, "Names")
    open_row("many", 106)
    model.tree.more("many")
    wb.wait_until(lambda: len(rows()) == 206, 20, "More parts")
    tell(last=rows()[200:])
    model.tree.close("many")
    open_row("nested", 7)
    inner = [row.name for row in model.groups[0].rows if model.part(row.name)][0]
    open_row(inner, 10)
    third = [row.name for row in model.groups[0].rows if model.part(row.name)][3]
    open_row(third, 11)
    deep = [row.name for row in model.groups[0].rows if model.part(row.name)][4]
    tell(deep=model.row(deep).preview)
    view.select(deep)
    tell(literal=type_in("variables.edit", {loud!r}), code=pane.bar.told.code)
    wb.wait_until(lambda: model.row(deep) and "loud" in model.row(deep).preview, 20, "The new value in place")
    view.select("limit")
    type_in("variables.rename", "limit2")
    wb.wait_until(lambda: model.place_of("limit2") and not model.place_of("limit"), 20, "The new name")
    view.select("limit2")
    wb.run_command("variables.duplicate")
    wb.wait_until(lambda: model.place_of("limit2_copy"), 20, "The copy")
    view.select("phrase")
    wb.run_command("variables.remove")
    wb.wait_until(lambda: not model.place_of("phrase"), 20, "The removal")
    tell(removed=[pane.bar.text.text(), pane.bar.told.code])
    run = wb.run("{show}", language={language!r}).wait(60)
    tell(status=run.status, shown=run.text.strip())
    wb.wait_until(lambda: session.state == "idle", 20, "Idle")
    pane.bar.undo.click()
    wb.wait_until(lambda: model.place_of("phrase"), 20, "The name is back")
    wb.wait_until(lambda: session.state == "idle", 20, "Idle")
    folder = Path("kept").absolute()
    pane.acts.save(["limit2", "nested"], str(folder))
    wb.wait_until(lambda: (folder / "manifest.json").exists() and "Saved" in pane.bar.text.text(), 20, "Saving")
    tell(saved=pane.bar.told.is_problem)
    view.select("limit2")
    wb.run_command("variables.remove")
    wb.wait_until(lambda: not model.place_of("limit2"), 20, "The removal")
    wb.wait_until(lambda: session.state == "idle", 20, "Idle")
    pane.acts.load(str(folder / "manifest.json"))
    wb.wait_until(lambda: model.place_of("limit2"), 20, "Loading")
    wb.wait_until(lambda: session.state == "idle", 20, "Idle")
    wb.run({frame!r}, language={language!r}).wait(60)
    wb.wait_until(lambda: model.place_of("frame") and session.state == "idle", 20, "The frame")
    view.select("frame")
    wb.wait_until(lambda: pane.preview.pager is not None, 20, "The preview")
    tell(preview=[pane.preview.isVisible(), pane.preview.pager.row_count])
    fresh = session.names.fresh
    view.select("limit2")
    wb.run_command("variables.duplicate")
    wb.wait_until(lambda: session.names.fresh > fresh, 20, "The mark of the copy")
    tell(fresh=sorted(fresh), marked=sorted(session.names.fresh))
    model.tree.open("frame")
    wb.wait_until(lambda: not model.tree.is_asking, 20, "The columns")
    view.select(model.tree.rows_below("frame")[0].name)
    for command in ("variables.plot", "variables.histogram"):
        wb.wait_until(lambda: wb.program.commands.is_enabled(command), 20, command)
        count = len(wb.plots)
        wb.run_command(command)
        wb.wait_until(lambda: len(wb.plots) > count and session.state == "idle", 60, "The picture")
    tell(drawn=[plot.code for plot in wb.plots])
    tell(typed=wb.program.console.page.view._control.toPlainText())
    wb.run_command("variables.copy_path")
    tell(path=QGuiApplication.clipboard().text())
    view.select("shout")
    wb.wait_until(lambda: not wb.program.commands.is_enabled("variables.plot"), 20, "A function, which is not drawn")
    wb.run_command("variables.show_object")
    key = "\x1f".join(("object", session.id, "shout"))
    wb.wait_until(lambda: wb.program.editor.guest(key), 20, "The page of the function")
    page = wb.program.editor.guest(key)
    tell(source=page.source.toPlainText(), tab=page.tab.text)
    wb.wait_until(lambda: model.size_of(model.variable("limit2")), 20, "Sizes") if not view.isColumnHidden(3) else None
"""


@pytest.mark.parametrize("language", ["python", "r"])
def test_variables_are_changed_from_the_list(language: str, tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    script = SCRIPT.format(
        environment=ENVIRONMENTS[language],
        code=CODE[language],
        show=SHOW[language],
        shout=SHOUT[language],
        frame=FRAME[language],
        loud=LOUD[language],
        language=language,
    )
    outcome = run_script(script, tmp_path)
    assert outcome.exit_code == 0, outcome.errors[-3000:]
    facts = outcome.facts
    assert facts["last"][0].startswith("[")
    assert "Show 50 more (of 250)" in facts["last"]
    assert "deep" in facts["deep"]
    assert "deep" in facts["literal"]
    assert "loud" in facts["code"]
    assert facts["removed"] == ["Removed phrase.", "del phrase" if language == "python" else "rm(phrase)"]
    assert facts["status"] == "ok"
    assert facts["shown"] == ("loud 42 42 False" if language == "python" else "loud 42 42 FALSE")
    assert facts["saved"] is False
    assert facts["fresh"] == (["frame", "pandas"] if language == "python" else ["frame"])
    assert facts["marked"] == sorted([*facts["fresh"], "limit2_copy2"])
    assert facts["drawn"] == DRAWN[language]
    assert all(code in facts["typed"] for code in DRAWN[language])
    assert facts["path"] == PATH[language]
    assert "upper(" in facts["source"]
    assert facts["tab"] == "shout"
    assert facts["preview"] == [True, 7]
