"""The list of packages for Qt: looked up in the model's rows, painted by the style sheet."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt

from ide.core.policy import Standing
from ide.panes.packages.model import Column, PackagesModel, Row
from ide.panes.packages.words import size_text
from ide.qt.icons import Icons
from ide.qt.theme import Theme

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

COLUMNS: tuple[tuple[Column, str], ...] = (
    ("name", "Package"),
    ("version", "Version"),
    ("newest", "Newer"),
    ("licence", "Licence"),
    ("size", "Size"),
)
ROW_PX = 24
_NO_INDEX = QModelIndex()


class PackageRows(QAbstractTableModel):
    """UI thread."""

    def __init__(self, model: PackagesModel, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._model = model
        self._theme = theme
        self._icons = icons
        self._rows: tuple[Row, ...] = ()

    def sync(self) -> bool:
        """Take the model's rows; True where they are others."""
        if self._rows == self._model.rows:
            return False
        self.beginResetModel()
        self._rows = self._model.rows
        self.endResetModel()
        return True

    def row_of(self, key: str) -> int:
        """Where a package stands; -1 where it does not."""
        return next((place for place, row in enumerate(self._rows) if row.package.key == key), -1)

    def row_at(self, index: Index) -> Row | None:
        """What stands there."""
        return self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        """Packages that are shown."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        """Always the same."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> object:
        """Titles of the columns."""
        if orientation is Qt.Orientation.Horizontal and role == Role.DisplayRole:
            return COLUMNS[section][1]
        return None

    def data(self, index: Index, role: int = Role.DisplayRole) -> object:
        """One cell."""
        row = self.row_at(index)
        if row is None:
            return None
        column = COLUMNS[index.column()][0]
        if role == Role.DisplayRole:
            return text_of(row, column)
        if role == Role.AccessibleTextRole:
            return words_of(row) if column == "name" else f"{COLUMNS[index.column()][1]} {text_of(row, column)}"
        if role == Role.TextAlignmentRole and column == "size":
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Role.ForegroundRole:
            return self._theme.color(_tone(row, column))
        if role == Role.DecorationRole and column == "name":
            return self._icon(row)
        if role == Role.ToolTipRole:
            return row.package.problem or row.package.summary or None
        if role == Role.SizeHintRole:
            return QSize(0, self._theme.px(ROW_PX))
        return None

    def _icon(self, row: Row) -> object:
        if row.package.problem:
            return self._icons.icon("warning-circle", "error")
        name, role = {
            Standing.ALLOWED: ("package", "muted"),
            Standing.NEEDS_APPROVAL: ("warning", "warning"),
            Standing.DENIED: ("prohibit", "error"),
        }[row.standing]
        return self._icons.icon(name, role)


def text_of(row: Row, column: Column) -> str:
    """What a cell shows."""
    package = row.package
    if column == "size":
        return size_text(package.size_bytes)
    texts = {"name": package.name, "version": package.version, "newest": row.newest, "licence": package.licence}
    return texts[column]


def _tone(row: Row, column: Column) -> str:
    if column == "newest":
        return "accent"
    if column == "licence" and row.standing is not Standing.ALLOWED:
        return "error" if row.standing is Standing.DENIED else "warning"
    return "muted" if column in ("licence", "size") or not row.package.is_direct else "text"


def words_of(row: Row) -> str:
    """A row for a screen reader."""
    newest = f", {row.newest} is newer" if row.newest else ""
    standing = f", {row.standing.words.lower()}" if row.standing is not Standing.ALLOWED else ""
    damaged = ", damaged" if row.package.problem else ""
    return f"{row.package.name} {row.package.version}{newest}{standing}{damaged}"
