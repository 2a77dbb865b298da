"""The process that reads data files, as the window sees it: started at need, killed when it hangs, started anew.

Owns one process at a time, its two threads and its folder of temporary files. Starting, writing and reading are done
in the threads; answers come back by `Post`. No data library is imported here.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple
from functools import partial
from pathlib import Path
from typing import Any, Final

from ide.core.locks import held_lock
from ide.core.ports import After, Cancel, Post
from ide.core.record import dataclass, field
from ide.core.table import OnProgress, OutOfDateError, Progress, TableError
from ide.core.wire import Header, read_message, write_message
from ide.tables.files.options import MEMORY_STATUS, Limits

IDLE_END_S: Final = 60.0
"""Without an open file the process ends after so long."""
START_LIMIT_S: Final = 60.0
"""Until a request was taken up."""
QUICK_LIMIT_S: Final = 30.0
SLOW_LIMIT_S: Final = 120.0
ORDER_LIMIT_S: Final = 1_200.0
OPEN_LIMIT_S: Final = 4.5
OPEN_BYTES_PER_S: Final = 2_000_000
"""A large workbook takes longer to open: a second more for each of so many bytes."""
_GRACE_S: Final = 0.3
_END_TIMEOUT_S: Final = 5.0
_ERRORS: Final = "errors"
"""What the process and its libraries say when they die; in its folder."""
_LOCK: Final = "lock"
"""Held while the window lives; in its folder too."""
_FOLDER_PREFIX: Final = "fourpane-files-"
_YOUNG_S: Final = 60.0
"""A folder that another window has just made may not be locked yet."""
_WORDS_MOST: Final = 4_000
_ROOT: Final = Path(__file__).resolve().parents[3]
_CODE: Final = "import sys; sys.path.insert(0, sys.argv[1]); from ide.tables.files.reader import main; main()"

_log = logging.getLogger(__name__)

Answered = Callable[[Any, list[bytes]], None]
Refused = Callable[[TableError], None]
Changed = Callable[[str, Mapping[str, Any] | None], None]


def remove_leftovers(temp_folder: Path) -> None:
    """Remove what readers of windows that were killed have left behind. Takes a while: for a pool thread."""
    for folder in temp_folder.glob(f"{_FOLDER_PREFIX}*"):
        try:
            is_young = time.time() - folder.stat().st_mtime < _YOUNG_S
        except OSError:
            continue
        if not is_young and _is_free(folder / _LOCK):
            shutil.rmtree(folder, ignore_errors=True)


def _is_free(lock: Path) -> bool:
    with held_lock(lock, 0.0) as is_held:
        return is_held


class ReaderEndedError(TableError):
    """The process ended over its work. `is_culprit`: over this very request."""

    is_culprit = False


class FileGoneError(TableError):
    """The file is not there any more."""


@dataclass(slots=True)
class _Waiting:
    """A request on its way."""

    method: str
    answered: Answered
    refused: Refused
    progress: OnProgress | None
    limit_s: float
    give_up: Cancel = field(default=lambda: None)
    is_dropped: bool = False


class FileProcess:
    """UI thread only. `run` grows with each process that was started: what another one knew is lost then."""

    def __init__(
        self, post: Post, after: After, *, temp_folder: Path | None = None, limits: Limits = Limits(),  # noqa: B008 - immutable
        idle_end_s: float = IDLE_END_S,
    ) -> None:  # fmt: skip
        self._post, self._after = post, after
        self._temp_folder = temp_folder
        self._limits = limits
        self._idle_end_s = idle_end_s
        self._process: _Process | None = None
        self._waiting: dict[int, _Waiting] = {}
        self._listeners: dict[str, Changed] = {}
        self._next_id = 1
        self._stop_idling: Cancel = _nothing
        self._is_closed = False
        self.run = 0

    @property
    def pid(self) -> int | None:
        """Of the process, once it has started."""
        return self._process.pid if self._process is not None else None

    @property
    def is_running(self) -> bool:
        """Whether a process was started and has not ended."""
        return self._process is not None

    def ask(
        self, method: str, params: Mapping[str, object], answered: Answered, refused: Refused, *,
        buffers: Sequence[bytes] = (), progress: OnProgress | None = None, limit_s: float = QUICK_LIMIT_S,
    ) -> Cancel:  # fmt: skip
        """Ask; exactly one of `answered` and `refused` is called later, unless it was cancelled before."""
        number = self._next_id
        self._next_id += 1
        if self._is_closed:
            self._post(lambda: refused(TableError("The program is closing.")))
            return _nothing
        process = self._started()
        waiting = _Waiting(method, answered, refused, progress, limit_s)
        self._waiting[number] = waiting
        waiting.give_up = self._after(max(limit_s, START_LIMIT_S), lambda: self._on_late(number))
        process.send({"id": number, "method": method, "params": params}, buffers)
        return lambda: self._cancel(number)

    def listen(self, table: str, changed: Changed) -> None:
        """Be told of changes of a table; it keeps the process from ending."""
        self._stop_idling()
        self._listeners[table] = changed

    def forget(self, table: str) -> None:
        """Nobody looks at that table any more."""
        if self._listeners.pop(table, None) is not None and self._process is not None and not self._is_closed:
            self.ask("close", {"table": table}, _ignore, _ignore_error)
        self._idle()

    def close(self) -> None:
        """End the process, whatever it does. Nothing is answered any more."""
        self._is_closed = True
        self._stop_idling()
        for waiting in self._waiting.values():
            waiting.give_up()
        self._waiting.clear()
        self._listeners.clear()
        process, self._process = self._process, None
        if process is not None:
            process.end()

    # ---- the process

    def _started(self) -> _Process:
        self._stop_idling()
        if self._process is None:
            self.run += 1
            process = _Process(self._post, self._temp_folder, self._limits)
            self._process = process
            process.start(
                lambda header, buffers: self._on_message(process, header, buffers), lambda: self._on_ended(process)
            )
        return self._process

    def _idle(self) -> None:
        """Start to count the time without work."""
        self._stop_idling()
        if self._process is not None and not self._waiting and not self._listeners and not self._is_closed:
            self._stop_idling = self._after(self._idle_end_s, self._end_idle)

    def _end_idle(self) -> None:
        if not self._waiting and not self._listeners and self._process is not None:
            process, self._process = self._process, None
            process.end()

    def _cancel(self, number: int) -> None:
        waiting = self._waiting.get(number)
        if waiting is not None and not waiting.is_dropped:
            # It stays under watch: what hangs must be ended also when nobody waits for it.
            waiting.is_dropped = True
            if self._process is not None:
                self._process.send({"method": "cancel", "params": {"id": number}})

    def _on_message(self, process: _Process, header: Header, buffers: list[bytes]) -> None:
        if process is not self._process:
            return
        event = header.get("event")
        if event == "changed":
            listener = self._listeners.get(header["table"])
            if listener is not None:
                listener(header["change"], header.get("info"))
        elif event == "progress":
            self._on_progress(header)
        else:
            self._on_answer(header, buffers)
            self._idle()

    def _on_progress(self, header: Header) -> None:
        number = header["id"]
        waiting = self._waiting.get(number)
        if waiting is None:
            return
        waiting.give_up()
        limit_s = waiting.limit_s
        if waiting.method == "open" and not header["done"]:
            limit_s = OPEN_LIMIT_S + header["total"] / OPEN_BYTES_PER_S
        waiting.give_up = self._after(limit_s, lambda: self._on_late(number))
        if waiting.progress is not None and not waiting.is_dropped:
            waiting.progress(Progress(header["step"], header["done"], header["total"]))

    def _on_answer(self, header: Header, buffers: list[bytes]) -> None:
        waiting = self._waiting.pop(header["id"], None)
        if waiting is None:
            return
        waiting.give_up()
        error = header.get("error")
        if error is not None and error.get("cause"):
            _log.info("data file: %s", error["cause"])
        if waiting.is_dropped:
            return
        if error is not None:
            waiting.refused(_error(error))
        else:
            waiting.answered(header["result"], buffers)

    def _on_late(self, number: int) -> None:
        """The computer may have slept, or the window: an answer that is here already is taken first."""
        waiting = self._waiting.get(number)
        if waiting is not None:
            waiting.give_up = self._after(_GRACE_S, lambda: self._on_hang(number))

    def _on_hang(self, number: int) -> None:
        process = self._process
        if number in self._waiting and process is not None:
            _log.info("the file reader did not answer in time (%s) and is started anew", self._waiting[number].method)
            self._process = None
            process.end()
            self._fail_all(
                "Reading the file took too long and was stopped.",
                "It may be damaged, or hold something that cannot be read in a reasonable time.",
                number,
            )

    def _on_ended(self, process: _Process) -> None:
        if process is self._process:
            self._process = None
            process.end()
            happened, meaning = "The file reader ended over this file.", "The file may be damaged."
            if process.status == MEMORY_STATUS:
                most = f"{self._limits.memory_bytes / 1e9:.1f} GB"
                happened = f"This needs more memory than the file reader may take ({most}), so the reader was ended."
                meaning = "The limit keeps the rest of the computer usable."
            alive = [number for number, one in self._waiting.items() if not one.is_dropped]
            self._fail_all(
                happened,
                meaning,
                alive[0] if len(alive) == 1 else -1,
            )

    def _fail_all(self, happened: str, meaning: str, culprit: int) -> None:
        waiting, self._waiting = self._waiting, {}
        for number, one in waiting.items():
            one.give_up()
            if not one.is_dropped:
                error = ReaderEndedError(happened, meaning, "The reader starts anew when it is needed.")
                error.is_culprit = number == culprit
                one.refused(error)


class _Process:
    """One run of the reader, with a thread that starts it and reads, and one that writes."""

    def __init__(self, post: Post, temp_folder: Path | None, limits: Limits) -> None:
        self._post = post
        self._temp_folder = temp_folder
        self._limits = limits
        self._messages: queue.SimpleQueue[tuple[Mapping[str, object], Sequence[bytes]] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._popen: subprocess.Popen[bytes] | None = None
        self._is_ended = False
        self._thread: threading.Thread | None = None

    @property
    def pid(self) -> int | None:
        """None until it has started."""
        return self._popen.pid if self._popen is not None else None

    @property
    def status(self) -> int | None:
        """How it ended; None while it runs, or where it never started."""
        return self._popen.returncode if self._popen is not None else None

    def start(self, told: Callable[[Header, list[bytes]], None], ended: Callable[[], None]) -> None:
        """Start in a thread; `told` and `ended` are called on the UI thread."""

        def run() -> None:
            try:
                self._run(told)
            finally:
                self._post(ended)

        self._thread = threading.Thread(target=run, name="data-files", daemon=True)
        self._thread.start()

    def send(self, message: Mapping[str, object], buffers: Sequence[bytes] = ()) -> None:
        """Write a message, in the order of calls."""
        self._messages.put((message, buffers))

    def end(self) -> None:
        """Kill the process and wait for the threads."""
        with self._lock:
            self._is_ended = True
            if self._popen is not None and self._popen.poll() is None:
                self._popen.kill()
        self._messages.put(None)
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(_END_TIMEOUT_S)

    def _run(self, told: Callable[[Header, list[bytes]], None]) -> None:
        folder = self._new_folder()
        if folder is None:
            return
        try:
            with held_lock(folder / _LOCK, 0.0):
                popen = self._begin(folder)
                if popen is not None:
                    self._serve(popen, told)
                    self._tell_end(popen, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _new_folder(self) -> Path | None:
        try:
            if self._temp_folder is not None:
                self._temp_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return Path(tempfile.mkdtemp(prefix=_FOLDER_PREFIX, dir=self._temp_folder))
        except OSError as error:
            _log.info("no folder for the file reader: %s", error)
            return None

    def _serve(self, popen: subprocess.Popen[bytes], told: Callable[[Header, list[bytes]], None]) -> None:
        assert popen.stdout is not None
        writer = threading.Thread(target=self._write, args=(popen,), name="data-files-write", daemon=True)
        writer.start()
        try:
            while (message := read_message(popen.stdout)) is not None:
                self._post(partial(told, *message))
        except (OSError, ValueError) as error:
            _log.info("the file reader said what cannot be understood: %s", error)
            popen.kill()
        self._messages.put(None)
        writer.join(_END_TIMEOUT_S)
        popen.wait()
        popen.stdout.close()

    def _tell_end(self, popen: subprocess.Popen[bytes], folder: Path) -> None:
        if not popen.returncode or self._is_ended:
            return
        with contextlib.suppress(OSError):
            last_words = (folder / _ERRORS).read_bytes()[-_WORDS_MOST:].decode("utf-8", "replace")
            _log.info("the file reader ended with %s: %s", popen.returncode, last_words.strip())

    def _begin(self, folder: Path) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if self._is_ended:
                return None
            limits = map(str, astuple(self._limits))
            try:
                errors = (folder / _ERRORS).open("wb")
            except OSError as error:
                _log.info("the file reader has no place for its errors: %s", error)
                return None
            try:
                self._popen = subprocess.Popen(
                    [sys.executable, "-P", "-c", _CODE, str(_ROOT), str(folder), *limits],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    # Never the project's folder: nothing of it may be imported by being there.
                    cwd=folder,
                    env={
                        **os.environ,
                        "PYTHONSAFEPATH": "1",
                        # Memory that was given back must count as such, and threads must not hold stacks of it.
                        "ARROW_DEFAULT_MEMORY_POOL": "system",
                        "MALLOC_ARENA_MAX": "2",
                        "OMP_NUM_THREADS": "2",
                        "OPENBLAS_NUM_THREADS": "1",
                    },
                    creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                )
            except OSError as error:
                _log.info("the file reader could not be started: %s", error)
                return None
            finally:
                errors.close()
            return self._popen

    def _write(self, popen: subprocess.Popen[bytes]) -> None:
        assert popen.stdin is not None
        try:
            while (one := self._messages.get()) is not None:
                write_message(popen.stdin, *one)
        except (OSError, ValueError):
            pass  # the process is gone; the reader tells it
        finally:
            with contextlib.suppress(OSError):
                popen.stdin.close()


def _error(error: Mapping[str, str]) -> TableError:
    kinds: dict[str, type[TableError]] = {"out_of_date": OutOfDateError, "gone": FileGoneError}
    return kinds.get(error["kind"], TableError)(error["happened"], error["meaning"], error["advice"])


def _ignore(result: object, buffers: object) -> None:
    return None


def _ignore_error(error: object) -> None:
    return None


def _nothing() -> None:
    return None
