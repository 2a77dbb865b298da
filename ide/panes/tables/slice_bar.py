"""Which part of what is open the table shows: axes of an array, sheets of a file. Owns the bars, not the parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSpinBox, QWidget

from ide.core.table import TableInfo
from ide.panes.tables.words import number
from ide.qt.theme import Theme
from ide.widgets.flow_layout import FlowLayout
from ide.widgets.ground import paint_ground


class SliceBar(QWidget):
    """Hidden while the table has two axes."""

    asked = Signal(int, int, object)
    """Row axis, column axis, places on the fixed axes in their order."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._info: TableInfo | None = None
        self.rows = QComboBox(self)
        self.rows.setAccessibleName("Axis of the rows")
        self.columns = QComboBox(self)
        self.columns.setAccessibleName("Axis of the columns")
        self.spins: list[QSpinBox] = []
        self._flow = FlowLayout(self)
        self.rows.activated.connect(self._on_axis)
        self.columns.activated.connect(self._on_axis)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self.hide()

    def show_info(self, info: TableInfo) -> None:
        """Follow the table."""
        if self._info is not None and _axes(info) == _axes(self._info):
            return
        before, self._info = self._info, info
        self.setVisible(len(info.dims) > 2)
        if before is not None and _axes(info)[:3] == _axes(before)[:3] and len(self.spins) == len(info.fixed):
            for spin, place in zip(self.spins, info.fixed, strict=True):
                spin.blockSignals(True)
                spin.setValue(place)
                spin.blockSignals(False)
        elif len(info.dims) > 2:
            self._fill(info)

    def _fill(self, info: TableInfo) -> None:
        while (item := self._flow.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None and widget not in (self.rows, self.columns):
                widget.hide()
                widget.deleteLater()
        self.spins = []
        for box, axis in ((self.rows, info.row_axis), (self.columns, info.column_axis)):
            box.clear()
            for at, extent in enumerate(info.dims):
                box.addItem(f"axis {at} ({number(extent)})", at)
            box.setCurrentIndex(max(axis, 0))
        self._add("Rows", self.rows)
        self._add("Columns", self.columns)
        for axis, place in zip(_fixed_axes(info), info.fixed, strict=False):
            spin = QSpinBox()
            spin.setRange(0, max(info.dims[axis] - 1, 0))
            spin.setValue(place)
            spin.setKeyboardTracking(False)
            spin.setAccessibleName(f"Place on axis {axis}")
            spin.valueChanged.connect(self._on_place)
            self.spins.append(spin)
            self._add(f"axis {axis}", spin)
        self.updateGeometry()

    def _add(self, text: str, box: QWidget) -> None:
        label = QLabel(text)
        label.setProperty("tone", "muted")
        label.setFont(self._theme.font("small"))
        label.setMinimumHeight(self._theme.px(24))
        for widget in (label, box):
            self._flow.addWidget(widget)
            widget.show()

    @Slot()
    def _on_axis(self) -> None:
        """Choosing the other one's axis swaps them."""
        info = self._info
        if info is None:
            return
        rows, columns = int(self.rows.currentData()), int(self.columns.currentData())
        if rows == columns:
            if self.sender() is self.rows:
                columns = info.row_axis
            else:
                rows = info.column_axis
        at = dict(zip(_fixed_axes(info), info.fixed, strict=False))
        fixed = [at.get(axis, 0) for axis in range(len(info.dims)) if axis not in (rows, columns)]
        self.asked.emit(rows, columns, fixed)

    @Slot()
    def _on_place(self) -> None:
        if self._info is not None:
            fixed = [spin.value() for spin in self.spins]
            self.asked.emit(self._info.row_axis, self._info.column_axis, fixed)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ground of headers and a line below."""
        paint_ground(self, self._theme)

    @Slot()
    def _on_theme_changed(self) -> None:
        px = self._theme.px
        self._flow.setContentsMargins(px(8), px(4), px(8), px(4) + 1)
        self._flow.setSpacing(px(8))
        info, self._info = self._info, None
        if info is not None:
            self.show_info(info)


class PartBar(QWidget):
    """Sheets or tables of a file. Hidden while there is one."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._open: Callable[[str], object] | None = None
        self._current = ""
        self.box = QComboBox()
        self.box.setAccessibleName("Sheet or table of the file")
        self.label = QLabel("Sheet")
        self.label.setProperty("tone", "muted")
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.label)
        self._row.addWidget(self.box)
        self._row.addStretch(1)
        self.box.activated.connect(self._on_chosen)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self.hide()

    def set_parts(self, names: Sequence[str], current: str, open_part: Callable[[str], object]) -> None:
        """Offer these; choosing another one calls `open_part`."""
        self._open = open_part
        self._current = current or (names[0] if names else "")
        self.box.clear()
        self.box.addItems(list(names))
        self.box.setCurrentText(self._current)
        self.setVisible(len(names) > 1)

    @Slot()
    def _on_chosen(self) -> None:
        wanted = self.box.currentText()
        self.box.setCurrentText(self._current)
        if self._open is not None and wanted != self._current:
            self._open(wanted)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ground of headers and a line below."""
        paint_ground(self, self._theme)

    @Slot()
    def _on_theme_changed(self) -> None:
        px = self._theme.px
        self._row.setContentsMargins(px(8), px(4), px(8), px(4) + 1)
        self._row.setSpacing(px(8))
        self.label.setFont(self._theme.font("small"))


def _axes(info: TableInfo) -> tuple[object, ...]:
    return info.dims, info.row_axis, info.column_axis, info.fixed


def _fixed_axes(info: TableInfo) -> Sequence[int]:
    return [axis for axis in range(len(info.dims)) if axis not in (info.row_axis, info.column_axis)]
