"""What a job hands back: its archive unpacked safely, each file with its kind, the last error in plain words.

An archive comes from another computer: nothing in it may climb out of the folder, lead elsewhere, take a name that
means a device, or fill the disk. Runs in a pool thread.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Final

from ide.core.deploy import Artefact, JobOutcome, JobState
from ide.core.errors import DeployError
from ide.core.record import dataclass

_CHUNK_BYTES: Final = 1_000_000
_DEVICES: Final = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$)(?:\..*)?$")
_FORBIDDEN: Final = re.compile(r"[\x00-\x1f<>:\"|?*\\]")
_KINDS: Final = {
    "plot": {".png", ".svg", ".pdf", ".jpg", ".jpeg", ".gif", ".webp"},
    "table": {".csv", ".tsv", ".parquet", ".feather", ".arrow", ".xlsx", ".rds", ".sas7bdat", ".dta", ".sav"},
    "log": {".log"},
}


@dataclass(frozen=True, slots=True)
class UnpackLimits:
    """How much may come back. `ratio` is of unpacked to packed bytes, for archives above a megabyte."""

    files: int = 10_000
    size_bytes: int = 2_000_000_000
    ratio: float = 200.0
    path_length: int = 240
    depth: int = 20


USUAL_LIMITS: Final = UnpackLimits()


def kind_of(path: str) -> str:
    """What a file is for the panes: "plot", "table", "log" or "file"."""
    suffix = PurePosixPath(path).suffix.lower()
    return next((kind for kind, suffixes in _KINDS.items() if suffix in suffixes), "file")


def unpack(
    archive: Path,
    folder: Path,
    limits: UnpackLimits = USUAL_LIMITS,
    told: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Artefact, ...]:
    """Unpack results into `folder`, which must not exist yet; all of it or, with DeployError, nothing.

    `told` hears files done and in all, and may raise to end it.
    """
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = _checked(opened, archive.stat().st_size, limits)
            partial.mkdir(parents=True, mode=0o700)
            made = []
            left = limits.size_bytes
            for done, (path, entry) in enumerate(entries.items(), 1):
                one = _write(opened, entry, partial, path, left)
                left -= one.size_bytes
                made.append(one)
                told(done, len(entries))
        partial.rename(folder)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, UnicodeError, ValueError) as error:
        raise _refused("it is damaged") from error
    except OSError as error:
        raise DeployError(
            f"The results could not be unpacked: {error.strerror or error}.",
            advice="Make room on the disk, then fetch them again.",
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return tuple(sorted(made, key=lambda one: one.path))


def _checked(opened: zipfile.ZipFile, packed_bytes: int, limits: UnpackLimits) -> dict[str, zipfile.ZipInfo]:
    """The files of an archive by their paths, all of them such as may be written."""
    infos = opened.infolist()
    if len(infos) > limits.files:
        raise _refused(f"it has {len(infos):,} files, {limits.files:,} are the most")
    size = sum(one.file_size for one in infos)
    if size > limits.size_bytes:
        raise _refused(f"it would take {size:,} bytes, {limits.size_bytes:,} are the most")
    if size > 1_000_000 and size > packed_bytes * limits.ratio:
        raise _refused("it would grow far beyond what files do")
    entries: dict[str, zipfile.ZipInfo] = {}
    folded: dict[str, str] = {}
    for one in infos:
        path = one.orig_filename
        kind = stat.S_IFMT(one.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise _refused(f"{path!r} is a link or a device")
        if one.flag_bits & 1:
            raise _refused(f"{path!r} is encrypted")
        _check_path(path.removesuffix("/"), limits)
        if path.endswith("/"):
            continue
        # Two names that are one on some systems, or a file where another needs a folder.
        same = unicodedata.normalize("NFC", path).casefold()
        if same in folded:
            raise _refused(f"{path!r} and {folded[same]!r} are one file on some systems")
        folded[same] = path
        entries[path] = one
    for path in folded:
        if any(str(parent) in folded for parent in PurePosixPath(path).parents):
            raise _refused(f"{folded[path]!r} lies in a file")
    return entries


def _check_path(path: str, limits: UnpackLimits) -> None:
    parts = path.split("/")
    if not path or len(path) > limits.path_length or len(parts) > limits.depth:
        raise _refused(f"the name {path[:60]!r} is too long")
    for part in parts:
        if part in ("", ".", "..") or _FORBIDDEN.search(part) or _DEVICES.match(part) or part != part.rstrip(" ."):
            raise _refused(f"{path!r} can't be a file's name here")


def _write(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path, path: str, left: int) -> Artefact:
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with opened.open(entry) as stream, open(descriptor, "wb") as written:
        while chunk := stream.read(_CHUNK_BYTES):
            size += len(chunk)
            if size > left or size > entry.file_size:  # what the archive says of itself need not be true
                raise _refused("it is larger than it says")
            digest.update(chunk)
            written.write(chunk)
    return Artefact(path, size, digest.hexdigest(), kind_of(path))


def _refused(why: str) -> DeployError:
    return DeployError(
        f"The results were not unpacked: {why}.",
        "The archive that came from the target is kept as it is.",
        "Look into it by hand if you trust the target.",
    )


def ending(outcome: JobOutcome) -> str:
    """How a job ended, in one plain sentence."""
    place = f" ({outcome.error_file}:{outcome.error_line})" if outcome.error_file else ""
    reason = outcome.reason.strip().rstrip(".")
    if outcome.state is JobState.SUCCEEDED:
        return "It ran to its end."
    if outcome.state is JobState.CANCELLED:
        return f"It was stopped: {reason}." if reason else "You stopped it."
    if outcome.state is JobState.TIMED_OUT:
        return "It was stopped at its time limit."
    if outcome.state is JobState.OUT_OF_MEMORY or outcome.exit_code in (-9, 137):
        return "It needed more memory than it was given, or the system stopped it."
    if outcome.state is JobState.LOST:
        return f"The worker it ran on is gone; it was not run again{f': {reason}' if reason else ''}."
    if outcome.exit_code is not None and (
        signal := _SIGNALS.get(-outcome.exit_code if outcome.exit_code < 0 else outcome.exit_code - 128)
    ):
        return f"It crashed: {signal}."
    if reason:
        return f"It ended with an error{place}: {reason}."
    if outcome.exit_code is not None:
        return f"It ended with exit code {outcome.exit_code}{place}."
    return "It never ran."


_SIGNALS: Final = {
    4: "an instruction that the processor does not have",
    6: "it gave itself up",
    7: "memory that is not there",
    8: "a division in the processor",
    11: "memory that is not its own (segmentation fault)",
    15: "it was asked to end",
}
