"""Ties tables to the rest of the program: opens them from variables, from the user's code and from data files.

Owns the process that reads files and which openings are under way; pages belong to `ide.panes.tables.pane`. Nothing of
the viewer's pages is imported before the first table is opened.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from PySide6.QtWidgets import QFileDialog, QWidget

from ide.commands.registry import Commands
from ide.core.errors import CommandError, FourpaneError
from ide.core.language import Language
from ide.core.ports import After, Cancel, Post, RunInPool
from ide.core.table import TableError, TableSource
from ide.documents.documents import Documents
from ide.extensions.extensions import Extensions
from ide.kernels.active import ActiveSession
from ide.kernels.kernels import Kernels
from ide.kernels.session import Session
from ide.panes.editor.pane import EditorPane
from ide.panes.tables.commands import add_commands
from ide.panes.tables.words import Origin
from ide.qt.actions import Actions
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.tables.files.options import PACKED_SUFFIXES, SUFFIXES
from ide.tables.files.process import remove_leftovers
from ide.tables.files.source import DataFiles, FileTableSource
from ide.widgets.notices import Notice

if TYPE_CHECKING:
    from ide.kernels.contract import FrameFinding
    from ide.kernels.table_source import KernelTableSource
    from ide.panes.tables.model import TableModel
    from ide.panes.tables.page import TablePage
    from ide.panes.tables.pane import TablesPane

ASK_ABOVE_BYTES: Final = 50_000_000
FILE_KEY: Final = "table-file:"
_TEXT_FIRST: Final = (".txt", ".dat")
"""May hold anything: they open in the editor."""
_PEEK_BYTES: Final = 4_096
# Imported ahead, one for each turn of the event loop, so that the first table opens without a pause. Not in the pool: a
# module that defines Qt classes must not be imported beside a UI thread that uses Qt, and plain ones are quick.
_MODULES: Final = (
    "ide.tables.page_cache", "ide.tables.filter_values", "ide.tables.filters", "ide.tables.pager",
    "ide.tables.selection", "ide.tables.cell_text", "ide.tables.copy", "ide.tables.export", "ide.kernels.contract",
    "ide.kernels.table_source", "ide.widgets.grid_columns", "ide.widgets.grid_frame", "ide.widgets.grid_text",
    "ide.widgets.grid_cells", "ide.widgets.grid_heat", "ide.widgets.grid_spark", "ide.widgets.grid_header",
    "ide.widgets.grid_paint", "ide.widgets.grid_edit", "ide.widgets.grid_tips", "ide.widgets.grid_mouse",
    "ide.widgets.grid_choosing", "ide.widgets.grid_fitting", "ide.widgets.grid", "ide.widgets.flow_layout",
    "ide.panes.tables.model", "ide.panes.tables.bars", "ide.panes.tables.find_bar", "ide.panes.tables.slice_bar",
    "ide.panes.tables.code_sheet", "ide.panes.tables.audit", "ide.panes.tables.page", "ide.panes.tables.export_dialog",
    "ide.panes.tables.pane",
)  # fmt: skip


class NoTableError(CommandError):
    """A file that could be a table by its name is none."""


class Answers(Protocol):
    """Who waits for a table, once."""

    def __call__(self, page: TablePage | None, error: FourpaneError | None, /) -> None: ...


def is_data_file(path: Path) -> bool:
    """Whether the viewer opens such a file, by its name. JSON may still be text for the editor: see `Tables`."""
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    if suffixes and suffixes[-1] in PACKED_SUFFIXES:
        suffixes.pop()
    return bool(suffixes) and suffixes[-1] in SUFFIXES and suffixes[-1] not in _TEXT_FIRST


class Tables:
    """UI thread. `close` ends pages and the process that reads files."""

    def __init__(
        self, editor: EditorPane, documents: Documents, kernels: Kernels, active: ActiveSession,
        extensions: Extensions, commands: Commands, actions: Actions, theme: Theme, icons: Icons, post: Post,
        after: After, run_in_pool: RunInPool, *, tell: Callable[[FourpaneError], None],
        notify: Callable[[Notice], None], folder: Callable[[], Path], temp_folder: Path,
        selected: Callable[[], tuple[str, ...]], window: Callable[[], QWidget],
    ) -> None:  # fmt: skip
        self._editor, self._documents, self._kernels, self._active = editor, documents, kernels, active
        self._extensions, self._commands, self._actions = extensions, commands, actions
        self._theme, self._icons = theme, icons
        self._post, self._after, self._run_in_pool = post, after, run_in_pool
        self._tell, self._notify, self._folder = tell, notify, folder
        self._selected, self._window, self._temp_folder = selected, window, temp_folder
        self._files: DataFiles | None = None
        self._opening: dict[str, tuple[Cancel, list[Answers]]] = {}
        self._is_closed = False
        self._shows: dict[str, Callable[[str, dict[str, Any]], None]] = {}
        add_commands(commands, _Handlers(self).all())
        editor.document_shown.connect(self._on_shown)
        kernels.session_added.connect(self._on_session_added)
        for session in kernels.sessions:
            self._on_session_added(session)

    def close(self) -> None:
        """End everything."""
        if self._is_closed:
            return
        self._is_closed = True
        self._editor.document_shown.disconnect(self._on_shown)
        self._kernels.session_added.disconnect(self._on_session_added)
        for session in self._kernels.sessions:
            listener = self._shows.pop(session.id, None)
            if listener is not None:
                session.agent_event.disconnect(listener)
        for cancel, _answers in self._opening.values():
            cancel()
        self._opening.clear()
        if "pane" in self.__dict__:
            self.pane.close()
        if self._files is not None:
            self._files.close()

    def warm(self, at: int = 0) -> None:
        """Import what the first table needs, bit by bit, and remove what a killed window left on the disk."""
        if not at and not self._is_closed:
            self._run_in_pool(lambda: remove_leftovers(self._temp_folder), _ignore, _ignore)
        if not self._is_closed and at < len(_MODULES):
            importlib.import_module(_MODULES[at])
            self._after(0.0, lambda: self.warm(at + 1))

    @cached_property
    def pane(self) -> TablesPane:
        """The viewer, made when it is first needed."""
        from ide.panes.tables.pane import TablesPane, TablesServices

        services = TablesServices(
            self._after, self._tell, self._notify, self.write_code, self._insert_code, self._open_text,
            lambda: self.files.process, self._folder, self._on_edited,
        )  # fmt: skip
        return TablesPane(self._editor, services, self._commands, self._actions, self._theme, self._icons)

    @property
    def files(self) -> DataFiles:
        """What reads data files; its process starts with the first one."""
        if self._files is None:
            self._files = DataFiles(self._post, self._after, temp_folder=self._temp_folder)
        return self._files

    # ---- objects of sessions

    def open(
        self, name: str = "", session: str = "", path: Sequence[str] | None = None, done: Answers | None = None, *,
        finding: FrameFinding | None = None, is_audited: bool = False,
    ) -> None:  # fmt: skip
        """Open a variable, or a part of one by its path; the selected variable where none is named.

        Then show the rows of a finding, or what is suspicious in the frame.
        """
        if finding is not None or is_audited:
            done = partial(self._show_in_page, finding, is_audited)
        words = tuple(path or ((name,) if name else self._selected()))
        if not words:
            raise CommandError("No variable is selected.", "", "Select a data frame in Variables first.")
        one = self._session(session)
        origin = self._origin_of(one, words)
        if self._join(origin.key, done):
            return

        def opened(source: KernelTableSource) -> None:
            self._opened(source, origin)

        def failed(error: TableError) -> None:
            self._failed(origin.key, _not_opened(origin.name, error))

        from ide.kernels.table_source import KernelTableSource

        self._begin(origin.key, done, partial(KernelTableSource.open_table, one, words, opened, failed))

    def _show_in_page(
        self, finding: FrameFinding | None, is_audited: bool, page: TablePage | None, error: FourpaneError | None
    ) -> None:
        if error is not None:
            self._tell(error)
        if page is not None and finding is not None:
            from ide.panes.tables.audit import shown_words

            page.show_finding(finding)
            page.tell(shown_words(finding))
        if page is not None and is_audited:
            page.show_audit()

    def _session(self, id: str) -> Session:
        wanted = id or (self._active.session.id if self._active.session is not None else "")
        found = next((one for one in self._kernels.sessions if one.id == wanted), None)
        if found is None:
            raise CommandError("No session is running.", "Tables of variables live in one.", "Start one first.")
        return found

    def _origin_of(self, session: Session, path: tuple[str, ...]) -> Origin:
        facts = self._extensions.facts(session.language)
        language = self._extensions.language(session.language)
        version = session.launch.environment.version
        place = " ".join(word for word in (facts.name if facts is not None else session.language, version) if word)
        same = [one for one in self._kernels.sessions if one.language == session.language]
        if len(same) > 1:
            place = f"{place} ({session.name})"
        return Origin(
            key="\x1f".join(("table", session.id, *path)),
            name="".join((path[0], *(f"[{part}]" for part in path[1:]))),
            place=place,
            badge=language.badge if language is not None else session.language[:2],
            badge_role=language.badge_role if language is not None else "badge_other",
            session=session.id,
            moment=lambda: f"In [{session.execution_count}]" if session.execution_count else "",
        )

    def _on_session_added(self, session: Session) -> None:
        def listen(event: str, params: dict[str, Any]) -> None:
            if event == "table.show":
                shown = [str(word) for word in params.get("path", ())]
                self._commands.run("table.open", path=shown, session=session.id)

        self._shows[session.id] = listen
        session.agent_event.connect(listen)

    def on_variable_opened(self, name: str) -> None:
        """A double click in Variables."""
        session = self._active.session
        variable = session.names.variables.get(name) if session is not None else None
        if variable is not None and variable.kind == "data":
            self._commands.run("table.open", name=name)

    # ---- files

    def opens(self, path: Path) -> bool:
        """Take a data file over from the editor; False where it is none."""
        if self._is_closed or not is_data_file(path):
            return False
        self._commands.run("table.open_file", path=str(path))
        return True

    def open_file(self, path: str = "", allow_huge: bool = False, part: str = "", done: Answers | None = None) -> None:
        """Open a data file, or ask for one. A very large one is asked about first."""
        if not path:
            patterns = " ".join(f"*{suffix}" for suffix in SUFFIXES)
            names, _ = QFileDialog.getOpenFileNames(
                self._window(), "Open data file", str(self._folder()), f"Data files ({patterns});;All files (*)"
            )
            for name in names:
                self.open_file(name)
            return
        file = Path(path).absolute()
        key = f"{FILE_KEY}{file}" + (f"\x1f{part}" if part else "")
        if self._join(key, done):
            return

        def looked(found: tuple[int, bytes]) -> None:
            self._on_looked(file, key, part, found, allow_huge=allow_huge)

        def failed(error: Exception) -> None:
            message = str(error.strerror) if isinstance(error, OSError) and error.strerror else str(error)
            self._failed(key, TableError(f"{file.name} could not be opened.", message))

        self._begin(key, done, lambda: self._run_in_pool(lambda: _look(file), looked, failed))

    def _on_looked(self, path: Path, key: str, part: str, found: tuple[int, bytes], *, allow_huge: bool) -> None:
        size, beginning = found
        if path.suffix.lower() == ".json" and not beginning.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
            self._settle(key, None, NoTableError(f"{path.name} is no table.", "It is opened as text."))
            self._open_text(path)
            return
        if size > ASK_ABOVE_BYTES and not allow_huge:
            error = TableError(
                f"{path.name} is large: {size / 1e6:,.0f} MB.",
                "It can be opened; counting, sorting and filtering it may take a while.",
                action="table.open_file",
                action_title="Open it",
                action_arguments={"path": str(path), "allow_huge": True, "part": part},
            )
            self._failed(key, error)
            return
        from ide.tables.files.options import FileOptions

        origin = Origin(key, path.name, path.parent.name, tooltip=str(path), path=str(path))

        def opened(source: FileTableSource) -> None:
            self._opened(source, origin)
            self.files.parts(path, partial(self._on_parts, key, path), _ignore)

        def failed(error: TableError) -> None:
            self._failed(key, _not_opened(path.name, error))

        _cancel, answers = self._opening[key]
        self._opening[key] = (self.files.open_file(path, FileOptions(part=part), opened, failed), answers)

    def _on_parts(self, key: str, path: Path, parts: Sequence[Any]) -> None:
        page = self.pane.pages.get(key)
        if page is not None and len(parts) > 1 and isinstance(page.model.source, FileTableSource):
            page.set_parts(
                [part.name for part in parts],
                page.model.source.options.part,
                lambda name: self._commands.run("table.open_file", path=str(path), part=name, allow_huge=True),
            )

    def _open_text(self, path: Path) -> None:
        self._editor.files.open_path(path, as_text=True)

    # ---- openings under way

    def _join(self, key: str, done: Answers | None) -> bool:
        """Whether the table is there or on its way already."""
        if key in self._opening:
            if done is not None:
                self._opening[key][1].append(done)
            return True
        if "pane" in self.__dict__ and self.pane.show_again(key):
            if done is not None:
                page = self.pane.pages[key]
                self._post(lambda: done(page, None))
            return True
        return False

    def _begin(self, key: str, done: Answers | None, start: Callable[[], Cancel]) -> None:
        self._opening[key] = (_nothing, [] if done is None else [done])
        cancel = start()
        if key in self._opening:
            self._opening[key] = (cancel, self._opening[key][1])

    def _opened(self, source: TableSource, origin: Origin) -> None:
        if self._is_closed:
            source.close()
            return
        self._settle(origin.key, self.pane.show(source, origin), None)

    def _failed(self, key: str, error: FourpaneError) -> None:
        if not self._settle(key, None, error):
            self._tell(error)

    def _settle(self, key: str, page: TablePage | None, error: FourpaneError | None) -> bool:
        """Answer those who wait; whether somebody did."""
        _cancel, answers = self._opening.pop(key, (_nothing, []))
        for done in answers:
            done(page, error)
        return bool(answers)

    # ---- code

    def write_code(self, model: TableModel, dialect: str) -> str:
        """Code for the rows that a table shows. Raises FourpaneError with what is said instead."""
        from ide.core.view_code import ViewCodeError
        from ide.tables.view_code import view_code

        pager = model.pager
        extra: dict[str, Any] = {}
        if isinstance(model.source, FileTableSource):
            options = model.source.options
            extra = {"path": str(model.source.path), "file_format": options.format, "options": asdict(options)}
        problem: FourpaneError | None = None
        for language in self._languages_of(model):
            try:
                return view_code(
                    pager.info, model.columns.values(), pager.shown_spec, dialect, language,
                    problems=pager.problems, **extra,
                )  # fmt: skip
            except ViewCodeError as error:
                problem = problem or error
        raise problem or ViewCodeError("No code can be written for this table.")

    def _languages_of(self, model: TableModel) -> Iterable[Language]:
        """That of its session first; a file has none, so all are asked."""
        session = next((one for one in self._kernels.sessions if one.id == model.origin.session), None)
        ids = [session.language] if session is not None else [facts.id for facts in self._extensions.languages()]
        for id in ids:
            language = self._extensions.language(id)
            if language is not None:
                yield language

    def _insert_code(self, code: str) -> None:
        if not self._editor.insert_code(code):
            session = self._active.session
            document = self._documents.new(session.language if session is not None else "", text=code + "\n")
            self._editor.show(document)
            self._editor.focus()

    def _on_edited(self, model: TableModel) -> None:
        session = next((one for one in self._kernels.sessions if one.id == model.origin.session), None)
        if session is not None:
            session.refresh_names()

    def _on_shown(self, _document: object) -> None:
        if "pane" in self.__dict__:
            self.pane.follow()


class _Handlers:
    """What the commands do. Those of pages are looked up in the viewer when they run: it is made by then."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def all(self) -> dict[str, Callable[..., object]]:
        from ide.panes.tables.commands import COMMANDS

        found: dict[str, Callable[..., object]] = {one.id: partial(self._run, one.id) for one in COMMANDS}
        found["table.open"] = self._tables.open
        found["table.open_file"] = self._tables.open_file
        return found

    def _run(self, id: str, /, **arguments: object) -> object:
        return self._tables.pane.handlers()[id](**arguments)


def _look(path: Path) -> tuple[int, bytes]:
    """Size and first bytes. A folder (a partitioned data set) has none."""
    size = path.stat().st_size
    if path.is_dir():
        return 0, b""
    with path.open("rb") as stream:
        return size, stream.read(_PEEK_BYTES)


def _not_opened(name: str, error: TableError) -> TableError:
    return TableError(f"“{name}” could not be opened as a table.", error.happened, error.advice or error.meaning)


def _nothing() -> None:
    return None


def _ignore(_error: object) -> None:
    """The table is shown without it."""
