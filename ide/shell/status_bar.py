"""The line at the bottom: environment, kernel, workers, memory, caret, encoding, line ending, notices.

Shows what it is told.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QIcon, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStatusBar, QToolButton, QWidget

from ide.commands.registry import Commands
from ide.qt.actions import Actions
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.widgets.share_bar import paint_share
from ide.widgets.tabs import paint_badge

# Item -> command that a click runs. An item without its command, or while the command cannot run, is plain text.
CLICKS = {
    "environment": "session.choose_environment",
    "kernel": "session.interrupt",
    "workers": "deploy.show_workers",
    "memory": "view.memory",
    "cursor": "edit.go_to_line",
    "encoding": "file.choose_encoding",
    "line_ending": "file.choose_line_ending",
    "notices": "view.notices",
}
ORDER = ("environment", "kernel", "workers", "", "memory", "cursor", "encoding", "line_ending", "notices")
IN_SIMPLE = frozenset({"environment", "kernel", "workers", "cursor", "notices"})

# State -> icon, role, words. "starting" and the rest are the states of `ide.kernels.session`.
_KERNEL_LOOKS = {
    "starting": ("circle-notch", "muted", "starting"),
    "idle": ("check-circle", "done", "idle"),
    "busy": ("play", "accent", "running"),
    "waiting": ("keyboard", "warning", "waiting for input"),
    "interrupting": ("stop", "warning", "stopping"),
    "restarting": ("arrow-clockwise", "muted", "restarting"),
    "dead": ("x-circle", "error", "ended"),
}
_COUNTING = frozenset({"starting", "busy", "interrupting", "restarting"})


class StatusItem(QToolButton):
    """One item. `text` is empty while there is nothing to tell, and the item is then not there."""

    def __init__(self, name: str, label: str, theme: Theme) -> None:
        super().__init__()
        self.name = name
        self._theme = theme
        self._share: float | None = None
        self._label = label
        self.setAutoRaise(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.hide()

    def tell(self, text: str, tooltip: str = "") -> None:
        """Show `text`; screen readers hear what it is about, too."""
        self.setText(text.replace("&", "&&"))
        self.setAccessibleName(f"{self._label}: {text}")
        self.setToolTip(tooltip or self._label)

    def set_share(self, share: float | None) -> None:
        """How far what it tells of is, from 0 to 1, as a thin bar; None takes the bar away."""
        if share != self._share:
            self._share = share
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The bar goes over the button."""
        super().paintEvent(event)
        if self._share is not None:
            painter = QPainter(self)
            paint_share(painter, self._theme, self.rect(), self._share)
            painter.end()


class StatusBar(QStatusBar):
    """All items. Set what is known; what was never set is not shown."""

    command_asked = Signal(str)
    """Id of a command whose item was clicked."""

    def __init__(
        self,
        commands: Commands,
        actions: Actions,
        theme: Theme,
        icons: Icons,
        parent: QWidget | None = None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(parent)
        self._commands = commands
        self._actions = actions
        self._theme = theme
        self._icons = icons
        self._clock = clock
        self._is_simple = False
        self._told: set[str] = set()
        self._kernel: tuple[str, str, float, float, str] = ("", "", 0.0, 0.0, "")
        self._badge = ("", "badge_other")
        labels = ("Environment", "Kernel", "Workers", "Memory", "Caret", "Encoding", "Line ending", "Notices")
        names = [name for name in ORDER if name]
        self._items = {name: StatusItem(name, label, theme) for name, label in zip(names, labels, strict=True)}
        self._tick = QTimer(self)
        self._tick.setInterval(1000)
        self._tick.timeout.connect(self._show_kernel)
        self._row_widget = QWidget()
        self._row = QHBoxLayout(self._row_widget)
        self._fill()
        self.addWidget(self._row_widget, 1)
        self.setSizeGripEnabled(False)
        connect(self, commands.context.changed, self._on_context_changed)
        connect(self, commands.added, self._on_context_changed)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def item(self, name: str) -> StatusItem:
        """One of `CLICKS`' items."""
        return self._items[name]

    def set_simple(self, is_simple: bool) -> None:
        """Show only what a first lesson needs."""
        self._is_simple = is_simple
        self._show_items()

    def set_environment(self, name: str, badge: str, badge_role: str, tooltip: str = "") -> None:
        """Environment of the session in use; an empty name takes the item away."""
        self._badge = (badge, badge_role)
        self._items["environment"].setIcon(self._badge_icon(badge, badge_role) if badge else QIcon())
        self._tell("environment", name, tooltip or f"{name}: where your code runs. Click to choose another.")

    def set_kernel(
        self,
        state: str,
        detail: str = "",
        *,
        since_s: float = 0.0,
        took_s: float = 0.0,
        done: str = "",
        share: float | None = None,
    ) -> None:
        """State of the session in use ("" takes the item away).

        `since_s` (seconds since the epoch) is when a counting state began; `took_s` is how long the last run was.
        `done` ("3 of 12, 40 %") and `share` (0 to 1) tell how far its code is.
        """
        self._kernel = (state, detail, since_s, took_s, done)
        self._items["kernel"].set_share(share)
        is_counting = state in _COUNTING and since_s > 0
        if is_counting != self._tick.isActive():
            self._tick.start() if is_counting else self._tick.stop()
        self._show_kernel()

    def set_workers(self, text: str, tooltip: str = "", *, is_starting: bool = False) -> None:
        """ "4 workers": what the session in use has beside its kernel."""
        self._items["workers"].setIcon(self._icons.icon("circle-notch" if is_starting else "cube", "muted"))
        self._tell("workers", text, tooltip)

    def set_memory(self, text: str, tooltip: str = "") -> None:
        """ "1.2 of 24 GB"."""
        self._tell("memory", text, tooltip or "Memory of this window and its kernels, of what the machine has")

    def set_cursor(self, line: int, column: int, selected: int = 0) -> None:
        """Caret, counted from 0 here and from 1 on the screen; a negative line takes the item away."""
        if line < 0:
            self._tell("cursor", "", "")
            return
        text = f"Ln {line + 1}, Col {column + 1}" + (f" ({selected} selected)" if selected else "")
        self._tell("cursor", text, "Line and column of the caret")

    def set_file_form(self, encoding: str, line_ending: str) -> None:
        """Encoding ("UTF-8") and line ending ("LF") of the document in front."""
        self._tell("encoding", encoding, "Encoding of the file")
        self._tell("line_ending", line_ending, "Line ending of the file")

    def set_notice_count(self, count: int, *, has_error: bool = False) -> None:
        """How many notices the list holds."""
        self._items["notices"].setIcon(self._icons.icon("bell", "error" if has_error else "text"))
        words = f"{count} {'notice' if count == 1 else 'notices'}"
        self._tell("notices", words if count else "", "What was told so far")

    def close_work(self) -> None:
        """Stop counting."""
        self._tick.stop()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Background and the line above."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("window"))
        painter.fillRect(0, 0, self.width(), 1, self._theme.color("border"))
        painter.end()

    def _fill(self) -> None:
        for name in ORDER:
            if not name:
                self._row.addStretch(1)
                continue
            self._row.addWidget(self._items[name])
            self._items[name].clicked.connect(self._on_clicked)

    def _tell(self, name: str, text: str, tooltip: str) -> None:
        self._items[name].tell(text, self._with_key(name, tooltip))
        (self._told.add if text else self._told.discard)(name)
        self._show_items()

    def _with_key(self, name: str, tooltip: str) -> str:
        command = CLICKS[name]
        return f"{tooltip}\n{self._actions.tooltip(command)}" if command in self._commands else tooltip

    def _show_items(self) -> None:
        for name, item in self._items.items():
            item.setVisible(name in self._told and (not self._is_simple or name in IN_SIMPLE))
            # Text that does nothing is no stop for the Tab key.
            can_click = self._commands.is_enabled(CLICKS[name])
            item.setFocusPolicy(Qt.FocusPolicy.TabFocus if can_click else Qt.FocusPolicy.NoFocus)

    def _badge_icon(self, badge: str, role: str) -> QIcon:
        px, scale = self._theme.px, self.devicePixelRatioF()
        size = QSize(px(24), px(16))
        place = QRect(0, 0, px(20 if len(badge) > 1 else 16), px(15))
        pixmap = QPixmap(size * scale)
        pixmap.setDevicePixelRatio(scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        paint_badge(painter, self._theme, badge, role, place)
        painter.end()
        return QIcon(pixmap)

    @Slot()
    def _show_kernel(self) -> None:
        state, detail, since_s, took_s, done = self._kernel
        icon, role, words = _KERNEL_LOOKS.get(state, ("circle", "muted", state))
        item = self._items["kernel"]
        item.setIcon(self._icons.icon(icon, role))
        if state in _COUNTING and since_s > 0:
            words += f" {elapsed(self._clock() - since_s)}"
        elif state == "idle" and took_s > 0:
            words += f", last {elapsed(took_s)}"
        if done:
            words += f", {done}"
        self._tell("kernel", words if state else "", detail or "The kernel is the process that runs your code")

    @Slot()
    def _on_clicked(self) -> None:
        item = self.sender()
        assert isinstance(item, StatusItem)
        if self._commands.is_enabled(CLICKS[item.name]):
            self.command_asked.emit(CLICKS[item.name])

    def _on_context_changed(self, _key: str) -> None:
        self._show_items()

    @Slot()
    def _on_theme_changed(self) -> None:
        px = self._theme.px
        self._row.setContentsMargins(px(4), 1, px(4), 0)
        self._row.setSpacing(px(4))
        for item in self._items.values():
            item.setFont(self._theme.font("small"))
            item.setIconSize(
                QSize(px(24) if item.name == "environment" else px(20), px(16 if item.name == "environment" else 14))
            )
            item.setFixedHeight(px(24))
        if self._badge[0]:
            self._items["environment"].setIcon(self._badge_icon(*self._badge))
        # QStatusBar keeps 5 pixels for itself, whatever the zoom.
        self.setFixedHeight(px(24) + 7)


def elapsed(seconds: float) -> str:
    """ "0.4 s", "12 s", "3 min 05 s", "2 h 10 min"."""
    if seconds < 9.95:
        return f"{max(0.0, seconds):.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"
