"""The agent's own socket with real kernels: answers while code runs, and only to who holds the key.

The methods behind it are scripted in the kernel, so that they take as long, and say as much, as a test needs.
"""

from __future__ import annotations

import ast
import base64
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import zmq

from ide.core.runs import RunStatus
from ide.core.table import Progress
from ide.kernels import launches
from ide.kernels.door import Seal, may_connect
from ide.kernels.items import Item, Request
from ide.kernels.kept import secure
from ide.kernels.records import Answer
from ide.kernels.wire import Message
from tests.fakes.ui_thread import FakeUiThread
from tests.kernel.conftest import OpenKernels
from tests.kernel.kit import Gate, Watcher, agent_of, python_launch

LIMIT_S = 120.0
METHODS = """
def _script():
    import sys, time, threading
    names = "fourpane_plugins.lang_python.agent."
    agent = sys.modules[names + "main"]._agent
    def page(table, view, first, end, columns):
        served.append((table, first, threading.current_thread().name))
        if table == "strange":
            return {"view": object()}
        if table == "broken":
            raise ValueError("broken on purpose")
        told = [{"column": column, "encoding": "bool"} for column in columns]
        return {"view": view, "first": first, "end": end, "columns": told}, [b"\\x01" * (end - first) for _ in told]
    def view(table, view, sort, filter, job):
        started.append((table, view, threading.current_thread().name))
        for step in range(600 if table == "long" else 3):
            if job.is_cancelled():
                cancelled.append(view)
                break
            job.progress("sort", step, 600)
            time.sleep(0.02)
        return {"view": view, "row_count": 7}
    served, started, cancelled = [], [], []
    agent.methods.update({"table.page": page, "table.view": view})
    return agent, served, started, cancelled
_agent, _served, _started, _cancelled = _script()
"""


@pytest.fixture
def start_agent(open_kernels: OpenKernels, ui: FakeUiThread, work: Path) -> Callable[[], Watcher]:
    """Starts a kernel whose agent has its own socket, with the scripted methods."""

    def make() -> Watcher:
        watcher = Watcher(open_kernels(agent_of=agent_of).start(python_launch(work)), ui)
        wait_for_door(watcher)
        assert watcher.execute(METHODS).status is RunStatus.OK
        return watcher

    return make


@pytest.fixture
def own_kernel(start_agent: Callable[[], Watcher]) -> Watcher:
    """One such kernel, for a test that ends it, fills its table of peers or puts another door into it."""
    return start_agent()


@pytest.fixture
def kernel(python: Watcher) -> Watcher:
    """The file's kernel with the scripted methods, which have served nobody yet."""
    wait_for_door(python)
    assert python.execute(METHODS).status is RunStatus.OK
    return python


def wait_for_door(watcher: Watcher) -> None:
    """Until the agent's own socket has answered."""
    watcher.wait(lambda: watcher.session._watch.is_answering, LIMIT_S, "the agent's socket")


def asked(watcher: Watcher, method: str, timeout_s: float = LIMIT_S, **params: Any) -> Answer:
    """The answer to one request."""
    answers: list[Answer] = []
    watcher.session.ask(method, params, answers.append, timeout_s)
    watcher.wait(lambda: answers, LIMIT_S, f"the answer to {method}")
    return answers[0]


def page(watcher: Watcher, table: str = "t", first: int = 0) -> Answer:
    """One page of three columns."""
    return asked(watcher, "table.page", table=table, view=0, first=first, end=first + 10, columns=[0, 1, 2])


def value_of(watcher: Watcher, expression: str) -> str:
    """What an expression is in the kernel."""
    before = len(watcher.displays())
    watcher.execute(expression)
    return str(watcher.displays()[before].data["text/plain"])


def busy_loop(watcher: Watcher, seconds: float) -> str:
    """Run a pure Python loop; returns the run's id once it runs."""
    run = watcher.session.execute(f"import time\n_end = time.time() + {seconds}\nwhile time.time() < _end: pass")
    watcher.wait(lambda: watcher.run(run.id).status is RunStatus.RUNNING)
    return run.id


def address_of(watcher: Watcher) -> tuple[dict[str, Any], str, str]:
    """Connection, address and nonce of the kernel's door."""
    connection = next(record["connection"] for record in launches.records(watcher.session._folder.parent))
    place = asked(watcher, "door.open").result
    assert place is not None
    return connection, str(place["address"]), str(place["nonce"])


# ---- what it is for --------------------------------------------------------------------------------------------------


def test_pages_come_while_a_loop_runs(kernel: Watcher) -> None:
    run = busy_loop(kernel, 60.0)
    for number in range(20):
        answer = page(kernel, first=number * 10)
        assert answer.result == {
            "view": 0,
            "first": number * 10,
            "end": number * 10 + 10,
            "columns": [{"column": column, "encoding": "bool"} for column in (0, 1, 2)],
        }
        assert answer.buffers == (b"\x01" * 10,) * 3
    assert kernel.run(run).status is RunStatus.RUNNING
    assert kernel.session.state == "busy"
    assert kernel.session.is_answering
    kernel.session.interrupt()
    kernel.wait_state("idle")


def test_a_page_is_one_request_and_one_answer(kernel: Watcher, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Request] = []
    taken: list[Item] = []
    session = kernel.session
    agent = session._watch._agent
    assert agent is not None
    kernel.wait(lambda: not agent._asked, LIMIT_S, "the answers to what follows a run")
    send, take = session._link.send, session.take

    def note_sent(name: str, request: Request) -> None:
        sent.append(request)
        send(name, request)

    def note_taken(items: tuple[Item, ...]) -> None:
        taken.extend(items)
        take(items)

    monkeypatch.setattr(session._link, "send", note_sent)
    monkeypatch.setattr(session, "take", note_taken)
    for number in range(5):
        page(kernel, first=number * 10)
    assert [(request.channel, request.type) for request in sent] == [("door", "request")] * 5
    # The kernel may only now say that it has done with what was asked before.
    late = [item for item in taken if isinstance(item, Message) and item.content.get("execution_state") == "idle"]
    assert len(late) <= 1
    assert [type(item).__name__ for item in taken if item not in late] == ["DoorMessage"] * 5


def test_main_methods_take_the_comm_and_are_refused_at_the_door(kernel: Watcher) -> None:
    assert asked(kernel, "folder.get").code == ""
    connection, address, nonce = address_of(kernel)
    with Stranger(connection, address, nonce) as stranger:
        refused = stranger.ask({"v": 1, "id": 5, "method": "variables.sync", "params": {}})
        assert refused is not None
        assert refused["error"]["code"] == "not_possible"


def test_errors_are_told_apart(kernel: Watcher) -> None:
    assert page(kernel, "broken").code == "failed"
    assert "broken on purpose" in page(kernel, "broken").error
    assert page(kernel, "strange").code == "failed"
    assert asked(kernel, "table.page", table=1, view=0, first=0, end=1, columns=[]).code == "bad_params"
    assert asked(kernel, "table.nothing").code == "unknown_method"
    assert page(kernel).code == ""


def test_slow_ones_tell_their_progress_and_do_not_hold_up_pages(kernel: Watcher) -> None:
    told: list[Progress] = []
    answers: list[Answer] = []
    params = {"table": "long", "view": 1, "sort": [], "filter": {}}
    give_up = kernel.session.ask("table.view", params, answers.append, LIMIT_S, told.append)
    kernel.wait(lambda: len(told) >= 3, LIMIT_S, "progress")
    assert page(kernel).result is not None
    assert not answers
    assert told[0].step == "sort"
    assert [one.done for one in told] == sorted(one.done for one in told)
    give_up()
    kernel.wait(lambda: value_of(kernel, "_cancelled") == "[1]", LIMIT_S, "the end of the slow one")
    assert not answers


def test_a_newer_slow_request_takes_the_place_of_one_that_waits(kernel: Watcher) -> None:
    answers: dict[int, Answer] = {}

    def ask(number: int, table: str) -> Callable[[], None]:
        params = {"table": table, "view": number, "sort": [], "filter": {}}

        def note(answer: Answer) -> None:
            assert number not in answers
            answers[number] = answer

        return kernel.session.ask("table.view", params, note, LIMIT_S)

    first = ask(1, "long")
    kernel.wait(lambda: value_of(kernel, "len(_started)") == "1")
    for number in (2, 3, 4):
        ask(number, "t")
    ask(9, "other")
    kernel.wait(lambda: 2 in answers and 3 in answers)
    assert [answers[number].code for number in (2, 3)] == ["cancelled", "cancelled"]
    first()
    kernel.wait(lambda: 4 in answers and 9 in answers)
    assert answers[4].result == {"view": 4, "row_count": 7}
    assert value_of(kernel, "[view for _, view, _ in _started]") == "[1, 4, 9]"
    assert 1 not in answers


def test_a_request_that_waits_can_be_given_up(kernel: Watcher, work: Path) -> None:
    """A thread that nobody can disturb is at work; the page that was asked for meanwhile is not served afterwards."""
    gate = Gate(work)
    kernel.session.execute(gate.locked_code)
    kernel.wait(lambda: gate.is_reached, LIMIT_S)
    answers: list[Answer] = []
    others: list[Answer] = []
    params = {"table": "t", "view": 0, "first": 500, "end": 510, "columns": [0]}
    kernel.session.ask("table.page", params, answers.append, LIMIT_S)()
    kernel.session.ask("table.page", {**params, "first": 700, "end": 710}, others.append, LIMIT_S)
    kernel.wait(lambda: not kernel.session.is_answering, LIMIT_S)  # all is sent long since
    gate.open()
    kernel.wait(lambda: others, LIMIT_S)
    kernel.wait_state("idle", LIMIT_S)
    assert not answers
    assert value_of(kernel, "[first for _, first, _ in _served]") == "[700]"


# ---- who may speak ---------------------------------------------------------------------------------------------------


class Stranger:
    """Another client at the door, who does what a test wants."""

    def __init__(
        self, connection: dict[str, Any], address: str, nonce: str, *, key: str = "", name: bytes = b""
    ) -> None:
        self.peer = name or b"stranger" + os.urandom(4).hex().encode()
        self.seal = Seal((key or connection["key"]).encode(), nonce, self.peer)
        self._context = zmq.Context()
        self.socket = self._context.socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.set(zmq.IDENTITY, self.peer)
        secure(self.socket, connection)
        self.socket.connect(address)

    def __enter__(self) -> Stranger:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()
        self._context.term()

    def send(self, *frames: bytes) -> None:
        self.socket.send_multipart(list(frames))

    def heard(self, wait_s: float = 10.0) -> bytes | None:
        """The next frame, if one comes."""
        return self.socket.recv_multipart()[0] if self.socket.poll(round(wait_s * 1000)) else None

    def ask(self, request: dict[str, Any], wait_s: float = 10.0) -> dict[str, Any] | None:
        self.send(self.seal.closed(request))
        frame = self.heard(wait_s)
        opened = self.seal.opened(frame) if frame is not None else None
        return opened[0] if opened is not None else None


PING = {"v": 1, "id": 1, "method": "cancel", "params": {"request": 0}}


def test_who_has_no_key_gets_nothing(kernel: Watcher) -> None:
    connection, address, nonce = address_of(kernel)
    with Stranger(connection, address, nonce) as owner:
        assert owner.ask(PING) == {"v": 1, "id": 1, "result": {}}
    with Stranger(connection, address, nonce, key="0" * 64) as stranger:
        sealed = stranger.seal.closed(PING)
        for frames in ([sealed], [b""], [b"x"], [sealed[:40]], [sealed, b""], [b"\x00" * 200], [sealed[32:]]):
            stranger.send(*frames)
        assert stranger.heard(1.0) is None
    assert page(kernel).result is not None


def test_what_was_changed_repeated_or_sent_by_another_is_dropped(kernel: Watcher) -> None:
    connection, address, nonce = address_of(kernel)
    with Stranger(connection, address, nonce) as owner:
        good = owner.seal.closed(PING)
        for place in (0, 32, 33, 40, 50, len(good) - 2):
            owner.send(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        assert owner.heard(1.0) is None
        owner.send(good)
        first = owner.heard()
        assert first is not None
        owner.send(good)
        assert owner.heard(1.0) is None
        with Stranger(connection, address, nonce) as other:
            other.send(good)
            assert other.heard(1.0) is None
        assert owner.seal.opened(first) is not None
        assert owner.seal.opened(first) is None
        assert owner.seal.opened(first[:-1] + b"?") is None
        assert owner.ask(PING) is not None
        assert owner.seal.opened(good) is None, "a request is no answer"


def test_a_replay_is_dropped_also_after_the_peer_was_forgotten(own_kernel: Watcher) -> None:
    connection, address, nonce = address_of(own_kernel)
    with Stranger(connection, address, nonce, name=b"victim") as victim:
        recorded = victim.seal.closed(PING)
        victim.send(recorded)
        assert victim.heard() is not None
    for _ in range(5):
        with Stranger(connection, address, nonce) as other:
            assert other.ask(PING) is not None
    with Stranger(connection, address, nonce, name=b"victim") as thief:
        thief.send(recorded)
        assert thief.heard(1.0) is None


def test_what_is_too_large_is_not_read(kernel: Watcher) -> None:
    connection, address, nonce = address_of(kernel)
    with Stranger(connection, address, nonce) as owner:
        owner.send(owner.seal.closed({**PING, "padding": "x" * 17_000_000}))
        assert owner.heard(2.0) is None
    with Stranger(connection, address, nonce) as owner:
        assert owner.ask({**PING, "padding": "x" * 1_000_000}) is not None
    assert page(kernel).result is not None


def test_the_socket_lies_in_the_private_folder(own_kernel: Watcher) -> None:
    connection, address, _ = address_of(own_kernel)
    assert address == f"ipc://{connection['ip']}-6"
    path = Path(address.removeprefix("ipc://"))
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o777 == 0o700
    pid = own_kernel.session.pid
    own_kernel.session.shut_down()
    own_kernel.wait(lambda: not Path(f"/proc/{pid}").exists(), LIMIT_S)
    own_kernel.wait(lambda: not path.exists(), LIMIT_S)


def test_only_the_kernels_own_addresses_are_connected_to() -> None:
    ipc = {"transport": "ipc", "ip": "/run/fp/1"}
    assert may_connect(ipc, "ipc:///run/fp/1-6")
    assert not may_connect(ipc, "ipc:///run/other-6")
    assert not may_connect(ipc, "tcp://127.0.0.1:5")
    tcp = {"transport": "tcp", "ip": "127.0.0.1"}
    assert may_connect(tcp, "tcp://127.0.0.1:5555")
    assert not may_connect(tcp, "tcp://127.0.0.1.example:5555")
    assert not may_connect(tcp, "tcp://10.0.0.1:5555")


def test_over_loopback_the_same_holds(open_kernels: OpenKernels, ui: FakeUiThread, work: Path) -> None:
    """As on Windows."""
    launch = replace(python_launch(work), encryption="none")
    watcher = Watcher(open_kernels(agent_of=agent_of).start(launch), ui)
    wait_for_door(watcher)
    watcher.execute(METHODS)
    run = busy_loop(watcher, 60.0)
    assert page(watcher).buffers == (b"\x01" * 10,) * 3
    assert watcher.run(run).status is RunStatus.RUNNING
    watcher.session.interrupt()
    watcher.wait_state("idle", LIMIT_S)
    connection, address, nonce = address_of(watcher)
    assert may_connect(connection, address)
    assert address.startswith("tcp://127.0.0.1:")
    with Stranger(connection, address, nonce, key="0" * 64) as stranger:
        stranger.send(stranger.seal.closed(PING))
        assert stranger.heard(1.0) is None


def test_a_connection_with_curve_has_a_door_with_curve(own_kernel: Watcher) -> None:
    public, secret = (key.decode() for key in zmq.curve_keypair())
    connection, _, _ = address_of(own_kernel)
    curve = {"transport": "tcp", "ip": "127.0.0.1", "curve_publickey": public, "curve_secretkey": secret}
    own_kernel.execute("_agent.door.stop()\n_module = __import__('sys').modules[type(_agent.door).__module__]")
    place = value_of(own_kernel, f"_module._connection = lambda kernel: {curve!r}\n_agent.open_door()")
    told = ast.literal_eval(place)
    with Stranger({**connection, **curve}, told["address"], told["nonce"]) as owner:
        assert owner.ask(PING) is not None
    with Stranger(connection, told["address"], told["nonce"]) as plain:
        plain.send(plain.seal.closed(PING))
        assert plain.heard(1.0) is None


@pytest.mark.parametrize(
    "connection",
    [
        {"transport": "tcp", "ip": "0.0.0.0"},
        {"transport": "tcp", "ip": "192.168.0.5"},
        {"transport": "ipc", "ip": "relative/1"},
        {"transport": "ipc", "ip": "/tmp/1"},
        {"transport": "ipc", "ip": "{work}/" + "x" * 200},
        {},
    ],
)
def test_a_kernel_that_others_may_reach_gets_no_door(
    python: Watcher, tmp_path: Path, connection: dict[str, str]
) -> None:
    tmp_path.chmod(0o700)
    told = {name: value.replace("{work}", str(tmp_path)) for name, value in connection.items()}
    code = f"""
import sys
_main = sys.modules["fourpane_plugins.lang_python.agent.main"]
_door = sys.modules["fourpane_plugins.lang_python.agent.door"]
_kept, _door._connection = _door._connection, lambda kernel: {told!r}
try:
    _door.Door(_main._agent)
except _door.Refusal as refusal:
    _refused = refusal.code
finally:
    _door._connection = _kept
"""
    assert python.execute(code).status is RunStatus.OK
    assert value_of(python, "_refused") == "'not_possible'"


# ---- the life of the kernel ------------------------------------------------------------------------------------------


def test_a_forked_child_has_no_door(kernel: Watcher) -> None:
    connection, address, nonce = address_of(kernel)
    fork = """
import os, warnings
warnings.simplefilter("ignore")
_read, _write = os.pipe()
_pid = os.fork()
if not _pid:
    import socket, stat, time
    names = []
    for text in os.listdir("/dev/fd"):
        try:
            if stat.S_ISSOCK(os.fstat(int(text)).st_mode):
                with socket.socket(fileno=os.dup(int(text))) as one: names.append(str(one.getsockname()))
        except OSError:
            pass
    _agent.door.send(b"x", {})
    _agent.door.stop()
    report = [len([name for name in names if name.endswith("-6")]), _agent.door.is_open, _agent.door._agent is None]
    os.write(_write, repr(report).encode())
    os._exit(0)
_report = os.read(_read, 1000).decode(); _, _status = os.waitpid(_pid, 0)
"""
    assert kernel.execute(fork, LIMIT_S).status is RunStatus.OK
    assert value_of(kernel, "_report, _status") == "('[0, False, True]', 0)"
    assert page(kernel).result is not None
    with Stranger(connection, address, nonce) as owner:
        assert owner.ask(PING) is not None


def test_a_restart_opens_a_new_door(own_kernel: Watcher) -> None:
    _, address, nonce = address_of(own_kernel)
    answers: list[Answer] = []
    params = {"table": "long", "view": 1, "sort": [], "filter": {}}
    own_kernel.session.ask("table.view", params, answers.append, LIMIT_S)
    own_kernel.wait(lambda: value_of(own_kernel, "len(_started)") == "1")
    own_kernel.session.restart()
    assert [answer.code for answer in answers] == ["gone"]
    assert not own_kernel.session.is_answering
    own_kernel.wait(lambda: own_kernel.session._phase == "live", LIMIT_S)
    wait_for_door(own_kernel)
    _, other_address, other_nonce = address_of(own_kernel)
    assert (other_address, other_nonce) != (address, nonce)
    assert own_kernel.execute(METHODS).status is RunStatus.OK
    assert page(own_kernel).result is not None


def test_the_death_of_the_kernel_answers_what_is_under_way(own_kernel: Watcher) -> None:
    answers: list[Answer] = []
    params = {"table": "long", "view": 1, "sort": [], "filter": {}}
    own_kernel.session.ask("table.view", params, answers.append, LIMIT_S)
    own_kernel.wait(lambda: value_of(own_kernel, "len(_started)") == "1")
    own_kernel.session.kill()
    own_kernel.wait(lambda: answers, LIMIT_S, "an answer")
    assert answers[0].code == "gone"
    assert page(own_kernel).code == "gone"
    own_kernel.wait_state("dead")


def test_a_window_that_attaches_speaks_to_the_same_door(
    open_kernels: OpenKernels, ui: FakeUiThread, work: Path, runtime: Path
) -> None:
    first = open_kernels(agent_of=agent_of)
    watcher = Watcher(first.start(python_launch(work)), ui)
    wait_for_door(watcher)
    watcher.execute(METHODS)
    _, address, nonce = address_of(watcher)
    first.close(leave_kernels=True)
    second = open_kernels(agent_of=agent_of)
    attached = Watcher(second.attach(second.left_behind()[0]), ui)
    wait_for_door(attached)
    assert address_of(attached)[1:] == (address, nonce)
    assert page(attached).buffers == (b"\x01" * 10,) * 3


def test_the_agent_sent_in_again_closes_the_older_door(own_kernel: Watcher) -> None:
    _, _, nonce = address_of(own_kernel)
    source = agent_of("python")
    assert source is not None
    code = base64.b64encode(source.code.encode()).decode()
    own_kernel.execute(f"_old = _agent.door\nimport base64; exec(base64.b64decode('{code}').decode())", LIMIT_S)
    assert value_of(own_kernel, "_old.is_open, _old._router.closed") == "(False, True)"
    assert source.more is not None
    own_kernel.execute("_new = __import__('sys').modules['fourpane_plugins.lang_python.agent.main']._agent", LIMIT_S)
    own_kernel.execute(f"_new.take_more({source.more()!r})", LIMIT_S)
    again = "_new.open_door()['nonce']"
    assert value_of(own_kernel, again) != repr(nonce)


def test_without_a_private_way_the_comm_carries_the_same(
    open_kernels: OpenKernels, ui: FakeUiThread, work: Path
) -> None:
    watcher = Watcher(open_kernels(agent_of=agent_of).start(python_launch(work)), ui)
    wait_for_door(watcher)
    watcher.execute(METHODS)
    watcher.session._watch._agent._door = "none"  # type: ignore[union-attr]  # as where the kernel has none
    assert page(watcher).buffers == (b"\x01" * 10,) * 3
    assert value_of(watcher, "_served[-1][2]") == "'MainThread'"
    run = busy_loop(watcher, 1.0)
    assert not watcher.session.is_answering
    assert page(watcher).result is not None
    assert watcher.run(run).status is RunStatus.OK


def test_the_interpreter_is_left_as_it_was(kernel: Watcher) -> None:
    kernel.wait(lambda: value_of(kernel, "__import__('sys').getswitchinterval()") == "0.005", LIMIT_S)
    page(kernel)
    assert value_of(kernel, "__import__('sys').getswitchinterval()") == "0.001"
    kernel.wait(lambda: value_of(kernel, "__import__('sys').getswitchinterval()") == "0.005", LIMIT_S)
