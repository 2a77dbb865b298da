"""Turns what libraries raise over a bad file into words for the user. Part of the process that reads files."""

from __future__ import annotations

import logging

import pyarrow as pa

from ide.tables.files.blocks import Refused

_log = logging.getLogger(__name__)

DAMAGED = "It may be damaged, not whole, or of another format than its name says."
OTHER_COPY = "Open it with the program that made it, or get another copy."


def said(error: BaseException) -> Refused:
    """A sentence for each failure; the technical one is in `__cause__`."""
    refused = error if isinstance(error, Refused) else _said(error)
    if refused is not error:
        refused.__cause__ = error
    return refused


def _said(error: BaseException) -> Refused:
    if isinstance(error, MemoryError | pa.ArrowMemoryError) or type(error).__name__ == "OutOfMemoryException":
        return no_memory()
    if isinstance(error, FileNotFoundError):
        return Refused("The file is gone.", "It was moved, renamed or deleted.", kind="gone")
    if isinstance(error, PermissionError):
        return Refused("The file may not be read.", "Your account has no right to read it.", "Ask who owns it.")
    if isinstance(error, RecursionError):
        return Refused("The file is nested too deeply to be read as a table.", DAMAGED)
    if isinstance(error, EOFError):
        return Refused("The file ends too early.", DAMAGED, OTHER_COPY)
    if isinstance(error, OSError) and error.errno == 28:
        return Refused("The disk is full.", "The reader keeps parts of large files on disk while they are open.")
    if isinstance(error, OSError) and error.errno is not None:
        return Refused(f"The file cannot be read: {error.strerror or error}.")
    return Refused("The file cannot be read.", DAMAGED, OTHER_COPY)


def no_memory() -> Refused:
    """The limit of the process was reached."""
    return Refused(
        "Reading this file needs more memory than the file reader may take.",
        "The limit keeps the rest of the computer usable.",
        "Ask for fewer columns or rows, or read it in a kernel.",
        kind="memory",
    )
