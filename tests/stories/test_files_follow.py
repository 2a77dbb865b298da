"""The Files pane of the real program: it follows the disk, opens files, and takes new ones to the editor."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.stories.kit import run_script

SCRIPT = """
with open_workbench(profile_dir=profile, project_dir=project, platform="offscreen") as wb:
    files = wb.program.files
    listed = lambda: [entry.name for entry in files.model.entries(project) or ()]
    wb.wait_until(lambda: "a.py" in listed(), 20, "The list")
    (project / "later.csv").write_text("a,b")
    wb.wait_until(lambda: "later.csv" in listed(), 20, "The new file")
    (project / "later.csv").rename(project / "moved.csv")
    wb.wait_until(lambda: "moved.csv" in listed(), 20, "The new name")
    tell(listed=listed())
    files.view.opened.emit(project / "a.py")
    wb.wait_until(lambda: wb.program.documents.at(project / "a.py"), 20, "The open document")
    files._ask_name = lambda parent, question, answered: answered(
        "made.py" if question.title == "New file" else "renamed.py")
    files.view.select(project / "a.py")
    wb.run_command("files.rename")
    renamed = lambda: wb.program.documents.at(project / "renamed.py")
    wb.wait_until(renamed, 20, "The document under its new name")
    tell(text=renamed().text, old_is_there=(project / "a.py").exists())
    wb.run_command("files.new_file")
    is_made = lambda: wb.program.documents.at(project / "made.py") is not None
    wb.wait_until(is_made, 20, "The new document")
    wb.wait_until(lambda: files.view.selected() == project / "made.py", 20, "The selection")
    files.view.select(project / "moved.csv")
    wb.run_command("files.delete")
    wb.wait_until(lambda: "moved.csv" not in listed(), 20, "The bin")
    tell(listed_at_the_end=listed(), notices=texts(wb))
"""


def test_files_are_followed_opened_made_renamed_and_binned(tmp_path: Path, private_home: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "a.py").write_text("x = 1\n")
    outcome = run_script(SCRIPT, tmp_path)
    assert outcome.exit_code == 0, outcome.errors[-3000:]
    assert outcome.facts["listed"] == ["a.py", "moved.csv"]
    assert (outcome.facts["text"], outcome.facts["old_is_there"]) == ("x = 1\n", False)
    assert outcome.facts["listed_at_the_end"] == ["made.py", "renamed.py"]
    if sys.platform.startswith("linux"):
        assert [path.name for path in private_home.rglob("Trash/files/*")] == ["moved.csv"]
