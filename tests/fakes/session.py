"""A Session without a kernel, with the surface of `ide.kernels.session.Session`: the test says what the kernel says."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from ide.core.environment import Environment, LaunchSpec
from ide.core.errors import KernelError
from ide.core.events import Signal
from ide.core.ports import Cancel
from ide.core.runs import CodeSource, Run, RunStatus
from ide.core.table import OnProgress
from ide.core.variables import Names, VariablesChange
from ide.kernels.records import (
    Answer,
    CompleteReply,
    DeathCause,
    InputRequest,
    InspectReply,
    IsCompleteReply,
    KernelInfo,
    SessionState,
)
from ide.kernels.wire import Message

_numbers = itertools.count(1)


def fake_launch(language: str = "python", name: str = "env", folder: Path = Path()) -> LaunchSpec:
    """A launch record that starts nothing."""
    return LaunchSpec(Environment(f"{language}-id", name, language, "fake"), ("nothing",), folder)


class FakeSession:
    """Records what it is asked; `say` plays the kernel."""

    state_changed = Signal()
    run_changed = Signal(Run)
    output_arrived = Signal(Run, tuple)
    messages_arrived = Signal(tuple)
    names_changed = Signal(VariablesChange)
    input_requested = Signal(InputRequest)
    agent_event = Signal(str, dict)
    troubled = Signal(object)

    def __init__(self, language: str = "python", name: str = "env") -> None:
        self.id = f"fake{next(_numbers)}"
        self.name = name
        self.launch = fake_launch(language, name)
        self.language = language
        self.state: SessionState = "idle"
        self.cause: DeathCause | None = None
        self.trouble: KernelError | None = None
        self.started_s = 0.0
        self.execution_count = 0
        self.info: KernelInfo | None = KernelInfo(language=language, banner=f"{language} 1.0")
        self.names = Names()
        self.working_folder: Path | None = Path("/project")
        self.runs: tuple[Run, ...] = ()
        self.asked: list[tuple[str, tuple[object, ...]]] = []
        self.answers: dict[str, object] = {}
        self.full_outputs: dict[str, Path] = {}
        self.refuses = False
        self.is_attached = False
        self.is_answering = True

    # --- what the program calls ---

    def execute(
        self,
        code: str,
        *,
        source: CodeSource | None = None,
        silent: bool = False,
        store_history: bool = True,
        stop_on_error: bool = True,
        allow_stdin: bool = True,
    ) -> Run:
        """A run that waits until the test says what becomes of it."""
        if self.refuses:
            raise KernelError("The kernel has ended.")
        run = Run(f"run{next(_numbers)}", self.id, code, source, is_silent=silent)
        self.runs = (*self.runs, run)
        self.asked.append(("execute", (code,)))
        return run

    def interrupt(self) -> None:
        """Noted."""
        self.asked.append(("interrupt", ()))

    def restart(self) -> None:
        """Noted."""
        self.asked.append(("restart", ()))

    def shut_down(self) -> None:
        """Noted."""
        self.asked.append(("shut_down", ()))

    def kill(self) -> None:
        """Noted."""
        self.asked.append(("kill", ()))

    def rename(self, name: str) -> None:
        """Takes the name."""
        self.name = name
        self.state_changed.emit()

    def answer_input(self, text: str) -> None:
        """Noted."""
        self.asked.append(("answer_input", (text,)))

    def complete(self, code: str, offset: int, done: Callable[[CompleteReply | None], None]) -> Cancel:
        """The answer set by the test."""
        done(cast("CompleteReply | None", self.answers.get("complete")))
        return _nothing

    def inspect(self, code: str, offset: int, detail_level: int, done: Callable[[InspectReply | None], None]) -> Cancel:
        """The answer set by the test."""
        done(cast("InspectReply | None", self.answers.get("inspect")))
        return _nothing

    def is_complete(self, code: str, done: Callable[[IsCompleteReply | None], None]) -> Cancel:
        """The answer set by the test."""
        done(cast("IsCompleteReply | None", self.answers.get("is_complete")))
        return _nothing

    def history(self, count: int, done: Callable[[tuple[str, ...]], None]) -> Cancel:
        """Nothing."""
        done(())
        return _nothing

    def ask(
        self,
        method: str,
        params: dict[str, Any],
        done: Callable[[Answer], None],
        timeout_s: float = 5,
        progress: OnProgress | None = None,
    ) -> Cancel:
        """The answer set by the test, or that there is no agent."""
        self.asked.append(("ask", (method, params)))
        done(cast(Answer, self.answers.get(method, Answer(None, error="gone", code="gone"))))
        return _nothing

    @staticmethod
    def after(_delay_s: float, act: Callable[[], None]) -> Cancel:
        """At once."""
        act()
        return _nothing

    def full_output(self, run_id: str) -> Path | None:
        """The file set by the test."""
        return self.full_outputs.get(run_id)

    # --- what the test plays ---

    def say(self, *messages: Message) -> None:
        """One batch from the kernel."""
        self.messages_arrived.emit(messages)

    def run_through(self, run: Run, *messages: Message, status: str = "ok", count: int | None = None) -> None:
        """Input, messages, reply and idle of one run, in one batch."""
        self.execution_count = count if count is not None else self.execution_count + 1
        self.say(self.input_of(run), *messages, *self.end_of(run, status))
        self.set_run(run, RunStatus.OK if status == "ok" else RunStatus.ERROR)

    def set_run(self, run: Run, status: RunStatus) -> None:
        """The run's state, without messages."""
        changed = replace(run, status=status)
        self.runs = tuple(changed if each.id == run.id else each for each in self.runs)
        self.run_changed.emit(changed)

    def input_of(self, run: Run) -> Message:
        """The kernel takes the run up."""
        content = {"code": run.code, "execution_count": self.execution_count}
        return message("execute_input", run.id, content)

    def end_of(self, run: Run, status: str = "ok", payload: tuple[Mapping[str, Any], ...] = ()) -> tuple[Message, ...]:
        """Reply and idle."""
        reply = {"status": status, "execution_count": self.execution_count, "payload": list(payload)}
        return (
            message("execute_reply", run.id, reply, channel="shell"),
            message("status", run.id, {"execution_state": "idle"}),
        )

    def set_state(self, state: SessionState, cause: DeathCause | None = None) -> None:
        """Change the state and tell."""
        self.state, self.cause = state, cause
        self.state_changed.emit()


def message(kind: str, run_id: str, content: Mapping[str, Any], channel: str = "iopub") -> Message:
    """One record as the wire makes it."""
    number = f"m{next(_numbers)}"
    return Message(channel, kind, number, run_id, content, {"msg_type": kind, "msg_id": number}, {"msg_id": run_id})


def stream(run_id: str, text: str, name: str = "stdout") -> Message:
    """Printed text."""
    return message("stream", run_id, {"name": name, "text": text})


def _nothing() -> None:
    """Nothing to cancel."""
