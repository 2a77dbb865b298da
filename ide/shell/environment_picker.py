"""The popup that lists every environment by language, with version, place, health and reason, to choose one.

Owns no environment. One without a kernel is made ready first, with the step shown and a way to cancel.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from ide.core.environment import Environment, Health
from ide.core.errors import FourpaneError
from ide.core.language import Language
from ide.core.ports import Cancel
from ide.environments.environments import Environments
from ide.qt.accessible import announce
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect, tied
from ide.shell.environment_rows import ENTRY_ROLE, HEALTH, EntriesModel, Entry, Index, LanguageLook, entries
from ide.widgets.tabs import paint_badge

WIDTH_PX = 560
HEIGHT_PX = 420


class EnvironmentPicker(QFrame):
    """Esc or a click elsewhere closes it; a fetch under way goes on only while it is open."""

    chosen = Signal(object)
    """Environment, ready to start."""
    refresh_asked = Signal()
    """Look round again: the shell knows folder and trust."""
    browse_asked = Signal()
    """The user wants to point at a program: the shell shows the dialog and calls `Environments.add`."""

    def __init__(
        self,
        environments: Environments,
        theme: Theme,
        icons: Icons,
        parent: QWidget | None = None,
        *,
        language_of: Callable[[str], Language | None],
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("environment_picker")
        self.setAccessibleName("Choose environment")
        self._environments = environments
        self._language_of = language_of
        self._looks: dict[str, LanguageLook] = {}
        self._theme = theme
        self._current = ""
        self._cancel: Cancel | None = None
        self._preparing: Environment | None = None
        self._problem = ""
        """Why the last fetch failed; it stays readable until something else is asked for."""
        self.model = EntriesModel(self)
        self.box = QLineEdit()
        self.list = QListView()
        self.told = QLabel()
        self.refresh = QPushButton("Look again")
        self.browse = QPushButton("Browse…")
        self.cancel = QPushButton("Cancel")
        self._build(icons)
        connect(self, environments.changed, self._fill)
        connect(self, theme.changed, self._on_theme_changed)
        self._on_theme_changed()

    def open(self, current: Environment | None = None, typed: str = "") -> None:
        """Show it at the lower left of the window, above the status bar; `typed` is what to filter by at first."""
        self._current = current.id if current else ""
        self.box.setText(typed)
        self._problem = ""
        self._say("")
        self._fill()
        self._select(self._current)
        parent = self.parentWidget()
        if parent is not None:
            px = self._theme.px
            self.move(parent.mapToGlobal(QPoint(px(8), max(parent.height() - px(32) - self.height(), 0))))
        self.show()
        self.box.setFocus(Qt.FocusReason.PopupFocusReason)

    def choose(self) -> None:
        """Take the current entry: at once where it is ready, else fetch what it lacks first."""
        entry = self.model.entry(self.list.currentIndex())
        if entry is None or entry.environment is None or self._cancel is not None:
            return
        if not entry.can_be_chosen:
            self._say(entry.environment.reason or "It cannot be started.", "warning")
        elif entry.environment.health is Health.READY:
            self._finish(entry.environment)
        else:
            self._prepare(entry.environment)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The box has the keyboard; keys that move in the list go there."""
        if watched is self.box and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 6, Qt.Key.Key_PageUp: -6}
            if step := steps.get(Qt.Key(event.key())):
                self._move(step)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.choose()
                return True
        return super().eventFilter(watched, event)

    def hideEvent(self, event: Any) -> None:
        """Closing it cancels a fetch."""
        self.stop()
        super().hideEvent(event)

    @Slot()
    def stop(self) -> None:
        """Cancel a fetch under way."""
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
            self._problem = ""
            self._say("Cancelled. Nothing was changed.")
        self._preparing = None
        self._show_state()

    # --- inside ------------------------------------------------------------------------------------------------------

    def _build(self, icons: Icons) -> None:
        self.box.setPlaceholderText("Filter environments")
        self.box.setAccessibleName("Filter environments")
        self.box.setClearButtonEnabled(True)
        self.box.installEventFilter(self)
        self.box.textChanged.connect(self._fill)
        self.list.setModel(self.model)
        self.list.setAccessibleName("Environments")
        self.list.setItemDelegate(EntryDelegate(self._theme, icons, self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.clicked.connect(self._on_clicked)
        self.list.selectionModel().currentChanged.connect(self._on_current)
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.told.setWordWrap(True)
        self.refresh.clicked.connect(self.refresh_asked)
        self.browse.clicked.connect(self.browse_asked)
        self.browse.setToolTip("Choose a Python program or the folder of an environment")
        self.cancel.clicked.connect(self.stop)
        bottom = QHBoxLayout()
        bottom.addWidget(self.told, 1)
        for button in (self.cancel, self.refresh, self.browse):
            button.setAutoDefault(False)
            bottom.addWidget(button)
        column = QVBoxLayout(self)
        column.addWidget(self.box)
        column.addWidget(self.list, 1)
        column.addLayout(bottom)
        self._show_state()

    @Slot()
    def _fill(self) -> None:
        for one in self._environments.all:
            if one.language not in self._looks:
                self._looks[one.language] = LanguageLook.of(one.language, self._language_of(one.language))
        before = self.model.entry(self.list.currentIndex())
        self.model.show(entries(self._environments.all, self._looks, self.box.text(), self._current))
        kept = before.environment.id if before and before.environment else self._current
        self._select(kept)
        self._show_state()

    def _show_state(self) -> None:
        is_looking = self._environments.is_refreshing
        self.refresh.setEnabled(not is_looking)
        self.refresh.setText("Looking…" if is_looking else "Look again")
        self.cancel.setVisible(self._cancel is not None)
        if self._environments.problem:
            self._say(self._environments.problem, "warning")
        elif not self.model.entries and self._cancel is None:
            self._say("Nothing is called that." if self.box.text() else "Nothing was found on this machine.")

    def _say(self, text: str, role: str = "muted") -> None:
        if text and text != self.told.text():
            announce(self, text)
        self.told.setText(text)
        self.told.setStyleSheet(f"color: {self._theme.color(role).name()};")

    def _select(self, id: str) -> None:
        listed = [at for at, entry in enumerate(self.model.entries) if entry.environment is not None]
        fitting = (at for at in listed if self._id_at(at) == id)
        at = next(fitting, listed[0] if listed else -1)
        self.list.setCurrentIndex(self.model.index(at))

    def _id_at(self, at: int) -> str:
        environment = self.model.entries[at].environment
        return environment.id if environment else ""

    def _move(self, step: int) -> None:
        listed = [at for at, entry in enumerate(self.model.entries) if entry.environment is not None]
        if listed:
            now = self.list.currentIndex().row()
            place = listed.index(now) if now in listed else 0
            self.list.setCurrentIndex(self.model.index(listed[min(max(place + step, 0), len(listed) - 1)]))

    @Slot(QModelIndex)
    def _on_clicked(self, index: QModelIndex) -> None:
        self.list.setCurrentIndex(index)
        self.choose()

    @Slot(QModelIndex)
    def _on_current(self, index: QModelIndex) -> None:
        """What there is to know about it, before it is taken."""
        entry = self.model.entry(index)
        if self._cancel is None and entry is not None and entry.environment is not None and not self._problem:
            self._say(entry.environment.reason)

    def _prepare(self, environment: Environment) -> None:
        self._preparing = environment
        self._problem = ""
        self._say(f"Fetching ipykernel for {environment.name}, about 30 MB. The environment stays as it is.")
        self._cancel = lambda: None
        cancel = self._environments.prepare(environment, tied(self, self._on_ready), tied(self, self._on_failed))
        if self._preparing is not None:
            self._cancel = cancel
        self._show_state()

    def _on_ready(self, environment: Environment) -> None:
        self._cancel = None
        self._preparing = None
        self._finish(environment)

    def _on_failed(self, error: Exception) -> None:
        self._cancel = None
        self._preparing = None
        self._show_state()
        self._problem = error.text if isinstance(error, FourpaneError) else str(error)
        self._say(self._problem, "error")

    def _finish(self, environment: Environment) -> None:
        self._say("")
        self.hide()
        self.chosen.emit(environment)

    def _on_theme_changed(self) -> None:
        px, color = self._theme.px, self._theme.color
        column = self.layout()
        assert column is not None
        column.setContentsMargins(px(8), px(8), px(8), px(8))
        column.setSpacing(px(8))
        popup, border = color("popup").name(), color("border").name()
        self.setStyleSheet(
            f"#environment_picker {{ background: {popup}; border: 1px solid {border}; border-radius: {px(4)}px; }}"
            f"#environment_picker QListView {{ background: {popup}; }}"
        )
        self.setFixedSize(px(WIDTH_PX), px(HEIGHT_PX))
        self.box.setMinimumHeight(px(28))
        self.told.setFont(self._theme.font("small"))


class EntryDelegate(QStyledItemDelegate):
    """Headings as titles; environments in two lines with their badge at the left and their health at the right."""

    HEADING_PX = 28
    ENTRY_PX = 44

    def __init__(self, theme: Theme, icons: Icons, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Qt asks."""
        entry = index.data(ENTRY_ROLE)
        is_heading = isinstance(entry, Entry) and entry.environment is None
        return QSize(0, self._theme.px(self.HEADING_PX if is_heading else self.ENTRY_PX))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Qt asks."""
        entry = index.data(ENTRY_ROLE)
        if not isinstance(entry, Entry):
            return
        place, state = QRect(option.rect), option.state
        painter.save()
        if entry.environment is None:
            painter.setFont(self._theme.font("title"))
            painter.setPen(self._theme.color("muted"))
            words = place.adjusted(self._theme.px(8), 0, 0, 0)
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, entry.look.name)
        else:
            if state & QStyle.StateFlag.State_Selected:
                painter.fillRect(place, self._theme.color("selection"))
            elif state & QStyle.StateFlag.State_MouseOver:
                painter.fillRect(place, self._theme.color("hover"))
            is_selected = bool(state & QStyle.StateFlag.State_Selected)
            self._paint_environment(painter, entry, entry.environment, place, is_selected)
        painter.restore()

    def _paint_environment(
        self, painter: QPainter, entry: Entry, one: Environment, place: QRect, is_selected: bool
    ) -> None:
        px, color = self._theme.px, self._theme.color
        muted = color("text" if is_selected else "muted")
        badge = QRect(place.left() + px(8), place.top() + px(6), px(24), px(16))
        paint_badge(painter, self._theme, entry.look.letters, entry.look.role, badge)
        left, right = badge.right() + px(8), place.right() - px(8)
        first = QRect(left, place.top() + px(4), right - left, px(20))
        second = QRect(left, place.top() + px(23), right - left, px(18))
        right = self._paint_health(painter, one, first, is_selected)
        first.setRight(right)
        painter.setFont(self._theme.font("ui"))
        painter.setPen(color("text") if entry.can_be_chosen else muted)
        name = f"{one.name}  (current)" if entry.is_current else one.name
        used = self._draw(painter, name, first)
        painter.setPen(muted)
        shows_version = one.version and one.version not in one.name
        self._draw(painter, one.version if shows_version else "", first.adjusted(used + px(8), 0, 0, 0))
        painter.setFont(self._theme.font("small"))
        self._draw(painter, entry.second_line, second, Qt.TextElideMode.ElideMiddle)

    def _paint_health(self, painter: QPainter, one: Environment, line: QRect, is_selected: bool) -> int:
        """An icon and a word; returns where they begin."""
        icon, role, word = HEALTH[one.health]
        side = self._theme.px(16)
        painter.setFont(self._theme.font("small"))
        painter.setPen(self._theme.color("text" if is_selected else role))
        width = painter.fontMetrics().horizontalAdvance(word)
        words = QRect(line.right() - width, line.top(), width + 1, line.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, word)
        left = words.left() - self._theme.px(4) - side
        box = QRect(left, line.top() + (line.height() - side) // 2, side, side)
        self._icons.icon(icon, role).paint(painter, box)
        return left - self._theme.px(8)

    def _draw(
        self, painter: QPainter, text: str, box: QRect, cut: Qt.TextElideMode = Qt.TextElideMode.ElideRight
    ) -> int:
        """Draw `text`, cut where it is too long; returns its width."""
        if not text or box.width() <= 0:
            return 0
        shown = painter.fontMetrics().elidedText(text, cut, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        return painter.fontMetrics().horizontalAdvance(shown)
