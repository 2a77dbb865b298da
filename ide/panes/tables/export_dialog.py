"""Asks how a table is to be written to a file. Owns the window; the writing is `ide.tables.export`'s."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from ide.core.record import dataclass
from ide.panes.tables.words import counted, number
from ide.qt.theme import Theme
from ide.tables.export import ExportFormat
from ide.widgets.dialog_buttons import act_or_cancel

FORMATS: Final[tuple[tuple[ExportFormat, str, str], ...]] = (
    ("csv", "CSV", ".csv"), ("tsv", "Text with tabs", ".tsv"), ("parquet", "Parquet", ".parquet"),
    ("xlsx", "Excel", ".xlsx"), ("jsonl", "JSON lines", ".jsonl"),
)  # fmt: skip
SHEET_ROWS_MOST: Final = 1_048_575

AskPath = Callable[[QWidget, Path, str], Path | None]


@dataclass(frozen=True, slots=True)
class ExportWish:
    """What the user chose."""

    path: Path
    format: ExportFormat
    has_all_columns: bool
    has_labels: bool
    guards_formulas: bool


def ask_path(parent: QWidget, suggested: Path, title: str) -> Path | None:
    """The system's own dialog, which asks about a file that is there."""
    name, _filter = QFileDialog.getSaveFileName(parent, title, str(suggested))
    return Path(name) if name else None


class ExportDialog(QDialog):
    """Format, columns, guard; then the system's dialog asks where."""

    def __init__(
        self, name: str, folder: Path, row_count: int, shown: int, hidden: int, has_labels: bool, theme: Theme,
        parent: QWidget, ask: AskPath = ask_path,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._name, self._folder, self._row_count, self._ask = name, folder, row_count, ask
        self.wish: ExportWish | None = None
        self.setWindowTitle(f"Export {name}")
        self.format = QComboBox()
        for word, title, suffix in FORMATS:
            self.format.addItem(f"{title} ({suffix})", word)
        self.columns = QComboBox()
        self.columns.addItem(f"{counted(shown, 'column')} shown", False)
        if hidden:
            self.columns.addItem(f"all {number(shown + hidden)} columns", True)
        self.labels = QCheckBox("With row labels")
        self.labels.setVisible(has_labels)
        self.labels.setChecked(has_labels)
        self.guard = QCheckBox("Guard texts that a spreadsheet would take for formulas")
        self.note = QLabel()
        self.note.setProperty("tone", "muted")
        self.note.setWordWrap(True)
        form = QFormLayout()
        form.addRow("Format", self.format)
        form.addRow("Columns", self.columns)
        buttons, self.export_button = act_or_cancel(self, "Choose file…", self._choose)
        column = QVBoxLayout(self)
        column.setSpacing(theme.px(8))
        column.addLayout(form)
        for widget in (self.labels, self.guard, self.note):
            column.addWidget(widget)
        column.addStretch(1)
        column.addWidget(buttons)
        self.format.currentIndexChanged.connect(self._on_format)
        self.setMinimumWidth(theme.px(400))
        self._on_format()

    @Slot()
    def _on_format(self) -> None:
        word = str(self.format.currentData())
        self.guard.setVisible(word in ("csv", "tsv"))
        words = f"{counted(self._row_count, 'row')} in the order that is shown."
        if word == "xlsx" and self._row_count > SHEET_ROWS_MOST:
            words = f"A sheet holds {number(SHEET_ROWS_MOST)} rows: the table has {number(self._row_count)}."
        self.note.setText(words)

    @Slot()
    def _choose(self) -> None:
        word, _title, suffix = FORMATS[self.format.currentIndex()]
        path = self._ask(self, self._folder / f"{self._name}{suffix}", "Export table")
        if path is None:
            return
        if not path.suffix:
            path = path.with_suffix(suffix)
        self.wish = ExportWish(
            path, word, bool(self.columns.currentData()), self.labels.isChecked() and not self.labels.isHidden(),
            self.guard.isChecked() and not self.guard.isHidden(),
        )  # fmt: skip
        self.accept()
