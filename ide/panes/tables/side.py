"""What panels at the side of a table have in common: their head, and the line that says how much was looked at."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from ide.panes.tables.figures import share_text
from ide.panes.tables.words import counted, number
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.widgets.grid_heat import mixed
from ide.widgets.ground import paint_ground
from ide.widgets.notices import close_button

LEFT_LINK: Final = "text-align: left; padding-left: 0; padding-right: 0; border-left-width: 0;"
"""A link whose text stands in line with what is above and below it."""


class SideHead(QWidget):
    """Title and a cross."""

    closed = Signal()

    def __init__(self, title: str, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self.title = QLabel(title)
        self.cross = close_button(icons, f"Close {title[:1].lower()}{title[1:]}")
        self.cross.clicked.connect(self.closed)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.title, 1)
        self._row.addWidget(self.cross)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        connect(self, theme.changed, self._on_theme_changed)
        self._on_theme_changed()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ground of headers and a line below."""
        paint_ground(self, self._theme)

    @Slot()
    def _on_theme_changed(self) -> None:
        px = self._theme.px
        self._row.setContentsMargins(px(12), 0, px(4), 1)
        self.title.setFont(self._theme.font("title"))
        self.cross.setFixedSize(px(24), px(24))
        self.cross.setIconSize(QSize(px(16), px(16)))
        self.setFixedHeight(px(30))
        self.update()


class SampleLine(QWidget):
    """`From 100 000 of 1 000 000 rows [All rows]`, or how far that is, with a button that gives it up."""

    exact_asked = Signal()
    cancel_asked = Signal()

    def __init__(self, theme: Theme, subject: str = "") -> None:
        """`subject` tells screen readers what all rows are looked at for."""
        super().__init__()
        self._theme = theme
        self._subject = subject
        self._is_under_way = False
        self.label = QLabel()
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setProperty("tone", "muted")
        self.label.setProperty("may_be_cut", True)
        self.label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.button = QPushButton()
        self.button.setProperty("link", "true")
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(self._on_clicked)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.label, 1)
        row.addWidget(self.button)
        connect(self, theme.changed, self._on_theme_changed)
        self._on_theme_changed()
        self.say("")

    def set_subject(self, subject: str) -> None:
        """Of another column."""
        self._subject = subject

    def say(self, text: str, *, can_ask: bool = False, is_under_way: bool = False, tone: str = "muted") -> None:
        """Show this. `can_ask`: there is more to look at; `is_under_way`: it is being done."""
        self._is_under_way = is_under_way
        if self.label.property("tone") != tone:
            self.label.setProperty("tone", tone)
            self.label.style().unpolish(self.label)
            self.label.style().polish(self.label)
        self.label.setText(text)
        self.label.setToolTip(text)
        had_focus = self.button.hasFocus()
        self.button.setText("Cancel" if is_under_way else "Exact")
        tip = "Give it up" if is_under_way else "Look at every row"
        self.button.setToolTip(tip)
        self.button.setAccessibleName(f"{self.button.text()}: {tip.lower()} {self._subject}".rstrip())
        self.button.setVisible(can_ask or is_under_way)
        if had_focus and self.button.isHidden():
            self.focusNextChild()

    @Slot()
    def _on_clicked(self) -> None:
        (self.cancel_asked if self._is_under_way else self.exact_asked).emit()

    @Slot()
    def _on_theme_changed(self) -> None:
        for widget in (self.label, self.button):
            widget.setFont(self._theme.font("small"))
        self.setFixedHeight(self._theme.px(24))
        self.button.setFixedHeight(self._theme.px(24))


class ShareButton(QPushButton):
    """A line over a bar of its share, with count and percent: a frequent value, columns missing together. Pressed, its
    rows are shown only."""

    def __init__(
        self, text: str, count: int, total: int, theme: Theme, *, can_press: bool = True, details: str = ""
    ) -> None:
        """Of `total` rows; `details` are all words, where `text` is short for them."""
        super().__init__()
        self._theme = theme
        self._share = min(count / total, 1.0) if total else 0.0
        self._shown = text or "empty text"
        self._is_empty = not text
        share = share_text(count, total)
        self._count = f"{number(count)}  {share}"
        words = f"{details or self._shown}: {counted(count, 'row')}, {share}"
        self.setAccessibleName(words)
        self.setToolTip(f"{words}\nClick: only these rows" if can_press else words)
        self.setEnabled(can_press)
        self.setFixedHeight(theme.px(24))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def words(self) -> tuple[str, str]:
        """What is written at the left and at the right."""
        return self._shown, self._count

    def sizeHint(self) -> QSize:
        """As wide as it is given."""
        return QSize(0, self._theme.px(24))

    def minimumSizeHint(self) -> QSize:
        """Likewise."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Bar, words, count."""
        painter, theme, px = QPainter(self), self._theme, self._theme.px
        ground = theme.color("pane")
        rect = self.rect().adjusted(0, 1, 0, -1)
        is_over = self.underMouse() and self.isEnabled()
        if is_over:
            painter.fillRect(rect, theme.color("hover"))
        bar = QRect(rect.left(), rect.top(), max(px(2), round(rect.width() * self._share)), rect.height())
        painter.fillRect(bar, mixed(ground, theme.color("accent"), 0.36 if is_over else 0.22))
        font = theme.font("small")
        metrics = QFontMetrics(font)
        painter.setFont(font)
        room = rect.adjusted(px(6), 0, -px(6), 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(theme.color("text"))
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignRight, self._count)
        room.setRight(room.right() - metrics.horizontalAdvance(self._count) - px(8))
        font.setItalic(self._is_empty)
        painter.setFont(font)
        shown = metrics.elidedText(self._shown, Qt.TextElideMode.ElideRight, max(room.width(), 0))
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignLeft, shown)
        if self.hasFocus():
            painter.setPen(QPen(theme.color("accent"), px(2)))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()
