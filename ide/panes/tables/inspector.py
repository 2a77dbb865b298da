"""Shows one cell whole: long text, or a nested value as a tree. Owns the window, not the value."""

from __future__ import annotations

import json
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ide.core.table import MISSING_WORDS, CellDetail, Column, TableError
from ide.core.text import with_unseen_shown
from ide.panes.tables.words import counted, number
from ide.qt.theme import Theme

NODES_MOST: Final = 5_000


class Inspector(QDialog):
    """A window beside the table; several may be open."""

    def __init__(self, title: str, column: Column, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self._theme = theme
        self._copied = ""
        self._nodes = 0
        self.facts = QLabel(column.type_name or "Reading")
        self.facts.setTextFormat(Qt.TextFormat.PlainText)
        self.facts.setProperty("tone", "muted")
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setFont(theme.font("code"))
        self.text.setAccessibleName(title)
        self.text.setTabChangesFocus(True)
        self.tree = QTreeWidget()
        self.tree.setColumnCount(2)
        self.tree.setHeaderLabels(["Part", "Value"])
        self.tree.setAccessibleName(title)
        self._body = QStackedWidget()
        self._body.addWidget(self.text)
        self._body.addWidget(self.tree)
        buttons = QDialogButtonBox()
        self.copy_button = buttons.addButton("Copy", QDialogButtonBox.ButtonRole.ActionRole)
        self.copy_button.clicked.connect(self._copy)
        buttons.addButton("Close", QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        column_layout = QVBoxLayout(self)
        column_layout.addWidget(self.facts)
        column_layout.addWidget(self._body, 1)
        column_layout.addWidget(buttons)
        self.resize(theme.px(520), theme.px(360))

    def show_detail(self, detail: CellDetail) -> None:
        """The cell has come."""
        words = [detail.type_name] if detail.type_name else []
        if detail.code.is_missing:
            words.append("missing value")
        elif not detail.tree:
            words.append(counted(detail.length or len(detail.text), "character"))
        if detail.is_cut:
            words.append("only the beginning is shown")
        self.facts.setText(", ".join(words))
        self._copied = detail.tree or detail.text
        if detail.tree and self._show_tree(detail.tree):
            return
        self.text.setPlainText(MISSING_WORDS[detail.code] if detail.code.is_missing else detail.text)
        self._body.setCurrentWidget(self.text)

    def show_error(self, error: TableError) -> None:
        """It did not."""
        self.facts.setText("The cell could not be read.")
        self.text.setPlainText(error.text)

    def _show_tree(self, told: str) -> bool:
        try:
            value = json.loads(told)
        except (ValueError, RecursionError):
            return False
        self.tree.clear()
        self._nodes = 0
        root = self.tree.invisibleRootItem()
        if isinstance(value, dict | list):
            self._fill(root, value)
        else:
            root.addChild(QTreeWidgetItem(["", _leaf(value)]))
        self.tree.expandToDepth(1)
        self.tree.resizeColumnToContents(0)
        self._body.setCurrentWidget(self.tree)
        return True

    def _fill(self, parent: QTreeWidgetItem, value: dict[str, object] | list[object]) -> None:
        pairs = value.items() if isinstance(value, dict) else ((f"[{at}]", one) for at, one in enumerate(value))
        for name, one in pairs:
            if self._nodes >= NODES_MOST:
                parent.addChild(QTreeWidgetItem(["…", f"only {number(NODES_MOST)} parts are shown"]))
                return
            self._nodes += 1
            if isinstance(one, dict | list):
                item = QTreeWidgetItem([with_unseen_shown(str(name)), counted(len(one), "part")])
                parent.addChild(item)
                self._fill(item, one)
            else:
                parent.addChild(QTreeWidgetItem([with_unseen_shown(str(name)), _leaf(one)]))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._copied)


def _leaf(value: object) -> str:
    return with_unseen_shown(value) if isinstance(value, str) else json.dumps(value)
