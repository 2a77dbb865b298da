"""Runs one command on a worker so that it can always be stopped with all it started. Standard library alone, one file:
it is shipped to workers as source.

The command has a process group of its own and a mark in its variables. Stopping kills the group and, where `/proc`
tells, every process with the mark: one that made a session of its own is found too. A watchdog does the same when the
worker dies. Log comes in batches, without the secrets; a flood of it is cut. Blocks: for a thread of the worker.
"""

from __future__ import annotations

import codecs
import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BATCH_S = 0.1
LOG_LIMIT_BYTES = 20_000_000
MARK = "FOURPANE_JOB_MARK"
HIDDEN = "•••"
_NEVER_PASSED_ON = ("DASK_GATEWAY_API_TOKEN", "DASK_GATEWAY__AUTH__KWARGS__API_TOKEN", "JUPYTERHUB_API_TOKEN")
_CHUNK_BYTES = 65_536
_READ_AHEAD_BYTES = 1_000_000  # of a stream that comes quicker than it is told

# It holds the other end of a pipe: the worker's death closes it. The first line names the group, "done" ends it.
_WATCHDOG = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("guarded", sys.argv[1])
guarded = sys.modules["guarded"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(guarded)
lines = sys.stdin.read().split()
if lines[-1:] != ["done"]:
    guarded.kill_all(int(lines[0]) if lines else 0, sys.argv[2])
"""


@dataclass(frozen=True)
class Limits:
    """0: none. Seconds, and bytes of the resident memory of all processes together (where `/proc` tells)."""

    time_s: float = 0.0
    memory_bytes: int = 0
    log_bytes: int = LOG_LIMIT_BYTES


@dataclass(frozen=True)
class Ended:
    """How it ended. `why` is "exit", "cancelled", "timed_out" or "out_of_memory"; `exit_code` negative for a signal.

    `last_errors` is the end of the error stream, without secrets; `happened` says a crash in plain words.
    """

    why: str
    exit_code: int
    started_s: float
    ended_s: float
    last_errors: str = ""
    happened: str = ""


def run_guarded(
    argv: Sequence[str],
    folder: Path,
    tell: Callable[[str, str], None],
    is_cancelled: Callable[[], bool],
    *,
    variables: Mapping[str, str],
    secrets: Mapping[str, str],
    limits: Limits = Limits(),
) -> Ended:
    """Run `argv` in `folder` to its end. `tell(stream, text)` gets the log every 100 ms, stream "stdout", "stderr" or,
    once when log was cut, "note". When it returns, nothing of the command runs any more, but for
    a process that left the group where there is no `/proc`, or that dropped its variables too.

    Raises OSError where it cannot be started.
    """
    mark = uuid.uuid4().hex
    kept = {name: value for name, value in os.environ.items() if name not in _NEVER_PASSED_ON}
    environment = {**kept, "PYTHONUNBUFFERED": "1", **variables, **secrets, MARK: mark}
    watchdog = subprocess.Popen(
        [sys.executable, "-c", _WATCHDOG, __file__, mark],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True, **_own_group(),
    )  # fmt: skip
    assert watchdog.stdin is not None
    started_s = time.time()
    group = 0
    try:
        child = subprocess.Popen(
            argv, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, **_own_group(),
        )  # fmt: skip
        group = child.pid
        watchdog.stdin.write(f"{group}\n")
        watchdog.stdin.flush()
        log = _Log(child, tell, secrets.values(), limits.log_bytes)
        try:
            why = _watch(child, mark, log, is_cancelled, limits)
        finally:
            kill_all(group, mark)
            child.wait()
        log.finish()
    finally:
        with contextlib.suppress(OSError):
            watchdog.stdin.write("done\n")
            watchdog.stdin.close()
        watchdog.wait()
    code = child.returncode
    return Ended(why, code, started_s, time.time(), log.last_errors, crash_in_words(code) if why == "exit" else "")


def crash_in_words(exit_code: int) -> str:
    """What a signal means; "" where the command ended by itself. A shell tells signals as 128 + number."""
    number = -exit_code if exit_code < 0 else exit_code - 128 if 128 < exit_code < 160 else 0
    if not number:
        return ""
    words = {
        signal.SIGSEGV: "It crashed: it touched memory that is not its own (a fault in compiled code).",
        signal.SIGABRT: "It crashed: compiled code gave up.",
        signal.SIGFPE: "It crashed: compiled code divided by zero.",
        signal.SIGILL: "It crashed: compiled code is for another processor.",
    }
    if number == 9:
        return "The system ended it, most often because memory ran out."
    return next((text for known, text in words.items() if known == number), f"It was ended by signal {number}.")


def kill_all(group: int, mark: str) -> None:
    """Kill the group and all that carry the mark, until none is found."""
    if sys.platform == "win32":
        if group:
            subprocess.run(["taskkill", "/F", "/T", "/PID", str(group)], capture_output=True, check=False)
        return
    if group:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
    for _ in range(50):  # one that forks while we look is found the next time
        found = _marked(mark)
        if not found:
            return
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)


def _own_group() -> dict[str, Any]:
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def _watch(
    child: subprocess.Popen[bytes], mark: str, log: _Log, is_cancelled: Callable[[], bool], limits: Limits
) -> str:
    started, next_look = time.monotonic(), 0.0
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(BATCH_S)
            return "exit"
        log.tell()
        now = time.monotonic()
        if is_cancelled():
            return "cancelled"
        if limits.time_s and now - started >= limits.time_s:
            return "timed_out"
        if limits.memory_bytes and now >= next_look:
            if sum(map(_resident_bytes, _marked(mark))) > limits.memory_bytes:
                return "out_of_memory"
            next_look = now + 0.5


def _marked(mark: str) -> list[int]:
    """Processes with the mark in their variables, zombies not. None where there is no `/proc`."""
    wanted, found = f"{MARK}={mark}".encode(), []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
    return found


def _resident_bytes(pid: int) -> int:
    with contextlib.suppress(OSError):
        resident = re.search(r"^VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
        return int(resident[1]) * 1024 if resident else 0
    return 0


@dataclass
class _Stream:
    name: str
    decoder: codecs.IncrementalDecoder
    waiting: bytearray = field(default_factory=bytearray)
    held: str = ""  # may be the beginning of a secret


class _Log:
    """Reads both streams in threads, tells them in batches."""

    def __init__(
        self, child: subprocess.Popen[bytes], tell: Callable[[str, str], None], secrets: Iterable[str], limit: int
    ) -> None:
        self.last_errors = ""
        self._tell, self._left = tell, limit
        self._secrets = sorted((one for one in secrets if one), key=len, reverse=True)
        self._changed = threading.Condition()
        self._streams, self._threads = [], []
        for name, pipe in (("stdout", child.stdout), ("stderr", child.stderr)):
            stream = _Stream(name, codecs.getincrementaldecoder("utf-8")("replace"))
            self._streams.append(stream)
            thread = threading.Thread(target=self._read, args=(stream, pipe), name=f"job {name}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def finish(self) -> None:
        """Tell the rest. To be called when nothing writes any more."""
        most = time.monotonic() + 5.0  # one that we could not find may hold a stream open for good
        while any(thread.is_alive() for thread in self._threads) and time.monotonic() < most:
            self.tell()
            self._threads[0].join(BATCH_S)
            self._threads[1].join(BATCH_S)
        self.tell(is_end=True)

    def tell(self, is_end: bool = False) -> None:
        """What came since, each stream in one piece."""
        for stream in self._streams:
            with self._changed:
                raw = bytes(stream.waiting)
                stream.waiting.clear()
                self._changed.notify_all()
            text = self._clean(stream, stream.decoder.decode(raw, is_end), is_end)
            if text:
                if stream.name == "stderr":
                    self.last_errors = (self.last_errors + text)[-20_000:]
                self._tell_within_limit(stream.name, text)

    def _tell_within_limit(self, name: str, text: str) -> None:
        if self._left <= 0:
            return
        self._left -= len(text)
        if self._left > 0:
            self._tell(name, text)
        else:
            self._tell(name, text[: self._left or None])
            self._tell("note", "The log became too long. What it printed from here on is left out.")

    def _clean(self, stream: _Stream, text: str, is_end: bool) -> str:
        text = stream.held + text
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        stream.held = ""
        if not is_end:
            lengths = (
                length for one in self._secrets for length in range(len(one) - 1, 0, -1) if text.endswith(one[:length])
            )
            if kept := max(lengths, default=0):
                text, stream.held = text[:-kept], text[-kept:]
        return text

    def _read(self, stream: _Stream, pipe: object) -> None:
        with pipe:  # type: ignore[attr-defined]
            while chunk := os.read(pipe.fileno(), _CHUNK_BYTES):  # type: ignore[attr-defined]
                with self._changed:
                    stream.waiting += chunk
                    self._changed.wait_for(lambda: len(stream.waiting) < _READ_AHEAD_BYTES)
