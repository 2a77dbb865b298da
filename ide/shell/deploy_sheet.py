"""The sheet before a script is sent: what goes, where, with how much, what it may cost, and what stands against it.

Knows no service: it shows what it is told, and tells what the user wants. UI thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ide.core.deploy import Concern, TargetSpec
from ide.core.text import with_unseen_shown
from ide.deploy.cost import estimate, money
from ide.deploy.preflight import Preflight, is_clear
from ide.deploy.targets import LOCAL_KIND
from ide.deploy.wishes import Wish
from ide.qt.accessible import announce
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.shell.fields import Choice, Field
from ide.shell.option_form import OptionForm
from ide.widgets.wrapped_label import WrappedLabel

WIDTH_PX, HEIGHT_PX = 640, 640
MOST_ROWS = 2_000
"""Files that are listed one by one; of more, how many they are."""
_LOOKS = {"block": ("x-circle", "error"), "warn": ("warning", "warning"), "note": ("info", "muted")}
_IGNORED = "named in .gitignore"
_BY_USER = "left out by you"
ACCEPT = "deploy.accept"
"""Fix of a concern that the user takes upon himself."""


class DeploySheet(QDialog):
    """Stays open beside the window. Every change is told as a wish; whoever listens looks anew and tells."""

    wished = Signal(object)
    """Wish"""
    secrets_given = Signal(dict)
    fix_asked = Signal(object)
    """Concern"""
    deploy_asked = Signal()

    def __init__(self, wish: Wish, targets: Sequence[TargetSpec], theme: Theme, icons: Icons, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Deploy {with_unseen_shown(wish.title)}")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._theme = theme
        self._icons = icons
        self._wish = wish
        self._targets = tuple(targets)
        self._checked: Preflight | None = None
        self._is_filling = False
        self.where = Choice(theme, icons)
        self.files = QTreeWidget()
        self.sum = QLabel()
        self.workers, self.minutes, self.idle = QSpinBox(), QSpinBox(), QSpinBox()
        self.budget = QDoubleSpinBox()
        self.options: OptionForm | None = None
        self._options_of: object = None
        self.secrets: dict[str, QLineEdit] = {}
        self.problems: list[QPushButton] = []
        self.cost, self.step = WrappedLabel(), WrappedLabel()
        self.confirm, self.cancel = QPushButton("Deploy"), QPushButton("Cancel")
        self._build()
        self.set_targets(targets, wish.target)
        connect(self, theme.changed, self._dress)
        self._dress()

    @property
    def wish(self) -> Wish:
        """As it stands."""
        return self._wish

    # --- what it is told ---------------------------------------------------------------------------------------------

    def set_targets(self, targets: Sequence[TargetSpec], chosen: str) -> None:
        """Other targets to choose from."""
        self._targets = tuple(targets)
        self._is_filling = True
        self.where.clear()
        for one in self._targets:
            self.where.addItem(with_unseen_shown(one.name), one.id)
        self.where.setCurrentIndex(max(self.where.findData(chosen), 0))
        self._is_filling = False

    def show_step(self, step: str) -> None:
        """What is looked at just now; nothing can be sent meanwhile."""
        self.step.setText(step)
        self.step.setVisible(bool(step))
        self.confirm.setEnabled(False)

    def show_checked(
        self, wish: Wish, checked: Preflight | None, concerns: Sequence[Concern], secret_names: Sequence[str] = ()
    ) -> None:
        """What was found. Without `checked` nothing could be looked at, for the reasons told."""
        self._wish, self._checked = wish, checked
        self._is_filling = True
        if checked is not None:
            self._fill_files(checked)
        self._fill_resources(wish)
        self._fill_options(checked)
        self._fill_secrets(secret_names)
        self._fill_problems(concerns)
        self._is_filling = False
        self._tell_cost()
        self.step.hide()
        self.confirm.setEnabled(checked is not None and is_clear(concerns))
        blocking = sum(1 for one in concerns if one.level == "block")
        ready = "Ready to deploy" if self.confirm.isEnabled() else f"{blocking} problem{'s' if blocking != 1 else ''}"
        announce(self, ready)

    # --- building ----------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        for control, name, least, most, suffix in (
            (self.workers, "Workers", 1, 1_000, ""),
            (self.minutes, "Time limit", 0, 100_000, " min"),
            (self.idle, "Idle limit", 0, 100_000, " min"),
        ):
            control.setRange(least, most)
            control.setSuffix(suffix)
            control.setAccessibleName(name)
            control.valueChanged.connect(self._on_resources_changed)
        for limit in (self.minutes, self.idle):
            limit.setSpecialValueText("none")
        self.budget.setRange(0, 1_000_000)
        self.budget.setSpecialValueText("none")
        self.budget.setAccessibleName("Budget")
        self.budget.valueChanged.connect(self._on_resources_changed)
        self.where.setAccessibleName("Target")
        self.where.currentIndexChanged.connect(self._on_target_chosen)
        self.files.setHeaderLabels(["File", "Size"])
        self.files.setAccessibleName("Files that are sent")
        self.files.setRootIsDecorated(False)
        self.files.setUniformRowHeights(True)
        self.files.header().setStretchLastSection(False)
        self.files.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.files.itemChanged.connect(self._on_file_changed)
        self.sum.setProperty("tone", "muted")
        self.confirm.setProperty("main", "true")
        self.confirm.setDefault(True)
        self.confirm.setEnabled(False)
        self.confirm.clicked.connect(self.deploy_asked)
        self.cancel.clicked.connect(self.reject)
        self._form = QFormLayout()
        self._form.addRow("Where", Field(self.where, self._theme))
        self._form.addRow("Workers", Field(self.workers, self._theme))
        limits = QHBoxLayout()
        named: tuple[tuple[str, QWidget], ...] = (
            ("", self.minutes), ("Idle limit", self.idle), ("Budget", self.budget),
        )  # fmt: skip
        for title, field in named:
            if title:
                limits.addWidget(QLabel(title))
            limits.addWidget(Field(field, self._theme), 1)
        self._form.addRow("Time limit", limits)
        self._more = QVBoxLayout()
        self._problems = QVBoxLayout()
        inner = QWidget()
        self._inner = QVBoxLayout(inner)
        self._inner.addLayout(self._problems)
        self._inner.addLayout(self._form)
        self._inner.addLayout(self._more)
        self._inner.addWidget(self.files, 1)
        self._inner.addWidget(self.sum)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inner)
        words = QVBoxLayout()
        words.addWidget(self.step)
        words.addWidget(self.cost)
        buttons = QHBoxLayout()
        buttons.addLayout(words, 1)
        buttons.addWidget(self.confirm, 0, Qt.AlignmentFlag.AlignBottom)
        buttons.addWidget(self.cancel, 0, Qt.AlignmentFlag.AlignBottom)
        self._outer = QVBoxLayout(self)
        self._outer.addWidget(area, 1)
        self._outer.addLayout(buttons)
        self._buttons = buttons

    def _fill_files(self, checked: Preflight) -> None:
        self.files.clear()
        snapshot = checked.snapshot
        rows = []
        for one in snapshot.files[:MOST_ROWS]:
            item = QTreeWidgetItem([with_unseen_shown(one.path), _size(one.size_bytes)])
            item.setData(0, Qt.ItemDataRole.UserRole, one.path)
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight)
            item.setCheckState(0, Qt.CheckState.Checked)
            if one.path == snapshot.entry:  # it goes in any case
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsUserCheckable)
            rows.append(item)
        for left in snapshot.left_out[:MOST_ROWS]:
            item = QTreeWidgetItem([f"{with_unseen_shown(left.path)}: {left.reason}", ""])
            item.setData(0, Qt.ItemDataRole.UserRole, left.path)
            item.setForeground(0, self._theme.color("muted"))
            if left.reason == _BY_USER or (left.reason == _IGNORED and not left.path.endswith("/")):
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                item.setCheckState(0, Qt.CheckState.Unchecked)
            rows.append(item)
        self.files.addTopLevelItems(rows)
        count = len(snapshot.files)
        self.sum.setText(f"{count:,} file{'s' if count != 1 else ''}, {_size(snapshot.size_bytes)} are sent")

    def _fill_resources(self, wish: Wish) -> None:
        resources = wish.resources
        self.workers.setValue(resources.workers)
        self.minutes.setValue(round(resources.time_limit_s / 60))
        self.idle.setValue(round(resources.idle_limit_s / 60))
        self.budget.setValue(resources.budget)
        spec = self._spec()
        self.budget.setEnabled(spec is not None and bool(spec.price_per_worker_hour))
        self.budget.setSuffix(f" {spec.currency}" if spec is not None and spec.currency else "")

    def _fill_options(self, checked: Preflight | None) -> None:
        options = checked.status.options if checked is not None and checked.status is not None else ()
        if options == self._options_of:
            return
        self._options_of = options
        if self.options is not None:
            self._more.removeWidget(self.options)
            self.options.deleteLater()
            self.options = None
        if options:
            self.options = OptionForm(options, self._wish.resources.options, self._theme, self._icons)
            self.options.changed.connect(self._on_resources_changed)
            self._more.insertWidget(0, self.options)

    def _fill_secrets(self, names: Sequence[str]) -> None:
        for name in names:
            if name not in self.secrets:
                line = QLineEdit()
                line.setEchoMode(QLineEdit.EchoMode.Password)
                line.setAccessibleName(f"Value of {name}")
                line.setPlaceholderText("sent with this job; kept until the window closes, never written down")
                line.editingFinished.connect(self._on_secret_typed)
                self.secrets[name] = line
                self._form.addRow(with_unseen_shown(name), line)

    def _fill_problems(self, concerns: Sequence[Concern]) -> None:
        while (item := self._problems.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self.problems = []
        for one in concerns:
            row = QWidget()
            line = QHBoxLayout(row)
            line.setContentsMargins(0, 0, 0, 0)
            icon, tone = _LOOKS[one.level]
            picture = QLabel()
            side = self._theme.px(16)
            picture.setPixmap(self._icons.pixmap(icon, tone, QSize(side, side), self.devicePixelRatioF()))
            picture.setAccessibleName({"block": "Problem", "warn": "Warning", "note": "Note"}[one.level])
            line.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
            words = WrappedLabel(with_unseen_shown(" ".join(t for t in (one.happened, one.meaning, one.advice) if t)))
            line.addWidget(words, 1)
            fixes = [one] if one.fix_label else []
            if _can_accept(one):
                fixes.append(replace(one, fix=ACCEPT, fix_label="Accept"))
            for fix in fixes:
                button = QPushButton(fix.fix_label)
                button.setProperty("concern", fix)
                button.setAccessibleName(f"{fix.fix_label}: {one.happened}")
                button.clicked.connect(self._on_fix_clicked)
                line.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
                self.problems.append(button)
            self._problems.addWidget(row)

    def _tell_cost(self) -> None:
        spec, resources = self._spec(), self._wish.resources
        if spec is None or not spec.price_per_worker_hour:
            is_free = spec is not None and spec.kind == LOCAL_KIND
            self.cost.setText("It costs nothing." if is_free else "No price is set for this target.")
            return
        hour = money(estimate(spec.price_per_worker_hour, resources.workers, 3600), spec.currency)
        most = estimate(spec.price_per_worker_hour, resources.workers, resources.time_limit_s)
        if resources.budget:
            most = min(most, resources.budget) if resources.time_limit_s else resources.budget
        limit = f", {money(most, spec.currency)} at most" if resources.time_limit_s or resources.budget else ""
        self.cost.setText(f"It costs {hour} per hour{limit}.")

    def _spec(self) -> TargetSpec | None:
        return next((one for one in self._targets if one.id == self.where.currentData()), None)

    # --- what the user does ------------------------------------------------------------------------------------------

    def _want(self, wish: Wish) -> None:
        self._wish = wish
        self._tell_cost()
        self.wished.emit(wish)

    @Slot()
    def _on_target_chosen(self) -> None:
        if not self._is_filling:
            self._want(replace(self._wish, target=str(self.where.currentData())))

    @Slot()
    def _on_resources_changed(self) -> None:
        if self._is_filling:
            return
        options: Mapping[str, object] = self.options.values if self.options is not None else {}
        resources = replace(
            self._wish.resources, workers=self.workers.value(), time_limit_s=self.minutes.value() * 60.0,
            idle_limit_s=self.idle.value() * 60.0, budget=self.budget.value(), options=options,
        )  # fmt: skip
        self._want(replace(self._wish, resources=resources))

    @Slot(QTreeWidgetItem, int)
    def _on_file_changed(self, item: QTreeWidgetItem, _column: int) -> None:
        if self._is_filling:
            return
        path = str(item.data(0, Qt.ItemDataRole.UserRole)).rstrip("/")
        excluded = [one for one in self._wish.excluded if one != path]
        included = [one for one in self._wish.included if one != path]
        if item.checkState(0) is Qt.CheckState.Unchecked:
            excluded.append(path)
        elif path not in self._wish.excluded:
            included.append(path)
        self._want(replace(self._wish, excluded=tuple(excluded), included=tuple(included)))

    @Slot()
    def _on_secret_typed(self) -> None:
        self.secrets_given.emit({name: line.text() for name, line in self.secrets.items() if line.text()})

    @Slot()
    def _on_fix_clicked(self) -> None:
        self.fix_asked.emit(self.sender().property("concern"))

    @Slot()
    def _dress(self) -> None:
        px = self._theme.px
        self.resize(max(self.width(), px(WIDTH_PX)), max(self.height(), px(HEIGHT_PX)))
        for layout in (self._outer, self._inner):
            layout.setSpacing(px(8))
        self._outer.setContentsMargins(px(16), px(16), px(16), px(16))
        self._inner.setContentsMargins(0, 0, px(8), 0)
        self._form.setSpacing(px(8))
        self._problems.setSpacing(px(4))
        self._buttons.setSpacing(px(8))
        self._buttons.setContentsMargins(0, 0, px(8), 0)
        self.setFont(self._theme.font("ui"))
        self.files.header().resizeSection(1, px(80))
        self.files.setMinimumHeight(px(160))
        for control in (self.where, self.workers, self.minutes, self.idle, self.budget):
            control.setMinimumHeight(px(24))


def _can_accept(concern: Concern) -> bool:
    """What is a matter of judgement, not of possibility."""
    return concern.level == "block" and concern.code in (
        "absolute_path", "secret_in_file", "secret_missing", "package_differs", "input_missing", "input_outside",
        "input_left_out", "lock_stale",
    )  # fmt: skip


def _size(size_bytes: float) -> str:
    for unit in ("B", "kB", "MB"):
        if size_bytes < 1000:
            return f"{size_bytes:.3g} {unit}"
        size_bytes /= 1000
    return f"{size_bytes:,.1f} GB"
