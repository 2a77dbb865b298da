"""Networks that can be cut and mended in the middle: nothing is refused or closed, as when a cable is pulled."""

from __future__ import annotations

import socket
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from tests.deploy.gateway import GatewayServer


class Line(Protocol):
    """Between a gateway and whoever reaches it."""

    host: str
    """Where the gateway listens."""

    def python(self, python: Path) -> Path:
        """The interpreter on this side of the line."""
        ...

    def addresses(self, server: GatewayServer) -> tuple[str, str]:
        """Of the gateway, and of its schedulers' proxy, on this side."""
        ...

    def cut(self) -> None: ...

    def mend(self) -> None: ...

    def close(self) -> None: ...


class Namespaces:
    """Two network namespaces with a cable between them; this side is the new one. For root on Linux."""

    host = "10.203.17.1"

    def __init__(self, folder: Path) -> None:
        self._folder, self._name = folder, "fourpane-test"
        self._ip("netns", "add", self._name)
        try:
            self._ip("link", "add", "fourpane0", "type", "veth", "peer", "name", "fourpane1", "netns", self._name)
            self._ip("address", "add", f"{self.host}/24", "dev", "fourpane0")
            self._ip("-n", self._name, "address", "add", "10.203.17.2/24", "dev", "fourpane1")
            for words in (("-n", self._name, "link", "set", "lo"), ("-n", self._name, "link", "set", "fourpane1"),
                          ("link", "set", "fourpane0")):  # fmt: skip
                self._ip(*words, "up")
        except BaseException:
            self.close()
            raise

    def python(self, python: Path) -> Path:
        script = self._folder / "python"
        script.write_text(f'#!/bin/sh\nexec ip netns exec {self._name} "{python}" "$@"\n')
        script.chmod(0o700)
        return script

    def addresses(self, server: GatewayServer) -> tuple[str, str]:
        return server.address, server.scheduler_proxy

    def cut(self) -> None:
        self._ip("link", "set", "fourpane0", "down")

    def mend(self) -> None:
        self._ip("link", "set", "fourpane0", "up")

    def close(self) -> None:
        with suppress(subprocess.CalledProcessError):
            self._ip("link", "delete", "fourpane0")
        self._ip("netns", "delete", self._name)

    def _ip(self, *words: str) -> None:
        subprocess.run(["ip", *words], check=True, capture_output=True)


class Relay:
    """What comes is passed on, and is kept while the line is cut. For any user and system."""

    host = "127.0.0.1"

    def __init__(self, _folder: Path) -> None:
        self._is_whole = threading.Event()
        self._is_whole.set()
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._is_closed = False

    def python(self, python: Path) -> Path:
        return python

    def addresses(self, server: GatewayServer) -> tuple[str, str]:
        public = self._listen(server.address.rpartition(":")[2])
        return f"http://{public}", self._listen(server.scheduler_proxy.rpartition(":")[2])

    def cut(self) -> None:
        self._is_whole.clear()

    def mend(self) -> None:
        self._is_whole.set()

    def close(self) -> None:
        self._is_closed = True
        self._is_whole.set()
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join(10)

    def _listen(self, port: str) -> str:
        listener = socket.create_server((self.host, 0))
        self._sockets.append(listener)
        self._start(self._accept, listener, int(port))
        return f"{self.host}:{listener.getsockname()[1]}"

    def _accept(self, listener: socket.socket, port: int) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                self._is_whole.wait()
                far = socket.create_connection((self.host, port))
                self._sockets += [near, far]
                self._start(self._pass_on, near, far)
                self._start(self._pass_on, far, near)

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                self._is_whole.wait()
                target.sendall(data)
        with suppress(OSError):
            self._is_whole.wait()
            target.shutdown(socket.SHUT_WR)

    def _start(self, work: object, *given: object) -> None:
        self._threads.append(threading.Thread(target=work, args=given, name="relay", daemon=True))  # type: ignore[arg-type]
        self._threads[-1].start()
