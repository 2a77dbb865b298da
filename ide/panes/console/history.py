"""What was entered in consoles, one list per language, kept across starts. Owns the files; answers to `input()` and
passwords never come here.

A file holds one JSON string per line, the oldest first, and is only appended to, so that two windows do no harm; it is
rewritten when it has grown to twice what is kept.
"""

from __future__ import annotations

import json
import logging
import os
import re
import stat
from pathlib import Path

from ide.core.ports import RunInPool

ENTRY_LIMIT = 20_000
"""Characters of one entry; a longer one is not kept."""
READ_LIMIT_BYTES = 20_000_000

_log = logging.getLogger(__name__)


class History:
    """Entries of one language, the oldest first. UI thread; the file is written in the pool."""

    def __init__(self, file: Path, limit: int, run_in_pool: RunInPool) -> None:
        self._file = file
        self._limit = limit
        self._run_in_pool = run_in_pool
        self._entries: list[str] = []
        self._is_loaded = False
        self._waiting: list[str] = []
        self._is_writing = False
        self.problem = ""
        """What to tell the user once, empty where all is well."""

    @property
    def entries(self) -> tuple[str, ...]:
        """The oldest first, without repeats in a row."""
        return tuple(self._entries)

    def load(self) -> None:
        """Read the file. A file that is not ours to read is kept as *.bad and said in `problem`."""
        if self._is_loaded:
            return
        self._is_loaded = True
        entries, self.problem = read(self._file)
        self._entries = [*entries, *self._entries][-self._limit :] if self._limit else []

    def add(self, code: str) -> None:
        """One entry, as typed. A repeat of the last one is not kept twice."""
        code = code.rstrip()
        if not code or not self._limit or len(code) > ENTRY_LIMIT:
            return
        if self._entries and self._entries[-1] == code:
            return
        self._entries.append(code)
        del self._entries[: -self._limit]
        self._waiting.append(code)
        self._write()

    def search(self, words: str, count: int = 200) -> tuple[str, ...]:
        """Entries that hold all words, the newest first, each once."""
        wanted = words.casefold().split()
        found: dict[str, None] = {}
        for entry in reversed(self._entries):
            if entry not in found and all(word in entry.casefold() for word in wanted):
                found[entry] = None
                if len(found) == count:
                    break
        return tuple(found)

    def close(self) -> None:
        """Write what still waits; at most a few entries."""
        if self._waiting:
            entries, self._waiting = tuple(self._waiting), []
            _append(self._file, entries)

    def _write(self) -> None:
        if self._is_writing or not self._waiting:
            return
        entries, self._waiting = tuple(self._waiting), []
        self._is_writing = True
        file, limit = self._file, self._limit
        self._run_in_pool(lambda: append(file, entries, limit), self._on_written, self._on_failed)

    def _on_written(self, _nothing: None) -> None:
        self._is_writing = False
        self._write()

    def _on_failed(self, error: Exception) -> None:
        self._is_writing = False
        if not self.problem:
            self.problem = f"The history of this console cannot be kept: {error}."
            _log.info("history not written", exc_info=error)


class Histories:
    """One `History` per language, in one private folder."""

    def __init__(self, folder: Path, limit: int, run_in_pool: RunInPool) -> None:
        self._folder = folder
        self._limit = limit
        self._run_in_pool = run_in_pool
        self._by_language: dict[str, History] = {}

    def of(self, language: str) -> History:
        """The history of `language`, read from disk at the first call."""
        if language not in self._by_language:
            name = re.sub(r"[^a-z0-9_+-]", "_", language.lower()) or "other"
            history = History(self._folder / f"{name}.jsonl", self._limit, self._run_in_pool)
            history.load()
            self._by_language[language] = history
        return self._by_language[language]

    def close(self) -> None:
        """Write what waits."""
        for history in self._by_language.values():
            history.close()


def read(file: Path) -> tuple[list[str], str]:
    """Entries of `file` and what to tell the user. Lines that are damaged are left out; then the file is kept aside."""
    try:
        found = file.lstat()
    except OSError:
        return [], ""
    if not stat.S_ISREG(found.st_mode) or found.st_size > READ_LIMIT_BYTES:
        return [], _set_aside(file)
    try:
        data = file.read_bytes()
    except OSError as error:
        return [], f"The history of this console cannot be read: {error.strerror or error}."
    entries: list[str] = []
    is_sound = True
    for row in data.split(b"\n"):
        if not row.strip():
            continue
        try:
            entry = json.loads(row.decode("utf-8"))
        except (ValueError, RecursionError):
            is_sound = False
            continue
        if isinstance(entry, str) and 0 < len(entry) <= ENTRY_LIMIT:
            entries.append(entry)
        else:
            is_sound = False
    return entries, "" if is_sound else _repair(file, entries)


def append(file: Path, entries: tuple[str, ...], limit: int) -> None:
    """Add entries; rewrite the file when it holds more than twice the limit. Any thread. Raises OSError."""
    _append(file, entries)
    if file.stat().st_size > 200 * limit:
        kept, _problem = read(file)
        if len(kept) > 2 * limit:
            _rewrite(file, kept[-limit:])


def _append(file: Path, entries: tuple[str, ...]) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    rows = "".join(json.dumps(entry) + "\n" for entry in entries)
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(file, flags, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(rows.encode("ascii"))


def _rewrite(file: Path, entries: list[str]) -> None:
    fresh = file.with_name(file.name + ".new")
    fresh.unlink(missing_ok=True)
    _append(fresh, tuple(entries))
    fresh.replace(file)


def _repair(file: Path, entries: list[str]) -> str:
    said = _set_aside(file)
    try:
        _append(file, tuple(entries))
    except OSError:
        _log.info("history not rewritten", exc_info=True)
    return said


def _set_aside(file: Path) -> str:
    bad = file.with_name(file.name + ".bad")
    try:
        if bad.is_dir() and not bad.is_symlink():
            bad = file.with_name(f"{file.name}.{os.getpid()}.bad")
        file.replace(bad)
    except OSError as error:
        return f"The history file of this console is damaged and stays in place: {error.strerror or error}."
    return f"A damaged history file was kept as {bad.name}. The entries that could be read are there."
