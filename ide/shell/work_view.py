"""Shows long work: its step, how much is done, a way to cancel; and, where it failed, why and what to do.

Knows no service: whoever does the work calls `show_step` and `show_failure`.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ide.core.errors import FourpaneError
from ide.qt.accessible import announce
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.widgets.wrapped_label import WrappedLabel, fit

MB = 1_000_000


class WorkBar(QWidget):
    """A bar that fills. Where nobody knows how much there is it stays empty; the step above it tells what happens."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.share = 0.0
        self.setAccessibleName("Progress")

    def set_share(self, share: float) -> None:
        """Between 0 and 1."""
        self.share = min(max(share, 0.0), 1.0)
        self.setAccessibleDescription(f"{self.share:.0%}")
        self.update()

    def sizeHint(self) -> QSize:
        """Qt asks."""
        return QSize(self._theme.px(200), self._theme.px(6))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt asks."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        radius = self.height() / 2
        painter.setBrush(self._theme.color("border"))
        painter.drawRoundedRect(QRectF(self.rect()), radius, radius)
        if self.share > 0:
            painter.setBrush(self._theme.color("accent"))
            width = max(self.width() * self.share, float(self.height()))
            painter.drawRoundedRect(QRectF(0, 0, width, self.height()), radius, radius)
        painter.end()


class WorkView(QWidget):
    """A title, the step, the bar, and below them what went wrong."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._icons = icons
        self.title = WrappedLabel()
        self.step = WrappedLabel()
        self.bar = WorkBar(theme)
        self.amount = QLabel()
        self.failure = WrappedLabel()
        self._picture = QLabel()
        row = QHBoxLayout()
        row.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.failure, 1)
        self._row = row
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.title, self.step, self.bar, self.amount):
            self._column.addWidget(widget)
        self._column.addLayout(row)
        self._column.addStretch(1)
        connect(self, theme.changed, self._on_theme_changed)
        self._on_theme_changed()
        self.begin("")

    def begin(self, title: str) -> None:
        """New work."""
        self.title.setText(title)
        self._set_failed(False)
        self.show_step("Beginning", 0, 0)

    def show_step(self, step: str, done: int, total: int) -> None:
        """What happens now; `done` and `total` are bytes, or a count where they are small."""
        self.step.setText(step)
        self.bar.set_share(done / total if total else 0.0)
        is_bytes = total >= MB
        unit = "\N{NO-BREAK SPACE}MB"
        told = f"{done / MB:.0f} of {total / MB:.0f}{unit}" if is_bytes else f"{done} of {total}" if total else ""
        self.amount.setText(told or "\N{NO-BREAK SPACE}")

    def show_failure(self, error: FourpaneError) -> None:
        """Why it did not happen, and what to do."""
        self._set_failed(True)
        self.failure.setText(error.text)
        announce(self, error.text)

    def _set_failed(self, is_failed: bool) -> None:
        for widget in (self.step, self.bar, self.amount):
            widget.setVisible(not is_failed)
        self.failure.setVisible(is_failed)
        self._picture.setVisible(is_failed)

    def _on_theme_changed(self) -> None:
        px = self._theme.px
        self.title.setFont(self._theme.font("title"))
        self.step.setFont(self._theme.font("ui"))
        self.failure.setFont(self._theme.font("ui"))
        self.amount.setFont(self._theme.font("small"))
        self.amount.setStyleSheet(f"color: {self._theme.color('muted').name()};")
        self.bar.setFixedHeight(px(6))
        self._column.setSpacing(px(8))
        self._row.setSpacing(px(8))
        size = QSize(px(20), px(20))
        self._picture.setPixmap(self._icons.pixmap("x-circle", "error", size, self.devicePixelRatioF()))


class WorkDialog(QDialog):
    """Long work over the window, which stays usable. Closing it cancels what runs."""

    cancelled = Signal()
    retried = Signal()

    def __init__(self, title: str, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        px = theme.px
        self.view = WorkView(theme, icons)
        self.view.begin(title)
        self.retry, self.cancel = QPushButton("Try again"), QPushButton("Cancel")
        self.retry.setProperty("main", "true")
        self.retry.hide()
        self.retry.clicked.connect(self._on_retry)
        self.cancel.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.setSpacing(px(8))
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.retry)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(16), px(16), px(16), px(16))
        column.setSpacing(px(12))
        column.addWidget(self.view, 1)
        column.addLayout(row)
        self._is_over = False
        fit(self, px(440))

    def show_failure(self, error: FourpaneError) -> None:
        """It did not happen: the user may try again."""
        self._is_over = True
        self.view.show_failure(error)
        self.cancel.setText("Close")
        self.retry.show()
        fit(self, self.width())

    def end(self) -> None:
        """It is done."""
        self._is_over = True
        self.accept()

    def reject(self) -> None:
        """Esc, Cancel or the window's own way to close."""
        if not self._is_over:
            self._is_over = True
            self.cancelled.emit()
        super().reject()

    def _on_retry(self) -> None:
        self._is_over = False
        self.view.begin(self.windowTitle())
        self.cancel.setText("Cancel")
        self.retry.hide()
        self.retried.emit()
