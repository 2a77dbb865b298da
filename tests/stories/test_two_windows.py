"""PROMISES A5: two windows on one project and one profile edit, save, set and close; nothing of either is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.kit import facts_of, run_script, start_script

pytestmark = pytest.mark.timeout(120)

WINDOW = """
from ide.core.text import Edit
from ide.settings import declared

def meet(wb, moment):
    # Both windows go on together.
    (profile.parent / f"{moment}.{name}").touch()
    wb.wait_until((profile.parent / f"{moment}.{other}").exists, 60, f"{other} at {moment}")

with open_workbench(profile_dir=profile, project_dir=project, environment=python) as wb:
    program = wb.program
    wb.session.wait_ready(60)
    wb.environments()
    shared, own = wb.open(project / "shared.py"), wb.open(project / f"{name}.py")
    meet(wb, "opened")
    shared.apply(Edit(0, 0, f"{name}_typed = 1\\n"))
    own.apply(Edit(0, 0, f"{name}_own = 1\\n"))
    program.documents.new("python", title=f"Untitled {name}").apply(Edit(0, 0, f"untitled of {name}"))
    setting = declared.EDITOR_TAB_WIDTH if name == "one" else declared.EDITOR_PIPE
    program.settings.set(setting, 3 if name == "one" else "magrittr")
    run = wb.run(f"{name}_history = 1", language="python").wait(30)
    program.commands.run("trust.trust") if name == "one" else None
    wb.settle()
    meet(wb, "typed")
    if name == "two":
        wb.wait_until((profile.parent / "saved.one").exists, 60, "The save of one")
        program.watch.look_now()
        wb.wait_until(lambda: shared.disk_state == "newer", 20, "News of the other window's save")
    saved, refused = [], []
    for document in (shared, own):
        document.save(lambda: saved.append(1), lambda error: refused.append(type(error).__name__))
    wb.wait_until(lambda: len(saved) + len(refused) == 2, 20, "The saves")
    tell(saved=len(saved), refused=refused, dirty=[d.title for d in program.documents.all if d.is_dirty])
    tell(notices=[text for text in texts(wb) if "trust" not in text.lower()], kernel=wb.session.session.pid)
    meet(wb, "saved")
    wb.settle()
    program.shell.window.close()
"""

THIRD = """
from ide.settings import declared
with open_workbench(profile_dir=profile, project_dir=project, environment=python) as wb:
    documents = wb.program.documents.all
    tell(texts={d.title: d.text for d in documents}, count=len(documents))
    get = wb.program.settings.get
    tell(tab_width=get(declared.EDITOR_TAB_WIDTH), pipe=get(declared.EDITOR_PIPE), notices=texts(wb))
    tell(trusted=wb.program.project.is_trusted, sessions=len(wb.sessions))
    wb.settle()
"""


def test_two_windows_do_no_harm_to_each_other(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    for name in ("shared", "one", "two"):
        (project / f"{name}.py").write_text(f"{name} = 0\n")

    windows = {
        name: start_script(f"name, other = {name!r}, {other!r}\n{WINDOW}", tmp_path)
        for name, other in (("one", "two"), ("two", "one"))
    }
    facts = {}
    for name, window in windows.items():
        output, errors = window.communicate(timeout=100)
        assert window.returncode == 0, (name, errors)
        facts[name] = facts_of(output)
    third = run_script(THIRD, tmp_path)

    assert facts["one"]["kernel"] != facts["two"]["kernel"]
    assert (facts["one"]["saved"], facts["one"]["refused"]) == (2, [])
    assert (facts["two"]["saved"], facts["two"]["refused"]) == (1, ["DiskChangedError"])
    assert facts["one"]["notices"] == facts["two"]["notices"] == []
    assert (project / "shared.py").read_text() == "one_typed = 1\nshared = 0\n"
    assert [(project / f"{name}.py").read_text() for name in ("one", "two")] == [
        "one_own = 1\none = 0\n",
        "two_own = 1\ntwo = 0\n",
    ]
    assert third.exit_code == 0, third.errors
    texts = third.facts["texts"]
    assert {"untitled of one", "untitled of two", "two_typed = 1\nshared = 0\n"} <= set(texts.values())
    assert (third.facts["tab_width"], third.facts["pipe"]) == (3, "magrittr")
    assert (third.facts["trusted"], third.facts["sessions"]) == (True, 1)
    assert third.facts["notices"] == []
    assert list((tmp_path / "profile").rglob("*.bad*")) == []
    history = (tmp_path / "profile" / "history" / "python.jsonl").read_text()
    assert "one_history" in history
    assert "two_history" in history
