"""The masked answer to getpass and askpass: outside of the document, so that it is in no text, history or copy."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from ide.qt.theme import Theme


class AnswerBar(QWidget):
    """One masked line with its question."""

    answered = Signal(str)
    cancelled = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._label = QLabel()
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self.box = QLineEdit()
        self.box.setEchoMode(QLineEdit.EchoMode.Password)
        self.box.setInputMethodHints(
            Qt.InputMethodHint.ImhHiddenText
            | Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
        )
        self.box.setPlaceholderText("What you type is hidden and kept nowhere")
        self.box.returnPressed.connect(self._on_entered)
        self._enter = QPushButton("Enter")
        self._enter.setAccessibleName("Enter the hidden answer")
        self._enter.clicked.connect(self._on_entered)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._label)
        self._row.addWidget(self.box, 1)
        self._row.addWidget(self._enter)
        self.setFocusProxy(self.box)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self.hide()

    def ask(self, prompt: str) -> None:
        """Show the bar with this question."""
        self._label.setText(prompt.strip()[:80] or "Password:")
        self.box.setAccessibleName(f"{self._label.text()} (hidden)")
        self.box.clear()
        self.show()

    def put_away(self) -> None:
        """The answer is no longer wanted."""
        self.box.clear()
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc interrupts the code that asks."""
        if event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _on_entered(self) -> None:
        answer = self.box.text()
        self.put_away()
        self.answered.emit(answer)

    @Slot()
    def _on_theme_changed(self) -> None:
        px = self._theme.px
        self._row.setContentsMargins(px(8), px(4), px(8), px(4))
        self._row.setSpacing(px(8))
        self._label.setFont(self._theme.font("code"))
        self.box.setFont(self._theme.font("code"))
