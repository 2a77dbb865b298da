"""Call tips: a small popup that never takes the keyboard and shows plain text only."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QPoint, QRect, Qt, Slot
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from ide.panes.editor.live_help import Signature
from ide.qt.theme import Theme

WIDEST_PX = 560


class Tip(QFrame):
    """Text beside a place in the code, drawn inside the window of its host."""

    def __init__(self, theme: Theme, host: QWidget) -> None:
        super().__init__(host.window())
        self._host = host
        self._theme = theme
        self._label = QLabel()
        self._label.setTextFormat(Qt.TextFormat.RichText)  # made here only, from escaped text
        self._label.setWordWrap(True)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 4)
        column.addWidget(self._label)
        self.setObjectName("tip")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.changed.connect(self._dress)
        self._dress()
        self.hide()
        self.plain = ""
        """What is shown, as plain text."""

    def show_signature(self, signature: Signature, at: QRect) -> None:
        """The signature above `at` (global), its current parameter bold."""
        before, parameter, after = signature.parts()
        text = f"{escape(before)}<b>{escape(parameter)}</b>{escape(after)}"
        doc = signature.doc.strip().split("\n\n")[0]
        if doc:
            text += f"<br><span style='color:{self._theme.color('muted').name()}'>{escape(doc[:300])}</span>"
        self._show(text, f"{signature.label}\n{doc}".strip(), at)

    def _show(self, html: str, plain: str, at: QRect) -> None:
        self.plain = plain
        self._label.setText(html)
        window = self._host.window()
        if self.parent() is not window:
            self.setParent(window)
        metrics = QFontMetrics(self._label.font())
        longest = max((metrics.horizontalAdvance(line) for line in plain.split("\n")), default=0)
        width = min(longest + self._theme.px(28), self._theme.px(WIDEST_PX), window.width())
        self._label.setFixedWidth(max(self._theme.px(40), width - self._theme.px(18)))
        self.adjustSize()
        top_left = window.mapFromGlobal(at.topLeft()) - QPoint(0, self.height() + self._theme.px(2))
        if top_left.y() < 0:
            top_left.setY(window.mapFromGlobal(at.bottomLeft()).y() + self._theme.px(4))
        top_left.setX(max(0, min(top_left.x(), window.width() - self.width())))
        self.move(top_left)
        self.setAccessibleName(plain)
        self.show()
        self.raise_()

    @Slot()
    def _dress(self) -> None:
        self._label.setFont(self._theme.font("code"))
        popup, border = self._theme.color("popup").name(), self._theme.color("border").name()
        text = self._theme.color("text").name()
        self.setStyleSheet(
            f"QFrame#tip {{ background: {popup}; border: 1px solid {border}; }}"
            f" QLabel {{ color: {text}; background: {popup}; }}"
        )
