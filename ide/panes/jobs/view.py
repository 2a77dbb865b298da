"""Widgets of the Jobs pane: the list, and below it log, results, details and cost of what is selected."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from ide.core.deploy import JobEvent
from ide.panes.jobs import words
from ide.panes.jobs.cluster_strip import ClusterStrip
from ide.panes.jobs.cost_chart import CostChart
from ide.panes.jobs.log_view import LogView
from ide.panes.jobs.model import JobsModel
from ide.panes.jobs.rows import AGE, COST, STATE, TARGET, TIME, JobRows, ResultRows
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.widgets.link_page import LinkPage
from ide.widgets.tabs import Tab, TabStrip
from ide.widgets.text_find_bar import TextFindBar
from ide.widgets.viewport import give_viewport

TARGET_FROM_PX, COST_FROM_PX, TIME_FROM_PX, AGE_FROM_PX = 640, 520, 440, 340
"""A narrower list goes without these columns; the details have them all."""
LEAST_PX = 48
LOG, RESULTS, ABOUT, COSTS = "log", "results", "about", "cost"
_WIDTHS: Final = ((STATE, 132), (AGE, 72), (TIME, 88), (COST, 80), (TARGET, 120))


class JobList(QTreeView):
    """The jobs; two can be chosen for comparing."""

    chosen = Signal(tuple)
    """Ids in the order of choosing."""

    def __init__(self, model: JobsModel, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._jobs = model
        self._theme = theme
        self._is_syncing = False
        self.rows = JobRows(model, theme, icons)
        give_viewport(self)
        self.setModel(self.rows)
        self.setAccessibleName("Jobs")
        _plain(self)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)
        connect(self, theme.changed, self._dress)
        self._dress()

    def sync(self) -> None:
        """Show the model's rows, with the same jobs selected."""
        self._is_syncing = True
        try:
            is_other = self.rows.sync()
            selection = self.selectionModel()
            here = {job.record.id for index in selection.selectedRows() if (job := self.rows.row_at(index))}
            if is_other or here != set(self._jobs.selected):
                selection.clearSelection()
                flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
                for id in self._jobs.selected:
                    if (place := self.rows.row_of(id)) >= 0:
                        index = self.rows.index(place, 0)
                        selection.select(index, flags)
                        selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
        finally:
            self._is_syncing = False
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What matters least goes first where there is no room."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        width, px = self.width(), self._theme.px
        costs = any(job.record.price_per_worker_hour for job in self._jobs.rows)
        for column, is_hidden in (
            (TARGET, width < px(TARGET_FROM_PX)),
            (COST, not costs or width < px(COST_FROM_PX)),
            (TIME, width < px(TIME_FROM_PX)),
            (AGE, width < px(AGE_FROM_PX)),
        ):
            self.setColumnHidden(column, is_hidden)

    @Slot()
    def _on_selection_changed(self) -> None:
        if self._is_syncing:
            return
        ids = {job.record.id for index in self.selectionModel().selectedRows() if (job := self.rows.row_at(index))}
        current = self.rows.row_at(self.currentIndex())
        before = [id for id in self._jobs.selected if id in ids]
        fresh = [id for id in ids if id not in before]
        chosen = [*before, *fresh]
        if current is not None and current.record.id in ids:
            chosen = [*(id for id in chosen if id != current.record.id), current.record.id]
        self.chosen.emit(tuple(chosen))

    @Slot()
    def _dress(self) -> None:
        _dress_list(self, self._theme)
        for section, width in _WIDTHS:
            self.header().resizeSection(section, self._theme.px(width))
        self.scheduleDelayedItemsLayout()


class ResultList(QTreeView):
    """What came back; Enter and double click open it."""

    opened = Signal(object)
    """Artefact"""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self.rows = ResultRows(theme, icons)
        give_viewport(self)
        self.setModel(self.rows)
        self.setAccessibleName("Results of the job")
        _plain(self)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.activated.connect(self._on_activated)
        connect(self, theme.changed, self._dress)
        self._dress()

    @Slot(QModelIndex)
    def _on_activated(self, index: QModelIndex) -> None:
        one = self.rows.row_at(index)
        if one is not None:
            self.opened.emit(one)

    @Slot()
    def _dress(self) -> None:
        _dress_list(self, self._theme)
        self.header().resizeSection(1, self._theme.px(80))


def _plain(view: QTreeView) -> None:
    view.setRootIsDecorated(False)
    view.setUniformRowHeights(True)
    view.setAllColumnsShowFocus(True)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.header().setStretchLastSection(False)


def _dress_list(view: QTreeView, theme: Theme) -> None:
    view.setFont(theme.font("ui"))
    view.header().setFont(theme.font("small"))
    view.setIconSize(QSize(theme.px(16), theme.px(16)))


class JobsView(QWidget):
    """The pane's body while there are jobs."""

    link_asked = Signal(str)

    def __init__(self, model: JobsModel, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._model = model
        self._theme = theme
        self.list = JobList(model, theme, icons)
        self.list.chosen.connect(model.select)
        self.clusters = ClusterStrip(theme, icons)
        self.tabs = TabStrip(theme, icons, "Parts of the job", is_movable=False)
        self.log = LogView(theme)
        self.find_bar = TextFindBar(theme, icons, words="Find in the log")
        self.find_bar.closed.connect(self.log.setFocus)
        self.results = ResultList(theme, icons)
        self.about = LinkPage(theme, "Details of the job")
        self.about.link_asked.connect(self.link_asked)
        self.chart = CostChart(theme)
        log_page = QWidget()
        column = QVBoxLayout(log_page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.find_bar)
        column.addWidget(self.log, 1)
        self._chart_area = QScrollArea()
        give_viewport(self._chart_area)
        self._chart_area.setWidgetResizable(True)
        self._chart_area.setAccessibleName("Cost by day")
        self._chart_area.setWidget(self.chart)
        self._pages: dict[str, QWidget] = {
            LOG: log_page, RESULTS: self.results, ABOUT: self.about, COSTS: self._chart_area,
        }  # fmt: skip
        self._stack = QStackedWidget()
        for page in self._pages.values():
            self._stack.addWidget(page)
        self.tabs.selected.connect(self._on_tab_selected)
        below = QWidget()
        inner = QVBoxLayout(below)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        inner.addWidget(self.tabs)
        inner.addWidget(self._stack, 1)
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._splitter.addWidget(self.list)
        self._splitter.addWidget(below)
        self._splitter.setStretchFactor(0, 2)
        self._splitter.setStretchFactor(1, 3)
        self._splitter.setChildrenCollapsible(False)
        self.count = QLabel()
        self.count.setTextFormat(Qt.TextFormat.PlainText)
        self.count.setProperty("tone", "muted")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.clusters)
        outer.addWidget(self._splitter, 1)
        outer.addWidget(self.count)
        self.setFocusProxy(self.list)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        connect(self, theme.changed, self._dress)
        connect(self, model.changed, self.sync)
        connect(self, model.log_renewed, self._renew_log)
        connect(self, model.logged, self._add_log)
        self._dress()
        self._renew_log()
        self.sync()

    def sync(self) -> None:
        """Bring list and details up to date with the model."""
        model, job = self._model, self._model.job
        self.list.sync()
        self.count.setText(words.count_text(len(model.rows), model.total, len(model.running)))
        outputs = job.record.outputs if job is not None else ()
        self.results.rows.show(outputs)
        days = model.days()
        found = f"Results ({len(outputs)})" if outputs else "Results"
        titles = [(LOG, "Log"), (RESULTS, found), (ABOUT, "Differences" if model.compared else "Details")]
        if days:
            titles.append((COSTS, "Cost"))
        self.tabs.set_tabs(tuple(Tab(key, title, is_closable=False) for key, title in titles))
        self._stack.setCurrentWidget(self._pages[self.tabs.current or LOG])
        currency = next((one.record.currency for one in model.rows if one.record.currency), "")
        self.chart.show_days(days, currency)
        if model.compared is not None:
            self.about.show_html(words.compared(*model.compared))
        elif job is not None:
            self.about.show_html(words.about(job, model.changed_inputs, model.first))
        else:
            self.about.show_html("<p>Select a job to see what it was made of.</p>")

    def show_part(self, key: str) -> None:
        """Bring one of LOG, RESULTS, ABOUT or COSTS into view."""
        self.tabs.select(key)

    def search_log(self) -> None:
        """Search the log."""
        self.show_part(LOG)
        self.find_bar.open_for(self.log)

    def _renew_log(self) -> None:
        self.log.show_log(self._model.log)
        self.find_bar.search_again()

    def _add_log(self, events: tuple[JobEvent, ...]) -> None:
        self.log.add(events)

    @Slot(str)
    def _on_tab_selected(self, key: str) -> None:
        self._stack.setCurrentWidget(self._pages[key])

    @Slot()
    def _dress(self) -> None:
        px = self._theme.px
        self.count.setFont(self._theme.font("small"))
        self.count.setContentsMargins(px(8), px(2), px(8), px(4))
        # Both may become as low as two lines: a low window stays low.
        self.list.setMinimumHeight(px(LEAST_PX))
        self._stack.setMinimumHeight(px(LEAST_PX))
