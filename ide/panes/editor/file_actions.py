"""Opening, saving and closing documents, and what the errors of `documents` offer to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QMenu

from ide.core.errors import CommandError, DocumentError, FourpaneError
from ide.core.ports import RunInPool
from ide.core.text import Place
from ide.documents import encoding as encodings
from ide.documents import line_endings
from ide.documents.document import Document
from ide.documents.documents import Documents
from ide.documents.errors import DiskChangedError
from ide.documents.recovery import Conflict
from ide.extensions.extensions import Extensions
from ide.panes.editor.desk import Desk
from ide.panes.editor.dialogs import FileDialogs
from ide.panes.editor.format_actions import FormatActions
from ide.qt.theme import Theme
from ide.widgets.choice_bar import BarChoice
from ide.widgets.notices import Notice

if TYPE_CHECKING:
    from PySide6.QtWidgets import QDialog

    from ide.widgets.diff_view import DiffView

Tell = Callable[[FourpaneError], None]
Notify = Callable[[Notice], None]
CLOSED_NOTICE = "editor.closed"


class FileActions:
    """Handlers of the commands `file.*` and `document.*`. UI thread."""

    def __init__(
        self,
        documents: Documents,
        extensions: Extensions,
        desk: Desk,
        dialogs: FileDialogs,
        tell: Tell,
        notify: Notify,
        folder: Callable[[], Path],
        formatting: FormatActions,
        formats_on_save: Callable[[], bool],
        theme: Theme,
        run_in_pool: RunInPool,
    ) -> None:
        """`folder` is where files are looked for and put first; `tell` shows errors, `notify` notices."""
        self._documents = documents
        self._extensions = extensions
        self._desk = desk
        self._dialogs = dialogs
        self._tell = tell
        self._notify = notify
        self._folder = folder
        self._formatting = formatting
        self._formats_on_save = formats_on_save
        self._theme = theme
        self._run_in_pool = run_in_pool
        self._differences: list[tuple[QDialog, DiffView]] = []
        self.opens_elsewhere: Callable[[Path], bool] = _nowhere
        """Takes a file over that is no document (data), and says whether it did."""

    def close(self) -> None:
        """Drop what is under way."""
        for dialog, view in self._differences:
            view.close_work()
            dialog.deleteLater()
        self._differences.clear()

    # --- open --------------------------------------------------------------------------------------------------------

    def new(self, language: str) -> Document:
        """A text without a file."""
        facts = self._extensions.facts(language)
        document = self._documents.new(facts.id if facts else language)
        self._desk.show_document(document)
        self._desk.focus()
        return document

    def open(self, path: str = "", line: int | None = None, column: int = 0) -> None:
        """Open a file, or ask for files where none is given."""
        paths = (Path(path),) if path else self._dialogs.ask_open(self._start_folder())
        place = Place(line, column) if line is not None else None
        for one in paths:
            self.open_path(one, place)

    def open_path(
        self,
        path: Path,
        place: Place | None = None,
        done: Callable[[Document], None] | None = None,
        *,
        encoding: str = "",
        allow_huge: bool = False,
        as_text: bool = False,
    ) -> None:
        """Open a file in the side in use and go to a place in it. Errors are told."""

        def show(document: Document) -> None:
            self._desk.show_document(document, place)
            self._desk.focus()
            if done is not None:
                done(document)

        is_plain = not (encoding or allow_huge or as_text)
        if is_plain and self._documents.at(path) is None and self.opens_elsewhere(path):
            return
        self._documents.open(path, show, self._tell, encoding=encoding, allow_huge=allow_huge, as_text=as_text)

    def show(self, document: str) -> None:
        """Bring an open document to the front."""
        self._desk.show_document(self._one(document))
        self._desk.focus()

    def open_anyway(self, path: str) -> None:
        """Open a file that is very large."""
        self.open_path(Path(path), allow_huge=True)

    def open_as_text(self, path: str) -> None:
        """Open a notebook as the text that it is."""
        self.open_path(Path(path), as_text=True)

    def open_with_encoding(self, path: str, encoding: str = "", offered: object = ()) -> None:
        """Open a file in an encoding; asks for one where none is given."""
        if encoding:
            self.open_path(Path(path), encoding=encoding)
            return
        names = [str(name) for name in offered] if isinstance(offered, list | tuple) else []
        choices = [(name, partial(self.open_with_encoding, path, name)) for name in names or encodings.OFFERED]
        self._choose(choices)

    # --- save --------------------------------------------------------------------------------------------------------

    def save(self, document: str = "", done: Callable[[], None] | None = None) -> None:
        """Save a document; one without a file asks for its name."""
        one = self._one(document)
        if one.path is None:
            self.save_as(document=document, done=done)
            return
        finished = done or _nothing
        if self._formats_on_save() and self._formatting.can_format(one):
            self._formatting.format(one, then=lambda: self._save(one, finished))
        else:
            self._save(one, finished)

    def save_as(self, path: str = "", document: str = "", done: Callable[[], None] | None = None) -> None:
        """Save under another name."""
        one = self._one(document)
        target = Path(path) if path else self._dialogs.ask_save(self._suggested(one))
        if target is None:
            return
        # The dialog has asked about a file that is there; a script names what it means.
        one.save_as(target, done or _nothing, partial(self._on_save_failed, one), overwrite=True)

    def save_all(self) -> None:
        """Save every document that has a file and unsaved text."""
        for document in self._documents.unsaved:
            if document.path is not None:
                self._save(document, _nothing)

    def save_as_utf8(self, document: str = "") -> None:
        """Save in UTF-8, which has every character."""
        one = self._one(document)
        one.set_encoding("utf-8")
        self.save(one.key)

    def overwrite(self, document: str = "") -> None:
        """Save over a newer version on disk: the user has chosen."""
        one = self._one(document)
        one.save(_nothing, partial(self._on_save_failed, one), overwrite=True)

    def _save(self, document: Document, done: Callable[[], None]) -> None:
        document.save(done, partial(self._on_save_failed, document))

    def _on_save_failed(self, document: Document, error: DocumentError) -> None:
        page = self._desk.page_of(document)
        if isinstance(error, DiskChangedError) and page is not None:
            choices = tuple(
                BarChoice(choice.title, choice.command, tuple(choice.arguments.items())) for choice in error.choices
            )
            page.tell_choice(error.text, choices)
        else:
            self._tell(error)

    # --- close -------------------------------------------------------------------------------------------------------

    def close_document(self, document: str = "") -> None:
        """Close a tab without a question: text that is in no file is kept and can be brought back."""
        one = self._one(document)
        page = self._desk.page_of(one)
        if page is not None:
            page.note_view()
        keeps = one.is_dirty and len(one) > 0
        self._documents.close(one)
        if keeps:
            self._notify(
                Notice(
                    f"{one.title} was closed with unsaved text. The text is kept.",
                    action="file.reopen_closed",
                    action_title="Open it again",
                    key=CLOSED_NOTICE,
                )
            )

    def close_all(self) -> None:
        """Close every tab."""
        for document in self._documents.all:
            self.close_document(document.key)

    def reopen_closed(self) -> None:
        """Bring back the document that was closed last with unsaved text."""

        def done(document: Document | None) -> None:
            if document is None:
                self._tell(CommandError("No closed document has unsaved text."))
                return
            self._desk.show_document(document)
            self._desk.focus()

        self._documents.reopen_closed(done)

    # --- disk --------------------------------------------------------------------------------------------------------

    def reload(self, document: str = "") -> None:
        """Take the text that is on disk. It is one step that can be undone."""
        self._one(document).reload(_nothing, self._tell)

    def compare(self, document: str = "") -> None:
        """Show the text beside that on disk."""
        one = self._one(document)
        one.compare(lambda conflict, _difference: self.show_conflict(one, conflict), self._tell)

    def show_conflict(self, document: Document, conflict: Conflict) -> None:
        """Show two texts of a document in a window of their own."""
        from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout

        from ide.widgets.diff_view import DiffView

        dialog = QDialog(self._desk.window())
        dialog.setWindowTitle(f"Difference: {document.title}")
        view = DiffView(self._theme, self._run_in_pool)
        buttons = QDialogButtonBox()
        role = QDialogButtonBox.ButtonRole
        reload_button = buttons.addButton("Reload from disk", role.ActionRole)
        keep_button = buttons.addButton("Keep this text", role.RejectRole)
        reload_button.clicked.connect(partial(self.reload, document.key))
        reload_button.clicked.connect(dialog.accept)
        keep_button.clicked.connect(dialog.reject)
        column = QVBoxLayout(dialog)
        column.addWidget(view, 1)
        column.addWidget(buttons)
        dialog.resize(self._theme.px(960), self._theme.px(640))
        view.compare(conflict.theirs, conflict.ours, f"{document.title} on disk", f"{document.title} here")
        self._differences.append((dialog, view))
        dialog.finished.connect(partial(self._on_difference_closed, dialog))
        dialog.show()

    def _on_difference_closed(self, dialog: QDialog, _result: int) -> None:
        for pair in [pair for pair in self._differences if pair[0] is dialog]:
            pair[1].close_work()
            self._differences.remove(pair)
        dialog.deleteLater()

    # --- form --------------------------------------------------------------------------------------------------------

    def choose_encoding(self, encoding: str = "", document: str = "") -> None:
        """Write the file in another encoding from the next save on; asks where none is given."""
        one = self._one(document)
        if encoding:
            one.set_encoding(encoding)
            return
        self._choose([(name.upper(), partial(one.set_encoding, name)) for name in encodings.OFFERED])

    def choose_line_ending(self, ending: str = "", document: str = "") -> None:
        """Give every line another ending ("LF", "CRLF", "CR"); asks where none is given."""
        one = self._one(document)
        by_name = {name: mark for mark, name in line_endings.NAMES.items()}
        if ending:
            one.set_line_ending(by_name[ending])
            return
        self._choose([(name, partial(one.set_line_ending, mark)) for name, mark in by_name.items()])

    def choose_language(self, language: str = "", document: str = "") -> None:
        """Treat the text as another language; asks where none is given."""
        one = self._one(document)
        if language:
            one.set_language(language)
            return
        self._choose([(facts.name, partial(one.set_language, facts.id)) for facts in self._extensions.languages()])

    # --- parts -------------------------------------------------------------------------------------------------------

    def _one(self, key: str) -> Document:
        document = self._documents.get(key) if key else self._desk.document
        if document is None:
            raise CommandError("No document is open.", "", "Open a file first.")
        return document

    def _start_folder(self) -> Path:
        document = self._desk.document
        return document.path.parent if document is not None and document.path is not None else self._folder()

    def _suggested(self, document: Document) -> Path:
        if document.path is not None:
            return document.path
        language = self._extensions.language(document.language) if document.language else None
        suffix = language.suffixes[0] if language is not None and language.suffixes else ".txt"
        name = document.title if Path(document.title).suffix else document.title + suffix
        return self._folder() / name

    def _choose(self, choices: Sequence[tuple[str, Callable[[], object]]]) -> None:
        menu = QMenu(self._desk)
        for title, chosen in choices:
            menu.addAction(title).triggered.connect(lambda _checked=False, chosen=chosen: chosen())
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(QCursor.pos())


def _nothing() -> None:
    return None


def _nowhere(_path: Path) -> bool:
    return False
