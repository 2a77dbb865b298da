"""The main window: where menus, toolbar, bars, docks and status bar stand. Has no logic of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QPaintEvent
from PySide6.QtWidgets import QMainWindow, QMenuBar, QSizePolicy, QTabWidget, QVBoxLayout, QWidget

from ide.commands.keys import KeyMaps
from ide.commands.registry import Commands
from ide.qt.actions import Actions
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.shell.docks import Docks
from ide.shell.drop import DropTarget
from ide.shell.keys import KeyBindings
from ide.shell.menus import Menus
from ide.shell.status_bar import StatusBar
from ide.shell.toolbar import Toolbar
from ide.shell.trust_bar import TrustBar
from ide.widgets.guest import KEY_SCOPE
from ide.widgets.notices import NoticeArea
from ide.widgets.pane_frame import Pane


class Window(QMainWindow):
    """Parts are public: the shell works them."""

    painted = Signal()
    """Once, when everything that the first paint shows was painted."""
    closing = Signal()
    """The window is about to close; nothing is destroyed yet."""
    activated = Signal()
    """The window came to the front: files may have changed on disk meanwhile."""

    def __init__(
        self,
        *,
        commands: Commands,
        keymaps: KeyMaps,
        actions: Actions,
        theme: Theme,
        icons: Icons,
        panes: Sequence[Pane],
    ) -> None:
        super().__init__()
        self._was_painted = False
        self.hold_close: Callable[[], bool] = lambda: False
        """Asked when the window is to be closed; True keeps it open, and who said so closes it later."""
        self.setObjectName("window")
        self.setWindowTitle("Fourpane")
        self.setDockNestingEnabled(True)
        self.setAnimated(False)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.bar = QMenuBar()
        self.menus = Menus(self.bar, commands, actions)
        self.toolbar = Toolbar(commands, keymaps, actions, theme, icons, self)
        self.trust_bar = TrustBar(theme, icons)
        self.notice_area = NoticeArea(theme, icons)
        self.setMenuWidget(self._top())
        self.docks = Docks(self, panes, theme, icons)
        self.status_bar = StatusBar(commands, actions, theme, icons, self)
        self.setStatusBar(self.status_bar)
        self.keys = KeyBindings(self, commands, keymaps, self.scope_of)
        self.drop_target = DropTarget(self)
        self.drop_target.watch(self)

    def scope_of(self, widget: QWidget | None) -> str:
        """Pane that holds a widget, or "window": where keys are looked up."""
        dock = self.docks.dock_of(widget)
        while widget is not None and widget is not dock:
            if scope := widget.property(KEY_SCOPE):
                return str(scope)
            widget = widget.parentWidget()
        return dock.current.id if dock is not None else "window"

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tell the first time."""
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            self.painted.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Nothing is asked of what was typed: it is kept. Only what goes on and costs money may hold the window up."""
        if self.hold_close():
            event.ignore()
            return
        self.closing.emit()
        event.accept()

    def changeEvent(self, event: QEvent) -> None:
        """Tell when the window comes to the front."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.activated.emit()

    def _top(self) -> QWidget:
        top = QWidget()
        column = QVBoxLayout(top)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.bar, self.toolbar, self.trust_bar, self.notice_area):
            column.addWidget(widget)
        top.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        return top
