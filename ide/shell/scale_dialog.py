"""How many workers a console gets, and where: a fixed number, or as many as there is work for. UI thread.

Knows no service: it tells what the user wants.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ide.core.record import dataclass
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.shell.fields import Choice, Field
from ide.widgets.wrapped_label import WrappedLabel, fit

MOST = 1_000
"""Workers that can be asked for; the target may have a limit of its own, and says so."""

FIXED, ADAPTS = 0, 1


@dataclass(frozen=True, slots=True)
class Scale:
    """So many `workers`; with a `maximum` as many as there is work for, at least `minimum`."""

    workers: int = 1
    minimum: int = 0
    maximum: int = 0


@dataclass(frozen=True, slots=True)
class Where:
    """A place for workers. `note` says what they are and cost; `most` is how many there can be, 0 where it is not
    known. `adapts` tells that it is able to follow the work."""

    id: str
    name: str
    note: str = ""
    most: int = 0
    adapts: bool = True


class ScaleDialog(QDialog):
    """Stays open beside the window."""

    scale_asked = Signal(str, object)
    """Id of the place, Scale"""

    def __init__(
        self, title: str, places: Sequence[Where], scale: Scale, theme: Theme, icons: Icons, parent: QWidget | None
    ) -> None:
        """`places` are those to choose from, the usual one first; of a single one its name is told."""
        super().__init__(parent)
        self.setWindowTitle(title)
        self._places = tuple(places)
        px = theme.px
        self.place = Choice(theme, icons)
        self.place.setAccessibleName("Where")
        for one in places:
            self.place.addItem(one.name, one.id)
        self.place.setEnabled(len(places) > 1)
        self.kind = Choice(theme, icons)
        self.kind.setAccessibleName("How many")
        for words in ("A fixed number", "As many as there is work for"):
            self.kind.addItem(words)
        self.kind.setCurrentIndex(ADAPTS if scale.maximum else FIXED)
        self.workers, self.minimum, self.maximum = QSpinBox(), QSpinBox(), QSpinBox()
        for spin, name, value in (
            (self.workers, "Workers", scale.workers),
            (self.minimum, "At least", scale.minimum),
            (self.maximum, "At most", scale.maximum or max(scale.workers, 1)),
        ):
            spin.setAccessibleName(name)
            spin.setRange(0 if spin is self.minimum else 1, MOST)
            spin.setValue(value)
        self.note = WrappedLabel()
        self.note.setProperty("tone", "muted")
        self.form = QFormLayout()
        self.form.setContentsMargins(0, 0, 0, 0)
        self.form.addRow("Where", Field(self.place, theme))
        self.form.addRow("How many", Field(self.kind, theme))
        self._numbers = QStackedWidget()
        for spins in ((("workers", self.workers),), (("at least", self.minimum), ("at most", self.maximum))):
            page = QWidget()
            line = QHBoxLayout(page)
            line.setContentsMargins(0, 0, 0, 0)
            line.setSpacing(px(8))
            for words, spin in spins:
                label = QLabel(words)
                label.setBuddy(spin)
                line.addWidget(label)
                line.addWidget(Field(spin, theme), 1)
            self._numbers.addWidget(page)
        self.form.addRow("", self._numbers)
        self.ok, cancel = QPushButton("Scale"), QPushButton("Cancel")
        self.ok.setProperty("main", "true")
        self.ok.setDefault(True)
        cancel.setAutoDefault(False)
        row = QHBoxLayout()
        row.setSpacing(px(8))
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(self.ok)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(16), px(16), px(16), px(16))
        column.setSpacing(px(12))
        column.addLayout(self.form)
        column.addWidget(self.note)
        column.addLayout(row)
        self.ok.clicked.connect(self._on_ok)
        cancel.clicked.connect(self.reject)
        self.place.currentIndexChanged.connect(self._follow)
        self.kind.currentIndexChanged.connect(self._follow)
        self.minimum.valueChanged.connect(self._follow)
        self._follow()
        fit(self, px(400))

    @Slot()
    def _follow(self) -> None:
        """The numbers are those that count; the note is that of the place."""
        where = self._places[max(0, self.place.currentIndex())]
        self.note.setText(where.note)
        if not where.adapts:
            self.kind.setCurrentIndex(FIXED)
        self.kind.setEnabled(where.adapts)
        for spin in (self.workers, self.minimum, self.maximum):
            spin.setMaximum(where.most or MOST)
        self.maximum.setMinimum(max(1, self.minimum.value()))
        self._numbers.setCurrentIndex(self.kind.currentIndex())

    @Slot()
    def _on_ok(self) -> None:
        where = str(self.place.currentData())
        scale = (
            Scale(minimum=self.minimum.value(), maximum=self.maximum.value())
            if self.kind.currentIndex() == ADAPTS
            else Scale(self.workers.value())
        )
        self.accept()
        self.scale_asked.emit(where, scale)
