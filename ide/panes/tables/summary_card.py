"""The summary of one column, opened: histogram or frequent values, missing values, figures. Owns no profile.

Told what to show, it tells what was pressed. Bars and values are for the keyboard too.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QRect, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ide.core.table import Column, ColumnProfile, Filter
from ide.core.text import with_unseen_shown
from ide.panes.tables import figures
from ide.panes.tables.side import LEFT_LINK, SampleLine, ShareButton
from ide.panes.tables.words import column_name
from ide.qt.accessible import announce
from ide.qt.theme import Theme
from ide.tables import filters, profile_filters
from ide.widgets.grid_header import type_text
from ide.widgets.grid_heat import mixed
from ide.widgets.wrapped_label import WrappedLabel

BARS_PX: Final = 72
LONGEST_VALUE: Final = 80


class Histogram(QWidget):
    """Bars over an axis; the line below says the ends of the axis, or the bar under the pointer or the keyboard."""

    picked = Signal(int)
    """A bar was pressed."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._column: Column | None = None
        self._profile: ColumnProfile | None = None
        self._decimal_mark = "."
        self.current = -1
        """The bar that is told about; -1 for none."""
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_profile(self, column: Column, profile: ColumnProfile, decimal_mark: str) -> None:
        """Other bars."""
        self._column, self._profile, self._decimal_mark = column, profile, decimal_mark
        self.current = -1
        name = f"Histogram of {column_name(column, column.index)}: arrow keys choose a bar, Enter shows its rows only"
        self.setAccessibleName(name)
        self.setFixedHeight(self._theme.px(BARS_PX) + self._line_px())
        self.update()

    def text_of(self, place: int) -> str:
        """What is said of a bar."""
        assert self._column is not None
        assert self._profile is not None
        return figures.bar_text(self._column, self._profile, place, self._decimal_mark)

    def bar_rect(self, place: int) -> QRect:
        """The whole height over a bar's place on the axis: a low bar is as easy to hit."""
        count = len(self._profile.counts) if self._profile is not None else 1
        first, end = self.width() * place // count, self.width() * (place + 1) // count
        return QRect(first, 0, end - first, self._theme.px(BARS_PX))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Bars, axis, words."""
        if self._profile is None or self._column is None:
            return
        painter, theme = QPainter(self), self._theme
        ground, accent = theme.color("pane"), theme.color("accent")
        high, most = theme.px(BARS_PX) - 1, max(self._profile.counts, default=0) or 1
        for place, count in enumerate(self._profile.counts):
            rect = self.bar_rect(place)
            if place == self.current:
                painter.fillRect(rect, theme.color("hover"))
            if count:
                tall = max(1, round((high - theme.px(2)) * count / most))
                color = accent if place == self.current else mixed(ground, accent, 0.6)
                painter.fillRect(rect.left(), high - tall, max(1, rect.width() - 1), tall, color)
        painter.fillRect(0, high, self.width(), 1, theme.color("control_border"))
        if self.hasFocus():
            painter.setPen(QPen(accent, theme.px(2)))
            painter.drawRect(QRect(1, 1, self.width() - 2, theme.px(BARS_PX) - 2))
        self._paint_words(painter)
        painter.end()

    def _paint_words(self, painter: QPainter) -> None:
        assert self._column is not None
        assert self._profile is not None
        line = QRect(0, self._theme.px(BARS_PX), self.width(), self._line_px())
        font = self._theme.font("small")
        metrics = QFontMetrics(font)
        painter.setFont(font)
        painter.setPen(self._theme.color("text" if self.current >= 0 else "muted"))
        middle = Qt.AlignmentFlag.AlignVCenter
        if self.current >= 0:
            shown = metrics.elidedText(self.text_of(self.current), Qt.TextElideMode.ElideRight, line.width())
            painter.drawText(line, middle | Qt.AlignmentFlag.AlignHCenter, shown)
            return
        low, high = figures.ends_text(self._column, self._profile, self._decimal_mark)
        painter.drawText(line, middle | Qt.AlignmentFlag.AlignLeft, low)
        if metrics.horizontalAdvance(low + high) < line.width() - self._theme.px(8):
            painter.drawText(line, middle | Qt.AlignmentFlag.AlignRight, high)

    def _line_px(self) -> int:
        return self._theme.px(18)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell about the bar under the pointer."""
        self._set_current(self._place_at(event))

    def leaveEvent(self, event: QEvent) -> None:
        """The ends of the axis again."""
        self._set_current(-1)
        super().leaveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Its rows are asked for."""
        place = self._place_at(event)
        if event.button() == Qt.MouseButton.LeftButton and place >= 0:
            self.picked.emit(place)

    def _place_at(self, event: QMouseEvent) -> int:
        count = len(self._profile.counts) if self._profile is not None else 0
        point = event.position().toPoint()
        return next((place for place in range(count) if self.bar_rect(place).contains(point)), -1)

    def _set_current(self, place: int) -> None:
        if place != self.current:
            self.current = place
            self.setAccessibleDescription(self.text_of(place) if place >= 0 else "")
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys, Home, End; Enter and Space press the bar."""
        last = len(self._profile.counts) - 1 if self._profile is not None else -1
        wanted = {
            Qt.Key.Key_Left: self.current - 1,
            Qt.Key.Key_Right: self.current + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }.get(Qt.Key(event.key()))
        if wanted is not None and last >= 0:
            self._set_current(min(max(wanted, 0), last))
            announce(self, self.text_of(self.current))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.current >= 0:
            self.picked.emit(self.current)
        else:
            super().keyPressEvent(event)


class SummaryCard(QWidget):
    """One column. `filter_asked` carries a Filter or FilterGroup; `resized`: it wants another height."""

    go_asked = Signal()
    filter_asked = Signal(object)
    exact_asked = Signal()
    cancel_asked = Signal()
    resized = Signal()

    def __init__(self, theme: Theme, decimal_mark: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._decimal_mark = decimal_mark
        self._column: Column | None = None
        self._profile: ColumnProfile | None = None
        self._parts: list[QWidget] = []
        self.name = QPushButton()
        self.name.setProperty("link", "true")
        self.name.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.name.setStyleSheet(LEFT_LINK)
        self.name.clicked.connect(self.go_asked)
        self.kind = QLabel()
        self.kind.setTextFormat(Qt.TextFormat.PlainText)
        self.kind.setProperty("tone", "muted")
        self.kind.setProperty("may_be_cut", True)
        self.kind.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.histogram: Histogram | None = None
        self.values: list[ShareButton] = []
        self.missing: QPushButton | None = None
        self.sample = SampleLine(theme)
        self.sample.exact_asked.connect(self.exact_asked)
        self.sample.cancel_asked.connect(self.cancel_asked)
        self.has_ring = False
        """Whether the list around it has the keyboard."""
        self._top = QHBoxLayout()
        self._top.addWidget(self.name, 1)
        self._top.addWidget(self.kind)
        self._rows = QVBoxLayout(self)
        self._rows.addLayout(self._top)
        self._rows.addWidget(self.sample)
        self.follow_theme()

    @property
    def controls(self) -> tuple[QWidget, ...]:
        """What the keyboard comes to, from top to bottom."""
        middle = [self.histogram, *self.values, self.missing]
        return (self.name, *(one for one in middle if one is not None), self.sample.button)

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything that is written in labels."""
        return tuple(part.text() for part in self.findChildren(QLabel) if part.text())

    def show_column(self, column: Column, profile: ColumnProfile | None) -> None:
        """Show this; the keyboard stays at the same place of the card."""
        if (column, profile) == (self._column, self._profile):
            return
        place = next((place for place, one in enumerate(self.controls) if one.hasFocus()), -1)
        self._column, self._profile = column, profile
        self._fill()
        if place >= 0:
            shown = [one for one in self.controls if not one.isHidden()]
            shown[min(place, len(shown) - 1)].setFocus()

    def _fill(self) -> None:
        column, profile = self._column, self._profile
        assert column is not None
        for part in self._parts:
            part.hide()
            part.setParent(None)
            part.deleteLater()
        self._parts, self.values, self.histogram, self.missing = [], [], None, None
        self.kind.setToolTip(type_text(column))
        name = column_name(column, column.index)
        self.name.setAccessibleName(f"Go to column {name}")
        self.name.setToolTip(f"{with_unseen_shown(column.name)}\nClick: go to this column")
        self.sample.set_subject(f"for {name}")
        self._elide()
        if column.label:
            label = WrappedLabel(with_unseen_shown(column.label))
            self._add(label)
        if profile is not None and not profile.problem:
            self._add_shape(column, profile)
            self._add_missing(column, profile)
            self._add_figures(figures.figures(column, profile, self._decimal_mark))

    def _add(self, widget: QWidget) -> None:
        self._parts.append(widget)
        widget.setFont(self._theme.font("small"))
        self._rows.insertWidget(self._rows.count() - 1, widget)
        widget.show()

    def _add_shape(self, column: Column, profile: ColumnProfile) -> None:
        if sum(profile.counts):
            self.histogram = Histogram(self._theme)
            self.histogram.show_profile(column, profile, self._decimal_mark)
            self.histogram.picked.connect(self._on_bar)
            self._add(self.histogram)
            return
        present = profile.rows_looked_at - sum(one.count for one in profile.missing)
        if present > 1 and profile.top and profile.top[0].count == 1:
            self._add(QLabel("Every value is there once" if profile.is_exact else "Values hardly repeat"))
            return
        if not profile.top:
            return
        block = QWidget()
        rows = QVBoxLayout(block)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        for value in profile.top:
            found = profile_filters.of_value(column, value)
            button = ShareButton(
                with_unseen_shown(value.text[:LONGEST_VALUE]),
                value.count,
                present,
                self._theme,
                can_press=found is not None,
            )
            button.clicked.connect(partial(self._ask_filter, found))
            self.values.append(button)
            rows.addWidget(button)
        self._add(block)

    def _add_missing(self, column: Column, profile: ColumnProfile) -> None:
        text, kinds = figures.missing_text(profile)
        if not kinds:
            label = QLabel(text)
            label.setProperty("tone", "muted")
            self._add(label)
            return
        found = Filter(column.index, "is_missing")
        self.missing = QPushButton(f"{text}: {kinds}")
        self.missing.setProperty("link", "true")
        self.missing.setStyleSheet(LEFT_LINK)
        self.missing.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.missing.setToolTip(f"{text}: {kinds}\nClick: only these rows")
        self.missing.setAccessibleName(f"{text}: {kinds}. Only these rows")
        self.missing.setEnabled(not filters.check(found, column))
        self.missing.clicked.connect(partial(self._ask_filter, found))
        self._add(self.missing)

    def _add_figures(self, found: Sequence[figures.Figure]) -> None:
        if not found:
            return
        block = QWidget()
        grid = QGridLayout(block)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(self._theme.px(8))
        grid.setVerticalSpacing(self._theme.px(2))
        grid.setColumnStretch(1, 1)
        for row, one in enumerate(found):
            label, value = QLabel(one.label), QLabel(one.text)
            label.setProperty("tone", "muted")
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            value.setAccessibleName(f"{one.label}: {one.text}")
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            value.setToolTip(one.exact)
            value.setMinimumWidth(1)
            value.setProperty("may_be_cut", True)
            for place, part in enumerate((label, value)):
                part.setTextFormat(Qt.TextFormat.PlainText)
                part.setFont(self._theme.font("small"))
                grid.addWidget(part, row, place)
        self._add(block)

    @Slot(int)
    def _on_bar(self, place: int) -> None:
        if self._column is not None and self._profile is not None:
            self._ask_filter(profile_filters.of_bar(self._column, self._profile, place))

    def _ask_filter(self, found: profile_filters.Predicate | None, _is_checked: bool = False) -> None:
        if found is not None:
            self.filter_asked.emit(found)

    # ---- looks

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A long name loses its end."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        if self._column is not None:
            px = self._theme.px
            kinds = QFontMetrics(self.kind.font())
            kind = kinds.elidedText(type_text(self._column), Qt.TextElideMode.ElideRight, max(self.width() // 2, 1))
            self.kind.setText(kind)
            room = max(self.width() - px(36) - kinds.horizontalAdvance(kind), 1)
            name = with_unseen_shown(self._column.name) or "·"
            shown = QFontMetrics(self.name.font()).elidedText(name, Qt.TextElideMode.ElideRight, room)
            self.name.setText(shown.replace("&", "&&"))

    def event(self, event: QEvent) -> bool:
        """Something in it became higher or lower."""
        is_done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self.resized.emit()
        return is_done

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The brightest ground, a mark of the current column at the left, a line below."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("pane"))
        painter.fillRect(0, 0, self._theme.px(3), self.height(), self._theme.color("accent"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, self._theme.color("line"))
        if self.has_ring:
            painter.setPen(QPen(self._theme.color("accent"), self._theme.px(2)))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()

    def follow_theme(self) -> None:
        """Sizes and fonts of the theme in force."""
        px = self._theme.px
        self._rows.setContentsMargins(px(12), px(6), px(12), px(6))
        self._rows.setSpacing(px(4))
        font = self._theme.font("title")
        self.name.setFont(font)
        self.name.setFixedHeight(px(24))
        self.kind.setFont(self._theme.font("small"))
        if self._column is not None:
            self._fill()
