"""The command line. Pure but for looking whether a path exists; no Qt."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from ide import __version__
from ide.core.record import dataclass

PLACE = re.compile(r"^(?P<path>.+?):(?P<line>\d+)(?::(?P<column>\d+))?$")


@dataclass(frozen=True, slots=True)
class FileArgument:
    """A file to open, at a line and column from 0 where given."""

    path: Path
    line: int | None = None
    column: int = 0


@dataclass(frozen=True, slots=True)
class Arguments:
    """What the program was asked to do. Paths are absolute: a second start hands them to another process."""

    files: tuple[FileArgument, ...] = ()
    folder: Path | None = None
    environment: str = ""
    profile: Path | None = None
    is_new_window: bool = False
    waits: bool = False
    is_safe_mode: bool = False
    resets_layout: bool = False
    is_diagnosis: bool = False


def parse(words: Sequence[str], caller_folder: Path) -> Arguments:
    """Arguments of the command line. Exits as argparse does for --help, --version and mistakes."""
    given = _parser().parse_intermixed_args(words)
    files: list[FileArgument] = []
    folder: Path | None = None
    for word in given.paths:
        argument = _file_argument(word, caller_folder)
        if _answers(argument.path.is_dir):
            folder = argument.path
        else:
            files.append(argument)
    return Arguments(
        files=tuple(files),
        folder=folder,
        environment=_environment(given.env, caller_folder),
        profile=None if given.profile is None else _absolute(given.profile, caller_folder),
        is_new_window=given.new_window,
        waits=given.wait,
        is_safe_mode=given.safe_mode,
        resets_layout=given.reset_layout,
        is_diagnosis=given.diagnose,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="fourpane",
        description="A four-pane data-science IDE: editor, console, variables and plots, in Python, R and more.",
        epilog="A second start hands its files to the first window, unless --new-window is given.",
    )
    parser.add_argument(
        "paths", nargs="*", metavar="FILE|FOLDER", help="file, file.py:42 for a line, or a project folder"
    )
    parser.add_argument("--new-window", action="store_true", help="open a window of its own")
    parser.add_argument("--env", default="", metavar="NAME", help="environment, kernelspec or interpreter to start in")
    parser.add_argument("--wait", action="store_true", help="return only when the files have been closed")
    parser.add_argument(
        "--safe-mode", action="store_true", help="start with the first layout and without a spare kernel"
    )
    parser.add_argument("--reset-layout", action="store_true", help="put the panes where they were at first")
    parser.add_argument("--diagnose", action="store_true", help="print what was found on this machine, and end")
    parser.add_argument("--profile", metavar="FOLDER", help="keep settings and recovery in this folder")
    parser.add_argument("--version", action="version", version=f"fourpane {__version__}")
    return parser


def _answers(question: Callable[[], bool]) -> bool:
    """A yes; False also where the system does not let us look. Opening it tells why."""
    try:
        return question()
    except OSError:
        return False


def _absolute(text: str, caller_folder: Path) -> Path:
    path = Path(text).expanduser()
    # Not resolved: a link that the user named is the link that is opened.
    return path if path.is_absolute() else Path(caller_folder, path)


def _file_argument(word: str, caller_folder: Path) -> FileArgument:
    path = _absolute(word, caller_folder)
    place = PLACE.match(word)
    if place is None or _answers(path.exists):
        return FileArgument(path)
    line, column = int(place["line"]), int(place["column"] or 1)
    return FileArgument(_absolute(place["path"], caller_folder), max(0, line - 1), max(0, column - 1))


def _environment(name: str, caller_folder: Path) -> str:
    """A name as it is; something that is a path on the disk, as an absolute path."""
    if not name or not any(mark in name for mark in "/\\"):
        return name
    return str(_absolute(name, caller_folder))
