"""The command palette: every command, the project's files by name, and lines by `:42`, found by typing.

Commands run through the registry; a file or a line that was chosen is announced, the shell opens it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from ide.commands.keys import KeyMaps
from ide.commands.registry import Commands
from ide.core.ports import Cancel, RunInPool
from ide.core.record import dataclass
from ide.qt.actions import key_text
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect, tied
from ide.shell.palette_match import Similar, alike, load_similar, ranked
from ide.shell.project_files import project_files

WIDTH_PX = 640
ROWS_SHOWN = 12
ROW_LIMIT = 200
FILE_LIMIT = 50
SIMILAR_LIMIT = 10
RECENT_LIMIT = 30

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list. `value` is a command id, a path in the project, or a line number from 1."""

    kind: Literal["command", "file", "line"]
    value: str
    title: str
    detail: str = ""
    keys: str = ""
    is_enabled: bool = True


class Palette(QFrame):
    """A popup over the top of the window; Esc or a click elsewhere closes it."""

    file_chosen = Signal(object)
    """Path of a file of the project."""
    line_chosen = Signal(int)
    """Line to go to, counted from 1 as on the screen."""
    recent_changed = Signal(object)
    """Ids of commands run from here, newest first: give them back at the next start."""

    def __init__(
        self,
        commands: Commands,
        keymaps: KeyMaps,
        theme: Theme,
        icons: Icons,
        run_in_pool: RunInPool,
        project: Callable[[], Path | None],
        parent: QWidget | None = None,
        *,
        recent: tuple[str, ...] = (),
        anchor: QWidget | None = None,
    ) -> None:
        """`project` gives the open folder, None without one. It opens over `anchor`, else amid the parent."""
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("palette")
        self.setAccessibleName("Search or command")
        self._commands = commands
        self._keymaps = keymaps
        self._theme = theme
        self._run_in_pool = run_in_pool
        self._project = project
        self._anchor = anchor
        self._recent = list(recent)
        self._similar: Similar | None = None
        self._files: tuple[str, ...] = ()
        self._folder: Path | None = None
        self._cancel: Cancel | None = None
        self._before: QWidget | None = None
        self.model = RowsModel(icons, self)
        self.box = QLineEdit()
        self.list = QListView()
        self._empty = QLabel()
        self._build()
        connect(self, theme.changed, self._on_theme_changed)
        self._on_theme_changed()

    def open(self, text: str = "") -> None:
        """Show it with `text` typed in, all of it selected."""
        parent = self.parentWidget()
        self._before = parent.focusWidget() if parent is not None else None
        self.box.setText(text)
        self.box.selectAll()
        self._fetch()
        self._show_rows()
        self._place()
        self.show()
        self.box.setFocus(Qt.FocusReason.PopupFocusReason)

    def choose(self) -> None:
        """Do what the current row says. A command that cannot run now stays, with its reason, and runs nothing."""
        row = self.model.row(self.list.currentIndex())
        if row is None or not row.is_enabled:
            return
        self.hide()
        if self._before is not None:
            self._before.setFocus(Qt.FocusReason.PopupFocusReason)
        if row.kind == "command":
            self._remember(row.value)
            self._commands.run(row.value)
        elif row.kind == "file" and self._folder is not None:
            self.file_chosen.emit(self._folder / row.value)
        elif row.kind == "line":
            self.line_chosen.emit(int(row.value))

    def rows(self) -> tuple[Row, ...]:
        """What is listed now, best first."""
        return self.model.rows

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The box has the keyboard; keys that move in the list go there."""
        if watched is self.box and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            steps = {
                Qt.Key.Key_Down: 1,
                Qt.Key.Key_Up: -1,
                Qt.Key.Key_PageDown: ROWS_SHOWN,
                Qt.Key.Key_PageUp: -ROWS_SHOWN,
            }
            if step := steps.get(Qt.Key(event.key())):
                self._move(step)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.choose()
                return True
        return super().eventFilter(watched, event)

    def hideEvent(self, event: Any) -> None:
        """Nothing goes on while it is closed."""
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
        super().hideEvent(event)

    # --- inside ------------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.box.setAccessibleName("Command, file or :line")
        self.box.setPlaceholderText("Command, file name, or :line")
        self.box.setClearButtonEnabled(True)
        self.box.installEventFilter(self)
        self.box.textChanged.connect(self._show_rows)
        self.list.setAccessibleName("Commands and files")
        self.list.setModel(self.model)
        self.list.setItemDelegate(RowDelegate(self._theme, self.list))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.clicked.connect(self._on_clicked)
        self._empty.setTextFormat(Qt.TextFormat.PlainText)
        self._empty.setWordWrap(True)
        column = QVBoxLayout(self)
        column.addWidget(self.box)
        column.addWidget(self._empty)
        column.addWidget(self.list)

    def _fetch(self) -> None:
        """The list of files and the similarity search come from the pool; the list is there before them."""
        folder = self._project()
        if folder != self._folder:
            self._files, self._folder = (), folder
        stopped: list[bool] = []
        load = load_similar if self._similar is None else None

        def work() -> tuple[Similar | None, tuple[str, ...]]:
            similar = load() if load is not None else None
            return similar, project_files(folder, lambda: bool(stopped)) if folder is not None else ()

        cancel = self._run_in_pool(work, tied(self, self._on_fetched), tied(self, self._on_failed))

        def stop() -> None:
            stopped.append(True)
            cancel()

        self._cancel = stop

    def _on_fetched(self, answer: tuple[Similar | None, tuple[str, ...]]) -> None:
        self._cancel = None
        similar, self._files = answer
        self._similar = similar or self._similar
        if self.isVisible() and self.box.text().strip():
            self._show_rows()

    def _on_failed(self, error: Exception) -> None:
        self._cancel = None  # commands still are there; a folder that cannot be read has no files to list

    @Slot()
    def _show_rows(self) -> None:
        typed = self.box.text().strip()
        self.model.show(_line_rows(typed) if typed.startswith(":") else self._found(typed))
        self.list.setVisible(bool(self.model.rows))
        self._empty.setVisible(not self.model.rows)
        self._empty.setText(_nothing(typed))
        self.list.setCurrentIndex(self.model.index(0))
        if self.isVisible():
            self._place()

    def _found(self, typed: str) -> tuple[Row, ...]:
        """What fits by its letters, commands before files; then commands that are only similar."""
        listed = [command for command in self._commands.all() if command.is_in_palette]
        listed.sort(key=lambda command: (self._recency(command.id), self._commands.title(command.id).lower()))
        titles = [f"{self._commands.title(command.id)} {command.id.partition('.')[0]}" for command in listed]
        fitting = ranked(typed, titles)[:ROW_LIMIT]
        rows = [self._command_row(listed[index].id, listed[index].help) for index in fitting]
        if not typed:
            return tuple(sorted(rows, key=lambda row: not row.is_enabled))
        others = [index for index in alike(typed, titles, self._similar) if index not in set(fitting)]
        similar = [self._command_row(listed[index].id, listed[index].help) for index in others[:SIMILAR_LIMIT]]
        return (*rows, *self._file_rows(typed), *similar)

    def _command_row(self, id: str, help: str) -> Row:
        reason = self._commands.reason(id)
        keys = key_text(self._keymaps.keys(id))
        return Row("command", id, self._commands.title(id), reason or help, keys, not reason)

    def _file_rows(self, typed: str) -> list[Row]:
        if self._folder is None:
            return []
        names = [path.rpartition("/")[2] for path in self._files]
        by_name = ranked(typed, names)
        by_path = ranked(typed, self._files) if "/" in typed else []
        found = list(dict.fromkeys([*by_path, *by_name]))[:FILE_LIMIT]
        return [Row("file", self._files[at], names[at], self._files[at].rpartition("/")[0]) for at in found]

    def _recency(self, id: str) -> int:
        return self._recent.index(id) if id in self._recent else RECENT_LIMIT

    def _remember(self, id: str) -> None:
        self._recent = [id, *(other for other in self._recent if other != id)][:RECENT_LIMIT]
        self.recent_changed.emit(tuple(self._recent))

    def _move(self, step: int) -> None:
        count = len(self.model.rows)
        at = self.list.currentIndex().row() + step
        if count:
            # Single steps go round, pages stop at the ends.
            at = at % count if abs(step) == 1 else min(max(at, 0), count - 1)
            self.list.setCurrentIndex(self.model.index(at))

    def _on_clicked(self, index: QModelIndex) -> None:
        self.list.setCurrentIndex(index)
        self.choose()

    def _place(self) -> None:
        px = self._theme.px
        rows = min(len(self.model.rows), ROWS_SHOWN)
        height = rows * px(RowDelegate.HEIGHT_PX) + px(4)
        self.list.setFixedHeight(height)
        parent = self.parentWidget()
        width = px(WIDTH_PX) if parent is None else min(px(WIDTH_PX), parent.width() - px(16))
        self.setFixedWidth(max(width, px(200)))
        self.adjustSize()
        over = self._anchor if self._anchor is not None and self._anchor.isVisible() else None
        if over is not None:
            self.move(over.mapToGlobal(QPoint((over.width() - self.width()) // 2, 0)))
        elif parent is not None:
            self.move(parent.mapToGlobal(QPoint((parent.width() - self.width()) // 2, px(40))))

    def _on_theme_changed(self) -> None:
        px, color = self._theme.px, self._theme.color
        column = self.layout()
        assert isinstance(column, QVBoxLayout)
        column.setContentsMargins(px(8), px(8), px(8), px(8))
        column.setSpacing(px(8))
        border, popup = color("border").name(), color("popup").name()
        self.setStyleSheet(
            f"#palette {{ background: {popup}; border: 1px solid {border}; border-radius: {px(4)}px; }}"
            f"#palette QListView {{ background: {popup}; }}"
        )
        self._empty.setStyleSheet(f"color: {color('muted').name()}; padding: {px(4)}px;")
        self.box.setMinimumHeight(px(28))


def _line_rows(typed: str) -> tuple[Row, ...]:
    number = typed[1:].strip()
    is_line = number.isascii() and number.isdigit() and len(number) < 10 and int(number) > 0
    return (Row("line", number, f"Go to line {number}"),) if is_line else ()


def _nothing(typed: str) -> str:
    if typed.startswith(":"):
        return "Type the number of a line, such as :42."
    return "Nothing is called that. Try a shorter word."


class RowsModel(QAbstractListModel):
    """The rows, for the list and for screen readers."""

    def __init__(self, icons: Icons, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self.rows: tuple[Row, ...] = ()

    def show(self, rows: tuple[Row, ...]) -> None:
        """List these."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def row(self, index: Index) -> Row | None:
        """The row at an index."""
        return self.rows[index.row()] if index.isValid() and index.row() < len(self.rows) else None

    def rowCount(self, parent: Index | None = None) -> int:
        """Qt asks."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Qt asks."""
        row = self.row(index)
        if row is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == Qt.ItemDataRole.UserRole:
            return row
        if role == Qt.ItemDataRole.DecorationRole:
            icon = {"command": "command", "file": "file-text", "line": "arrow-right"}[row.kind]
            return self._icons.icon(icon, "muted" if row.is_enabled else "disabled")
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.detail
        if role == Qt.ItemDataRole.AccessibleTextRole:
            parts = (row.title, row.keys, row.detail, "" if row.is_enabled else "not possible now")
            return ", ".join(part for part in parts if part)
        return None


class RowDelegate(QStyledItemDelegate):
    """Icon, title, detail in muted, keys at the right end; what cannot run is in `disabled` with its reason."""

    HEIGHT_PX = 28

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Qt asks."""
        return QSize(0, self._theme.px(self.HEIGHT_PX))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Qt asks."""
        row = index.data(Qt.ItemDataRole.UserRole)
        if not isinstance(row, Row):
            return
        px, color = self._theme.px, self._theme.color
        place = QRect(option.rect)
        state = option.state
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(place, color("selection"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(place, color("hover"))
        side = px(16)
        box = QRect(place.left() + px(8), place.top() + (place.height() - side) // 2, side, side)
        index.data(Qt.ItemDataRole.DecorationRole).paint(painter, box)
        left, right = box.right() + px(8), place.right() - px(8)
        is_selected = bool(state & QStyle.StateFlag.State_Selected)
        muted = color("text" if is_selected else "muted")
        painter.setPen(muted)
        right = self._draw_right(painter, row, place, right)
        painter.setFont(self._theme.font("ui"))
        painter.setPen(color("text" if row.is_enabled or is_selected else "disabled"))
        left = self._draw(painter, row.title, place, left, right)
        painter.setFont(self._theme.font("small"))
        painter.setPen(muted)
        self._draw(painter, row.detail, place, left + px(8), right)
        painter.restore()

    def _draw_right(self, painter: QPainter, row: Row, place: QRect, right: int) -> int:
        if not row.keys:
            return right
        painter.setFont(self._theme.font("small"))
        width = painter.fontMetrics().horizontalAdvance(row.keys)
        keys = QRect(right - width, place.top(), width, place.height())
        painter.drawText(keys, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, row.keys)
        return right - width - self._theme.px(12)

    def _draw(self, painter: QPainter, text: str, place: QRect, left: int, right: int) -> int:
        """Draw `text`, cut where it is too long; returns where it ends."""
        width = right - left
        if width <= 0 or not text:
            return left
        metrics = painter.fontMetrics()
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
        box = QRect(left, place.top(), width, place.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        return left + metrics.horizontalAdvance(shown)
