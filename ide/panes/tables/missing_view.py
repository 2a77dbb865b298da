"""Where values are missing, at the side of a table: the map, and which columns lack them together.

Owns the survey. A line or a pattern that is pressed filters the table to its rows, pressed again no more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ide.core.table import Filter
from ide.panes.tables import figures
from ide.panes.tables.missing_map import LINE_PX, MissingMap
from ide.panes.tables.model import TableModel
from ide.panes.tables.side import SampleLine, ShareButton, SideHead
from ide.panes.tables.words import column_name, counted, number
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.tables.missing_survey import BLOCK_COLUMNS, PATTERNS_WHOLE, ColumnGaps, MissingSurvey, Pattern
from ide.tables.profile_filters import of_pattern
from ide.widgets.grid import Grid
from ide.widgets.viewport import give_viewport
from ide.widgets.wrapped_label import WrappedLabel

NAMED_MOST: Final = 8
PAUSE_MS: Final = 300
ORDERS: Final = ("Most missing first", "Order of the table", "By name")


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
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(PAUSE_MS)
        self._soon.timeout.connect(self._show)
        self._lay_out()
        self.setFocusProxy(self.map)
        for signal, method in (
            (self.survey.changed, self._on_surveyed),
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
        self._rows = rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.head)
        rows.addLayout(self._top)
        rows.addWidget(self.map, 3)
        rows.addLayout(self._bottom, 2)
        rows.addStretch(1)
        rows.addLayout(self._last)

    # ---- showing

    def _on_surveyed(self) -> None:
        """Blocks of a wide table come faster than anybody reads: not each of them is shown."""
        if self.survey.is_under_way and len(self.survey.columns) > BLOCK_COLUMNS:
            self._show_state()
            if not self._soon.isActive():
                self._soon.start()
        else:
            self._show()

    @Slot()
    def _show(self) -> None:
        self._soon.stop()
        survey = self.survey
        gaps = survey.gaps
        has_gaps = bool(gaps)
        self.map.show_lines(self._ordered(), survey.row_count)
        self.summary.setText(self._summary(gaps))
        for widget in (self.order, self.all):
            widget.setVisible(has_gaps)
        self.map.setVisible(bool(self.map.lines))
        self.map.setMaximumHeight(max(self.map.height_hint(), self._theme.px(LINE_PX)) + 1)
        is_cut = len(survey.patterns) >= PATTERNS_WHOLE or len(survey.pattern_columns) < len(gaps)
        has_patterns = is_cut or any(len(one.columns) > 1 for one in survey.patterns)
        self.together.setVisible(len(gaps) > 1 and bool(survey.patterns))
        self.together.setText(self._together_text(len(gaps)) if has_patterns else "No columns are missing together")
        self._area.setVisible(has_patterns and len(gaps) > 1)
        self._rows.setStretchFactor(self._bottom, 2 if has_patterns else 0)
        self._show_patterns()
        self._show_state()

    def _together_text(self, lacking: int) -> str:
        looked = len(self.survey.pattern_columns)
        return "Missing together" + (f", of the {number(looked)} columns that lack most" if looked < lacking else "")

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
