"""The talk with a language's agent: opening, requests with time limits and progress, events, and which road they take.

UI thread; no transport of its own. Methods that need not wait for the main thread go through the agent's own socket
("door") once that has answered; everything else, and everything where there is none, over the comm.
"""

from __future__ import annotations

import itertools
import logging
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any, Literal

from ide.core.errors import ContractError
from ide.core.language import AgentSource
from ide.core.ports import After, Cancel
from ide.core.record import dataclass, field
from ide.core.table import OnProgress, Progress
from ide.core.variables import Variable, VariablesChange
from ide.kernels import contract
from ide.kernels.records import Answer
from ide.kernels.wire import COMM_PREFIX, Message

logger = logging.getLogger(__name__)

_AGAIN = ("hello", "agent.more", "door.open")  # what the main thread does may be asked again in these cases
HELLO_LIMIT_S = 3600.0  # a kernel that is busy when a window attaches answers when it is done
LOST_S = 5.0
TRIES = 6  # without these answers there are no names and no tables for as long as the kernel lives
STUCK_S = 1.0
Send = Callable[[str, dict[str, Any]], str]
"""Sends a message of that type on the shell channel as the agent's; returns its id."""
SendToDoor = Callable[[str, dict[str, Any]], None]
"""Sends a "request" to the agent's own socket; with "open" opens that first."""


_GONE = Answer(None, error="gone", code="gone")


@dataclass(slots=True)
class _Asked:
    method: str
    params: dict[str, Any]
    done: Callable[[Answer], None]
    cancel_timer: Cancel
    progress: OnProgress | None = None
    road: Literal["", "comm", "door"] = ""
    message_ids: list[str] = field(default_factory=list)

    @property
    def needs_main_thread(self) -> bool:
        return contract.WHERE.get(self.method, "main") == "main"


class AgentTalk:
    """One agent in one generation of a kernel. `is_ready` once it has said hello.

    `is_idle` tells whether the kernel would answer on the comm now.
    """

    def __init__(
        self,
        source: AgentSource,
        send: Send,
        send_to_door: SendToDoor,
        after: After,
        is_idle: Callable[[], bool],
        on_ready: Callable[[contract.Hello], None],
        on_door: Callable[[], None],
    ) -> None:
        self._source = source
        self._send = send
        self._send_to_door = send_to_door
        self._after = after
        self._is_idle = is_idle
        self._on_ready = on_ready
        self._on_door = on_door
        self._numbers = itertools.count(1)
        self._asked: dict[int, _Asked] = {}
        self._waiting: list[int] = []
        self._door: Literal["none", "opening", "open"] = "none"
        self._stuck_timer: Cancel | None = None
        self.is_stuck = False
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

    @property
    def has_door(self) -> bool:
        """Whether what need not wait for the main thread is answered while code runs."""
        return self._door == "open" and self._stage == "ready"

    @property
    def is_answering(self) -> bool:
        """Whether it does so now. One step of C code that lets no other thread in keeps it from that."""
        return self.has_door and not self.is_stuck

    def ask(
        self,
        method: str,
        params: dict[str, Any],
        done: Callable[[Answer], None],
        timeout_s: float,
        progress: OnProgress | None = None,
    ) -> Cancel:
        """Ask; `done` is called once unless cancelled."""
        if self._stage == "closed":
            return self._after(0.0, lambda: done(_GONE))
        number = next(self._numbers)
        timer = self._after(timeout_s, lambda: self._time_out(number))
        self._asked[number] = _Asked(method, params, done, timer, progress)
        self._post(number)
        return lambda: self._give_up(number)

    def release(self) -> None:
        """The kernel is idle, or the door open: what waited for that goes now."""
        waiting, self._waiting = self._waiting, []
        for number in waiting:
            if number in self._asked:
                self._post(number)

    def close(self) -> None:
        """The kernel has gone: every question gets an answer."""
        self._stage = "closed"
        self._stop_stuck_timer()
        for number in list(self._asked):
            self._finish(number, _GONE)
        self._waiting.clear()

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
        else:
            self._look_for_lost(message_id)

    def on_comm(self, message: Message) -> tuple[str, dict[str, Any]] | None:
        """A comm message: answers are given to who asked; an event is returned as its name and parameters."""
        if message.content.get("comm_id") != self.comm_id:
            return None
        if message.type == "comm_close":
            self._refused()
            return None
        data = message.content.get("data")
        if message.type != "comm_msg" or not isinstance(data, dict):
            return None
        return self._take(data, message.buffers)

    def on_door(self, data: dict[str, Any], buffers: tuple[bytes, ...]) -> tuple[str, dict[str, Any]] | None:
        """What the agent's own socket says, as on the comm."""
        self._stop_stuck_timer()
        if self.is_stuck:
            self.is_stuck = False
            self._on_door()
        event = self._take(data, buffers)
        if self._is_waiting_at_door():
            self._start_stuck_timer()
        return event

    def _take(self, data: dict[str, Any], buffers: tuple[bytes, ...]) -> tuple[str, dict[str, Any]] | None:
        if data.get("v") != contract.VERSION:
            return None
        if "event" not in data:
            self._answered(data, buffers)
            return None
        params = data.get("params")
        event, fields = str(data["event"]), params if isinstance(params, dict) else {}
        if event == "table.progress":
            self._progressed(fields)
            return None
        return event, fields

    def _progressed(self, params: dict[str, Any]) -> None:
        try:
            told = contract.TableProgress.from_json(params)
        except ContractError as error:
            logger.info("what an agent said of its progress was refused: %s", error.text)
            return
        asked = self._asked.get(told.request)
        if asked is not None and asked.progress is not None:
            asked.progress(Progress(told.step, told.done, told.total))

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
        if self._source.more is not None and "agent.more" in hello.methods:
            self.ask("agent.more", {"packed": self._source.more()}, self._on_more, HELLO_LIMIT_S)
        self.release()
        self._on_ready(hello)
        if "door.open" in hello.methods:
            self.ask("door.open", {}, self._on_door_place, HELLO_LIMIT_S)

    def _on_more(self, answer: Answer) -> None:
        """What needs these parts says itself that they are not there."""
        if answer.result is None:
            logger.info("the agent did not take its further parts: %s", answer.error)

    # -- the door

    def _on_door_place(self, answer: Answer) -> None:
        """It counts as open once something came through it: the kernel may be further away than it thinks."""
        if answer.result is None:
            logger.info("the agent has no socket of its own: %s", answer.error)
            return
        try:
            place = contract.DoorPlace.from_json(answer.result)
        except ContractError as error:
            logger.info("where the agent's socket is does not fit the contract: %s", error.text)
            return
        self._door = "opening"
        self._send_to_door("open", place.to_json())
        number = next(self._numbers)
        timer = self._after(HELLO_LIMIT_S, lambda: self._time_out(number))
        self._asked[number] = _Asked("cancel", {"request": 0}, self._on_door_answer, timer, road="door")
        self._send_to_door("request", self._data_of(number))

    def _on_door_answer(self, answer: Answer) -> None:
        if answer.result is not None and self._stage == "ready":
            self._door = "open"
            self.release()
            self._on_door()

    def _look_if_stuck(self) -> None:
        """Nothing came for a while though something was asked that is answered at once."""
        self._stuck_timer = None
        if self._is_waiting_at_door():
            self.is_stuck = True
            self._on_door()

    def _is_waiting_at_door(self) -> bool:
        return any(one.road == "door" and contract.WHERE[one.method] == "quick" for one in self._asked.values())

    def _start_stuck_timer(self) -> None:
        if self._stuck_timer is None and not self.is_stuck and self._stage == "ready":
            self._stuck_timer = self._after(STUCK_S, self._look_if_stuck)

    def _stop_stuck_timer(self) -> None:
        if self._stuck_timer is not None:
            self._stuck_timer()
            self._stuck_timer = None

    # -- requests

    def _post(self, number: int) -> None:
        """Send by the road that is open; one that is answered between runs only waits here, where it can be given up
        for nothing."""
        asked = self._asked[number]
        if asked.method == "hello":
            self._post_on_comm(number)
        elif self._stage != "ready":
            self._waiting.append(number)
        elif asked.needs_main_thread:
            self._post_on_comm(number)
        elif self.has_door:
            asked.road = "door"
            self._send_to_door("request", self._data_of(number))
            self._start_stuck_timer()
        elif self._is_idle():
            self._post_on_comm(number)
        else:
            self._waiting.append(number)

    def _post_on_comm(self, number: int) -> None:
        asked = self._asked[number]
        asked.road = "comm"
        content = {"comm_id": self.comm_id, "data": self._data_of(number)}
        asked.message_ids.append(self._send("comm_msg", content))

    def _data_of(self, number: int) -> dict[str, Any]:
        asked = self._asked[number]
        return {"v": contract.VERSION, "id": number, "method": asked.method, "params": asked.params}

    def _look_for_lost(self, message_id: str) -> None:
        """A kernel that aborts what waits after an error aborts ours too, without an answer: ask once more. Where our
        subscription to a kernel that is just up is slower than the kernel, answers are lost, too: ask later.

        Only what changes nothing is asked again, or what may be sent again without harm.
        """
        for number, asked in list(self._asked.items()):
            is_harmless = not asked.needs_main_thread or asked.method in _AGAIN
            if message_id not in asked.message_ids or not is_harmless:
                continue
            if len(asked.message_ids) == 1:
                self._post(number)
                continue
            is_asked_later = asked.method in _AGAIN and len(asked.message_ids) < TRIES
            asked.cancel_timer()
            asked.cancel_timer = self._after(
                LOST_S, partial(self._post_later if is_asked_later else self._time_out, number)
            )

    def _post_later(self, number: int) -> None:
        self._asked[number].cancel_timer = self._after(HELLO_LIMIT_S, partial(self._time_out, number))
        self._post(number)

    def _answered(self, data: dict[str, Any], buffers: tuple[bytes, ...]) -> None:
        number = data.get("id")
        if not isinstance(number, int):
            return
        result, error = data.get("result"), data.get("error")
        if isinstance(result, dict):
            self._finish(number, Answer(result, buffers))
        else:
            words = error if isinstance(error, dict) else {}
            code = str(words.get("code") or "failed")
            self._finish(number, Answer(None, error=str(words.get("message") or code), code=code))

    def _time_out(self, number: int) -> None:
        self._take_back(number)
        self._finish(number, Answer(None, error="timeout", code="timeout"))

    def _give_up(self, number: int) -> None:
        self._take_back(number)
        self._forget(number)

    def _take_back(self, number: int) -> None:
        """Tell the agent that nobody waits any more, where that can be heard before the answer."""
        asked = self._asked.get(number)
        if asked is not None and asked.road == "door" and self.has_door:
            data = {"v": contract.VERSION, "id": next(self._numbers), "method": "cancel", "params": {"request": number}}
            self._send_to_door("request", data)

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
