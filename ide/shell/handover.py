"""What a later start says to the window that is there, and the asking side. Standard library only: it runs first.

One JSON line each way over a local socket of this user and profile. With `waits` the connection stays until the window
says that the files are done.
"""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import IO

from ide.core.record import dataclass

LINE_LIMIT = 1_000_000
ANSWER_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Handover:
    """Arguments as they were typed, and the folder that relative ones are meant from."""

    arguments: tuple[str, ...]
    folder: str
    waits: bool = False

    def line(self) -> bytes:
        """As it travels."""
        content = {"version": 1, "arguments": list(self.arguments), "folder": self.folder, "waits": self.waits}
        return json.dumps(content).encode() + b"\n"

    @classmethod
    def read(cls, line: bytes) -> Handover:
        """From what came. ValueError for anything else."""
        try:
            content = json.loads(line)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
        if not isinstance(content, Mapping) or content.get("version") != 1:
            raise ValueError("not a handover")
        arguments, folder = content.get("arguments"), content.get("folder")
        if not isinstance(arguments, list) or not all(isinstance(argument, str) for argument in arguments):
            raise ValueError("no arguments")
        if not isinstance(folder, str):
            raise ValueError("no folder")
        return cls(tuple(arguments), folder, content.get("waits") is True)


def address(runtime_folder: Path, *, system: str = sys.platform) -> str:
    """Name of the socket: a path in the private runtime folder; on Windows a pipe named after that folder."""
    if system == "win32":
        return "fourpane-" + runtime_folder.name
    return str(runtime_folder / "window")


def hand_over(handover: Handover, runtime_folder: Path, *, system: str = sys.platform) -> bool:
    """Give `handover` to the window that is there; False where there is none (or it does not answer), so start one.

    With `waits` this returns only when the window has done with the files or is gone.
    """
    with suppress(OSError, ValueError), closing(_Line(address(runtime_folder, system=system), system)) as line:
        line.send(handover.line())
        answer = json.loads(line.receive())
        if not isinstance(answer, dict) or answer.get("taken") is not True:
            return False
        if handover.waits:
            with suppress(OSError):
                line.receive(is_patient=True)
        return True
    return False


class _Line:
    """Lines to and from the window."""

    def __init__(self, name: str, system: str) -> None:
        self._pipe: IO[bytes] | None = None
        self._socket: socket.socket | None = None
        if system == "win32":
            self._pipe = open(rf"\\.\pipe\{name}", "r+b", buffering=0)  # noqa: SIM115 - `close` closes it
            return
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(ANSWER_TIMEOUT_S)
        try:
            connection.connect(name)
        except OSError:
            connection.close()
            raise
        self._socket = connection

    def send(self, line: bytes) -> None:
        if self._socket is not None:
            self._socket.sendall(line)
        elif self._pipe is not None:
            self._pipe.write(line)

    def receive(self, *, is_patient: bool = False) -> bytes:
        """One line; empty where the window is gone. OSError where it says nothing for long, unless patient."""
        if self._socket is not None and is_patient:
            self._socket.settimeout(None)
        received = b""
        while not received.endswith(b"\n") and len(received) < LINE_LIMIT:
            part = self._socket.recv(1) if self._socket is not None else self._pipe.read(1) if self._pipe else b""
            if not part:
                break
            received += part
        return received

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        if self._pipe is not None:
            self._pipe.close()
