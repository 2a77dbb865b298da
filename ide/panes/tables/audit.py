"""What is suspicious in the frame of a table: asked of its session, kept until it is looked at again. No Qt.

Owns the request under way and its answer. The checks and their code are the language's (`frames.audit` of the
contract).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from ide.core.events import Signal
from ide.core.ports import Cancel
from ide.core.table import Done, Failed, TableError
from ide.panes.tables.model import TableModel
from ide.panes.tables.words import counted, number

if TYPE_CHECKING:
    from ide.kernels.contract import FrameFinding, FrameFindings

State = Literal["looking", "waiting", "found", "stopped", "failed"]


@runtime_checkable
class Audited(Protocol):
    """A source whose frame can be audited."""

    def audit(self, done: Done[FrameFindings], failed: Failed) -> Cancel: ...


def can_audit(model: TableModel) -> bool:
    """Whether the table is a frame of a session that is still there."""
    pager = model.pager
    return isinstance(model.source, Audited) and "audit" in pager.info.features and not pager.is_gone


class Audit:
    """UI thread. `changed`: anything that is said about it. Ends with `close`."""

    changed = Signal()

    def __init__(self, model: TableModel) -> None:
        self._model = model
        self._cancel: Cancel | None = None
        self._problem = ""
        self._is_stopped = False
        self._result: FrameFindings | None = None
        self.is_stale = False
        """Whether the frame has changed since it was looked at."""
        model.source.changed.connect(self._on_source_changed)

    def close(self) -> None:
        """Wait for nothing more."""
        self._model.source.changed.disconnect(self._on_source_changed)
        self._give_up()

    @property
    def state(self) -> State:
        """`waiting`: the session is busy, and answers when it is free."""
        if self._cancel is not None:
            return "waiting" if self._model.source.is_busy else "looking"
        if self._problem:
            return "failed"
        return "stopped" if self._is_stopped or self._result is None else "found"

    @property
    def findings(self) -> tuple[FrameFinding, ...]:
        """The most serious first, then those of most values."""
        found = self._result.findings if self._result is not None else ()
        return tuple(sorted(found, key=lambda one: (one.severity != "warning", -one.count)))

    @property
    def text(self) -> str:
        """One or two sentences about it."""
        match self.state:
            case "looking":
                return "Looking at the values"
            case "waiting":
                return "The session is busy: the frame is looked at when it is free."
            case "failed":
                return self._problem
            case "stopped":
                return "It was not looked at."
        return _words(self._result) if self._result is not None else ""

    def look(self) -> None:
        """Look at the frame, again where that was done before."""
        self._give_up()
        self._problem, self._is_stopped, self.is_stale = "", False, False
        source = self._model.source
        if not isinstance(source, Audited):
            self._problem = "Only data frames of a session can be audited."
        else:
            self._ask(source.audit)
        self.changed.emit()

    def stop(self) -> None:
        """Give it up; what was found before stays."""
        self._give_up()
        self._is_stopped = self._result is None
        self.changed.emit()

    def _ask(self, audit: Callable[[Done[FrameFindings], Failed], Cancel]) -> None:
        is_over = False

        def done(result: FrameFindings) -> None:
            nonlocal is_over
            is_over = True
            self._cancel, self._result = None, result
            self.changed.emit()

        def failed(error: TableError) -> None:
            nonlocal is_over
            is_over = True
            self._cancel, self._result, self._problem = None, None, error.text.replace("\n", " ")
            self.changed.emit()

        cancel = audit(done, failed)
        if not is_over:
            self._cancel = cancel

    def _give_up(self) -> None:
        cancel, self._cancel = self._cancel, None
        if cancel is not None:
            cancel()

    def _on_source_changed(self, what: str) -> None:
        if what == "gone":
            self._give_up()
            self._problem = "The frame is not there any more."
        elif what in ("data", "schema") and (self._result is not None or self._cancel is not None):
            self.is_stale = True
        self.changed.emit()


def place_words(finding: FrameFinding) -> str:
    """Columns and how many values: `price, 12 values`."""
    columns = ", ".join(finding.columns[:3]) + (" and more" if len(finding.columns) > 3 else "")
    word = "row" if finding.kind == "duplicate_rows" else "value"
    some = " among the rows looked at" if finding.is_sampled else ""
    parts = (columns, counted(finding.count, word) + some if finding.count else "")
    return ", ".join(part for part in parts if part)


def shown_words(finding: FrameFinding) -> str:
    """What is said above the rows of a finding that came with a run."""
    first = next(iter(finding.filters), None)
    if first is None or first.operator not in ("in", "eq"):
        return finding.sentence
    keys = f"{counted(len(first.values), 'key')}" if first.operator == "in" else "1 key"
    return f"{finding.sentence} Shown are the rows of {keys} where this is so."


def _words(result: FrameFindings) -> str:
    """`3 findings in 344 rows and 8 columns.`, and what was left out."""
    count = len(result.findings)
    found = f"{counted(count, 'finding')}" if count else "Nothing suspicious was found"
    text = f"{found} in {counted(result.row_count, 'row')} and {counted(result.column_count, 'column')}."
    left = []
    if result.rows_looked_at < result.row_count:
        left.append(f"{number(result.rows_looked_at)} of the rows, taken evenly")
    if result.columns_looked_at < result.column_count:
        left.append(f"{number(result.columns_looked_at)} of the columns")
    return text + (f" Looked at: {' and '.join(left)}." if left else "")
