"""All keys: found by name or by key, changed, with what gets in whose way, and the choice of the key map.

Owns no key: `KeyMaps` does. The map in force is a setting.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, QSize, Qt, Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from ide.commands.keys import KeyMaps
from ide.commands.registry import Commands
from ide.core.errors import SettingsError
from ide.qt.accessible import announce
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.settings.declared import KEYS_KEYMAP
from ide.settings.settings import Settings
from ide.shell.fields import Choice, Field, Tick
from ide.shell.keys_model import KeyRow, KeysModel, key_rows, matching, native

PORTABLE = QKeySequence.SequenceFormat.PortableText


class KeysDialog(QDialog):
    """Stays open beside the window; every change holds at once."""

    def __init__(
        self,
        commands: Commands,
        keymaps: KeyMaps,
        settings: Settings,
        theme: Theme,
        icons: Icons,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        self._commands = commands
        self._keymaps = keymaps
        self._settings = settings
        self._theme = theme
        self.model = KeysModel(theme, icons, self)
        self.box = QLineEdit()
        self.by_key = Tick("Press the key", theme, icons)
        self.maps = Choice(theme, icons)
        self.conflicts = Tick("", theme, icons)
        self.table = QTableView()
        self.capture = QKeySequenceEdit()
        self.add = QPushButton("Add key")
        self.take = QPushButton("Take it")
        self.remove = QPushButton("Remove keys")
        self.reset = QPushButton("Back to the key map")
        self._chosen = QLabel()
        self._told = QLabel()
        self._warning = QLabel()
        self._icons = icons
        self._build()
        connect(self, keymaps.changed, self._fill)
        connect(self, theme.changed, self._on_theme_changed)
        self._on_theme_changed()
        self._fill()

    def current(self) -> KeyRow | None:
        """The row that the buttons below are about."""
        return self.model.row(self.table.currentIndex())

    def select(self, command: str) -> None:
        """Go to the row of a command, whatever was searched for."""
        self.conflicts.setChecked(False)
        self.box.clear()
        at = next((index for index, row in enumerate(self.model.rows) if row.command == command), 0)
        self.table.selectRow(at)
        self.table.scrollTo(self.model.index(at, 0))

    def others(self) -> tuple[str, ...]:
        """Commands that the captured key runs already where the current row's keys hold."""
        row, key = self.current(), self._captured()
        if row is None or not key:
            return ()
        meant = self._keymaps.commands_for(key, row.scope, row.language)
        return tuple(command for command in meant if command != row.command)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """While "Press the key" is on, a key pressed in the search box is searched for."""
        if watched is self.box and self.by_key.isChecked() and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if watched is self.box and self.by_key.isChecked() and event.type() == QEvent.Type.KeyPress:
            pressed = getattr(event, "keyCombination", lambda: None)()
            text = QKeySequence(pressed).toString(PORTABLE) if pressed is not None else ""
            if text and not text.endswith("+"):
                self.box.setText(text)
            return True
        return super().eventFilter(watched, event)

    # --- inside ------------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.box.setPlaceholderText("Search by name or key, such as Ctrl+D")
        self.box.setAccessibleName("Search keys")
        self.box.setClearButtonEnabled(True)
        self.box.installEventFilter(self)
        self.box.textChanged.connect(self._fill)
        self.by_key.setToolTip("Search for a key by pressing it in the search box")
        self.by_key.toggled.connect(self._on_by_key)
        self.conflicts.toggled.connect(self._fill)
        self._fill_maps()
        self._build_table()
        self.capture.setAccessibleName("New key")
        self.capture.setMaximumSequenceLength(2)
        self.capture.keySequenceChanged.connect(self._tell)
        buttons = (self.add, self.take, self.remove, self.reset)
        for button, slot in zip(buttons, (self._on_add, self._on_take, self._on_remove, self._on_reset), strict=True):
            button.setAutoDefault(False)
            button.clicked.connect(slot)
        self.add.setProperty("main", "true")
        for label in (self._chosen, self._told):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self._lay_out()

    def _build_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setAccessibleName("Keys")
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        table.selectionModel().currentRowChanged.connect(self._on_row)

    def _lay_out(self) -> None:
        map_title = QLabel("Key map")
        map_title.setBuddy(self.maps)
        top = QHBoxLayout()
        top.addWidget(self.box, 1)
        top.addWidget(self.by_key)
        top.addSpacing(self._theme.px(12))
        top.addWidget(map_title)
        top.addWidget(Field(self.maps, self._theme))
        change = QHBoxLayout()
        change.addWidget(self._chosen, 1)
        change.addWidget(self.capture)
        for button in (self.add, self.take, self.remove, self.reset):
            change.addWidget(button)
        close = QPushButton("Close")
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        bottom = QHBoxLayout()
        bottom.addWidget(self.conflicts)
        bottom.addStretch(1)
        bottom.addWidget(close)
        column = QVBoxLayout(self)
        column.addLayout(top)
        column.addWidget(self.table, 1)
        column.addLayout(change)
        told = QHBoxLayout()
        told.addWidget(self._warning)
        told.addWidget(self._told, 1)
        column.addLayout(told)
        column.addLayout(bottom)

    def _fill_maps(self) -> None:
        self.maps.setAccessibleName("Key map")
        self.maps.setToolTip("Keys of your own stay on top of it")
        for name, title in self._keymaps.names().items():
            self.maps.addItem(title, name)
        self.maps.setCurrentIndex(self.maps.findData(self._keymaps.current))
        self.maps.activated.connect(self._on_map)

    @Slot()
    def _fill(self) -> None:
        before = self.current()
        rows = key_rows(self._commands, self._keymaps)
        clashing = tuple(row for row in rows if row.clashes)
        self.conflicts.setText(f"Show conflicts ({len(clashing)})")
        self.conflicts.setVisible(bool(clashing))
        listed = clashing if self.conflicts.isChecked() and clashing else rows
        self.model.show(matching(tuple(listed), self.box.text()))
        place = (before.command, before.scope, before.language) if before else None
        found = (at for at, row in enumerate(self.model.rows) if (row.command, row.scope, row.language) == place)
        self.table.selectRow(next(found, 0))
        self.maps.setCurrentIndex(self.maps.findData(self._keymaps.current))
        self._tell()

    @Slot(QModelIndex)
    def _on_row(self, _: QModelIndex) -> None:
        self.capture.clear()
        self._tell()

    @Slot()
    def _tell(self) -> None:
        """Say what the buttons would do, before they do it."""
        row, key = self.current(), self._captured()
        self._chosen.setText(f"{row.title} ({row.where})" if row else "Nothing is called that.")
        others = self.others()
        names = ", ".join(f"“{self._title(other)}”" for other in others)
        self._warn(f"{native(key)} already runs {names} here." if others else "")
        self.add.setEnabled(row is not None and bool(key) and key not in row.keys)
        self.add.setVisible(not others)
        self.take.setVisible(bool(others))
        self.take.setText("Take it" if len(others) < 2 else "Take it from both")
        self.take.setToolTip(f"{native(key)} then runs “{row.title}” alone" if row and others else "")
        self.remove.setEnabled(row is not None and bool(row.keys))
        self.reset.setEnabled(row is not None and row.is_changed)
        for widget in (self.capture, self._chosen):
            widget.setEnabled(row is not None)
        if others:
            announce(self, self._told.text())

    def _warn(self, text: str) -> None:
        self._told.setText(text)
        for label in (self._told, self._warning):
            label.setVisible(bool(text))

    def _captured(self) -> str:
        return self.capture.keySequence().toString(PORTABLE)

    def _title(self, command: str) -> str:
        return self._commands.title(command) if command in self._commands else command

    @Slot()
    def _on_add(self) -> None:
        row, key = self.current(), self._captured()
        if row is not None and key:
            self._give(row, (*row.keys, key))

    @Slot()
    def _on_take(self) -> None:
        row, key = self.current(), self._captured()
        if row is None or not key:
            return
        for other in self.others():
            for scope, language in self._keymaps.places_of(other):
                kept = self._keymaps.keys_at(other, scope, language)
                if key in kept and scope in (row.scope, "window"):
                    self._set(other, tuple(one for one in kept if one != key), scope, language)
        self._give(row, (*row.keys, key))

    @Slot()
    def _on_remove(self) -> None:
        if row := self.current():
            self._give(row, ())

    @Slot()
    def _on_reset(self) -> None:
        if row := self.current():
            self._keymaps.reset(row.command, row.scope, row.language)

    def _give(self, row: KeyRow, keys: tuple[str, ...]) -> None:
        if self._set(row.command, keys, row.scope, row.language):
            self.capture.clear()

    def _set(self, command: str, keys: tuple[str, ...], scope: str, language: str) -> bool:
        try:
            self._keymaps.set_keys(command, keys, scope, language)
        except SettingsError as error:
            self._warn(error.text)
            announce(self, error.text)
            return False
        return True

    @Slot(int)
    def _on_map(self, at: int) -> None:
        name = str(self.maps.itemData(at))
        self._settings.set(KEYS_KEYMAP, name)
        self._keymaps.use(name)

    @Slot(bool)
    def _on_by_key(self, is_on: bool) -> None:
        self.box.clear()
        self.box.setPlaceholderText("Press a key" if is_on else "Search by name or key, such as Ctrl+D")
        self.box.setFocus()

    def _on_theme_changed(self) -> None:
        px, color = self._theme.px, self._theme.color
        self.resize(px(860), px(600))
        self.setMinimumSize(px(560), px(360))
        self.table.verticalHeader().setDefaultSectionSize(px(28))
        for column, width in ((1, 220), (2, 130), (3, 90)):
            self.table.setColumnWidth(column, px(width))
        self._told.setStyleSheet(f"color: {color('warning').name()};")
        side = QSize(px(16), px(16))
        self._warning.setPixmap(self._icons.pixmap("warning", "warning", side, self.devicePixelRatioF()))
        self.table.setStyleSheet(f"QTableView::item {{ padding: 0 {px(8)}px; }}")
        self._chosen.setFont(self._theme.font("title"))
        self.maps.setMinimumSize(px(160), px(24))
        self.capture.setMinimumWidth(px(140))
        column_layout = self.layout()
        assert column_layout is not None
        column_layout.setContentsMargins(px(12), px(12), px(12), px(12))
        column_layout.setSpacing(px(8))
