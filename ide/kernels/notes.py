"""What a window writes down about a kernel for the window after it: its identity, what is painted, an open question.

I/O thread only. Written at most every 250 ms, whole files, mode 0600, beside the keeper's record.
"""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any

from ide.kernels import private
from ide.kernels.records import InputRequest

WINDOW_FILE = "window.json"
NOTE_EVERY_S = 0.25


class WindowNotes:
    """The notes about one kernel."""

    def __init__(self, folder: Path, identity: str) -> None:
        self._path = folder / WINDOW_FILE
        self._values: dict[str, Any] = private.read_json(self._path) or {}
        self._values.setdefault("identity", identity)
        self._timer: asyncio.TimerHandle | None = None

    @property
    def identity(self) -> str:
        """The ZMQ identity under which the kernel knows its window: replies to an earlier one then reach us."""
        return str(self._values["identity"])

    @property
    def info(self) -> object:
        """What the kernel said about itself."""
        return self._values.get("info")

    @property
    def pending_input(self) -> InputRequest | None:
        """A question that was never answered."""
        asked = self._values.get("pending_input")
        if not isinstance(asked, dict):
            return None
        return InputRequest(str(asked["prompt"]), bool(asked["is_password"]), str(asked["run_id"]))

    def put_io(self, *, is_urgent: bool = False, **values: Any) -> None:
        """Change notes; they are on disk soon, or at once."""
        self._values.update(values)
        if is_urgent:
            self._write_io()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(NOTE_EVERY_S, self._write_io)

    def close_io(self) -> None:
        """Write nothing more."""
        if self._timer is not None:
            self._timer.cancel()

    def _write_io(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        with contextlib.suppress(OSError):  # a full disk, or a kernel that was just forgotten: nothing to note it in
            private.write_json(self._path, self._values)
