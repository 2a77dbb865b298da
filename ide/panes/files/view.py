"""The tree of the open folder. Follows the disk through Qt's own file system model; opens nothing itself."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QDir, QFileInfo, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QAbstractFileIconProvider, QIcon, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFileSystemModel, QHeaderView, QTreeView, QWidget

from ide.panes.files.model import is_shown
from ide.qt.icons import Icons

Index = QModelIndex | QPersistentModelIndex

DATA_SUFFIXES = frozenset(
    {"csv", "tsv", "parquet", "feather", "arrow", "xlsx", "xls", "ods", "sav", "dta", "rds", "rdata"}
)
CODE_SUFFIXES = frozenset({"py", "r", "rmd", "qmd", "ipynb", "sql", "js", "ts", "jl", "sh"})
PICTURE_SUFFIXES = frozenset({"png", "jpg", "jpeg", "svg", "gif", "webp", "tiff"})


class FileIcons(QAbstractFileIconProvider):
    """Icons by kind of file, from the program's own set: no look into the files, no system call."""

    def __init__(self, icons: Icons) -> None:
        super().__init__()
        self._icons = icons

    def icon(self, info: QFileInfo | QAbstractFileIconProvider.IconType) -> QIcon:
        """A folder, code, data, a picture, or just a file."""
        if isinstance(info, QAbstractFileIconProvider.IconType):
            return self._icons.icon("folder" if info == QAbstractFileIconProvider.IconType.Folder else "file", "muted")
        if info.isDir():
            return self._icons.icon("folder", "muted")
        suffix = info.suffix().lower()
        for suffixes, name in (
            (CODE_SUFFIXES, "file-code"),
            (DATA_SUFFIXES, "table"),
            (PICTURE_SUFFIXES, "image"),
        ):
            if suffix in suffixes:
                return self._icons.icon(name, "muted")
        return self._icons.icon("file", "muted")


class ShownFiles(QSortFilterProxyModel):
    """Folders first, names in natural order, without what nobody opens; narrowed by the filter box."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._text = ""
        self._root = ""
        self.setDynamicSortFilter(True)

    def narrow(self, text: str) -> None:
        """Show only files whose names contain `text`, and all folders."""
        self.beginFilterChange()
        self._text = text.casefold()
        self.endFilterChange(QSortFilterProxyModel.Direction.Rows)

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        """Whether a row of the file system model is listed."""
        model = self.sourceModel()
        assert isinstance(model, QFileSystemModel)
        index = model.index(row, 0, parent)
        name = model.fileName(index)
        if not is_shown(name):
            return False
        return not self._text or model.isDir(index) or self._text in name.casefold()

    def lessThan(self, left: Index, right: Index) -> bool:
        """Folders before files, then by the column."""
        model = self.sourceModel()
        assert isinstance(model, QFileSystemModel)
        folders = model.isDir(left), model.isDir(right)
        if folders[0] != folders[1]:
            return folders[0] == (self.sortOrder() == Qt.SortOrder.AscendingOrder)
        if left.column() == 1:
            return model.size(left) < model.size(right)
        if left.column() == 3:
            return model.lastModified(left) < model.lastModified(right)
        return model.fileName(left).casefold() < model.fileName(right).casefold()


class FilesView(QTreeView):
    """The open folder. `opened` carries the path of a file that was double-clicked or entered."""

    opened = Signal(object)
    selection_moved = Signal()

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Files")
        self._icons = FileIcons(icons)
        self._model = QFileSystemModel(self)
        self._model.setIconProvider(self._icons)
        self._model.setFilter(QDir.Filter.AllEntries | QDir.Filter.NoDotAndDotDot | QDir.Filter.Hidden)
        self._model.setReadOnly(True)
        self._shown = ShownFiles(self)
        self._shown.setSourceModel(self._model)
        self.setModel(self._shown)
        self.setUniformRowHeights(True)
        self.setSortingEnabled(True)
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.setColumnHidden(2, True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setExpandsOnDoubleClick(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.ResizeToContents)
        self.doubleClicked.connect(self._open)
        self.selectionModel().currentChanged.connect(self._on_current_changed)

    def show_folder(self, folder: Path) -> None:
        """List another folder."""
        root = self._model.setRootPath(str(folder))
        self.setRootIndex(self._shown.mapFromSource(root))

    def read_again(self) -> None:
        """Throw away what is known of the disk and list it anew."""
        root = self._model.rootPath()
        self._model.setRootPath("")
        self.setRootIndex(self._shown.mapFromSource(self._model.setRootPath(root)))

    def narrow(self, text: str) -> None:
        """The filter box."""
        self._shown.narrow(text)

    def selected(self) -> Path | None:
        """The file or folder that is selected."""
        index = self.currentIndex()
        if not index.isValid() or not self.selectionModel().isSelected(index):
            return None
        return Path(self._model.filePath(self._shown.mapToSource(index)))

    def select(self, path: Path) -> None:
        """Select and show a file or folder, once the model knows it."""
        index = self._shown.mapFromSource(self._model.index(str(path)))
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._open(self.currentIndex())
            return
        super().keyPressEvent(event)

    def _open(self, index: QModelIndex) -> None:
        source = self._shown.mapToSource(index)
        if self._model.isDir(source):
            if not self._shown.hasChildren(index):
                return
            self.setExpanded(index, not self.isExpanded(index) if self.hasFocus() else True)
        else:
            self.opened.emit(Path(self._model.filePath(source)))

    def _on_current_changed(self, _current: QModelIndex, _previous: QModelIndex) -> None:
        self.selection_moved.emit()
