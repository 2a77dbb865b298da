"""A folder full of traps is opened, edited and used: nothing of it runs until it is trusted (PROMISES D1, D2)."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.stories.kit import USER_PYTHON, Outcome, run_script
from tests.stories.traps import Traps

pytestmark = pytest.mark.timeout(240)

EXECUTED = re.compile(r'execve\("((?:[^"\\]|\\.)*)"')

USE_EVERYTHING = """
from ide.core.text import Place
from PySide6.QtWidgets import QApplication

def page_of(wb, name, line, column):
    wb.run_command("document.open", path=str(project / name))
    shown = lambda: (page := wb.program.editor.desk.page) is not None and page.document.title == name and page
    wb.wait_until(shown, 20, f"Opening {name}")
    page = shown()
    wb.program.shell.window.activateWindow()
    page.go_to(Place(line, column))
    wb.program.editor.focus()
    wb.wait_until(page.view.hasFocus, 10, "The keyboard in the editor")
    return page

def listed(wb, page, word):
    names = lambda: [item.text for item in page.assist.popup.items] if page.assist.is_listing else []
    page.assist.complete()
    wb.wait_until(lambda: word in names(), 30, f"Completion of {word}")
    page.assist.close_popups()
    return True

with open_workbench(profile_dir=profile, project_dir=project, environment=python) as wb:
    program = wb.program
    wb.session.wait_ready(60)
    tell(trusted=program.project.is_trusted)

    # Python: run, complete, hover, definition, lint, format, plot, restart.
    page = page_of(wb, "analysis.py", 5, 6)
    page.view.insert("q")
    wb.wait_until(lambda: page.buffer.marks.problems, 30, "Problems")
    listed(wb, page, "sqrt")
    page.go_to(Place(3, 1))
    page.assist.show_help()
    page.assist.go_to_definition()
    handle = wb.run("import os, sys\\nwhere = os.getcwd()\\nprint(where)", language="python").wait(60)
    tell(where=handle.text.strip(), safe=wb.run("print(os.environ['PYTHONSAFEPATH'])", language="python").wait(60).text)
    draw = "import matplotlib.pyplot as plt; import numpy, pandas; plt.plot([1, 2]); plt.show()"
    wb.run(draw, language="python").wait(90)
    wb.run(page.document, by_cell=True).wait(60)
    wb.settle(30)
    tell(plots=len(wb.plots))
    page.view.insert("x  =  1 ;y = 2")
    wb.run_command("edit.format")
    other = page_of(wb, "uses.py", 3, 5)
    other.assist.complete()
    other.assist.go_to_definition()
    wb.settle(30)
    wb.run_command("session.restart")
    wb.wait_until(lambda: wb.session.state == "idle", 60, "The restart")
    wb.run("1 + 1", language="python").wait(60)

    # R: the same.
    page = page_of(wb, "analysis.R", 1, 5)
    handle = wb.run("cat(getwd())", language="r").wait(90)
    tell(r_where=handle.text)
    own = 'cat(isTRUE(getOption("my.own.profile")), Sys.getenv("PROJECT_RENVIRON") == "")'
    handle = wb.run(own, language="r").wait(60)
    tell(r_own_profile=handle.text)
    page.go_to(Place(1, 9))
    page.assist.complete()
    wb.run(page.document).wait(60)
    wb.settle(30)
    wb.run_command("session.restart")
    wb.wait_until(lambda: wb.session.state == "idle", 60, "The restart of R")
    tell(r_again=wb.run('cat(isTRUE(getOption("project.profile")))', language="r").wait(60).text)

    # Every other file, the palette, the picker, the tree.
    for path in sorted(project.rglob("*")):
        if path.is_file() or path.name == "pipe.py":
            program.commands.run("file.open", path=str(path))
    wb.settle(60)
    for document in program.documents.all:
        program.editor.show(document)
        QApplication.processEvents()
    tell(documents=len(program.documents.all))
    wb.run_command("app.palette")
    program.dialogs.palette.box.setText("types")
    wb.settle(20)
    tell(palette=len(program.dialogs.palette.rows()))
    program.dialogs.palette.hide()
    wb.run_command("files.show_hidden")
    wb.run_command("files.refresh")
    wb.run_command("session.set_folder", folder=str(project))
    tell(environments=[one.name for one in wb.environments(60)])
    wb.run_command("session.choose_environment")
    wb.settle(30)
    program.dialogs.picker.hide()
    refused = ""
    try:
        wb.start_session(str(project / ".venv"))
    except Exception as error:
        refused = str(error)
    tell(refused=refused)
    wb.run_command("session.restart_all")
    wb.wait_until(lambda: all(one.state == "idle" for one in wb.sessions), 60, "All restarts")
    wb.settle(30)
    tell(tab_width=program.settings.get(__import__("ide.settings.declared", fromlist=["x"]).EDITOR_TAB_WIDTH))
"""

TRUST = """
with open_workbench(profile_dir=profile, project_dir=project, environment=python) as wb:
    wb.session.wait_ready(60)
    wb.run("1", language="r").wait(90)
    wb.run_command("trust.trust")
    tell(offered=[notice.action for notice in wb.program.notices.all])
    wb.run_command("session.restart_all")
    wb.wait_until(lambda: len(wb.sessions) == 2 and all(one.state == "idle" for one in wb.sessions), 60, "Restarts")
    tell(profile=wb.run('cat(isTRUE(getOption("project.profile")))', language="r").wait(60).text)
    tell(package=wb.run("import pkg_beside_script; print('imported')", language="python").wait(60).text)
    shadow = "import types, random; print('pkg' in types.__file__ or 'project' in types.__file__)"
    tell(shadowed=wb.run(shadow, language="python").wait(60).text)
"""


@pytest.fixture
def traps(tmp_path: Path, private_home: Path) -> Traps:
    (private_home / "home" / ".Rprofile").write_text("options(my.own.profile = TRUE)\n")
    return Traps(tmp_path / "project", tmp_path / "canaries")


def use_everything(traps: Traps, log: Path) -> Outcome:
    prefix = (shutil.which("strace") or "strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=execve", "-s", "500")
    return run_script(
        USE_EVERYTHING,
        traps.folder.parent,
        timeout_s=200,
        prefix=(*prefix, "-o", str(log)),
        working_folder=traps.folder,
    )


def executed_below(folder: Path, log: Path) -> list[str]:
    """Programs of the folder that any process of ours tried to run, by a path from the root or from the folder."""
    asked = set(EXECUTED.findall(log.read_text(errors="replace")))
    assert any(Path(path) == USER_PYTHON for path in asked), "the trace has missed the kernel"
    return sorted(path for path in asked if Path(folder, path).is_relative_to(folder))


def test_untrusted_folder_of_traps_runs_nothing_whatever_is_done_in_it(traps: Traps, tmp_path: Path) -> None:
    log = tmp_path / "trace"
    outcome = use_everything(traps, log)

    assert outcome.exit_code == 0, outcome.errors[-4000:]
    assert traps.sprung == []
    assert executed_below(traps.folder, log) == []
    facts = outcome.facts
    assert facts["trusted"] is False
    assert facts["where"] == facts["r_where"] == str(traps.folder)
    assert facts["safe"] == "1\n"
    assert facts["r_own_profile"] == "TRUE TRUE"
    assert facts["r_again"] == "FALSE"
    assert facts["plots"] == 1
    assert facts["documents"] > 60
    assert facts["palette"] > 0
    assert "Evil" not in facts["environments"]
    assert "not trusted" in facts["refused"]
    assert facts["tab_width"] == 4


def test_trusted_folder_has_its_profile_and_its_packages(traps: Traps) -> None:
    (traps.folder / ".Renviron").write_text("")  # it names another profile than `.Rprofile`
    outcome = run_script(TRUST, traps.folder.parent, working_folder=traps.folder)

    assert outcome.exit_code == 0, outcome.errors[-4000:]
    assert "session.restart_all" in outcome.facts["offered"]
    assert outcome.facts["profile"] == "TRUE"
    assert outcome.facts["package"].strip() == "imported"
    assert outcome.facts["shadowed"].strip() == "False"
    assert {".Rprofile", "pkg_beside_script___init__.py"} <= set(traps.sprung), "the traps must be able to spring"
