"""The helper process of a language: started when first asked, spoken to in JSON lines, killed when it hangs.

Owns one process at a time and its two threads. Nothing here blocks the UI thread: starting, writing and reading are
done in the threads; answers come back by `Post`. No Qt.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ide.core.language import HelperSpec
from ide.core.ports import After, Cancel, Post
from ide.core.record import dataclass

HANGS_AFTER_S = 15.0
"""A request without an answer for so long: the process is killed and the next request starts another."""
FIRST_ANSWER_S = 60.0
"""The same for the first request of its kind: a fresh process reads libraries for it, on a busy machine for long."""
STARTS_AT_MOST = 3
"""Starts in a row that may fail before the helper is left alone."""
_END_TIMEOUT_S = 2.0

Result = Mapping[str, Any]
Done = Callable[[Result | None], None]

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Waiting:
    """A request on its way."""

    method: str
    done: Done
    give_up: Cancel


class Analysis:
    """Static analysis of one language. UI thread only; `done` gets None for a request that brought nothing."""

    def __init__(self, spec: HelperSpec, post: Post, after: After) -> None:
        self.methods = spec.methods
        self._spec = spec
        self._post = post
        self._after = after
        self._process: _Process | None = None
        self._waiting: dict[int, _Waiting] = {}
        self._next_id = 1
        self._answered: set[str] = set()  # methods of which the running process has answered a request
        self._failures = 0
        self._is_closed = False
        self.starts = 0
        """How often a process was started."""

    @property
    def pid(self) -> int | None:
        """Of the running process."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Start the process if it does not run, so that the first question finds it warm."""
        if self._process is None and not self._is_closed and self._failures < STARTS_AT_MOST:
            self.starts += 1
            self._answered.clear()
            process = _Process(self._spec.argv, self._post)
            self._process = process
            process.start(lambda answer: self._on_answer(process, answer), lambda: self._on_ended(process))

    def ask(self, method: str, params: Mapping[str, object], done: Done) -> Cancel:
        """Ask the helper. Cancelling drops the answer; the process goes on."""
        if method not in self.methods:
            done(None)
            return _nothing
        self.start()
        if self._process is None:
            done(None)
            return _nothing
        number = self._next_id
        self._next_id += 1
        limit_s = HANGS_AFTER_S if method in self._answered else FIRST_ANSWER_S
        give_up = self._after(limit_s, lambda: self._on_hang(number))
        self._waiting[number] = _Waiting(method, done, give_up)
        self._process.send({"id": number, "method": method, **params})
        return lambda: self._drop(number)

    def close(self) -> None:
        """End the process and its threads."""
        self._is_closed = True
        for number in tuple(self._waiting):
            self._drop(number)
        if self._process is not None:
            self._process.end()
            self._process = None

    def _drop(self, number: int) -> None:
        waiting = self._waiting.pop(number, None)
        if waiting is not None:
            waiting.give_up()

    def _on_answer(self, process: _Process, answer: Mapping[str, Any]) -> None:
        if process is not self._process:
            return
        self._failures = 0
        waiting = self._waiting.pop(answer.get("id", 0), None)
        if waiting is None:
            return
        waiting.give_up()
        self._answered.add(waiting.method)
        if error := answer.get("error"):
            _log.info("helper: %s", error)
        result = answer.get("result")
        waiting.done(result if isinstance(result, Mapping) else None)

    def _on_hang(self, number: int) -> None:
        if number in self._waiting and self._process is not None:
            _log.info("helper did not answer %r in time and is started anew", self._waiting[number].method)
            process, self._process = self._process, None
            process.end()
            self._fail_all()

    def _on_ended(self, process: _Process) -> None:
        if process is self._process:
            self._process = None
            self._failures += 1
            process.end()
            self._fail_all()

    def _fail_all(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for one in waiting.values():
            one.give_up()
            one.done(None)


class _Process:
    """One run of the helper program, with a thread that writes and one that reads."""

    def __init__(self, argv: tuple[str, ...], post: Post) -> None:
        self._argv = argv
        self._post = post
        self._requests: queue.SimpleQueue[Mapping[str, object] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._popen: subprocess.Popen[bytes] | None = None
        self._is_ended = False
        self._thread: threading.Thread | None = None

    @property
    def pid(self) -> int | None:
        """None until it has started."""
        return self._popen.pid if self._popen is not None else None

    def start(self, answered: Callable[[Mapping[str, Any]], None], ended: Callable[[], None]) -> None:
        """Start in a thread; `answered` and `ended` are called on the UI thread."""

        def run() -> None:
            try:
                self._run(answered)
            finally:
                self._post(ended)

        self._thread = threading.Thread(target=run, name="helper", daemon=True)
        self._thread.start()

    def send(self, message: Mapping[str, object]) -> None:
        """Write a request, in the order of calls."""
        self._requests.put(message)

    def end(self) -> None:
        """Kill the process and wait for the threads."""
        with self._lock:
            self._is_ended = True
            if self._popen is not None and self._popen.poll() is None:
                self._popen.kill()
        self._requests.put(None)
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(_END_TIMEOUT_S)

    def _run(self, answered: Callable[[Mapping[str, Any]], None]) -> None:
        popen = self._begin()
        if popen is None:
            return
        assert popen.stdout is not None
        writer = threading.Thread(target=self._write, args=(popen,), name="helper-write", daemon=True)
        writer.start()
        for line in popen.stdout:
            answer = _decoded(line)
            if answer is not None:
                self._post(partial(answered, answer))
        self._requests.put(None)
        writer.join(_END_TIMEOUT_S)
        popen.wait()
        popen.stdout.close()

    def _begin(self) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if self._is_ended:
                return None
            try:
                self._popen = subprocess.Popen(
                    self._argv,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    # Never the project's folder: nothing of it may be imported by being there.
                    cwd=tempfile.gettempdir(),
                    env={**os.environ, "PYTHONSAFEPATH": "1", "PYTHONIOENCODING": "utf-8"},
                    creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0) if sys.platform == "win32" else 0,
                )
            except OSError as error:
                _log.info("helper could not be started: %s", error)
                return None
            return self._popen

    def _write(self, popen: subprocess.Popen[bytes]) -> None:
        assert popen.stdin is not None
        try:
            while (message := self._requests.get()) is not None:
                # Encoding a long text takes milliseconds: that, too, is this thread's.
                popen.stdin.write(json.dumps(message).encode("ascii") + b"\n")
                popen.stdin.flush()
        except (OSError, ValueError):
            pass  # the process is gone; the reader tells it
        finally:
            try:
                popen.stdin.close()
            except OSError:
                pass


def _decoded(line: bytes) -> Mapping[str, Any] | None:
    try:
        answer = json.loads(line)
    except ValueError:
        return None
    return answer if isinstance(answer, Mapping) else None


def _nothing() -> None:
    return None
