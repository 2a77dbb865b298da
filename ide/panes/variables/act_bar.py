"""The quiet line below the list that tells what an act came to: its code, undo, copy, put into script."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ide.panes.variables.acts import Told
from ide.qt.accessible import announce
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.widgets.flow_layout import FlowLayout
from ide.widgets.notices import close_button
from ide.widgets.wrapped_label import WrappedLabel


class ActBar(QFrame):
    """Hidden until something is told. The buttons emit; the bar does nothing itself."""

    undo_asked = Signal()
    copy_asked = Signal(str)
    script_asked = Signal(str)
    offer_taken = Signal(object)
    """The Told whose `act` is to be done."""

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None, *, has_script: bool) -> None:
        super().__init__(parent)
        self._theme = theme
        self._has_script = has_script
        self._told = Told("")
        self.text = WrappedLabel("")
        self.code = QLabel()
        self.code.setTextFormat(Qt.TextFormat.PlainText)
        self.undo = self._button("Undo", self.undo_asked.emit)
        self.copy = self._button("Copy code", self._on_copy)
        self.script = self._button("Put into script", self._on_script)
        self.offer = self._button("", self._on_offer)
        self._close = close_button(icons, "Close")
        self._close.clicked.connect(self.hide)
        top = QHBoxLayout()
        top.setSpacing(0)
        top.addWidget(self.text, 1)
        top.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self._buttons = QWidget()
        flow = FlowLayout(self._buttons)
        flow.setContentsMargins(0, 0, 0, 0)
        for button in (self.undo, self.offer, self.copy, self.script):
            flow.addWidget(button)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(0)
        self._column.addLayout(top)
        self._column.addWidget(self.code)
        self._column.addWidget(self._buttons)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()
        connect(self, theme.changed, self._on_theme_changed)
        self._on_theme_changed()

    @property
    def told(self) -> Told:
        """What the bar tells, or told last."""
        return self._told

    def tell(self, told: Told) -> None:
        """Show what came of an act in place of what was told before."""
        self._told = told
        self.text.setText(told.text)
        self.undo.setVisible(told.can_undo)
        self.copy.setVisible(bool(told.code))
        self.script.setVisible(bool(told.code) and self._has_script)
        self.code.setVisible(bool(told.code))
        self.code.setToolTip(told.code)
        self.offer.setText(told.offer)
        self.offer.setAccessibleName(told.offer)
        self.offer.setVisible(told.act is not None)
        self._buttons.setVisible(told.can_undo or bool(told.code) or told.act is not None)
        self.setAccessibleName(told.text)
        self.show()
        self._elide()
        self.update()
        announce(self, told.text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The code stays on one line."""
        super().resizeEvent(event)
        self._elide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes the bar that has the keyboard."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Quiet ground, a stripe at the left where something went wrong."""
        painter = QPainter(self)
        is_problem = self._told.is_problem
        painter.fillRect(self.rect(), self._theme.color("warning_back" if is_problem else "header"))
        painter.fillRect(0, 0, self.width(), 1, self._theme.color("border"))
        if is_problem:
            painter.fillRect(0, 0, self._theme.px(3), self.height(), self._theme.color("warning"))
        painter.end()

    def _button(self, title: str, act: object) -> QPushButton:
        button = QPushButton(title)
        button.setProperty("link", "true")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(title)
        button.clicked.connect(act)
        return button

    def _elide(self) -> None:
        line = " ⏎ ".join(self._told.code.splitlines())
        width = self.width() - self._theme.px(20)
        self.code.setText(QFontMetrics(self.code.font()).elidedText(line, Qt.TextElideMode.ElideRight, width))

    @Slot()
    def _on_copy(self) -> None:
        self.copy_asked.emit(self._told.code)

    @Slot()
    def _on_script(self) -> None:
        self.script_asked.emit(self._told.code)

    @Slot()
    def _on_offer(self) -> None:
        if self._told.act is not None:
            self.offer_taken.emit(self._told)

    @Slot()
    def _on_theme_changed(self) -> None:
        px = self._theme.px
        self._column.setContentsMargins(px(8), px(4) + 1, px(4), px(4))
        self.text.setFont(self._theme.font("ui"))
        self.text.setContentsMargins(px(2), px(3), px(2), px(3))
        self.code.setFont(self._theme.font("code"))
        self.code.setContentsMargins(px(2), 0, px(2), px(2))
        palette = self.code.palette()
        palette.setColor(self.code.foregroundRole(), self._theme.color("muted"))
        self.code.setPalette(palette)
        self._close.setFixedSize(px(24), px(24))
        self._close.setIconSize(QSize(px(14), px(14)))
        self._elide()
