"""Search in what was entered before: words to find, the newest first, Enter puts it at the prompt."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from ide.qt.theme import Theme

LIST_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class HistoryPopup(QFrame):
    """A popup over the console. `search` gives entries for words, the newest first."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, search: Callable[[str], tuple[str, ...]], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._theme = theme
        self._search = search
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAccessibleName("Search history")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.box = QLineEdit()
        self.box.setPlaceholderText("Search what you entered before")
        self.box.setAccessibleName("Search history")
        self.box.installEventFilter(self)
        self.box.textChanged.connect(self._fill)
        self.entries = QListWidget()
        self.entries.setAccessibleName("Entries, the newest first")
        self.entries.setFont(theme.font("code"))
        self.entries.setUniformItemSizes(True)
        self.entries.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.entries.itemClicked.connect(self._on_clicked)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(8), theme.px(8), theme.px(8), theme.px(8))
        column.setSpacing(theme.px(4))
        column.addWidget(self.box)
        column.addWidget(self.entries)
        self._fill("")

    def open_over(self, widget: QWidget) -> None:
        """Show it at the lower edge of `widget`."""
        px = self._theme.px
        self.resize(min(px(560), max(px(280), widget.width() - px(24))), min(px(300), max(px(160), widget.height())))
        corner = widget.mapToGlobal(QPoint(px(12), widget.height() - px(12)))
        self.move(corner.x(), corner.y() - self.height())
        self.show()
        self.box.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows move in the list while the box has the keyboard."""
        if watched is self.box and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._choose()
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.close()
                return True
            if event.key() == Qt.Key.Key_R and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self.entries.setCurrentRow(min(self.entries.currentRow() + 1, self.entries.count() - 1))
                return True
            if event.key() in LIST_KEYS:
                self.entries.event(event)
                return True
        return super().eventFilter(watched, event)

    @Slot(str)
    def _fill(self, words: str) -> None:
        self.entries.clear()
        for entry in self._search(words):
            first, _, rest = entry.partition("\n")
            item = QListWidgetItem(first + (f"  ⏎ {rest.count(chr(10)) + 1} more lines" if rest else ""))
            item.setData(Qt.ItemDataRole.UserRole, entry)
            item.setToolTip(entry[:2000])
            self.entries.addItem(item)
        self.entries.setCurrentRow(0)

    @Slot(QListWidgetItem)
    def _on_clicked(self, item: QListWidgetItem) -> None:
        self.entries.setCurrentItem(item)
        self._choose()

    def _choose(self) -> None:
        item = self.entries.currentItem()
        if item is not None:
            self.chosen.emit(str(item.data(Qt.ItemDataRole.UserRole)))
        self.close()
