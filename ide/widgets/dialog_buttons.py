"""The row of buttons below a dialog that does one thing: what it does, and Cancel. Owns no dialog."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPushButton


def act_or_cancel(dialog: QDialog, title: str, act: Callable[[], None]) -> tuple[QDialogButtonBox, QPushButton]:
    """The row and its one filled button, which says `title` and calls `act`, a method of the dialog."""
    buttons = QDialogButtonBox()
    main = buttons.addButton(title, QDialogButtonBox.ButtonRole.AcceptRole)
    main.setProperty("main", "true")
    buttons.addButton("Cancel", QDialogButtonBox.ButtonRole.RejectRole)
    buttons.accepted.connect(act)
    buttons.rejected.connect(dialog.reject)
    return buttons, main
