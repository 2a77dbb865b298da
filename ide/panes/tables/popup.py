"""What opens over a table and goes by itself: one frame, one ground, inside the screen, Esc closes. Owns no content."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QWidget

from ide.qt.theme import Theme


class Popup(QFrame):
    """Destroyed when it closes."""

    def __init__(self, name: str, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(name)
        self.theme = theme

    def open_at(self, corner: QPoint, *, is_right: bool = False) -> None:
        """Show it with its upper left corner here (or the right one), moved as far as the screen needs."""
        self.adjustSize()
        screen = self.screen().availableGeometry()
        left = corner.x() - self.width() if is_right else corner.x()
        x = max(screen.left(), min(left, screen.right() - self.width()))
        y = max(screen.top(), min(corner.y(), screen.bottom() - self.height()))
        self.move(x, y)
        self.show()
        self.take_keyboard()

    def take_keyboard(self) -> None:
        """Where typing goes first."""
        self.setFocus()

    def enter(self) -> None:
        """What Enter does."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Esc; a popup does not close on Esc by itself."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.enter()
        elif event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground and edge."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.color("popup"))
        painter.setPen(self.theme.color("control_border"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()
