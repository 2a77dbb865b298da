"""Saves, reloads and compares documents: the work in a pool thread, what it means on the UI thread.

A save never writes over a version that was not seen here, tells within 2 s when it takes long, and leaves the text
dirty and in the journal whenever it fails.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from ide.core.errors import DocumentError
from ide.core.ports import After, RunInPool
from ide.core.record import dataclass, field
from ide.documents import atomic_save, line_endings
from ide.documents import encoding as encodings
from ide.documents import journal_format as form
from ide.documents.chunks import LanguageId
from ide.documents.document import Document, Done, Failed
from ide.documents.errors import Choice, DiskChangedError, SaveFailedError
from ide.documents.journal import Journal
from ide.documents.notebook import Notebook, read_notebook
from ide.documents.reading import Content, read_content
from ide.documents.recovery import Conflict
from ide.documents.signature import Signature, digest_of

SLOW_S = 2.0
_JOURNAL_WAIT_S = 1.0


@dataclass(slots=True)
class _Order:
    """One save that was asked for while another one runs."""

    path: Path | None
    done: list[Done] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    overwrite: bool = False


class _Written(NamedTuple):
    text: str
    signature: Signature
    real_path: str


class Saver:
    """Carries out what documents ask of the disk. `tell` gets what the user should hear though nothing has failed."""

    def __init__(
        self,
        journal: Journal,
        after: After,
        run_in_pool: RunInPool,
        tell: Callable[[DocumentError], None],
        saved: Callable[[Document], None],
    ) -> None:
        self._journal = journal
        self._after = after
        self._run_in_pool = run_in_pool
        self._tell = tell
        self._saved = saved
        self._waiting: dict[str, _Order] = {}
        self._running: set[str] = set()

    @property
    def is_busy(self) -> bool:
        """Whether a save has not come back yet."""
        return bool(self._running)

    def save(
        self, document: Document, path: Path | None, done: Done, failed: Failed, *, overwrite: bool = False
    ) -> None:
        """Write `document` to `path`, or to its own file. Asked for twice, the second waits for the first."""
        if (refusal := _refusal(document, path)) is not None:
            failed(refusal)
            return
        order = _Order(path, [done], [failed], overwrite)
        if document.key in self._running:
            if waiting := self._waiting.get(document.key):
                order.done += waiting.done
                order.failed += waiting.failed
            self._waiting[document.key] = order
            return
        self._start(document, order)

    def _start(self, document: Document, order: _Order) -> None:
        path = order.path or document.path
        assert path is not None
        pieces, shape = document.pieces, document.form
        expected = None if order.path not in (None, document.path) else document.signature
        is_elsewhere = order.path is not None and order.path != document.path
        self._set_running(document, True)
        stop_watching = self._after(SLOW_S, lambda: self._tell(_slow(path)))

        def work() -> _Written:
            return _write(self._journal, document.key, path, pieces, shape, expected, order.overwrite)

        def on_done(written: _Written) -> None:
            stop_watching()
            if is_elsewhere:
                document.take_path(path, written.real_path)
            document.take_saved(written.text, shape, written.signature)
            self._saved(document)
            self._finish(document, order.done)

        def on_failed(error: Exception) -> None:
            stop_watching()
            trouble = _as_document_error(error, path, document)
            if isinstance(trouble, SaveFailedError) and trouble.signature is not None and not is_elsewhere:
                document.take_disk(trouble.signature, "same")
            if isinstance(trouble, DiskChangedError) and not is_elsewhere:
                document.take_disk(None, "newer")
            self._finish(document, [partial(tell, trouble) for tell in order.failed])

        self._run_in_pool(work, on_done, on_failed)

    def _finish(self, document: Document, answers: list[Done]) -> None:
        self._set_running(document, False)
        for answer in answers:
            answer()
        if (order := self._waiting.pop(document.key, None)) is not None:
            self._start(document, order)

    def _set_running(self, document: Document, is_running: bool) -> None:
        (self._running.add if is_running else self._running.discard)(document.key)
        document.is_saving = is_running
        document.state_changed.emit()

    # -- what is on disk ------------------------------------------------------------------------------------------

    def reload(self, document: Document, language_id: LanguageId, done: Done, failed: Failed) -> None:
        """Take the disk's text."""
        path = document.path
        if path is None:
            failed(_never_saved(document))
            return
        chosen = _chosen_encoding(document)

        def on_done(answer: tuple[Content, Notebook | None]) -> None:
            document.take_content(*answer)
            done()

        self._run_in_pool(
            lambda: read_document(path, language_id, encoding=chosen, allow_huge=True),
            on_done,
            lambda error: failed(_as_document_error(error, path, document)),
        )

    def compare(self, document: Document, done: Callable[[Conflict, str], None], failed: Failed) -> None:
        """Read the disk's text and tell the difference."""
        path, pieces = document.path, document.pieces
        if path is None:
            failed(_never_saved(document))
            return
        chosen = _chosen_encoding(document)

        def work() -> tuple[Conflict, str]:
            conflict = Conflict(path, "".join(pieces), read_content(path, encoding=chosen, allow_huge=True).text)
            return conflict, conflict.difference()

        self._run_in_pool(
            work, lambda answer: done(*answer), lambda error: failed(_as_document_error(error, path, document))
        )


def read_document(
    path: Path, language_id: LanguageId, *, encoding: str = "", allow_huge: bool = False, as_text: bool = False
) -> tuple[Content, Notebook | None]:
    """Read a file, and if it is a notebook (and not asked for `as_text`) its cells. For a pool thread."""
    content = read_content(path, encoding=encoding, allow_huge=allow_huge)
    if path.suffix.lower() != ".ipynb" or as_text:
        return content, None
    try:
        return content, read_notebook(content.text, language_id, name=path.name)
    except DocumentError as error:
        error.action_arguments.setdefault("path", str(path))
        raise


def _write(
    journal: Journal,
    key: str,
    path: Path,
    pieces: tuple[str, ...],
    shape: tuple[encodings.Encoding, line_endings.LineEndings],
    expected: Signature | None,
    overwrite: bool,
) -> _Written:
    """In a pool thread. The journal hears what will be written first: after a kill it is known as our own version."""
    text = "".join(pieces)
    data = encodings.encode(line_endings.join(text, shape[1]), shape[0], name=path.name)
    with atomic_save.only_saver(path, journal.folder.parent / "locks"):
        plan = atomic_save.plan_save(path, journal.folder)
        if not overwrite:
            atomic_save.check_unchanged(plan, expected)
        journal.note(key, form.SAVING, {"digest": digest_of(data), "temporary": str(plan.temporary)})
        journal.flush(_JOURNAL_WAIT_S)
        signature = atomic_save.save_bytes(plan, data, expected, overwrite=overwrite)
    return _Written(text, signature, str(plan.target))


def _chosen_encoding(document: Document) -> str:
    encoding, _ = document.form
    return "" if encoding.is_declared or encoding.has_bom else encoding.name


def _as_document_error(error: Exception, path: Path, document: Document) -> DocumentError:
    """Give the error what its buttons need."""
    if isinstance(error, DiskChangedError):
        return _with_choices(error, document)
    if isinstance(error, DocumentError):
        error.action_arguments.setdefault("document", document.key)
        return error
    if isinstance(error, OSError):
        return atomic_save.not_saved(path, error)
    raise error


def _with_choices(error: DiskChangedError, document: Document) -> DiskChangedError:
    key: dict[str, object] = {"document": document.key}
    choices = (
        Choice("Compare", "document.compare", key),
        Choice("Overwrite", "document.overwrite", key),
        Choice("Reload", "document.reload", key),
        Choice("Save as", "document.save_as", key),
    )
    return DiskChangedError(error.happened, error.meaning, error.advice, choices)


def _refusal(document: Document, path: Path | None) -> DocumentError | None:
    if document.is_read_only:
        return DocumentError(f"{document.title} was not saved.", "Notebooks open read-only; it is as it was on disk.")
    return _never_saved(document) if path is None and document.path is None else None


def _never_saved(document: Document) -> DocumentError:
    return DocumentError(
        f"{document.title} has no file yet.",
        "Its text is kept safe, but only for this program.",
        "Choose a name for it.",
        action="document.save_as",
        action_title="Save as",
        action_arguments={"document": document.key},
    )


def _slow(path: Path) -> DocumentError:
    return DocumentError(
        f"Saving {path.name} takes long.",
        "The drive does not answer. The text is kept safe, and you can go on typing.",
        "Wait, or save it in another folder.",
        action="document.save_as",
        action_title="Save as",
    )
