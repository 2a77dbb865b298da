"""Which way a request to the agent takes, what waits, what is asked again, and what is taken back. No kernel."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from ide.core.language import AgentSource
from ide.core.table import Progress
from ide.kernels import agent as agent_module
from ide.kernels import contract
from ide.kernels.agent import AgentTalk
from ide.kernels.records import Answer
from ide.kernels.wire import Message
from tests.fakes.ui_thread import FakeUiThread

HELLO: dict[str, Any] = {
    "contract": 1, "language": "python", "version": "3", "pid": 5, "folder": "/w", "pushes": False,
    "methods": ["hello", "door.open"],
}  # fmt: skip
PLACE = {"address": "ipc:///run/1-6", "nonce": "n"}


class Scene:
    """A talk whose kernel the test plays."""

    def __init__(self, methods: tuple[str, ...] = ("hello", "door.open")) -> None:
        self.ui = FakeUiThread()
        self.comm: list[tuple[str, dict[str, Any]]] = []
        self.door: list[tuple[str, dict[str, Any]]] = []
        self.is_idle = True
        self.changes = 0
        self.answers: list[Answer] = []
        self.numbers = itertools.count()
        self.talk = AgentTalk(
            AgentSource("code"), self._send, self._to_door, self.ui.after, lambda: self.is_idle, self._ready, self._told
        )
        self.talk.begin(is_loaded=True)
        self.talk.on_idle("m0")
        self.reply({**HELLO, "methods": list(methods)})

    def _send(self, kind: str, content: dict[str, Any]) -> str:
        self.comm.append((kind, content))
        return f"m{len(self.comm) - 1}"

    def _to_door(self, what: str, content: dict[str, Any]) -> None:
        self.door.append((what, content))

    def _ready(self, hello: contract.Hello) -> None:
        assert hello.pid == 5

    def _told(self) -> None:
        self.changes += 1

    def reply(self, result: dict[str, Any]) -> None:
        """Answer the last question on the comm."""
        content = self.comm[-1][1]
        data = {"v": 1, "id": content["data"]["id"], "result": result}
        message = Message("iopub", "comm_msg", "x", "p", {"comm_id": content["comm_id"], "data": data})
        assert self.talk.on_comm(message) is None

    def wait_for_tries(self, count: int) -> None:
        """Until the place of the door was asked for so many times."""
        self.ui.pump_until(lambda: self.methods().count("door.open") == count, 5, "another try")

    def at_door(self, result: dict[str, Any] | None, place: int = -1, **error: str) -> None:
        """Answer a question at the door."""
        number = self.door[place][1]["id"]
        self.talk.on_door(
            {"v": 1, "id": number, **({"result": result} if result is not None else {"error": error})}, ()
        )

    def open_door(self) -> None:
        self.reply(PLACE)
        self.at_door({})

    def ask(self, method: str = "table.page", timeout_s: float = 60.0, **options: Any) -> Any:
        return self.talk.ask(method, {}, self.answers.append, timeout_s, **options)

    def has_door(self) -> bool:
        return self.talk.has_door

    def is_answering(self) -> bool:
        return self.talk.is_answering

    def methods(self) -> list[str]:
        return [content["data"]["method"] for kind, content in self.comm if kind == "comm_msg"]


def test_the_door_counts_as_open_once_it_has_answered() -> None:
    scene = Scene()
    assert scene.methods() == ["hello", "door.open"]
    scene.reply(PLACE)
    assert [what for what, _ in scene.door] == ["open", "request"]
    assert scene.door[0][1] == PLACE
    assert not scene.has_door()
    scene.at_door({})
    assert scene.has_door()
    assert scene.changes == 1


def test_an_agent_without_a_door_is_not_asked_for_one() -> None:
    scene = Scene(methods=("hello",))
    assert scene.methods() == ["hello"]
    scene.ask()
    assert scene.methods() == ["hello", "table.page"]


def test_a_refused_door_leaves_the_comm() -> None:
    scene = Scene()
    content = scene.comm[-1][1]
    data = {"v": 1, "id": content["data"]["id"], "error": {"code": "not_possible", "message": "far away"}}
    scene.talk.on_comm(Message("iopub", "comm_msg", "x", "p", {"comm_id": content["comm_id"], "data": data}))
    scene.ask()
    assert scene.door == []
    assert scene.methods()[-1] == "table.page"


def test_only_what_needs_the_main_thread_takes_the_comm() -> None:
    scene = Scene()
    scene.open_door()
    scene.is_idle = False
    scene.ask("table.page")
    scene.ask("table.edit")
    assert scene.door[-1][1]["method"] == "table.page"
    assert scene.methods()[-1] == "table.edit"


def test_without_a_door_requests_wait_for_an_idle_kernel() -> None:
    scene = Scene(methods=("hello",))
    scene.is_idle = False
    scene.ask("table.page")
    give_up = scene.ask("table.view")
    scene.ask("folder.get")
    assert scene.methods()[1:] == ["folder.get"]
    give_up()
    scene.is_idle = True
    scene.talk.release()
    assert scene.methods()[2:] == ["table.page"]


def test_what_waits_goes_through_the_door_when_that_opens() -> None:
    scene = Scene()
    scene.is_idle = False
    scene.ask("table.page")
    scene.open_door()
    assert scene.door[-1][1]["method"] == "table.page"
    scene.at_door({"x": 1})
    assert scene.answers == [Answer({"x": 1})]


def test_giving_up_at_the_door_is_told() -> None:
    scene = Scene()
    scene.open_door()
    give_up = scene.ask("table.view")
    number = scene.door[-1][1]["id"]
    give_up()
    assert scene.door[-1][1]["method"] == "cancel"
    assert scene.door[-1][1]["params"] == {"request": number}
    count = len(scene.door)
    give_up()
    scene.at_door({}, -2)
    scene.at_door({})
    assert scene.answers == []
    assert len(scene.door) == count


def test_progress_reaches_who_asked() -> None:
    scene = Scene()
    scene.open_door()
    told: list[Progress] = []
    scene.ask("table.view", progress=told.append)
    number = scene.door[-1][1]["id"]
    for request, done in ((number, 1), (number + 50, 2), ("odd", 3)):
        params = {"request": request, "step": "sort", "done": done, "total": 9}
        assert scene.talk.on_door({"v": 1, "event": "table.progress", "params": params}, ()) is None
    assert told == [Progress("sort", 1, 9)]


def test_other_events_come_from_the_door_too() -> None:
    scene = Scene()
    scene.open_door()
    event = scene.talk.on_door({"v": 1, "event": "table.view_ready", "params": {"view": 1}}, ())
    assert event == ("table.view_ready", {"view": 1})


def test_an_aborted_request_is_asked_once_more() -> None:
    scene = Scene(methods=("hello",))
    scene.ask("table.page")
    scene.ask("table.edit")
    for number in range(len(scene.comm)):
        scene.talk.on_idle(f"m{number}")
    assert scene.methods() == ["hello", "table.page", "table.edit", "table.page"], "an edit is never done twice"
    scene.reply({"x": 1})
    scene.talk.on_idle(f"m{len(scene.comm) - 1}")
    assert scene.answers == [Answer({"x": 1})]
    assert len(scene.methods()) == 4


def test_a_place_of_the_door_that_got_lost_is_asked_for_once_more() -> None:
    scene = Scene()
    scene.talk.on_idle(f"m{len(scene.comm) - 1}")
    assert scene.methods() == ["hello", "door.open", "door.open"]
    scene.open_door()
    scene.talk.on_idle(f"m{len(scene.comm) - 1}")
    assert scene.has_door()
    assert scene.methods() == ["hello", "door.open", "door.open"]


def test_a_request_that_is_lost_twice_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent_module, "LOST_S", 0.01)
    scene = Scene(methods=("hello",))
    scene.ask("table.page")
    scene.talk.on_idle(f"m{len(scene.comm) - 1}")
    scene.talk.on_idle(f"m{len(scene.comm) - 1}")
    scene.ui.pump_until(lambda: scene.answers)
    assert scene.answers == [Answer(None, error="timeout", code="timeout")]


def test_what_an_agent_cannot_do_without_is_asked_for_until_its_answer_is_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A subscription to a kernel that has just been restarted may take longer than two answers."""
    monkeypatch.setattr(agent_module, "LOST_S", 0.01)
    scene = Scene()  # has asked for the place of the door
    for tries in range(2, agent_module.TRIES):
        scene.talk.on_idle(f"m{len(scene.comm) - 1}")
        scene.wait_for_tries(tries)
    scene.open_door()
    assert scene.talk.has_door

    scene = Scene()
    for tries in range(2, agent_module.TRIES + 1):
        scene.talk.on_idle(f"m{len(scene.comm) - 1}")
        scene.wait_for_tries(tries)
    scene.talk.on_idle(f"m{len(scene.comm) - 1}")
    scene.ui.pump_until(lambda: not scene.talk._asked, 5, "the end of the tries")
    assert not scene.talk.has_door


def test_a_kernel_that_lets_no_thread_in_counts_as_not_answering(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent_module, "STUCK_S", 0.01)
    scene = Scene()
    scene.open_door()
    scene.ask("table.view")
    scene.ui.pump(0.05)
    scene.ui.pump(0.05)
    assert scene.is_answering(), "a slow one may take its time"
    scene.ask("table.page")
    scene.ui.pump_until(lambda: scene.talk.is_stuck)
    assert not scene.is_answering()
    assert scene.changes == 2
    scene.at_door({})
    assert scene.is_answering()
    assert scene.changes == 3
    scene.talk.close()
    assert scene.ui.waiting_timers == 0


def test_the_end_answers_what_went_through_the_door_or_waited() -> None:
    scene = Scene()
    scene.open_door()
    scene.ask("table.page")
    scene.ask("table.view")
    scene.talk.close()
    assert [answer.code for answer in scene.answers] == ["gone", "gone"]
    assert not scene.has_door()
