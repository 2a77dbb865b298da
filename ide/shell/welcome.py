"""What the empty editor shows: ways to begin, and where the user was. The buttons run commands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from ide.commands.registry import Commands
from ide.qt.actions import key_text
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.widgets.empty_state import scrolling

# Icon, title, command. Shown as far as the commands exist.
BEGINNINGS = (
    ("file-plus", "New Python script", "file.new_python"),
    ("file-plus", "New R script", "file.new_r"),
    ("file", "Open a file", "file.open"),
    ("folder-open", "Open a folder", "file.open_folder"),
    ("book-open", "Open the sample project", "help.sample_project"),
)
MOST_RECENT = 6


class Welcome(QScrollArea):
    """Made once; `set_recent` whenever the list changes."""

    def __init__(
        self,
        commands: Commands,
        keys: dict[str, tuple[str, ...]],
        theme: Theme,
        icons: Icons,
        parent: QWidget | None = None,
    ) -> None:
        """`keys` maps command ids to their keys, to be shown beside the ways to begin."""
        super().__init__(parent)
        self._commands = commands
        self._keys = keys
        self._theme = theme
        self._icons = icons
        self._title = QLabel("Start here")
        self._recent_title = QLabel("Recent")
        self._begin = QVBoxLayout()
        self._recent = QVBoxLayout()
        self._buttons: list[QPushButton] = []
        self._recent_buttons: list[QPushButton] = []
        self._left, self._right = QVBoxLayout(), QVBoxLayout()
        for column, title, inner in (
            (self._left, self._title, self._begin),
            (self._right, self._recent_title, self._recent),
        ):
            title.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
            column.addWidget(title)
            column.addLayout(inner)
        self._row = QHBoxLayout()
        self._row.addStretch(1)
        for column in (self._left, self._right):
            self._row.addLayout(column)
            self._row.setAlignment(column, Qt.AlignmentFlag.AlignTop)
        self._row.addStretch(1)
        self._hint = QLabel("You can also drop files or a folder here.")
        self._hint.setProperty("tone", "muted")
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        outer = QVBoxLayout(scrolling(self))
        outer.addStretch(2)
        outer.addLayout(self._row)
        outer.addWidget(self._hint)
        outer.addStretch(3)
        self.setAccessibleName("Start here")
        self._fill_beginnings()
        self._entries: list[tuple[str, str, Path]] = []
        self._is_filled = False
        self._fill_recent()
        theme.changed.connect(self._on_theme_changed)

    @property
    def buttons(self) -> tuple[QPushButton, ...]:
        """Every button, ways to begin first."""
        return (*self._buttons, *self._recent_buttons)

    def set_recent(self, folders: Sequence[Path], files: Sequence[Path]) -> None:
        """Folders and files opened lately, the latest first. Shown once this is."""
        entries = [("folder-simple", "file.open_folder", path) for path in folders[:MOST_RECENT]]
        entries += [("file-text", "file.open", path) for path in files[: MOST_RECENT - min(3, len(entries))]]
        self._entries, self._is_filled = entries, False
        if self.isVisible():
            self._fill_recent()

    def showEvent(self, event: QShowEvent) -> None:
        """Nobody looks at it while a document is open, and then it need not be made."""
        if not self._is_filled:
            self._fill_recent()
        super().showEvent(event)

    def _fill_recent(self) -> None:
        self._is_filled, entries = True, self._entries
        for button in self._recent_buttons:
            self._recent.removeWidget(button)
            button.deleteLater()
        self._recent_buttons = [self._make(icon, path.name or str(path), path) for icon, _c, path in entries]
        for button, (_icon, command, path) in zip(self._recent_buttons, entries, strict=True):
            button.setProperty("command", command)
            button.setProperty("path", str(path))
            button.setToolTip(str(path))
            button.setAccessibleName(f"Open {path}")
            self._recent.addWidget(button)
        self._recent_title.setVisible(bool(entries))
        self._on_theme_changed()

    def _fill_beginnings(self) -> None:
        for icon, title, command in BEGINNINGS:
            if command not in self._commands:
                continue
            button = self._make(icon, title, None)
            button.setProperty("command", command)
            keys = key_text(self._keys.get(command, ()))
            button.setToolTip(f"{title} ({keys})" if keys else title)
            self._buttons.append(button)
            self._begin.addWidget(button)
        if self._buttons:
            self.setFocusProxy(self._buttons[0])

    def _make(self, icon: str, title: str, path: Path | None) -> QPushButton:
        shown = self.fontMetrics().elidedText(title, Qt.TextElideMode.ElideMiddle, self._theme.px(240))
        button = QPushButton(shown.replace("&", "&&"))
        button.setProperty("link", "true")
        button.setProperty("icon_name", icon)
        button.setIcon(self._icons.icon(icon, "muted" if path else "accent"))
        button.setAccessibleName(title)
        button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        button.clicked.connect(self._on_clicked)
        return button

    @Slot()
    def _on_clicked(self) -> None:
        button = self.sender()
        path = button.property("path")
        arguments: dict[str, object] = {"path": Path(path)} if path else {}
        self._commands.run(str(button.property("command")), **arguments)

    @Slot()
    def _on_theme_changed(self) -> None:
        px = self._theme.px
        for title in (self._title, self._recent_title):
            font = self._theme.font("title")
            title.setFont(font)
            title.setContentsMargins(px(6), 0, 0, px(4))
        self._row.setSpacing(px(48) if self._recent_buttons else 0)
        for column in (self._left, self._right):
            column.setSpacing(px(4))  # else it would take that of the row
        self._begin.setSpacing(px(2))
        self._recent.setSpacing(px(2))
        for button in self.buttons:
            button.setFont(self._theme.font("ui"))
            button.setIconSize(QSize(px(16), px(16)))
        self._hint.setContentsMargins(0, px(16), 0, 0)
