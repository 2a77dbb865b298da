"""Silent errors in the real program: a mark after a join, its rows in the viewer, an audit, all of it switched off."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.kit import USER_PYTHON, run_script

pytestmark = pytest.mark.timeout(240)

FRAMES = {
    "python": (
        "import pandas as pd\\n"
        "a = pd.DataFrame({'id': [1, 2, 2, 3], 'x': ['Oslo', 'oslo', 'Rome', 'Rome']})\\n"
        "b = pd.DataFrame({'id': [1, 2, 2, 9], 'y': [1, 2, 3, 4]})"
    ),
    "r": (
        "a <- data.frame(id = c(1, 2, 2, 3), x = c('Oslo', 'oslo', 'Rome', 'Rome'))\\n"
        "b <- data.frame(id = c(1, 2, 2, 9), y = 1:4)"
    ),
}
JOIN = {"python": "m = a.merge(b, on='id')", "r": "m <- merge(a, b, by = 'id')"}
MEND = {"python": "a['x'].replace(", "r": "a$x[a$x %in% "}
ENVIRONMENTS = {"python": str(USER_PYTHON), "r": "ir"}

STORY = """
from ide.panes.variables.findings_popup import FindingsPopup
from ide.settings.declared import VARIABLES_WATCH_FRAMES

with open_workbench(profile_dir=profile, project_dir=project, is_trusted=True) as wb:
    wb.environments()
    session = wb.start_session({environment!r}, 60).session
    program = wb.program
    view, findings, tables = program.variables.view, program.variables.model.findings, program.tables
    wb.run("{frames}", language={language!r}).wait(60)
    wb.wait_until(lambda: program.variables.model.variable("b"), 40, "The frames")
    wb.run("{join}", language={language!r}).wait(60)
    wb.wait_until(lambda: program.variables.model.place_of("m") and findings.of("m"), 40, "The mark")
    view.select("m")
    wb.run_command("variables.show_findings")
    popup = next(one for one in view.findChildren(FindingsPopup) if one.isVisible())
    tell(high=popup.height() < program.theme.px(240))
    popup.buttons[0].click()
    wb.wait_until(lambda: tables.pane.page, 40, "The table")
    page = tables.pane.page
    wb.wait_until(lambda: page.model.pager.shown_spec.filter.filters(), 40, "The rows")
    tell(name=page.model.origin.name, rows=page.model.pager.row_count, says=page.state.text)
    view.select("a")
    wb.run_command("variables.audit")
    wb.wait_until(lambda: tables.pane.page is not page, 40, "The other table")
    page = tables.pane.page
    wb.wait_until(lambda: page.side is not None and page.side.cards, 40, "The audit")
    card = page.side.cards[0]
    tell(kind=card.finding.kind, text=page.side.text.text())
    card.buttons["Show rows"].click()
    wb.wait_until(lambda: page.model.pager.shown_spec.filter.filters(), 40, "The rows of the audit")
    tell(audited_rows=page.model.pager.row_count)
    card.buttons["Insert code to mend it"].click()
    tell(script=program.documents.all[-1].text)
    wb.run_command("variables.watch_frames")
    tell(is_on=program.settings.get(VARIABLES_WATCH_FRAMES), left=len(findings.of("m")))
    wb.run("{join}".replace("m", "k", 1), language={language!r}).wait(60)
    wb.wait_until(lambda: program.variables.model.variable("k"), 40, "The other join")
    wb.settle(10)
    tell(quiet=len(findings.of("k")), notices=texts(wb))
"""


@pytest.mark.parametrize("language", ["python", "r"])
def test_what_a_join_did_is_marked_shown_and_audited(language: str, tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    script = STORY.format(
        environment=ENVIRONMENTS[language], language=language, frames=FRAMES[language], join=JOIN[language]
    )
    outcome = run_script(script, tmp_path, 200)
    assert outcome.exit_code == 0, outcome.errors[-3000:]
    facts = outcome.facts
    assert facts["high"]
    assert (facts["name"], facts["rows"]) == ("m", 4)  # id 2: twice on both sides
    assert "repeats in both `a` and `b`" in facts["says"]
    assert facts["kind"] == "near_duplicates"
    assert facts["text"] == "1 finding in 4 rows and 2 columns."
    assert facts["audited_rows"] == 2
    assert MEND[language] in facts["script"]
    assert (facts["is_on"], facts["left"], facts["quiet"], facts["notices"]) == (False, 0, 0, [])
