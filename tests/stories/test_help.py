"""Help in the real program: F1 in editor and console, `?topic`, links, examples that run, search; in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.kit import USER_PYTHON, run_script

ENVIRONMENTS = {"python": str(USER_PYTHON), "r": "ir"}
SUFFIX = {"python": "py", "r": "R"}
TEXT = {"python": "import textwrap\nx = textwrap.dedent('a')\n", "r": "x <- dplyr::filter(cars)\n"}
FIRST = {"python": "import textwrap", "r": "x <- 1"}
COLUMN = {"python": 18, "r": 17}  # in `dedent`, in `filter`
LINE = {"python": 1, "r": 0}
TOPIC = {"python": "textwrap.dedent", "r": "filter"}
ASK = {"python": "textwrap.wrap?", "r": "?lm"}
ASKED = {"python": "textwrap.wrap", "r": "lm"}
TYPED = {"python": "textwrap.shorten", "r": "stats::median"}
TYPED_TOPIC = {"python": "textwrap.shorten", "r": "median"}
OTHER = {"python": "textwrap", "r": "glm"}  # a page that the one before links to
UNKNOWN = {"python": "zipapp.create_archive", "r": "tools::Rd2HTML"}  # what nobody has imported
SEARCH = {"python": "create archive", "r": "linear models"}
FOUND = {"python": "zipapp.create_archive", "r": "Fitting Linear Models"}

SCRIPT = """
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from ide.core.text import Place
from ide.panes.help.markup import Target, page_link

def shown(topic):
    page = pane.model.page
    return page is not None and page.topic == topic and pane._rendering is None

def viewers():
    return [one.title() for one in QGuiApplication.topLevelWindows() if "Help" in one.title()]

def wait_for(topic):
    wb.wait_until(lambda: shown(topic), 40, f"Help on {{topic}} besides {{pane.model.page and pane.model.page.topic}}")

with open_workbench(profile_dir=Path("profile"), project_dir=Path("project"), platform="offscreen") as wb:
    wb.environments()
    session = wb.start_session({environment!r}).session
    pane, window = wb.program.help.pane, wb.program.shell.window
    wb.wait_until(lambda: session.has_agent and session.state == "idle", 40, "The agent")
    wb.run({first!r}, language={language!r}).wait(60)
    wb.wait_until(lambda: session.state == "idle", 20, "Idle")

    document = wb.open(Path("project/text.{suffix}"))
    wb.program.editor.show(document, Place({line}, {column}))
    view = wb.program.editor.desk.page.view
    window.activateWindow()
    wb.program.editor.focus()
    wb.wait_until(view.hasFocus, 20, "The keyboard in the editor")
    QTest.keyClick(view, Qt.Key.Key_F1)
    wait_for({topic!r})
    tell(editor=pane.model.page.topic, visible=pane.view.isVisible(), keyboard=view.hasFocus())

    run = wb.run({ask!r}, language={language!r}).wait(60)
    wait_for({asked!r})
    tell(asked=run.text.strip(), viewers=viewers())
    wb.wait_until(lambda: session.state == "idle", 20, "Idle")

    pane.follow_link(page_link(Target({language!r}, {other!r})))
    wait_for({other!r})
    wb.run_command("help.back")
    wait_for({asked!r})

    console = wb.program.console.page.view
    wb.program.console.focus()
    console.insert_code({typed!r})
    wb.run_command("help.show")
    wait_for({typed_topic!r})
    console.replace_input("")

    wb.run_command("help.show", topic={unknown!r}, language={language!r})
    wait_for({unknown!r}.rpartition("::")[2])
    tell(unknown=pane.view.toPlainText())

    wb.run_command("help.search", text={search!r})
    wb.wait_until(lambda: {found!r} in pane.view.toPlainText() and pane.model.state == "here", 60, "Matches")
    count = len(session.runs)
    wb.run_command("help.show", topic={example!r}, language={language!r})
    wait_for({example!r})
    pane.follow_link("run:0")
    wb.wait_until(lambda: len(session.runs) > count and session.runs[-1].status.is_final, 60, "The example")
    tell(ran=session.runs[-1].code, status=str(session.runs[-1].status))
    code = session.runs[-1].code.split("\\n")[0]
    wb.wait_until(lambda: code in console.control.toPlainText(), 20, "The code in the console")
    wb.run_command("help.cheat_sheet")
    wb.wait_until(lambda: "F1" in pane.view.toPlainText(), 20, "The cheat sheet")
    tell(notices=texts(wb))
"""
EXAMPLE = {"python": "doctest_me", "r": "median"}


@pytest.mark.parametrize("language", ["python", "r"])
def test_help_follows_names_links_examples_and_search(language: str, tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / f"text.{SUFFIX[language]}").write_text(TEXT[language], encoding="utf-8")
    first = FIRST[language]
    if language == "python":
        first += "\ndef doctest_me():\n    '''Sum.\n\n    Examples\n    --------\n    >>> total = 20 + 22\n    '''\n"
    script = SCRIPT.format(
        environment=ENVIRONMENTS[language],
        suffix=SUFFIX[language],
        first=first,
        line=LINE[language],
        column=COLUMN[language],
        topic=TOPIC[language],
        ask=ASK[language],
        asked=ASKED[language],
        other=OTHER[language],
        typed=TYPED[language],
        typed_topic=TYPED_TOPIC[language],
        unknown=UNKNOWN[language],
        search=SEARCH[language],
        found=FOUND[language],
        example=EXAMPLE[language],
        language=language,
    )
    outcome = run_script(script, tmp_path)
    assert outcome.exit_code == 0, outcome.errors[-3000:]
    facts = outcome.facts
    assert (facts["visible"], facts["keyboard"]) == (True, True)
    assert (facts["asked"], facts["viewers"]) == ("", [])
    assert "There is no documentation" not in facts["unknown"]
    assert facts["status"].lower().endswith(("ok", "done"))
    assert "total = 20 + 22" in facts["ran"] if language == "python" else "median(" in facts["ran"]
