"""Help in the real program: F1 in editor and console, `?topic`, links, examples that run, search; in both languages."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.stories.kit import USER_PYTHON, run_script

ENVIRONMENTS = {"python": str(USER_PYTHON), "r": "ir"}
SUFFIX = {"python": "py", "r": "R"}
TEXT = {"python": "import textwrap\nx = textwrap.dedent('a')\n", "r": "x <- dplyr::filter(cars)\n"}
WORDS = {"python": "Remove any common leading whitespace", "r": "Subset rows"}  # of the card over that name
SHORT = {"python": "svd", "r": "nls"}  # three letters are enough
SHORT_FIRST = {"python": "numpy.linalg.svd", "r": "nls"}
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
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
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

    wb.run_command("edit.show_help")
    card = wb.program.editor.desk.page.assist.card
    wb.wait_until(lambda: card.is_shown, 20, "The card")
    tell(card=card.words.plain, still=view.hasFocus())
    QTest.keyClick(view, Qt.Key.Key_Escape)
    tell(gone=not card.is_shown)
    view.set_place(Place({line}, 0))
    cursor = view.textCursor()
    cursor.setPosition(view.code.position(Place({line}, {column})))
    at = view.cursorRect(cursor).center()
    QApplication.sendEvent(view.viewport(), QHelpEvent(QEvent.Type.ToolTip, at, view.viewport().mapToGlobal(at)))
    wb.wait_until(lambda: card.is_shown, 20, "The card under the mouse")
    wb.run_command("help.cheat_sheet")
    QTest.keyClick(view, Qt.Key.Key_F1)  # what the card is about, not what the caret is at
    wait_for({topic!r})
    wb.run_command("help.find")
    pane.find_bar.box.setText({word!r})
    wb.wait_until(lambda: pane.find_bar.count_text not in ("", "Not found"), 20, "The word in the page")
    pane.find_bar.put_away()

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

    wb.run_command("help.search", text={short!r})
    wb.wait_until(lambda: pane.model.state == "here" and pane._rendering is None, 60, "The index of names")
    tell(short=[one.topic for found in pane.model.found for one in found.matches[:2]])
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
        short=SHORT[language],
        word="text" if language == "python" else "rows",
        example=EXAMPLE[language],
        language=language,
    )
    outcome = run_script(script, tmp_path)
    assert outcome.exit_code == 0, outcome.errors[-3000:]
    facts = outcome.facts
    assert (facts["visible"], facts["keyboard"]) == (True, True)
    assert WORDS[language] in facts["card"]
    assert (facts["still"], facts["gone"]) == (True, True)
    assert SHORT_FIRST[language] in facts["short"]
    assert (facts["asked"], facts["viewers"]) == ("", [])
    assert "There is no documentation" not in facts["unknown"]
    assert facts["status"].lower().endswith(("ok", "done"))
    assert "total = 20 + 22" in facts["ran"] if language == "python" else "median(" in facts["ran"]


VERSIONS = """
def told():
    return [bar.notice.text for bar in pane.notices._bars]

with open_workbench(profile_dir=Path("profile"), project_dir=Path("project"), platform="offscreen") as wb:
    wb.environments()
    first = wb.start_session({python!r}).session
    pane = wb.program.help.pane
    wb.wait_until(lambda: first.has_agent and first.state == "idle", 40, "The agent")
    wb.run("import pandas", language="python").wait(60)
    run = wb.run("help(pandas.merge)", language="python").wait(60)
    wb.wait_until(lambda: pane.model.page is not None and pane.model.page.topic == "pandas.merge", 40, "The page")
    version = pane.model.page.version
    wb.wait_until(lambda: f"pandas {{version}}" in pane.view.toPlainText(), 20, "The version on the page")
    tell(printed=run.text.strip(), version=version)
    second = wb.start_session({other!r}).session
    wb.wait_until(lambda: any("has no page on" in text for text in told()), 60, "The notice")
    tell(kept=pane.model.page.topic, notice=told()[-1], name=second.name)
    wb.program.active.choose(first)
    wb.wait_until(lambda: pane.model.state == "here" and not told(), 20, "The notice gone")
"""


def test_page_follows_the_session_in_use_and_stays_where_that_has_none(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    script = VERSIONS.format(python=str(USER_PYTHON), other=sys.executable)  # the program's own has no pandas
    outcome = run_script(script, tmp_path)
    assert outcome.exit_code == 0, outcome.errors[-3000:]
    facts = outcome.facts
    assert facts["printed"] == ""
    assert facts["version"][:1].isdigit()
    assert facts["kept"] == "pandas.merge"
    assert f"“{facts['name']}”" in facts["notice"]
