"""A label that wraps and is as high as its text at its width, without asking the layout around it for more."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget


class WrappedLabel(QLabel):
    """Plain text. A layout with height-for-width makes room for the narrowest case; this one follows the real width."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(False)
        self.setSizePolicy(policy)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(0)
        self._again.timeout.connect(self.updateGeometry)

    def setText(self, text: str) -> None:
        """Show other text, at its height."""
        super().setText(text)
        self._fit()

    def setFont(self, font: QFont | str | Sequence[str]) -> None:
        """Use another font, at its height."""
        super().setFont(font)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width can mean another number of lines."""
        super().resizeEvent(event)
        self._fit()
        # A layout that is at work forgets what it is told meanwhile: tell it again afterwards.
        self._again.start()

    def hasHeightForWidth(self) -> bool:
        """The layout is told a fixed height."""
        return False

    def sizeHint(self) -> QSize:
        """Width is the layout's to give."""
        return QSize(0, self.minimumHeight())

    def minimumSizeHint(self) -> QSize:
        """May be narrow."""
        return QSize(0, self.minimumHeight())

    def _fit(self) -> None:
        width = self.width() if self.width() > 40 else 600
        height = self.heightForWidth(width)
        if height > 0 and height != self.minimumHeight():
            self.setFixedHeight(height)


def fit(dialog: QWidget, width: int) -> None:
    """Open a dialog `width` wide and as high as its wrapped texts then need: Qt guesses that from a narrower width."""
    layout = dialog.layout()
    if layout is None:
        return
    layout.activate()
    width = max(width, layout.minimumSize().width())
    dialog.setMinimumWidth(width)
    dialog.resize(width, max(layout.heightForWidth(width), layout.minimumSize().height()))
