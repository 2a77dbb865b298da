"""The list behind the keys dialog: one row for each command and place where it may have keys. Changes nothing."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QKeySequence

from ide.commands import key_text
from ide.commands.keys import KeyMaps
from ide.commands.registry import Commands
from ide.core.record import dataclass
from ide.qt.icons import Icons
from ide.qt.theme import Theme

COLUMNS = ("Command", "Keys", "Where", "From")
PLACES = {
    "window": "Everywhere",
    "editor": "Editor",
    "table": "Table",
    "console": "Console",
    "variables": "Variables",
    "plots": "Plots",
    "viewer": "Viewer",
    "help": "Help",
    "files": "Files",
    "packages": "Packages",
    "jobs": "Jobs",
}
ROW_ROLE = int(Qt.ItemDataRole.UserRole)

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One command in one place. `clashes` are titles of commands that share one of its keys there."""

    command: str
    title: str
    keys: tuple[str, ...]
    scope: str
    language: str
    is_changed: bool
    clashes: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """The place in words."""
        place = PLACES.get(self.scope, self.scope)
        return (
            f"{place}, {self.language.upper() if len(self.language) == 1 else self.language.capitalize()}"
            if (self.language)
            else place
        )


def native(key: str) -> str:
    """A key as this system writes it."""
    sequence = QKeySequence(key, QKeySequence.SequenceFormat.PortableText)
    return sequence.toString(QKeySequence.SequenceFormat.NativeText)


def key_rows(commands: Commands, keymaps: KeyMaps) -> tuple[KeyRow, ...]:
    """Every row, by title."""
    clashes: dict[tuple[str, str], dict[str, None]] = {}
    for conflict in keymaps.conflicts():
        for command in conflict.commands:
            others = [commands.title(other) for other in conflict.commands if other != command and other in commands]
            clashes.setdefault((command, conflict.scope), {}).update(dict.fromkeys(others))
    rows = [
        KeyRow(
            command.id,
            commands.title(command.id),
            keymaps.keys_at(command.id, scope, language),
            scope,
            language,
            keymaps.is_changed(command.id, scope, language),
            tuple(clashes.get((command.id, scope), ())),
        )
        for command in commands.all()
        for scope, language in keymaps.places_of(command.id)
    ]
    return tuple(sorted(rows, key=lambda row: (row.title.lower(), row.scope, row.language)))


def matching(rows: tuple[KeyRow, ...], text: str) -> tuple[KeyRow, ...]:
    """The rows that typed text means: those with that key where it is one that is used, else those with its words."""
    try:
        key = key_text.normal(text.strip())
    except key_text.KeyTextError:
        key = ""
    by_key = tuple(row for row in rows if key and any(own == key or own.startswith(f"{key}, ") for own in row.keys))
    return by_key or tuple(row for row in rows if _fits(row, text.strip().lower()))


def _fits(row: KeyRow, wanted: str) -> bool:
    written = [own.lower() for own in (*row.keys, *map(native, row.keys))]
    words = f"{row.title} {row.command} {row.where}".lower()
    return any(wanted in own for own in written) or all(word in words for word in wanted.split())


class KeysModel(QAbstractTableModel):
    """Rows for the table and for screen readers."""

    def __init__(self, theme: Theme, icons: Icons, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self.rows: tuple[KeyRow, ...] = ()

    def show(self, rows: tuple[KeyRow, ...]) -> None:
        """List these."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def row(self, index: Index) -> KeyRow | None:
        """The row at an index."""
        return self.rows[index.row()] if index.isValid() and index.row() < len(self.rows) else None

    def rowCount(self, parent: Index | None = None) -> int:
        """Qt asks."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        """Qt asks."""
        return len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Qt asks."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Qt asks."""
        row = self.row(index)
        if row is None:
            return None
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            origin = "You" if row.is_changed else "Key map"
            return (row.title, "   ".join(map(native, row.keys)), row.where, origin)[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"Also: {', '.join(row.clashes)}" if row.clashes else row.command
        if role == Qt.ItemDataRole.ForegroundRole and index.column() > 1:
            return self._theme.color("accent" if row.is_changed and index.column() == 3 else "muted")
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 1 and row.clashes:
            return self._icons.icon("warning", "warning")
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == 1:
            clash = f", also the key of {', '.join(row.clashes)}" if row.clashes else ""
            return (", ".join(map(native, row.keys)) or "no key") + clash
        return None
