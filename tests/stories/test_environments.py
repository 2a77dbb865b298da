"""Choosing an environment in the real program: asked once, for a console, a project or a file, with keys alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kernel.test_environments import base_python
from tests.kernel.test_running_kernels import Stranger
from tests.stories.kit import USER_PYTHON, run_script

pytestmark = pytest.mark.timeout(240)

STORY = """
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

def choose(wb, words, then="", for_file=False):
    wb.run_command("session.choose_environment")
    picker = wb.program.dialogs.picker
    QTest.keyClicks(picker.box, words)
    if for_file:
        picker.for_file.click()
    QTest.keyClick(picker.box, Qt.Key.Key_Return)
    if then:
        assert picker.question.isVisible(), picker.told.text()
        button = getattr(picker.question, then)
        button.setFocus()
        QTest.keyClick(button, Qt.Key.Key_Return)
    assert not picker.isVisible(), picker.told.text()
    wb.wait_until(lambda: wb.program.active.session.state == "idle", 60, "A console that waits")

def prefix(run):
    run.wait(60)
    return Path(run.text.strip()).name

with open_workbench(profile_dir=profile, project_dir=project, environment={sample!r}, is_trusted=True) as wb:
    wb.environments()
    kernels, active = wb.program.kernels, wb.program.active
    notice = wait_for_notice(wb, "requirements.txt")
    tell(offer=notice.text, before=(project / "requirements.txt").read_text())
    first = active.session
    first_id = first.id
    wb.session.wait_ready(60)
    wb.run("mark = 1").wait(60)

    choose(wb, "twin", then="restart")
    tell(restarted=[one.id for one in kernels.sessions] == [first_id], name=active.session.name)
    tell(ran_in=prefix(wb.run("import sys; print(sys.prefix)")))
    tell(lost=wb.run("mark").wait(60).status)

    script = project / "model.py"
    script.write_text("import sys; print(sys.prefix)\\n")
    document = wb.open(script)
    choose(wb, ".venv-sample", for_file=True)
    tell(consoles=len(kernels.sessions))
    choose(wb, "twin", then="open")
    tell(consoles_more=len(kernels.sessions), typed_in=prefix(wb.run("import sys; print(sys.prefix)")))
    tell(file_in=prefix(wb.run(document)), untouched=script.read_text() == "import sys; print(sys.prefix)\\n")
    listed = sorted(path.name for path in project.iterdir() if not path.name.startswith("."))
    tell(files=listed, notices=[text for text in texts(wb) if "requirements" not in text])
    chosen = wb.program.environments.default(project, is_trusted=True)
    tell(project_in=chosen.name)
    chosen = wb.program.environments.chosen_for_file(script)
    tell(remembered=chosen.name)
"""


def test_choice_restarts_opens_or_is_for_one_file_and_changes_no_file(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "requirements.txt").write_text("pandas\n")
    twin = Path.home() / ".virtualenvs" / "twin"
    (twin / "bin").mkdir(parents=True)
    (twin / "pyvenv.cfg").write_text(f"home = {base_python().parent}\nversion = 3.11.7\n")
    (twin / "bin" / "python3").symlink_to(base_python())
    (twin / "lib").symlink_to(USER_PYTHON.parent.parent / "lib")
    outcome = run_script(STORY.format(sample=str(USER_PYTHON)), tmp_path, 200)
    assert outcome.exit_code == 0, outcome.errors[-3000:]
    facts = outcome.facts
    assert "has no environment of its own" in facts["offer"]
    assert (facts["restarted"], facts["name"], facts["ran_in"], facts["lost"]) == (True, "twin", "twin", "error")
    assert (facts["consoles"], facts["consoles_more"]) == (2, 3)
    assert (facts["typed_in"], facts["file_in"]) == ("twin", ".venv-sample")
    assert (facts["project_in"], facts["remembered"]) == ("twin", ".venv-sample")
    assert (facts["files"], facts["untouched"]) == (["model.py", "requirements.txt"], True)
    assert facts["notices"] == []


ATTACH = """
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

with open_workbench(profile_dir=profile, project_dir=project, environment={sample!r}, is_trusted=True) as wb:
    wb.environments()
    wb.session.wait_ready(60)
    active, kernels = wb.program.active, wb.program.kernels
    wb.run_command("session.attach")
    picker = wb.program.dialogs.picker
    wb.wait_until(lambda: [one for one in picker.model.entries if one.environment], 40, "The running kernel")
    tell(rows=[one.title or one.environment.kind for one in picker.model.entries])
    QTest.keyClick(picker.box, Qt.Key.Key_Return)
    wb.wait_until(lambda: len(kernels.sessions) == 2 and active.session.state == "idle", 60, "The console")
    wb.wait_until(lambda: wb.program.variables.model.variable("theirs"), 40, "The name that was there")
    run = wb.run("print(theirs * 2)").wait(60)
    tell(text=run.text.strip(), status=run.status, notices=texts(wb))
    tell(chosen=wb.program.environments.default(project, is_trusted=True).kind)
"""


def test_running_kernel_is_chosen_from_the_list_and_gives_a_console(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "runtime").mkdir()
    stranger = Stranger(tmp_path / "runtime")
    try:
        stranger.run("theirs = 21")
        outcome = run_script(
            ATTACH.format(sample=str(USER_PYTHON)), tmp_path, 200, JUPYTER_RUNTIME_DIR=str(tmp_path / "runtime")
        )
        assert outcome.exit_code == 0, outcome.errors[-3000:]
        assert outcome.facts["rows"] == ["Python, running already", "running"]
        assert (outcome.facts["text"], outcome.facts["status"], outcome.facts["notices"]) == ("42", "ok", [])
        assert outcome.facts["chosen"] != "running", "it will not be there another time"
        stranger.run("assert theirs == 21")
    finally:
        stranger.close()
