"""Says that the open folder is not trusted: what is off, and why. Decides nothing: the buttons run commands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.widgets.notices import close_button
from ide.widgets.wrapped_label import WrappedLabel, fit

WHY = (
    "A folder can hold files that run by themselves when a language starts in it or a tool looks at it: start-up files "
    "such as .Rprofile, saved workspaces, environments, modules with the names of standard ones.\n\n"
    "Until you trust this folder none of them runs, and its own settings are not read. You can open, read, edit and "
    "run your code all the same.\n\n"
    "Trust it when you or somebody you trust made it. You can take that back at any time."
)


class TrustBar(QFrame):
    """Shown while the folder in use is untrusted. Closing it means no."""

    trust_asked = Signal()
    why_asked = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._picture = QLabel()
        self._text = WrappedLabel()
        self._trust = self._button("Trust", "Trust this folder")
        self._trust.clicked.connect(self.trust_asked)
        self._why = self._button("Why", "Why this folder is not trusted")
        self._why.clicked.connect(self.why_asked)
        self._close = close_button(icons, "Keep the folder untrusted")
        self._close.clicked.connect(self.hide)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._picture)
        self._row.addWidget(self._text, 1)
        for button in (self._trust, self._why, self._close):
            self._row.addWidget(button)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self.hide()

    @property
    def text(self) -> str:
        """The sentences shown."""
        return self._text.text()

    @property
    def buttons(self) -> tuple[QPushButton, QPushButton]:
        """[Trust] and [Why]."""
        return self._trust, self._why

    def show_untrusted(self, folder: Path, findings: Sequence[str]) -> None:
        """Say that `folder` is untrusted. `findings` say what is off in it, in whole sentences."""
        off = " ".join(findings) if findings else "Nothing in it runs by itself."
        self._text.setText(f"“{folder.name or folder}” is not trusted. {off}")
        self._text.setToolTip(str(folder))
        self.setAccessibleName(self._text.text())
        self.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc is no."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Quiet background, a stripe at the left."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("warning_back"))
        painter.fillRect(0, 0, self._theme.px(3), self.height(), self._theme.color("warning"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, self._theme.color("border"))
        painter.end()

    def _button(self, title: str, name: str) -> QPushButton:
        button = QPushButton(title)
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    @Slot()
    def _on_theme_changed(self) -> None:
        px = self._theme.px
        self._row.setContentsMargins(px(12), px(4), px(4), px(4) + 1)
        self._row.setSpacing(px(8))
        size = QSize(px(16), px(16))
        self._picture.setPixmap(self._icons.pixmap("shield-warning", "warning", size, self.devicePixelRatioF()))
        self._text.setFont(self._theme.font("ui"))
        self._close.setFixedSize(px(24), px(24))
        self._close.setIconSize(QSize(px(14), px(14)))


class WhyDialog(QDialog):
    """Explains, and asks; Esc and closing mean no."""

    def __init__(self, folder: Path, findings: Sequence[str], theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Why this folder is not trusted")
        where = QLabel(str(folder))
        where.setTextFormat(Qt.TextFormat.PlainText)
        where.setFont(theme.font("title"))
        where.setWordWrap(True)
        explained = QLabel(WHY)
        explained.setWordWrap(True)
        column = QVBoxLayout(self)
        px = theme.px
        column.setContentsMargins(px(16), px(16), px(16), px(16))
        column.setSpacing(px(12))
        column.addWidget(where)
        column.addWidget(explained)
        if findings:
            found = QLabel("Found in this folder:\n" + "\n".join(f"•  {finding}" for finding in findings))
            found.setTextFormat(Qt.TextFormat.PlainText)
            found.setWordWrap(True)
            column.addWidget(found)
        no, yes = QPushButton("Keep it untrusted"), QPushButton("Trust this folder")
        yes.setProperty("main", "true")
        no.setDefault(True)
        yes.setAutoDefault(False)
        no.clicked.connect(self.reject)
        yes.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(no)
        row.addWidget(yes)
        column.addLayout(row)
        fit(self, px(460))
