"""The agent's own socket and its two threads: tables are served there while the user's code runs.

Owns the socket, who may speak on it, and the order of what is done; the methods are the agent's. The wire form is in
`docs/reference/door.md`; the window's half is `ide/kernels/door.py`. One thread answers `quick` methods as they come,
the other works off `slow` ones. Whatever nobody with the kernel's key has sealed is dropped without a word.
"""

from __future__ import annotations

import atexit
import hmac
import json
import os
import secrets
import socket
import stat
import sys
import threading
import time
import weakref
from collections import OrderedDict, deque
from functools import partial
from pathlib import Path
from typing import Any

from fourpane_plugins.lang_python.agent.main import checked
from fourpane_plugins.lang_python.agent.refusal import Refusal
from fourpane_plugins.lang_python.contract_table import WHERE

SIZE_LIMIT_BYTES = 16_000_000
PEERS_MOST = 4
AT_ONCE = 256
SUFFIX = "-6"  # the kernel's own sockets end in -1 to -5
PATH_LIMIT_BYTES = 107 if sys.platform == "linux" else 103
BUSY_INTERVAL_S = 0.001
QUIET_S = 5.0
PROGRESS_EVERY_S = 0.1
JOIN_S = 1.0
REQUEST, ANSWER = b"\x01r", b"\x01a"  # version of the wire form, and direction
_HEAD = 10
_MAC = 32
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_ORDER = {"table.view": 0, "table.find": 1, "table.values": 1}


class Seal:
    """Seals and checks messages; knows how far each peer has counted."""

    def __init__(self, key: bytes, nonce: str) -> None:
        self._key = hmac.digest(key, b"fourpane door" + nonce.encode(), "sha256")
        self._peers: OrderedDict[bytes, int] = OrderedDict()
        self._floor = 0
        self._count = 0

    def opened(self, peer: bytes, frame: bytes) -> dict[str, Any] | None:
        """The request in a frame; None for what is too large, not sealed by our window, or was here before."""
        if not _MAC + _HEAD + 4 <= len(frame) <= SIZE_LIMIT_BYTES:
            return None
        if not hmac.compare_digest(frame[:_MAC], self._mac(peer, frame[_MAC:])):
            return None
        count = int.from_bytes(frame[_MAC + 2 : _MAC + _HEAD], "big")
        if frame[_MAC : _MAC + 2] != REQUEST or count <= self._peers.get(peer, self._floor):
            return None
        self._peers[peer] = count
        self._peers.move_to_end(peer)
        while len(self._peers) > PEERS_MOST:
            self._floor = max(self._floor, self._peers.popitem(last=False)[1])
        start = _MAC + _HEAD + 4
        size = int.from_bytes(frame[start - 4 : start], "big")
        try:
            request = json.loads(frame[start : start + size])
        except (ValueError, RecursionError):
            return None
        return request if type(request) is dict else None

    def closed(self, peer: bytes, body: dict[str, Any], buffers: list[Any]) -> bytes:
        """A frame with an answer or an event."""
        self._count += 1
        if buffers:
            views = [memoryview(buffer).cast("B") for buffer in buffers]
            body = {**body, "buffers": [len(view) for view in views]}
        else:
            views = []
        text = json.dumps(body).encode()
        rest = b"".join((ANSWER, self._count.to_bytes(8, "big"), len(text).to_bytes(4, "big"), text, *views))
        return self._mac(peer, rest) + rest

    def _mac(self, peer: bytes, rest: bytes) -> bytes:
        return hmac.digest(self._key, len(peer).to_bytes(4, "big") + peer + rest, "sha256")


class Job:
    """One slow request under way, as its method sees it."""

    def __init__(self, door: Door, peer: bytes, request: dict[str, Any]) -> None:
        self._door = door
        self._told_s = 0.0
        self._is_cancelled = False
        self.peer = peer
        self.request = request

    @property
    def subject(self) -> tuple[Any, ...]:
        """A newer request about the same takes the place of one that has not begun."""
        params = self.request.get("params")
        about = params if type(params) is dict else {}
        return (self.peer, self.request["method"], repr(about.get("table")), repr(about.get("column")))

    def is_cancelled(self) -> bool:
        """Whether nobody waits for the result any more."""
        return self._is_cancelled

    def cancel(self) -> None:
        """Nobody waits any more."""
        self._is_cancelled = True

    def progress(self, step: str, done: int, total: int = 0) -> None:
        """Tell how far it has come; most calls of a fast loop are left out."""
        now = time.monotonic()
        if now - self._told_s >= PROGRESS_EVERY_S:
            self._told_s = now
            params = {"request": self.request["id"], "step": step, "done": done, "total": total}
            self._door.send(self.peer, {"v": 1, "event": "table.progress", "params": params})


class Door:
    """An open door. Raises Refusal where this kernel can have none."""

    def __init__(self, agent: Any) -> None:
        zmq = sys.modules.get("zmq")  # the one that the kernel speaks with
        if zmq is None:
            raise Refusal("not_possible", "the kernel does not use zmq")
        self._zmq: Any = zmq
        self._agent = agent
        self._pid = os.getpid()
        connection = _connection(agent.shell.kernel)
        key = agent.shell.kernel.session.key
        if not key:
            raise Refusal("not_possible", "the kernel signs nothing")
        self._nonce = secrets.token_hex(16)
        self._seal = Seal(key, self._nonce)
        self._context = zmq.Context()
        self._router = self._context.socket(zmq.ROUTER)
        try:
            self._address = _bind(zmq, self._router, connection)
        except Exception:
            self._context.destroy(linger=0)
            raise
        self._waker, self._woken = socket.socketpair()
        for end in (self._waker, self._woken):
            end.setblocking(False)
        self._outgoing: deque[tuple[bytes | None, dict[str, Any], list[Any]]] = deque()
        self._last_peer = b""
        self._is_stopping = False
        self._interval_s = 0.0
        self._changed = threading.Condition()
        self._queue: list[Job] = []
        self._running: Job | None = None
        self._worker: threading.Thread | None = None
        self._thread = _thread("fourpane door", self._serve)
        atexit.register(self.stop)
        _watch_forks(self)
        self._thread.start()

    @property
    def place(self) -> dict[str, str]:
        """The contract's DoorPlace."""
        return {"address": self._address, "nonce": self._nonce}

    @property
    def is_open(self) -> bool:
        """Whether requests are served."""
        return self._thread.is_alive() and not self._is_stopping

    def send(self, peer: bytes | None, body: dict[str, Any], buffers: list[Any] | None = None) -> None:
        """Send from any thread; to the window that asked last where `peer` is None."""
        self._outgoing.append((peer, body, buffers or []))
        self._wake()

    def stop(self) -> None:
        """Close the socket and end the threads. In a forked child it is closed already."""
        if self._pid != os.getpid() or self._is_stopping:
            return
        self._is_stopping = True
        with self._changed:
            for job in [*self._queue, *([self._running] if self._running else [])]:
                job.cancel()
            self._queue.clear()
            self._changed.notify_all()
        self._wake()
        for thread in (self._thread, self._worker):
            if thread is not None and thread is not threading.current_thread():
                thread.join(JOIN_S)
        atexit.unregister(self.stop)

    # ---- the thread of the socket ------------------------------------------------------------------------------------

    def _serve(self) -> None:
        zmq = self._zmq
        poller = zmq.Poller()
        poller.register(self._router, zmq.POLLIN)
        poller.register(self._woken, zmq.POLLIN)
        try:
            while not self._is_stopping:
                # One wake-up after the last request, so that the interpreter is left as it was.
                if not poller.poll(QUIET_S * 1000 if self._interval_s else None):
                    self._be_patient()
                self._drain_wakes()
                self._serve_all(self._received())
                self._send_waiting()
        finally:
            self._be_patient()
            self._router.close(0)
            self._context.destroy(linger=0)
            self._waker.close()
            self._woken.close()

    def _received(self) -> list[tuple[bytes, dict[str, Any]]]:
        """All that has come, so that what was given up meanwhile need not be answered."""
        found = []
        for _ in range(AT_ONCE):
            try:
                frames = self._router.recv_multipart(self._zmq.NOBLOCK)
            except self._zmq.Again:
                break
            request = self._seal.opened(frames[0], frames[1]) if len(frames) == 2 else None
            if request is not None and type(request.get("id")) is int and type(request.get("method")) is str:
                found.append((frames[0], request))
        return found

    def _serve_all(self, requests: list[tuple[bytes, dict[str, Any]]]) -> None:
        dropped = set()
        for peer, request in requests:
            if request["method"] == "cancel":
                params = request.get("params")
                dropped.add((peer, params.get("request") if type(params) is dict else None))
        for peer, request in requests:
            self._last_peer = peer
            if (peer, request["id"]) in dropped:
                self._refuse(peer, request, Refusal("cancelled", ""))
            else:
                self._take(peer, request)
            self._send_waiting()

    def _take(self, peer: bytes, request: dict[str, Any]) -> None:
        method = request["method"]
        if method == "cancel":
            self._answer(peer, request, partial(self._cancel, peer, request))
            return
        if method not in WHERE or method not in self._agent.methods:
            self._refuse(peer, request, Refusal("unknown_method", "unknown method"))
        elif WHERE[method] == "quick":
            self._be_quick()
            self._answer(peer, request, partial(self._call, request))
        elif WHERE[method] == "slow":
            self._be_quick()
            self._enqueue(Job(self, peer, request))
        else:
            self._refuse(peer, request, Refusal("not_possible", "only the main thread answers this"))

    def _send_waiting(self) -> None:
        while self._outgoing:
            peer, body, buffers = self._outgoing.popleft()
            to = self._last_peer if peer is None else peer
            if not to:
                continue
            try:
                frame = self._seal.closed(to, body, buffers)
            except (TypeError, ValueError, BufferError) as error:  # a method's result that is no JSON
                frame = self._seal.closed(to, _error(body.get("id"), "failed", repr(error)), [])
            try:
                self._router.send_multipart([to, frame], self._zmq.NOBLOCK)
            except self._zmq.ZMQError:
                continue  # the window does not read, or has gone: its requests run out there

    def _wake(self) -> None:
        if threading.current_thread() is self._thread:
            return  # it looks before it waits again
        try:
            self._waker.send(b".")
        except OSError:
            return  # it is being woken already, or has ended

    def _drain_wakes(self) -> None:
        try:
            while self._woken.recv(4096):
                pass
        except OSError:
            return

    # ---- the thread of slow methods ----------------------------------------------------------------------------------

    def _enqueue(self, job: Job) -> None:
        with self._changed:
            older = [one for one in self._queue if one.subject == job.subject]
            self._queue = [one for one in self._queue if one.subject != job.subject]
            self._queue.append(job)
            self._queue.sort(key=lambda one: _ORDER.get(one.request["method"], 2))
            if self._worker is None:
                self._worker = _thread("fourpane tables", self._work)
                self._worker.start()
            self._changed.notify_all()
        for one in older:
            self._refuse(one.peer, one.request, Refusal("cancelled", "a newer request took its place"))

    def _work(self) -> None:
        job = self._next_job()
        while job is not None:
            self._answer(job.peer, job.request, partial(self._run, job))
            job = self._next_job()

    def _next_job(self) -> Job | None:
        """The next one, once there is one; None when the door closes."""
        with self._changed:
            self._running = None
            self._changed.wait_for(lambda: self._queue or self._is_stopping)
            self._running = self._queue.pop(0) if self._queue else None
            return self._running

    def _run(self, job: Job) -> Any:
        method = self._agent.methods[job.request["method"]]
        result = method(**_params(job.request), job=job)
        if job.is_cancelled():
            raise Refusal("cancelled", "")
        return result

    def _call(self, request: dict[str, Any]) -> Any:
        return self._agent.methods[request["method"]](**_params(request))

    def _cancel(self, peer: bytes, asked: dict[str, Any]) -> dict[str, Any]:
        request = _params(asked)["request"]
        with self._changed:
            found = [one for one in self._queue if (one.peer, one.request["id"]) == (peer, request)]
            self._queue = [one for one in self._queue if one not in found]
            running = self._running
            if running is not None and (running.peer, running.request["id"]) == (peer, request):
                running.cancel()
        for one in found:
            self._refuse(one.peer, one.request, Refusal("cancelled", ""))
        return {}

    # ---- both --------------------------------------------------------------------------------------------------------

    def _answer(self, peer: bytes, request: dict[str, Any], work: Any) -> None:
        """Do the work and send what comes of it; whatever goes wrong is an answer too."""
        try:
            result = work()
        except Refusal as refusal:
            self._refuse(peer, request, refusal)
            return
        except Exception as error:  # noqa: BLE001 - told to the window as the answer
            self.send(peer, _error(request["id"], "failed", f"{type(error).__name__}: {error}"))
            return
        body, buffers = result if type(result) is tuple else (result, [])
        self.send(peer, {"v": 1, "id": request["id"], "result": body}, buffers)

    def _refuse(self, peer: bytes, request: dict[str, Any], refusal: Refusal) -> None:
        self.send(peer, _error(request["id"], refusal.code, str(refusal)))

    def _be_quick(self) -> None:
        """While a viewer asks, our threads get their turn after 1 ms of the user's loop instead of 5.

        Python hands over only where another thread waits: with nobody asking, the user's code runs as ever. Somebody
        who has set an interval himself keeps it.
        """
        if not self._interval_s and abs(sys.getswitchinterval() - 0.005) < 1e-6:
            self._interval_s = 0.005
            sys.setswitchinterval(BUSY_INTERVAL_S)

    def _be_patient(self) -> None:
        if self._interval_s and abs(sys.getswitchinterval() - BUSY_INTERVAL_S) < 1e-6:
            sys.setswitchinterval(self._interval_s)
        self._interval_s = 0.0

    def abandon(self) -> None:
        """In a forked child: it has none of the threads, and must neither keep the address alive nor the key."""
        self._is_stopping = True
        self._agent = None
        self._seal = Seal(b"forked", "")
        for end in (self._waker, self._woken):
            end.close()
        _close_inherited(self._address)


_open_doors: weakref.WeakSet[Door] = weakref.WeakSet()
_watched: list[bool] = []


def _watch_forks(door: Door) -> None:
    """Such a watch cannot be taken back: so there is one for all doors, and it keeps none of them."""
    _open_doors.add(door)
    if not _watched and hasattr(os, "register_at_fork"):
        _watched.append(True)
        os.register_at_fork(after_in_child=_abandon_all)


def _abandon_all() -> None:
    for door in list(_open_doors):
        door.abandon()


def _params(request: dict[str, Any]) -> dict[str, Any]:
    return checked(request["method"], request.get("params") or {})


def _error(number: Any, code: str, message: str) -> dict[str, Any]:
    return {"v": 1, "id": number, "error": {"code": code, "message": message}}


def _thread(name: str, work: Any) -> threading.Thread:
    made = threading.Thread(target=work, name=name, daemon=True)
    made.pydev_do_not_trace = True  # type: ignore[attr-defined]  # a debugger of the user's leaves it alone
    made.is_pydev_daemon_thread = True  # type: ignore[attr-defined]  # the same
    return made


def _connection(kernel: Any) -> dict[str, Any]:
    """What the connection file says."""
    path = getattr(getattr(kernel, "parent", None), "abs_connection_file", "")
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError) as error:
        raise Refusal("not_possible", "the kernel has no connection file") from error
    return found if type(found) is dict else {}


def _bind(zmq: Any, router: Any, connection: dict[str, Any]) -> str:
    """Bind where only this user of this machine comes; returns the address."""
    router.linger = 0
    router.maxmsgsize = SIZE_LIMIT_BYTES
    if connection.get("transport") == "ipc":
        path = Path(str(connection.get("ip")) + SUFFIX)
        if not _is_private(path.parent) or len(os.fsencode(str(path))) > PATH_LIMIT_BYTES:
            raise Refusal("not_possible", "the kernel's sockets are in no private folder")
        router.bind(f"ipc://{path}")
        path.chmod(0o600)
        return f"ipc://{path}"
    if connection.get("transport") != "tcp" or connection.get("ip") not in _LOOPBACK:
        raise Refusal("not_possible", "the kernel can be reached from elsewhere")
    if "curve_secretkey" in connection:
        router.curve_server = True
        router.curve_publickey = str(connection["curve_publickey"]).encode()
        router.curve_secretkey = str(connection["curve_secretkey"]).encode()
    router.bind("tcp://127.0.0.1:*")
    return str(router.getsockopt(zmq.LAST_ENDPOINT).decode().rstrip("\x00"))


def _is_private(folder: Path) -> bool:
    """Whether it is a real folder that this user alone can enter."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077
    return folder.is_absolute() and is_ours


def _close_inherited(address: str) -> None:
    """Close the descriptors that a forked child has of a listening socket and of what is connected to it.

    zmq itself cannot: its threads are not there. Descriptors of others are only looked at.
    """
    try:
        numbers = [int(name) for name in os.listdir("/dev/fd")]  # noqa: PTH208 - names alone
    except OSError:
        return
    for number in numbers:
        try:
            if stat.S_ISSOCK(os.fstat(number).st_mode) and _name_of(number) == address:
                os.close(number)
        except OSError:
            continue


def _name_of(number: int) -> str:
    with socket.socket(fileno=os.dup(number)) as copy:
        name = copy.getsockname()
        if type(name) is tuple and len(name) == 2:
            return f"tcp://{name[0]}:{name[1]}"
        return f"ipc://{name}" if type(name) is str else ""
