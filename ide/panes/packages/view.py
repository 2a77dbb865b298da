"""Widgets of the Packages pane: the box to install from, the list, the details, what a change would do, progress."""

from __future__ import annotations

from PySide6.QtCore import QSize, QStringListModel, Qt, Signal, Slot
from PySide6.QtGui import QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QCompleter,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QListView,
    QProgressBar,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from ide.core.packages import Plan
from ide.panes.packages import words
from ide.panes.packages.model import KINDS, Kind, PackagesModel
from ide.panes.packages.rows import COLUMNS, PackageRows
from ide.qt.accessible import announce
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.widgets.choice_bar import BarChoice, ChoiceBar
from ide.widgets.flow_layout import FlowLayout
from ide.widgets.link_page import LinkPage

LICENCE_FROM_PX, SIZE_FROM_PX, NEWEST_FROM_PX = 420, 300, 240
"""A narrower list goes without these columns; the details have them all."""
DETAILS_FROM_PX = 560
"""A narrower pane shows the details below the list."""


class PackageList(QTreeView):
    """The packages. Enter and double click show nothing new: the details follow the selection."""

    def __init__(self, model: PackagesModel, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._packages = model
        self._theme = theme
        self.rows = PackageRows(model, theme, icons)
        self.setModel(self.rows)
        self.setAccessibleName("Packages")
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header = self.header()
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.sectionClicked.connect(self._on_header_clicked)
        self.selectionModel().currentChanged.connect(self._on_current_changed)
        connect(self, theme.changed, self._dress)
        self._dress()

    def sync(self) -> None:
        """Show the model's rows, with the same package selected."""
        selected = self._packages.selected
        if self.rows.sync() or selected:
            place = self.rows.row_of(selected) if selected else -1
            if place < 0:
                self.selectionModel().clear()
            elif self.currentIndex().row() != place or not self.selectionModel().hasSelection():
                self.setCurrentIndex(self.rows.index(place, 0))
        order = Qt.SortOrder.DescendingOrder if self._packages.is_descending else Qt.SortOrder.AscendingOrder
        section = next(place for place, one in enumerate(COLUMNS) if one[0] == self._packages.column)
        self.header().setSortIndicator(section, order)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What matters least goes first where there is no room; names stay readable."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        width, px = self.width(), self._theme.px
        self.setColumnHidden(2, self._packages.newest is None or width < px(NEWEST_FROM_PX))
        self.setColumnHidden(3, width < px(LICENCE_FROM_PX))
        self.setColumnHidden(4, width < px(SIZE_FROM_PX))

    @Slot(int)
    def _on_header_clicked(self, section: int) -> None:
        column = COLUMNS[section][0]
        is_same = column == self._packages.column
        self._packages.sort(column, is_descending=is_same and not self._packages.is_descending)

    @Slot()
    def _on_current_changed(self) -> None:
        row = self.rows.row_at(self.currentIndex())
        if row is not None:
            self._packages.select(row.package.name)

    @Slot()
    def _dress(self) -> None:
        self.setFont(self._theme.font("ui"))
        self.header().setFont(self._theme.font("small"))
        self.setIconSize(QSize(self._theme.px(16), self._theme.px(16)))
        for section, width in ((1, 86), (2, 74), (3, 108), (4, 66)):
            self.header().resizeSection(section, self._theme.px(width))
        self.scheduleDelayedItemsLayout()


class PlanSheet(QWidget):
    """What a change would do, with the buttons that do it or leave it."""

    accepted = Signal()
    rejected = Signal()
    request_wanted = Signal()
    unneeded_wanted = Signal(bool)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._title = QLabel()
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setWordWrap(True)
        self._page = LinkPage(theme, "What will change", margin_px=0)  # in line with the title and the buttons
        self.unneeded = QCheckBox()
        self.unneeded.clicked.connect(self.unneeded_wanted)
        self.accept = QPushButton()
        self.accept.setProperty("main", "true")
        self.accept.clicked.connect(self.accepted)
        self.reject = QPushButton("Leave as it is")
        self.reject.clicked.connect(self.rejected)
        self.request = QPushButton("Copy a request for approval")
        self.request.clicked.connect(self.request_wanted)
        self._buttons = QHBoxLayout()
        for button in (self.accept, self.reject, self.request):
            button.setAccessibleName(button.text())
            self._buttons.addWidget(button)
        self._buttons.addStretch(1)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._title)
        self._column.addWidget(self._page, 1)
        self._column.addWidget(self.unneeded)
        self._column.addLayout(self._buttons)
        connect(self, theme.changed, self._dress)
        self._dress()

    @property
    def text(self) -> str:
        """What is said, as plain text."""
        return f"{self._title.text()}\n{self._page.toPlainText()}"

    def show_plan(self, plan: Plan, environment: str) -> None:
        """Show another plan."""
        title = words.plan_title(plan, environment)
        if title != self._title.text():
            announce(self, title)
        self._title.setText(title)
        self._page.show_html(words.plan_html(plan, self._page.colors()))
        has_changes = bool(plan.changes)
        self.accept.setText(words.accept_title(plan))
        self.accept.setAccessibleName(self.accept.text())
        self.accept.setVisible(has_changes)
        self.accept.setEnabled(plan.is_allowed)
        self.reject.setText("Leave as it is" if has_changes else "Close")
        self.request.setVisible(not plan.is_allowed)
        takes_along = any(not change.is_asked for change in plan.changes) and not plan.changes[0].after
        self.unneeded.setVisible(bool(plan.unneeded) or takes_along)
        self.unneeded.setChecked(takes_along)
        if plan.unneeded:
            self.unneeded.setText(words.unneeded_title(plan))

    @Slot()
    def _dress(self) -> None:
        px = self._theme.px
        self._column.setContentsMargins(px(12), px(8), px(12), px(8))
        self._column.setSpacing(px(8))
        self._buttons.setSpacing(px(8))
        self._title.setFont(self._theme.font("title"))
        self.unneeded.setFont(self._theme.font("ui"))


class ProgressRow(QFrame):
    """A step of work under way, how far it is, and the button that ends it."""

    cancelled = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._label = QLabel()
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress of the change")
        self.cancel = QPushButton("Cancel")
        self.cancel.setAccessibleName("Cancel the change")
        self.cancel.clicked.connect(self.cancelled)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._label, 2)
        self._row.addWidget(self._bar, 1)
        self._row.addWidget(self.cancel)
        connect(self, theme.changed, self._dress)
        self._dress()
        self.hide()

    @property
    def text(self) -> str:
        """The step."""
        return self._label.text()

    def show_step(self, step: str, done: int, total: int) -> None:
        """Tell a step."""
        self._label.setText(step)
        # A range of nothing moves without end, which is motion that means nothing here: an empty bar does as well.
        self._bar.setRange(0, max(total, 1))
        self._bar.setValue(min(done, total) if total else 0)
        self._bar.setVisible(total > 0)

    @Slot()
    def _dress(self) -> None:
        px = self._theme.px
        self._row.setContentsMargins(px(12), px(4), px(8), px(4))
        self._row.setSpacing(px(8))
        self._label.setFont(self._theme.font("ui"))
        self._bar.setFixedHeight(px(6))


class PackagesView(QWidget):
    """The pane's body while there is an environment."""

    install_wanted = Signal(str)
    typed = Signal(str)
    chosen = Signal(object)
    """BarChoice"""
    kind_wanted = Signal(str)

    def __init__(self, model: PackagesModel, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._model = model
        self._theme = theme
        self.bar = ChoiceBar(theme, icons)
        self.bar.chosen.connect(self.chosen)
        self._told = ""
        self.box = QLineEdit()
        self.box.setPlaceholderText("Name of a package to install")
        self.box.setAccessibleName("Name of a package to install")
        self.box.setClearButtonEnabled(True)
        self._names = QStringListModel()
        self._completer = QCompleter(self._names, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setMaxVisibleItems(10)
        self._popup = QListView(self)
        self._popup.setAccessibleName("Names of packages")
        self._completer.setPopup(self._popup)
        self._completer.activated.connect(self._on_name_chosen)
        self._completer.setWidget(self.box)
        self.box.textEdited.connect(self.typed)
        self.box.returnPressed.connect(self._on_entered)
        self.button = QPushButton("Install")
        self.button.setAccessibleName("Install the named package")
        self.button.clicked.connect(self._on_entered)
        self.kinds = [self._kind_button(kind, title) for kind, title in KINDS]
        self.list = PackageList(model, theme, icons)
        self.details = LinkPage(theme, "Details of the package")
        self.sheet = PlanSheet(theme)
        self.progress = ProgressRow(theme)
        self.count = QLabel()
        self.count.setTextFormat(Qt.TextFormat.PlainText)
        self.count.setProperty("tone", "muted")
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.addWidget(self.list)
        self._splitter.addWidget(self.details)
        self._splitter.setStretchFactor(0, 3)
        self._splitter.setStretchFactor(1, 2)
        self._splitter.setChildrenCollapsible(False)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._splitter)
        self._stack.addWidget(self.sheet)
        self._top, self._kinds_row = QHBoxLayout(), FlowLayout()
        self._top.addWidget(self.box, 1)
        self._top.addWidget(self.button)
        for one in self.kinds:
            self._kinds_row.addWidget(one)
        self._head = QVBoxLayout()
        self._head.addLayout(self._top)
        self._head.addLayout(self._kinds_row)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.bar)
        self._column.addLayout(self._head)
        self._column.addWidget(self._stack, 1)
        self._column.addWidget(self.progress)
        self._column.addWidget(self.count)
        self.setFocusProxy(self.list)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        connect(self, theme.changed, self._dress)
        connect(self, model.changed, self.sync)
        connect(self, model.progressed, self._show_progress)
        connect(self, model.names_found, self._show_names)
        self._dress()

    def sync(self) -> None:
        """Bring everything up to date with the model."""
        model = self._model
        self.list.sync()
        self._show_details()
        self._show_progress()
        self._show_bar()
        is_free = model.can_change and not model.is_busy
        self.box.setEnabled(is_free)
        self.button.setEnabled(is_free)
        for button in self.kinds:
            button.setChecked(button.property("kind") == model.kind)
        installed = model.installed
        newer = len(model.newest) if model.newest is not None else None
        if installed is None:
            self.count.setText("Reading the list of packages...")
        else:
            self.count.setText(words.count_text(len(model.rows), installed.packages, newer))
        shows_plan = model.plan is not None and not (model.is_busy and not model.plan.changes)
        if model.plan is not None and model.environment is not None:
            self.sheet.show_plan(model.plan, model.environment.name)
            self.sheet.accept.setEnabled(model.plan.is_allowed and not model.is_busy)
        was_list = self._stack.currentWidget() is self._splitter
        self._stack.setCurrentWidget(self.sheet if shows_plan else self._splitter)
        if shows_plan and was_list and self.isVisible():
            (self.sheet.accept if self.sheet.accept.isEnabled() else self.sheet.reject).setFocus()

    def clear_box(self) -> None:
        """Nothing is typed any more."""
        self.box.clear()

    def showEvent(self, event: QShowEvent) -> None:
        """Seen: now the list is read."""
        super().showEvent(event)
        self._model.wake()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Details stand beside the list where there is room, else below."""
        super().resizeEvent(event)
        wide = self.width() >= self._theme.px(DETAILS_FROM_PX)
        orientation = Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical
        if self._splitter.orientation() is not orientation:
            self._splitter.setOrientation(orientation)

    def _kind_button(self, kind: Kind, title: str) -> QPushButton:
        button = QPushButton(title)
        button.setCheckable(True)
        button.setAccessibleName(f"Show packages: {title}")
        button.setProperty("kind", kind)
        button.clicked.connect(self._on_kind_clicked)
        return button

    def _show_details(self) -> None:
        model = self._model
        package, installed, environment = model.package(), model.installed, model.environment
        self.details.setVisible(package is not None)
        if package is None or installed is None or environment is None:
            return
        self.details.show_html(
            words.details(
                package,
                (model.newest or {}).get(package.key, ""),
                model.needed_by(package),
                installed.packages,
                installed.verdict(package.name),
                model.packages.advisories(environment),
                self.details.colors(),
            )
        )

    def _show_progress(self) -> None:
        progress = self._model.progress
        is_shown = progress is not None and self._model.is_busy
        self.progress.setVisible(is_shown)
        if progress is not None and is_shown:
            self.progress.show_step(progress.step, progress.done, progress.total)

    def _show_bar(self) -> None:
        """One thing that matters of this environment, in the order of how much it does."""
        installed, problem, remark = self._model.installed, self._model.problem, self._model.remark
        text, role = "", "accent"
        choices: tuple[BarChoice, ...] = (BarChoice("Close"),)
        if installed is not None and installed.interrupted and not self._model.is_busy:
            text = f"“{installed.interrupted}” never came to its end, so these packages may not work."
            choices, role = (BarChoice("Take it back", "packages.undo"),), "warning"
        elif remark is not None:
            text = remark.text
            choices = (BarChoice(remark.title, remark.command, remark.arguments), BarChoice("Not now"))
        elif problem is not None:
            text, role = problem.text, "error"
            if problem.action:
                act = BarChoice(problem.action_title, problem.action, tuple(problem.action_arguments.items()))
                choices = (act, BarChoice("Close"))
        elif installed is not None and installed.reason:
            text = installed.reason
            choices = (BarChoice("Choose environment", "session.choose_environment"), BarChoice("Close"))
        if text != self._told:
            self._told = text
            self.bar.tell(text, choices, role=role) if text else self.bar.hide()

    def _show_names(self, names: tuple[str, ...]) -> None:
        self._names.setStringList(list(names))
        popup = self._popup
        if names and self.box.hasFocus() and self.box.text().strip():
            popup.setFont(self._theme.font("ui"))
            self._completer.complete()
        else:
            popup.hide()

    @Slot(str)
    def _on_name_chosen(self, name: str) -> None:
        self.box.setText(name)

    @Slot()
    def _on_entered(self) -> None:
        self._popup.hide()
        if text := self.box.text().strip():
            self.install_wanted.emit(text)
        else:
            self.box.setFocus()

    @Slot()
    def _on_kind_clicked(self) -> None:
        self.kind_wanted.emit(str(self.sender().property("kind")))

    @Slot()
    def _dress(self) -> None:
        px = self._theme.px
        self._head.setContentsMargins(px(8), px(8), px(8), px(4))
        self._head.setSpacing(px(4))
        for row in (self._top, self._kinds_row):
            row.setSpacing(px(8))
        self.box.setFont(self._theme.font("ui"))
        for button in self.kinds:
            button.setFont(self._theme.font("small"))
        self.count.setFont(self._theme.font("small"))
        self.count.setContentsMargins(px(8), px(2), px(8), px(4))
