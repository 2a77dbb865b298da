"""The lists of jobs and of results for Qt: looked up in the model's rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ide.core.deploy import Artefact
from ide.deploy.deployments import Job
from ide.panes.jobs import words
from ide.panes.jobs.model import JobsModel
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.widgets.list_rows import TO_THE_RIGHT, ListRows, Role

COLUMNS: Final = ("Job", "State", "Age", "Time", "Cost", "Target")
STATE, AGE, TIME, COST, TARGET = range(1, 6)
_KIND_ICONS: Final = {"plot": "image", "table": "table", "log": "file-text"}


class JobRows(ListRows[Job]):
    """UI thread."""

    def __init__(self, model: JobsModel, theme: Theme, icons: Icons) -> None:
        super().__init__(COLUMNS, theme, icons)
        self._model = model

    def sync(self) -> bool:
        """Take the model's rows; True where they are other jobs. Cells are asked for anew either way."""
        rows = self._model.rows
        if len(rows) == len(self._rows) and all(one is other for one, other in zip(rows, self._rows, strict=True)):
            if rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(COLUMNS) - 1))
            return False
        self.take(rows)
        return True

    def row_of(self, id: str) -> int:
        """Where a job stands; -1 where it does not."""
        return next((place for place, job in enumerate(self._rows) if job.record.id == id), -1)

    def cell(self, row: Job, column: int, role: int) -> object:
        """A job's state is told in words, by icon and by colour."""
        job = row
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
            return TO_THE_RIGHT
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


class ResultRows(ListRows[Artefact]):
    """What one job handed back: name and size. UI thread."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__(("Result", "Size"), theme, icons)

    def show(self, rows: Sequence[Artefact]) -> None:
        """Take other rows."""
        if rows != self._rows:
            self.take(rows)

    def cell(self, row: Artefact, column: int, role: int) -> object:
        """Name and size."""
        if role in (Role.DisplayRole, Role.AccessibleTextRole):
            return words.size(row.size_bytes) if column else words.artefact(row)
        if role == Role.DecorationRole and not column:
            return self._icons.icon(_KIND_ICONS.get(row.kind, "file"), "muted")
        if role == Role.TextAlignmentRole and column:
            return TO_THE_RIGHT
        return None
