"""Controls of dialogs, drawn from the theme: an outline and a focus ring that every theme shows, and a tick."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QFrame, QHBoxLayout, QLineEdit, QSpinBox, QWidget

from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect


class Field(QFrame):
    """The outline round a number, a list or a text: 1 px, and 2 px in the accent with the keyboard in it."""

    def __init__(self, control: QWidget, theme: Theme) -> None:
        super().__init__()
        self._control = control
        self._theme = theme
        if isinstance(control, QSpinBox | QDoubleSpinBox | QComboBox | QLineEdit):
            control.setFrame(False)
        control.installEventFilter(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.addWidget(control)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The ring comes and goes with the keyboard."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt asks."""
        has_focus = self._control.hasFocus()
        width = 2 if has_focus else 1
        half = width / 2
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("accent" if has_focus else "control_border"), width))
        painter.setBrush(self._theme.color("pane"))
        radius = self._theme.px(4)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), radius, radius)
        painter.end()


class Choice(QComboBox):
    """A list to choose from, flat: its outline is the `Field` round it."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._icons = icons

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt asks."""
        px = self._theme.px
        painter = QPainter(self)
        painter.setPen(self._theme.color("text" if self.isEnabled() else "disabled"))
        side = px(12)
        arrow = QRect(self.width() - side - px(4), (self.height() - side) // 2, side, side)
        pixmap = self._icons.pixmap("caret-down", "muted", arrow.size(), self.devicePixelRatioF())
        painter.drawPixmap(arrow, pixmap)
        words = QRect(px(4), 0, arrow.left() - px(8), self.height())
        text = self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        painter.end()


class Tick(QCheckBox):
    """A box to tick: outlined, filled with the accent and marked when on."""

    SIDE_PX = 16

    def __init__(self, text: str, theme: Theme, icons: Icons) -> None:
        super().__init__(text)
        self._theme = theme
        self._icons = icons
        connect(self, theme.changed, self._on_theme_changed)

    def sizeHint(self) -> QSize:
        """Qt asks."""
        px = self._theme.px
        text = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(px(self.SIDE_PX) + px(8) + text + px(8), max(px(24), self.fontMetrics().height()))

    def hitButton(self, place: object) -> bool:
        """The whole control is the target."""
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt asks."""
        px, color = self._theme.px, self._theme.color
        side = px(self.SIDE_PX)
        box = QRect(px(2), (self.height() - side) // 2, side, side)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = "control_border" if self.isEnabled() else "border"
        painter.setPen(QPen(color("accent" if self.isChecked() else outline), 1))
        painter.setBrush(color("accent" if self.isChecked() else "pane"))
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), px(3), px(3))
        if self.isChecked():
            size = QSize(px(12), px(12))
            mark = QRect(box.center().x() - px(6) + 1, box.center().y() - px(6) + 1, px(12), px(12))
            painter.drawPixmap(mark, self._icons.pixmap("check", "on_accent", size, self.devicePixelRatioF()))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(color("accent"), 2))
            painter.drawRoundedRect(QRectF(box).adjusted(-1, -1, 1, 1), px(4), px(4))
        painter.setPen(color("text" if self.isEnabled() else "disabled"))
        words = QRect(box.right() + px(8), 0, self.width() - box.right() - px(8), self.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        painter.end()

    @Slot()
    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()
