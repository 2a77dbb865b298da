"""Where values are missing, at the side of a table: a map of columns by rows, and which columns lack them together.

Owns the survey. Each line of the map is a column, its rows from left to right in the order of the view; only lines in
sight are painted. A line or a pattern that is pressed filters the table to its rows, pressed again no more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from ide.core.table import Filter
from ide.panes.tables import figures
from ide.panes.tables.model import TableModel
from ide.panes.tables.side import SampleLine, ShareButton, SideHead
from ide.panes.tables.words import column_name, counted, number
from ide.qt.accessible import announce
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.tables.missing_survey import BLOCK_COLUMNS, ColumnGaps, MissingSurvey, Pattern
from ide.tables.profile_filters import of_pattern
from ide.widgets.grid import Grid
from ide.widgets.grid_heat import mixed
from ide.widgets.grid_scroll import ScrollAxis
from ide.widgets.viewport import give_viewport
from ide.widgets.wrapped_label import WrappedLabel

LINE_PX: Final = 24
NAMED_MOST: Final = 8
ORDERS: Final = ("Most missing first", "Order of the table", "By name")


class MissingMap(QAbstractScrollArea):
    """Lines of columns: name, share, and a strip of all rows. `picked(index)`: the rows that lack it are wanted."""

    picked = Signal(int)

    def __init__(self, model: TableModel, theme: Theme) -> None:
        super().__init__()
        give_viewport(self)
        self._model = model
        self._theme = theme
        self.lines: tuple[ColumnGaps, ...] = ()
        self.row_count = 0
        self.current = 0
        """The line with the ring."""
        self._hovered = -1
        self._picture: tuple[tuple[object, ...], QImage] | None = None
        self._axis = ScrollAxis(self.verticalScrollBar())
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Missing values by column")
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def show_lines(self, lines: Sequence[ColumnGaps], row_count: int) -> None:
        """Other columns, or the same in another order."""
        self.lines, self.row_count = tuple(lines), row_count
        self.current = min(self.current, max(len(self.lines) - 1, 0))
        self._picture = None
        self.arrange()

    def arrange(self) -> None:
        """Everything that follows from sizes."""
        line = self._line_px()
        self._axis.resize(len(self.lines) * line, self.viewport().height() - self._head_px(), line)
        self._ask_names()
        self.viewport().update()

    def height_hint(self) -> int:
        """So high that no line is hidden."""
        return self._head_px() + len(self.lines) * self._line_px()

    @property
    def places_in_sight(self) -> range:
        """Of lines of which anything shows."""
        first = self._axis.offset // self._line_px()
        end = -(-(self._axis.offset + self._axis.page) // self._line_px())
        return range(first, min(end, len(self.lines)))

    def line_rect(self, place: int) -> QRect:
        """A line in the viewport."""
        top = self._head_px() + place * self._line_px() - self._axis.offset
        return QRect(0, top, self.viewport().width(), self._line_px())

    def strip_rect(self, line: QRect) -> QRect:
        """The part of a line that stands for the rows."""
        px = self._theme.px
        left = line.left() + px(12) + self._name_px() + px(8) + px(48) + px(8)
        return QRect(left, line.top() + px(3), max(line.right() - px(12) - left, 1), line.height() - px(6))

    def text_of(self, place: int) -> str:
        """A line in words."""
        one = self.lines[place]
        share = figures.share_text(one.count, one.rows_looked_at)
        return f"{self._name(one.column)}: {number(one.count)} missing, {share}"

    def _name(self, column: int) -> str:
        return column_name(self._model.pager.column(column), column)

    def _ask_names(self) -> None:
        for place in self.places_in_sight:
            self._model.pager.column(self.lines[place].column)

    def _line_px(self) -> int:
        return self._theme.px(LINE_PX)

    def _head_px(self) -> int:
        return self._theme.px(20)

    def _name_px(self) -> int:
        return max(self._theme.px(72), self.viewport().width() * 36 // 100)

    # ---- painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Lines, their strips as one picture, and above them what the strips mean."""
        painter, theme, px = QPainter(self.viewport()), self._theme, self._theme.px
        painter.fillRect(self.viewport().rect(), theme.color("pane"))
        small = theme.font("small")
        places = self.places_in_sight
        for place in places:
            self._paint_line(painter, place, small)
        if places:
            first, strip = self.line_rect(places.start), self.strip_rect(self.line_rect(places.start))
            image = self._image(places, strip.width())
            whole = QRect(strip.left(), first.top(), strip.width(), len(places) * self._line_px())
            painter.drawImage(whole, image)
            gap = px(3)
            for place in places:  # the lines of the picture touch each other: part them
                line = self.line_rect(place)
                for top in (line.top(), line.bottom() + 1 - gap):
                    painter.fillRect(strip.left(), top, strip.width(), gap, self._ground(place))
        head = QRect(0, 0, self.viewport().width(), self._head_px())
        painter.fillRect(head, theme.color("pane"))
        strip = self.strip_rect(head)
        painter.setFont(small)
        painter.setPen(theme.color("muted"))
        middle = Qt.AlignmentFlag.AlignVCenter
        words = f"rows 1 to {number(self.row_count)}"
        painter.drawText(strip.adjusted(0, -px(3), 0, px(3)), middle | Qt.AlignmentFlag.AlignLeft, words)
        painter.drawText(
            QRect(px(12), 0, self._name_px(), head.height()), middle | Qt.AlignmentFlag.AlignLeft, "Column"
        )
        painter.fillRect(0, head.bottom(), head.width(), 1, theme.color("line"))
        if self.hasFocus() and self.lines:
            painter.setPen(QPen(theme.color("accent"), px(2)))
            painter.drawRect(self.line_rect(self.current).adjusted(1, 1, -1, -1))
        painter.end()

    def _ground(self, place: int) -> QColor:
        return self._theme.color("hover" if place == self._hovered else "pane")

    def _paint_line(self, painter: QPainter, place: int, font: QFont) -> None:
        theme, px = self._theme, self._theme.px
        one, line = self.lines[place], self.line_rect(place)
        painter.fillRect(line, self._ground(place))
        metrics = QFontMetrics(font)
        painter.setFont(font)
        painter.setPen(theme.color("text"))
        middle = Qt.AlignmentFlag.AlignVCenter
        name = QRect(px(12), line.top(), self._name_px(), line.height())
        shown = metrics.elidedText(self._name(one.column), Qt.TextElideMode.ElideRight, name.width())
        painter.drawText(name, middle | Qt.AlignmentFlag.AlignLeft, shown)
        share = QRect(name.right() + 1 + px(8), line.top() + px(3), px(48), line.height() - px(6))
        bar = QRect(share.left(), share.top(), round(share.width() * one.share), share.height())
        painter.fillRect(bar, mixed(theme.color("pane"), theme.color("accent"), 0.3))
        painter.setPen(theme.color("text" if one.count else "muted"))
        words = figures.share_text(one.count, one.rows_looked_at)
        painter.drawText(share.adjusted(0, 0, -px(4), 0), middle | Qt.AlignmentFlag.AlignRight, words)

    def _image(self, places: range, wide: int) -> QImage:
        """The strips in sight: a byte for each bucket of rows. Where there are more buckets than pixels, the worst of
        those that share one is shown, lest a few missing rows be lost."""
        key = (places, wide, self._theme.name)
        if self._picture is not None and self._picture[0] == key:
            return self._picture[1]
        strips = [_pooled(self.lines[place].shares, wide) for place in places]
        width = max(map(len, strips))
        data = b"".join(strip.ljust(width, b"\0") for strip in strips)
        image = QImage(data, width, len(strips), width, QImage.Format.Format_Indexed8).copy()
        ground, full = mixed(self._theme.color("pane"), self._theme.color("muted"), 0.12), self._theme.color("accent")
        # The least share is well seen: one missing value is what somebody looks for.
        image.setColorTable(
            [ground.rgb(), *(mixed(ground, full, 0.4 + 0.6 * step / 255).rgb() for step in range(1, 256))]
        )
        self._picture = (key, image)
        return image

    # ---- Qt's events

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other lines are in sight."""
        super().resizeEvent(event)
        self.arrange()

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:
        """The bar was moved."""
        if self._axis.follow_bar():
            self._ask_names()
            self.viewport().update()

    def place_at(self, point: QPoint) -> int:
        """The line at a point of the viewport, or -1."""
        if point.y() < self._head_px():
            return -1
        place = (point.y() - self._head_px() + self._axis.offset) // self._line_px()
        return place if place < len(self.lines) else -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The line under the pointer."""
        self._set_hovered(self.place_at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        """None."""
        super().leaveEvent(event)
        self._set_hovered(-1)

    def _set_hovered(self, place: int) -> None:
        if place != self._hovered:
            self._hovered = place
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Its rows are wanted."""
        place = self.place_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and place >= 0:
            self.current = place
            self.viewport().update()
            self.picked.emit(self.lines[place].column)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tooltips of lines, and of places in their strips."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            text = self.tip_at(event.pos())
            QToolTip.showText(event.globalPos(), text, self.viewport())
            return True
        return super().viewportEvent(event)

    def tip_at(self, point: QPoint) -> str:
        """What is told of a point."""
        place = self.place_at(point)
        if place < 0:
            return ""
        lines = [self.text_of(place)]
        one, strip = self.lines[place], self.strip_rect(self.line_rect(place))
        if one.shares and strip.left() <= point.x() <= strip.right():
            bucket = (point.x() - strip.left()) * len(one.shares) // strip.width()
            first = bucket * self.row_count // len(one.shares)
            end = max((bucket + 1) * self.row_count // len(one.shares), first + 1)
            share = figures.share_text(one.shares[bucket], 255)
            lines.append(f"Rows {number(first + 1)} to {number(end)}: {share} missing")
        return "\n".join((*lines, "Click: only the rows that lack it"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """From line to line; Enter and Space filter."""
        page = max(1, self._axis.page // self._line_px() - 1)
        last = len(self.lines) - 1
        wanted = {
            Qt.Key.Key_Up: self.current - 1,
            Qt.Key.Key_Down: self.current + 1,
            Qt.Key.Key_PageUp: self.current - page,
            Qt.Key.Key_PageDown: self.current + page,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }.get(Qt.Key(event.key()))
        if wanted is not None and last >= 0:
            self.current = min(max(wanted, 0), last)
            self._axis.show(self.current * self._line_px(), (self.current + 1) * self._line_px())
            self._ask_names()
            self._tell()
            self.viewport().update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and last >= 0:
            self.picked.emit(self.lines[self.current].column)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The ring shows; a screen reader hears the line."""
        super().focusInEvent(event)
        self._tell()
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """No ring."""
        super().focusOutEvent(event)
        self.viewport().update()

    def _tell(self) -> None:
        words = self.text_of(self.current) if self.lines else ""
        self.setAccessibleDescription(words)
        if self.hasFocus():
            announce(self, words)


def _pooled(shares: bytes, wide: int) -> bytes:
    """No more than `wide` bytes, each the largest of those that it stands for."""
    count = len(shares)
    if count <= wide:
        return shares
    return bytes(
        max(shares[place * count // wide : max((place + 1) * count // wide, place * count // wide + 1)])
        for place in range(wide)
    )


class MissingView(QWidget):
    """The side panel. `closed`: by its cross or by Esc. Destroying it ends what it asked for."""

    closed = Signal()

    def __init__(self, model: TableModel, grid: Grid, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._model = model
        self._grid = grid
        self._theme = theme
        self._shown_patterns: tuple[object, ...] = ()
        self.survey = MissingSurvey(model.source, model.pager)
        self.setAccessibleName("Missing values")
        self.head = SideHead("Missing values", theme, icons)
        self.head.closed.connect(self.closed)
        self.summary = WrappedLabel()
        self.order = QComboBox()
        self.order.addItems(ORDERS)
        self.order.setAccessibleName("Order of columns")
        self.order.setToolTip("Order of columns")
        self.order.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.all = QCheckBox("All columns")
        self.all.setToolTip("Also columns without missing values")
        self.map = MissingMap(model, theme)
        self.together = QLabel("Missing together")
        self._area = QScrollArea()
        give_viewport(self._area)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.patterns: list[ShareButton] = []
        self.sample = SampleLine(theme, "for the picture of missing values")
        self.order.activated.connect(self._show)
        self.all.toggled.connect(self._show)
        self.map.picked.connect(self._on_picked)
        self.sample.exact_asked.connect(self._on_exact_asked)
        self.sample.cancel_asked.connect(self._on_cancel_asked)
        self._lay_out()
        self.setFocusProxy(self.map)
        for signal, method in (
            (self.survey.changed, self._show),
            (model.pager.changed, self._show_state),
            (model.pager.columns_arrived, self._on_columns_arrived),
            (theme.changed, self._on_theme_changed),
        ):
            connect(self, signal, method)
        grid.columns_changed.connect(self._show)
        self.destroyed.connect(self.survey.close)
        self._on_theme_changed()

    def _lay_out(self) -> None:
        self._controls = QHBoxLayout()
        self._controls.addWidget(self.order, 1)
        self._controls.addWidget(self.all)
        self._top = QVBoxLayout()
        self._top.addWidget(self.summary)
        self._top.addLayout(self._controls)
        self._bottom = QVBoxLayout()
        self._bottom.addWidget(self.together)
        self._bottom.addWidget(self._area, 1)
        self._last = QVBoxLayout()
        self._last.addWidget(self.sample)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.head)
        rows.addLayout(self._top)
        rows.addWidget(self.map, 3)
        rows.addLayout(self._bottom, 2)
        rows.addStretch(1)
        rows.addLayout(self._last)

    # ---- showing

    @Slot()
    def _show(self) -> None:
        survey = self.survey
        gaps = survey.gaps
        has_gaps = bool(gaps)
        self.map.show_lines(self._ordered(), survey.row_count)
        self.summary.setText(self._summary(gaps))
        for widget in (self.order, self.all):
            widget.setVisible(has_gaps)
        self.map.setVisible(bool(self.map.lines))
        self.map.setMaximumHeight(max(self.map.height_hint(), self._theme.px(LINE_PX)) + 1)
        has_patterns = any(len(one.columns) > 1 for one in survey.patterns)
        self.together.setVisible(has_gaps and (has_patterns or len(gaps) > 1))
        self.together.setText("Missing together" if has_patterns else "No columns are missing together")
        self._area.setVisible(has_patterns)
        self._show_patterns()
        self._show_state()

    def _ordered(self) -> Sequence[ColumnGaps]:
        survey = self.survey
        order = self._grid.columns.order
        found = [survey.columns[index] for index in order if index in survey.columns]
        if not self.all.isChecked():
            found = [one for one in found if one.count]
        keys: dict[int, Callable[[ColumnGaps], object]] = {
            0: lambda one: -one.share,
            2: lambda one: self._name(one.column).casefold(),
        }
        key = keys.get(self.order.currentIndex())
        return sorted(found, key=key) if key is not None else found  # type: ignore[arg-type]  # numbers or texts alike

    def _name(self, column: int) -> str:
        return column_name(self._model.pager.column(column), column)

    def _summary(self, gaps: Sequence[ColumnGaps]) -> str:
        survey = self.survey
        columns = len(survey.columns)
        if not survey.columns:
            return "No columns" if not self._model.pager.column_count and not survey.is_under_way else ""
        where = f"{counted(survey.rows_looked_at, 'row')} and {counted(columns, 'column')}"
        if not gaps:
            return f"No missing values in {where}" + (" so far" if survey.is_under_way else "")
        count, cells = sum(one.count for one in gaps), sum(one.rows_looked_at for one in survey.columns.values())
        words = (
            f"{figures.share_text(count, cells)} of the values are missing, "
            f"in {number(len(gaps))} of {counted(columns, 'column')}."
        )
        whole = survey.complete_rows
        if whole is None:
            return words
        share = figures.share_text(whole, survey.rows_looked_at)
        return f"{words} {counted(whole, 'row')} ({share}) {'has' if whole == 1 else 'have'} every value."

    def _show_patterns(self) -> None:
        survey = self.survey
        shown = (survey.patterns, self._theme.name, self._theme.zoom, tuple(map(self._name, survey.pattern_columns)))
        if shown == self._shown_patterns:
            return
        self._shown_patterns = shown
        inner = QWidget()
        rows = QVBoxLayout(inner)
        rows.setContentsMargins(self._theme.px(12), 0, self._theme.px(12), 0)
        rows.setSpacing(0)
        self.patterns = []
        for one in survey.patterns:
            names = [self._name(column) for column in one.columns]
            more = len(names) - NAMED_MOST
            text = ", ".join(names[:NAMED_MOST]) + (f" and {number(more)} more" if more > 0 else "")
            only = " only" if len(names) == 1 else ""
            button = ShareButton(text + only, one.count, survey.rows_looked_at, self._theme, details=", ".join(names))
            button.clicked.connect(partial(self._on_pattern, one))
            self.patterns.append(button)
            rows.addWidget(button)
        rows.addStretch(1)
        had_focus = self._area.isAncestorOf(self.focusWidget()) if self.focusWidget() is not None else False
        before = self._area.takeWidget()
        if before is not None:
            before.deleteLater()
        self._area.setWidget(inner)
        inner.setAutoFillBackground(False)
        if had_focus:
            (self.patterns[0] if self.patterns else self.map).setFocus()

    def _show_state(self) -> None:
        survey, pager = self.survey, self._model.pager
        if survey.is_under_way and pager.is_busy:
            self.sample.say("Waits until the session is free", is_under_way=True)
        elif survey.is_under_way:
            self.sample.say(self._progress_text(), is_under_way=True)
        elif survey.problem:
            self.sample.say(survey.problem, can_ask=not survey.is_exact_asked, tone="error")
        elif pager.is_gone:
            self.sample.say("The table is not there any more")
        elif survey.columns and not survey.is_whole:
            part = f"{number(len(survey.columns))} of {counted(pager.column_count, 'column')}"
            self.sample.say(f"Given up: {part} were looked at", can_ask=True)
        elif survey.columns:
            can_ask = not survey.is_exact and not survey.is_exact_asked
            self.sample.say(figures.rows_text(survey.rows_looked_at, survey.row_count), can_ask=can_ask)
        else:
            self.sample.say("")

    def _progress_text(self) -> str:
        survey, count = self.survey, self._model.pager.column_count
        if count > BLOCK_COLUMNS and survey.columns and not survey.is_whole:
            return f"Reading: {number(len(survey.columns))} of {counted(count, 'column')}"
        return figures.exact_progress_text(survey.progress) if survey.is_exact_asked else "Reading"

    def _on_columns_arrived(self, _first: int, _end: int) -> None:
        self.map.viewport().update()
        self._show_patterns()

    # ---- what is pressed

    @Slot(int)
    def _on_picked(self, column: int) -> None:
        self._model.turn_filter(Filter(column, "is_missing"))

    def _on_pattern(self, pattern: Pattern, _is_checked: bool = False) -> None:
        self._model.turn_filter(of_pattern(pattern.columns, self.survey.pattern_columns))

    @Slot()
    def _on_exact_asked(self) -> None:
        self.survey.ask_exact()

    @Slot()
    def _on_cancel_asked(self) -> None:
        self.survey.cancel()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    # ---- looks

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ground of panes."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("pane"))
        painter.end()

    @Slot()
    def _on_theme_changed(self) -> None:
        px = self._theme.px
        self._top.setContentsMargins(px(12), px(8), px(12), px(8))
        self._top.setSpacing(px(8))
        self._controls.setSpacing(px(8))
        self._bottom.setContentsMargins(0, px(12), 0, 0)
        self._bottom.setSpacing(px(4))
        self._last.setContentsMargins(px(12), px(4), px(12), px(4))
        self.together.setContentsMargins(px(12), 0, px(12), 0)
        self.together.setFont(self._theme.font("title"))
        for widget in (self.summary, self.order, self.all):
            widget.setFont(self._theme.font("small"))
        self.map.setMinimumHeight(px(72))
        self._area.setMinimumHeight(px(48))
        self.setMinimumWidth(px(220))
        self._show()
