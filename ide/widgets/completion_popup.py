"""A list of things that could be typed, beside the caret. Never takes the keyboard: its host hands it the keys.

Owns how items look and which one is chosen; what is offered, and what accepting one means, is its host's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLabel,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from ide.core.language import CompletionItem
from ide.qt.accessible import announce
from ide.qt.icons import Icons
from ide.qt.theme import Theme

MOST_ROWS = 10
WIDEST_PX = 560
NARROWEST_PX = 220
KIND_ICONS: Mapping[str, str] = {
    "function": "function",
    "method": "function",
    "class": "cube",
    "module": "package",
    "package": "package",
    "column": "columns",
    "key": "table",
    "property": "dot",
    "parameter": "text-indent",
    "keyword": "text-aa",
    "path": "file",
    "magic": "lightning",
    "variable": "code",
}
_ITEM = Qt.ItemDataRole.UserRole


class CompletionList(QAbstractListModel):
    """Items as rows; a row is spoken as label, kind and detail."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.items: Sequence[CompletionItem] = ()

    def set_items(self, items: Sequence[CompletionItem]) -> None:
        """Show these."""
        self.beginResetModel()
        self.items = items
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """One row for each item."""
        return 0 if parent is not None and parent.isValid() else len(self.items)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The item, and words for screen readers."""
        if not index.isValid() or index.row() >= len(self.items):
            return None
        item = self.items[index.row()]
        if role == _ITEM:
            return item
        if role == Qt.ItemDataRole.DisplayRole:
            return item.label
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in (item.label, item.kind, item.detail) if part)
        return None


class CompletionPopup(QFrame):
    """One list for one host widget, drawn inside the host's window."""

    accepted = Signal(object)
    """CompletionItem"""
    dismissed = Signal()

    def __init__(self, theme: Theme, icons: Icons, host: QWidget) -> None:
        super().__init__(host.window())
        self._host = host
        self._theme = theme
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setObjectName("completion")
        self._list = QListView()
        self._list.setAccessibleName("Completions")
        self._model = CompletionList(self)
        self._list.setModel(self._model)
        self._list.setItemDelegate(_Row(theme, icons, self))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        self._list.setUniformItemSizes(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._list.clicked.connect(self._on_clicked)
        self._detail = QLabel()
        self._detail.setTextFormat(Qt.TextFormat.PlainText)
        self._detail.setContentsMargins(8, 2, 8, 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(self._list)
        column.addWidget(self._detail)
        theme.changed.connect(self._dress)
        self._dress()
        self.hide()

    @property
    def items(self) -> Sequence[CompletionItem]:
        """What is offered now; empty while the list is hidden."""
        return () if self.isHidden() else self._model.items

    @property
    def current(self) -> CompletionItem | None:
        """The chosen item."""
        row = self._list.currentIndex().row()
        return self.items[row] if 0 <= row < len(self.items) else None

    def offer(self, items: Sequence[CompletionItem], caret: QRect) -> None:
        """Show `items` under `caret` (global), or above it where there is no room. No items hide the list.

        The item that was chosen stays so if it is still there.
        """
        chosen = self.current
        if not items:
            self.hide()
            return
        self._model.set_items(items)
        row = next((n for n, item in enumerate(items) if chosen is not None and item.label == chosen.label), 0)
        self._choose(row)
        self._place(caret)
        self.show()
        self.raise_()

    def dismiss(self) -> None:
        """Hide the list without accepting anything."""
        if not self.isHidden():
            self.hide()
            self.dismissed.emit()

    def handle(self, event: QKeyEvent) -> bool:
        """Take a key of the host: True if it was for the list. Nothing is taken while it is hidden."""
        if self.isHidden() or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        key = event.key()
        page = max(1, min(MOST_ROWS, len(self._model.items)) - 1)
        steps = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_PageUp: -page,
        }
        if key in steps:
            self._step(steps[Qt.Key(key)], wraps=abs(steps[Qt.Key(key)]) == 1)
        elif key in (Qt.Key.Key_Tab, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._accept()
        elif key == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            return False
        return True

    # --- parts -------------------------------------------------------------------------------------------------------

    def _step(self, by: int, *, wraps: bool) -> None:
        count = len(self._model.items)
        row = self._list.currentIndex().row() + by
        self._choose(row % count if wraps else min(max(row, 0), count - 1))
        if self.current is not None:
            announce(self._host, str(self._model.data(self._list.currentIndex(), Qt.ItemDataRole.AccessibleTextRole)))

    def _choose(self, row: int) -> None:
        index = self._model.index(row, 0)
        self._list.setCurrentIndex(index)
        self._list.scrollTo(index)
        item = self._model.items[row]
        words = " · ".join(part for part in (item.kind, item.detail) if part)
        width = self._theme.px(WIDEST_PX)
        metrics = QFontMetrics(self._detail.font())
        self._detail.setText(metrics.elidedText(words.replace("\n", " "), Qt.TextElideMode.ElideRight, width))
        self._detail.setVisible(bool(words))

    def _accept(self) -> None:
        item = self.current
        self.hide()
        if item is not None:
            self.accepted.emit(item)

    @Slot(QModelIndex)
    def _on_clicked(self, index: QModelIndex) -> None:
        self._choose(index.row())
        self._accept()

    def _place(self, caret: QRect) -> None:
        window = self._host.window()
        if self.parent() is not window:  # the host's pane was floated or docked
            self.setParent(window)
        size = self._wanted_size()
        top_left = window.mapFromGlobal(caret.bottomLeft()) + QPoint(-self._theme.px(28), self._theme.px(2))
        if top_left.y() + size.height() > window.height():
            above = window.mapFromGlobal(caret.topLeft()).y() - size.height() - self._theme.px(2)
            top_left.setY(above if above >= 0 else max(0, window.height() - size.height()))
        top_left.setX(min(max(0, top_left.x()), max(0, window.width() - size.width())))
        self.setGeometry(QRect(top_left, size))

    def _wanted_size(self) -> QSize:
        metrics = QFontMetrics(self._theme.font("code"))
        longest = max((len(item.label) for item in self._model.items[:200]), default=0)
        details = max((len(item.detail) for item in self._model.items[:200]), default=0)
        width = metrics.horizontalAdvance("0") * (longest + min(details, 30) + 4) + self._theme.px(48)
        width = min(max(width, self._theme.px(NARROWEST_PX)), self._theme.px(WIDEST_PX))
        rows = min(MOST_ROWS, len(self._model.items))
        self._list.setFixedHeight(rows * self._theme.px(24))
        detail = self._detail.sizeHint().height() if not self._detail.isHidden() else 0
        return QSize(width, self._list.height() + detail + 2 * self.frameWidth() + 2)

    @Slot()
    def _dress(self) -> None:
        self._list.setFont(self._theme.font("code"))
        self._detail.setFont(self._theme.font("small"))
        popup, border = self._theme.color("popup").name(), self._theme.color("border").name()
        muted = self._theme.color("muted").name()
        self.setStyleSheet(
            f"QFrame#completion {{ background: {popup}; border: 1px solid {border}; }}"
            f" QListView {{ background: {popup}; }} QLabel {{ color: {muted}; background: {popup}; }}"
        )


class _Row(QStyledItemDelegate):
    """Icon of the kind, label, detail at the right."""

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        """A row of the grid of the theme."""
        return QSize(self._theme.px(NARROWEST_PX), self._theme.px(24))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """One row."""
        item = index.data(_ITEM)
        assert isinstance(item, CompletionItem)
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, self._theme.color("selection"))
        px = self._theme.px
        icon = self._icons.icon(KIND_ICONS.get(item.kind, "dot"), "muted")
        icon.paint(painter, QRect(rect.left() + px(8), rect.top() + px(4), px(16), px(16)))
        text = rect.adjusted(px(32), 0, -px(8), 0)
        painter.setFont(self._theme.font("code"))
        painter.setPen(self._theme.color("text"))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(text, middle | Qt.AlignmentFlag.AlignLeft, item.label)
        used = QFontMetrics(painter.font()).horizontalAdvance(item.label) + px(16)
        painter.setFont(self._theme.font("small"))
        painter.setPen(self._theme.color("text" if state & QStyle.StateFlag.State_Selected else "muted"))
        room = text.width() - used
        if item.detail and room > px(24):
            detail = item.detail.split("\n", 1)[0]
            shown = QFontMetrics(painter.font()).elidedText(detail, Qt.TextElideMode.ElideRight, room)
            painter.drawText(text, middle | Qt.AlignmentFlag.AlignRight, shown)
        painter.restore()
