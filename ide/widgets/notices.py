"""What the program tells the user without asking: bars inside the window, and the quiet list of all of them.

Owns the look of a notice. Neither bar nor list ever takes the keyboard by itself.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ide.core.record import dataclass, field, replace
from ide.qt.accessible import announce
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.widgets.wrapped_label import WrappedLabel

Kind = Literal["info", "done", "warning", "error"]

# Icon, word, role of the colour, role of the background. Never colour alone.
_LOOKS: dict[Kind, tuple[str, str, str, str]] = {
    "info": ("info", "Note", "accent", "header"),
    "done": ("check-circle", "Done", "done", "done_back"),
    "warning": ("warning", "Warning", "warning", "warning_back"),
    "error": ("x-circle", "Error", "error", "error_back"),
}


@dataclass(frozen=True, slots=True)
class Notice:
    """Three lines at most: what happened, what it means, what to do. `action` is a command id for the one button."""

    text: str
    kind: Kind = "info"
    action: str = ""
    action_title: str = ""
    action_arguments: dict[str, object] = field(default_factory=dict)
    other_action: str = ""
    """A second button, which is not the main one; told as a notice whose `action` it is."""
    other_title: str = ""
    details: str = ""
    """Technical cause, offered to copy."""
    key: str = ""
    """A later notice of the same key takes this one's place."""
    at_s: float = field(default_factory=time.time)

    @property
    def word(self) -> str:
        """What kind it is, in a word."""
        return _LOOKS[self.kind][1]


class NoticeBar(QFrame):
    """One notice as a bar across a pane or the window."""

    acted = Signal(object)
    """Notice whose button was pressed; the bar closes itself."""
    closed = Signal(object)
    """Notice; the bar is about to be destroyed."""

    def __init__(
        self, notice: Notice, theme: Theme, icons: Icons, parent: QWidget | None = None, *, is_entry: bool = False
    ) -> None:
        """`is_entry`: a line of the list, narrow, with the time of the notice and without a close button."""
        super().__init__(parent)
        self.notice = notice
        self._theme = theme
        self._icons = icons
        self._picture = QLabel()
        self._word = QLabel(notice.word)
        self._word.setProperty("tone", _LOOKS[notice.kind][2])
        self._text = WrappedLabel(notice.text)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._buttons = self._make_buttons()
        self._close = close_button(icons, "Close notice")
        self._close.clicked.connect(self.dismiss)
        self._row = QHBoxLayout(self)
        self._fill_entry() if is_entry else self._fill_bar()
        self.setAccessibleName(f"{notice.word}: {notice.text}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    @property
    def buttons(self) -> tuple[QPushButton, ...]:
        """Main action and "Copy details", as far as the notice has them."""
        return tuple(self._buttons)

    @Slot()
    def dismiss(self) -> None:
        """Close the bar; the notice stays in the list."""
        self.closed.emit(self.notice)
        self.hide()
        self.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes the bar that has the keyboard."""
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Quiet background; a stripe in the colour of the kind at the left."""
        _icon, _word, role, back = _LOOKS[self.notice.kind]
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color(back))
        painter.fillRect(0, 0, self._theme.px(3), self.height(), self._theme.color(role))
        painter.fillRect(0, self.height() - 1, self.width(), 1, self._theme.color("border"))
        painter.end()

    def _fill_bar(self) -> None:
        top, middle = Qt.AlignmentFlag.AlignTop, Qt.AlignmentFlag.AlignVCenter
        self._row.addWidget(self._picture, 0, top)
        self._row.addWidget(self._word, 0, top)
        self._row.addWidget(self._text, 1, top)
        for button in (*self._buttons, self._close):
            self._row.addWidget(button, 0, middle)

    def _fill_entry(self) -> None:
        """Word and time above the text, buttons below it."""
        self._close.hide()
        at = time.strftime("%H:%M", time.localtime(self.notice.at_s))
        self._word.setText(f"{self.notice.word}, {at}")
        column, below = QVBoxLayout(), QHBoxLayout()
        column.setSpacing(0)
        column.addWidget(self._word)
        column.addWidget(self._text)
        for button in self._buttons:
            below.addWidget(button)
        below.addStretch(1)
        if self._buttons:
            column.addLayout(below)
        self._row.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addLayout(column, 1)

    def _make_buttons(self) -> list[QPushButton]:
        buttons = []
        if self.notice.action_title:
            act = QPushButton(self.notice.action_title.replace("&", "&&"))
            act.clicked.connect(self._on_acted)
            buttons.append(act)
        if self.notice.other_title:
            other = QPushButton(self.notice.other_title.replace("&", "&&"))
            other.clicked.connect(self._on_other_acted)
            buttons.append(other)
        if self.notice.details:
            copy = QPushButton("Copy details")
            copy.setProperty("link", "true")
            copy.clicked.connect(self._on_copy)
            buttons.append(copy)
        for button in buttons:
            button.setAccessibleName(button.text().replace("&&", "&"))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return buttons

    @Slot()
    def _on_acted(self) -> None:
        self.acted.emit(self.notice)
        self.dismiss()

    @Slot()
    def _on_other_acted(self) -> None:
        self.acted.emit(replace(self.notice, action=self.notice.other_action))
        self.dismiss()

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(f"{self.notice.text}\n\n{self.notice.details}")
        announce(self, "Details copied")

    @Slot()
    def _on_theme_changed(self) -> None:
        px, (icon, _word, role, _back) = self._theme.px, _LOOKS[self.notice.kind]
        self._row.setContentsMargins(px(12), px(4), px(4), px(4) + 1)
        self._row.setSpacing(px(8))
        size = QSize(px(16), px(16))
        self._picture.setPixmap(self._icons.pixmap(icon, role, size, self.devicePixelRatioF()))
        # The first line of the text, the icon and the word stand on one line with the buttons.
        for label in (self._picture, self._word, self._text):
            label.setContentsMargins(0, px(4), 0, px(4))
        font = self._theme.font("ui")
        self._text.setFont(font)
        font.setWeight(font.Weight.DemiBold)
        self._word.setFont(font)
        self._close.setFixedSize(px(24), px(24))
        self._close.setIconSize(QSize(px(14), px(14)))


class NoticeArea(QWidget):
    """The bars that are open, the newest below; older ones than `most` are taken away (they stay in the list)."""

    acted = Signal(object)

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None, *, most: int = 3) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._most = most
        self._bars: list[NoticeBar] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.setVisible(False)

    @property
    def bars(self) -> tuple[NoticeBar, ...]:
        """The open bars, oldest first."""
        return tuple(self._bars)

    def show_notice(self, notice: Notice) -> NoticeBar:
        """Open a bar, in place of one with the same key."""
        for bar in tuple(self._bars):
            if notice.key and bar.notice.key == notice.key:
                bar.dismiss()
        bar = NoticeBar(notice, self._theme, self._icons)
        bar.acted.connect(self.acted)
        bar.closed.connect(self._on_closed)
        self._bars.append(bar)
        self._column.addWidget(bar)
        self.setVisible(True)
        for old in tuple(self._bars[: -self._most]):
            old.dismiss()
        announce(self, f"{notice.word}: {notice.text}", is_urgent=notice.kind == "error")
        return bar

    def dismiss(self, key: str) -> None:
        """Close the bar of that key, where there is one: what it told is over."""
        for bar in tuple(self._bars):
            if bar.notice.key == key:
                bar.dismiss()

    @Slot(object)
    def _on_closed(self, notice: Notice) -> None:
        self._bars = [bar for bar in self._bars if bar.notice is not notice]
        self.setVisible(bool(self._bars))


class NoticeList(QFrame):
    """All notices of this window in a popup, the newest first. Esc or a click elsewhere closes it."""

    acted = Signal(object)
    cleared = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._theme = theme
        self._icons = icons
        self._title = QLabel("Notices")
        self._clear = QPushButton("Clear list")
        self._clear.setProperty("link", "true")
        self._clear.setAccessibleName("Clear list")
        self._clear.clicked.connect(self._on_clear)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setAccessibleName("Notices")
        top = QHBoxLayout()
        top.addWidget(self._title, 1)
        top.addWidget(self._clear)
        column = QVBoxLayout(self)
        column.addLayout(top)
        column.addWidget(self._area)
        column.setContentsMargins(theme.px(8), theme.px(8), theme.px(8), theme.px(8))
        self.setAccessibleName("Notices")
        self.setFrameShape(QFrame.Shape.Box)

    def open_above(self, notices: Sequence[Notice], corner: QPoint) -> None:
        """Show the list with its lower right corner at `corner` (screen)."""
        self._title.setFont(self._theme.font("title"))
        self._fill(notices)
        height = self._theme.px(56 + 92 * min(len(notices), 5))
        self.resize(self._theme.px(460), max(height, self._theme.px(120)))
        self.move(corner.x() - self.width(), corner.y() - self.height())
        self.show()

    def event(self, event: QEvent) -> bool:
        """A popup does not close on Esc by itself."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            self.close()
            return True
        return super().event(event)

    def _fill(self, notices: Sequence[Notice]) -> None:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self._theme.px(4))
        for notice in reversed(notices):
            column.addWidget(self._entry(notice))
        if not notices:
            nothing = QLabel("Nothing to tell.")
            nothing.setProperty("tone", "muted")
            column.addWidget(nothing)
        column.addStretch(1)
        inner.setBackgroundRole(inner.palette().ColorRole.Window)
        self._area.setWidget(inner)
        self._clear.setEnabled(bool(notices))

    def _entry(self, notice: Notice) -> QWidget:
        bar = NoticeBar(notice, self._theme, self._icons, is_entry=True)
        bar.acted.connect(self._on_acted)
        return bar

    @Slot(object)
    def _on_acted(self, notice: Notice) -> None:
        self.close()
        self.acted.emit(notice)

    @Slot()
    def _on_clear(self) -> None:
        self.close()
        self.cleared.emit()


def close_button(icons: Icons, name: str) -> QToolButton:
    """The small cross of a bar; `name` says what pressing it means."""
    button = QToolButton()
    button.setIcon(icons.icon("x", "muted"))
    button.setAccessibleName(name)
    button.setToolTip(f"{name} (Esc)")
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
