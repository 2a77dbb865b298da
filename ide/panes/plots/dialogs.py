"""Windows that ask about a plot: how it is written to a file, what is said of it, its code. Own no plot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ide.panes.plots.plot import SVG, Plot
from ide.panes.plots.saving import FORMATS, MM_PER_INCH, Export, Format, path_with_suffix
from ide.qt.theme import Theme
from ide.widgets.dialog_buttons import act_or_cancel

AskPath = Callable[[QWidget, str, str], str]
"""Parent, proposed path, filter -> chosen path, empty for none."""
UNITS: Final = ("px", "in", "cm", "mm")
MOST_PX: Final = 16_000
MOST_DPI: Final = 2400


def ask_path(parent: QWidget, proposal: str, filters: str) -> str:
    """The system's save dialog, which asks about a file that is there."""
    return QFileDialog.getSaveFileName(parent, "Export plot", proposal, filters)[0]


def px_per(unit: str, dpi: float) -> float:
    """How many pixels one unit has."""
    return {"px": 1.0, "in": dpi, "cm": dpi / MM_PER_INCH * 10, "mm": dpi / MM_PER_INCH}[unit]


class ExportDialog(QDialog):
    """Format, size, resolution; then the system's dialog asks where. `chosen`: plot, path and `Export`."""

    chosen = Signal(object, object, object)

    def __init__(
        self, plot: Plot, own_size: QSize, dpi: float, obstacle: str, folder: Path | None, theme: Theme,
        parent: QWidget, ask: AskPath = ask_path,
    ) -> None:  # fmt: skip
        """`own_size` in pixels at `dpi`; `obstacle` says why the kernel can't draw the plot anew, or is empty."""
        super().__init__(parent)
        self._plot, self._own, self._obstacle, self._folder, self._ask = plot, own_size, obstacle, folder, ask
        self._unit = "px"
        self.setWindowTitle(f"Export plot {plot.id}")
        self.format = QComboBox()
        for format, (title, endings) in FORMATS.items():
            if format != "svg" or not obstacle or plot.mime == SVG:
                self.format.addItem(f"{title} ({endings[0]})", format)
        self.width_box, self.height_box = self._side("Width"), self._side("Height")
        self.unit = QComboBox()
        self.unit.setAccessibleName("Unit")
        self.unit.addItems(UNITS)
        self.dpi = QSpinBox()
        self.dpi.setRange(30, MOST_DPI)
        self.dpi.setValue(round(dpi))
        self.dpi.setSuffix(" dpi")
        self.keeps_shape = QCheckBox("Keep proportions")
        self.keeps_shape.setChecked(True)
        self.transparent = QCheckBox("Transparent background")
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.setProperty("tone", "muted")
        self._lay_out(theme)
        self._is_filling = False
        self._fill(own_size.width(), own_size.height())
        self.format.currentIndexChanged.connect(self._on_format)
        self.unit.currentIndexChanged.connect(self._on_unit)
        self.width_box.valueChanged.connect(self._on_width)
        self.height_box.valueChanged.connect(self._on_height)
        self.dpi.valueChanged.connect(self._on_dpi)
        self._on_format()

    def export(self) -> Export:
        """What is chosen now."""
        width, height = self._sides_px()
        format: Format = self.format.currentData()
        is_transparent = self.transparent.isChecked() and self.transparent.isEnabled()
        return Export(format, width, height, float(self.dpi.value()), is_transparent)

    def _side(self, name: str) -> QDoubleSpinBox:
        box = QDoubleSpinBox()
        box.setAccessibleName(name)
        return box

    def _lay_out(self, theme: Theme) -> None:
        size = QHBoxLayout()
        size.setSpacing(theme.px(4))
        size.addWidget(self.width_box, 1)
        size.addWidget(QLabel("×"))
        size.addWidget(self.height_box, 1)
        size.addWidget(self.unit)
        form = QFormLayout()
        form.setSpacing(theme.px(8))
        form.addRow("Format", self.format)
        form.addRow("Size", size)
        form.addRow("", self.keeps_shape)
        form.addRow("Resolution", self.dpi)
        form.addRow("", self.transparent)
        buttons, self.export_button = act_or_cancel(self, "Choose file…", self._choose)
        column = QVBoxLayout(self)
        column.setSpacing(theme.px(12))
        column.addLayout(form)
        column.addWidget(self.note)
        column.addStretch(1)
        column.addWidget(buttons)
        self.setMinimumWidth(theme.px(420))

    def _sides_px(self) -> tuple[int, int]:
        factor = px_per(self._unit, self.dpi.value())
        width, height = (box.value() * factor for box in (self.width_box, self.height_box))
        return max(1, min(MOST_PX, round(width))), max(1, min(MOST_PX, round(height)))

    def _fill(self, width_px: float, height_px: float) -> None:
        """Show a size in the unit that is chosen."""
        factor = px_per(self._unit, self.dpi.value())
        self._is_filling = True
        for box, side in ((self.width_box, width_px), (self.height_box, height_px)):
            box.setDecimals(0 if self._unit == "px" else 2)
            box.setRange(1 / factor if self._unit == "px" else 0.05, MOST_PX / factor)
            box.setSingleStep(10 if self._unit == "px" else 0.1)
            box.setValue(side / factor)
        self._is_filling = False

    @Slot()
    def _on_unit(self) -> None:
        width, height = self._sides_px()
        self._unit = self.unit.currentText()
        self._fill(width, height)

    @Slot()
    def _on_dpi(self) -> None:
        """Pixels are kept where pixels are meant, the size on paper where that is."""
        if self._unit != "px":
            self._fill(*self._sides_px())
        self._tell()

    @Slot()
    def _on_width(self) -> None:
        self._keep_shape(self.width_box, self.height_box, self._own.height() / max(1, self._own.width()))

    @Slot()
    def _on_height(self) -> None:
        self._keep_shape(self.height_box, self.width_box, self._own.width() / max(1, self._own.height()))

    def _keep_shape(self, changed: QDoubleSpinBox, other: QDoubleSpinBox, ratio: float) -> None:
        if self.keeps_shape.isChecked() and not self._is_filling:
            self._is_filling = True
            other.setValue(changed.value() * ratio)
            self._is_filling = False
        self._tell()

    @Slot()
    def _on_format(self) -> None:
        format: Format = self.format.currentData()
        self.transparent.setEnabled(format in ("png", "svg", "tiff", "pdf") and (format != "pdf" or not self._obstacle))
        is_as_it_came = format == "svg" and bool(self._obstacle)
        for box in (self.width_box, self.height_box, self.unit, self.dpi, self.keeps_shape):
            box.setEnabled(not is_as_it_came)
        self._tell()

    def _tell(self) -> None:
        format: Format = self.format.currentData()
        if not self._obstacle:
            words = "The kernel draws it anew at this size: text and lines are as sharp as they can be."
        elif format == "svg":
            words = f"It is written as it came. {self._obstacle}"
        elif self._plot.mime == SVG:
            words = f"It is made of the SVG that is here. {self._obstacle}"
        else:
            own = f"{self._own.width()} × {self._own.height()}"
            grows = self._sides_px()[0] > self._own.width()
            larger = " It is enlarged, which makes it no sharper." if grows else ""
            words = f"It is made of the picture that is here, {own} pixels.{larger} {self._obstacle}"
        self.note.setText(words)

    @Slot()
    def _choose(self) -> None:
        format: Format = self.format.currentData()
        title, endings = FORMATS[format]
        name = f"plot-{self._plot.id}{endings[0]}"
        proposal = str(self._folder / name) if self._folder is not None else name
        path = self._ask(self, proposal, f"{title} (*{' *'.join(endings)})")
        if path:
            self.accept()
            self.chosen.emit(self._plot, path_with_suffix(Path(path), format), self.export())


class DescribeDialog(QDialog):
    """What is said of a plot to those who do not see it. `kept`: the plot's number and the words."""

    kept = Signal(int, str)

    def __init__(self, plot: Plot, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._id = plot.id
        self.setWindowTitle(f"Describe plot {plot.id}")
        words = QLabel("What does the plot show? Screen readers say this, and it is kept with exported PNG files.")
        words.setWordWrap(True)
        self.text = QPlainTextEdit(plot.alt)
        self.text.setAccessibleName("Description")
        self.text.setTabChangesFocus(True)
        buttons, _ = act_or_cancel(self, "Keep description", self._keep)
        column = QVBoxLayout(self)
        column.setSpacing(theme.px(8))
        for widget in (words, self.text, buttons):
            column.addWidget(widget)
        self.setMinimumWidth(theme.px(420))
        self.text.setFocus()

    @Slot()
    def _keep(self) -> None:
        self.accept()
        self.kept.emit(self._id, self.text.toPlainText().strip())


class CodeDialog(QDialog):
    """The code that drew a plot, to read and to copy. `command_asked`: one of the plot's commands."""

    command_asked = Signal(str)

    def __init__(self, plot: Plot, can_go: bool, can_run: bool, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._code = plot.code
        self.setWindowTitle(f"Code of plot {plot.id}")
        about = QLabel(" · ".join(part for part in (plot.place, plot.session_name, plot.at) if part))
        about.setProperty("tone", "muted")
        self.text = QPlainTextEdit(plot.code)
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(theme.font("code"))
        self.text.setAccessibleName("Code")
        buttons = QDialogButtonBox()
        go = buttons.addButton("Go to cell", QDialogButtonBox.ButtonRole.ActionRole)
        run = buttons.addButton("Run again", QDialogButtonBox.ButtonRole.ActionRole)
        copy = buttons.addButton("Copy", QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton("Close", QDialogButtonBox.ButtonRole.RejectRole)
        go.setEnabled(can_go)
        run.setEnabled(can_run)
        go.clicked.connect(self._on_go)
        run.clicked.connect(self._on_run)
        copy.clicked.connect(self._on_copy)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setSpacing(theme.px(8))
        for widget in (about, self.text, buttons):
            column.addWidget(widget)
        self.resize(theme.px(640), theme.px(420))

    @Slot()
    def _on_go(self) -> None:
        self.accept()
        self.command_asked.emit("plot.go_to_code")

    @Slot()
    def _on_run(self) -> None:
        self.accept()
        self.command_asked.emit("plot.run_again")

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._code)
