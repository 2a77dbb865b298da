"""A large view in a window of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ide.core.ports import RunInPool
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.widgets.rich.view import RichView


class RichWindow(QWidget):
    """Esc closes it, and closing destroys it."""

    def __init__(self, theme: Theme, icons: Icons, run_in_pool: RunInPool, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.view = RichView(theme, icons, run_in_pool)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        self.resize(theme.px(820), theme.px(620))
        self.setFocusProxy(self.view)

    def show_bundle(self, bundle: Mapping[str, Any], title: str) -> None:
        """Show a bundle under this title."""
        self.setWindowTitle(title)
        self.view.show_bundle(bundle)
        self.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Nothing plays on."""
        self.view.close_view()
        super().closeEvent(event)
