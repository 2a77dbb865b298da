"""A TOML file of the user's that is changed while the program runs, without the UI thread ever waiting for a disk.

Owns what is not written yet. How a file is read and written safely is `toml_file.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ide.core.errors import SettingsError
from ide.core.events import Signal
from ide.core.ports import RunInPool
from ide.settings.toml_file import Prepare, TomlFile

KeyPath = tuple[str, ...]


class TomlStore:
    """Used on the UI thread. Changes are written at once, or in the pool after `write_in`, one write at a time."""

    failed = Signal(SettingsError)
    """A change could not be written; it is tried again with the next one."""

    def __init__(self, path: Path) -> None:
        self.file = TomlFile(path)
        self._unwritten: dict[KeyPath, object | None] = {}
        self._in_flight: dict[KeyPath, object | None] = {}
        self._prepare: Prepare | None = None
        self._backup = ""
        self._pool: RunInPool | None = None

    def read(self) -> dict[str, Any]:
        """The file's content; raises SettingsError, once, for a bad file that was put aside."""
        return self.file.read()

    def put(self, changes: Mapping[KeyPath, object | None]) -> None:
        """Write values at paths of keys; None takes one out."""
        self._unwritten.update(changes)
        self._write()

    def prepare_next(self, prepare: Prepare, backup: str) -> None:
        """Let `prepare` change the content before the next write, and keep the former file with the ending `backup`."""
        self._prepare, self._backup = prepare, backup

    def write_in(self, pool: RunInPool) -> None:
        """From now on write in the pool."""
        self._pool = pool

    def close(self) -> None:
        """Write what is not written yet, at once; a write under way in the pool is repeated, which does no harm."""
        self._pool = None
        self._take_back()
        self._write()

    def _write(self) -> None:
        if not self._unwritten or self._in_flight:
            return
        changes, self._in_flight, self._unwritten = self._unwritten, self._unwritten, {}
        prepare, self._prepare = self._prepare, None
        backup, self._backup = self._backup, ""

        def write() -> None:
            self.file.change(changes, prepare=prepare, backup=backup)

        if self._pool is not None:
            self._pool(write, self._on_written, self._on_failed)
            return
        try:
            write()
        except SettingsError as problem:
            self._on_failed(problem)
        else:
            self._on_written(None)

    def _on_written(self, _: None) -> None:
        self._in_flight = {}
        self._write()

    def _on_failed(self, error: Exception) -> None:
        self._take_back()
        known = isinstance(error, SettingsError)
        self.failed.emit(error if known else SettingsError(f"{self.file.path.name} was not written.", str(error)))

    def _take_back(self) -> None:
        self._unwritten = {**self._in_flight, **self._unwritten}
        self._in_flight = {}
