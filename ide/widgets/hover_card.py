"""A card beside a name in code: how it is called, where it is from, what it is for. Never takes the keyboard.

Owns when it goes away; what is said is its host's.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from ide.core.hover import HoverWords
from ide.qt.accessible import announce
from ide.qt.theme import Theme

WIDEST_PX = 520
NARROWEST_PX = 180
LEAVE_MS = 250
"""The way from the name to the card may lead over something else."""
_MODIFIERS = frozenset({Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr})
_AWAY = frozenset({QEvent.Type.Wheel, QEvent.Type.WindowDeactivate, QEvent.Type.FocusOut, QEvent.Type.Resize})


class HoverCard(QFrame):
    """Drawn inside the window of its host. UI thread.

    `expect` says where words are wanted, `tell` shows them; between the two, and while they are shown, a key, a press,
    the wheel or the mouse leaving the name and the card ends it.
    """

    help_asked = Signal()
    """The whole page is wanted."""
    dismissed = Signal()
    """Words are not wanted any more."""

    def __init__(self, theme: Theme, host: QAbstractScrollArea, help_key: str = "") -> None:
        """`help_key` opens the page, as it is shown to the user; empty for none."""
        super().__init__(host.window())
        self._theme = theme
        self._host = host
        self._name = QRect()
        self._is_by_mouse = self._is_wanted = False
        self._signature, self._about, self._value, self._text = (QLabel() for _ in range(4))
        self._labels = (self._signature, self._about, self._value, self._text)
        self._link = QPushButton(f"Open in Help ({help_key})" if help_key else "Open in Help")
        self._link.setProperty("link", "true")
        self._link.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._link.setCursor(Qt.CursorShape.PointingHandCursor)
        self._link.clicked.connect(self._on_link)
        self._column = QVBoxLayout(self)
        for label in self._labels:
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            self._column.addWidget(label)
        self._about.setProperty("tone", "muted")
        self._column.addWidget(self._link, 0, Qt.AlignmentFlag.AlignLeft)
        self.setObjectName("hover")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._leaving = QTimer(self)
        self._leaving.setSingleShot(True)
        self._leaving.setInterval(LEAVE_MS)
        self._leaving.timeout.connect(self.dismiss)
        self.words = HoverWords("")
        theme.changed.connect(self._dress)
        self._dress()
        self.hide()

    @property
    def is_shown(self) -> bool:
        """Whether words are shown."""
        return not self.isHidden()

    def expect(self, name: QRect, *, by_mouse: bool) -> None:
        """Words on the name at `name` (global) are asked for. Not `by_mouse`, the mouse may be anywhere."""
        if self._is_wanted:
            self.dismiss()
        self._name, self._is_by_mouse, self._is_wanted = name, by_mouse, True
        QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]  # there is one while widgets live

    def tell(self, words: HoverWords) -> None:
        """Show what was asked for, unless it is not wanted any more."""
        if not self._is_wanted:
            return
        self.words = words
        for label, text in zip(self._labels, (words.title, words.about, words.value, words.text), strict=True):
            label.setText(text)
            label.setVisible(bool(text))
        self._place()
        self.setAccessibleName(words.plain)
        self.show()
        self.raise_()
        if not self._is_by_mouse:
            announce(self._host, words.plain)

    @Slot()
    def dismiss(self) -> None:
        """Words are not wanted, or not any more."""
        self._leaving.stop()
        if self._is_wanted:
            self._is_wanted = False
            QApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]
            self.hide()
            self.dismissed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Of the whole program, while words are wanted."""
        kind = event.type()
        if kind in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride) and isinstance(event, QKeyEvent):
            return self._on_key(event, is_press=kind == QEvent.Type.KeyPress)
        if self._is_end(watched, kind):
            self.dismiss()
        elif self._is_by_mouse:
            self._follow_mouse(watched, event)
        return False

    def _is_end(self, watched: QObject, kind: QEvent.Type) -> bool:
        """A press anywhere else; the wheel, another window, another widget with the keyboard, another size."""
        if kind == QEvent.Type.MouseButtonPress:
            return isinstance(watched, QWidget) and not self._is_own(watched)
        return kind in _AWAY and watched in (self._host, self._host.viewport(), self._host.window())

    def _on_key(self, event: QKeyEvent, *, is_press: bool) -> bool:
        if event.key() == Qt.Key.Key_Escape:
            is_shown = self.is_shown
            if is_press:
                self.dismiss()
            elif is_shown:  # whatever else the key does in this window waits for the next press
                event.accept()
            return is_shown
        if is_press and event.key() not in _MODIFIERS:
            self.dismiss()
        return False

    def _follow_mouse(self, watched: QObject, event: QEvent) -> None:
        kind, viewport = event.type(), self._host.viewport()
        if kind == QEvent.Type.MouseMove and isinstance(event, QMouseEvent) and isinstance(watched, QWidget):
            if self._is_own(watched) or (watched is viewport and self._is_near(event.globalPosition().toPoint())):
                self._leaving.stop()
            elif not self._leaving.isActive():
                self._leaving.start()
        elif kind == QEvent.Type.Enter and watched is self:
            self._leaving.stop()
        elif kind == QEvent.Type.Leave and watched in (self, viewport) and not self._leaving.isActive():
            self._leaving.start()

    def _is_near(self, place: QPoint) -> bool:
        return self._name.adjusted(-2, -2, 2, 2).contains(place)

    def _is_own(self, watched: QObject) -> bool:
        return watched is self or (isinstance(watched, QWidget) and self.isAncestorOf(watched))

    def _place(self) -> None:
        """Above the name, or below it where there is no room; as wide as the words need."""
        window, px = self._host.window(), self._theme.px
        if self.parent() is not window:
            self.setParent(window)
        margins = self._column.contentsMargins()
        around = margins.left() + margins.right() + 2
        longest = max(
            QFontMetrics(label.font()).horizontalAdvance(line)
            for label in self._labels
            for line in label.text().split("\n")
        )
        most = min(px(WIDEST_PX), window.width()) - around
        width = max(px(NARROWEST_PX) - around, min(longest + px(8), most))
        for label in self._labels:
            label.setFixedWidth(width)
        self.adjustSize()
        corner = window.mapFromGlobal(self._name.topLeft()) - QPoint(0, self.height())
        if corner.y() < 0:
            corner.setY(window.mapFromGlobal(self._name.bottomLeft()).y() + 1)
        corner.setX(max(0, min(corner.x(), window.width() - self.width())))
        self.move(corner)

    @Slot()
    def _on_link(self) -> None:
        self.help_asked.emit()
        self.dismiss()

    @Slot()
    def _dress(self) -> None:
        theme = self._theme
        self._signature.setFont(theme.font("code"))
        self._about.setFont(theme.font("small"))
        self._value.setFont(theme.font("code"))
        self._text.setFont(theme.font("ui"))
        self._link.setFont(theme.font("small"))
        self._column.setContentsMargins(*(theme.px(size) for size in (10, 8, 10, 6)))
        self._column.setSpacing(theme.px(4))
        popup, border = theme.color("popup").name(), theme.color("border").name()
        self.setStyleSheet(
            f"QFrame#hover {{ background: {popup}; border: 1px solid {border}; border-radius: {theme.px(4)}px; }}"
            f" QLabel {{ background: transparent; border: none; }}"
            f' QPushButton[link="true"] {{ padding: {theme.px(2)}px 0; }}'
        )
