"""Stands in for a kernel that somebody else started: a process of its own between our sockets and that kernel's.

    python relay.py CONNECTION_FILE_OF_THE_KERNEL OUR_CONNECTION_FILE

So the keeper, the spool and the window treat it as any kernel of theirs, and its end is not the kernel's: a request to
shut down ends the relay alone. Run, never imported by the program; standard library and pyzmq only.
"""

import hashlib
import hmac
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import zmq
from zmq.utils.monitor import recv_monitor_message

DELIMITER = b"<IDS|MSG>"
ASKED = ("shell", "control", "stdin")
CONNECT_LIMIT_S = 5.0
GONE_LIMIT_S = 2.0
OURS = "fp"
"""Ids of our requests begin so: some kernels give back nothing else of a request."""


class Signer:
    """Signs and checks the four parts of a message with the key of one side. An empty key signs nothing."""

    def __init__(self, key: str, scheme: str) -> None:
        self._key = key.encode()
        self._hash = getattr(hashlib, scheme.removeprefix("hmac-"))

    def sign(self, parts: list[bytes]) -> bytes:
        """The signature of header, parent, metadata and content."""
        if not self._key:
            return b""
        return hmac.new(self._key, b"".join(parts[:4]), self._hash).hexdigest().encode()

    def is_right(self, signature: bytes, parts: list[bytes]) -> bool:
        """Whether it is theirs who know the key."""
        return not self._key or hmac.compare_digest(signature, self.sign(parts))


class Relay:
    """All sockets. `run` ends when it is told to, or when the kernel has gone; then it raises ConnectionError."""

    def __init__(self, kernel: dict[str, Any], ours: dict[str, Any]) -> None:
        self._context = zmq.Context()
        self._kernel = kernel
        self._theirs = Signer(kernel.get("key", ""), kernel.get("signature_scheme", "hmac-sha256"))
        self._own = Signer(ours.get("key", ""), ours.get("signature_scheme", "hmac-sha256"))
        self._front = {name: self._socket(zmq.ROUTER, ours, name, binds=True) for name in ASKED}
        self._front["iopub"] = self._socket(zmq.PUB, ours, "iopub", binds=True)
        self._front["hb"] = self._socket(zmq.REP, ours, "hb", binds=True)
        self._iopub = self._socket(zmq.SUB, kernel, "iopub")
        self._iopub.subscribe(b"")
        self._back: dict[tuple[str, bytes], zmq.Socket[bytes]] = {}
        self._control = self._socket(zmq.DEALER, kernel, "control")
        self._monitor = self._control.get_monitor_socket(zmq.EVENT_CONNECTED | zmq.EVENT_DISCONNECTED)
        self._gone_at: float | None = time.monotonic() + CONNECT_LIMIT_S
        self._is_ending = False
        self._sessions: set[object] = set()
        self._salt = os.urandom(8)

    def run(self) -> None:
        """Pass messages on until the end."""
        poller = zmq.Poller()
        for made in (*self._front.values(), self._iopub, self._monitor):
            poller.register(made, zmq.POLLIN)
        known: set[tuple[str, bytes]] = set()
        while not self._is_ending:
            for key in self._back.keys() - known:
                poller.register(self._back[key], zmq.POLLIN)
                known.add(key)
            ready = dict(poller.poll(200))
            for name in ASKED:
                if self._front[name] in ready:
                    self._take_request(name, self._front[name].recv_multipart())
            for (name, identity), made in list(self._back.items()):
                if made in ready:
                    self._take_answer(name, identity, made.recv_multipart())
            if self._iopub in ready:
                self._take_output(self._iopub.recv_multipart())
            if self._front["hb"] in ready:
                self._front["hb"].send(self._front["hb"].recv())
            if self._monitor in ready:
                self._take_event()
            if self._gone_at is not None and time.monotonic() > self._gone_at:
                raise ConnectionError("the kernel that this console was attached to has gone, or does not answer")
        self._context.destroy(linger=500)

    def _take_request(self, name: str, frames: list[bytes]) -> None:
        identity, signature, parts = self._split(frames)
        if identity is None or not self._own.is_right(signature, parts):
            return
        header = json.loads(parts[0])
        self._sessions.add(header.get("session"))
        if header.get("msg_type") == "shutdown_request":
            self._answer_shutdown(name, identity, parts)
            return
        key = (name, identity)
        if key not in self._back:
            # What the kernel asks of the user comes back to the same name on stdin.
            names = [name] if name == "control" else ["shell", "stdin"]
            alias = b"relay-" + hashlib.sha256(self._salt + identity).hexdigest().encode()
            for one in names:
                self._back[one, identity] = self._socket(zmq.DEALER, self._kernel, one, alias)
        self._back[key].send_multipart([DELIMITER, self._theirs.sign(parts), *parts])

    def _answer_shutdown(self, name: str, identity: bytes, parts: list[bytes]) -> None:
        """As a kernel would, so that whoever asked waits for nothing; the kernel itself never hears of it."""
        header = json.loads(parts[0])
        reply = {**header, "msg_id": f"{header['msg_id']}-relay", "msg_type": "shutdown_reply"}
        content = json.dumps({"status": "ok", "restart": False}).encode()
        answer = [json.dumps(reply).encode(), parts[0], b"{}", content]
        self._front[name].send_multipart([identity, DELIMITER, self._own.sign(answer), *answer])
        self._is_ending = True

    def _take_answer(self, name: str, identity: bytes, frames: list[bytes]) -> None:
        _, signature, parts = self._split([b"", *frames])
        if parts and self._theirs.is_right(signature, parts):
            self._front[name].send_multipart([identity, DELIMITER, self._own.sign(parts), *parts])

    def _take_output(self, frames: list[bytes]) -> None:
        """What others cause in this kernel is theirs to see; what the agent tells of names concerns all."""
        topic, signature, parts = self._split(frames if frames[0] != DELIMITER else [b"", *frames])
        if topic is None or not self._theirs.is_right(signature, parts):
            return
        parent = json.loads(parts[1])
        is_ours = not parent or parent.get("session") in self._sessions or str(parent.get("msg_id")).startswith(OURS)
        if is_ours or b'"comm_' in parts[0]:
            self._front["iopub"].send_multipart([topic, DELIMITER, self._own.sign(parts), *parts])

    def _take_event(self) -> None:
        event = recv_monitor_message(self._monitor)["event"]
        self._gone_at = None if event == zmq.EVENT_CONNECTED else time.monotonic() + GONE_LIMIT_S

    @staticmethod
    def _split(frames: list[bytes]) -> "tuple[bytes | None, bytes, list[bytes]]":
        if DELIMITER not in frames:
            return None, b"", []
        at = frames.index(DELIMITER)
        parts = frames[at + 2 :]
        return (frames[0], frames[at + 1], parts) if at >= 1 and len(parts) >= 4 else (None, b"", [])

    def _socket(
        self, kind: int, connection: dict[str, Any], channel: str, identity: bytes = b"", *, binds: bool = False
    ) -> "zmq.Socket[bytes]":
        made: zmq.Socket[bytes] = self._context.socket(kind)
        made.linger = 500
        made.set_hwm(0)
        if kind == zmq.ROUTER:
            made.set(zmq.ROUTER_HANDOVER, 1)
        if identity:
            made.set(zmq.IDENTITY, identity)
        transport = connection.get("transport", "tcp")
        place = f"{connection['ip']}{'-' if transport == 'ipc' else ':'}{connection[f'{channel}_port']}"
        made.bind(f"{transport}://{place}") if binds else made.connect(f"{transport}://{place}")
        return made


def main() -> None:
    """Read both files and pass messages on."""
    kernel, ours = (json.loads(Path(path).read_text("utf-8")) for path in sys.argv[1:3])
    try:
        Relay(kernel, ours).run()
    except ConnectionError as error:
        sys.exit(f"{error}.")


if __name__ == "__main__":
    main()
