"""The data viewer as a whole: its pages in the editor's tabs, its commands, and what these are told of the page in use.

Owns the pages; whoever opens a table gives its source (`show`). The pane itself has no frame: pages are guests.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtWidgets import QWidget

from ide.commands.registry import Commands
from ide.core.errors import CommandError, FourpaneError
from ide.core.events import SignalInstance
from ide.core.ports import After
from ide.core.record import dataclass
from ide.core.table import Progress, TableError, TableSource
from ide.panes.tables import commands as names
from ide.panes.tables.audit import can_audit
from ide.panes.tables.export_dialog import ExportDialog, ExportWish
from ide.panes.tables.model import TableModel
from ide.panes.tables.page import PageServices, TablePage
from ide.panes.tables.words import Origin, counted
from ide.qt.actions import Actions
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.tables import copy as copying
from ide.tables.export import ExportOptions, ExportResult, export
from ide.tables.files.process import FileProcess
from ide.widgets.guest import GuestPage
from ide.widgets.notices import Notice


class Host(Protocol):
    """Where pages are shown: the editor pane."""

    document_shown: SignalInstance
    guest_closed: SignalInstance

    @property
    def front_guest(self) -> GuestPage | None: ...
    def show_guest(self, guest: GuestPage) -> None: ...
    def remove_guest(self, key: str) -> None: ...
    def focus(self) -> None: ...


@dataclass(frozen=True, slots=True)
class TablesServices:
    """What the viewer asks of the rest of the program. All on the UI thread.

    `write_code` gives the code for a model's view in a dialect or raises FourpaneError. `insert_code` puts code into
    the script used last. `writer` is the process that writes files. `open_text` opens a file in the editor.
    """

    after: After
    tell: Callable[[FourpaneError], None]
    notify: Callable[[Notice], None]
    write_code: Callable[[TableModel, str], str]
    insert_code: Callable[[str], None]
    open_text: Callable[[Path], None]
    writer: Callable[[], FileProcess]
    folder: Callable[[], Path]
    edited: Callable[[TableModel], None]


class TablesPane:
    """UI thread. `close` ends every page that is still there."""

    def __init__(
        self, host: Host, services: TablesServices, commands: Commands, actions: Actions, theme: Theme, icons: Icons
    ) -> None:
        self._host = host
        self._services = services
        self._commands = commands
        self._actions = actions
        self._theme = theme
        self._icons = icons
        self.pages: dict[str, TablePage] = {}
        host.document_shown.connect(self._on_shown)
        host.guest_closed.connect(self._on_closed)

    def close(self) -> None:
        """End the pages; their widgets go with the editor."""
        self._host.document_shown.disconnect(self._on_shown)
        self._host.guest_closed.disconnect(self._on_closed)
        for page in self.pages.values():
            page.close_page()
        self.pages.clear()

    # ---- pages

    @property
    def page(self) -> TablePage | None:
        """The page in front."""
        guest = self._host.front_guest
        return guest if isinstance(guest, TablePage) else None

    def show(self, source: TableSource, origin: Origin) -> TablePage:
        """A page for a table; one that is gone and has the same key makes room. The page owns the source."""
        before = self.pages.get(origin.key)
        if before is not None:
            self._host.remove_guest(origin.key)
        model = TableModel(source, self._services.after, origin)
        services = PageServices(self._services.after, self._services.tell, self._services.insert_code)
        page = TablePage(model, services, self._actions, self._theme, self._icons)
        if self.pages:
            page.side_px = next(reversed(self.pages.values())).side_px
        page.looked_at.connect(self.follow)
        model.edited.connect(partial(self._on_edited, model))
        self.pages[origin.key] = page
        self._host.show_guest(page)
        self._host.focus()
        self.follow()
        return page

    def show_again(self, key: str) -> bool:
        """Bring an open table to the front; False where it is not open, or gone."""
        page = self.pages.get(key)
        if page is None or page.model.pager.is_gone:
            return False
        self._host.show_guest(page)
        self._host.focus()
        return True

    def _on_edited(self, model: TableModel, _edit: object) -> None:
        self._services.edited(model)

    def _on_shown(self, _document: object) -> None:
        self.follow()

    def _on_closed(self, key: str) -> None:
        page = self.pages.pop(key, None)
        if page is not None:
            page.close_page()
        self.follow()

    def follow(self) -> None:
        """Tell the commands what the page in front can do now."""
        put = self._commands.context.set
        page = self.page
        put(names.IS_SHOWN, page is not None)
        current = page.grid.current if page is not None else None
        put(names.HAS_CELL, current is not None)
        column = page.model.pager.column(current[1]) if page is not None and current is not None else None
        features = page.model.pager.info.features if page is not None else frozenset[str]()
        is_live = page is not None and not page.model.pager.is_gone
        put(names.CAN_SORT, is_live and column is not None and column.can_sort and "sort" in features)
        put(names.CAN_FILTER, is_live and column is not None and column.can_filter and "filter" in features)
        put(names.HAS_VIEW, page is not None and not page.model.pager.spec.is_plain)
        put(names.HAS_HIDDEN, page is not None and bool(page.grid.columns.hidden))
        put(names.IS_PINNED, page is not None and column is not None and column.index in page.grid.columns.pinned)
        put(names.CAN_HEAT, column is not None and column.kind == "number" and "profile" in features)
        has_heat = page is not None and column is not None and page.grid.heat_kind(column.index) is not None
        put(names.HAS_HEAT, has_heat)
        put(names.CAN_FIND, is_live and "find" in features)
        put(names.CAN_EDIT, is_live and column is not None and column.can_edit)
        put(names.CAN_UNDO, is_live and page is not None and bool(page.model.edits))
        put(names.CAN_CODE, page is not None and bool(page.model.pager.info.dialects))
        put(names.IS_COMPACT, page is not None and page.is_compact)
        put(names.CAN_SUMMARISE, page is not None and "profile" in features)
        put(names.HAS_SUMMARIES, page is not None and page.side_name == "summaries")
        put(names.CAN_SHOW_MISSING, page is not None and "missing" in features)
        put(names.HAS_MISSING, page is not None and page.side_name == "missing")
        put(names.CAN_AUDIT, page is not None and can_audit(page.model))
        put(names.HAS_AUDIT, page is not None and page.side_name == "audit")
        put(names.IS_FILE, page is not None and Path(page.model.origin.path).suffix.lower() in TEXT_SUFFIXES)

    # ---- commands

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What each command does; those that open tables are the program's."""
        forms: dict[str, copying.Form] = {"csv": "csv", "markdown": "markdown", "python": "python", "r": "r"}
        copies = {f"table.copy_as_{word}": partial(self.copy_as, form) for word, form in forms.items()}
        on = self._on_page
        return {
            **copies,
            "table.open_as_text": self.open_as_text,
            "table.sort_ascending": partial(self.sort, is_descending=False),
            "table.sort_descending": partial(self.sort, is_descending=True),
            "table.filter": self.filter,
            "table.filter_to_value": self.filter_to_value,
            "table.clear_view": on(lambda page: page.model.clear_view()),
            "table.find": on(lambda page: page.open_find()),
            "table.find_next": on(lambda page: page.find_next()),
            "table.find_previous": on(lambda page: page.find_previous()),
            "table.go_to": self.go_to,
            "table.copy": on(lambda page: page.copy()),
            "table.copy_with_headings": on(lambda page: page.copy(has_headings=True)),
            "table.columns": on(lambda page: page.open_columns()),
            "table.hide_column": self.hide_column,
            "table.show_columns": on(lambda page: page.grid.show_columns()),
            "table.pin_column": self.pin_column,
            "table.heat_map": self.heat_map,
            "table.summaries": on(lambda page: page.turn_summaries()),
            "table.missing": on(lambda page: page.turn_missing()),
            "table.audit": on(lambda page: page.turn_audit()),
            "table.compact": on(lambda page: page.set_compact(not page.is_compact)),
            "table.inspect": self.inspect,
            "table.edit_cell": self.edit_cell,
            "table.set_missing": self.set_missing,
            "table.undo": on(lambda page: page.model.undo()),
            "table.code": self.show_code,
            "table.export": self.export,
            "table.refresh": on(lambda page: page.model.pager.refresh()),
            "table.close": on(lambda page: self._host.remove_guest(page.key)),
        }

    def _on_page(self, act: Callable[[TablePage], object]) -> Callable[[], object]:
        """A handler for the page in front."""
        return lambda: act(self._one())

    def _one(self) -> TablePage:
        page = self.page
        if page is None:
            raise CommandError("No table is in front.", "", "Double-click a data frame in Variables.")
        return page

    def _column(self, column: int | None) -> int:
        found = self._one().column if column is None else column
        if found is None:
            raise CommandError("No column is chosen.", "", "Click a cell of it first.")
        return found

    def _cell(self) -> tuple[int, int]:
        current = self._one().grid.current
        if current is None:
            raise CommandError("No cell is chosen.", "", "Click one first.")
        return current

    def sort(self, column: int | None = None, *, is_descending: bool, adds: bool = False) -> None:
        """Sort by a column, the current one where none is named."""
        self._one().model.sort(self._column(column), is_descending, adds=adds)

    def filter(self, column: int | None = None) -> None:
        """Edit the filter of a column."""
        self._one().open_filter(self._column(column))

    def filter_to_value(self) -> None:
        """Only rows that hold what the current cell holds."""
        self._one().model.filter_to_cell(*self._cell())

    def go_to(self, row: int | None = None, column: int | None = None) -> None:
        """Go to a row and column, counted from 0; asks where none is given."""
        if row is None and column is None:
            self._one().ask_row()
        else:
            current = self._one().grid.current
            self._one().go_to(row if row is not None else current[0] if current else 0, column)

    def copy_as(self, form: copying.Form) -> None:
        """Copy with headings in that form."""
        self._one().copy(form, has_headings=True)

    def hide_column(self, column: int | None = None) -> None:
        """Hide the columns that are selected, or one."""
        page = self._one()
        chosen = page.grid.selected_columns() if column is None else (column,)
        if len(chosen) >= page.grid.columns.count:
            raise CommandError("One column is always shown.", "", "Select fewer columns.")
        page.grid.hide_columns(chosen)

    def pin_column(self, column: int | None = None) -> None:
        """Keep a column at the left, or let it go."""
        at, grid = self._column(column), self._one().grid
        grid.pin_column(at, at not in grid.columns.pinned)

    def heat_map(self, column: int | None = None) -> None:
        """Colour a column by its values: around zero where it has both signs. Again: no more."""
        at, page = self._column(column), self._one()
        if page.grid.heat_kind(at) is not None:
            page.grid.set_heat(at, None)
        else:
            profile = page.model.pager.profile(at)
            has_both = profile is not None and len(profile.edges) > 1 and profile.edges[0] < 0 < profile.edges[-1]
            page.grid.set_heat(at, "diverging" if has_both else "sequential")
        self.follow()

    def inspect(self) -> None:
        """Show the current cell whole."""
        self._one().inspect(*self._cell())

    def edit_cell(self, text: str | None = None) -> None:
        """Edit the current cell in place, or put a value into it."""
        page, (row, column) = self._one(), self._cell()
        if text is not None:
            page.model.edit(row, column, text)
        elif not page.grid.edit_current():
            raise CommandError("This cell cannot be edited here.", "Only plain values can.", "Change it by code.")

    def set_missing(self) -> None:
        """Make the current cell a missing value."""
        row, column = self._cell()
        self._one().model.edit(row, column, "", is_missing=True)

    def open_as_text(self) -> None:
        """Open the file of the table in the editor."""
        self._services.open_text(Path(self._one().model.origin.path))

    def show_code(self) -> None:
        """Show or hide the code for the rows shown."""
        page = self._one()
        page.show_code(partial(self._services.write_code, page.model))

    # ---- export

    def export(self) -> None:
        """Ask how and where, then write."""
        page = self._one()
        columns = page.grid.columns
        dialog = ExportDialog(
            page.model.origin.name, self._services.folder(), page.model.pager.row_count, columns.count,
            len(columns.hidden), bool(page.model.pager.label_columns), self._theme, _window(page),
        )  # fmt: skip
        dialog.exec()
        dialog.deleteLater()
        if dialog.wish is not None:
            self.export_as(page, dialog.wish)

    def export_as(self, page: TablePage, wish: ExportWish) -> None:
        """Write what is shown to a file."""
        indexes = page.grid.columns.order if wish.has_all_columns else page.grid.columns.shown
        page.model.with_columns(indexes, partial(self._export_known, page, wish, indexes))

    def _export_known(self, page: TablePage, wish: ExportWish, indexes: tuple[int, ...]) -> None:
        model, words = page.model, f"Writing {wish.path.name}"
        labels = model.pager.label_columns if wish.has_labels else ()
        options = ExportOptions(wish.format, replaces=True, guards_formulas=wish.guards_formulas)

        def done(result: ExportResult) -> None:
            model.end_task()
            self._services.notify(Notice(_export_words(result), "done"))

        def failed(error: TableError) -> None:
            model.end_task()
            self._services.tell(error)

        def progressed(progress: Progress) -> None:
            model.task_progressed(words, progress)

        model.cancel_task()
        cancel = export(
            model.source, model.pager.view, model.pager.row_count, (*labels, *model.known(indexes)), wish.path, options,
            self._services.writer(), done, failed, progressed,
        )  # fmt: skip
        model.begin_task(words, cancel)


TEXT_SUFFIXES = frozenset({".csv", ".tsv", ".tab", ".psv", ".json", ".jsonl", ".ndjson"})
"""Data files that are text, and so can be opened in the editor too."""


def _export_words(result: ExportResult) -> str:
    parts = [f"{counted(result.row_count, 'row')} were written to {result.path}."]
    if result.formula_count:
        told = "got an apostrophe in front" if result.is_guarded else "would be taken for formulas by a spreadsheet"
        parts.append(f"{counted(result.formula_count, 'text')} {told}.")
    return "\n".join([*parts, *result.notes][:3])


def _window(page: QWidget) -> QWidget:
    return page.window()
