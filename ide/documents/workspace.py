"""What is remembered of a project (the open folder): its files, carets, the one in front; and what was opened lately.

Kept in the profile, never in the project. Unsaved text is not here: see journal.py. UI thread.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable
from pathlib import Path

from ide.core.events import Signal
from ide.core.ports import After, Cancel, RunInPool
from ide.core.record import dataclass, field
from ide.documents.document import Document
from ide.documents.documents import Documents
from ide.documents.journal_format import View
from ide.documents.state_file import StateFile, Values

RECENT_KEPT = 30
_FILES_KEPT = 200
_REMEMBER_AFTER_S = 0.5


@dataclass(frozen=True, slots=True)
class OpenFile:
    """One file that was open, and where the editor stood in it."""

    path: Path
    view: View = field(default_factory=View)


@dataclass(frozen=True, slots=True)
class ProjectState:
    """What was open in a project, in the order of the tabs."""

    files: tuple[OpenFile, ...] = ()
    active: Path | None = None


class Workspace:
    """The open folder, if there is one, and the lists of recent files and folders (newest first)."""

    changed = Signal()

    def __init__(self, state_folder: Path, after: After, run_in_pool: RunInPool) -> None:
        self.folder: Path | None = None
        self._state_folder = state_folder
        self._after = after
        self._run_in_pool = run_in_pool
        self._recent = StateFile(state_folder / "recent.json", run_in_pool)
        self._project: StateFile | None = None
        self._documents: Documents | None = None
        self._timer: Cancel | None = None
        self._files: dict[str, float] = {}
        self._folders: dict[str, float] = {}
        self._old_problems: list[str] = []

    @property
    def problems(self) -> tuple[str, ...]:
        """State files that could not be used or written, a sentence each, since the start."""
        now = self._project.problems if self._project else []
        return (*self._old_problems, *self._recent.problems, *now)

    @property
    def recent_files(self) -> tuple[Path, ...]:
        """Files opened lately, newest first. Whether they still exist is not asked."""
        return _newest_first(self._files)

    @property
    def recent_folders(self) -> tuple[Path, ...]:
        """Projects opened lately, newest first."""
        return _newest_first(self._folders)

    def load(self) -> None:
        """Read the recent lists."""
        values = self._recent.read()
        self._files, self._folders = _times(values.get("files")), _times(values.get("folders"))
        self.changed.emit()

    def working_folder(self, script: Path | None) -> Path:
        """Where code runs: the project, else the script's folder, else the home folder."""
        return self.folder or (script.parent if script else Path.home())

    # -- the project ----------------------------------------------------------------------------------------------

    def open_folder(self, folder: Path | None) -> ProjectState:
        """Make `folder` the project (None: no project) and give what was open in it last time."""
        self._remember_now()
        if self._project is not None:
            self._old_problems += self._project.problems
        self.folder = _absolute(folder) if folder else None
        self._project = StateFile(self._project_file(), self._run_in_pool)
        state = _project_state(self._project.read())
        if self.folder:
            self._note("folders", self._folders, self.folder)
        self.changed.emit()
        return state

    def follow(self, documents: Documents) -> None:
        """Remember these documents as the project's own from now on."""
        self._documents = documents
        for signal in (documents.opened, documents.closed):
            signal.connect(self._on_document)
        documents.reordered.connect(self._remember_soon)

    def close(self) -> None:
        """Write what is not written yet. Called before the documents are shut down."""
        self._remember_now()
        if self._documents is not None:
            self._documents.opened.disconnect(self._on_document)
            self._documents.closed.disconnect(self._on_document)
            self._documents.reordered.disconnect(self._remember_soon)
            self._documents = None
        for state in (self._recent, self._project):
            if state is not None:
                state.flush()

    def _project_file(self) -> Path:
        if self.folder is None:
            return self._state_folder / "projects" / "none.json"
        name = hashlib.blake2b(os.fsencode(os.path.normcase(self.folder)), digest_size=12).hexdigest()
        return self._state_folder / "projects" / f"{name}.json"

    def _on_document(self, document: Document) -> None:
        if document.path is not None:
            self._note("files", self._files, document.path)
        self._remember_soon()

    def _remember_soon(self) -> None:
        if self._timer is None:
            self._timer = self._after(_REMEMBER_AFTER_S, self._remember_now)

    def _remember_now(self) -> None:
        if self._timer is not None:
            self._timer()
            self._timer = None
        if self._project is None or self._documents is None:
            return
        files = [_file_values(each) for each in self._documents.all if each.path is not None][:_FILES_KEPT]
        active = self._documents.active
        fresh: Values = {
            "folder": str(self.folder or ""),
            "files": files,
            "active": str(active.path) if active and active.path else "",
        }
        self._project.change(lambda values: {**values, **fresh})

    # -- recent ---------------------------------------------------------------------------------------------------

    def forget_recent(self, path: Path) -> None:
        """Take one entry off both lists, in every window."""
        for times in (self._files, self._folders):
            times.pop(str(path), None)
        self._recent.change(lambda values: _without(values, str(path)))
        self.changed.emit()

    def clear_recent(self) -> None:
        """Empty both lists."""
        self._files, self._folders = {}, {}
        self._recent.change(lambda values: {**values, "files": [], "folders": []})
        self.changed.emit()

    def _note(self, name: str, times: dict[str, float], path: Path) -> None:
        now = time.time()
        times[str(path)] = now
        self._recent.change(lambda values: _with(values, name, str(path), now))
        self.changed.emit()


def _with(values: Values, name: str, path: str, at_s: float) -> Values:
    times = {**_times(values.get(name)), path: at_s}
    newest = sorted(times.items(), key=lambda each: each[1], reverse=True)[:RECENT_KEPT]
    return {**values, name: [{"path": path, "at_s": at} for path, at in newest]}


def _without(values: Values, path: str) -> Values:
    kept = {name: _times(values.get(name)) for name in ("files", "folders")}
    for times in kept.values():
        times.pop(path, None)
    return {**values, **{name: [{"path": p, "at_s": at} for p, at in times.items()] for name, times in kept.items()}}


def _times(entries: object) -> dict[str, float]:
    """Paths and when they were opened, of whatever the file holds."""
    found: dict[str, float] = {}
    for entry in entries if isinstance(entries, list) else []:
        match entry:
            case {"path": str(path), "at_s": int() | float() as at} if _is_path(path):
                found[path] = float(at)
    return found


def _newest_first(times: dict[str, float]) -> tuple[Path, ...]:
    return tuple(Path(path) for path in sorted(times, key=lambda path: times[path], reverse=True)[:RECENT_KEPT])


def _file_values(document: Document) -> dict[str, object]:
    view = document.view
    return {"path": str(document.path), "caret": view.caret, "anchor": view.anchor, "first_line": view.first_line}


def _project_state(values: Values) -> ProjectState:
    entries = values.get("files")
    files = tuple(_open_files(entries if isinstance(entries, list) else []))
    active = values.get("active")
    return ProjectState(files, Path(active) if isinstance(active, str) and _is_path(active) else None)


def _open_files(entries: Iterable[object]) -> Iterable[OpenFile]:
    for entry in entries:
        if isinstance(entry, dict) and isinstance(path := entry.get("path"), str) and _is_path(path):
            numbers = [entry.get(name) for name in ("caret", "anchor", "first_line")]
            view = View(*(n if isinstance(n, int) and 0 <= n < 2**31 else 0 for n in numbers))
            yield OpenFile(Path(path), view)


def _is_path(text: str) -> bool:
    """Whether the text can be a path of ours: absolute, and nothing that the system would choke on."""
    return "\0" not in text and len(text) < 4096 and os.path.isabs(text)  # noqa: PTH117  (no Path of a bad text)


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))
