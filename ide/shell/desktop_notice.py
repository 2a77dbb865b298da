"""Notices on the desktop, for those who work in another window. Owns the icon that the system wants for them."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from ide.qt.icons import Icons

SHOWN_MS = 10_000


class DesktopNotices(QObject):
    """A notice of the system where it has them, else its sign that a window wants attention. UI thread.

    The icon is in the tray only while a notice stands: until the notice is clicked or the window comes to the front.
    """

    clicked = Signal()
    """The user clicked the notice: the window is in front again."""

    def __init__(self, window: QWidget, icons: Icons, tray_icon: type[QSystemTrayIcon] = QSystemTrayIcon) -> None:
        """`tray_icon` is given by tests."""
        super().__init__(window)
        self._window = window
        self._icons = icons
        self._kind = tray_icon
        self._tray: QSystemTrayIcon | None = None

    def show(self, title: str, text: str, *, is_error: bool = False) -> None:
        """Show one, in place of one that stands."""
        if not self._kind.isSystemTrayAvailable() or not self._kind.supportsMessages():
            QApplication.alert(self._window)
            return
        if self._tray is None:
            self._tray = self._kind(self._icons.icon("terminal-window", "accent"), self)
            self._tray.messageClicked.connect(self._on_clicked)
            self._tray.activated.connect(self._on_clicked)
        self._tray.setToolTip(f"{title}\n{text}")
        self._tray.show()
        kind = QSystemTrayIcon.MessageIcon
        self._tray.showMessage(title, text, kind.Warning if is_error else kind.Information, SHOWN_MS)

    @Slot()
    def put_away(self) -> None:
        """Whoever it was for has come."""
        if self._tray is not None:
            self._tray.hide()

    def close(self) -> None:
        """Take the icon out of the tray."""
        self.put_away()
        if self._tray is not None:
            self._tray.deleteLater()
            self._tray = None

    @Slot()
    def _on_clicked(self) -> None:
        self.put_away()
        window = self._window
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.raise_()
        window.activateWindow()
        self.clicked.emit()
