"""What the tests of this folder share: launches of real kernels, and a watcher that notes what a session says."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from ide.core.environment import Environment, LaunchSpec
from ide.core.language import AgentSource
from ide.core.outputs import Cut, Display, Failure, Output, Stream
from ide.core.runs import Run
from ide.core.variables import VariablesChange
from ide.kernels.records import InputRequest
from ide.kernels.session import Session
from ide.kernels.wire import Message
from tests.fakes.ui_thread import FakeUiThread

ROOT = Path(__file__).resolve().parents[2]
_VARIABLES = {"PYTHONSAFEPATH": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
MISBEHAVING = Path(__file__).with_name("misbehaving")


def sample_python() -> Path:
    """The interpreter of the user's environment, with ipykernel."""
    folder = ROOT / ".venv-sample"
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def python_launch(folder: Path, **variables: str) -> LaunchSpec:
    """A real ipykernel."""
    python = sample_python()
    environment = Environment("sample", "Sample", "python", "venv", python)
    argv = (str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}")
    return LaunchSpec(environment, argv, folder, {**_VARIABLES, **variables})


def r_launch(folder: Path) -> LaunchSpec:
    """A real IRkernel."""
    program = shutil.which("R")
    assert program, "R is not installed: `python dev.py setup` does it"
    argv = (program, "--slave", "--no-restore", "-e", "IRkernel::main()", "--args", "{connection_file}")
    return LaunchSpec(Environment("ir", "R", "r", "r"), argv, folder)


def script_launch(name: str, folder: Path, *arguments: str) -> LaunchSpec:
    """A kernel that misbehaves: a script of `misbehaving/`."""
    python = str(sample_python())
    environment = Environment(name, name, "python", "test")
    argv = (python, str(MISBEHAVING / f"{name}.py"), "{connection_file}", *arguments)
    return LaunchSpec(environment, argv, folder, _VARIABLES)


def agent_of(language: str) -> AgentSource | None:
    """The real agents."""
    from fourpane_plugins.lang_python.language import PythonLanguage
    from fourpane_plugins.lang_r.language import RLanguage

    if language == "python":
        return PythonLanguage().agent()
    return RLanguage().agent() if language == "r" else None


class Gate:
    """A step of a Python kernel that begins, and then waits until the test lets it go on.

    It ends by itself when the test's folder goes: a test that fails leaves no shell behind.
    """

    def __init__(self, folder: Path) -> None:
        self._begun, self._open = folder / "begun", folder / "open"

    @property
    def locked_code(self) -> str:
        """Holds the interpreter's lock all the while: no other thread of the kernel gets in."""
        waits = f": > '{self._begun}'; while [ -e '{self._begun}' ] && [ ! -e '{self._open}' ]; do sleep 0.02; done"
        return f"import ctypes; ctypes.PyDLL(None).system({waits.encode()!r})"

    @property
    def busy_code(self) -> str:
        """Keeps the main thread busy alone."""
        return (
            f"import os, time\nopen({str(self._begun)!r}, 'w').close()\n"
            f"while os.path.exists({str(self._begun)!r}) and not os.path.exists({str(self._open)!r}): time.sleep(0.01)"
        )

    @property
    def is_reached(self) -> bool:
        """Whether the step has begun."""
        return self._begun.exists()

    def open(self) -> None:
        """Let the step go on to its end."""
        self._open.touch()


class Watcher:
    """Notes all that a session says, and waits for things."""

    def __init__(self, session: Session, ui: FakeUiThread) -> None:
        self.session = session
        self.ui = ui
        self.outputs: list[tuple[str, Output]] = []
        self.messages: list[Message] = []
        self.states: list[str] = []
        self.runs: list[Run] = []
        self.names: list[VariablesChange] = []
        self.inputs: list[InputRequest] = []
        self.troubles: list[object] = []
        session.output_arrived.connect(self._on_output)
        session.messages_arrived.connect(self._on_messages)
        session.state_changed.connect(self._on_state)
        session.run_changed.connect(self.runs.append)
        session.names_changed.connect(self.names.append)
        session.input_requested.connect(self.inputs.append)
        session.troubled.connect(self.troubles.append)

    def wait(self, is_done: Callable[[], object], timeout_s: float = 30.0, what: str = "what was waited for") -> None:
        """Pump until it holds."""
        self.ui.pump_until(is_done, timeout_s, f"{what} (the session is {self.session.state}, {self.session.cause})")

    def wait_state(self, state: str, timeout_s: float = 30.0) -> None:
        """Pump until the session is in that state."""
        self.wait(lambda: self.session.state == state, timeout_s, f"state {state}")

    def execute(self, code: str, timeout_s: float = 30.0, *, silent: bool = False) -> Run:
        """Run code to its end and return the run as it is then.

        A run is over a second after the kernel's reply, come what may; on a busy machine its output is later still.
        """
        run = self.session.execute(code, silent=silent)
        self.wait(lambda: self.run(run.id).status.is_final, timeout_s, f"the end of {code[:40]!r}")
        self.wait(lambda: run.id not in self.session._busy_parents, timeout_s, f"all output of {code[:40]!r}")
        return self.run(run.id)

    def run(self, run_id: str) -> Run:
        """The run as it is now."""
        return next(run for run in self.session.runs if run.id == run_id)

    def text(self, run_id: str = "") -> str:
        """All printed text, of one run or of all."""
        return "".join(o.text for run, o in self.outputs if isinstance(o, Stream) and run_id in ("", run))

    def displays(self) -> list[Display]:
        """Shown and returned objects."""
        return [output for _, output in self.outputs if isinstance(output, Display)]

    def cuts(self) -> list[str]:
        """The notes on what was cut."""
        return [output.note for _, output in self.outputs if isinstance(output, Cut)]

    def failures(self) -> list[Failure]:
        """Errors."""
        return [output for _, output in self.outputs if isinstance(output, Failure)]

    def _on_output(self, run: Run, outputs: tuple[Output, ...]) -> None:
        self.outputs.extend((run.id, output) for output in outputs)

    def _on_messages(self, messages: tuple[Message, ...]) -> None:
        self.messages.extend(messages)

    def _on_state(self) -> None:
        if not self.states or self.states[-1] != self.session.state:
            self.states.append(self.session.state)
