"""The console over real kernels: ipykernel of the sample environment, IRkernel of the machine."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ide._paths import plugins_dir
from ide.core.environment import Environment
from ide.core.language import AgentSource
from ide.extensions.extensions import Extensions
from ide.kernels.kernels import Kernels
from ide.kernels.session import Session
from ide.panes.console.text_viewer import TextViewer
from ide.panes.console.view import ConsoleView
from ide.qt.post import UiThread
from tests.fakes.console import ConsoleRig

ROOT = Path(__file__).resolve().parents[2]
SAMPLE_PYTHON = ROOT / ".venv-sample" / "bin" / "python"
PYTHON = Environment("sample", "sample", "python", "venv", SAMPLE_PYTHON)
R = Environment("r", "R", "r", "r", Path("/usr/bin/R"))


class KernelRig(ConsoleRig):
    """A console whose kernels are real."""

    def __init__(self, folder: Path) -> None:
        self._runtime = tempfile.TemporaryDirectory(prefix="fpc")
        self._extensions = Extensions(plugins_dir())
        ui = UiThread()
        kernels = Kernels(Path(self._runtime.name) / "r", ui.post, ui.after, agent_of=self._agent_of)
        super().__init__(folder, kernels, ui=ui)

    def start(self, environment: Environment) -> Session:
        """Start a kernel and wait for its prompt."""
        language = self._extensions.language(environment.language)
        assert language is not None
        launch = language.launch(environment, self.folder, is_trusted=True, private_folder=self.folder)
        session: Session = self.kernels.start(launch)
        self.show()
        self.wait(lambda: self.view.has_prompt, 40)
        self.pane.focus()
        return session

    def run(self, code: str, timeout_s: float = 30) -> str:
        """Type code and Enter; returns what the console shows between this prompt and the next."""
        number = int(re.findall(r"In \[(\d+)\]: ", self.text)[-1])
        self.type(code + "\n")
        self.wait(lambda: f"In [{number + 1}]: " in self.text and self.view.has_prompt, timeout_s)
        self.settle()
        return self.text.rsplit(f"In [{number}]: ", 1)[-1].rsplit("\nIn [", 1)[0]

    def close(self) -> None:
        """Kernels first, then the window."""
        self.kernels.close()
        super().close()
        self._runtime.cleanup()

    def _agent_of(self, language: str) -> AgentSource | None:
        found = self._extensions.language(language)
        return found.agent() if found is not None else None


def is_over(view: ConsoleView, last: str) -> bool:
    """Whether a run has shown its last line and its prompt."""
    return last in view.text and view.has_prompt


@pytest.fixture
def rig(qtbot: QtBot, tmp_path: Path) -> Iterator[KernelRig]:
    """A console without a kernel yet."""
    found = KernelRig(tmp_path)
    yield found
    found.close()


def test_python_answers_with_values_output_and_counts(rig: KernelRig) -> None:
    rig.start(PYTHON)
    rig.run("x = 20")
    assert rig.run("x + 1").endswith("Out[2]: 21\n")
    assert "printed\n" in rig.run("print('printed')")
    assert rig.text.endswith("In [4]: ")


def test_mixed_streams_of_python_are_all_there_in_order(rig: KernelRig) -> None:
    rig.start(PYTHON)
    shown = rig.run("import sys; [print(n, file=sys.stdout if n % 2 else sys.stderr, flush=True) for n in range(300)];")
    assert [int(row) for row in shown.split("\n") if row.isdigit()] == list(range(300))


def test_python_input_and_password(rig: KernelRig) -> None:
    rig.start(PYTHON)
    rig.type("name = input('Who? ')\n")
    rig.wait(lambda: rig.view.is_reading)
    rig.type("Ada\n")
    rig.wait(lambda: rig.view.has_prompt)
    rig.type("from getpass import getpass; p = getpass('Secret: ')\n")
    rig.wait(rig.page.answer.isVisible)
    rig.page.answer.setFocus()
    rig.type("hunter2\n")
    rig.wait(lambda: rig.view.has_prompt)
    assert "Out[3]: ('Ada', 7)" in rig.run("name, len(p)")
    assert "hunter2" not in rig.text
    rig.pane.close()
    assert "hunter2" not in (rig.folder / "history" / "python.jsonl").read_text()
    for spool in Path(rig._runtime.name).rglob("*"):
        if spool.is_file():
            assert b"hunter2" not in spool.read_bytes(), spool


def test_python_traceback_opens_the_file_at_its_line(rig: KernelRig) -> None:
    file = rig.folder / "broken.py"
    file.write_text("def f():\n    return 1 / 0\n")
    rig.start(PYTHON)
    rig.run(f"import sys; sys.path.insert(0, {str(rig.folder)!r}); import broken; broken.f()")
    cursor = rig.view.control.document().find("broken.py:2")
    assert not cursor.isNull()
    cursor.setPosition(cursor.selectionStart() + 1)
    rig.view.open_anchor(cursor.charFormat().anchorHref())
    assert rig.ran == [("file.open", {"path": str(file), "line": 1})]


def test_python_flood_is_bounded_said_and_obtainable(rig: KernelRig) -> None:
    rig.start(PYTHON)
    rig.run("for n in range(60_000): print(n)\n")
    assert rig.view.control.document().blockCount() <= 10_003
    assert "60\u202f000 lines were printed" in rig.text
    assert "\n59999\n" in rig.text
    run = rig.kernels.sessions[0].runs[-1]
    rig.view.open_anchor(f"full:{run.id}")
    rig.wait(lambda: bool(rig.window.findChildren(TextViewer)))
    viewer = rig.window.findChildren(TextViewer)[0]
    rig.wait(lambda: viewer.is_complete)
    assert viewer.control.toPlainText() == "".join(f"{number}\n" for number in range(60_000))


def test_python_long_line_is_folded(rig: KernelRig) -> None:
    rig.start(PYTHON)
    rig.run("print('x' * 5_000_000)")
    assert max(map(len, rig.text.split("\n"))) < 15_000
    assert "Show all" in rig.text


def test_python_displays_are_cleared_and_updated(rig: KernelRig) -> None:
    rig.start(PYTHON)
    rig.run("from IPython.display import display, clear_output, HTML")
    shown = rig.run("h = display('first', display_id=True); print('between'); h.update('second');")
    assert shown.split("\n")[1:3] == ["'second'", "between"]
    shown = rig.run("print('gone'); clear_output(wait=True); print('kept')")
    assert shown.endswith("\nkept\n")
    assert "bold\n" in rig.run("display(HTML('<b>bold</b>'))")


def test_python_progress_is_redrawn_in_place(rig: KernelRig) -> None:
    rig.start(PYTHON)
    shown = rig.run("for n in range(2000): print(f'\\r{n:5d}', end='', flush=True)\n")
    assert shown.split("\n")[-2].strip() == "1999" or shown.rstrip().split("\n")[-1].strip() == "1999"
    assert len(shown.split("\n")) <= 5


def test_python_is_interrupted_by_escape(rig: KernelRig) -> None:
    session = rig.start(PYTHON)
    rig.type("import time; time.sleep(60)\n")
    rig.wait(lambda: rig.view.is_executing and session.state == "busy")
    rig.wait(lambda: session.runs[-1].started_s is not None)
    rig.key(Qt.Key.Key_Escape)
    rig.wait(lambda: rig.view.has_prompt)
    assert "KeyboardInterrupt" in rig.text


def test_cells_queued_by_the_editor_appear_in_order_with_their_output(rig: KernelRig) -> None:
    session = rig.start(PYTHON)
    rig.type("half")
    for number in range(5):
        session.execute(f"value = {number}\nprint('cell', value)")
    rig.wait(lambda: "In [6]: half" in rig.text)
    numbers = [int(number) for number in re.findall(r"^cell (\d)$", rig.text, re.MULTILINE)]
    assert numbers == [0, 1, 2, 3, 4]
    for number in range(5):
        assert f"In [{number + 1}]: value = {number}\n   ...: print('cell', value)\ncell {number}\n" in rig.text
    assert rig.view.input_code == "half"


def test_restart_is_said_and_counts_from_one(rig: KernelRig) -> None:
    session = rig.start(PYTHON)
    rig.run("x = 1")
    rig.commands.run("session.restart")
    rig.wait(lambda: "was restarted" in rig.text and rig.view.has_prompt and session.state == "idle", 40)
    assert rig.text.endswith("In [1]: ")
    assert "NameError" in rig.run("x")


def test_death_is_told_with_its_cause_and_restart_offered(rig: KernelRig) -> None:
    rig.start(PYTHON)
    rig.type("import os; os._exit(7)\n")
    rig.wait(lambda: "exit code 7" in rig.text)
    assert rig.pane.notices.bars[0].notice.action == "session.restart"
    rig.type("kept")
    rig.pane.notices.bars[0].buttons[0].click()
    rig.wait(lambda: rig.text.endswith("In [1]: kept") and rig.kernels.sessions[0].state == "idle", 40)


def test_python_completes_columns_of_a_live_frame(rig: KernelRig) -> None:
    rig.start(PYTHON)
    rig.run("import pandas as pd; df = pd.DataFrame({'species': [1], 'spread': [2]})")
    completion = rig.page.completion
    assert completion is not None
    rig.wait(lambda: rig.kernels.sessions[0].has_agent)
    rig.type("df.sp")
    rig.key(Qt.Key.Key_Tab)
    rig.wait(lambda: {"species", "spread"} <= {item.label for item in completion.items})


def test_another_window_shows_everything_once(rig: KernelRig, tmp_path: Path, qtbot: QtBot) -> None:
    rig.start(PYTHON)
    rig.run("x = 41")
    rig.run("for n in range(200): print('line', n)\n")
    rig.kernels.close(leave_kernels=True)
    second = Kernels(Path(rig._runtime.name) / "r", rig.ui.post, rig.ui.after, agent_of=rig._agent_of)
    folder = tmp_path / "second"
    folder.mkdir()
    other = ConsoleRig(folder, second)
    try:
        rig.wait(lambda: bool(second.left_behind()))
        second.attach(second.left_behind()[0])
        other.show()
        other.wait(lambda: other.view.has_prompt and "In [3]: " in other.text)
        other.settle()
        assert [int(number) for number in re.findall(r"^line (\d+)$", other.text, re.MULTILINE)] == list(range(200))
        assert other.text.count("In [1]: x = 41") == 1
        assert "left behind" in other.pane.notices.bars[0].notice.text
        other.pane.focus()
        other.type("x + 1\n")
        other.wait(lambda: "Out[3]: 42" in other.text)
    finally:
        second.close()
        other.close()


def test_two_sessions_at_once_do_not_mix(rig: KernelRig) -> None:
    python, r = rig.start(PYTHON), rig.start(R)
    python.execute("for n in range(500): print('python', n)")
    r.execute("for (n in 0:499) cat('r', n, '\\n')")
    pages = {session.id: rig.pane.page_of(session) for session in (python, r)}
    for session, word in ((python, "python"), (r, "r")):
        view = pages[session.id].view
        assert view is not None
        rig.wait(partial(is_over, view, f"{word} 499"))
        assert len(re.findall(rf"^{word} \d+ ?$", view.text, re.MULTILINE)) == 500
        assert ("python" if word == "r" else "r 499") not in view.text.split("In [1]", 1)[1].replace(
            "print('python'", ""
        )


def test_r_answers_with_values_messages_and_errors(rig: KernelRig) -> None:
    rig.start(R)
    assert "[1] 2" in rig.run("1 + 1")
    assert " <dbl>  <chr> \n     1  x     \n" in rig.run("data.frame(a = 1, b = 'x')")
    assert "told" in rig.run("message('told')")
    assert "Error" in rig.run("stop('oh no')")
    assert "oh no" in rig.text


def test_r_readline_and_menu(rig: KernelRig) -> None:
    rig.start(R)
    rig.type("a <- readline('Name? ')\n")
    rig.wait(lambda: rig.view.is_reading)
    rig.type("Ada\n")
    rig.wait(lambda: rig.view.has_prompt)
    assert '"Ada"' in rig.run("a")
    rig.type("b <- menu(c('one', 'two'))\n")
    rig.wait(lambda: rig.view.is_reading)
    rig.type("2\n")
    rig.wait(lambda: rig.view.has_prompt)
    assert "[1] 2" in rig.run("b")


def test_r_help_opens_beside_the_console(rig: KernelRig) -> None:
    rig.start(R)
    rig.run("?mean")
    rig.wait(lambda: bool(rig.window.findChildren(TextViewer)))
    viewer = rig.window.findChildren(TextViewer)[0]
    rig.wait(lambda: viewer.is_complete)
    assert "Arithmetic Mean" in viewer.control.toPlainText()


def test_r_code_over_several_lines_waits_for_its_end(rig: KernelRig) -> None:
    rig.start(R)
    shown = rig.run("f <- function(x) {\nx * 2\n}")
    assert shown.startswith("f <- function(x) {\n   ...: ")
    assert "[1] 6" in rig.run("f(3)")
