"""The client that qtconsole's widget thinks it talks to: just the surface it uses, over one Session. No sockets here.

The widget asks by method and is answered by messages on channel objects; the messages come from
`Session.messages_arrived`, a batch at a time, and follow https://jupyter-client.readthedocs.io/en/stable/messaging.html.
Owns no state of the run and no text.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from ide.core.errors import FourpaneError
from ide.core.record import replace
from ide.core.runs import Run
from ide.qt.ties import connect

if TYPE_CHECKING:
    from ide.kernels.records import CompleteReply, InspectReply, IsCompleteReply
    from ide.kernels.session import Session
    from ide.kernels.wire import Message

WireMessage = dict[str, Any]
"""A Jupyter message in the shape that qtconsole's handlers read."""


class Channel(QObject):
    """What the widget sees of one channel."""

    message_received = Signal(object)
    kernel_died = Signal(float)

    def is_alive(self) -> bool:
        """The session looks after its sockets; to the widget they are always there."""
        return True

    def closed(self) -> bool:
        """Nothing to flush: output comes in order."""
        return True

    def flush(self) -> None:
        """Nothing is held back here."""


class Bridge(QObject):
    """One session's messages for one console, both ways."""

    started_channels = Signal()
    stopped_channels = Signal()
    batch_ended = Signal()
    """All messages of one batch were handed over: a good moment to paint."""
    run_over = Signal(str)
    """Id of a run that the session counts as ended."""
    refused = Signal(object)
    """FourpaneError: the session would not take something."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.iopub_channel = Channel(self)
        self.shell_channel = Channel(self)
        self.stdin_channel = Channel(self)
        self.hb_channel = Channel(self)
        self.control_channel = Channel(self)
        self.channels_running = True
        self._behind: set[str] = set()
        self._held: list[Message] | None = []
        # qtconsole compares the session of a message with this one; what the Session hands on is always for us.
        self.session = SimpleNamespace(session=session.id)
        connect(self, session.messages_arrived, self._on_messages_arrived)
        connect(self, session.run_changed, self._on_run_changed)

    def execute(
        self,
        code: str,
        silent: bool = False,
        store_history: bool = True,
        user_expressions: Mapping[str, str] | None = None,
        allow_stdin: bool = True,
        stop_on_error: bool = True,
    ) -> str:
        """Run code; returns the msg_id, empty where the session refused."""
        is_behind = any(not run.status.is_final and not run.is_silent for run in self._session.runs)
        try:
            run = self._session.execute(
                code, silent=silent, store_history=store_history, stop_on_error=stop_on_error, allow_stdin=allow_stdin
            )
        except FourpaneError as error:
            self.refused.emit(error)
            return ""
        if is_behind:
            self._behind.add(run.id)
        return run.id

    def is_waiting(self, run_id: str) -> bool:
        """Whether other code was under way when this run was asked for; told once."""
        if run_id in self._behind:
            self._behind.discard(run_id)
            return True
        return False

    def complete(self, code: str, cursor_pos: int | None = None) -> str:
        """Ask the kernel for completions; the answer comes as complete_reply on the shell channel."""
        offset = len(code) if cursor_pos is None else cursor_pos
        request = uuid.uuid4().hex

        def done(reply: CompleteReply | None) -> None:
            if reply is not None:
                places = {"cursor_start": reply.first, "cursor_end": reply.end}
                self._answer("complete_reply", request, {"status": "ok", "matches": list(reply.matches), **places})

        self._session.complete(code, offset, done)
        return request

    def inspect(self, code: str, cursor_pos: int | None = None, detail_level: int = 0) -> str:
        """Ask the kernel about the name at a place; answered by inspect_reply."""
        offset = len(code) if cursor_pos is None else cursor_pos
        request = uuid.uuid4().hex

        def done(reply: InspectReply | None) -> None:
            if reply is not None:
                content = {"status": "ok", "found": reply.is_found, "data": dict(reply.data)}
                self._answer("inspect_reply", request, content)

        self._session.inspect(code, offset, detail_level, done)
        return request

    def is_complete(self, code: str) -> str:
        """Ask the kernel whether code is whole; answered by is_complete_reply. For languages without a plugin."""
        request = uuid.uuid4().hex

        def done(reply: IsCompleteReply | None) -> None:
            content = {"status": "unknown"} if reply is None else {"status": reply.status, "indent": reply.indent}
            self._answer("is_complete_reply", request, content)

        self._session.is_complete(code, done)
        return request

    def history(self, *_arguments: object, n: int = 1000, **_options: object) -> str:
        """The console's history is a file of ours, so the kernel is not asked: an empty history_reply."""
        request = uuid.uuid4().hex
        self._answer("history_reply", request, {"status": "ok", "history": []})
        return request

    def kernel_info(self) -> str:
        """Known to the session already; nothing is asked and nothing answered."""
        return uuid.uuid4().hex

    def input(self, text: str) -> None:
        """The answer to input(): kept nowhere."""
        self._session.answer_input(text)

    def _answer(self, kind: str, request: str, content: Mapping[str, Any]) -> None:
        message: WireMessage = {
            "header": {"msg_type": kind, "msg_id": uuid.uuid4().hex},
            "msg_type": kind,
            "parent_header": {"msg_id": request, "session": self.session.session},
            "metadata": {},
            "content": dict(content),
        }
        # The widget notes the request's id after the call has returned, so an answer must not come before that.
        QTimer.singleShot(0, self, lambda: self.shell_channel.message_received.emit(message))

    def release(self) -> None:
        """The widget is there: hand over what came before it, and everything from now on."""
        held, self._held = self._held, None
        if held:
            self._on_messages_arrived(tuple(held))

    def _on_run_changed(self, run: Run) -> None:
        if run.status.is_final and not run.is_silent:
            self.run_over.emit(run.id)

    def _on_messages_arrived(self, messages: tuple[Message, ...]) -> None:
        if self._held is not None:
            self._held += messages
            return
        for message in joined(messages):
            channel = {"stdin": self.stdin_channel, "shell": self.shell_channel}.get(
                message.channel, self.iopub_channel
            )
            channel.message_received.emit(as_wire(message, self.session.session))
        self.batch_ended.emit()


def joined(messages: Iterable[Message]) -> Iterator[Message]:
    """The messages in order, printed text of one run and stream that follows on itself put together."""
    waiting: list[Message] = []
    for message in messages:
        if waiting and not (_is_stream(message) and _continues(waiting[0], message)):
            yield _together(waiting)
            waiting = []
        if _is_stream(message):
            waiting.append(message)
        else:
            yield message
    if waiting:
        yield _together(waiting)


def as_wire(message: Message, session_id: str) -> WireMessage:
    """The record in the shape of the protocol."""
    wire = message.to_dict()
    wire["content"] = sound(message.content)
    wire["is_replay"] = message.is_replay
    wire["parent_header"] = {**wire["parent_header"], "msg_id": message.parent_id, "session": session_id}
    return wire


def sound(content: Mapping[str, Any]) -> dict[str, Any]:
    """`content` with every field of the type that the protocol says: handlers see nothing else."""
    return {name: _CHECKS[name](value) if name in _CHECKS else value for name, value in content.items()}


def _text(value: object) -> str:
    if isinstance(value, list):
        return "".join(str(part) for part in value)
    return value if isinstance(value, str) else "" if value is None else str(value)


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list | tuple) else []


def _objects(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list | tuple) else []


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


_CHECKS: Mapping[str, Callable[[object], Any]] = {
    **dict.fromkeys(("text", "name", "code", "prompt", "ename", "evalue", "execution_state", "status"), _text),
    **dict.fromkeys(("data", "metadata", "transient"), _object),
    "traceback": _texts,
    "payload": _objects,
    "execution_count": _count,
    "wait": bool,
    "password": bool,
}


def _is_stream(message: Message) -> bool:
    return message.type == "stream"


def _continues(first: Message, message: Message) -> bool:
    return message.parent_id == first.parent_id and message.content.get("name") == first.content.get("name")


def _together(messages: list[Message]) -> Message:
    if len(messages) == 1:
        return messages[0]
    text = "".join(str(each.content.get("text", "")) for each in messages)
    return replace(messages[0], content={**messages[0].content, "text": text})
