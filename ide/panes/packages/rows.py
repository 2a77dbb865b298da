"""The list of packages for Qt: looked up in the model's rows, painted by the style sheet."""

from __future__ import annotations

from ide.core.policy import Standing
from ide.panes.packages.model import Column, PackagesModel, Row
from ide.panes.packages.words import size_text
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.widgets.list_rows import TO_THE_RIGHT, ListRows, Role

COLUMNS: tuple[tuple[Column, str], ...] = (
    ("name", "Package"),
    ("version", "Version"),
    ("newest", "Newer"),
    ("licence", "Licence"),
    ("size", "Size"),
)


class PackageRows(ListRows[Row]):
    """UI thread."""

    def __init__(self, model: PackagesModel, theme: Theme, icons: Icons) -> None:
        super().__init__([title for _column, title in COLUMNS], theme, icons)
        self._model = model

    def sync(self) -> bool:
        """Take the model's rows; True where they are others."""
        if self._rows == self._model.rows:
            return False
        self.take(self._model.rows)
        return True

    def row_of(self, key: str) -> int:
        """Where a package stands; -1 where it does not."""
        return next((place for place, row in enumerate(self._rows) if row.package.key == key), -1)

    def cell(self, row: Row, column: int, role: int) -> object:
        """Newer versions, licences and damage are told in words, by icon and by colour."""
        name = COLUMNS[column][0]
        if role == Role.DisplayRole:
            return text_of(row, name)
        if role == Role.AccessibleTextRole:
            return words_of(row) if name == "name" else f"{COLUMNS[column][1]} {text_of(row, name)}"
        if role == Role.TextAlignmentRole and name == "size":
            return TO_THE_RIGHT
        if role == Role.ForegroundRole:
            return self._theme.color(_tone(row, name))
        if role == Role.DecorationRole and name == "name":
            return self._icon(row)
        if role == Role.ToolTipRole:
            return row.package.problem or row.package.summary or None
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
