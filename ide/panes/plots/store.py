"""Keeps plots on disk, one file each, and finds them again at the next start. Owns the folder and one thread.

All reading and writing happens in that thread, in the order in which it was asked for. Each window has a folder of its
own under that of its project; what a window that is gone has left is taken over by the next one (`documents.owner`).
"""

from __future__ import annotations

import contextlib
import json
import logging
import queue
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from ide.core.events import Signal
from ide.core.ports import Post
from ide.core.record import replace
from ide.core.runs import CodeSource
from ide.documents.owner import HEARTBEAT_S, WindowFolder, folders_within
from ide.panes.plots.plot import (
    DELETED_SUFFIX,
    PICTURE_TYPES,
    Picture,
    Plot,
    file_bytes,
    read_head,
)

SUFFIX: Final = ".plot"
CLOSE_TIMEOUT_S: Final = 3.0
_PLAIN: Final = (
    "id", "mime", "session", "run", "code", "at_s", "display_id", "version", "order", "session_name", "language",
    "figure", "draw_ms", "width_px", "height_px", "dpi", "is_sized", "problem", "note", "is_heavy", "is_pinned", "alt",
)  # fmt: skip

_log = logging.getLogger(__name__)


class PlotStore:
    """The plots of one window on disk. UI thread; every call returns at once. `failed` tells once of what is wrong."""

    failed = Signal(OSError)

    def __init__(self, folder: Path, post: Post) -> None:
        """`folder` is that of the project; windows have folders of their own in it."""
        self._folder = folder
        self._post = post
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._window: WindowFolder | None = None
        self._has_failed = False
        self._thread = threading.Thread(target=self._work, name="plots-store", daemon=True)
        self._thread.start()

    def load(self, most: int, most_bytes: int, done: Callable[[Sequence[Plot]], None]) -> None:
        """What earlier windows left, oldest first, within the bounds; pinned ones always. `done` on the UI thread."""

        def work() -> None:
            plots: list[Plot] = []
            try:
                plots = self._take_over(most, most_bytes)
            finally:
                self._post(lambda: done(plots))

        self._jobs.put(work)

    def keep(self, plot: Plot) -> None:
        """Write a plot; one of that number is replaced. Its picture leaves the memory when it is on disk."""
        self._jobs.put(lambda: self._write(plot))

    def discard(self, plot: Plot) -> None:
        """Take a plot away in a way that can be undone."""
        self._jobs.put(lambda: self._rename(plot, to_deleted=True))

    def bring_back(self, plot: Plot) -> None:
        """Undo `discard`."""
        self._jobs.put(lambda: self._rename(plot, to_deleted=False))

    def forget(self, plots: Iterable[Plot]) -> None:
        """Remove plots for good."""
        gone = tuple(plots)
        self._jobs.put(lambda: self._remove(gone))

    def close(self) -> None:
        """Write what is still to be written, and leave the folder to the next window."""
        self._jobs.put(None)
        self._thread.join(CLOSE_TIMEOUT_S)
        if self._thread.is_alive():
            _log.warning("plots were not written in %.1f s", CLOSE_TIMEOUT_S)

    # --- in the store's thread

    def _work(self) -> None:
        while True:
            try:
                job = self._jobs.get(timeout=HEARTBEAT_S)
            except queue.Empty:
                if self._window is not None:
                    self._window.beat()
                continue
            if job is None:
                break
            try:
                job()
            except OSError as error:
                self._tell(error)
            del job
        if self._window is not None:
            self._sweep_deleted()
            self._window.leave()
            self._window.remove()

    def _tell(self, error: OSError) -> None:
        _log.info("a plot is not on disk: %s", error)
        if not self._has_failed:
            self._has_failed = True
            self._post(lambda: self.failed.emit(error))

    @property
    def _place(self) -> Path:
        if self._window is None:
            self._folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._window = WindowFolder(self._folder)
        return self._window.path

    def _file(self, id: int) -> Path:
        return self._place / f"{id:08}{SUFFIX}"

    def _write(self, plot: Plot) -> None:
        file = self._file(plot.id)
        part = file.with_suffix(".part")
        head = json.dumps(_values(plot)).encode()
        try:
            body = plot.picture.read()
            part.write_bytes(file_bytes(head, body, plot.mime))
            part.replace(file)
        except OSError:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
            raise
        plot.picture.move_to(file)

    def _rename(self, plot: Plot, *, to_deleted: bool) -> None:
        file = self._file(plot.id)
        deleted = file.with_suffix(DELETED_SUFFIX)
        one, other = (file, deleted) if to_deleted else (deleted, file)
        with contextlib.suppress(FileNotFoundError):  # it could not be written before
            one.replace(other)

    def _remove(self, plots: Sequence[Plot]) -> None:
        for plot in plots:
            for suffix in (SUFFIX, DELETED_SUFFIX):
                self._file(plot.id).with_suffix(suffix).unlink(missing_ok=True)

    def _sweep_deleted(self) -> None:
        with contextlib.suppress(OSError):
            for file in self._place.glob(f"*{DELETED_SUFFIX}"):
                file.unlink(missing_ok=True)

    def _take_over(self, most: int, most_bytes: int) -> list[Plot]:
        place = self._place
        assert self._window is not None
        plots: list[tuple[Plot, Path]] = []
        codes: dict[str, str] = {}
        adopted = self._window.adopt().folders
        for folder in (inner for each in adopted for inner in folders_within(each)):
            for file in sorted(folder.glob(f"*{SUFFIX}")):
                plot = _read(file, codes)
                if plot is not None:
                    plots.append((plot, file))
        plots.sort(key=lambda each: (each[0].at_s, each[0].id))
        kept = _within(plots, most, most_bytes)
        numbers = [plot.id for plot, _file in kept]
        if len(set(numbers)) < len(numbers):  # of several windows
            kept = [(replace(plot, id=number), file) for number, (plot, file) in enumerate(kept, start=1)]
        taken = []
        for plot, file in kept:
            new = place / f"{plot.id:08}{SUFFIX}"
            with contextlib.suppress(OSError):
                file.replace(new)
                plot.picture.move_to(new)
                taken.append(plot)
        for folder in adopted:
            _remove_folder(folder)
        return taken


def _values(plot: Plot) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(plot, name) for name in _PLAIN}
    source = plot.source
    if source is not None:
        path = str(source.path) if source.path is not None else None
        values["source"] = [source.document, path, source.line, source.title]
    return values


def _read(file: Path, codes: dict[str, str]) -> Plot | None:
    """The plot in a file; None for a damaged one, which is left out. Plots of one run share their code."""
    try:
        head, size_bytes = read_head(file)
        values = json.loads(head)
        plain = {name: values[name] for name in _PLAIN if name in values}
        code = str(plain["code"])
        plain["code"] = codes.setdefault(code, code)
        source = None
        if "source" in values:
            document, path, line, title = values["source"]
            source = CodeSource(str(document), Path(path) if path is not None else None, int(line), str(title))
        if plain["mime"] not in PICTURE_TYPES:
            return None
        return Plot(picture=Picture(None, size_bytes, file), source=source, **plain)
    except (OSError, ValueError, KeyError, TypeError) as error:
        _log.info("a plot is left out: %s", error)
        return None


def _within(plots: list[tuple[Plot, Path]], most: int, most_bytes: int) -> list[tuple[Plot, Path]]:
    """The newest within the bounds, and all that are pinned, in their order."""
    kept = []
    size_bytes = 0
    for count, (plot, file) in enumerate(reversed(plots), start=1):
        size_bytes += plot.picture.size_bytes
        if plot.is_pinned or (count <= most and size_bytes <= most_bytes):
            kept.append((plot, file))
    return kept[::-1]


def _remove_folder(folder: Path) -> None:
    """What is left of a window that is gone: files of ours only, then the folder where it is empty."""
    with contextlib.suppress(OSError):
        for file in folder.iterdir():
            if file.suffix in (SUFFIX, DELETED_SUFFIX, ".part", ".json"):
                file.unlink(missing_ok=True)
        folder.rmdir()
