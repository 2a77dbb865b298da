"""The command line of the real program: versions, diagnosis, handing files to the window that is open."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

from tests.stories.kit import ROOT, program_environment, run_script


def ide(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ide", *words],
        cwd=folder,
        env=program_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_diagnosis_names_versions_folders_and_environments(tmp_path: Path) -> None:
    done = ide("--diagnose", "--profile", "profile", folder=tmp_path)

    assert done.returncode == 0, done.stderr
    for word in ("Fourpane", "PySide6-Essentials", "Profile:", "Languages: Python, R", "Fourpane’s own Python"):
        assert word in done.stdout


def test_profile_that_cannot_be_kept_is_told_and_nothing_starts(tmp_path: Path) -> None:
    (tmp_path / "profile").write_text("a file is here")

    done = ide("--profile", "profile", folder=tmp_path)

    assert done.returncode == 1
    assert "cannot be used" in done.stderr


def test_second_start_hands_its_file_to_the_first_window_and_waits(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "notes.py").write_text("one = 1\ntwo = 2\n")

    outcome = run_script(
        """
        import subprocess
        with open_workbench(profile_dir=profile, project_dir=project, environment=python) as wb:
            wb.wait_until(lambda: (wb.program.started.paths.runtime / "window").exists(), 20)
            words = [sys.executable, "-m", "ide", "--profile", str(profile), "--wait", "notes.py:2"]
            second = subprocess.Popen(words)
            opened = lambda: [d for d in wb.program.documents.all if d.title == "notes.py"]
            wb.wait_until(opened, 20)
            wb.settle()
            tell(line=wb.program.editor.status.line, still_waits=second.poll() is None)
            wb.run_command("file.close")
            wb.wait_until(lambda: second.poll() is not None, 20)
            tell(code=second.returncode)
        """,
        tmp_path,
    )

    assert outcome.exit_code == 0, outcome.errors
    assert outcome.facts == {"line": 1, "still_waits": True, "code": 0}


def test_unknown_environment_is_told_and_a_prompt_works_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()

    outcome = run_script(
        """
        with open_workbench(profile_dir=profile, project_dir=project, environment="no-such-thing") as wb:
            wb.session.wait_ready(60)
            tell(text=wb.run("1 + 1", language="python").wait(60).text)
            wb.wait_until(lambda: wb.program.notices.all, 20)
            tell(notices=[notice.text for notice in wb.program.notices.all])
        """,
        tmp_path,
    )

    assert outcome.exit_code == 0, outcome.errors
    assert "2" in outcome.facts["text"]
    assert any("no-such-thing" in text for text in outcome.facts["notices"])


def test_first_paint_imports_nothing_heavy(tmp_path: Path) -> None:
    heavy = [
        *("pyarrow", "numpy", "pandas", "jedi", "nbformat", "rapidfuzz", "tomlkit", "jupyter_client", "zmq"),
        *("qtconsole", "IPython", "traitlets", "pygments.lexers", "pygments.formatters", "html.parser"),
        *("PySide6.QtNetwork", "PySide6.QtPrintSupport", "ide.panes.plots.pane", "ide.panes.variables.pane"),
    ]
    script = f"""
    import sys
    from pathlib import Path
    from ide.app.arguments import parse
    from ide.app.start import begin
    from ide.app.program import Program, make_application
    application = make_application()
    arguments = parse(["--new-window", "--profile", {str(tmp_path / "profile")!r}], Path.cwd())
    program = Program(application, begin(arguments))
    program.shell.window.painted.connect(lambda: found.extend(m for m in {heavy!r} if m in sys.modules))
    found = []
    program.shell.opened.connect(program.shell.window.close)
    program.open()
    application.exec()
    program.close()
    print("HEAVY", found)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=tmp_path,
        env={**program_environment(), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert "HEAVY []" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0
