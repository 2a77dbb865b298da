"""The places where jobs run, set up by a form: add, change, test, remove. Knows no service: it tells what is wanted.

UI thread.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QDialog,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ide.core.deploy import TargetSpec, TargetStatus
from ide.core.text import with_unseen_shown
from ide.deploy.targets import THIS_COMPUTER, KindFacts
from ide.qt.accessible import announce
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.shell.fields import Field
from ide.shell.option_form import OptionForm
from ide.widgets.wrapped_label import WrappedLabel

WIDTH_PX, HEIGHT_PX, LIST_PX = 680, 440, 180
_OWN = "Jobs run on this computer, in processes that go on when the window is closed. There is nothing to set up."
_EMPTY = "Add a target to run scripts on a cluster."


class TargetsDialog(QDialog):
    """Stays open beside the window. A target that was not saved yet is in the list, and gone when the dialog closes."""

    saved = Signal(object, dict)
    """TargetSpec, its secrets by name"""
    removed = Signal(str)
    test_asked = Signal(object, dict)
    """TargetSpec as it stands in the form, its secrets by name"""

    def __init__(
        self, targets: Sequence[TargetSpec], kinds: Sequence[KindFacts], theme: Theme, icons: Icons, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Targets")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._theme = theme
        self._icons = icons
        self._kinds = {one.id: one for one in kinds}
        self._unsaved: set[str] = set()
        self._spec: TargetSpec | None = None
        self.list = QListWidget()
        self.add, self.remove = QPushButton("Add"), QPushButton("Remove")
        self.about, self.told = WrappedLabel(), WrappedLabel()
        self.name, self.currency = QLineEdit(), QLineEdit()
        self.price = QDoubleSpinBox()
        self.form: OptionForm | None = None
        self.test, self.save, self.closing = (
            QPushButton("Test connection"), QPushButton("Save"), QPushButton("Close"),
        )  # fmt: skip
        self._build()
        for one in targets:
            self._list(one)
        connect(self, theme.changed, self._dress)
        self._dress()
        self.list.setCurrentRow(0)
        if not targets:
            self._show(None)

    @property
    def spec(self) -> TargetSpec | None:
        """The target as it stands in the form; None where there is none to change."""
        if self._spec is None or self.form is None:
            return None
        secrets = tuple(one.name for one in self._kinds[self._spec.kind].form if one.kind == "secret")
        return TargetSpec(
            self._spec.id, self.name.text().strip(), self._spec.kind, self.form.values, secrets, self.price.value(),
            self.currency.text().strip(),
        )  # fmt: skip

    def choose(self, id: str) -> None:
        """Show the target of this id."""
        for row in range(self.list.count()):
            if self._of(self.list.item(row)).id == id:
                self.list.setCurrentRow(row)

    def begin(self, kind: str) -> None:
        """A new target of a kind, to be filled in."""
        fresh = TargetSpec(uuid.uuid4().hex, self._kinds[kind].name, kind)
        self._unsaved.add(fresh.id)
        self._list(fresh)
        self.list.setCurrentRow(self.list.count() - 1)
        self.name.setFocus()
        self.name.selectAll()

    def show_testing(self, spec: TargetSpec) -> None:
        """It is being asked."""
        self._tell(f"Asking “{spec.name}” ...", "muted")
        self.test.setEnabled(False)

    def show_tested(self, status: TargetStatus) -> None:
        """What it answered."""
        self.test.setEnabled(True)
        if not status.is_reachable:
            self._tell(" ".join(part for part in (status.happened, status.meaning, status.advice) if part), "error")
            return
        versions = ", ".join(f"{name} {version}" for name, version in sorted(status.versions.items()))
        workers = status.limits.get("workers")
        most = f" Up to {workers:g} workers." if workers else ""
        self._tell(f"It works{f': {versions}' if versions else ''}.{most}", "done")

    def show_kept(self, is_kept: bool) -> None:
        """Where the secrets of the target that was saved are."""
        kept = "The login is in the key store of the system."
        here = "No key store of the system is open: the login is kept until the window closes, never written down."
        self._tell(f"Saved. {kept if is_kept else here}", "muted")

    def show_problem(self, text: str) -> None:
        """It can't be done, and why."""
        self.test.setEnabled(True)
        self._tell(text, "error")

    # --- building ----------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.list.setAccessibleName("Targets")
        self.list.currentItemChanged.connect(self._on_chosen)
        menu = QMenu(self.add)
        for kind in self._kinds.values():
            if kind.id != THIS_COMPUTER.kind:
                action = QAction(kind.name, menu)
                action.setToolTip(kind.about)
                action.setData(kind.id)
                menu.addAction(action)
        menu.setToolTipsVisible(True)
        menu.triggered.connect(self._on_kind_chosen)
        self.add.setMenu(menu)
        self.add.setVisible(not menu.isEmpty())
        self.remove.clicked.connect(self._on_remove)
        self.name.setAccessibleName("Name")
        self.name.textChanged.connect(self._on_typed)
        self.price.setAccessibleName("Price of one worker for an hour")
        self.price.setRange(0, 1_000_000)
        self.price.setDecimals(4)
        self.price.setSpecialValueText("not known")
        self.currency.setAccessibleName("Currency")
        self.currency.setPlaceholderText("EUR")
        self.told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.test.clicked.connect(self._on_test)
        self.save.setProperty("main", "true")
        self.save.clicked.connect(self._on_save)
        self.closing.clicked.connect(self.reject)
        self._left, self._right, self._rows = QVBoxLayout(), QVBoxLayout(), QFormLayout()
        self._left.addWidget(self.list, 1)
        below = QHBoxLayout()
        below.addWidget(self.add)
        below.addWidget(self.remove)
        below.addStretch(1)
        self._left.addLayout(below)
        self.fields = QWidget()
        self._labels = [QLabel("Name"), QLabel("Worker, per hour")]
        self._rows.addRow(self._labels[0], self.name)
        cost = QHBoxLayout()
        cost.addWidget(Field(self.price, self._theme), 1)
        cost.addWidget(self.currency, 1)
        self._rows.addRow(self._labels[1], cost)
        self._options = QVBoxLayout()
        column = QVBoxLayout(self.fields)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._rows)
        column.addLayout(self._options)
        column.addStretch(1)
        self._column = column
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self.fields)
        self._right.addWidget(self.about)
        self._right.addWidget(area, 1)
        self._right.addWidget(self.told)
        self._buttons = QHBoxLayout()
        self._buttons.addWidget(self.test)
        self._buttons.addStretch(1)
        self._buttons.addWidget(self.save)
        self._buttons.addWidget(self.closing)
        self._right.addLayout(self._buttons)
        self._outer = QHBoxLayout(self)
        self._outer.addLayout(self._left)
        self._outer.addLayout(self._right, 1)

    def _list(self, spec: TargetSpec) -> None:
        item = QListWidgetItem(with_unseen_shown(spec.name))
        item.setData(Qt.ItemDataRole.UserRole, spec)
        self.list.addItem(item)

    def _of(self, item: QListWidgetItem) -> TargetSpec:
        found = item.data(Qt.ItemDataRole.UserRole)
        assert isinstance(found, TargetSpec)
        return found

    def _chosen(self) -> TargetSpec | None:
        return self._of(self.list.currentItem()) if self.list.currentRow() >= 0 else None

    def _show(self, spec: TargetSpec | None) -> None:
        kind = self._kinds.get(spec.kind) if spec is not None else None
        is_own = spec is not None and spec.id == THIS_COMPUTER.id
        if self.form is not None:
            self._options.removeWidget(self.form)
            self.form.hide()
            self.form.deleteLater()
            self.form = None
        self._spec = spec if kind is not None and not is_own else None
        self._tell("", "muted")
        if is_own:
            self.about.setText(_OWN)
        elif kind is not None:
            self.about.setText(kind.about)
        else:
            self.about.setText(f"The plugin for “{spec.kind}” is not here." if spec is not None else _EMPTY)
        if spec is not None and kind is not None and not is_own:
            self.name.setText(spec.name)
            self.price.setValue(spec.price_per_worker_hour)
            self.currency.setText(spec.currency)
            self.form = OptionForm(kind.form, spec.options, self._theme, self._icons)
            self.form.changed.connect(self._on_typed)
            self._options.addWidget(self.form)
            labels = [*self._labels, *self.form.labels]
            width = max(one.sizeHint().width() for one in labels)
            for one in labels:
                one.setMinimumWidth(width)
        self.fields.setVisible(self._spec is not None)
        self.remove.setEnabled(spec is not None and not is_own)
        self.test.setEnabled(spec is not None and kind is not None)
        self._on_typed()

    def _problem(self) -> str:
        if self._spec is None or self.form is None:
            return ""
        if not self.name.text().strip():
            return "Name is missing."
        wanted = self.name.text().strip().casefold()
        others = (self._of(self.list.item(row)) for row in range(self.list.count()))
        if any(one.id != self._spec.id and one.name.casefold() == wanted for one in others):
            return "Another target has this name."
        return self.form.problem

    def _tell(self, text: str, tone: str) -> None:
        self.told.setText(with_unseen_shown(text))
        self.told.setProperty("tone", tone)
        self.told.style().polish(self.told)
        self.told.setVisible(bool(text))
        if text:
            announce(self, text)

    # --- what the user does ------------------------------------------------------------------------------------------

    @Slot()
    def _on_chosen(self) -> None:
        self._show(self._chosen())

    @Slot(QAction)
    def _on_kind_chosen(self, action: QAction) -> None:
        self.begin(str(action.data()))

    @Slot()
    def _on_typed(self) -> None:
        problem = self._problem()
        self.save.setEnabled(self._spec is not None and not problem)
        self.save.setToolTip(problem)
        self.test.setEnabled(not problem and self.list.currentRow() >= 0)

    @Slot()
    def _on_test(self) -> None:
        spec = self.spec or self._chosen()
        if spec is not None:
            self.test_asked.emit(spec, self.form.secrets if self.form is not None else {})

    @Slot()
    def _on_save(self) -> None:
        spec, item = self.spec, self.list.currentItem()
        if spec is None or self.form is None:
            return
        self._spec = spec
        self._unsaved.discard(spec.id)
        item.setText(with_unseen_shown(spec.name))
        item.setData(Qt.ItemDataRole.UserRole, spec)
        self._tell("Saved.", "muted")
        self.saved.emit(spec, self.form.secrets)

    @Slot()
    def _on_remove(self) -> None:
        chosen = self._chosen()
        if chosen is None:
            return
        id = chosen.id
        self.list.takeItem(self.list.currentRow())
        if id in self._unsaved:
            self._unsaved.discard(id)
        else:
            self.removed.emit(id)

    @Slot()
    def _dress(self) -> None:
        px = self._theme.px
        self.resize(max(self.width(), px(WIDTH_PX)), max(self.height(), px(HEIGHT_PX)))
        self._outer.setContentsMargins(px(16), px(16), px(16), px(16))
        self._outer.setSpacing(px(16))
        for layout in (self._left, self._right, self._rows, self._column, self._buttons):
            layout.setSpacing(px(8))
        for layout in (self._column, self._buttons):
            layout.setContentsMargins(0, 0, px(8), 0)
        self.list.setFixedWidth(px(LIST_PX))
        self.setFont(self._theme.font("ui"))
        for control in (self.name, self.price, self.currency):
            control.setMinimumHeight(px(24))
