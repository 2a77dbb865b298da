"""Asks for a name in a small dialog that blocks nothing. Owns no rule for names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox, QInputDialog, QLineEdit, QWidget

from ide.core.record import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """`text` is over the box, `proposal` in it, `button` the verb that answers it."""

    title: str
    text: str
    proposal: str
    button: str


Ask = Callable[[QWidget, Question, Callable[[str], None]], None]
"""Call back with what was typed, trimmed; not at all when the user gives up."""


def ask(parent: QWidget, question: Question, answered: Callable[[str], None]) -> None:
    """The dialog; what the user will change first, the name without its ending, is selected."""
    dialog = QInputDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(question.title)
    dialog.setLabelText(question.text)
    dialog.setTextValue(question.proposal)
    dialog.setOkButtonText(question.button)
    dialog.textValueSelected.connect(answered)
    dialog.open()
    buttons = dialog.findChild(QDialogButtonBox)
    if isinstance(buttons, QDialogButtonBox):
        make = buttons.button(QDialogButtonBox.StandardButton.Ok)
        make.setProperty("main", True)
        make.style().polish(make)  # the style sheet has looked at it already
    box = dialog.findChild(QLineEdit)
    if isinstance(box, QLineEdit):
        box.setAccessibleName(question.text)
        box.setSelection(0, len(PurePath(question.proposal).stem))
