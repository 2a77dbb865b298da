"""What the files of a project say of themselves: data that their code reads, variables it needs, secrets in them.

Runs in a pool thread; reads files, runs nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Final

from ide.core.language import Language, Mention
from ide.core.record import dataclass
from ide.deploy.credentials import SCANNED_BYTES, Credential, by_name, credentials_in
from ide.deploy.snapshot import Snapshot

_CODE_LIMIT_BYTES: Final = 2_000_000
_MATCHES: Final = 1_000
_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_NO_PATH: Final = re.compile(r"[\n\r\0<>|\"]")

LanguageOf = Callable[[str], Language | None]
"""The language of a file ending, with the dot."""


@dataclass(frozen=True, slots=True)
class FoundMention:
    """What the code in `file` (relative to the project) names."""

    file: str
    mention: Mention


@dataclass(frozen=True, slots=True)
class Input:
    """Data that the run reads. `name` is as the code or the user names it, `path` the file here, None where there is
    none; `sha256` is empty for what is not here. `is_sent`: it is among the files that go. `file` and `line` say where
    it is named, "" and 0 where the user named it."""

    name: str
    path: Path | None
    size_bytes: int = 0
    sha256: str = ""
    is_sent: bool = False
    is_address: bool = False
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Examination:
    """All that was read from the files of one snapshot. `stay_here` are credentials in files that are not sent."""

    mentions: tuple[FoundMention, ...] = ()
    inputs: tuple[Input, ...] = ()
    credentials: tuple[Credential, ...] = ()
    stay_here: tuple[Credential, ...] = ()


def examine(
    snapshot: Snapshot,
    language_of: LanguageOf,
    named: Sequence[str] = (),
    told: Callable[[int, int], None] = lambda done, total: None,
) -> Examination:
    """Read the files that would go. `named` are inputs that the user named, relative to the project or absolute.

    `told` hears files done and in all, and may raise to end it. What can't be read is passed over: the bundle names it.
    """
    mentions: list[FoundMention] = []
    credentials: list[Credential] = []
    for done, one in enumerate(snapshot.files, 1):
        content = _start_of(snapshot.folder / one.path)
        credentials += credentials_in(one.path, content)
        language = language_of(PurePosixPath(one.path).suffix.lower())
        if language is not None and len(content) <= _CODE_LIMIT_BYTES:
            text = content.decode("utf-8-sig", "replace")
            mentions += (FoundMention(one.path, mention) for mention in language.mentions(text))
        told(done, len(snapshot.files))
    return Examination(
        tuple(mentions),
        tuple(_inputs(snapshot, mentions, named)),
        tuple(credentials),
        tuple(_staying(snapshot)),
    )


def is_absolute(text: str) -> bool:
    """Whether a text is a path that means something on one computer alone, on any system."""
    return text.startswith(("/", "~/", "~\\", "\\\\")) or PureWindowsPath(text).drive != ""


def digest_of(path: Path) -> str:
    """sha256 of a file. Raises OSError."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _start_of(path: Path) -> bytes:
    try:
        with open(path, "rb") as stream:
            return stream.read(SCANNED_BYTES)
    except OSError:
        return b""


def _inputs(snapshot: Snapshot, mentions: Sequence[FoundMention], named: Sequence[str]) -> Iterator[Input]:
    code = {snapshot.folder / file for file in (snapshot.entry, *(one.file for one in mentions))}
    written = {one.mention.text for one in mentions if one.mention.kind == "write"}
    sent = {snapshot.folder / one.path for one in snapshot.files}
    seen: set[str] = set()
    wanted = [(one.mention.text, one.file, one.mention.line) for one in mentions if one.mention.kind == "read"]
    for name, file, line in (*wanted, *((name, "", 0) for name in named)):
        # What the script itself writes before it reads it is no input.
        if name in seen or name in written or not name.strip() or _NO_PATH.search(name) or len(name) > 1_000:
            continue
        seen.add(name)
        if _ADDRESS.match(name):
            yield Input(name, None, is_address=True, file=file, line=line)
            continue
        paths = _files_of(snapshot.folder, name)
        if not paths:
            yield Input(name, None, file=file, line=line)
        for path in paths:
            if path in code:
                continue  # code that reads code: `source("functions.R")`
            yield _hashed(name, path, path in sent, file, line)


def _hashed(name: str, path: Path, is_sent: bool, file: str, line: int) -> Input:
    try:
        return Input(name, path, path.stat().st_size, digest_of(path), is_sent, file=file, line=line)
    except OSError:
        return Input(name, None, file=file, line=line)


def _files_of(folder: Path, name: str) -> list[Path]:
    """The files that a name in code means, seen from the project's folder; for a folder all in it, for a pattern all
    that fit."""
    try:
        path = (folder / Path(name.replace("\\", "/")).expanduser()).absolute()
        path = Path(*_without_dots(path.parts))
        if path.is_file():
            return [path]
        if path.is_dir():
            return sorted(one for one in path.rglob("*") if one.is_file())[:_MATCHES]
        if any(sign in name for sign in "*?[") and not is_absolute(name):
            return sorted(one for one in folder.glob(name) if one.is_file())[:_MATCHES]
    except (OSError, ValueError, RuntimeError, NotImplementedError):
        return []
    return []


def _without_dots(parts: Sequence[str]) -> list[str]:
    made: list[str] = []
    for part in parts:
        if part == ".." and len(made) > 1:
            made.pop()
        elif part not in (".", ".."):
            made.append(part)
    return made


def _staying(snapshot: Snapshot) -> Iterator[Credential]:
    """Secrets in files that stay: named, so that nobody wonders whether they went."""
    for one in snapshot.left_out:
        if one.path.rstrip("/") == ".git":
            path = ".git/config"
        elif not one.path.endswith("/") and by_name(one.path):
            path = one.path
        else:
            continue
        yield from credentials_in(path, _start_of(snapshot.folder / path))
