"""One session: a kernel as the rest of the program sees it. UI thread only; every call returns at once.

Owns the state of the kernel. Runs are told by `run_book`, the agent's talk by `agent`; sockets, spool and floods are
the I/O thread's, reached through `Link`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, Protocol

from ide.core.environment import LaunchSpec
from ide.core.errors import KernelError
from ide.core.events import Signal
from ide.core.language import AgentSource
from ide.core.outputs import Failure, Output
from ide.core.ports import After, Cancel
from ide.core.record import replace
from ide.core.runs import CodeSource, Run, RunStatus
from ide.core.table import OnProgress
from ide.core.variables import Names, VariablesChange
from ide.kernels import death, wire
from ide.kernels.full_text import write_full_output
from ide.kernels.items import CaughtUp, DoorMessage, Ended, Gone, Item, Launched, Ready, Replayed, Request, Troubled
from ide.kernels.names_watch import NamesWatch
from ide.kernels.records import (
    Answer,
    CompleteReply,
    DeathCause,
    InputRequest,
    InspectReply,
    IsCompleteReply,
    KernelInfo,
    Limits,
    SessionState,
)
from ide.kernels.replies import Replies, complete_reply, history_reply, inspect_reply, is_complete_reply
from ide.kernels.run_book import RunBook, source_header
from ide.kernels.wire import Message

REPLY_LIMIT_S = 5.0
SETTLE_S = 1.0
TAKES_UP_S = 0.15
RESTARTED = Failure("Restarted", "Ended, because the session was restarted.")
_HIDDEN_OWNERS = (wire.AGENT, wire.INTERNAL)
_OUTPUT_TYPES = ("stream", "display_data", "update_display_data", "execute_result", "clear_output")
_COMM_TYPES = ("comm_open", "comm_msg", "comm_close")


class Link(Protocol):
    """What a session needs of the I/O thread. Called on the UI thread; returns at once."""

    def send(self, session: str, request: Request) -> None:
        """Send a message to the kernel, once it is ready for it."""

    def ask_keeper(self, session: str, method: str, params: dict[str, Any]) -> None:
        """Have the keeper do something to the kernel."""

    def note(self, session: str, values: dict[str, Any]) -> None:
        """Write something down for the window that comes after this one."""


class Session:
    """A kernel with its runs, names and state. Made by `Kernels`."""

    state_changed = Signal()
    run_changed = Signal(Run)
    output_arrived = Signal(Run, tuple)
    messages_arrived = Signal(tuple)
    names_changed = Signal(VariablesChange)
    input_requested = Signal(InputRequest)
    agent_event = Signal(str, dict)
    troubled = Signal(object)
    """A KernelError about a kernel that is not dead (slow start, ignored interrupt), or None when that is over."""

    def __init__(
        self,
        session_id: str,
        name: str,
        launch: LaunchSpec,
        folder: Path,
        link: Link,
        after: After,
        agent_source: AgentSource | None,
        limits: Limits,
        *,
        is_attached: bool = False,
        is_busy: bool = False,
        on_gone: Callable[[Session], None] | None = None,
    ) -> None:
        self.id = session_id
        self.name = name
        self.launch = launch
        self.language = launch.environment.language
        self.started_s = time.time()
        self.execution_count = 0
        self.info: KernelInfo | None = None
        self.names = Names()
        self.working_folder: Path | None = launch.working_folder
        self.cause: DeathCause | None = None
        self.trouble: KernelError | None = None
        self.interrupt_ignored = False
        self.pid = 0
        self._folder = folder
        self._link = link
        self._after = after
        self._limits = limits
        self._watch = NamesWatch(
            agent_source, self._send_as_agent, self._send_to_door, after, lambda: self.state == "idle", self
        )
        self.is_attached = is_attached
        self._is_agent_loaded = is_attached
        self._on_gone = on_gone
        self._book = RunBook(session_id)
        self._phase: Literal["starting", "live", "restarting", "dead"] = "starting"
        self._busy_parents: set[str] = set()
        self._is_assumed_busy = is_busy
        self._input: InputRequest | None = None
        self._is_interrupting = False
        self._waiting: list[Request] = []
        self._counter = 0
        self._generation = 0
        self._is_private = True
        self._taken_up_s = 0.0
        self._client = f"fp{session_id}-{int(self.started_s * 1000):x}"
        self._replies = Replies(after)
        self._cancels: dict[str, Cancel] = {}
        self._last_state: SessionState = "starting"

    # -- state

    @property
    def state(self) -> SessionState:
        """What the kernel is doing."""
        if self._phase != "live":
            return self._phase
        if self._is_interrupting:
            return "interrupting"
        if self._input is not None:
            return "waiting"
        return "busy" if self._is_busy else "idle"

    @property
    def runs(self) -> tuple[Run, ...]:
        """The last thousand runs, oldest first."""
        return self._book.all

    @property
    def has_agent(self) -> bool:
        """Whether the agent of the language has said hello."""
        return self._watch.is_ready

    @property
    def after(self) -> After:
        """Runs things later on the UI thread."""
        return self._after

    @property
    def is_answering(self) -> bool:
        """Whether the agent answers what is asked of tables now: also while code runs, where it has a way to."""
        return self.has_agent and (self._watch.is_answering or self.state == "idle")

    @property
    def is_listing(self) -> bool:
        """Whether names of what has run are still on their way from the agent."""
        return self._phase != "dead" and self._watch.is_behind

    @property
    def pending_input(self) -> InputRequest | None:
        """What the kernel asks the user just now."""
        return self._input

    @property
    def _is_busy(self) -> bool:
        return bool(self._busy_parents) or self._is_assumed_busy or bool(self._book.open)

    # -- what the user does

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
        """Queue code behind what runs already. Raises KernelError when the kernel is dead."""
        if self._phase == "dead":
            raise KernelError(
                f"The kernel of {self.launch.environment.name} has ended, so nothing was run.",
                self.cause.text if self.cause else "",
                "Restart it.",
                action="session.restart",
                action_title="Restart",
            )
        content = {
            "code": code,
            "silent": silent,
            "store_history": store_history and not silent,
            "user_expressions": {},
            "allow_stdin": allow_stdin,
            "stop_on_error": stop_on_error,
        }
        request = Request("shell", "execute_request", content, self._next_id(), wire.USER, source_header(source))
        run = Run(request.id, self.id, code, source, is_silent=silent)
        if not self._book.open:
            self._taken_up_s = time.monotonic()
        self._book.add(run)
        if self._phase == "live":
            self._link.send(self.id, request)
        else:
            self._waiting.append(request)  # the agent goes first: it brings the kernel into its folder
        self.run_changed.emit(run)
        self._tell_state()
        return run

    def interrupt(self) -> None:
        """Stop what runs.

        Where that does not help, `interrupt_ignored` says so after some seconds; nothing is killed.
        """
        if self._phase != "live" or self.state == "idle":
            return
        self._book.note_interrupt()
        self._is_interrupting = True
        self._timer("interrupt", self._limits.interrupt_s, self._on_interrupt_ignored)
        self._send_interrupt()
        self._tell_state()

    def _send_interrupt(self) -> None:
        """A signal that meets IRkernel between two runs, or while it takes one up, ends R or is lost: so wait."""
        if not self._is_interrupting:
            return
        if time.monotonic() - self._taken_up_s < TAKES_UP_S and self._book.open:
            self._timer("send interrupt", TAKES_UP_S, self._send_interrupt)
            return
        if self.launch.interrupt_mode == "message":
            self._send("control", "interrupt_request", {}, wire.INTERNAL)
        else:
            self._link.ask_keeper(self.id, "interrupt", {})

    def restart(self) -> None:
        """End the kernel and start it anew; open runs end, variables are lost.

        Asking again meanwhile changes nothing.
        """
        if self._phase == "restarting":
            return
        self._leave_generation()
        self._phase = "restarting"
        self._end_runs(RunStatus.INTERRUPTED, RESTARTED)
        self._link.ask_keeper(self.id, "restart", {"grace_s": 1.0})
        self._tell_state()

    def shut_down(self) -> None:
        """End the kernel; the session is removed once it has gone."""
        self._link.ask_keeper(self.id, "stop", {"grace_s": 1.0})

    def kill(self) -> None:
        """End the kernel's process at once. The session stays, dead, and can be restarted."""
        self._link.ask_keeper(self.id, "kill", {})

    def rename(self, name: str) -> None:
        """Give the session another name."""
        self.name = name
        self._link.ask_keeper(self.id, "rename", {"name": name})
        self.state_changed.emit()

    def answer_input(self, text: str) -> None:
        """Answer what the kernel asked. The text goes nowhere else."""
        if self._input is None:
            return
        self._input = None
        self._send("stdin", "input_reply", {"value": text}, wire.USER)
        self._link.note(self.id, {"pending_input": None})
        self._tell_state()

    # -- questions

    def complete(self, code: str, offset: int, done: Callable[[CompleteReply | None], None]) -> Cancel:
        """The kernel's own completions at a code point offset. None: too late, or gone."""
        return self._ask("complete_request", {"code": code, "cursor_pos": offset}, complete_reply, done)

    def inspect(self, code: str, offset: int, detail_level: int, done: Callable[[InspectReply | None], None]) -> Cancel:
        """The kernel's own help. None: too late, or gone."""
        content = {"code": code, "cursor_pos": offset, "detail_level": detail_level}
        return self._ask("inspect_request", content, inspect_reply, done)

    def is_complete(self, code: str, done: Callable[[IsCompleteReply | None], None]) -> Cancel:
        """Whether the kernel thinks that code is whole. None: too late, or gone."""
        return self._ask("is_complete_request", {"code": code}, is_complete_reply, done)

    def history(self, count: int, done: Callable[[tuple[str, ...] | None], None]) -> Cancel:
        """The last `count` inputs that the kernel remembers, oldest first. None: too late, or gone."""
        content = {
            "hist_access_type": "tail",
            "n": count,
            "raw": True,
            "output": False,
            "session": 0,
            "start": 0,
            "stop": 0,
        }
        return self._ask("history_request", content, history_reply, done)

    def ask(
        self,
        method: str,
        params: dict[str, Any],
        done: Callable[[Answer], None],
        timeout_s: float = 5,
        progress: OnProgress | None = None,
    ) -> Cancel:
        """Ask the agent; giving up tells it so. Where the contract says `main` it answers between runs only.

        Other methods go through the agent's own socket while there is one; else they wait until the kernel is idle.
        """
        return self._watch.ask(method, params, done, timeout_s, progress)

    def refresh_names(self) -> None:
        """Have the agent list all names anew, once the kernel is idle."""
        self._watch.refresh()

    def update_names(self) -> None:
        """Have the agent tell which names are others by now, once the kernel is idle. Marks of the last run stay."""
        self._watch.update()

    def queue_message(self, message_type: str, content: Mapping[str, Any], *, channel: str = "shell") -> str:
        """Send a message of the caller's own and return its id; what it causes comes in `messages_arrived`."""
        message_id = self._next_id()
        self._link.send(self.id, Request(channel, message_type, dict(content), message_id, wire.USER))
        return message_id

    def full_output(self, run_id: str) -> Path | None:
        """A file with all that a run printed, from the spool.

        May be called in a pool thread: a large spool takes a moment.
        """
        return write_full_output(self._folder, run_id)

    # -- what the I/O thread hands over

    def take(self, items: tuple[Item, ...]) -> None:
        """One batch, in order."""
        messages: list[Message] = []
        outputs: list[Output] = []
        run_id = ""
        for item in items:
            if isinstance(item, Message):
                if self._take_hidden(item):
                    continue
                item = self._given_to_a_run(item)
            elif isinstance(item, DoorMessage):
                if item.generation == self._generation:
                    self._watch.take_door(item.data, item.buffers)
                continue
            goes_on = isinstance(item, Message) and item.parent_id == run_id and item.outputs
            if outputs and not goes_on:
                self._hand_out(run_id, outputs)
                outputs = []
            if isinstance(item, Message):
                messages.append(item)
                run_id = item.parent_id
                outputs.extend(item.outputs)
                self._take_message(item)
            else:
                self._flush(messages)
                self._take_notice(item)
        if outputs:
            self._hand_out(run_id, outputs)
        self._flush(messages)
        self._tell_state()

    def close(self) -> None:
        """The program ends: no timer stays, no question stays open."""
        for cancel in self._cancels.values():
            cancel()
        self._cancels.clear()
        self._replies.close()
        self._watch.close()

    # -- inside: messages

    def _hand_out(self, run_id: str, outputs: list[Output]) -> None:
        """What a process printed itself belongs to no run by name: it goes with the one that runs, or ran last."""
        run = self._book.get(run_id) or next(iter(self._book.open), None) or next(reversed(self._book.all), None)
        if run is not None:
            self.output_arrived.emit(run, tuple(outputs))

    def _flush(self, messages: list[Message]) -> None:
        if messages:
            self.messages_arrived.emit(tuple(messages))
            messages.clear()

    def _take_hidden(self, message: Message) -> bool:
        """Deal with what the agent or we ourselves caused; that is nobody else's business."""
        if message.type in _COMM_TYPES and str(message.content.get("comm_id", "")).startswith(wire.COMM_PREFIX):
            self._watch.take_comm(message)
            return True
        if message.type in _OUTPUT_TYPES:
            return False
        match wire.purpose_of(message):
            case wire.AGENT:
                self._watch.take_reply(message)
                return True
            case wire.INTERNAL:
                self._replies.take(message)
                return True
        return message.type == "iopub_welcome"

    def _given_to_a_run(self, message: Message) -> Message:
        """What a thread prints later may come as if we had asked for it: it belongs to the last run."""
        last = next(reversed(self._book.all), None)
        if last is None or wire.purpose_of(message) == wire.USER:
            return message
        return replace(message, parent_id=last.id, parent={"msg_id": last.id, "username": wire.USER})

    def _take_message(self, message: Message) -> None:
        if message.type == "status":
            self._note_status(message)
        elif message.type == "input_request":
            self._ask_user(
                InputRequest(
                    str(message.content.get("prompt", "")), bool(message.content.get("password")), message.parent_id
                )
            )
        elif message.type in ("execute_input", "execute_reply"):
            self._taken_up_s = time.monotonic()
            count = message.content.get("execution_count")
            if isinstance(count, int):
                self.execution_count = max(count, self.execution_count) if count else self.execution_count
        run = self._book.take(message)
        if run is not None:
            self._on_run(run)
        if self._book.is_settling(message.parent_id):
            self._timer(f"settle {message.parent_id}", SETTLE_S, self._settler(message.parent_id))

    def _note_status(self, message: Message) -> None:
        state = message.content.get("execution_state")
        if state == "busy" and message.parent.get("msg_type") == "execute_request":
            self._busy_parents.add(message.parent_id)
        elif state == "idle":
            self._busy_parents.discard(message.parent_id)
            self._end_interrupt()
            if self._input is not None and self._input.run_id == message.parent_id:
                self._input = None
                self._link.note(self.id, {"pending_input": None})

    def _settler(self, run_id: str) -> Callable[[], None]:
        def settle() -> None:
            run = self._book.settle(run_id, time.time())
            if run is not None:
                self._on_run(run)
                self._tell_state()

        return settle

    def _on_run(self, run: Run) -> None:
        self.run_changed.emit(run)
        if run.status.is_final:
            self._cancel(f"settle {run.id}")
            if not run.is_silent:
                self._watch.run_ended()
        elif run.status == RunStatus.RUNNING and not run.is_silent:
            self._watch.run_began()

    def _ask_user(self, request: InputRequest) -> None:
        self._input = request
        self._tell_state()
        self.input_requested.emit(request)

    # -- inside: what happens to the kernel

    def _take_notice(self, notice: Item) -> None:
        match notice:
            case Launched():
                self._on_launched(notice)
            case Ready():
                self._on_ready(notice.info)
            case Ended():
                self._on_ended(notice.cause)
            case Troubled():
                self._set_trouble(notice.error)
            case Replayed():
                self._on_replayed(notice.pending_input)
            case CaughtUp():
                self._on_caught_up()
            case Gone():
                self._on_forgotten()

    def _on_launched(self, notice: Launched) -> None:
        """A new process. Code that waits for it stays queued; what the one before it had left open has ended."""
        if self._generation and self._phase != "restarting":
            self._leave_generation()
            self._end_runs(RunStatus.DIED)
        self.pid, self._generation, self._is_private = notice.pid, notice.generation, notice.is_private
        self._phase, self.cause = "starting", None
        self._tell_state()

    def _on_ready(self, info: KernelInfo | None) -> None:
        if info is not None:
            self.info = info
        if self._phase == "starting":
            self._phase = "live"
            name = self.launch.environment.name
            self._set_trouble(None if self._is_private else death.readable_error(name))
            self._watch.begin(is_loaded=self._is_agent_loaded)
            waiting, self._waiting = self._waiting, []
            for request in waiting:
                self._link.send(self.id, request)
        self.state_changed.emit()

    def _on_replayed(self, pending: InputRequest | None) -> None:
        self._is_assumed_busy = False
        if pending is not None and self._phase != "dead" and self._input is None and self._is_busy:
            self._ask_user(pending)

    def _on_caught_up(self) -> None:
        """Runs of an earlier window whose end nobody saw (the keeper died too) have ended."""
        for run in self._book.open:
            if not run.id.startswith(self._client):
                ended = self._book.give_up(run.id, time.time())
                self._busy_parents.discard(run.id)
                self._on_run(ended)
        self._busy_parents = {name for name in self._busy_parents if name.startswith(self._client)}

    def _on_ended(self, cause: DeathCause) -> None:
        is_on_the_way = self._phase == "restarting" and cause.kind != "start"
        if is_on_the_way or self._phase == "dead":
            return
        self._leave_generation()
        self._phase, self.cause = "dead", cause
        self._end_runs(RunStatus.DIED)
        self._tell_state()

    def _on_forgotten(self) -> None:
        self._on_ended(DeathCause("asked", "The kernel was ended."))
        self.close()
        if self._on_gone is not None:
            self._on_gone(self)

    def _leave_generation(self) -> None:
        """What was said to the kernel's process is void: questions, the agent, an open input, an interrupt."""
        self._watch.leave()
        self._waiting.clear()
        self._is_agent_loaded = False
        self._replies.close()
        self._busy_parents.clear()
        self._is_assumed_busy = False
        if self._input is not None:
            self._input = None
            self._link.note(self.id, {"pending_input": None})
        self._end_interrupt()
        self._set_trouble(None)

    def _end_runs(self, status: RunStatus, error: Failure | None = None) -> None:
        for run in self._book.end_all(status, time.time(), error):
            self._cancel(f"settle {run.id}")
            self.run_changed.emit(run)

    def _on_interrupt_ignored(self) -> None:
        if self._is_interrupting:
            self.interrupt_ignored = True
            self._set_trouble(death.interrupt_error(self.launch.environment.name, self._limits.interrupt_s))

    def _end_interrupt(self) -> None:
        if self._is_interrupting:
            self._is_interrupting = False
            self._cancel("interrupt")
            self._cancel("send interrupt")
            if self.interrupt_ignored:
                self.interrupt_ignored = False
                self._set_trouble(None)

    def _set_trouble(self, error: KernelError | None) -> None:
        if error is not self.trouble:
            self.trouble = error
            self.troubled.emit(error)
            self.state_changed.emit()

    def _tell_state(self) -> None:
        if self.state != self._last_state:
            self._last_state = self.state
            self.state_changed.emit()
            if self._last_state == "idle":
                self._watch.look()

    # -- inside: what the watch of names tells

    def names_are(self, names: Names, change: VariablesChange) -> None:
        """Told by the watch."""
        self.names = names
        self.names_changed.emit(change)

    def folder_is(self, folder: Path) -> None:
        """Told by the watch."""
        if folder != self.working_folder:
            self.working_folder = folder
            self.state_changed.emit()

    def agent_said(self, event: str, params: dict[str, Any]) -> None:
        """Told by the watch."""
        self.agent_event.emit(event, params)

    def agent_is_ready(self) -> None:
        """Told by the watch."""
        self.state_changed.emit()

    def _send_as_agent(self, message_type: str, content: dict[str, Any]) -> str:
        return self._send("shell", message_type, content, wire.AGENT)

    def _send_to_door(self, what: str, content: dict[str, Any]) -> None:
        self._link.send(self.id, Request("door", what, content, "", wire.AGENT))

    # -- inside: sending and time

    def _ask(
        self,
        message_type: str,
        content: dict[str, Any],
        read: Callable[[Mapping[str, Any]], Any],
        done: Callable[[Any], None],
    ) -> Cancel:
        if self._phase != "live":
            return self._after(0.0, lambda: done(None))
        message_id = self._send("shell", message_type, content, wire.INTERNAL)
        return self._replies.expect(message_id, read, done, REPLY_LIMIT_S)

    def _send(self, channel: str, message_type: str, content: dict[str, Any], owner: str) -> str:
        message_id = self._next_id(owner)
        self._link.send(self.id, Request(channel, message_type, content, message_id, owner))
        return message_id

    def _next_id(self, owner: str = wire.USER) -> str:
        self._counter += 1
        return wire.new_id(self._client, owner, self._counter)

    def _timer(self, name: str, delay_s: float, act: Callable[[], None]) -> None:
        self._cancel(name)
        self._cancels[name] = self._after(delay_s, act)

    def _cancel(self, name: str) -> None:
        cancel = self._cancels.pop(name, None)
        if cancel is not None:
            cancel()
