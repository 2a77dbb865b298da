"""The list of column summaries: cards from top to bottom, of which one is open.

Owns which card is open and how far it is scrolled. However many columns there are, a closed card is only painted, and
all are of one height, so that their places need no list; the open one is a widget (`summary_card.py`).
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QRect, Qt, Signal, Slot
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from ide.core.table import Column, ColumnProfile
from ide.panes.tables import figures
from ide.panes.tables.model import TableModel
from ide.panes.tables.summary_card import SummaryCard
from ide.panes.tables.words import column_name
from ide.qt.accessible import announce
from ide.qt.theme import Theme
from ide.tables.exact_profiles import ExactProfiles
from ide.tables.profile_filters import Predicate
from ide.widgets.grid_header import shown_name, type_text
from ide.widgets.grid_scroll import ScrollAxis
from ide.widgets.grid_spark import Sparkline
from ide.widgets.viewport import give_viewport

CLOSED_PX: Final = 52


class SummaryList(QAbstractScrollArea):
    """Cards from top to bottom. `chosen(index)`: the user wants a column open."""

    chosen = Signal(int)
    went = Signal(int)
    """The user wants to be at a column in the grid."""

    def __init__(self, model: TableModel, exact: ExactProfiles, theme: Theme, decimal_mark: str) -> None:
        super().__init__()
        give_viewport(self)
        self._model = model
        self._exact = exact
        self._theme = theme
        self._spark = Sparkline(theme)
        self.indexes: tuple[int, ...] = ()
        self._places: dict[int, int] = {}
        self.opened = -1
        """The index of the column whose card is open."""
        self._hovered = -1
        self._is_to_show = False
        self._axis = ScrollAxis(self.verticalScrollBar())
        self.card = SummaryCard(theme, decimal_mark, self.viewport())
        self.card.hide()
        self.card.go_asked.connect(self._on_go_asked)
        self.card.filter_asked.connect(self._on_filter_asked)
        self.card.exact_asked.connect(self._on_exact_asked)
        self.card.cancel_asked.connect(self._on_cancel_asked)
        self.card.resized.connect(self.arrange)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Columns")
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    # ---- which columns

    def set_indexes(self, indexes: tuple[int, ...]) -> None:
        """List these columns."""
        self.indexes = indexes
        self._places = {index: place for place, index in enumerate(indexes)}
        self.arrange()
        self.look()

    def open_column(self, index: int, *, keeps_place: bool = False) -> None:
        """Open a card and close the other one; `keeps_place`: its head stays where it is on the screen."""
        place = self._places.get(index, -1)
        before = self._top_of(place) - self._axis.offset
        if index != self.opened:
            self.opened = index
            self.arrange()
            if keeps_place and place >= 0:
                self._axis.move_to(self._top_of(place) - before)
        self._is_to_show = True
        self._show_opened()
        self.look()

    def _show_opened(self) -> None:
        """Bring the open card into sight, again when it has grown by what arrived; not once the user has scrolled."""
        place = self._opened_place()
        if place >= 0 and self._is_to_show:
            top = self._top_of(place)
            self._axis.show(top, top + self._height_of(place))
            self._is_to_show = not self.isVisible() or self._model.pager.known_profile(self.opened) is None

    @property
    def places_in_sight(self) -> range:
        """Of cards of which anything shows."""
        first = self._place_at(0)
        end = self._place_at(self.viewport().height() - 1)
        return range(max(first, 0), end + 1 if end >= 0 else len(self.indexes))

    @property
    def in_sight(self) -> tuple[int, ...]:
        """The columns of those."""
        places = self.places_in_sight
        return self.indexes[places.start : places.stop]

    # ---- where they are

    def _closed_px(self) -> int:
        return self._theme.px(CLOSED_PX)

    def _opened_place(self) -> int:
        return self._places.get(self.opened, -1)

    def _height_of(self, place: int) -> int:
        is_opened = place >= 0 and place == self._opened_place() and not self.card.isHidden()
        return self.card.height() if is_opened else self._closed_px()

    def _top_of(self, place: int) -> int:
        opened = self._opened_place()
        more = self._height_of(opened) - self._closed_px() if 0 <= opened < place else 0
        return place * self._closed_px() + more

    def _place_at(self, y: int) -> int:
        """The card at a height of the viewport; -1 below the last."""
        y += self._axis.offset
        opened = self._opened_place()
        if opened >= 0 and y >= self._top_of(opened):
            y = max(y - (self._height_of(opened) - self._closed_px()), self._top_of(opened))
        place = y // self._closed_px()
        return place if 0 <= place < len(self.indexes) else -1

    def rect_of(self, place: int) -> QRect:
        """A card in the viewport."""
        return QRect(0, self._top_of(place) - self._axis.offset, self.viewport().width(), self._height_of(place))

    @Slot()
    def arrange(self) -> None:
        """Everything that follows from sizes, from what is listed and from which card is open."""
        opened = self._opened_place()
        column = self._model.pager.column(self.opened) if opened >= 0 else None
        if column is not None:
            self._fill_card(column)
            self.card.setFixedWidth(max(self.viewport().width(), 1))
            layout = self.card.layout()
            assert layout is not None
            layout.activate()
            self.card.resize(self.card.width(), layout.sizeHint().height())
        self.card.setVisible(column is not None)
        whole = len(self.indexes) * self._closed_px()
        if opened >= 0:
            whole += self._height_of(opened) - self._closed_px()
        self._axis.resize(whole, self.viewport().height(), self._theme.px(24))
        self._place_card()
        self.viewport().update()

    def _place_card(self) -> None:
        opened = self._opened_place()
        if opened >= 0:
            self.card.move(0, self._top_of(opened) - self._axis.offset)

    # ---- what is known of them

    def look(self) -> None:
        """Ask about what is in sight: not while anything is being painted, as the answer may come at once."""
        self._place_card()
        pager = self._model.pager
        if self.isVisible():
            for index in reversed(self.in_sight):  # what was asked for last is answered first: that is the uppermost
                pager.column(index)
                pager.profile(index)
        self.viewport().update()

    def profile_of(self, index: int) -> ColumnProfile | None:
        """The best that is known: exact, or from a sample."""
        return self._exact.get(index) or self._model.pager.known_profile(index)

    def follow(self, index: int = -1) -> None:
        """Something else is known of a column, or of all."""
        if index in (-1, self.opened):
            self.arrange()
            self._show_opened()
            self._place_card()
        self.viewport().update()

    def _fill_card(self, column: Column) -> None:
        index = column.index
        profile = self.profile_of(index)
        self.card.show_column(column, profile)
        pager, exact = self._model.pager, self._exact
        is_current = exact.get(index) is not None or pager.is_profile_current(index)
        if exact.is_under_way(index):
            self.card.sample.say(figures.exact_progress_text(exact.progress(index)), is_under_way=True)
        elif pager.is_gone and not is_current:
            self.card.sample.say("The table is not there any more")
        elif pager.is_busy and not is_current:
            self.card.sample.say("Waits until the session is free")
        elif profile is None or not is_current:
            self.card.sample.say("Reading")
        elif problem := exact.problem(index) or profile.problem:
            self.card.sample.say(problem, can_ask=not profile.problem, tone="error")
        else:
            can_ask = not profile.is_exact and exact.get(index) is None and not pager.is_gone
            self.card.sample.say(figures.rows_text(profile.rows_looked_at, profile.row_count), can_ask=can_ask)
        self._order_keys()

    def _order_keys(self) -> None:
        before: QWidget = self
        for widget in self.card.controls:
            QWidget.setTabOrder(before, widget)
            before = widget

    # ---- what the card asks for

    @Slot()
    def _on_go_asked(self) -> None:
        self.went.emit(self.opened)

    @Slot(object)
    def _on_filter_asked(self, predicate: Predicate) -> None:
        self._model.turn_filter(predicate)

    @Slot()
    def _on_exact_asked(self) -> None:
        self._exact.ask(self.opened)

    @Slot()
    def _on_cancel_asked(self) -> None:
        self._exact.cancel(self.opened)

    # ---- Qt's events

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Closed cards; the open one is a widget of its own."""
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), self._theme.color("header"))
        opened = self._opened_place()
        for place in self.places_in_sight:
            if place != opened or self.card.isHidden():
                self._paint_closed(painter, self.rect_of(place), self.indexes[place], is_over=place == self._hovered)
        if not self.indexes:
            painter.setPen(self._theme.color("muted"))
            painter.setFont(self._theme.font("ui"))
            has_none = not self._model.pager.column_count
            rect = self.viewport().rect().adjusted(0, self._theme.px(24), 0, 0)
            words = "No columns" if has_none else "No column fits the search"
            painter.drawText(rect, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, words)
        painter.end()

    def _paint_closed(self, painter: QPainter, rect: QRect, index: int, *, is_over: bool) -> None:
        theme, px = self._theme, self._theme.px
        if is_over:
            painter.fillRect(rect, theme.color("hover"))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.color("line"))
        room = rect.adjusted(px(12), px(6), -px(12), -px(6))
        column = self._model.pager.column(index)
        if column is None:
            painter.fillRect(room.left(), room.top() + px(4), min(px(96), room.width()), px(8), theme.color("line"))
            return
        line = QRect(room.left(), room.top(), room.width(), px(16))
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        name_font, small = theme.font("title"), theme.font("small")
        names, smalls = QFontMetrics(name_font), QFontMetrics(small)
        kind = smalls.elidedText(type_text(column), Qt.TextElideMode.ElideRight, line.width() // 2)
        painter.setFont(small)
        painter.setPen(theme.color("muted"))
        painter.drawText(line, right, kind)
        painter.setFont(name_font)
        painter.setPen(theme.color("text"))
        space = line.width() - smalls.horizontalAdvance(kind) - px(8)
        painter.drawText(line, left, names.elidedText(shown_name(column), Qt.TextElideMode.ElideRight, space))
        profile = self.profile_of(index)
        if profile is not None:
            painter.setOpacity(1.0 if self._model.pager.is_profile_current(index) else 0.4)
            self._spark.paint(painter, QRect(room.left(), line.bottom() + px(4), room.width(), px(20)), profile)
            painter.setOpacity(1.0)

    def showEvent(self, event: QShowEvent) -> None:
        """Ask about what is in sight."""
        super().showEvent(event)
        self._show_opened()
        self.look()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other cards are in sight."""
        super().resizeEvent(event)
        self.arrange()
        self._show_opened()
        self.look()

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:
        """The bar was moved."""
        if self._axis.follow_bar():
            self._is_to_show = False
            self.look()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The card under the pointer."""
        self._set_hovered(self._place_at(event.position().toPoint().y()))

    def leaveEvent(self, event: QEvent) -> None:
        """None."""
        super().leaveEvent(event)
        self._set_hovered(-1)

    def _set_hovered(self, place: int) -> None:
        if place != self._hovered:
            self._hovered = place
            self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open the card, and be at its column."""
        place = self._place_at(event.position().toPoint().y())
        if event.button() == Qt.MouseButton.LeftButton and place >= 0:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self._choose(place, keeps_place=True)

    def _choose(self, place: int, *, keeps_place: bool = False) -> None:
        index = self.indexes[place]
        self.open_column(index, keeps_place=keeps_place)
        self.chosen.emit(index)
        self._tell()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down from card to card; Enter goes to the column in the grid."""
        last = len(self.indexes) - 1
        opened, page = self._opened_place(), max(1, self.viewport().height() // self._closed_px() - 1)
        wanted = {
            Qt.Key.Key_Up: opened - 1,
            Qt.Key.Key_Down: opened + 1,
            Qt.Key.Key_PageUp: opened - page,
            Qt.Key.Key_PageDown: opened + page,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }.get(Qt.Key(event.key()))
        if wanted is not None and last >= 0:
            self._choose(min(max(wanted, 0), last))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and opened >= 0:
            self.went.emit(self.opened)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The ring shows; a screen reader hears the column."""
        super().focusInEvent(event)
        self._tell()
        self._show_ring(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """No ring."""
        super().focusOutEvent(event)
        self._show_ring(False)

    def _show_ring(self, is_shown: bool) -> None:
        self.card.has_ring = is_shown
        self.card.update()

    def _tell(self) -> None:
        column = self._model.pager.column(self.opened) if self._opened_place() >= 0 else None
        words = self.spoken(column) if column is not None else ""
        self.setAccessibleDescription(words)
        if self.hasFocus():
            announce(self, words)

    def spoken(self, column: Column) -> str:
        """A card as it is read out."""
        profile = self.profile_of(column.index)
        parts = [column_name(column, column.index), type_text(column)]
        if profile is not None and not profile.problem:
            parts.append(figures.missing_text(profile)[0])
            parts += [f"{one.label} {one.text}" for one in figures.figures(column, profile)]
        return ", ".join(parts)

    def follow_theme(self) -> None:
        """Sizes and fonts of the theme in force."""
        self.card.follow_theme()
        self.arrange()
