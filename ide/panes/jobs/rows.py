"""The lists of jobs and of results for Qt: looked up in the model's rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt

from ide.core.deploy import Artefact
from ide.deploy.deployments import Job
from ide.panes.jobs import words
from ide.panes.jobs.model import JobsModel
from ide.qt.icons import Icons
from ide.qt.theme import Theme

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

COLUMNS: Final = ("Job", "State", "Age", "Time", "Cost", "Target")
STATE, AGE, TIME, COST, TARGET = range(1, 6)
ROW_PX: Final = 24
_NO_INDEX = QModelIndex()
_KIND_ICONS: Final = {"plot": "image", "table": "table", "log": "file-text"}


class JobRows(QAbstractTableModel):
    """UI thread."""

    def __init__(self, model: JobsModel, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._model = model
        self._theme = theme
        self._icons = icons
        self._rows: tuple[Job, ...] = ()

    def sync(self) -> bool:
        """Take the model's rows; True where they are other jobs. Cells are asked for anew either way."""
        rows = self._model.rows
        if len(rows) == len(self._rows) and all(one is other for one, other in zip(rows, self._rows, strict=True)):
            if rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(COLUMNS) - 1))
            return False
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()
        return True

    def row_of(self, id: str) -> int:
        """Where a job stands; -1 where it does not."""
        return next((place for place, job in enumerate(self._rows) if job.record.id == id), -1)

    def row_at(self, index: Index) -> Job | None:
        """What stands there."""
        return self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        """Jobs that are shown."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        """Always the same."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> object:
        """Titles of the columns."""
        if orientation is Qt.Orientation.Horizontal and role == Role.DisplayRole:
            return COLUMNS[section]
        return None

    def data(self, index: Index, role: int = Role.DisplayRole) -> object:
        """One cell."""
        job = self.row_at(index)
        if job is None:
            return None
        column = index.column()
        if role == Role.DisplayRole:
            return self._text(job, column)
        if role == Role.AccessibleTextRole:
            return words.spoken(job, self._model.now()) if column == 0 else self._text(job, column)
        if role == Role.ForegroundRole:
            tone = words.STATES[job.record.state][2] if column == STATE else "text" if column == 0 else "muted"
            return self._theme.color(tone)
        if role == Role.DecorationRole and column == 0:
            _words, name, tone = words.STATES[job.record.state]
            return self._icons.icon(name, tone)
        if role == Role.ToolTipRole:
            return job.trouble or job.record.reason or job.record.project
        if role == Role.TextAlignmentRole and column in (AGE, TIME, COST):
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Role.SizeHintRole:
            return QSize(0, self._theme.px(ROW_PX))
        return None

    def _text(self, job: Job, column: int) -> str:
        record, now_s = job.record, self._model.now()
        if column == STATE:
            return words.progress(job) or words.STATES[record.state][0]
        if column == AGE:
            return words.age(record.created_s, now_s)
        if column == TIME:
            return words.elapsed(record, now_s)
        if column == COST:
            return words.cost(job, now_s)
        return record.target_name or record.target if column == TARGET else record.title


class ResultRows(QAbstractTableModel):
    """What one job handed back: name and size. UI thread."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._icons = icons
        self._rows: Sequence[Artefact] = ()

    def show(self, rows: Sequence[Artefact]) -> None:
        """Take other rows."""
        if rows != self._rows:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()

    def row_at(self, index: Index) -> Artefact | None:
        """What stands there."""
        return self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        """Files."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        """Name and size."""
        return 0 if parent.isValid() else 2

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> object:
        """Titles of the columns."""
        if orientation is Qt.Orientation.Horizontal and role == Role.DisplayRole:
            return ("Result", "Size")[section]
        return None

    def data(self, index: Index, role: int = Role.DisplayRole) -> object:
        """One cell."""
        one = self.row_at(index)
        if one is None:
            return None
        if role in (Role.DisplayRole, Role.AccessibleTextRole):
            return words.size(one.size_bytes) if index.column() else words.artefact(one)
        if role == Role.DecorationRole and not index.column():
            return self._icons.icon(_KIND_ICONS.get(one.kind, "file"), "muted")
        if role == Role.TextAlignmentRole and index.column():
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Role.SizeHintRole:
            return QSize(0, self._theme.px(ROW_PX))
        return None
