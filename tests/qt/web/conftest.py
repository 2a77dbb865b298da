"""A beacon that counts who comes, and a process for a web view."""

from __future__ import annotations

import base64
import json
import os
import selectors
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

CHILD: Final = Path(__file__).with_name("child.py")
ROOT: Final = CHILD.parents[3]
UNPRIVILEGED: Final = "nobody" if hasattr(os, "geteuid") and os.geteuid() == 0 else ""
PIXEL: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAAC0lEQVR42mNgAAIAAAUAAen63NgAAAAASUVORK5CYII="
)


class Beacon:
    """Listens on one port of this machine, TCP and UDP, and notes what was said to it."""

    def __init__(self) -> None:
        self.came: list[str] = []
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._tcp.getsockname()[1]
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", self.port))
        self._is_over = False
        self._thread = threading.Thread(target=self._listen, name="beacon")
        self._thread.start()

    def close(self) -> None:
        self._is_over = True
        self._thread.join()
        self._tcp.close()
        self._udp.close()

    def _listen(self) -> None:
        with selectors.DefaultSelector() as ready:
            ready.register(self._tcp, selectors.EVENT_READ)
            ready.register(self._udp, selectors.EVENT_READ)
            while not self._is_over:
                for key, _ in ready.select(0.1):
                    if key.fileobj is self._udp:
                        self.came.append(f"UDP, {len(self._udp.recv(2000))} bytes")
                    else:
                        self._answer()

    def _answer(self) -> None:
        connection, _ = self._tcp.accept()
        with connection:
            connection.settimeout(2)
            try:
                said = connection.recv(4000)
                if not said:  # a connection made in advance, over which nothing was asked
                    return
                head = f"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: {len(PIXEL)}\r\n"
                connection.sendall(
                    head.encode() + b"Access-Control-Allow-Origin: *\r\nConnection: close\r\n\r\n" + PIXEL
                )
            except OSError:  # the same
                return
            self.came.append(said.partition(b"\r\n")[0].decode("latin-1"))


@pytest.fixture
def beacon() -> Iterator[Beacon]:
    made = Beacon()
    yield made
    made.close()


def run_child(name: str, port: int = 0, *, unprivileged: bool = False, words: tuple[str, ...] = ()) -> dict[str, Any]:
    """Run a function of `child.py` and give what it tells; as an unprivileged user where the tests run as root."""
    arguments = [name, str(port)]
    with tempfile.TemporaryDirectory(prefix="fp-web-") as home:
        Path(home).chmod(0o777)
        arguments += [UNPRIVILEGED if unprivileged else "", home, *words]
        done = subprocess.run(
            [sys.executable, str(CHILD), *arguments],
            env={**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"},
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
    facts = [line for line in done.stdout.splitlines() if line.startswith("FACTS ")]
    assert facts, f"exit {done.returncode}\n{done.stderr[-3000:]}"
    found: dict[str, Any] = json.loads(facts[-1].removeprefix("FACTS "))
    return found


@pytest.fixture
def child() -> Callable[..., dict[str, Any]]:
    """`run_child`."""
    return run_child


@pytest.fixture(scope="module")
def module_child() -> Callable[..., dict[str, Any]]:
    """`run_child`, for what several tests look at."""
    return run_child
