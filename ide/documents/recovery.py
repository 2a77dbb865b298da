"""Finds what earlier windows left behind and makes it whole again. Runs in a pool thread; changes no project file,
but for a save that was cut short (atomic_save.repair) and our own temporary files.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from ide.core.errors import DocumentError
from ide.core.record import dataclass, replace
from ide.documents import atomic_save, platform
from ide.documents import journal_format as form
from ide.documents.atomic_save import SAFETY_SUFFIX
from ide.documents.journal import FRESH_SUFFIX, SUFFIX
from ide.documents.journal_format import Head, Replayed, View
from ide.documents.owner import OWNER_FILE, folders_within
from ide.documents.reading import Content, read_content

_DIFFERENCE_LIMIT_CHARACTERS = 2_000_000
_BAD_KEPT = 100


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two texts of one document: in the window and on disk. Neither is lost; the user chooses."""

    path: Path
    ours: str
    theirs: str

    def difference(self) -> str:
        """A unified diff from the disk's text to ours. May take seconds for long texts: for a pool thread."""
        if len(self.ours) + len(self.theirs) > _DIFFERENCE_LIMIT_CHARACTERS:
            return f"The texts are too long to compare ({len(self.theirs):,} and {len(self.ours):,} characters).\n"
        import difflib  # heavy, and seldom needed

        theirs, ours = (_lines(text) for text in (self.theirs, self.ours))
        return "".join(difflib.unified_diff(theirs, ours, f"{self.path.name} (on disk)", f"{self.path.name} (here)"))


def _lines(text: str) -> list[str]:
    """Lines as the editor counts them: `str.splitlines` would also break at form feeds and U+2028."""
    lines = [f"{line}\n" for line in text.split("\n")]
    return lines[:-1] if text.endswith("\n") or not text else lines


@dataclass(frozen=True, slots=True)
class Recovered:
    """One document as it was. `content` is what the file on disk holds, None where it cannot be read (`trouble`).

    `text` is None where nothing was typed that the file lacks.
    """

    head: Head
    view: View | None
    text: str | None
    endings: bytes | None
    content: Content | None
    trouble: DocumentError | None = None

    @property
    def path(self) -> Path | None:
        """Where the document belongs; None for one that was never saved."""
        return Path(self.head.path) if self.head.path else None


@dataclass(frozen=True, slots=True)
class Found:
    """Everything that was left, in the order of the tabs. `files` may be removed once it is safe elsewhere."""

    documents: tuple[Recovered, ...]
    problems: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    folders: tuple[Path, ...] = ()


def find_left_behind(adopted: tuple[Path, ...], project: str | None) -> Found:
    """Read the journals in adopted folders.

    Documents without unsaved text belong to their project: they come back only with it (`project` is its folder as
    text, empty for none, None for all).
    """
    documents: dict[str, Recovered] = {}
    problems: list[str] = []
    files: list[Path] = []
    folders = [inner for folder in adopted for inner in folders_within(folder)]
    for folder in folders:
        problems += _repair_saves(folder)
        for path in _journals(folder):
            state = _read_journal(path, problems)
            if state is None or state.is_newer:
                continue
            files.append(path)
            recovered = _recover(state)
            if state.head.key not in documents and _belongs(recovered, project):
                documents[state.head.key] = recovered
    ordered = sorted(documents.values(), key=lambda document: document.head.order)
    return Found(tuple(_without_doubles(ordered)), tuple(problems), tuple(files), tuple(folders))


def read_kept(path: Path) -> Recovered | None:
    """Read the journal of one closed document."""
    state = _read_journal(path, [])
    return None if state is None or state.is_newer else _recover(state)


def prune(folder: Path, count: int, pattern: str = f"*{SUFFIX}") -> None:
    """Keep only the newest `count` files of ours: closed documents, damaged journals."""
    with contextlib.suppress(OSError):
        kept = sorted(folder.glob(pattern), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in kept[count:]:
            path.unlink()


def clear(found: Found, kept: Path) -> None:
    """Remove what is now in our own journals, and folders in which nothing is left. Damaged files go to `kept`."""
    for path in found.files:
        with contextlib.suppress(OSError):
            path.unlink()
    prune(kept, _BAD_KEPT, "*.bad")
    for folder in reversed(found.folders):
        _move(folder / "closed", "*", folder.parent.parent / "closed")
        _move(folder, "*.bad", kept)
        for path in (folder / "adopted", folder / "closed"):
            with contextlib.suppress(OSError):
                path.rmdir()
        with contextlib.suppress(OSError):
            for fresh in folder.glob(f"*{FRESH_SUFFIX}"):
                fresh.unlink()
            if [entry.name for entry in folder.iterdir()] == [OWNER_FILE]:
                (folder / OWNER_FILE).unlink()
                folder.rmdir()


def _move(source: Path, pattern: str, target: Path) -> None:
    with contextlib.suppress(OSError):
        for path in source.glob(pattern):
            target.mkdir(mode=0o700, exist_ok=True)
            platform.replace(path, target / path.name)


def _journals(folder: Path) -> list[Path]:
    """Journals, and beginnings of journals that never came into their place."""
    with contextlib.suppress(OSError), os.scandir(folder) as found:
        entries = [entry for entry in found if entry.is_file(follow_symlinks=False)]
        names = {entry.name for entry in entries}
        ready = [Path(entry.path) for entry in entries if entry.name.endswith(SUFFIX)]
        fresh = [
            Path(entry.path)
            for entry in entries
            if entry.name.endswith(FRESH_SUFFIX) and entry.name.removesuffix(FRESH_SUFFIX) + SUFFIX not in names
        ]
        return sorted(ready) + sorted(fresh)
    return []


def _read_journal(path: Path, problems: list[str]) -> Replayed | None:
    """The valid part of a journal. What is damaged is kept as *.bad beside it and told once."""
    try:
        data = path.read_bytes()
    except OSError as error:
        problems.append(f"A safety copy of unsaved text could not be read ({error.strerror}). It is kept: {path}")
        return None
    state = form.replay(data)
    if state is not None and state.is_newer:
        problems.append(f"A newer version of the program left unsaved text. It is kept for that version: {path}")
        return state
    if state is None or state.is_damaged:
        _keep_bad(path, data, state, problems)
    return state


def _keep_bad(path: Path, data: bytes, state: Replayed | None, problems: list[str]) -> None:
    bad = path.with_name(path.name + ".bad")
    with contextlib.suppress(OSError):
        if path.suffix == FRESH_SUFFIX and state is None:
            path.unlink()  # the beginning of a journal that was cut short: the older one was still in its place
            return
        if state is None:
            platform.replace(path, bad)
        else:
            bad.write_bytes(data)
            bad.chmod(0o600)
        what = (state.head.title or Path(state.head.path).name) if state else "a document"
        problems.append(f"The safety copy of {what} was damaged; what could be read is restored. It is kept: {bad}")


def _repair_saves(folder: Path) -> list[str]:
    with contextlib.suppress(OSError):
        return [told for path in sorted(folder.glob(f"*{SAFETY_SUFFIX}")) if (told := atomic_save.repair(path))]
    return []


def _recover(state: Replayed) -> Recovered:
    """Compare what was typed with what is on disk now."""
    for temporary in state.temporaries:
        atomic_save.remove_temporary(Path(temporary))
    head, view, text = state.head, state.view, state.text
    if not head.path:
        return Recovered(head, view, text if text is not None else "", state.endings, None)
    chosen = "" if head.is_declared or head.has_bom else head.encoding
    try:
        content = read_content(Path(head.path), encoding=chosen, allow_huge=True)
    except DocumentError as error:
        return Recovered(head, view, text, state.endings, None, error)
    if content.signature is not None and content.signature.digest in state.saves:
        head = replace(head, signature=content.signature)  # our own save, whose end was not noted any more
    is_same = text is not None and text == content.text and content.encoding.name == head.encoding
    return Recovered(head, view, None if is_same else text, state.endings, content)


def _belongs(document: Recovered, project: str | None) -> bool:
    if document.text is not None or project is None:
        return not (document.text == "" and document.path is None)  # an empty new document is nothing to keep
    return document.head.project == project


def _without_doubles(documents: list[Recovered]) -> list[Recovered]:
    """One document per file: two windows may have had the same one open. Unsaved text is never left out."""
    seen: set[str] = set()
    kept = []
    for document in sorted(documents, key=lambda each: each.text is None):
        path = document.head.path
        if path and path in seen and document.text is None:
            continue
        seen.add(path)
        kept.append(document)
    return sorted(kept, key=lambda each: each.head.order)
