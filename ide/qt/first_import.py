"""The first import of PySide6, with the bytecode of its own support modules kept from one start to the next.

Those modules (`shibokensupport`) travel as source inside a shared library, so Python compiles 250 kB of it in every
process: a third of what a bare window costs (`docs/decisions/2026-11-27-light-imports.md`). Here the results are kept
in a file, each with the hash of its source as Python's own hash-based bytecode files have it; what is not in there, or
was made from another source, is compiled as ever. Owns that file. Imports nothing of Qt before it is called.
"""

from __future__ import annotations

import builtins
import importlib.util
import marshal
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import CodeType
from typing import Any

_OURS = "shibokensupport/"
_CHECK_BYTES = 4


def import_qt(kept_in: Path, write: Callable[[Path, bytes], None]) -> None:
    """Import PySide6. Called once, before anything else of the program imports Qt and while no other thread runs.

    `write` puts the file in its place, whole or not at all; an OSError of it only means that the next start is slower.
    """
    kept = _Kept(kept_in)
    plain = builtins.compile
    builtins.compile = kept.compile
    try:
        import PySide6.QtCore  # noqa: F401 - the import is what is wanted
    finally:
        builtins.compile = plain
    import_plainly()
    if kept.has_news:
        with suppress(OSError):
            write(kept_in, kept.as_bytes())


def import_plainly() -> None:
    """Take away the hook that PySide puts around `import`, where it is there.

    It serves `from __feature__ import ...`, which nothing here uses, and costs a fifth of the way to the first window:
    to see whether an imported module uses PySide it reads the module's source, and `linecache` keeps that.
    """
    original = getattr(builtins, "__orig_import__", None)
    if original is not None:
        builtins.__import__ = original


class _Kept:
    """Code by file name, with the hash of its source."""

    def __init__(self, path: Path) -> None:
        self.has_news = False
        self._plain: Callable[..., Any] = builtins.compile
        self._code = _read(path)

    def compile(self, source: Any, filename: Any, mode: str, *more: Any, **options: Any) -> Any:
        """Stands for `builtins.compile`."""
        is_ours = isinstance(filename, str) and filename.startswith(_OURS) and isinstance(source, bytes)
        if not is_ours or mode != "exec" or more or options:
            return self._plain(source, filename, mode, *more, **options)
        wanted = importlib.util.source_hash(source)
        found, code = self._code.get(filename, (b"", None))
        if found != wanted or code is None:
            code = self._plain(source, filename, mode)
            self._code[filename] = (wanted, code)
            self.has_news = True
        return code

    def as_bytes(self) -> bytes:
        """What the file holds: magic number and check sum, then everything."""
        content = marshal.dumps(self._code)
        return importlib.util.MAGIC_NUMBER + zlib.crc32(content).to_bytes(_CHECK_BYTES, "big") + content


def _read(path: Path) -> dict[str, tuple[bytes, CodeType | None]]:
    """What an earlier start kept; nothing where there is no such file, or it is another Python's, or damaged."""
    magic = importlib.util.MAGIC_NUMBER
    try:
        data = path.read_bytes()
    except OSError:
        return {}
    check, content = data[len(magic) : len(magic) + _CHECK_BYTES], data[len(magic) + _CHECK_BYTES :]
    if not data.startswith(magic) or zlib.crc32(content).to_bytes(_CHECK_BYTES, "big") != check:
        return {}
    kept: dict[str, tuple[bytes, CodeType | None]] = marshal.loads(content)
    return kept
