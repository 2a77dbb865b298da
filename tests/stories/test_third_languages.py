"""Kernels of languages that no plugin knows: console, editor, errors and plots work, names can't be listed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.stories.kit import run_script

DENO = Path(sys.executable).with_name("deno.exe" if sys.platform == "win32" else "deno")
DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

STORY = """
from PySide6.QtWidgets import QLabel

def story(wb, kernel, script, ok, bad):
    handle = wb.start_session(kernel, 60)
    told = {"state": handle.state}
    done = wb.run(ok).wait(30)
    told |= {"status": done.status, "text": done.text}
    failed = wb.run(bad).wait(30)
    told |= {"failed": failed.status, "error": failed.text + (failed.error.message if failed.error else "")}
    document = wb.open(project / script)
    wb.wait_until(lambda: document.language, 20, "The language")
    ran = wb.run(document, by_cell=True).wait(30)
    told |= {"cells": len(document.cells()), "file": ran.text, "session": wb.session.name, "runs": len(ran.runs)}
    told |= {"can_run": wb.program.context.get("editor.can_run"), "names": len(handle.variables())}
    wb.settle()
    console = wb.program.console.widget
    told["says"] = [label.text() for label in wb.program.variables.widget.findChildren(QLabel) if label.isVisible()]
    told["agent"] = handle.session.has_agent
    return told

with open_workbench(profile_dir=profile, project_dir=project, environment=python, is_trusted=True) as wb:
    wb.session.wait_ready(60)
    wb.environments()
    tell(bash=story(wb, "bash", "script.sh", "echo one; echo two >&2", "no-such-command"))
    tell(notices_of_bash=texts(wb))
    tell(deno=story(wb, "deno", "script.ts", "console.log('one'); console.error('two')", "throw new Error('oops')"))
    wb.run("Deno.jupyter.image(Uint8Array.from(atob(DOT), c => c.charCodeAt(0)))".replace("DOT", repr(dot))).wait(30)
    wb.settle()
    tell(plots=[plot.mime for plot in wb.plots], notices=texts(wb))
    tell(python=wb.run("print(1 + 1)", language="python").wait(30).text, sessions=len(wb.sessions))
"""


@pytest.fixture
def folder(tmp_path: Path, private_home: Path) -> Path:
    """A project with a script of each language, and both kernels installed for this user."""
    specs = {
        "bash": ([sys.executable, "-m", "bash_kernel", "-f", "{connection_file}"], "bash"),
        "deno": ([str(DENO), "jupyter", "--kernel", "--conn", "{connection_file}"], "typescript"),
    }
    for name, (argv, language) in specs.items():
        place = private_home / "jupyter-data" / "kernels" / name
        place.mkdir(parents=True)
        (place / "kernel.json").write_text(
            json.dumps({"argv": argv, "display_name": name.title(), "language": language})
        )
    project = tmp_path / "project"
    project.mkdir()
    (project / "script.sh").write_text("name=world\n# %%\necho hello $name\n")
    (project / "script.ts").write_text("const a: number = 41\n// %%\nconsole.log('hello', a + 1)\n")
    return tmp_path


def test_third_languages_run_scripts_and_code_and_show_pictures(folder: Path) -> None:
    outcome = run_script(f"dot = {DOT!r}\n{STORY}", folder, DENO_DIR=str(folder / "deno"))

    assert outcome.exit_code == 0, outcome.errors
    facts = outcome.facts
    for name, hello, error in (("bash", "hello world\n", "command not found"), ("deno", "hello 42\n", "oops")):
        told = facts[name]
        assert told["state"] == "idle"
        assert (told["status"], told["text"]) == ("ok", "one\ntwo\n")
        assert told["failed"] == "error"
        assert error in told["error"]
        assert (told["cells"], told["runs"], told["file"]) == (2, 2, hello)
        assert told["session"] == name.title()
        assert told["can_run"]
        assert not told["agent"]
        assert told["names"] == 0
        assert any("can't list its names" in text for text in told["says"])
    assert facts["plots"] == ["image/png"]
    assert facts["notices_of_bash"] == []
    assert ["Deno" in text and "not private" in text for text in facts["notices"]] == [True]
    assert (facts["python"], facts["sessions"]) == ("2\n", 3)
