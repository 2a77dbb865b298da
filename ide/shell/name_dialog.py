"""Asks for the name of an environment, and says at once why a name cannot be."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ide.qt.theme import Theme
from ide.widgets.wrapped_label import WrappedLabel, fit


class NameDialog(QDialog):
    """A sentence, a name, and a button that says what happens."""

    named = Signal(str)

    def __init__(
        self,
        title: str,
        words: str,
        name: str,
        button: str,
        problem_of: Callable[[str], str],
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        """`problem_of` a name is why it cannot be, or empty."""
        super().__init__(parent)
        self.setWindowTitle(title)
        self._problem_of = problem_of
        px = theme.px
        self.name = QLineEdit(name)
        self.name.setAccessibleName("Name")
        self.name.setMinimumHeight(px(24))
        self.name.selectAll()
        self.problem = WrappedLabel()
        self.problem.setStyleSheet(f"color: {theme.color('error').name()};")
        self.ok, cancel = QPushButton(button), QPushButton("Cancel")
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
        column.setSpacing(px(8))
        column.addWidget(WrappedLabel(words))
        column.addWidget(self.name)
        column.addWidget(self.problem)
        column.addLayout(row)
        self.ok.clicked.connect(self._on_ok)
        cancel.clicked.connect(self.reject)
        self.name.textChanged.connect(self._look)
        self._look()
        fit(self, px(380))

    @Slot()
    def _look(self) -> None:
        problem = self._problem_of(self.name.text())
        self.problem.setText(problem)
        self.ok.setEnabled(not problem)

    @Slot()
    def _on_ok(self) -> None:
        self.accept()
        self.named.emit(self.name.text())
