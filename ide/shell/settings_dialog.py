"""All settings, made from the table in `ide.settings.declared`: searched, changed live, checked at once, reset singly.

Owns no setting and no list of them.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ide.core.errors import SettingsError
from ide.qt.accessible import announce
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.settings.declared import SECTIONS
from ide.settings.setting import Setting
from ide.settings.settings import Settings
from ide.shell.fields import Tick
from ide.shell.setting_editors import SettingEditor

_ORIGINS = {
    "site": "Set for everyone on this machine",
    "project": "Set by the project",
    "session": "Until the window closes",
}


class SettingRow(QFrame):
    """Title with its mark, control, reset; help, and what was wrong with a value, below."""

    def __init__(self, setting: Setting[Any], settings: Settings, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self.setting = setting
        self._settings = settings
        self._theme = theme
        self.title = QLabel(setting.title)
        self.mark = QLabel()
        self.editor = SettingEditor(setting, theme, icons)
        self.reset = QToolButton()
        self.reset.setIcon(icons.icon("arrow-counter-clockwise", "muted"))
        self.reset.clicked.connect(self._on_reset)
        self.help = QLabel(setting.help)
        self.problem = QLabel()
        self._warning = QLabel()
        self._icons = icons
        self._lay_out()
        self.editor.chosen.connect(self._on_chosen)
        self.refresh()
        self.restyle()

    def refresh(self) -> None:
        """Show the value in force, and who says so."""
        self.editor.show_value(self._settings.get(self.setting))
        is_changed = self._settings.is_changed(self.setting)
        origin = _ORIGINS.get(self._settings.origin(self.setting), "Changed")
        self.mark.setText(origin if is_changed or origin != "Changed" else "")
        self.reset.setVisible(is_changed and self._settings.origin(self.setting) in ("user", "session"))
        default = self.setting.with_unit(self.setting.default) or "empty"
        self.reset.setToolTip(f"Back to {default}")
        self.reset.setAccessibleName(f"Reset {self.setting.title} to {default}")
        self._say("")

    def restyle(self) -> None:
        """The theme or the zoom is another one."""
        px, color = self._theme.px, self._theme.color
        self.title.setFont(self._theme.font("ui"))
        for label, role in ((self.help, "muted"), (self.mark, "accent"), (self.problem, "error")):
            label.setFont(self._theme.font("small"))
            label.setStyleSheet(f"color: {color(role).name()};")
        self._warning.setPixmap(
            self._icons.pixmap("warning-circle", "error", QSize(px(16), px(16)), self.devicePixelRatioF())
        )
        self.reset.setIconSize(QSize(px(16), px(16)))
        self.title.setMinimumWidth(px(200))
        self.editor.control.setMinimumHeight(px(24))
        self.editor.control.setMinimumWidth(0 if isinstance(self.editor.control, QCheckBox) else px(160))
        grid = self.layout()
        assert isinstance(grid, QGridLayout)
        grid.setContentsMargins(0, px(4), 0, px(8))
        grid.setHorizontalSpacing(px(8))
        grid.setVerticalSpacing(px(2))

    def _lay_out(self) -> None:
        for label in (self.title, self.help, self.mark, self.problem):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.help.setWordWrap(True)
        self.help.setVisible(bool(self.setting.help))
        self.problem.setWordWrap(True)
        self.title.setBuddy(self.editor.control)
        value = QHBoxLayout()
        value.addWidget(self.editor)
        value.addWidget(self.reset)
        value.addWidget(self.mark)
        value.addStretch(1)
        told = QHBoxLayout()
        told.addWidget(self._warning)
        told.addWidget(self.problem, 1)
        grid = QGridLayout(self)
        grid.addWidget(self.title, 0, 0)
        grid.addLayout(value, 0, 1)
        grid.addWidget(self.help, 1, 1)
        grid.addLayout(told, 2, 1)
        grid.setColumnStretch(1, 1)

    @Slot(object)
    def _on_chosen(self, value: object) -> None:
        try:
            self._settings.set(self.setting, value)
        except SettingsError as error:
            self._say(error.text)
        else:
            self.refresh()

    @Slot()
    def _on_reset(self) -> None:
        self.editor.setFocus()
        self._settings.reset(self.setting)
        self.refresh()

    def _say(self, text: str) -> None:
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        self._warning.setVisible(bool(text))
        if text:
            announce(self, text)


class SettingsDialog(QDialog):
    """Stays open beside the window; every change holds at once."""

    file_asked = Signal(object)
    """Path of the settings file, which the user wants to see in the editor."""
    keys_asked = Signal()
    """The user wants to see the keys."""

    def __init__(self, settings: Settings, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self._settings = settings
        self._theme = theme
        self._icons = icons
        self.rows: dict[str, SettingRow] = {}
        self._titles: dict[str, QLabel] = {}
        self._parts: dict[str, QVBoxLayout] = {}
        self.box = QLineEdit()
        self.sections = QListWidget()
        self.advanced = Tick("Show advanced settings", theme, icons)
        self._nothing = QLabel("No setting is called that. Try a shorter word.")
        self._unknown = QLabel()
        self._page = QWidget()
        self._area = QScrollArea()
        self._build()
        connect(self, settings.changed, self._on_setting_changed)
        connect(self, theme.changed, self._on_theme_changed)
        self._on_theme_changed()
        self.sections.setCurrentRow(0)
        self._filter()
        self._soon = QTimer(self)
        self._soon.timeout.connect(self._make_more)
        self._soon.start(0)

    def search(self, text: str) -> None:
        """Show the settings that `text` fits, as if it were typed."""
        self.box.setText(text)
        self.box.setFocus()

    def show_setting(self, id: str) -> None:
        """Bring one setting before the user's eyes and put the keyboard into it."""
        self._make_rows_of(*SECTIONS)
        row = self.rows[self._settings.find(id).id]
        self.box.clear()
        if row.setting.is_advanced:
            self.advanced.setChecked(True)
        self.sections.setCurrentRow(list(SECTIONS).index(_section(row.setting)))
        self._area.ensureWidgetVisible(row)
        row.editor.setFocus()

    def shown(self) -> tuple[str, ...]:
        """Ids of the settings that are listed now."""
        return tuple(id for id, row in self.rows.items() if not row.isHidden())

    # --- inside ------------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.box.setPlaceholderText("Search settings")
        self.box.setAccessibleName("Search settings")
        self.box.setClearButtonEnabled(True)
        self.box.textChanged.connect(self._filter)
        self.sections.setAccessibleName("Sections")
        self.sections.addItems(list(SECTIONS.values()))
        self.sections.currentRowChanged.connect(self._filter)
        self.advanced.toggled.connect(self._filter)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidget(self._make_page())
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        file, keys, close = QPushButton("Open settings.toml"), QPushButton("Keys…"), QPushButton("Close")
        file.clicked.connect(self._on_file_asked)
        keys.clicked.connect(self.keys_asked)
        close.clicked.connect(self.reject)
        for button in (file, keys, close):
            button.setAutoDefault(False)
        self._unknown.setWordWrap(True)
        self._unknown.setTextFormat(Qt.TextFormat.PlainText)
        bottom = QHBoxLayout()
        bottom.addWidget(self.advanced)
        bottom.addStretch(1)
        for button in (keys, file, close):
            bottom.addWidget(button)
        middle = QHBoxLayout()
        middle.addWidget(self.sections)
        middle.addWidget(self._area, 1)
        column = QVBoxLayout(self)
        column.addWidget(self.box)
        column.addLayout(middle, 1)
        column.addWidget(self._unknown)
        column.addLayout(bottom)

    def _make_page(self) -> QWidget:
        column = QVBoxLayout(self._page)
        column.addWidget(self._nothing)
        for section, title in SECTIONS.items():
            label = self._titles[section] = QLabel(title)
            part = self._parts[section] = QVBoxLayout()
            part.addWidget(label)
            column.addLayout(part)
        column.addStretch(1)
        self._page.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        return self._page

    def _make_rows_of(self, *sections: str) -> None:
        for setting in self._settings.declared:
            if _section(setting) in sections and setting.id not in self.rows:
                row = self.rows[setting.id] = SettingRow(setting, self._settings, self._theme, self._icons)
                row.hide()
                self._parts[_section(setting)].addWidget(row)

    @Slot()
    def _make_more(self) -> None:
        """The rows of one more section; all at once would hold up the event loop."""
        missing = list(
            dict.fromkeys(_section(setting) for setting in self._settings.declared if setting.id not in self.rows)
        )
        self._make_rows_of(*missing[:1])
        if len(missing) <= 1:
            self._soon.stop()

    @Slot()
    def _filter(self) -> None:
        """With text: every setting that it fits, of all sections. Without: the chosen section."""
        words = self.box.text().lower().split()
        current = list(SECTIONS)[max(self.sections.currentRow(), 0)]
        self._make_rows_of(*(SECTIONS if words else (current,)))
        self._page.setUpdatesEnabled(False)
        used: set[str] = set()
        for row in self.rows.values():
            section = _section(row.setting)
            is_listed = self.advanced.isChecked() or not row.setting.is_advanced
            is_shown = _fits(row.setting, words) if words else section == current and is_listed
            row.setVisible(is_shown)
            used |= {section} if is_shown else set()
        for section, label in self._titles.items():
            label.setVisible(section in used)
        self._nothing.setVisible(not used)
        self.sections.setEnabled(not words)
        self._page.setUpdatesEnabled(True)
        self._area.verticalScrollBar().setValue(0)
        self._show_unknown()

    def _show_unknown(self) -> None:
        names = self._settings.unknown
        self._unknown.setVisible(bool(names))
        shown = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
        self._unknown.setText(f"Not known to this version, kept in settings.toml: {shown}")

    def _on_setting_changed(self, id: str) -> None:
        if id in self.rows:
            self.rows[id].refresh()

    @Slot()
    def _on_file_asked(self) -> None:
        self.file_asked.emit(self._settings.store.file.path)

    def _on_theme_changed(self) -> None:
        px, color = self._theme.px, self._theme.color
        self.resize(px(760), px(560))
        self.setMinimumSize(px(480), px(320))
        for row in self.rows.values():
            row.restyle()
        for label in self._titles.values():
            label.setFont(self._theme.font("title"))
            label.setContentsMargins(0, px(8), 0, px(4))
        for label in (self._unknown, self._nothing):
            label.setStyleSheet(f"color: {color('muted').name()};")
        self.sections.setFixedWidth(px(170))
        for index in range(self.sections.count()):
            self.sections.item(index).setSizeHint(QSize(0, px(28)))
        self.sections.setStyleSheet(f"QListWidget {{ background: {color('window').name()}; }}")
        layouts = (self.layout(), self._page.layout())
        margins = ((px(12), px(12), px(12), px(12)), (px(12), px(4), px(12), px(4)))
        for layout, margin in zip(layouts, margins, strict=True):
            assert layout is not None
            layout.setContentsMargins(*margin)
            layout.setSpacing(px(8) if layout is self.layout() else px(4))
        for part in self._parts.values():
            part.setSpacing(px(4))


def _section(setting: Setting[Any]) -> str:
    return setting.id.partition(".")[0]


def _fits(setting: Setting[Any], words: list[str]) -> bool:
    """Whether every word is somewhere in what is said about the setting."""
    choices = " ".join(setting.choices.values())
    text = f"{setting.id} {setting.title} {setting.help} {choices} {SECTIONS[_section(setting)]}".lower()
    return all(word in text for word in words)
