"""The process that reads and writes data files: takes requests on stdin, answers on stdout, ends when stdin does.

Owns the open tables and the threads that work on them. Nothing here knows the window.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any, Final

from ide.core import wire
from ide.tables.files import memory
from ide.tables.files.options import MEMORY_STATUS, FileOptions, Limits

QUICK_THREADS: Final = 3
SLOW_THREADS: Final = 3
LOOK_EVERY_S: Final = 1.0
FIRST_WAIT_S: Final = 0.25
PROGRESS_EVERY_S: Final = 0.1
MEMORY_EVERY_S: Final = 0.05
_QUICK: Final = frozenset({"columns", "page", "cell", "close", "export.rows"})

Answer = tuple[Any, Sequence[bytes]]


def main() -> None:
    """Serve. Arguments: the program's folder, the folder for temporary files, the fields of `Limits`."""
    folder, limits = Path(sys.argv[2]), Limits(*map(int, sys.argv[3:]))
    faulthandler.enable()  # a library that crashes over a file says where, for the log
    answers = os.fdopen(os.dup(1), "wb")
    # A library that prints would spoil the answers.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    memory.limit_memory(limits.memory_bytes)
    threading.Thread(target=_watch_memory, args=(limits.memory_bytes,), name="memory", daemon=True).start()
    threading.stack_size(4 << 20)
    reader = Reader(answers, folder, limits)
    with contextlib.suppress(OSError, ValueError):
        while (message := wire.read_message(sys.stdin.buffer)) is not None:
            reader.take(*message)
    reader.close()
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)  # whatever a thread is still at, nobody waits for it


def _watch_memory(limit_bytes: int) -> None:
    """End the process before it takes the memory that others need; the window says so and opens what is asked for."""
    while True:
        if memory.held_bytes() > limit_bytes:
            os._exit(MEMORY_STATUS)
        time.sleep(MEMORY_EVERY_S)


class Reader:
    """Requests to answers. `take` is called in one thread; answers are written by those that work."""

    def __init__(self, answers: IO[bytes], folder: Path, limits: Limits) -> None:
        self._answers = answers
        self._folder = folder
        self._limits = limits
        self._writing = threading.Lock()
        self._jobs: dict[int, Any] = {}
        self._tables: dict[str, _Open] = {}
        self._exports: dict[str, Any] = {}
        self._folders = 0
        self._quick = ThreadPoolExecutor(QUICK_THREADS, "quick")
        self._slow = ThreadPoolExecutor(SLOW_THREADS, "slow")
        self._methods: dict[str, Callable[[Mapping[str, Any], Any, list[bytes]], Answer]] = {
            "open": self._open, "parts": self._parts, "close": self._close, "columns": self._columns,
            "page": self._page, "view": self._view, "order": self._order, "cost": self._cost,
            "profile": self._profile, "missing": self._missing, "values": self._values, "find": self._find,
            "cell": self._cell, "export.begin": self._export_begin, "export.rows": self._export_rows,
            "export.end": self._export_end, "export.drop": self._export_drop,
        }  # fmt: skip
        threading.Thread(target=self._watch, name="watch", daemon=True).start()

    def take(self, header: wire.Header, buffers: list[bytes]) -> None:
        """One request."""
        from ide.tables.files.blocks import Job

        method, params = header["method"], header.get("params", {})
        if method == "cancel":
            job = self._jobs.get(params["id"])
            if job is not None:
                job.cancel()
            return
        number = header["id"]
        job = Job(_Reporter(self, number))
        self._jobs[number] = job
        pool = self._quick if method in _QUICK else self._slow
        pool.submit(self._answer, number, method, params, job, buffers)

    def close(self) -> None:
        """Stop what can be stopped."""
        for job in list(self._jobs.values()):
            job.cancel()
        for one in list(self._tables.values()):
            one.table.close()
        for export in list(self._exports.values()):
            with contextlib.suppress(OSError):
                export.drop()

    def send(self, header: Mapping[str, object], buffers: Sequence[bytes] = ()) -> None:
        """Write a message, from any thread."""
        with self._writing, contextlib.suppress(OSError, ValueError):
            wire.write_message(self._answers, header, buffers)

    def _answer(self, number: int, method: str, params: Mapping[str, Any], job: Any, buffers: list[bytes]) -> None:
        from ide.tables.files.failures import said

        try:
            job.check()
            result, found = self._methods[method](params, job, buffers)
            self.send({"id": number, "result": result}, found)
            if method == "open":
                self._tables[result["table"]].answered()
        except Exception as error:  # noqa: BLE001 - whatever a library raises over a bad file is told in words
            refused = said(error)
            cause = refused.__cause__
            told = {"kind": refused.kind, "happened": refused.happened, "meaning": refused.meaning}
            told |= {"advice": refused.advice, "cause": f"{type(cause).__name__}: {cause}"[:2_000] if cause else ""}
            self.send({"id": number, "error": told})
        finally:
            self._jobs.pop(number, None)

    # ---- methods

    def _open(self, params: Mapping[str, Any], job: Any, buffers: list[bytes]) -> Answer:
        from ide.tables.files.blocks import Growing
        from ide.tables.files.opening import open_blocks
        from ide.tables.files.table import Table

        path = Path(params["path"])
        mark = _mark(path)
        # All is imported: from here on the window counts the time, and knows for how large a file.
        job.hello("Opening", path.stat().st_size if mark is not None else 0)
        folder = self._new_folder()
        try:
            blocks = open_blocks(path, FileOptions(**params["options"]), folder, self._limits.memory_bytes, job)
            table = Table(blocks, path, folder, self._limits)
            table.version = int(params.get("version", 0))
            one = _Open(self, params["table"], table, mark)
            self._tables[params["table"]] = one
            if isinstance(blocks, Growing):
                blocks.begin(one.told)
                blocks.wait_first(job)
                blocks.wait(FIRST_WAIT_S)
            job.check()
        except BaseException:
            self._forget(params["table"])
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return {"table": params["table"], "info": one.snapshot()}, ()

    def _parts(self, params: Mapping[str, Any], job: Any, buffers: list[bytes]) -> Answer:
        from ide.tables.files.opening import parts_of

        folder = self._new_folder()
        try:
            found = parts_of(
                Path(params["path"]), FileOptions(**params["options"]), folder, self._limits.memory_bytes, job
            )
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return [(part.name, part.row_count) for part in found], ()

    def _close(self, params: Mapping[str, Any], job: Any, buffers: list[bytes]) -> Answer:
        self._forget(params["table"])
        return {}, ()

    def _columns(self, params: Mapping[str, Any], job: Any, buffers: list[bytes]) -> Answer:
        return self._table(params).columns(params["first"], params["end"]), ()

    def _page(self, params: Mapping[str, Any], job: Any, buffers: list[bytes]) -> Answer:
        table = self._table(params)
        job.check()
        columns = params["columns"]
        end, cells = table.page(
            params["view"], params["first"], params["end"], columns, is_whole=params.get("is_whole", False)
        )
        layout, found = [], []
        for encoding, data, codes, ends in cells:
            layout.append((encoding, bool(codes)))
            found += [codes] * bool(codes) + [data] + [ends] * (encoding == "text")
        return {"end": end, "layout": layout, "version": table.version}, found

    def _view(self, params: Mapping[str, Any], job: Any, buffers: list[bytes]) -> Answer:
        table = self._table(params)
        view = table.make_view(params["view"], _spec(params["sort"], params["filter"]), job)
        return _state(view), ()

    def _order(self, params: Mapping[str, Any], job: Any, buffers: list[bytes]) -> Answer:
        return _state(self._table(params).order_fully(params["view"], job)), ()

    def _cost(self, params: Mapping[str, Any], job: Any, buffers: list[bytes]) -> Answer:
        view = self._table(params).view(params["view"])
        is_there = view.ready_rows < 0
        # Reading the keys again, sorting them on disk and writing the numbers: about three readings, as measured.
        seconds = 0.0 if is_there else 3 * view.seconds + 1e-6 * view.rows.count
        free = shutil.disk_usage(self._folder).free
        return {"seconds": seconds, "size_bytes": 0 if is_there else 8 * view.rows.count, "free_bytes": free}, ()

    def _profile(self, params: Mapping[str, Any], job: Any, buffers: list[bytes]) -> Answer:
        from ide.tables.files import profiles

        found = profiles.profile(
            self._table(params), params["view"], params["column"], job,
            is_exact=params["is_exact"], bins=params["bins"], top=10,
        )  # fmt: skip
        return found, ()

    def _missing(self, params: Mapping[str, Any], job: Any, buffers: list[bytes]) -> Answer:
        from ide.tables.files import profiles

        found, shares = profiles.missing(
            self._table(params), params["view"], params["columns"], params["buckets"], job, is_exact=params["is_exact"]
        )
        return found, (shares,)

    def _values(self, params: Mapping[str, Any], job: Any, buffers: list[bytes]) -> Answer:
        from ide.tables.files import profiles

        return profiles.values(self._table(params), params["column"], params["search"], params["limit"], job), ()

    def _find(self, params: Mapping[str, Any], job: Any, buffers: list[bytes]) -> Answer:
        found = self._table(params).find(
            params["view"], params["text"], params["row"], params["column"], job,
            is_case_sensitive=params["is_case_sensitive"], is_regex=params["is_regex"],
        )  # fmt: skip
        return found, ()

    def _cell(self, params: Mapping[str, Any], job: Any, buffers: list[bytes]) -> Answer:
        return self._table(params).cell(params["view"], params["row"], params["column"]), ()

    # ---- exports

    def _export_begin(self, params: Mapping[str, Any], job: Any, buffers: list[bytes]) -> Answer:
        from ide.tables.files.writers import Export, Heading

        self._folder.mkdir(parents=True, exist_ok=True)
        how = {**params["how"], "folder": str(self._folder)}
        headings = [Heading(**one) for one in params["headings"]]
        export = Export(Path(params["target"]), params["format"], headings, how)
        self._exports[params["export"]] = export
        return {"temporary": str(export.temporary)}, ()

    def _export_rows(self, params: Mapping[str, Any], job: Any, buffers: list[bytes]) -> Answer:
        self._exports[params["export"]].write(params["rows"], params["layout"], buffers)
        return {}, ()

    def _export_end(self, params: Mapping[str, Any], job: Any, buffers: list[bytes]) -> Answer:
        export = self._exports[params["export"]]
        found = export.finish()
        del self._exports[params["export"]]
        return found, ()

    def _export_drop(self, params: Mapping[str, Any], job: Any, buffers: list[bytes]) -> Answer:
        export = self._exports.pop(params["export"], None)
        if export is not None:
            export.drop()
        return {}, ()

    # ---- tables

    def _table(self, params: Mapping[str, Any]) -> Any:
        from ide.tables.files.blocks import Refused

        one = self._tables.get(params["table"])
        if one is None:
            raise Refused("The file is not open any more.", kind="out_of_date")
        return one.table

    def _forget(self, name: str) -> None:
        one = self._tables.pop(name, None)
        if one is not None:
            one.table.close()
            shutil.rmtree(one.table.folder, ignore_errors=True)

    def _new_folder(self) -> Path:
        self._folders += 1
        folder = self._folder / str(self._folders)
        folder.mkdir(parents=True)
        return folder

    def _watch(self) -> None:
        """Look whether files are still what they were when they were opened."""
        while True:
            time.sleep(LOOK_EVERY_S)
            for one in list(self._tables.values()):
                one.look()


class _Open:
    """An open table, and what the window was told of it."""

    def __init__(self, reader: Reader, name: str, table: Any, mark: object) -> None:
        self.table = table
        self._reader, self._name, self._mark = reader, name, mark
        self._lock = threading.Lock()
        self._is_answered = False
        self._told: object = None
        self._next_s = 0.0
        self._wait_s = 0.3
        self._change = ""
        self._last = mark

    def snapshot(self) -> dict[str, Any]:
        """What it is now; the window is about to hear of it."""
        with self._lock:
            info: dict[str, Any] = self.table.info()
            self._told = (info["row_count"], info["schema"], info["is_whole"])
            return info

    def answered(self) -> None:
        """The window knows the table from now on."""
        with self._lock:
            self._is_answered = True
        self.told(is_now=True)

    def told(self, *, is_now: bool = False) -> None:
        """The reader of blocks has news. Not each is worth a message."""
        now_s = time.monotonic()
        with self._lock:
            blocks = self.table.blocks
            news = (blocks.row_count, blocks.schema, blocks.is_whole)
            is_due = is_now or blocks.is_whole or now_s >= self._next_s
            if not self._is_answered or news == self._told or not is_due:
                return
            old, self._told = self._told, news
            self._next_s, self._wait_s = now_s + self._wait_s, min(5.0, self._wait_s * 1.5)
            change = "schema" if isinstance(old, tuple) and old[1] != news[1] else "data"
            info = self.table.info()
        self._reader.send({"event": "changed", "table": self._name, "change": change, "info": info})

    def look(self) -> None:
        """Say once that the file is another or gone."""
        mark = _mark(self.table.path)
        change = "" if mark == self._mark else "gone" if mark is None else "other"
        if self._change == "gone" and not change:
            change = "other"  # it is back, and may be what it was: look anew
        # A file that is being written is left alone until nothing happened to it for a while.
        is_quiet, self._last = mark == self._last, mark
        if change and change != self._change and is_quiet and self._is_answered:
            self._reader.send({"event": "changed", "table": self._name, "change": change})
            self._change = change


class _Reporter:
    """Sends progress, not too often."""

    def __init__(self, reader: Reader, number: int) -> None:
        self._reader, self._number = reader, number
        self._next_s = 0.0

    def __call__(self, step: str, done: int, total: int) -> None:
        now_s = time.monotonic()
        if now_s >= self._next_s:
            self._next_s = now_s + PROGRESS_EVERY_S
            self._reader.send({"event": "progress", "id": self._number, "step": step, "done": done, "total": total})


def _mark(path: Path) -> object:
    """What changes when a file does; None where it is gone."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _spec(sort: Sequence[tuple[int, bool]], group: Mapping[str, Any]) -> Any:
    from ide.core.table import SortKey, ViewSpec

    return ViewSpec(tuple(SortKey(column, is_down) for column, is_down in sort), _group(group))


def _group(group: Mapping[str, Any]) -> Any:
    from ide.core.table import Filter, FilterGroup

    members = [
        _group(one) if "members" in one
        else Filter(one["column"], one["operator"], tuple(one["values"]), one["is_case_sensitive"])
        for one in group["members"]
    ]  # fmt: skip
    return FilterGroup(tuple(members), group["is_all"])


def _state(view: Any) -> dict[str, Any]:
    return {
        "view": view.number,
        "row_count": view.rows.count,
        "ready_rows": view.ready_rows,
        "problems": view.problems,
    }
