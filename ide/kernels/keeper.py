"""The keeper: a small process that is the parent of all kernels of one runtime folder. Run by path, isolated:

    python -I keeper.py RUNTIME_FOLDER [REQUEST_FILE]

Standard library and pyzmq only. It outlives the window, and kernels outlive it. Protocol, files and life cycle are told
in docs/reference/keeper.md. With a request file it launches that kernel first of all; when another keeper serves the
folder, it hands the request over and ends.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if __name__ == "__main__" and not __package__:
    sys.path.append(str(Path(__file__).resolve().parent.parent.parent))

from ide.kernels import launches, platform, private, sealed
from ide.kernels.kept import KeptKernel

if TYPE_CHECKING:
    import zmq

LINGER_S = 10.0
FIRST_WINDOW_S = 3.0
HAND_OVER_S = 5.0


class Keeper:
    """Answers the windows' requests and looks after kernels until there is nothing left to look after."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kernels: dict[str, KeptKernel] = {}
        self._clients: dict[bytes, dict[str, Any]] = {}
        self._quitting: dict[bytes, tuple[int, set[str]]] = {}
        self._key = os.urandom(32)
        self._context: zmq.Context[zmq.Socket[bytes]] | None = None
        self._router: zmq.Socket[bytes] | None = None
        self._empty_since = time.monotonic()
        self._owners_at = 0.0
        self._had_client = False

    # -- life

    def open(self) -> None:
        """Bind the socket for requests and say where it is."""
        import zmq

        self._context = zmq.Context(io_threads=1)
        self._router = self._context.socket(zmq.ROUTER)
        self._router.linger = 200
        if platform.is_windows():
            port = self._router.bind_to_random_port("tcp://127.0.0.1")
            address = f"tcp://127.0.0.1:{port}"
        else:
            address = f"ipc://{self._folder}/keeper-{os.getpid()}"
            self._router.bind(address)
        self._adopt_left_kernels()
        for kernel in self._kernels.values():
            if kernel.is_alive:
                kernel.connect(self._context)
        pid, mark = platform.own_mark()
        info = {"pid": pid, "mark": mark, "endpoint": address, "key": self._key.hex()}
        private.write_json(self._folder / launches.KEEPER, info)

    def run(self) -> None:
        """Serve until no kernel runs and no window wants one."""
        while not self._is_over():
            self._wait()
            for kernel in list(self._kernels.values()):
                kernel.drain()
            self._serve()
            for kernel in list(self._kernels.values()):
                kernel.tick()
            self._look_at_owners()
            self._forget_gone()

    def close(self) -> None:
        """Let go of all kernels without ending them, and of the files that say that a keeper is here."""
        for kernel in self._kernels.values():
            kernel.close()
        if self._router is not None and self._context is not None:
            self._router.close()
            self._context.term()
        for name in (launches.KEEPER, f"keeper-{os.getpid()}"):
            (self._folder / name).unlink(missing_ok=True)

    def start(self, request: dict[str, Any]) -> KeptKernel:
        """Launch a kernel; works before `open`. Raises KeyError or TypeError for a request that is none."""
        kernel_id = str(request["id"])
        if len(kernel_id) != 8 or not kernel_id.isalnum() or kernel_id in self._kernels:
            raise KeyError("id")
        folder = self._folder / kernel_id
        folder.mkdir(mode=0o700, exist_ok=True)
        private.check_private(folder)
        fields = ("id", "name", "launch", "owner", "is_spare", "settings")
        record: dict[str, Any] = {name: request[name] for name in fields}
        kernel = KeptKernel(folder, record, self._on_changed)
        kernel.keep_variables({str(name): str(text) for name, text in request["variables"].items()})
        self._kernels[kernel_id] = kernel
        kernel.launch()
        if self._context is not None and kernel.is_alive:
            kernel.connect(self._context)
        return kernel

    def _adopt_left_kernels(self) -> None:
        """Kernels of a keeper that died: those that still run are watched from now on; the others' end is noted."""
        for record in launches.records(self._folder):
            kernel_id = str(record["id"])
            if kernel_id in self._kernels or record["state"] not in ("launching", "running"):
                continue
            kernel = KeptKernel(self._folder / kernel_id, record, self._on_changed)
            self._kernels[kernel_id] = kernel
            if launches.is_running(record):
                kernel.adopt()

    def _is_over(self) -> bool:
        if any(kernel.is_alive for kernel in self._kernels.values()) or self._quitting:
            self._empty_since = time.monotonic()
            return False
        if self._had_client and not self._clients:
            return True
        return time.monotonic() - self._empty_since > (LINGER_S if self._clients else FIRST_WINDOW_S)

    def _wait(self) -> None:
        import zmq

        assert self._router is not None
        poller = zmq.Poller()
        poller.register(self._router, zmq.POLLIN)
        for kernel in self._kernels.values():
            for waiting in kernel.sockets:
                poller.register(waiting, zmq.POLLIN)
            if kernel.exit_watch is not None:
                poller.register(kernel.exit_watch, zmq.POLLIN)
        wait_s = min([kernel.wait_s() for kernel in self._kernels.values()], default=0.5)
        poller.poll(int(wait_s * 1000))

    # -- windows

    def _look_at_owners(self) -> None:
        """Notice windows that have gone: their spares end, their kernels wait for another window up to a limit."""
        now = time.monotonic()
        if now - self._owners_at < 0.5:
            return
        self._owners_at = now
        for identity, client in list(self._clients.items()):
            if not platform.is_alive(int(client["pid"]), str(client["mark"])):
                del self._clients[identity]
                self._quitting.pop(identity, None)
        has_folder = (self._folder / launches.KEEPER).exists()
        for kernel in list(self._kernels.values()):
            if kernel.is_alive and not launches.is_owned(kernel.record):
                self._look_at_orphan(kernel, now)
                if not has_folder:
                    kernel.stop("forget")  # somebody removed the runtime folder: nobody can ever attach

    def _look_at_orphan(self, kernel: KeptKernel, now: float) -> None:
        record = kernel.record
        if not record.get("alone_since_s"):
            record["alone_since_s"] = time.time()
            kernel.idle_since = max(kernel.idle_since, now)
            kernel.give_to(record.get("owner"), is_spare=bool(record["is_spare"]))
        limit_s = float(record["settings"].get("idle_limit_s", 24 * 3600))
        is_past_limit = not record["is_busy"] and now - kernel.idle_since > limit_s
        # One in which nothing was ever run, left by a window that died while it started, holds nothing for anybody.
        is_worthless = record["is_spare"] or (kernel.is_unused and record.get("owner"))
        if is_worthless or limit_s <= 0 or is_past_limit:
            kernel.stop("forget")

    def _forget_gone(self) -> None:
        for kernel_id in [key for key, kernel in self._kernels.items() if kernel.is_gone]:
            del self._kernels[kernel_id]
        for identity, (number, wanted) in list(self._quitting.items()):
            if not wanted & self._kernels.keys():
                del self._quitting[identity]
                self._clients.pop(identity, None)
                self._reply(identity, number, {"is_done": True})

    def _serve(self) -> None:
        import zmq

        assert self._router is not None
        for _ in range(100):
            try:
                identity, *frames = self._router.recv_multipart(zmq.NOBLOCK)
            except zmq.ZMQError:
                return
            request = sealed.unseal(self._key, sealed.TO_KEEPER, frames)
            if request is not None:
                self._answer(identity, request)

    def _answer(self, identity: bytes, request: dict[str, Any]) -> None:
        number = int(request.get("n", 0))
        client = self._clients.get(identity)
        if client is not None and number <= client["n"]:
            return  # a repeated message
        if client is not None:
            client["n"] = number
        try:
            answer = self._do(identity, number, str(request.get("method")), dict(request.get("params") or {}))
        except Exception as error:  # noqa: BLE001  # one bad request must not end the parent of all kernels; it is answered
            answer = {"error": f"{type(error).__name__}: {error}"}
        if answer is not None:
            self._reply(identity, number, answer)

    def _do(self, identity: bytes, number: int, method: str, params: dict[str, Any]) -> dict[str, Any] | None:
        if method == "hello":
            self._had_client = True
            self._clients[identity] = {"pid": int(params["pid"]), "mark": str(params["mark"]), "n": number}
            return {"records": [kernel.record for kernel in self._kernels.values()]}
        if method == "start":
            known = self._kernels.get(str(params["id"]))
            return {"record": (known or self.start(params)).record}
        if method == "quit":
            self._quit(identity, number, params)
            return None  # answered when all are gone
        kernel = self._kernels.get(str(params["id"])) or self._revive(str(params["id"]))
        if method == "restart" and isinstance(params.get("variables"), dict):
            kernel.keep_variables(params["variables"])
        if method == "restart" and isinstance(params.get("launch"), dict):
            kernel.record["launch"] = params["launch"]
        return self._do_to(kernel, method, params)

    def _do_to(self, kernel: KeptKernel, method: str, params: dict[str, Any]) -> dict[str, Any]:
        if method == "interrupt":
            return {"is_done": kernel.interrupt()}
        if method == "kill":
            kernel.kill()
        elif method == "stop":
            kernel.stop("forget", float(params.get("grace_s", 1.0)))
        elif method == "restart":
            kernel.stop("restart", float(params.get("grace_s", 1.0)))
        elif method == "give":
            kernel.record.pop("alone_since_s", None)
            kernel.give_to(params["owner"], params.get("name"), is_spare=bool(params.get("is_spare")))
        elif method == "rename":
            kernel.give_to(kernel.record.get("owner"), str(params["name"]), is_spare=bool(kernel.record["is_spare"]))
        else:
            return {"error": f"unknown request {method}"}
        return {"record": kernel.record}

    def _revive(self, kernel_id: str) -> KeptKernel:
        """A kernel that ended under an earlier keeper:

        known by its record alone, it can be forgotten or started anew.
        """
        record = next((one for one in launches.records(self._folder) if one["id"] == kernel_id), None)
        if record is None:
            raise KeyError(kernel_id)
        kernel = self._kernels[kernel_id] = KeptKernel(self._folder / kernel_id, record, self._on_changed)
        return kernel

    def _quit(self, identity: bytes, number: int, params: dict[str, Any]) -> None:
        """End or let go of the kernels of one window; answered when all are gone."""
        owner = params["owner"]
        mine = {key for key, kernel in self._kernels.items() if kernel.record.get("owner") == owner}
        leaving = {key for key in mine if params.get("leave_kernels") and not self._kernels[key].record["is_spare"]}
        for key in leaving:
            self._kernels[key].give_to(None)
        for key in mine - leaving:
            self._kernels[key].stop("forget", float(params.get("grace_s", 0.6)))
        self._quitting[identity] = (number, mine - leaving)

    def _reply(self, identity: bytes, number: int, answer: dict[str, Any]) -> None:
        self._send(identity, {"re": number, **answer})

    def _send(self, identity: bytes, body: dict[str, Any]) -> None:
        import zmq

        assert self._router is not None
        try:
            self._router.send_multipart([identity, *sealed.seal(self._key, sealed.TO_WINDOW, body)], zmq.NOBLOCK)
        except zmq.ZMQError:
            return  # a window that does not listen is noticed by its pid

    def _on_changed(self, kernel: KeptKernel, event: dict[str, Any] | None) -> None:
        """Tell the window that owns the kernel."""
        if event is not None and event["event"] == "relaunched":
            if self._context is not None and kernel.is_alive:
                kernel.connect(self._context)
            return
        owner = kernel.record.get("owner") or {}
        body = {"id": kernel.record["id"], **(event or {"event": "record", "record": kernel.record})}
        for identity, client in self._clients.items():
            if client["pid"] == owner.get("pid") and client["mark"] == owner.get("mark"):
                self._send(identity, body)


def main(folder: Path, request_file: Path | None) -> int:
    """Become the keeper of `folder`, or hand the request to the one that is there."""
    platform.leave_session()
    os.umask(0o077)
    os.chdir(folder)
    request = private.read_json(request_file) if request_file else None
    if request_file is not None:
        request_file.unlink(missing_ok=True)
    deadline = time.monotonic() + HAND_OVER_S
    while time.monotonic() < deadline:
        lock = platform.lock_file(folder / "keeper.lock")
        if lock is not None:
            return serve(folder, request, lock)
        if request is None or hand_over(folder, request):
            return 0
        time.sleep(0.02)
    return 1


def serve(folder: Path, request: dict[str, Any] | None, lock: int) -> int:
    """Be the keeper. The lock is held until the end; its file goes first, so that nobody waits for a dead one."""
    keeper = Keeper(folder)
    try:
        if request is not None:
            keeper.start(request)
        keeper.open()
        keeper.run()
    except Exception:
        note_crash(folder)  # there is no stream to print to; the window that starts the next keeper logs it
        raise
    finally:
        keeper.close()
        (folder / "keeper.lock").unlink(missing_ok=True)
        os.close(lock)
        os.chdir(folder.parent)
        try:
            folder.rmdir()
        except OSError:
            pass  # kernels that ended without a window have left their spool for the next one
    return 0


def note_crash(folder: Path) -> None:
    """Leave the traceback of the present exception for the window."""
    import traceback

    try:
        private.write_private(folder / launches.KEEPER_CRASH, traceback.format_exc().encode())
    except OSError:
        return  # a full disk may be what it died of


def hand_over(folder: Path, request: dict[str, Any]) -> bool:
    """Give a start request to the keeper that serves the folder."""
    info = launches.live_keeper(folder)
    if info is None:
        return False
    import zmq

    context = zmq.Context()
    waiting = context.socket(zmq.DEALER)
    waiting.linger = 0
    waiting.connect(info["endpoint"])
    key = bytes.fromhex(info["key"])
    waiting.send_multipart(sealed.seal(key, sealed.TO_KEEPER, {"n": 1, "method": "start", "params": request}))
    is_answered = bool(waiting.poll(1000))
    waiting.close()
    context.term()
    return is_answered


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None))
