"""Hands the data of an output to a file of the user's choice, or to the program that the system has for its type."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from ide.widgets.rich.form import SUFFIXES

FOLDER_NAME = "fourpane-shown"
NEVER_OPENED = frozenset({"text/html", "image/svg+xml"})
"""A browser would run what is in them: they can be saved, and the user opens the file knowingly."""


def can_open(mime: str) -> bool:
    """Whether data of this type may go to a program outside."""
    return mime in SUFFIXES and mime not in NEVER_OPENED


def keep_in_file(data: bytes, mime: str) -> Path:
    """Write the data to a file of the system's temporary folder that only the user can read. Any thread. OSError."""
    folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER_NAME}-"))
    path = folder / f"output-{hashlib.sha256(data).hexdigest()[:8]}{SUFFIXES[mime]}"
    path.write_bytes(data)
    return path


def open_file(path: Path) -> bool:
    """Ask the system to open it; False where it cannot. UI thread."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
