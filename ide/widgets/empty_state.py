"""What an empty pane shows: what will appear here, and examples to click. Knows no pane."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.widgets.viewport import give_viewport


class EmptyState(QScrollArea):
    """Icon, one or two sentences, and buttons for examples, amid the pane; scrolls where it is too small."""

    chosen = Signal(str)
    """Key of the example that was clicked."""

    def __init__(
        self,
        theme: Theme,
        icons: Icons,
        text: str,
        examples: Sequence[tuple[str, str]] = (),
        *,
        icon: str = "",
        code: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """`examples` are (key, text of the button); with `code` they are set in the code font, being code to run."""
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._icon_name = icon
        self._code = code
        self._picture = QLabel()
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._picture.setVisible(bool(icon))
        self._text = QLabel(text)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._text.setWordWrap(True)
        self._text.setProperty("tone", "muted")
        self._buttons: list[QPushButton] = []
        inner = scrolling(self)
        self._column = QVBoxLayout(inner)
        self._column.addStretch(2)
        self._column.addWidget(self._picture)
        self._column.addWidget(self._text)
        self._column.addStretch(3)
        self.set_examples(examples)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    @property
    def text(self) -> str:
        """The sentences shown."""
        return self._text.text()

    @property
    def buttons(self) -> tuple[QPushButton, ...]:
        """The examples' buttons."""
        return tuple(self._buttons)

    def set_text(self, text: str) -> None:
        """Other sentences."""
        self._text.setText(text)

    def set_examples(self, examples: Sequence[tuple[str, str]]) -> None:
        """Other examples."""
        for button in self._buttons:
            self._column.removeWidget(button)
            button.deleteLater()
        self._buttons = []
        for key, text in examples:
            button = QPushButton(text.replace("&", "&&"))
            button.setProperty("key", key)
            button.setAccessibleName(text)
            button.clicked.connect(self._on_clicked)
            button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            self._column.insertWidget(self._column.count() - 1, button, 0, Qt.AlignmentFlag.AlignHCenter)
            self._buttons.append(button)
        self._on_theme_changed()
        if self._buttons:
            self.setFocusProxy(self._buttons[0])

    @Slot()
    def _on_clicked(self) -> None:
        self.chosen.emit(str(self.sender().property("key")))

    @Slot()
    def _on_theme_changed(self) -> None:
        px = self._theme.px
        self._column.setContentsMargins(px(16), px(8), px(16), px(8))
        self._column.setSpacing(px(8))
        self._text.setFont(self._theme.font("ui"))
        for button in self._buttons:
            button.setFont(self._theme.font("code" if self._code else "ui"))
        if self._icon_name:
            size = QSize(px(28), px(28))
            self._picture.setPixmap(self._icons.pixmap(self._icon_name, "muted", size, self.devicePixelRatioF()))


def scrolling(area: QScrollArea) -> QWidget:
    """Make `area` a quiet frame that scrolls only where it must; returns the widget for its content."""
    inner = QWidget()
    give_viewport(area)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inner)
    # QScrollArea fills what it is given with the colour of windows; here the pane shows through.
    inner.setAutoFillBackground(False)
    return inner
