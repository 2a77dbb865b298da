"""Builds the window and works it: layouts, theme and zoom from settings, notices, trust bar, commands of the window.

Owns the window and what is remembered of it. Services come by constructor; panes are made by the composition root.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, QRect, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from ide.commands.keys import KeyMaps
from ide.commands.registry import Commands
from ide.core.errors import FourpaneError, SettingsError
from ide.core.ports import After, RunInPool
from ide.qt.actions import Actions
from ide.qt.icons import Icons
from ide.qt.theme import ZOOM_STEPS, Theme
from ide.qt.ties import connect
from ide.settings import declared
from ide.settings.settings import Settings
from ide.shell import commands as window_commands
from ide.shell.crash_report import Report, report_text
from ide.shell.layout import Layout, LayoutFile, LayoutName, Rect, fitted
from ide.shell.memory import Memory, MemoryMeter
from ide.shell.notices import Notices
from ide.shell.trust_bar import WhyDialog
from ide.shell.window import Window
from ide.widgets.notices import Notice, NoticeList
from ide.widgets.pane_frame import Pane

TRUST = "trust.trust"
WHY = "trust.why"


def dress(theme: Theme, settings: Settings) -> None:
    """Give the theme what the settings say; called before the window is made and at each change."""
    theme.set_fonts(
        ui_family=settings.get(declared.APPEARANCE_INTERFACE_FONT_FAMILY),
        ui_size_px=settings.get(declared.APPEARANCE_INTERFACE_FONT_SIZE_PX),
        code_family=settings.get(declared.APPEARANCE_CODE_FONT_FAMILY),
        code_size_px=settings.get(declared.APPEARANCE_CODE_FONT_SIZE_PX),
    )
    theme.set_motion(settings.get(declared.APPEARANCE_REDUCED_MOTION))  # type: ignore[arg-type]  # its choices are these
    theme.set_zoom(settings.get(declared.APPEARANCE_ZOOM))
    theme.set_choice(settings.get(declared.APPEARANCE_THEME))  # type: ignore[arg-type]  # its choices are these


class Shell(QObject):
    """Everything runs on the UI thread. `open` shows the window, `close` ends what was started."""

    opened = Signal()
    """After the first paint: what is heavy may be imported now."""
    closed = Signal()
    """The window is closed; the composition root ends the rest."""
    dropped = Signal(list)
    """Paths dropped on the window."""

    def __init__(
        self,
        *,
        commands: Commands,
        keymaps: KeyMaps,
        settings: Settings,
        theme: Theme,
        icons: Icons,
        actions: Actions,
        panes: Sequence[Pane],
        notices: Notices,
        layout_file: Path,
        after: After,
        run_in_pool: RunInPool,
        pids: Callable[[], Iterable[int]],
        last_report: Callable[[], Report | None] = lambda: None,
    ) -> None:
        """`pids` are the processes whose memory is shown (window, keeper, kernels)."""
        super().__init__()
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        self._application = application
        self._commands = commands
        self._settings = settings
        self._theme = theme
        self._icons = icons
        self._after = after
        self._last_report = last_report
        self._layout_file = LayoutFile(layout_file)
        self._layout = Layout()
        self._was_maximised_window = False
        self._list: NoticeList | None = None
        self._dialog: QWidget | None = None
        self._why: Callable[[], tuple[Path, Sequence[str]]] | None = None
        self.notices = notices
        window_commands.add_commands(commands, self, frozenset(pane.id for pane in panes))
        self.window = Window(commands=commands, keymaps=keymaps, actions=actions, theme=theme, icons=icons, panes=panes)
        self._memory = MemoryMeter(after, run_in_pool, pids)
        self._tie()

    def open(self, *, reset_layout: bool = False) -> None:
        """Show the window where it was, or on `reset_layout` as at the first start."""
        stored = self._layout_file.read()
        self._layout = stored.without_states() if reset_layout else stored
        if self._layout_file.problem is not None:
            self.notices.add_error(self._layout_file.problem)
        place = fitted(self._layout.window, _screens())
        self.window.setGeometry(QRect(*place))
        if self._layout.is_maximised:
            self.window.setWindowState(Qt.WindowState.WindowMaximized)
        self._arrange(self._wanted_layout())
        for dock in self.window.docks.all:
            if dock.offers(shown := self._layout.tabs.get(dock.name, "")):
                dock.show_pane(shown)
        self._set_context()
        self.window.docks.focus("editor")
        self.window.show()

    def close(self) -> None:
        """Keep the layout and end timers. The window is destroyed with its panes' widgets."""
        self._memory.close()
        self._application.focusChanged.disconnect(self._on_focus_changed)
        self.window.keys.close()
        self.window.status_bar.close_work()
        for dialog in (self._list, self._dialog):
            if dialog is not None:
                dialog.close()
                dialog.deleteLater()
        self._list = self._dialog = None
        self.window.deleteLater()

    # --- what others tell --------------------------------------------------------------------------------------------

    def show_error(self, error: FourpaneError) -> None:
        """An error meant for the user, as a bar and in the list."""
        self.notices.add_error(error)

    def show_report(self, report: Report) -> None:
        """Offer to copy a crash report; one dialog at a time, the newest report."""
        from ide.shell.report_dialog import ReportDialog

        self._open_dialog(ReportDialog(report, self._theme, self._icons, self.window))

    def show_untrusted(self, folder: Path, findings: Sequence[str]) -> None:
        """Open the trust bar for the folder in use; `trust.trust` and `trust.why` are what its buttons run."""
        if self._settings.get(declared.TRUST_ASK):
            self.window.trust_bar.show_untrusted(folder, findings)

    def hide_trust_bar(self) -> None:
        """The folder is trusted, or none is open."""
        self.window.trust_bar.hide()

    def explain_trust(self, folder: Path, findings: Sequence[str]) -> None:
        """The dialog behind [Why]; its main button runs `trust.trust`."""
        dialog = WhyDialog(folder, findings, self._theme, self.window)
        dialog.accepted.connect(self._on_trust_asked)
        self._open_dialog(dialog)

    # --- commands of the window --------------------------------------------------------------------------------------

    def focus_pane(self, pane_id: str) -> None:
        """Show a pane and give it the keyboard."""
        self.window.docks.focus(pane_id)

    def cycle_panes(self, by: int) -> None:
        """The keyboard goes on to the next visible pane."""
        self.window.docks.cycle(by)

    def toggle_maximised(self) -> None:
        """One pane has the window, or all are back."""
        self.window.docks.toggle_maximised()

    def toggle_floating(self) -> None:
        """A pane is a window of its own, or back."""
        self.window.docks.toggle_floating()

    def use_layout(self, name: str) -> None:
        """Switch at once; what was moved in the former layout is kept for the way back."""
        self._settings.set(declared.WINDOW_LAYOUT, name)

    def reset_layout(self) -> None:
        """Every pane back where it was at first, in both layouts."""
        self._layout = self._layout.without_states()
        self._arrange(self.window.docks.layout)
        for dock in self.window.docks.all:
            dock.show_pane(dock.panes[0].id)

    def zoom_by(self, steps: int) -> None:
        """The next step of the zoom, for everything at once."""
        now = self._settings.get(declared.APPEARANCE_ZOOM)
        if steps > 0:
            zoom = next((step for step in ZOOM_STEPS if step > now + 0.001), ZOOM_STEPS[-1])
        else:
            zoom = next((step for step in reversed(ZOOM_STEPS) if step < now - 0.001), ZOOM_STEPS[0])
        self._settings.set(declared.APPEARANCE_ZOOM, zoom)

    def zoom_reset(self) -> None:
        """100 %."""
        self._settings.set(declared.APPEARANCE_ZOOM, 1.0)

    def toggle_presentation(self) -> None:
        """Everything larger on the whole screen, or back."""
        is_on = not self._commands.context.get(window_commands.IS_PRESENTING)
        if is_on:
            self._was_maximised_window = self.window.isMaximized()
            self.window.showFullScreen()
        elif self._was_maximised_window:
            self.window.showMaximized()
        else:
            self.window.showNormal()
        self._theme.set_presentation(is_on)
        self._commands.context.set(window_commands.IS_PRESENTING, is_on)

    def use_theme(self, name: str) -> None:
        """Another theme, at once."""
        self._settings.set(declared.APPEARANCE_THEME, name)

    def open_notices(self) -> None:
        """The list, above its item of the status bar."""
        if self._list is None:
            self._list = NoticeList(self._theme, self._icons, self.window)
            self._list.acted.connect(self._on_acted)
            self._list.cleared.connect(self._on_cleared)
        bar = self.window.status_bar
        self._list.open_above(self.notices.all, bar.mapToGlobal(QPoint(bar.width() - 4, 0)))

    def show_about(self) -> None:
        """Name, versions, licence."""
        from ide.shell.report_dialog import AboutDialog

        self._open_dialog(AboutDialog(self._theme, self.window))

    def copy_report(self) -> None:
        """The newest report, or the versions alone."""
        report = self._last_report()
        QGuiApplication.clipboard().setText(report.text if report else report_text("No error in this run", ""))
        self.notices.add(Notice("The report is on the clipboard.", "done", key="report"))

    def quit(self) -> None:
        """Close the window."""
        self.window.close()

    # --- inside ------------------------------------------------------------------------------------------------------

    def _tie(self) -> None:
        window = self.window
        window.painted.connect(self._on_painted, Qt.ConnectionType.QueuedConnection)
        window.closing.connect(self._on_closing)
        window.drop_target.dropped.connect(self.dropped)
        window.docks.maximised.connect(self._on_maximised)
        window.status_bar.command_asked.connect(self._on_command_asked)
        window.trust_bar.trust_asked.connect(self._on_trust_asked)
        window.trust_bar.why_asked.connect(self._on_why_asked)
        window.notice_area.acted.connect(self._on_acted)
        self._application.focusChanged.connect(self._on_focus_changed)
        connect(self, self.notices.added, self._on_notice)
        connect(self, self.notices.changed, self._on_notices_changed)
        connect(self, self._settings.changed, self._on_setting_changed)
        connect(self, self._memory.sampled, self._on_memory)

    def _wanted_layout(self) -> LayoutName:
        return "simple" if self._settings.get(declared.WINDOW_LAYOUT) == "simple" else "full"

    def _arrange(self, name: LayoutName) -> None:
        """Arrange the panes; the keyboard stays where it was, or goes to the editor where that pane is hidden now."""
        docks = self.window.docks
        former = docks.dock_of(QApplication.focusWidget())
        docks.arrange(name, self._layout.states.get(name, b""))
        if former is not None:
            (former if former.isVisible() else docks.all[0]).current.focus()
        self.window.status_bar.set_simple(name == "simple")

    def _set_context(self) -> None:
        context = self._commands.context
        context.set(window_commands.LAYOUT, self.window.docks.layout)
        context.set(window_commands.THEME, self._theme.choice)
        context.set(window_commands.HAS_NOTICES, bool(self.notices.all))

    def _remember(self) -> Layout:
        window, docks = self.window, self.window.docks
        normal = window.normalGeometry() if window.isMaximized() or window.isFullScreen() else window.geometry()
        place: Rect = (normal.x(), normal.y(), normal.width(), normal.height())
        is_maximised = window.isMaximized() or (window.isFullScreen() and self._was_maximised_window)
        tabs = {dock.name: dock.current.id for dock in docks.all if len(dock.panes) > 1}
        kept = Layout(place, is_maximised, self._layout.states, tabs)
        return kept.with_state(docks.layout, docks.state())

    def _open_dialog(self, dialog: QWidget) -> None:
        if self._dialog is not None:
            self._dialog.close()
            self._dialog.deleteLater()
        self._dialog = dialog
        dialog.show()

    @Slot()
    def _on_painted(self) -> None:
        self.opened.emit()
        self.window.keys.bind()
        if self.window.bar.isNativeMenuBar():  # the system draws it and wants its menus at once
            self.window.menus.fill_all()
        self._memory.start()

    @Slot()
    def _on_closing(self) -> None:
        try:
            self._layout_file.write(self._remember())
        except SettingsError as error:
            self.notices.add_error(error)
        self.closed.emit()

    @Slot(QWidget, QWidget)
    def _on_focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        if new is not None:  # with no widget the window is only not in front
            dock = self.window.docks.dock_of(new)
            self._commands.context.set(window_commands.PANE, dock.current.id if dock is not None else "")

    @Slot(str)
    def _on_maximised(self, name: str) -> None:
        self._commands.context.set(window_commands.IS_MAXIMISED, bool(name))

    @Slot(str)
    def _on_command_asked(self, command_id: str) -> None:
        self._commands.run(command_id)

    @Slot()
    def _on_trust_asked(self) -> None:
        self._commands.run(TRUST)

    @Slot()
    def _on_why_asked(self) -> None:
        self._commands.run(WHY)

    @Slot(object)
    def _on_acted(self, notice: Notice) -> None:
        self._commands.run(notice.action, **notice.action_arguments)

    @Slot()
    def _on_cleared(self) -> None:
        self.notices.clear()

    def _on_notice(self, notice: Notice) -> None:
        self.window.notice_area.show_notice(notice)

    def _on_notices_changed(self) -> None:
        self.window.status_bar.set_notice_count(len(self.notices.all), has_error=self.notices.has_error)
        self._commands.context.set(window_commands.HAS_NOTICES, bool(self.notices.all))
        shown = {id(notice) for notice in self.notices.all}
        for bar in self.window.notice_area.bars:
            if id(bar.notice) not in shown:
                bar.dismiss()

    def _on_setting_changed(self, setting_id: str) -> None:
        if setting_id == declared.WINDOW_LAYOUT.id:
            self._layout = self._layout.with_state(self.window.docks.layout, self.window.docks.state())
            self._arrange(self._wanted_layout())
            self._set_context()
        elif setting_id.startswith("appearance."):
            dress(self._theme, self._settings)
            self._set_context()

    def _on_memory(self, memory: Memory) -> None:
        self.window.status_bar.set_memory(memory.text)


def _screens() -> tuple[Rect, ...]:
    """What can be used of each screen, the first one first."""
    first = QGuiApplication.primaryScreen()
    ordered = [first, *(screen for screen in QGuiApplication.screens() if screen is not first)]
    areas = [screen.availableGeometry() for screen in ordered]
    return tuple((area.x(), area.y(), area.width(), area.height()) for area in areas)
