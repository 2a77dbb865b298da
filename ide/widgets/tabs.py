"""Tabs of documents and sessions: language badge, dot for unsaved, spinner for running, close, drag to order.

Owns what is drawn and which tab is current; the things behind the tabs belong to whoever listens. A `QTabBar`
underneath, so that screen readers meet a page tab list of page tabs.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QTabBar, QWidget

from ide.core.record import dataclass, replace
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.widgets.share_bar import paint_share

SPIN_EVERY_MS = 125
LONGEST_TEXT_PX = 220


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab. `badge` is one or two letters in the colour of `badge_role`. `state` is said to screen readers.

    `share` is how far what runs is, from 0 to 1; None draws no bar.
    """

    key: str
    text: str
    badge: str = ""
    badge_role: str = "badge_other"
    tooltip: str = ""
    is_unsaved: bool = False
    is_running: bool = False
    is_closable: bool = True
    state: str = ""
    share: float | None = None

    @property
    def spoken(self) -> str:
        """Name for screen readers."""
        states = (self.state, "unsaved" if self.is_unsaved else "", "running" if self.is_running else "")
        return ", ".join((self.text, *(state for state in states if state)))


class TabStrip(QTabBar):
    """Tabs by key. Closing is only asked for: whoever owns the things behind takes the tab away."""

    selected = Signal(str)
    """The user, or code, made this tab the current one."""
    close_asked = Signal(str)
    reordered = Signal(list)
    """Keys in their new order."""
    menu_asked = Signal(str, QPoint)
    """Tab and place on the screen."""

    def __init__(
        self, theme: Theme, icons: Icons, name: str, parent: QWidget | None = None, *, is_movable: bool = True
    ) -> None:
        """`name` tells screen readers what the tabs are ("Documents")."""
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._tabs: list[Tab] = []
        self._hovered_close = -1
        self._pressed_close = -1
        self._turn = 0
        self._spin = QTimer(self)
        self._spin.setInterval(SPIN_EVERY_MS)
        self._spin.timeout.connect(self._on_spin)
        self.setAccessibleName(name)
        self.setMovable(is_movable)
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu_asked)
        self.currentChanged.connect(self._on_current_changed)
        self.tabMoved.connect(self._on_moved)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    @property
    def tabs(self) -> tuple[Tab, ...]:
        """As shown, in order."""
        return tuple(self._tabs)

    @property
    def current(self) -> str:
        """Key of the current tab, or empty."""
        index = self.currentIndex()
        return self._tabs[index].key if 0 <= index < len(self._tabs) else ""

    def set_tabs(self, tabs: tuple[Tab, ...], current: str = "") -> None:
        """Show these tabs in this order. Tabs that stay are only updated, and the current one stays unless told."""
        wanted = current or self.current
        self.blockSignals(True)
        self._fit(tabs)
        former, self._tabs = self._tabs, list(tabs)
        for index, tab in enumerate(tabs):
            # Each text that is set lays out all tabs anew: with a hundred tabs that is what takes long.
            if index >= len(former) or former[index] != tab:
                self._show(index, tab)
        keys = [tab.key for tab in tabs]
        if wanted in keys:
            self.setCurrentIndex(keys.index(wanted))
        self.blockSignals(False)
        self._follow_running()
        self.updateGeometry()
        self.update()
        if self.current and self.current != wanted:
            self.selected.emit(self.current)

    def update_tab(self, key: str, **changes: object) -> None:
        """Change fields of one tab; an unknown key is ignored, since a tab may close while news of it is on the way."""
        index = self._index(key)
        if index < 0:
            return
        tab = replace(self._tabs[index], **changes)  # type: ignore[arg-type]  # fields by name, checked by `replace`
        former = self._tabs[index]
        if tab == former:
            return
        self._tabs[index] = tab
        if replace(former, share=tab.share, tooltip=tab.tooltip) == tab:  # comes often, and needs no new layout
            self.setTabToolTip(index, tab.tooltip)
            self.update(self.tabRect(index))
        else:
            self._show(index, tab)
            self._follow_running()

    def select(self, key: str) -> None:
        """Make a tab the current one."""
        if (index := self._index(key)) >= 0:
            self.setCurrentIndex(index)

    def step(self, by: int) -> None:
        """Go so many tabs on, around the end."""
        if self._tabs:
            self.setCurrentIndex((self.currentIndex() + by) % len(self._tabs))

    def move_current(self, by: int) -> None:
        """Move the current tab so many places."""
        target = self.currentIndex() + by
        if self.isMovable() and 0 <= target < len(self._tabs):
            self.moveTab(self.currentIndex(), target)

    def tabSizeHint(self, index: int) -> QSize:
        """Width by text, badge and close button; height of a pane header."""
        if not 0 <= index < len(self._tabs):
            return QSize(0, self._theme.px(28))
        tab = self._tabs[index]
        px = self._theme.px
        text = min(QFontMetrics(self._title_font()).horizontalAdvance(tab.text), px(LONGEST_TEXT_PX))
        width = px(10) + text + px(10)
        width += self._badge_width(tab) + px(6) if tab.badge or tab.is_running else 0
        width += px(20) if tab.is_closable else (px(14) if tab.is_unsaved else 0)
        return QSize(width, px(28))

    def minimumTabSizeHint(self, index: int) -> QSize:
        """Tabs are never squeezed below their size; the strip scrolls instead."""
        return self.tabSizeHint(index)

    def minimumSizeHint(self) -> QSize:
        """Room for one tab and the scroll buttons."""
        return QSize(self._theme.px(80), self._theme.px(28))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the tabs; a tab that is being dragged is drawn by Qt on top in a widget of its own."""
        painter = QPainter(self)
        for index in range(min(self.count(), len(self._tabs))):
            if self.tabRect(index).intersects(self.rect()):
                self._paint_tab(painter, index)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press on the close mark is not the beginning of a drag."""
        place = event.position().toPoint()
        self._pressed_close = self._close_at(place) if event.button() == Qt.MouseButton.LeftButton else -1
        if self._pressed_close < 0:
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Close mark or middle button ask for closing."""
        place = event.position().toPoint()
        pressed, self._pressed_close = self._pressed_close, -1
        if event.button() == Qt.MouseButton.MiddleButton:
            self._ask_close(self.tabAt(place))
        elif pressed >= 0:
            if self._close_at(place) == pressed:
                self._ask_close(pressed)
        else:
            super().mouseReleaseEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The close mark shows that it would be hit."""
        hovered = self._close_at(event.position().toPoint())
        if hovered != self._hovered_close:
            self._hovered_close = hovered
            self.update()
        if self._pressed_close < 0:
            super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the mouse any more."""
        self._hovered_close = -1
        self.update()
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows choose (Qt's own), Delete closes, Ctrl+Shift+PageUp and PageDown move."""
        moves = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}
        both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Delete:
            self._ask_close(self.currentIndex())
        elif key in moves and event.modifiers() & both == both:
            self.move_current(moves[key])
        else:
            super().keyPressEvent(event)

    def _fit(self, tabs: tuple[Tab, ...]) -> None:
        while self.count() > len(tabs):
            self.removeTab(self.count() - 1)
        while self.count() < len(tabs):
            self.addTab("")

    def _show(self, index: int, tab: Tab) -> None:
        self.setTabText(index, tab.text.replace("&", "&&"))
        self.setTabToolTip(index, tab.tooltip)
        self.setAccessibleTabName(index, tab.spoken)
        self.update(self.tabRect(index))

    def _index(self, key: str) -> int:
        return next((index for index, tab in enumerate(self._tabs) if tab.key == key), -1)

    def _title_font(self) -> QFont:
        return self._theme.font("ui")

    def _badge_width(self, tab: Tab) -> int:
        return self._theme.px(16) if len(tab.badge) < 2 else self._theme.px(20)

    def _close_rect(self, index: int) -> QRect:
        rect = self.tabRect(index)
        side = self._theme.px(18)
        return QRect(rect.right() - side - self._theme.px(5), rect.center().y() - side // 2 + 1, side, side)

    def _close_at(self, place: QPoint) -> int:
        index = self.tabAt(place)
        if not 0 <= index < len(self._tabs) or not self._tabs[index].is_closable:
            return -1
        return index if self._close_rect(index).contains(place) else -1

    def _ask_close(self, index: int) -> None:
        if 0 <= index < len(self._tabs) and self._tabs[index].is_closable:
            self.close_asked.emit(self._tabs[index].key)

    def _paint_tab(self, painter: QPainter, index: int) -> None:
        tab, rect, px = self._tabs[index], self.tabRect(index), self._theme.px
        is_current = index == self.currentIndex()
        if is_current:
            painter.fillRect(rect, self._theme.color("pane"))
            painter.fillRect(QRect(rect.left(), rect.top(), rect.width(), px(2)), self._theme.color("accent"))
        painter.fillRect(QRect(rect.right(), rect.top() + px(6), 1, rect.height() - px(12)), self._theme.color("line"))
        if tab.share is not None:
            paint_share(painter, self._theme, rect.adjusted(px(4), 0, -px(4), 0), tab.share)
        left = rect.left() + px(10)
        if tab.is_running:
            self._paint_spinner(painter, QRect(left, rect.center().y() - px(8) + 1, px(16), px(16)))
            left += self._badge_width(tab) + px(6)
        elif tab.badge:
            left += self._paint_badge(painter, tab, left, rect) + px(6)
        right = self._paint_end(painter, index)
        font = self._title_font()
        painter.setFont(font)
        painter.setPen(self._theme.color("text" if is_current else "muted"))
        room = QRect(left, rect.top(), max(0, right - left), rect.height())
        text = QFontMetrics(font).elidedText(tab.text, Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        if is_current and self.hasFocus():
            painter.setPen(QPen(self._theme.color("accent"), px(2)))
            painter.drawRect(rect.adjusted(px(2), px(3), -px(3), -px(3)))

    def _paint_badge(self, painter: QPainter, tab: Tab, left: int, rect: QRect) -> int:
        px, width = self._theme.px, self._badge_width(tab)
        place = QRect(left, rect.center().y() - px(7), width, px(16))
        paint_badge(painter, self._theme, tab.badge, tab.badge_role, place)
        return width

    def _paint_spinner(self, painter: QPainter, rect: QRect) -> None:
        pixmap = self._icons.pixmap("spinner-gap", "accent", rect.size(), self.devicePixelRatioF())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.translate(rect.x() + rect.width() / 2, rect.y() + rect.height() / 2)
        painter.rotate(45.0 * self._turn)
        painter.drawPixmap(-rect.width() // 2, -rect.height() // 2, pixmap)
        painter.restore()

    def _paint_end(self, painter: QPainter, index: int) -> int:
        """Close mark or the dot of unsaved text; returns where the text must end."""
        tab, px = self._tabs[index], self._theme.px
        close = self._close_rect(index)
        is_hovered = index == self._hovered_close
        if tab.is_unsaved and not is_hovered:
            dot = px(8)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("text"))
            painter.drawEllipse(close.center().x() - dot // 2, close.center().y() - dot // 2, dot, dot)
            painter.setBrush(Qt.BrushStyle.NoBrush)
        elif tab.is_closable:
            if is_hovered:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(self._theme.color("pressed"))
                painter.drawRoundedRect(close, px(3), px(3))
                painter.setBrush(Qt.BrushStyle.NoBrush)
            size = QSize(px(12), px(12))
            place = QRect(QPoint(0, 0), size)
            place.moveCenter(close.center())
            painter.drawPixmap(place.topLeft(), self._icons.pixmap("x", "muted", size, self.devicePixelRatioF()))
        else:
            return self.tabRect(index).right() - px(8)
        return close.left() - px(2)

    def _follow_running(self) -> None:
        is_running = any(tab.is_running for tab in self._tabs) and not self._theme.is_motion_reduced
        if is_running != self._spin.isActive():
            self._spin.start() if is_running else self._spin.stop()

    @Slot()
    def _on_spin(self) -> None:
        if not self.isVisible():
            return
        self._turn = (self._turn + 1) % 8
        for index, tab in enumerate(self._tabs):
            if tab.is_running:
                self.update(self.tabRect(index))

    @Slot(int)
    def _on_current_changed(self, index: int) -> None:
        if 0 <= index < len(self._tabs):
            self.selected.emit(self._tabs[index].key)

    @Slot(int, int)
    def _on_moved(self, source: int, target: int) -> None:
        self._tabs.insert(target, self._tabs.pop(source))
        self.reordered.emit([tab.key for tab in self._tabs])

    @Slot(QPoint)
    def _on_menu_asked(self, place: QPoint) -> None:
        index = self.tabAt(place)
        if 0 <= index < len(self._tabs):
            self.menu_asked.emit(self._tabs[index].key, self.mapToGlobal(place))

    @Slot()
    def _on_theme_changed(self) -> None:
        self.setFont(self._title_font())
        self.setIconSize(QSize(self._theme.px(16), self._theme.px(16)))
        self._follow_running()
        self.updateGeometry()
        # QTabBar keeps its layout until something that it knows about changes.
        for index, tab in enumerate(self._tabs):
            self.setTabText(index, "")
            self._show(index, tab)
        self.update()


def paint_badge(painter: QPainter, theme: Theme, letters: str, role: str, rect: QRect) -> None:
    """Letters in a rounded frame, letter first and colour second: readable without the colour."""
    color = theme.color(role)
    font = theme.font("small")
    font.setPixelSize(theme.px(11))
    font.setWeight(QFont.Weight.DemiBold)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect.adjusted(0, 0, -1, -1), theme.px(3), theme.px(3))
    painter.setFont(font)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, letters)
    painter.restore()
