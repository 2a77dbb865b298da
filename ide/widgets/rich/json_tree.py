"""JSON as a tree that makes a branch when it is opened, however large the value is; finds, copies paths and values."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, QPoint, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QHeaderView, QLabel, QLineEdit, QMenu, QTreeView, QVBoxLayout, QWidget

from ide.core.ports import RunInPool
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.widgets.rich.buttons import ButtonRow

GROUP: Final = 1_000
"""More entries than this are shown in groups: a view lays out every row of an open branch."""
OPEN_ROWS: Final = 2_000
"""Rows up to which "Open all" goes on."""
FIRST_ROWS: Final = 30
"""A tree with no more rows than this is open from the start."""
PREVIEW_CHARACTERS: Final = 200
SLICE_S: Final = 0.008
MOST_FOUND: Final = 1_000
DEPTH_LIMIT: Final = 500

Path = tuple[str | int, ...]
Index = QModelIndex | QPersistentModelIndex
_PLAIN_KEY = re.compile(r"[A-Za-z_]\w*\Z")
_ROLES = {str: "string", bool: "keyword", type(None): "keyword", int: "number", float: "number"}


class Node:
    """One row: a value under its key, or a group of the entries `low` to `high` of its parent's value."""

    __slots__ = ("children", "high", "is_group", "key", "keys", "low", "parent", "row", "value")

    def __init__(self, parent: Node | None, row: int, key: str | int, value: Any) -> None:
        self.parent = parent
        self.row = row
        self.key = key
        self.value = value
        self.low, self.high = 0, len(value) if isinstance(value, list | dict) else 0
        self.is_group = False
        self.keys: list[str] | None = None
        self.children: list[Node] | None = None

    @property
    def count(self) -> int:
        """Rows below it, without making them."""
        entries = self.high - self.low
        return entries if entries <= GROUP else -(-entries // self._step)

    @property
    def _step(self) -> int:
        """Entries of one group: a power of GROUP, so that no branch has more than GROUP rows."""
        step = GROUP
        while (self.high - self.low) > step * GROUP:
            step *= GROUP
        return step

    def made(self) -> list[Node]:
        """The rows below it."""
        if self.children is None:
            if self.keys is None and isinstance(self.value, dict):
                self.keys = list(self.value)
            is_grouped = self.high - self.low > GROUP
            self.children = self._groups() if is_grouped else self._entries()
        return self.children

    def _groups(self) -> list[Node]:
        found: list[Node] = []
        for row, low in enumerate(range(self.low, self.high, self._step)):
            high = min(low + self._step, self.high)
            node = Node(self, row, f"{low} … {high - 1}", None)
            node.value, node.low, node.high, node.is_group, node.keys = self.value, low, high, True, self.keys
            found.append(node)
        return found

    def _entries(self) -> list[Node]:
        if self.keys is not None:
            names = self.keys[self.low : self.high]
            return [Node(self, row, name, self.value[name]) for row, name in enumerate(names)]
        return [Node(self, row, self.low + row, self.value[self.low + row]) for row in range(self.high - self.low)]

    @property
    def path(self) -> Path:
        """Keys from the outermost value to here."""
        keys: list[str | int] = []
        node: Node | None = self
        while node is not None and node.parent is not None and node.parent.parent is not None:
            if not node.is_group:
                keys.append(node.key)
            node = node.parent
        return tuple(reversed(keys))

    def child_of(self, key: str | int) -> Node | None:
        """The row of one of its entries, through groups."""
        if isinstance(self.value, dict):
            if key not in self.value:
                return None
            if self.keys is None:
                self.keys = list(self.value)
            place = self.keys.index(str(key))
        else:
            place = int(key)
        node = self
        while node.high - node.low > GROUP:
            node = node.made()[(place - node.low) // node._step]
        rows = node.made()
        return rows[place - node.low] if place - node.low < len(rows) else None


class JsonModel(QAbstractItemModel):
    """Names and values. The value is not copied and must not change."""

    def __init__(self, value: Any, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.top = Node(None, 0, "$", None)
        self.top.value, self.top.low, self.top.high = [value], 0, 1
        self.root = self.top.made()[0]
        self.root.key = "$"

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:
        """The place of a row, which is made now."""
        rows = self._node(parent).made()
        return self.createIndex(row, column, rows[row]) if 0 <= row < len(rows) else QModelIndex()

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]  # Qt has two methods of this name
        """The row above in the tree."""
        above = self._node(index).parent
        return QModelIndex() if above is None or above is self.top else self.createIndex(above.row, 0, above)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        """Rows below, which are not made for it."""
        return 0 if parent.column() > 0 else self._node(parent).count

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        """Name and value."""
        return 2

    def hasChildren(self, parent: Index = QModelIndex()) -> bool:
        """Whether it can be opened."""
        return self.rowCount(parent) > 0

    def headerData(self, section: int, way: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words over the columns."""
        return ("Name", "Value")[section] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text and colour of a cell."""
        node = self._node(index)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            if index.column() == 0:
                return str(node.key)[:PREVIEW_CHARACTERS]
            return preview(node, 2_000 if role == Qt.ItemDataRole.ToolTipRole else PREVIEW_CHARACTERS)
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._color(node, index.column())
        return None

    def place_of(self, path: Path) -> QModelIndex:
        """The place of the value at `path`."""
        node = self.root
        for key in path:
            below = node.child_of(key)
            if below is None:
                return QModelIndex()
            node = below
        return self.createIndex(node.row, 0, node)

    def node_at(self, index: Index) -> Node:
        """The row at a place."""
        return self._node(index)

    def _node(self, index: Index) -> Node:
        node = index.internalPointer() if index.isValid() else None
        return node if isinstance(node, Node) else self.top

    def _color(self, node: Node, column: int) -> QColor:
        if column == 0:
            return self._theme.color("muted" if node.is_group or isinstance(node.key, int) else "function")
        return self._theme.color(_ROLES.get(type(node.value), "muted"))


class JsonTree(QWidget):
    """The tree with what finds in it."""

    def __init__(self, value: Any, theme: Theme, icons: Icons, run_in_pool: RunInPool) -> None:
        super().__init__()
        self._theme = theme
        self._run_in_pool = run_in_pool
        self.model = JsonModel(value, theme, self)
        self.tree = QTreeView()
        self.tree.setModel(self.model)
        self.tree.setUniformRowHeights(True)
        self.tree.setFrameShape(QTreeView.Shape.NoFrame)
        self.tree.setAccessibleName("JSON")
        self.tree.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        self.tree.header().setStretchLastSection(True)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(self._on_menu_asked)
        self.box = QLineEdit()
        self.box.setPlaceholderText("Find names and values")
        self.box.setAccessibleName("Find names and values")
        self.box.setClearButtonEnabled(True)
        self.box.textChanged.connect(self._on_text_changed)
        self.box.returnPressed.connect(self.next)
        self._count = QLabel()
        self._count.setProperty("tone", "muted")
        self.buttons = ButtonRow(theme, icons)
        self.buttons.add_widget(self.box, 3)
        self.buttons.add_widget(self._count)
        self.buttons.add("caret-up", "Previous match", self.previous, is_late=True)
        self.buttons.add("caret-down", "Next match (Enter)", self.next, is_late=True)
        self.buttons.add("text-indent", f"Open all, up to {OPEN_ROWS} rows", self.open_all, is_late=True)
        self.buttons.add("caret-right", "Close all", self.close_all, is_late=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.buttons)
        column.addWidget(self.tree, 1)
        self._found: list[Path] = []
        self._current = -1
        self._search: Iterator[Path | None] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._search_some)
        self.setFocusProxy(self.tree)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self.close_all()
        self._open_up_to(FIRST_ROWS)

    @property
    def count_text(self) -> str:
        """What it says about the matches."""
        return self._count.text()

    @property
    def is_searching(self) -> bool:
        """Whether there may be more matches than are known."""
        return self._timer.isActive()

    @property
    def current_path(self) -> Path:
        """Where the selection is."""
        return self.model.node_at(self.tree.currentIndex()).path

    @Slot()
    def open_all(self) -> None:
        """Open branches, the outer ones first, as long as there are not too many rows."""
        self._open_up_to(OPEN_ROWS)

    def _open_up_to(self, most: int) -> None:
        rows = 0
        level = [self.model.index(0, 0)]
        while level and rows < most:
            below: list[QModelIndex] = []
            for place in level:
                count = self.model.rowCount(place)
                if count and rows + count <= most:
                    self.tree.setExpanded(place, True)
                    rows += count
                    below += [self.model.index(row, 0, place) for row in range(count)]
            level = below

    @Slot()
    def close_all(self) -> None:
        """Only the outermost value is open."""
        self.tree.collapseAll()
        self.tree.setExpanded(self.model.index(0, 0), True)

    @Slot()
    def next(self) -> None:
        """Go to the following match."""
        self._step(1)

    @Slot()
    def previous(self) -> None:
        """Go to the one before."""
        self._step(-1)

    def copy_path(self) -> None:
        """Put the path of the selected value on the clipboard, as JSONPath (RFC 9535)."""
        QGuiApplication.clipboard().setText(path_text(self.current_path))

    def copy_value(self) -> None:
        """Put the selected value on the clipboard, as JSON; a text as it is."""
        node = self.model.node_at(self.tree.currentIndex())
        if isinstance(node.value, str):
            QGuiApplication.clipboard().setText(node.value)
        else:
            value = entries_of(node)
            self._run_in_pool(partial(_written, value), QGuiApplication.clipboard().setText, self._on_not_written)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Mod+F finds, Mod+C copies the value."""
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if control and event.key() == Qt.Key.Key_F:
            self.box.setFocus()
        elif control and event.key() == Qt.Key.Key_C:
            self.copy_value()
        else:
            super().keyPressEvent(event)

    def close_view(self) -> None:
        """Find nothing more."""
        self._timer.stop()

    def _step(self, by: int) -> None:
        if self._found:
            self._current = (self._current + by) % len(self._found)
            place = self.model.place_of(self._found[self._current])
            self.tree.setCurrentIndex(place)
            self.tree.scrollTo(place)
            self._tell_count()

    @Slot(str)
    def _on_text_changed(self, text: str) -> None:
        self._found, self._current = [], -1
        self._search = matches(self.model.root.value, text.casefold()) if text else None
        self._timer.stop()
        if self._search is not None:
            self._timer.start()
        self._tell_count()

    @Slot()
    def _search_some(self) -> None:
        """A slice of the search: a large value takes many turns of the event loop, and none of them long."""
        deadline_s = time.perf_counter() + SLICE_S
        while self._search is not None and time.perf_counter() < deadline_s:
            for path in self._search:
                if path is not None:
                    self._found.append(path)
                break
            else:
                self._search = None
            if len(self._found) >= MOST_FOUND:
                self._search = None
        if self._search is None:
            self._timer.stop()
        if self._found and self._current < 0:
            self._step(1)
        self._tell_count()

    def _tell_count(self) -> None:
        if not self.box.text():
            self._count.setText("")
        elif not self._found:
            self._count.setText("…" if self.is_searching else "nothing found")
        else:
            more = "+" if self.is_searching or len(self._found) >= MOST_FOUND else ""
            self._count.setText(f"{self._current + 1} of {len(self._found)}{more}")

    @Slot(QPoint)
    def _on_menu_asked(self, place: QPoint) -> None:
        if not self.tree.indexAt(place).isValid():
            return
        menu = QMenu(self)
        menu.addAction("Copy value", self.copy_value)
        menu.addAction("Copy path", self.copy_path)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.tree.viewport().mapToGlobal(place))

    def _on_not_written(self, _error: Exception) -> None:
        self._count.setText("This value is nested too deep to be copied.")

    @Slot()
    def _on_theme_changed(self) -> None:
        self.tree.setFont(self._theme.font("code"))
        self.tree.setColumnWidth(0, self._theme.px(240))


def preview(node: Node, limit: int) -> str:
    """A value in one line: a text with its quotes, how many entries a branch has."""
    value = node.value
    if node.is_group:
        return ""
    if isinstance(value, list | dict):
        name = "object" if isinstance(value, dict) else "array"
        count = f"{len(value):,}".replace(",", "\u202f")
        return f"{name}, {count} {'entry' if len(value) == 1 else 'entries'}"
    if isinstance(value, str):
        text = json.dumps(value[:limit], ensure_ascii=False)
        return text if len(value) <= limit else f"{text} … {len(value) - limit} more characters"
    return json.dumps(value, default=str)[:limit]


def entries_of(node: Node) -> Any:
    """The value of a row; of a group its part of the whole."""
    if not node.is_group:
        return node.value
    if node.keys is not None:
        return {key: node.value[key] for key in node.keys[node.low : node.high]}
    return node.value[node.low : node.high]


def path_text(path: Path) -> str:
    """A path as JSONPath (RFC 9535)."""
    text = "$"
    for key in path:
        if isinstance(key, int):
            text += f"[{key}]"
        elif _PLAIN_KEY.match(key):
            text += f".{key}"
        else:
            text += f"[{json.dumps(key, ensure_ascii=False)}]"
    return text


def matches(value: Any, wanted: str) -> Iterator[Path | None]:
    """Paths whose key or value has the casefolded text `wanted`, in the order of the tree; None after each step."""
    waiting: list[tuple[Path, Any]] = [((), value)]
    walks: list[Iterator[tuple[Path, Any]]] = [iter(waiting)]
    while walks:
        step = next(walks[-1], None)
        if step is None:
            walks.pop()
            continue
        path, part = step
        is_found = bool(path) and isinstance(path[-1], str) and wanted in path[-1].casefold()
        if isinstance(part, list | dict):
            if len(path) < DEPTH_LIMIT:
                walks.append(_below(path, part))
        else:
            text = part if isinstance(part, str) else json.dumps(part, default=str)
            is_found = is_found or wanted in text.casefold()
        yield path if is_found else None


def _below(path: Path, part: list[Any] | dict[str, Any]) -> Iterator[tuple[Path, Any]]:
    pairs = part.items() if isinstance(part, dict) else enumerate(part)
    for key, value in pairs:
        yield (*path, key), value


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)
