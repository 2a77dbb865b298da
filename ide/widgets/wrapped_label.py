"""A label that wraps and is as high as its text at its width, without asking the layout around it for more."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
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
