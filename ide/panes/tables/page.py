"""The page of one open table: header, chips, grid, find bar, footer, and what opens over them.

Owns widgets only; the table and what was asked of it are the model's. It is a guest in the editor's tabs
(`ide/widgets/guest.py`): whoever shows it calls `close_page` once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QLocale, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QInputDialog, QMenu, QSplitter, QVBoxLayout, QWidget

from ide.core.errors import FourpaneError
from ide.core.events import Signal as Event
from ide.core.ports import After
from ide.core.record import dataclass
from ide.core.table import TableError
from ide.panes.tables.bars import ChipRow, Footer, StateBar
from ide.panes.tables.code_sheet import CodeSheet, WriteCode
from ide.panes.tables.find_bar import FindBar
from ide.panes.tables.model import Query, TableModel
from ide.panes.tables.slice_bar import PartBar, SliceBar
from ide.panes.tables.words import THIN_SPACE, Chip, column_name, counted, number
from ide.qt.accessible import announce
from ide.qt.actions import Actions
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.tables import copy as copying
from ide.widgets.grid import Grid
from ide.widgets.guest import KEY_SCOPE
from ide.widgets.pane_frame import PaneHeader
from ide.widgets.tabs import Tab

if TYPE_CHECKING:
    from ide.kernels.contract import FrameFinding

SIDE_PX: Final = 300
HEADER: Final = ("table.columns", "table.summaries", "table.code", "table.refresh")
MORE: Final = (
    "table.find", "table.go_to", "", "table.copy_as_markdown", "table.copy_as_python", "table.copy_as_r", "",
    "table.filter", "table.missing", "table.audit", "table.export", "table.inspect", "table.heat_map",
    "table.compact", "table.show_columns", "",
    "table.clear_view", "table.open_as_text",
)  # fmt: skip
CELL_MENU: Final = (
    "table.copy", "table.copy_with_headings", "", "table.copy_as_csv", "table.copy_as_markdown",
    "table.copy_as_python", "table.copy_as_r", "", "table.filter_to_value", "table.inspect", "",
    "table.edit_cell", "table.set_missing", "table.undo",
)  # fmt: skip
COLUMN_MENU: Final = (
    "table.sort_ascending", "table.sort_descending", "+add_ascending", "+add_descending", "+unsort", "",
    "table.filter", "+unfilter", "", "table.hide_column", "table.show_columns", "table.pin_column",
    "table.heat_map", "", "+copy_name",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PageServices:
    """What a page asks of the rest of the program. `tell` shows an error, `insert_code` puts code into a script."""

    after: After
    tell: Callable[[FourpaneError], None]
    insert_code: Callable[[str], None]


class TablePage(QWidget):
    """UI thread. `looked_at`: another cell, column or state; whoever keeps commands up to date looks again."""

    looked_at = Signal()
    tab_changed = Event()

    def __init__(self, model: TableModel, services: PageServices, actions: Actions, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self.model = model
        self.is_compact = False
        self._services = services
        self._actions = actions
        self._theme = theme
        self._icons = icons
        self._note = ""
        self._note_kind = "info"
        self._told_dropped: tuple[str, ...] = ()
        self._is_closed = False
        self._tab = self._make_tab()
        self.setProperty(KEY_SCOPE, "table")
        self.setAccessibleName(f"Table {model.origin.name}")
        self.header = PaneHeader(model.title, theme, icons)
        self.chips = ChipRow(theme, icons)
        self.state = StateBar(theme, icons)
        self.parts = PartBar(theme)
        self.slices = SliceBar(theme)
        self.sheet: CodeSheet | None = None
        self.grid = Grid(theme, icons, f"Table {model.origin.name}")
        self.footer = Footer(theme, icons)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.grid)
        self.splitter.splitterMoved.connect(self._on_splitter_moved)
        self._side: QWidget | None = None
        self.side_name = ""
        """Which of the panels stands at the right of the grid; empty for none."""
        self.side_px = SIDE_PX
        """How wide panels at the side are, at 100 %."""
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        for widget in (self.header, self.parts, self.slices, self.chips, self.state):
            self._column.addWidget(widget)
        self._column.addWidget(self.splitter, 1)
        self._column.addWidget(self.footer)
        self.setFocusProxy(self.grid)
        shown = [actions.action(id) for id in HEADER]
        self.header.set_actions(shown, [actions.action(id) for id in MORE if id])
        self._connect()
        self.grid.set_number_marks(QLocale().decimalPoint(), THIN_SPACE)
        self.grid.set_data(model.pager)
        if model.pager.row_count and model.pager.column_count:
            self.grid.go_to(0, 0)
        self._show()

    def _connect(self) -> None:
        model, grid = self.model, self.grid
        for signal, method in (
            (model.changed, self._show),
            (model.failed, self._on_failed),
            (model.found, self._on_found),
            (model.find_changed, self._on_find_changed),
        ):
            connect(self, signal, method)
        grid.sort_asked.connect(self._on_sort_asked)
        grid.filter_asked.connect(self.open_filter)
        grid.menu_asked.connect(self._on_menu_asked)
        grid.cell_activated.connect(self._on_cell_activated)
        grid.selection_changed.connect(self.looked_at)
        grid.columns_changed.connect(self.looked_at)
        grid.edit_asked.connect(self._on_edit_asked)
        self.chips.chip_pressed.connect(self._on_chip_pressed)
        self.chips.chip_removed.connect(model.remove_chip)
        self.chips.any_toggled.connect(model.set_is_all)
        self.chips.clear_asked.connect(model.clear_view)
        self.slices.asked.connect(model.pager.slice)
        self.state.closed.connect(self._on_note_closed)
        self.state.acted.connect(model.order_all)
        self.footer.cancel_asked.connect(model.cancel)
        self.footer.copy_code_asked.connect(self._copy_edit_code)
        self.footer.insert_code_asked.connect(self._insert_edit_code)

    @cached_property
    def find_bar(self) -> FindBar:
        """Made when it is first needed: the first cells must not wait for it."""
        bar = FindBar(self._theme, self._icons)
        bar.asked.connect(self._on_find_asked)
        bar.next_asked.connect(self.find_next)
        bar.previous_asked.connect(self.find_previous)
        bar.closed.connect(self._on_find_closed)
        self._column.insertWidget(self._column.indexOf(self.splitter), bar)
        return bar

    # ---- a guest

    @property
    def key(self) -> str:
        """Of its tab."""
        return self.model.origin.key

    @property
    def tab(self) -> Tab:
        """How its tab looks now."""
        return self._tab

    @property
    def widget(self) -> QWidget:
        """The page itself."""
        return self

    def close_page(self) -> None:
        """End what is under way; the widget is deleted by the caller."""
        if self._is_closed:
            return
        self._is_closed = True
        self.grid.set_data(None)
        self.model.close()

    def _make_tab(self) -> Tab:
        origin = self.model.origin
        state = "gone" if self.model.pager.is_gone else "table"
        return Tab(
            origin.key, self.model.title, origin.badge, origin.badge_role,
            origin.tooltip or f"{origin.name} in {origin.place}", is_running=self.model.pager.is_working and
            not self.model.pager.is_gone, state=state,
        )  # fmt: skip

    # ---- what is there

    @property
    def column(self) -> int | None:
        """Index of the column of the current cell."""
        current = self.grid.current
        return current[1] if current is not None else None

    @property
    def side(self) -> QWidget | None:
        """What stands at the right of the grid."""
        return self._side

    def set_parts(self, names: Sequence[str], current: str, open_part: Callable[[str], object]) -> None:
        """Sheets or tables of the same file, each opened by its name."""
        self.parts.set_parts(names, current, open_part)

    def set_side(self, widget: QWidget | None, name: str = "") -> None:
        """Show a widget at the right of the grid, or none; one that was there is destroyed. `name` says which it is."""
        before, self._side = self._side, widget
        self.side_name = name if widget is not None else ""
        if before is not None:
            focused = QApplication.focusWidget()
            if focused is not None and before.isAncestorOf(focused):
                self.grid.setFocus()
            before.hide()
            before.setParent(None)
            before.deleteLater()
        if widget is not None:
            self.splitter.addWidget(widget)
            wide = max(self.splitter.width(), 1)
            share = min(self._theme.px(self.side_px), wide // 2)
            self.splitter.setSizes([wide - share, share])
            self.splitter.setStretchFactor(0, 1)
            widget.show()
        self.looked_at.emit()

    @Slot()
    def _on_splitter_moved(self) -> None:
        if self._side is not None:
            self.side_px = round(self._side.width() / self._theme.zoom)

    @Slot()
    def close_side(self) -> None:
        """The panel at the right of the grid goes."""
        self.set_side(None)

    def turn_summaries(self) -> None:
        """Show what each column holds beside the grid; again: no more."""
        if self.side_name == "summaries":
            self.close_side()
            return
        from ide.panes.tables.summary_panel import SummaryPanel

        panel = SummaryPanel(self.model, self.grid, self._theme, self._icons, QLocale().decimalPoint())
        panel.closed.connect(self.close_side)
        self.set_side(panel, "summaries")
        panel.setFocus()

    def turn_missing(self) -> None:
        """Show where values are missing beside the grid; again: no more."""
        if self.side_name == "missing":
            self.close_side()
            return
        from ide.panes.tables.missing_view import MissingView

        view = MissingView(self.model, self.grid, self._theme, self._icons)
        view.closed.connect(self.close_side)
        self.set_side(view, "missing")
        view.setFocus()

    def turn_audit(self) -> None:
        """Show what is suspicious in the frame beside the grid; again: no more."""
        if self.side_name == "audit":
            self.close_side()
        else:
            self.show_audit()

    def show_audit(self) -> None:
        """Look at what is suspicious in the frame, and show it beside the grid; tells where nothing can look."""
        from ide.panes.tables.audit import can_audit
        from ide.panes.tables.audit_panel import AuditPanel

        if not can_audit(self.model):
            self.tell(f"“{self.model.origin.name}” cannot be audited: only data frames can.")
        elif self.side_name != "audit":
            panel = AuditPanel(self.model, self._theme, self._icons)
            panel.closed.connect(self.close_side)
            panel.show_asked.connect(self.show_finding)
            panel.insert_asked.connect(self._services.insert_code)
            self.set_side(panel, "audit")
            panel.setFocus()

    @Slot(object)
    def show_finding(self, finding: FrameFinding) -> None:
        """The rows in which a finding shows, or else its column."""
        if finding.filters:
            self.model.show_rows_of(finding)
        place = next(iter((*finding.places, *(one.column for one in finding.filters))), None)
        if place is not None and 0 <= place < self.model.pager.column_count:
            if self.grid.columns.place_of(place) < 0:
                self.grid.show_columns([place])
            self.go_to(0, place)

    # ---- showing

    def _show(self) -> None:
        model = self.model
        self.header.set_title(model.title)
        self.slices.show_info(model.pager.info)
        self.chips.set_chips(model.chips, is_all=model.pager.spec.filter.is_all)
        code = model.last_code if model.edits or model.last_code else ""
        self.footer.say(model.footer, model.progress_text, code)
        self._show_state()
        tab = self._make_tab()
        if tab != self._tab:
            self._tab = tab
            self.tab_changed.emit()
        self.looked_at.emit()

    def _show_state(self) -> None:
        pager, origin = self.model.pager, self.model.origin
        if pager.dropped and pager.dropped != self._told_dropped:
            self._note, self._note_kind = "The columns changed. " + " ".join(pager.dropped), "warning"
        self._told_dropped = pager.dropped
        if pager.is_gone:
            where = f"“{origin.name}” is not there any more: these are the last rows that were read. "
            self.state.say(where + "Run the code again and open it anew.", "warning")
        elif pager.is_busy:
            who = origin.place or "The session"
            self.state.say(f"{who} is busy: these are the last rows that were read. The rest comes when it is free.")
        elif not self._note and self.model.order_text:
            self.state.say(self.model.order_text, action="Sort all rows")
        else:
            self.state.say(self._note, self._note_kind, can_close=True)

    def tell(self, text: str, kind: str = "info") -> None:
        """Say something in the bar above the grid, until it is closed."""
        self._note, self._note_kind = text, kind
        self._show_state()

    @Slot()
    def _on_note_closed(self) -> None:
        self._note = ""
        self._show_state()
        self.grid.setFocus()

    def _on_failed(self, error: TableError) -> None:
        self.tell(error.text.replace("\n", " "), "error")

    # ---- order and rows

    @Slot(int, bool)
    def _on_sort_asked(self, column: int, adds: bool) -> None:
        self.model.turn_sort(column, adds=adds)

    @Slot(int)
    def open_filter(self, column: int) -> None:
        """The editor of a column's filter, under its head."""
        known = self.model.pager.column(column)
        if known is None or not known.can_filter:
            return
        from ide.panes.tables.filter_popup import FilterPopup

        if self.grid.columns.place_of(column) < 0 and column >= 0:
            self.grid.show_columns([column])
        popup = FilterPopup(self.model, known, self._theme, self)
        place = self.grid.columns.place_of(column)
        rect = self.grid.frame.head_rect(place) if place >= 0 else self.grid.rect()
        popup.open_at(self.grid.viewport().mapToGlobal(rect.bottomLeft()))

    @Slot(object)
    def _on_chip_pressed(self, chip: Chip) -> None:
        if chip.kind == "sort":
            key = self.model.pager.spec.sort[chip.place]
            self.model.sort(key.column, not key.is_descending, adds=True)
        elif chip.column >= 0 or chip.column in self.model.columns:
            self.open_filter(chip.column)

    # ---- menus

    @Slot(QPoint, object, int, str)
    def _on_menu_asked(self, place: QPoint, row: int, column: int, part: str) -> None:
        self.looked_at.emit()
        self._actions.follow()
        if part == "column" and self.model.pager.column(column) is not None:
            self._popup(COLUMN_MENU, place, column)
        elif part in ("cell", "row"):
            self._popup(CELL_MENU, place, column)

    def _popup(self, entries: Sequence[str], place: QPoint, column: int) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for entry in entries:
            if not entry:
                menu.addSeparator()
            elif entry.startswith("+"):
                self._add_own(menu, entry[1:], column)
            else:
                menu.addAction(self._actions.action(entry))
        menu.popup(place)

    def _add_own(self, menu: QMenu, entry: str, column: int) -> None:
        """Entries that only make sense for the column under the pointer."""
        model = self.model
        keys = [key.column for key in model.pager.spec.sort]
        known = model.pager.column(column)
        can_add = known is not None and known.can_sort and bool(keys) and keys != [column]
        own: Mapping[str, tuple[str, bool, Callable[[], None]]] = {
            "add_ascending": ("Then ascending", can_add, partial(model.sort, column, False, adds=True)),
            "add_descending": ("Then descending", can_add, partial(model.sort, column, True, adds=True)),
            "unsort": ("Do not sort by this", column in keys, partial(model.unsort, column)),
            "unfilter": (
                "Remove filter of column",
                model.filter_of(column) is not None,
                partial(model.set_filter, column, None),
            ),
            "copy_name": ("Copy name", True, partial(self.copy_name, column)),
        }
        title, is_offered, act = own[entry]
        if is_offered:
            menu.addAction(title).triggered.connect(lambda _checked=False: act())

    def copy_name(self, column: int) -> None:
        """Put a column's name on the clipboard."""
        known = self.model.pager.column(column)
        if known is not None:
            QGuiApplication.clipboard().setText(known.name)
            announce(self, "Name copied")

    # ---- cells

    @Slot(object, int)
    def _on_cell_activated(self, row: int, column: int) -> None:
        known = self.model.pager.column(column)
        if known is not None and known.can_edit and self.grid.edit_current():
            return
        self.inspect(row, column)

    def inspect(self, row: int, column: int) -> None:
        """Show one cell whole."""
        known = self.model.pager.column(column)
        if known is None:
            return
        from ide.panes.tables.inspector import Inspector

        title = f"Row {row + 1}, {column_name(known, column)}"
        dialog = Inspector(title, known, self._theme, self)
        cancel = self.model.source.cell(self.model.pager.view, row, column, dialog.show_detail, dialog.show_error)
        dialog.finished.connect(lambda _result: cancel())
        dialog.show()

    @Slot(object, int, str)
    def _on_edit_asked(self, row: int, column: int, text: str) -> None:
        self.model.edit(row, column, text)

    @Slot()
    def _copy_edit_code(self) -> None:
        QGuiApplication.clipboard().setText(self.model.last_code)
        announce(self, "Code copied")

    @Slot()
    def _insert_edit_code(self) -> None:
        self._services.insert_code(self.model.last_code)

    def set_compact(self, is_compact: bool) -> None:
        """Rows a little lower."""
        self.is_compact = is_compact
        self.grid.set_compact(is_compact)
        self.looked_at.emit()

    # ---- copying

    def copy(self, form: copying.Form = "tsv", *, has_headings: bool = False) -> None:
        """Put the selected cells on the clipboard."""
        grid, model = self.grid, self.model
        columns = grid.selected_columns()
        rows = grid.selection.rows(model.pager.row_count, grid.columns.count)
        if not columns or not rows:
            return
        model.with_columns(columns, partial(self._copy_known, form, has_headings, columns, rows))

    def _copy_known(
        self, form: copying.Form, has_headings: bool, columns: Sequence[int], rows: Sequence[range]
    ) -> None:
        model = self.model
        request = copying.Request(model.pager.view, rows, model.known(columns), form, has_headings)

        def done(copied: copying.Copied) -> None:
            model.end_task()
            QGuiApplication.clipboard().setText(copied.text)
            announce(self, f"{counted(copied.rows, 'row')} copied")
            if copied.note:
                self.tell(copied.note, "warning")

        def failed(error: TableError) -> None:
            model.end_task()
            self._on_failed(error)

        model.cancel_task()
        cancel = copying.copy(
            model.source, request, self._services.after, done, failed, partial(model.task_progressed, "Copying")
        )
        model.begin_task("Copying", cancel)

    # ---- columns, code, export

    def open_columns(self) -> None:
        """The list of columns."""
        from ide.panes.tables.column_picker import ColumnPicker

        picker = ColumnPicker(self.model, self.grid, self._theme, self)
        picker.open_at(self.header.mapToGlobal(self.header.rect().bottomRight()), is_right=True)

    def ask_row(self) -> None:
        """Ask for a row number and go there."""
        count = self.model.pager.row_count
        current = self.grid.current
        row, is_given = QInputDialog.getInt(
            self, "Go to row", f"Row, 1 to {number(count)}:", current[0] + 1 if current else 1, 1,
            min(max(count, 1), 2**31 - 1),
        )  # fmt: skip
        if is_given:
            self.go_to(row - 1)

    def go_to(self, row: int, column: int | None = None) -> None:
        """Make a cell the current one."""
        if column is None:
            column = self.column if self.column is not None else next(iter(self.grid.columns.shown), None)
        if column is not None:
            self.grid.go_to(row, column)
            self.grid.setFocus()

    def show_code(self, write: WriteCode) -> None:
        """The sheet with code for the rows shown; again closes it."""
        if self.sheet is not None:
            self._close_sheet()
            return
        self.sheet = CodeSheet(self.model, write, self._theme, self._icons)
        self.sheet.closed.connect(self._close_sheet)
        self.sheet.insert_asked.connect(self._services.insert_code)
        self._column.insertWidget(self._column.count() - 1, self.sheet)
        self.sheet.dialect.setFocus()

    @Slot()
    def _close_sheet(self) -> None:
        sheet, self.sheet = self.sheet, None
        if sheet is not None:
            sheet.hide()
            sheet.deleteLater()
            self.grid.setFocus()

    # ---- finding

    def open_find(self) -> None:
        """Show the find bar."""
        self.find_bar.open_bar()

    @Slot()
    def find_next(self) -> None:
        """The match after the current cell."""
        if self.find_bar.isHidden() and not self.find_bar.query.text:
            self.open_find()
            return
        self.model.find_next(*self._find_place())

    @Slot()
    def find_previous(self) -> None:
        """The match before."""
        self.model.find_previous()

    def _find_place(self) -> tuple[int, int]:
        return self.grid.current or (0, 0)

    @Slot(object)
    def _on_find_asked(self, query: Query) -> None:
        self.model.find(query, *self._find_place())

    def _on_found(self, row: int, column: int) -> None:
        if column < 0:
            column = self.column or 0
        self.grid.go_to(row, column)

    def _on_find_changed(self) -> None:
        self.find_bar.say(self.model.find_text)

    @Slot()
    def _on_find_closed(self) -> None:
        self.model.stop_finding()
        self.grid.setFocus()
