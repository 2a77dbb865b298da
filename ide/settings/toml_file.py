"""One TOML file of the user's: read safely, changed with the user's comments kept, replaced whole or not at all.

Owns no meaning: settings and key maps both stand on it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from ide.core.errors import SettingsError
from ide.core.locks import held_lock

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

SIZE_LIMIT_BYTES = 1_000_000
_BAD_COUNT_LIMIT = 1_000
_LOCK_WAIT_S = 2.0

Changes = Mapping[tuple[str, ...], object | None]
"""Path of keys to new value; None takes the value out."""

Prepare = Callable[[MutableMapping[str, Any]], object]


def read_toml(path: Path) -> dict[str, Any]:
    """The content of a file. Raises OSError or ValueError where it cannot be read; changes nothing on disk."""
    data = _bytes(path)
    import tomllib

    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


class TomlFile:
    """The file at `path`, which need not exist. Reading and changing may happen in different threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock()

    def read(self) -> dict[str, Any]:
        """The content, {} where there is no file.

        A file that cannot be read as TOML is moved aside first (`settings.toml.bad`) so that the program starts and
        the user's text is kept; then SettingsError says so, once, since the next read finds no file.
        """
        try:
            return read_toml(self.path)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise self._set_aside(error) from error

    def change(self, changes: Changes, *, prepare: Prepare | None = None, backup: str = "") -> None:
        """Write `changes` into the file as it is now on disk, keeping comments and everything else in it.

        `prepare` may change the content first; `backup` is then the ending of a copy of the former file ("v1.bak").
        Raises SettingsError where writing fails; the file on disk is then the old one, whole. Another window that
        changes the file meanwhile is waited for, or what it chose would be lost with the file that it wrote.
        """
        import tomlkit

        with self._lock, self._other_windows_waiting():
            text, document = self._parsed()
            if prepare is not None:
                prepare(document)
            for keys, value in changes.items():
                _put(document, keys, value)
            try:
                if backup and text:
                    replace_file(self.path.with_name(f"{self.path.name}.{backup}"), text.encode())
                replace_file(self.path, tomlkit.dumps(document).encode())
            except OSError as error:
                raise SettingsError(
                    f"{self.path.name} could not be written.",
                    f"The system says: {error.strerror or error}. The change holds until the window closes.",
                    f"Make room or give yourself the right to write in {self.path.parent}.",
                ) from error

    @contextmanager
    def _other_windows_waiting(self) -> Iterator[None]:
        with suppress(OSError):
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with held_lock(self.path.with_name(f"{self.path.name}.lock"), _LOCK_WAIT_S):
            yield

    def _parsed(self) -> tuple[str, TOMLDocument]:
        import tomlkit
        from tomlkit.exceptions import TOMLKitError

        try:
            text = _bytes(self.path).decode("utf-8-sig")
            return text, tomlkit.parse(text)
        except FileNotFoundError:
            return "", tomlkit.document()
        except (OSError, ValueError, RecursionError, TOMLKitError) as error:
            self._set_aside(error)
            return "", tomlkit.document()

    def keep_copy(self) -> Path | None:
        """Copy the file to a fresh `.bad` name, for values that do not fit; None where that is impossible."""
        with suppress(OSError, ValueError):
            data = _bytes(self.path)
            copy = self._bad_name()
            replace_file(copy, data)
            return copy
        return None

    def _set_aside(self, cause: Exception) -> SettingsError:
        target = self._bad_name()
        reason = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause)
        happened = f"{self.path.name} could not be read: {reason or type(cause).__name__}."
        try:
            self.path.replace(target)
        except OSError:
            return SettingsError(happened, "Default values are used.", f"Look at {self.path}.")
        return SettingsError(happened, f"It was kept as {target.name}; default values are used.", f"Look at {target}.")

    def _bad_name(self) -> Path:
        first = self.path.with_name(f"{self.path.name}.bad")
        numbered = (self.path.with_name(f"{self.path.name}.bad{n}") for n in range(2, _BAD_COUNT_LIMIT))
        return next((path for path in (first, *numbered) if not os.path.lexists(path)), first)


def _bytes(path: Path) -> bytes:
    # Looked at before opening: opening a FIFO would wait for a writer for ever.
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise ValueError("it is not an ordinary file")
    if found.st_size > SIZE_LIMIT_BYTES:
        raise ValueError(f"it has {found.st_size} bytes; more than {SIZE_LIMIT_BYTES} cannot be meant")
    return path.read_bytes()


def replace_file(path: Path, data: bytes) -> None:
    """Put `data` at `path` (or at what it links to), whole or not at all, readable by this user alone."""
    target = Path(os.path.realpath(path))
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(temporary, flags, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        raise


def _put(document: MutableMapping[str, Any], keys: tuple[str, ...], value: object | None) -> None:
    """Set or take out one value; tables on the way are made, and nonsense in their place is replaced."""
    table = document
    for key in keys[:-1]:
        if not isinstance(table.get(key), MutableMapping):
            if value is None:
                return
            table[key] = {}
        table = table[key]
    if value is None:
        table.pop(keys[-1], None)
    else:
        table[keys[-1]] = value
