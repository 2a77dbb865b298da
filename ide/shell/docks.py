"""The docks: which pane stands where, maximising one, the two arrangements. Knows panes only by their protocol."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QStackedWidget, QWidget

from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.shell.layout import LayoutName
from ide.widgets.pane_frame import Pane
from ide.widgets.tabs import Tab, TabStrip

# Dock -> panes that live in it, in order of their tabs. A pane of another id goes to the last dock.
PLACES: dict[str, tuple[str, ...]] = {
    "editor": ("editor",),
    "console": ("console",),
    "variables": ("variables",),
    "plots": ("plots", "viewer", "help", "files", "packages"),
}
# Panes whose tab is there only once they were shown.
LATER = frozenset({"viewer"})
IN_SIMPLE = frozenset({"editor", "console", "plots"})
STATE_VERSION = 1


class Dock(QDockWidget):
    """One dock: a pane, or several behind tabs. The pane's header is its title bar, so dragging it moves the dock."""

    pane_shown = Signal(str)

    def __init__(self, name: str, panes: Sequence[Pane], theme: Theme, icons: Icons, parent: QWidget) -> None:
        super().__init__(panes[0].title, parent)
        self.name = name
        self.panes = tuple(panes)
        self._kept_back = {pane.id for pane in panes if pane.id in LATER and len(panes) > 1}
        self.setObjectName(f"dock-{name}")
        self._strips: list[TabStrip] = []
        self._headers = QStackedWidget()
        self._bodies = QStackedWidget()
        for pane in panes:
            header = pane.widget.take_header()
            header.double_clicked.connect(self._on_double_clicked)
            if len(panes) > 1:
                header.set_tabs(self._strip(pane, theme, icons))
                # What is filled later, or behind another tab, must not push the panes beside it away.
                pane.widget.setMinimumWidth(1)
            self._headers.addWidget(header)
            self._bodies.addWidget(pane.widget)
        self.setTitleBarWidget(self._headers)
        self.setWidget(self._bodies)
        self.setFeatures(
            QDockWidget.DockWidgetFeature.DockWidgetMovable | QDockWidget.DockWidgetFeature.DockWidgetFloatable
        )
        self._fit_headers()
        theme.changed.connect(self._fit_headers)

    double_clicked = Signal(str)
    """Name of the dock whose header was double clicked."""

    @property
    def current(self) -> Pane:
        """The pane that is shown."""
        return self.panes[self._bodies.currentIndex()]

    def show_pane(self, pane_id: str) -> None:
        """Bring one of the panes to the front; another id is ignored."""
        ids = [pane.id for pane in self.panes]
        if pane_id not in ids or pane_id == self.current.id:
            return
        if pane_id in self._kept_back:
            self._kept_back.discard(pane_id)
            self._set_tabs()
        had_strip = any(strip.hasFocus() for strip in self._strips)
        index = ids.index(pane_id)
        self._headers.setCurrentIndex(index)
        self._bodies.setCurrentIndex(index)
        self.setWindowTitle(self.panes[index].title)
        for strip in self._strips:
            strip.blockSignals(True)
            strip.select(pane_id)
            strip.blockSignals(False)
        if had_strip:
            self._strips[index].setFocus(Qt.FocusReason.OtherFocusReason)
        self.pane_shown.emit(pane_id)

    def offers(self, pane_id: str) -> bool:
        """Whether a pane has its tab here."""
        return pane_id not in self._kept_back and any(pane.id == pane_id for pane in self.panes)

    def keep_back(self, pane_id: str) -> None:
        """Take away the tab of a pane of `LATER`; `show_pane` brings it back, and the first pane stands in for it."""
        if pane_id in LATER and self.offers(pane_id):
            if pane_id == self.current.id:
                self.show_pane(self.panes[0].id)
            self._kept_back.add(pane_id)
            self._set_tabs()

    def holds(self, widget: QWidget | None) -> bool:
        """Whether the keyboard is in this dock when it is in `widget`."""
        return widget is not None and (widget is self or self.isAncestorOf(widget))

    def _strip(self, pane: Pane, theme: Theme, icons: Icons) -> TabStrip:
        strip = TabStrip(theme, icons, "Panes", is_movable=False)
        strip.set_tabs(self._tabs(pane), pane.id)
        strip.selected.connect(self.show_pane)
        self._strips.append(strip)
        return strip

    def _tabs(self, pane: Pane) -> tuple[Tab, ...]:
        """Those in the header of `pane`, which has its own among them."""
        shown = [other for other in self.panes if other is pane or other.id not in self._kept_back]
        return tuple(Tab(other.id, other.title, is_closable=False) for other in shown)

    def _set_tabs(self) -> None:
        for pane, strip in zip(self.panes, self._strips, strict=True):
            strip.set_tabs(self._tabs(pane), pane.id)

    @Slot()
    def _fit_headers(self) -> None:
        self._headers.setFixedHeight(self.current.widget.header.maximumHeight())

    @Slot()
    def _on_double_clicked(self) -> None:
        self.double_clicked.emit(self.name)


class Docks(QObject):
    """All docks of a window."""

    maximised = Signal(str)
    """Name of the dock that has the window for itself now, or empty."""

    def __init__(self, window: QMainWindow, panes: Sequence[Pane], theme: Theme, icons: Icons) -> None:
        super().__init__(window)
        self._window = window
        self._docks = self._make(panes, theme, icons)
        self._maximised = ""
        self._before: bytes = b""
        self._layout: LayoutName = "full"
        self._last_focus: dict[str, QWidget] = {}

    @property
    def layout(self) -> LayoutName:
        """The arrangement in use."""
        return self._layout

    @property
    def all(self) -> tuple[Dock, ...]:
        """In reading order."""
        return tuple(self._docks.values())

    @property
    def panes(self) -> tuple[Pane, ...]:
        """Every pane, in reading order."""
        return tuple(pane for dock in self.all for pane in dock.panes)

    @property
    def maximised_dock(self) -> str:
        """Name of the dock that has the window for itself, or empty."""
        return self._maximised

    def dock_of(self, widget: QWidget | None) -> Dock | None:
        """The dock that holds a widget."""
        return next((dock for dock in self.all if dock.holds(widget)), None)

    def show(self, pane_id: str) -> Pane | None:
        """Make a pane visible, whatever hides it; None for an unknown id."""
        dock = next((dock for dock in self.all if any(pane.id == pane_id for pane in dock.panes)), None)
        if dock is None:
            return None
        dock.show_pane(pane_id)
        if self._maximised and self._maximised != dock.name:
            self.maximise("")
        dock.setVisible(True)
        dock.raise_()
        return dock.current

    def bring_forward(self, pane_id: str) -> None:
        """Let a pane be the one that its dock shows, unless the user is at work in that dock. Opens nothing hidden."""
        dock = next((dock for dock in self.all if any(pane.id == pane_id for pane in dock.panes)), None)
        if dock is not None and dock.isVisible() and not dock.holds(QApplication.focusWidget()):
            dock.show_pane(pane_id)

    def keep_back(self, pane_id: str) -> None:
        """Take away the tab of a pane that has nothing to show any more."""
        for dock in self.all:
            dock.keep_back(pane_id)

    def focus(self, pane_id: str) -> None:
        """Make a pane visible and give it the keyboard."""
        if pane := self.show(pane_id):
            pane.focus()

    def cycle(self, by: int) -> None:
        """Give the keyboard to the next visible dock, or the previous one."""
        visible = [dock for dock in self.all if dock.isVisible()]
        here = self.dock_of(QApplication.focusWidget())
        if visible:
            index = visible.index(here) + by if here in visible else 0
            visible[index % len(visible)].current.focus()

    def maximise(self, name: str) -> None:
        """Give one dock the whole window; empty brings all back where they were."""
        if name == self._maximised:
            return
        if self._maximised:
            self._window.restoreState(self._before, STATE_VERSION)
            self._maximised = ""
        if name in self._docks:
            self._before = self._saved()
            for dock in self.all:
                if not dock.isFloating():
                    dock.setVisible(dock.name == name)
            self._docks[name].setVisible(True)
            self._maximised = name
        self.maximised.emit(self._maximised)

    def toggle_maximised(self) -> None:
        """Maximise the dock with the keyboard (the editor's where none has it), or bring all back."""
        dock = self.dock_of(QApplication.focusWidget()) or self.all[0]
        self.maximise("" if self._maximised else dock.name)
        dock.current.focus()

    def toggle_floating(self) -> None:
        """Let the pane with the keyboard be a window of its own, or put it back."""
        dock = self.dock_of(QApplication.focusWidget())
        if dock is None:
            return
        self.maximise("")
        dock.setFloating(not dock.isFloating())
        dock.activateWindow()
        dock.current.focus()

    def arrange(self, layout: LayoutName, state: bytes = b"") -> None:
        """Switch to an arrangement: as it was left where `state` fits, else as at the first start."""
        if self._maximised:
            self._maximised = ""
            self.maximised.emit("")
        self._layout = layout
        if not state or not self._window.restoreState(state, STATE_VERSION) or not self._is_sane():
            self._arrange_anew()

    def state(self) -> bytes:
        """What to remember of the arrangement in use; a maximised pane is not remembered as such."""
        return self._before if self._maximised else self._saved()

    def _saved(self) -> bytes:
        return bytes(self._window.saveState(STATE_VERSION).data())

    def _is_sane(self) -> bool:
        docks = [dock for dock in self.all if not dock.isHidden()]
        return any(not dock.isFloating() for dock in docks)

    def _make(self, panes: Sequence[Pane], theme: Theme, icons: Icons) -> dict[str, Dock]:
        known = {pane_id for ids in PLACES.values() for pane_id in ids}
        docks: dict[str, Dock] = {}
        for name, ids in PLACES.items():
            here = [pane for pane_id in ids for pane in panes if pane.id == pane_id]
            here += [pane for pane in panes if pane.id not in known] if name == "plots" else []
            if here:
                docks[name] = Dock(name, here, theme, icons, self._window)
                docks[name].double_clicked.connect(self._on_double_clicked)
        return docks

    def _arrange_anew(self) -> None:
        """Four panes in two columns; with `simple` the right column is the plots' alone."""
        shown = [d for d in self.all if self._layout == "full" or d.name in IN_SIMPLE]
        for dock in self.all:
            dock.setFloating(False)
            self._window.removeDockWidget(dock)
        left = [dock for dock in shown if dock.name in ("editor", "console")]
        right = [dock for dock in shown if dock.name not in ("editor", "console")]
        area, across, down = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        columns = [column for column in (left, right) if column]
        self._window.addDockWidget(area, columns[0][0])
        if len(columns) > 1:
            self._window.splitDockWidget(columns[0][0], columns[1][0], across)
        for column in columns:
            for upper, lower in pairwise(column):
                self._window.splitDockWidget(upper, lower, down)
        for dock in shown:
            dock.setVisible(True)
        for dock in self.all:
            if dock not in shown:
                # Placed although hidden, so that it opens where it belongs.
                self._window.splitDockWidget(shown[-1], dock, down)
                dock.setVisible(False)
        self._share_out(columns, shown)

    def _share_out(self, columns: list[list[Dock]], shown: list[Dock]) -> None:
        width, height = max(self._window.width(), 400), max(self._window.height(), 300)
        if len(columns) > 1:
            widths = [round(width * 0.56), round(width * 0.44)]
            self._window.resizeDocks([column[0] for column in columns], widths, Qt.Orientation.Horizontal)
        for column in columns:
            upper = 0.6 if column[0].name == "editor" else 0.5
            heights = [round(height * upper), round(height * (1 - upper))]
            if len(column) == 2:
                self._window.resizeDocks(column, heights, Qt.Orientation.Vertical)

    @Slot(str)
    def _on_double_clicked(self, name: str) -> None:
        self.maximise("" if self._maximised else name)
