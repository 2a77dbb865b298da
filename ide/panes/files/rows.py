"""Rows of the Files pane for Qt: a tree of names. Owns the rows' places, not what is in them.

As in any long list of this program the places are kept by Qt's own item model without items (a tree view asks for the
place of each row, and 10,000 answers from Python would stall the window); texts are asked for where a row is painted.
A folder that was not read, or holds nothing, has one row with a remark.
"""

from __future__ import annotations

from datetime import datetime
from html import escape
from pathlib import Path
from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QWidget

from ide.core.ordered import steps_between
from ide.core.text import with_unseen_shown
from ide.panes.files.model import Entry, FilesModel

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

MOST_STEPS: Final = 64
"""Past so many separate places where rows come or go, a folder's rows are all made anew: that is quicker then."""

DATA_SUFFIXES: Final = frozenset(
    {".csv", ".tsv", ".parquet", ".feather", ".arrow", ".xlsx", ".xls", ".ods", ".sav", ".dta", ".rds", ".rdata"}
)
CODE_SUFFIXES: Final = frozenset({".py", ".r", ".rmd", ".qmd", ".ipynb", ".sql", ".js", ".ts", ".jl", ".sh"})
PICTURE_SUFFIXES: Final = frozenset({".png", ".jpg", ".jpeg", ".svg", ".gif", ".webp", ".tiff"})
_SPOKEN: Final = (Role.DisplayRole, Role.AccessibleTextRole, Role.ToolTipRole)
_KINDS: Final = ((CODE_SUFFIXES, "file-code"), (DATA_SUFFIXES, "table"), (PICTURE_SUFFIXES, "image"))


class FileRows(QStandardItemModel):
    """`sync` brings the rows of one folder up to the model."""

    def __init__(self, files: FilesModel, parent: QWidget) -> None:
        super().__init__(0, 1, parent)
        self._files = files
        self._shown: dict[Path, list[Entry]] = {}

    def entry_at(self, index: Index) -> Entry | None:
        """The entry of a row; None for a remark."""
        found = self._find(index)
        return found[1] if found is not None else None

    def path_at(self, index: Index) -> Path | None:
        """The path of a row; None for a remark."""
        found = self._find(index)
        return found[0] / found[1].name if found is not None and found[1] is not None else None

    def index_of(self, path: Path) -> QModelIndex:
        """The row of a path; invalid where it is not listed."""
        root = self._files.root
        if root is None or path == root or not path.is_relative_to(root):
            return QModelIndex()
        index = QModelIndex()
        folder = root
        for name in path.relative_to(root).parts:
            row = next((at for at, entry in enumerate(self._shown.get(folder, ())) if entry.name == name), None)
            if row is None:
                return QModelIndex()
            index = self.index(row, 0, index)
            folder /= name
        return index

    def reset(self) -> None:
        """Another root."""
        self._shown.clear()
        self.removeRows(0, self.rowCount())
        if self._files.root is not None:
            self.insertRows(0, 1)

    def sync(self, folder: Path) -> bool:
        """Take over the names in a folder; returns whether its rows were all made anew."""
        item = self._item(folder)
        if item is None:
            return False
        before, after = self._shown.setdefault(folder, []), list(self._files.entries(folder) or ())
        had_remark = not before
        steps = list(steps_between([entry.key for entry in before], [entry.key for entry in after]))
        is_anew = len(steps) > MOST_STEPS
        if is_anew:
            self._shown[folder] = after
            if before:
                item.removeRows(0, len(before))
            self._insert(folder, item, 0, len(after))
        else:
            for row, count in steps:
                if count < 0:
                    del before[row : row - count]
                    item.removeRows(row, -count)
                else:
                    before[row:row] = after[row : row + count]
                    self._insert(folder, item, row, count)
            self._shown[folder] = after
        self._keep_remark(item, had=had_remark, needs=not after)
        if item.rowCount():
            first = self.index(0, 0, item.index())
            self.dataChanged.emit(first, first.siblingAtRow(item.rowCount() - 1))
        return is_anew

    def data(self, index: Index, role: int = Role.DisplayRole) -> object:
        """Everything is looked up in what was read in the pool."""
        found = self._find(index)
        if found is None:
            return None
        folder, entry = found
        if entry is None:
            return self._files.remark(folder) if role in _SPOKEN else None
        if role == Role.DisplayRole:
            return with_unseen_shown(entry.name)
        if role == Role.AccessibleTextRole:
            return words_of(entry)
        if role == Role.ToolTipRole:
            return _tooltip(folder / entry.name, entry)
        return None

    def _find(self, index: Index) -> tuple[Path, Entry | None] | None:
        """Folder and entry of a row; (folder, None) for its remark."""
        rows: list[int] = []
        each = QModelIndex(index)  # type: ignore[arg-type]  # the stub leaves out that a persistent index may be copied
        while each.isValid():
            rows.append(each.row())
            each = each.parent()
        folder = self._files.root
        if folder is None or not rows:
            return None
        for row in reversed(rows[1:]):
            entries = self._shown.get(folder, [])
            if row >= len(entries):
                return None
            folder /= entries[row].name
        entries = self._shown.get(folder, [])
        return folder, entries[rows[0]] if rows[0] < len(entries) else None

    def _item(self, folder: Path) -> QStandardItem | None:
        if folder == self._files.root:
            return self.invisibleRootItem()
        index = self.index_of(folder)
        return self.itemFromIndex(index) if index.isValid() else None

    def _insert(self, folder: Path, item: QStandardItem, row: int, count: int) -> None:
        """Rows for entries that are in `_shown` already. A folder's row begins with its remark: it can be opened."""
        if count:
            item.insertRows(row, count)
        for at, entry in enumerate(self._shown[folder][row : row + count], row):
            if entry.is_folder:
                self._forget(folder / entry.name)
                child = QStandardItem()
                child.setColumnCount(1)
                child.setRowCount(1)
                item.setChild(at, child)

    def _forget(self, folder: Path) -> None:
        """A folder of this name was here before, or its rows were made anew: nothing below is shown yet."""
        for shown in [shown for shown in self._shown if shown.is_relative_to(folder)]:
            del self._shown[shown]

    @staticmethod
    def _keep_remark(item: QStandardItem, *, had: bool, needs: bool) -> None:
        """The remark is the last row, where there is one."""
        if had and not needs:
            item.removeRows(item.rowCount() - 1, 1)
        elif needs and not had:
            item.insertRows(item.rowCount(), 1)


def icon_of(entry: Entry) -> str:
    """Name of the icon of a kind of file: told by its name, nothing is read."""
    if entry.is_folder:
        return "folder"
    if entry.is_special:
        return "prohibit"
    suffix = Path(entry.name).suffix.lower()
    return next((icon for suffixes, icon in _KINDS if suffix in suffixes), "file")


def words_of(entry: Entry) -> str:
    """A row for a screen reader."""
    kind = "folder" if entry.is_folder else "device or pipe" if entry.is_special else "file"
    link = f", link to {with_unseen_shown(entry.target)}" if entry.is_link else ""
    broken = ", which is not there" if entry.is_broken and entry.is_link else ""
    return f"{with_unseen_shown(entry.name)}, {kind}{link}{broken}"


def size_text(size_bytes: int) -> str:
    """`512 bytes`, `1.2 MB`."""
    if size_bytes < 1000:
        return f"{size_bytes} bytes"
    size = float(size_bytes)
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 1000:
            return f"{size:.1f} {unit}" if size < 10 else f"{size:.0f} {unit}"
    return f"{size / 1000:.1f} TB"


def _tooltip(path: Path, entry: Entry) -> str:
    """Marked up by us, since Qt would take a name that looks like HTML for HTML."""
    lines = [with_unseen_shown(str(path))]
    if entry.is_link:
        lines.append(f"Link to {with_unseen_shown(entry.target)}" + (" (not there)" if entry.is_broken else ""))
    if entry.is_special:
        lines.append("A device or pipe, which is not opened")
    elif not entry.is_broken:
        changed = datetime.fromtimestamp(entry.modified_s).strftime("%Y-%m-%d %H:%M")
        size = "" if entry.is_folder else f"{size_text(entry.size_bytes)}, "
        lines.append(f"{size}changed {changed}")
    return f'<p style="white-space: pre-wrap">{escape(chr(10).join(lines))}</p>'
