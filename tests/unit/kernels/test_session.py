"""The session's state, without a kernel: the test plays the I/O thread."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from ide.core.environment import Environment, LaunchSpec
from ide.core.errors import KernelError
from ide.core.language import AgentSource
from ide.core.outputs import Output, Stream
from ide.core.runs import Run, RunStatus
from ide.kernels import wire
from ide.kernels.items import CaughtUp, Ended, Gone, Item, Launched, Ready, Replayed, Request, Troubled
from ide.kernels.records import Answer, DeathCause, InputRequest, KernelInfo, Limits
from ide.kernels.session import Session
from ide.kernels.wire import Message
from tests.fakes.ui_thread import FakeUiThread

HELLO = {
    "contract": 1, "language": "python", "version": "3", "pid": 5, "folder": "/w", "pushes": False,
    "methods": ["hello", "variables.sync"],
}  # fmt: skip


class FakeLink:
    """Notes what a session asks of the I/O thread."""

    def __init__(self) -> None:
        self.sent: list[Request] = []
        self.asked: list[str] = []
        self.noted: list[dict[str, Any]] = []

    def send(self, session: str, request: Request) -> None:
        """A message to the kernel."""
        self.sent.append(request)

    def ask_keeper(self, session: str, method: str, params: dict[str, Any]) -> None:
        """A request to the keeper."""
        self.asked.append(method)

    def note(self, session: str, values: dict[str, Any]) -> None:
        """A note for the next window."""
        self.noted.append(values)


class Scene:
    """A session with a fake kernel, played by the test."""

    def __init__(self, *, agent: AgentSource | None = None, interrupt_mode: str = "signal", **options: Any) -> None:
        self.ui = FakeUiThread()
        self.link = FakeLink()
        self.numbers = itertools.count()
        environment = Environment("id", "Env", "python", "venv")
        launch = LaunchSpec(environment, ("python",), Path("/w"), interrupt_mode=interrupt_mode)
        limits = Limits(interrupt_s=0.05)
        self.gone: list[Session] = []
        self.session = Session(
            "s", "Env", launch, Path("/r"), self.link, self.ui.after, agent, limits, on_gone=self.gone.append, **options
        )
        self.states: list[str] = []
        self.outputs: list[tuple[str, tuple[Output, ...]]] = []
        self.messages: list[Message] = []
        self.runs: list[Run] = []
        self.session.state_changed.connect(lambda: self.states.append(self.session.state))
        self.session.output_arrived.connect(lambda run, outputs: self.outputs.append((run.id, outputs)))
        self.session.messages_arrived.connect(self.messages.extend)
        self.session.run_changed.connect(self.runs.append)

    def start(self, generation: int = 1) -> None:
        """The kernel comes up."""
        self.session.take((Launched(generation, 77), Ready(None), Replayed(None), Ready(KernelInfo("ipython"))))

    def message(self, kind: str, parent: str, outputs: tuple[Output, ...] = (), **content: Any) -> Message:
        """A message that a run caused."""
        channel = {"input_request": "stdin"}.get(kind, "shell" if kind.endswith("_reply") else "iopub")
        header = {"msg_type": "execute_request", "msg_id": parent, "username": wire.USER}
        number = f"m{next(self.numbers)}"
        return Message(channel, kind, number, parent, content, parent=header, received_s=1.0, outputs=outputs)

    def begun(self, run: Run) -> tuple[Item, ...]:
        """The kernel takes it up."""
        return (
            self.message("status", run.id, execution_state="busy"),
            self.message("execute_input", run.id, execution_count=1, code=run.code),
        )

    def ended(self, run: Run, status: str = "ok") -> tuple[Item, ...]:
        """It is done."""
        return (
            self.message("execute_reply", run.id, status=status, execution_count=1),
            self.message("status", run.id, execution_state="idle"),
        )

    def state(self) -> str:
        """What the session says now."""
        return self.session.state

    def trouble(self) -> KernelError | None:
        """What the session says about it now."""
        return self.session.trouble

    def status_of(self, run: Run) -> RunStatus:
        """What became of it."""
        return next(found.status for found in self.session.runs if found.id == run.id)


def test_start_run_end() -> None:
    scene = Scene()
    assert scene.state() == "starting"
    scene.start()
    assert scene.state() == "idle"
    assert scene.session.info == KernelInfo("ipython")
    run = scene.session.execute("1")
    assert scene.state() == "busy"
    scene.session.take(scene.begun(run))
    out = Stream("stdout", "x")
    scene.session.take((scene.message("stream", run.id, (out,), name="stdout", text="x"), *scene.ended(run)))
    assert scene.status_of(run) is RunStatus.OK
    assert scene.outputs == [(run.id, (out,))]
    assert scene.session.execution_count == 1
    assert scene.state() == "idle"


def test_outputs_of_one_run_come_together_and_before_its_end() -> None:
    scene = Scene()
    scene.start()
    first, second = scene.session.execute("1"), scene.session.execute("2")
    order: list[str] = []
    scene.session.output_arrived.connect(lambda run, outputs: order.append(f"{len(outputs)} of {run.id[-1]}"))
    scene.session.run_changed.connect(lambda run: order.append(f"{run.status} {run.id[-1]}"))
    out = Stream("stdout", "x")
    pieces = [scene.message("stream", first.id, (out,)) for _ in range(3)]
    other = scene.message("stream", second.id, (out,))
    scene.session.take((*scene.begun(first), *pieces, *scene.ended(first), *scene.begun(second), other))
    assert order[-4:] == ["ok 1", "running 2", "running 2", "1 of 2"]
    assert "3 of 1" in order[: order.index("ok 1")]


def test_reply_without_idle_ends_the_run_after_a_while() -> None:
    scene = Scene()
    scene.start()
    run = scene.session.execute("1")
    scene.session.take((*scene.begun(run), scene.message("execute_reply", run.id, status="ok")))
    assert scene.status_of(run) is RunStatus.RUNNING
    scene.ui.pump_until(lambda: scene.status_of(run) is RunStatus.OK, 3)
    assert scene.session._book.open == ()


def test_dead_session_takes_no_code() -> None:
    scene = Scene()
    scene.start()
    run = scene.session.execute("1")
    scene.session.take((Ended(DeathCause("exit", "It ended.", 3), 1),))
    assert scene.state() == "dead"
    assert scene.status_of(run) is RunStatus.DIED
    with pytest.raises(KernelError) as told:
        scene.session.execute("2")
    assert "It ended." in told.value.text
    assert told.value.action == "session.restart"


def test_restart_ends_runs_and_waits_for_the_new_generation() -> None:
    scene = Scene()
    scene.start()
    run = scene.session.execute("1")
    scene.session.restart()
    scene.session.restart()
    assert scene.link.asked == ["restart"]
    assert scene.status_of(run) is RunStatus.INTERRUPTED
    scene.session.take((Ready(KernelInfo("late")),))
    assert scene.state() == "restarting"
    scene.session.take((Ended(DeathCause("asked", ""), 1),))
    assert scene.state() == "restarting"
    waiting = scene.session.execute("2")
    scene.session.take((Launched(2, 78), Ready(None)))
    assert scene.status_of(waiting) is RunStatus.QUEUED
    scene.session.take((*scene.begun(waiting), *scene.ended(waiting)))
    assert scene.state() == "idle"


def test_restart_that_cannot_start_is_death() -> None:
    scene = Scene()
    scene.start()
    scene.session.restart()
    scene.session.take((Ended(DeathCause("start", "The program is missing."), 2),))
    assert scene.state() == "dead"
    scene.session.restart()
    scene.start(3)
    assert scene.state() == "idle"
    assert scene.session.cause is None


def test_restart_without_a_keeper_is_death() -> None:
    scene = Scene()
    scene.start()
    scene.session.restart()
    scene.session.take((Troubled(KernelError("odd messages")),))
    assert scene.state() == "restarting"
    scene.session.take((Ended(DeathCause("start", "No keeper."), 1),))
    assert scene.state() == "dead"
    assert scene.session.cause == DeathCause("start", "No keeper.")


def test_interrupt_is_told_when_it_does_not_help() -> None:
    scene = Scene()
    scene.start()
    scene.session.interrupt()
    assert scene.link.asked == []
    run = scene.session.execute("1")
    scene.session.take(scene.begun(run))
    scene.session.interrupt()
    assert scene.state() == "interrupting"
    assert scene.link.asked == []
    scene.ui.pump_until(lambda: scene.session.interrupt_ignored and scene.link.asked, 2)
    assert scene.link.asked == ["interrupt"]
    assert scene.trouble() is not None
    scene.session.take((*scene.ended(run, "error"),))
    assert scene.state() == "idle"
    assert scene.trouble() is None
    assert not scene.session.interrupt_ignored


def test_interrupt_by_message() -> None:
    scene = Scene(interrupt_mode="message")
    scene.start()
    run = scene.session.execute("1")
    scene.session.take(scene.begun(run))
    scene.session.interrupt()
    scene.ui.pump_until(lambda: scene.link.sent[-1].type == "interrupt_request", 2)
    assert scene.link.sent[-1].channel == "control"
    assert scene.link.asked == []


def test_interrupt_is_not_sent_to_a_run_that_ended_meanwhile() -> None:
    scene = Scene()
    scene.start()
    run = scene.session.execute("1")
    scene.session.take(scene.begun(run))
    scene.session.interrupt()
    scene.session.take(scene.ended(run))
    scene.ui.pump(0.3)
    assert scene.link.asked == []


def test_input_is_asked_answered_and_forgotten() -> None:
    scene = Scene()
    scene.start()
    asked: list[InputRequest] = []
    scene.session.input_requested.connect(asked.append)
    scene.session.answer_input("nobody asked")
    run = scene.session.execute("input()")
    scene.session.take((*scene.begun(run), scene.message("input_request", run.id, prompt="? ", password=True)))
    assert asked == [InputRequest("? ", True, run.id)]
    assert scene.state() == "waiting"
    scene.session.answer_input("secret")
    assert scene.link.sent[-1].content == {"value": "secret"}
    assert scene.link.noted == [{"pending_input": None}]
    assert scene.state() == "busy"


def test_question_left_by_another_window_is_asked_again() -> None:
    scene = Scene(is_attached=True, is_busy=True)
    pending = InputRequest("who? ", False, "old")
    parent = {"msg_type": "execute_request", "username": wire.USER, "msg_id": "old"}
    busy = Message("iopub", "status", "m", "old", {"execution_state": "busy"}, parent=parent, is_replay=True)
    scene.session.take((Launched(1, 77), Ready(None), busy, Replayed(pending)))
    assert scene.state() == "waiting"
    assert scene.session.pending_input == pending


def test_runs_of_another_window_whose_end_was_lost_are_closed() -> None:
    scene = Scene(is_attached=True)
    scene.start()
    old = scene.message("execute_input", "old", code="x", execution_count=4)
    busy = scene.message("status", "old", execution_state="busy")
    scene.session.take((busy, old))
    own = scene.session.execute("mine")
    assert scene.state() == "busy"
    scene.session.take((CaughtUp(),))
    assert [run.status for run in scene.session.runs] == [RunStatus.OK, RunStatus.QUEUED]
    scene.session.take((*scene.begun(own), *scene.ended(own)))
    assert scene.state() == "idle"


def test_questions_get_none_when_the_kernel_goes() -> None:
    scene = Scene()
    answers: list[object] = []
    scene.session.complete("x", 1, answers.append)
    scene.ui.pump_until(lambda: answers)
    scene.start()
    scene.session.inspect("x", 1, 0, answers.append)
    scene.session.take((Ended(DeathCause("exit", "", 1), 1),))
    assert answers == [None, None]


def test_kernel_that_others_could_read_is_told() -> None:
    scene = Scene()
    scene.session.take((Launched(1, 77, is_private=False), Ready(None)))
    trouble = scene.trouble()
    assert trouble is not None
    assert "cannot encrypt" in trouble.text
    assert len(trouble.text.splitlines()) == 3


def test_trouble_is_told_and_taken_back() -> None:
    scene = Scene()
    told: list[object] = []
    scene.session.troubled.connect(told.append)
    error = KernelError("slow")
    scene.session.take((Launched(1, 77), Troubled(error)))
    assert scene.trouble() is error
    scene.session.take((Ready(None),))
    assert told == [error, None]


def test_gone_kernel_is_dead_and_reported() -> None:
    scene = Scene()
    scene.start()
    scene.session.take((Gone(),))
    assert scene.gone == [scene.session]
    assert scene.state() == "dead"
    assert scene.ui.waiting_timers == 0


def test_late_output_that_came_with_a_question_of_ours_belongs_to_the_last_run() -> None:
    scene = Scene()
    scene.start()
    run = scene.session.execute("1")
    scene.session.take((*scene.begun(run), *scene.ended(run)))
    asked = wire.new_id("fps-1", wire.AGENT, 3)
    out = Stream("stdout", "late")
    scene.session.take((Message("iopub", "stream", "m", asked, {"name": "stdout", "text": "late"}, outputs=(out,)),))
    assert scene.outputs == [(run.id, (out,))]
    assert scene.messages[-1].parent_id == run.id


class TestAgent:
    """The agent's talk, as the session leads it."""

    def opened(self, *, pushes: bool = False) -> Scene:
        """A session whose agent has said hello."""
        scene = Scene(agent=AgentSource("code"))
        scene.start()
        load = scene.link.sent[-1]
        assert (load.type, load.owner, load.content["silent"]) == ("execute_request", wire.AGENT, True)
        scene.session.take((self.from_kernel(scene, "execute_reply", load.id, status="ok"),))
        comm = scene.link.sent[-1]
        assert (comm.type, comm.content["target_name"]) == ("comm_open", "fourpane")
        scene.session.take((self.from_kernel(scene, "status", comm.id, execution_state="idle"),))
        self.answer(scene, "hello", {**HELLO, "pushes": pushes})
        return scene

    def from_kernel(self, scene: Scene, kind: str, parent: str, **content: Any) -> Message:
        """What a message of ours caused."""
        channel = "shell" if kind.endswith("_reply") else "iopub"
        return Message(channel, kind, f"m{next(scene.numbers)}", parent, content, parent={"username": wire.AGENT})

    def question(self, scene: Scene, method: str) -> Request:
        """The last question about that."""
        asked = [
            sent for sent in scene.link.sent if sent.type == "comm_msg" and sent.content["data"]["method"] == method
        ]
        return asked[-1]

    def answer(self, scene: Scene, method: str, result: dict[str, Any]) -> None:
        """The agent answers the last question about `method`."""
        asked = self.question(scene, method)
        data = {"v": 1, "id": asked.content["data"]["id"], "result": result}
        scene.session.take(
            (self.from_kernel(scene, "comm_msg", asked.id, comm_id=asked.content["comm_id"], data=data),)
        )

    def push(self, scene: Scene, change: dict[str, Any]) -> None:
        """The agent tells of a change by itself."""
        data = {"v": 1, "event": "variables.changed", "params": change}
        comm_id = self.question(scene, "hello").content["comm_id"]
        scene.session.take((self.from_kernel(scene, "comm_msg", "", comm_id=comm_id, data=data),))

    def test_names_are_listed_after_hello_and_after_each_run(self) -> None:
        scene = self.opened()
        assert scene.session.has_agent
        assert scene.session.is_listing
        entry = {"name": "x", "type_name": "int", "kind": "value"}
        self.answer(scene, "variables.sync", {"is_full": True, "added": [entry], "total": 1})
        assert list(scene.session.names.variables) == ["x"]
        run = scene.session.execute("y = 1")
        count = len(scene.link.sent)
        scene.session.take((*scene.begun(run), *scene.ended(run)))
        assert [sent.content["data"]["method"] for sent in scene.link.sent[count:]] == ["folder.get", "variables.sync"]
        self.answer(scene, "folder.get", {"path": "/elsewhere"})
        self.answer(scene, "variables.sync", {"removed": ["x"]})
        assert scene.session.names.variables == {}
        assert scene.session.working_folder == Path("/elsewhere")
        assert {message.parent_id for message in scene.messages} == {run.id}
        assert not scene.session.is_listing

    @pytest.mark.parametrize("pushes", [False, True])
    def test_marks_of_the_last_run_outlive_what_the_user_does_to_variables(self, *, pushes: bool) -> None:
        scene = self.opened(pushes=pushes)
        x, y, z = ({"name": name, "type_name": "int", "kind": "value"} for name in "xyz")
        self.answer(scene, "variables.sync", {"is_full": True, "added": [x], "total": 1})
        run = scene.session.execute("y = 1")
        scene.session.take(scene.begun(run))
        if pushes:
            self.push(scene, {"added": [y], "total": 2})
            scene.session.take(scene.ended(run))
        else:
            scene.session.take(scene.ended(run))
            self.answer(scene, "variables.sync", {"added": [y], "total": 2})
        assert scene.session.names.fresh == {"y"}
        scene.session.update_names()
        assert scene.link.sent[-1].content["data"]["params"] == {"full": False}
        self.answer(scene, "variables.sync", {"added": [z], "removed": ["x"], "total": 2})
        assert scene.session.names.fresh == {"y", "z"}
        scene.session.refresh_names()
        self.answer(scene, "variables.sync", {"is_full": True, "added": [y], "total": 1})
        assert scene.session.names.fresh == {"y"}

    def test_nothing_is_asked_while_the_kernel_is_busy(self) -> None:
        scene = self.opened()
        self.answer(scene, "variables.sync", {"is_full": True})
        runs = [scene.session.execute("1"), scene.session.execute("2")]
        count = len(scene.link.sent)
        scene.session.take((*scene.begun(runs[0]), *scene.ended(runs[0])))
        assert len(scene.link.sent) == count
        scene.session.take((*scene.begun(runs[1]), *scene.ended(runs[1])))
        assert len(scene.link.sent) > count

    def test_list_that_does_not_fit_the_contract_is_refused(self) -> None:
        scene = self.opened()
        self.answer(scene, "variables.sync", {"is_full": True, "added": [{"name": 3}]})
        assert scene.session.names.variables == {}
        assert not scene.session.is_listing

    def test_error_answer_and_unknown_data_are_survived(self) -> None:
        scene = self.opened()
        answers: list[Answer] = []
        scene.session.ask("memory", {}, answers.append)
        asked = self.question(scene, "memory")
        odd: list[object] = [None, [], {"v": 2}, {"v": 1, "id": "x"}, {"v": 1, "id": 99, "result": {}}]
        for data in (*odd, {"v": 1, "event": "odd", "params": 3}):
            scene.session.take((self.from_kernel(scene, "comm_msg", "p", comm_id=asked.content["comm_id"], data=data),))
        assert answers == []
        said = {"v": 1, "id": asked.content["data"]["id"], "error": {"code": "failed", "message": "no"}}
        scene.session.take((self.from_kernel(scene, "comm_msg", "p", comm_id=asked.content["comm_id"], data=said),))
        assert answers == [Answer(None, error="no", code="failed")]

    def test_other_events_are_passed_on(self) -> None:
        scene = self.opened()
        events: list[tuple[str, dict[str, Any]]] = []
        scene.session.agent_event.connect(lambda name, params: events.append((name, params)))
        comm = self.question(scene, "hello").content["comm_id"]
        data = {"v": 1, "event": "plots.moved", "params": {"a": 1}}
        scene.session.take((self.from_kernel(scene, "comm_msg", "p", comm_id=comm, data=data),))
        assert events == [("plots.moved", {"a": 1})]

    def test_attached_kernel_without_the_agent_gets_it(self) -> None:
        scene = Scene(agent=AgentSource("code"), is_attached=True)
        scene.start()
        comm = scene.link.sent[-1]
        assert comm.type == "comm_open"
        scene.session.take((self.from_kernel(scene, "comm_close", comm.id, comm_id=comm.content["comm_id"], data={}),))
        assert scene.link.sent[-1].type == "execute_request"

    def test_question_times_out_once(self) -> None:
        scene = self.opened()
        answers: list[Answer] = []
        scene.session.ask("memory", {}, answers.append, timeout_s=0.01)
        scene.ui.pump_until(lambda: answers)
        self.answer(scene, "memory", {"rss_bytes": 1})
        assert answers == [Answer(None, error="timeout", code="timeout")]

    def test_restart_forgets_names_and_answers_every_question(self) -> None:
        scene = self.opened()
        self.answer(
            scene, "variables.sync", {"is_full": True, "added": [{"name": "x", "type_name": "int", "kind": "value"}]}
        )
        answers: list[Answer] = []
        scene.session.ask("memory", {}, answers.append)
        scene.session.restart()
        assert answers == [Answer(None, error="gone", code="gone")]
        assert scene.session.names.variables == {}
