"""The talk with a language's agent over its comm: opening, requests with time limits, events.

UI thread; no transport of its own.
"""

from __future__ import annotations

import itertools
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from ide.core.errors import ContractError
from ide.core.language import AgentSource
from ide.core.ports import After, Cancel
from ide.core.variables import Variable, VariablesChange
from ide.kernels import contract
from ide.kernels.records import Answer
from ide.kernels.wire import COMM_PREFIX, Message

logger = logging.getLogger(__name__)

HELLO_LIMIT_S = 3600.0  # a kernel that is busy when a window attaches answers when it is done
Send = Callable[[str, dict[str, Any]], str]
"""Sends a message of that type on the shell channel as the agent's; returns its id."""


@dataclass(slots=True)
class _Asked:
    method: str
    params: dict[str, Any]
    done: Callable[[Answer], None]
    cancel_timer: Cancel


class AgentTalk:
    """One agent in one generation of a kernel. `is_ready` once it has said hello."""

    def __init__(
        self, source: AgentSource, send: Send, after: After, on_ready: Callable[[contract.Hello], None]
    ) -> None:
        self._source = source
        self._send = send
        self._after = after
        self._on_ready = on_ready
        self._numbers = itertools.count(1)
        self._asked: dict[int, _Asked] = {}
        self._early: list[int] = []
        self._stage: Literal["new", "loading", "opening", "ready", "closed"] = "new"
        self._code_id = self._open_id = ""
        self._can_reload = False
        self.comm_id = f"{COMM_PREFIX}{uuid.uuid4().hex}"
        self.pushes = True

    @property
    def is_ready(self) -> bool:
        """Whether it has said hello."""
        return self._stage == "ready"

    @property
    def is_closed(self) -> bool:
        """Whether it never answered, or the kernel has gone."""
        return self._stage == "closed"

    def begin(self, *, is_loaded: bool) -> None:
        """Send the agent in, or where a window before us did so, only open the comm."""
        if is_loaded:
            self._can_reload = True
            self._open()
        else:
            self._load()

    def ask(self, method: str, params: dict[str, Any], done: Callable[[Answer], None], timeout_s: float) -> Cancel:
        """Ask; `done` is called once unless cancelled."""
        if self._stage == "closed":
            return self._after(0.0, lambda: done(Answer(None, error="gone")))
        number = next(self._numbers)
        self._asked[number] = _Asked(
            method, params, done, self._after(timeout_s, lambda: self._finish(number, Answer(None, error="timeout")))
        )
        if self._stage == "ready" or method == "hello":
            self._post(number)
        else:
            self._early.append(number)
        return lambda: self._forget(number)

    def close(self) -> None:
        """The kernel has gone: every question gets an answer."""
        self._stage = "closed"
        for number in list(self._asked):
            self._finish(number, Answer(None, error="gone"))

    def on_reply(self, message: Message) -> None:
        """A reply on the shell channel to something that we sent."""
        if message.parent_id != self._code_id or self._stage != "loading":
            return
        if message.content.get("status") == "ok":
            self._open()
        else:
            logger.info(
                "the agent could not be sent in: %s", message.content.get("evalue", message.content.get("status"))
            )
            self.close()

    def on_idle(self, message_id: str) -> None:
        """The kernel has dealt with a message of ours. It grumbles about a comm that is used before that."""
        if self._stage == "opening" and message_id == self._open_id:
            self.ask("hello", {}, self._on_hello, HELLO_LIMIT_S)

    def on_comm(self, message: Message) -> tuple[str, dict[str, Any]] | None:
        """A comm message: answers are given to who asked; an event is returned as its name and parameters."""
        if message.content.get("comm_id") != self.comm_id:
            return None
        if message.type == "comm_close":
            self._refused()
            return None
        data = message.content.get("data")
        if message.type != "comm_msg" or not isinstance(data, dict) or data.get("v") != contract.VERSION:
            return None
        if "event" in data:
            params = data.get("params")
            return str(data["event"]), params if isinstance(params, dict) else {}
        self._answered(data, message.buffers)
        return None

    def _load(self) -> None:
        self._stage = "loading"
        content = {
            "code": self._source.code,
            "silent": True,
            "store_history": False,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": False,
        }
        self._code_id = self._send("execute_request", content)

    def _open(self) -> None:
        self._stage = "opening"
        self.comm_id = f"{COMM_PREFIX}{uuid.uuid4().hex}"
        self._open_id = self._send(
            "comm_open", {"comm_id": self.comm_id, "target_name": self._source.target, "data": {}}
        )

    def _refused(self) -> None:
        """The kernel knows no such target: the agent is not in it (or it has closed the comm)."""
        if self._can_reload and self._stage == "opening":
            self._can_reload = False
            for number, asked in list(self._asked.items()):
                if asked.method == "hello":
                    self._forget(number)
            self._load()
        else:
            self.close()

    def _on_hello(self, answer: Answer) -> None:
        if answer.result is None:
            logger.info("the agent did not say hello: %s", answer.error)
            if self._stage != "closed":
                self.close()
            return
        try:
            hello = contract.Hello.from_json(answer.result)
        except ContractError as error:
            logger.info("the agent's hello does not fit the contract: %s", error.text)
            self.close()
            return
        self._stage, self.pushes = "ready", hello.pushes
        early, self._early = self._early, []
        for number in early:
            if number in self._asked:
                self._post(number)
        self._on_ready(hello)

    def _post(self, number: int) -> None:
        asked = self._asked[number]
        data = {"v": contract.VERSION, "id": number, "method": asked.method, "params": asked.params}
        self._send("comm_msg", {"comm_id": self.comm_id, "data": data})

    def _answered(self, data: dict[str, Any], buffers: tuple[bytes, ...]) -> None:
        number = data.get("id")
        if not isinstance(number, int):
            return
        result, error = data.get("result"), data.get("error")
        if isinstance(result, dict):
            self._finish(number, Answer(result, buffers))
        else:
            words = error if isinstance(error, dict) else {}
            self._finish(number, Answer(None, error=str(words.get("message") or words.get("code") or "no result")))

    def _finish(self, number: int, answer: Answer) -> None:
        asked = self._asked.pop(number, None)
        if asked is not None:
            asked.cancel_timer()
            asked.done(answer)

    def _forget(self, number: int) -> None:
        asked = self._asked.pop(number, None)
        if asked is not None:
            asked.cancel_timer()


def change_from(params: dict[str, Any]) -> VariablesChange:
    """The difference that an agent sent. Raises ContractError."""
    read = contract.VariablesDifference.from_json(params)
    return VariablesChange(
        added=tuple(map(_variable, read.added)),
        changed=tuple(map(_variable, read.changed)),
        removed=read.removed,
        is_full=read.is_full,
        total=read.total,
    )


def _variable(entry: contract.VariableEntry) -> Variable:
    kind: Literal["data", "value", "function", "module", "other"] = "other"
    if entry.kind in ("data", "value", "function", "module"):
        kind = entry.kind  # type: ignore[assignment]  # the contract's reader has checked the choice; mypy sees text
    return Variable(
        entry.name,
        entry.type_name,
        kind,
        entry.shape,
        entry.preview,
        entry.size_bytes,
        entry.has_children,
        entry.is_evaluated,
    )
