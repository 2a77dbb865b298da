"""What a run key would run: which lines, in which language, and where the caret goes then. Pure.

The rules are the table of run keys in UX: a selection first; else the cell, staying; without cells, and always in
scripts of a language that runs by statement, the whole statement, moving on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, Protocol

from ide.core.cells import Cell, cell_at
from ide.core.language import Language
from ide.core.record import dataclass, field, replace
from ide.core.runs import CodeSource, Run
from ide.core.text import LineRange, Place

Kind = Literal["script", "chunks", "notebook", "text"]
LanguageOf = Callable[[str], Language | None]


@dataclass(frozen=True, slots=True)
class RunPlan:
    """One piece of code for one session.

    `lines` are where the code stands in the document; `mark_line` is the line that shows how the run goes. `caret` is
    where the caret goes when the run is on its way, None to stay. `title` is that of the cell, or empty.
    """

    code: str
    language: str
    document: str
    path: Path | None
    lines: LineRange
    mark_line: int
    caret: Place | None = None
    title: str = ""
    is_cell: bool = False

    @property
    def source(self) -> CodeSource:
        """Where the code came from, for the session's run."""
        return CodeSource(self.document, self.path, self.lines.first, self.title)


class Runner(Protocol):
    """Brings code to sessions; the program gives it. Both raise FourpaneError where nothing can run it."""

    def run(self, plan: RunPlan) -> Run:
        """Run in the session of the plan's language, starting one where there is none."""

    def restart(self, language: str) -> None:
        """Begin the session of a language anew, if there is one; what is run next waits for it."""


@dataclass(frozen=True, slots=True)
class Script:
    """What planning needs to know of a document as it is now."""

    key: str
    path: Path | None
    kind: Kind
    language: str
    lines: Sequence[str]
    cells: tuple[Cell, ...]
    language_of: LanguageOf = field(default=lambda _id: None)

    @property
    def word(self) -> str:
        """What its cells are called."""
        return "chunk" if self.kind == "chunks" else "cell"

    def language_at(self, line: int) -> str:
        """Id of the language of a line; empty for prose."""
        if self.kind not in ("chunks", "notebook"):
            return self.language
        cell = cell_at(self.cells, line)
        return cell.language if cell is not None and cell.kind == "code" else ""


def default_title(script: Script, line: int, *, has_selection: bool) -> str:
    """What the run button says: "Run selection", "Run cell", "Run chunk" or "Run line". Looks at no code."""
    if has_selection:
        return "Run selection"
    if script.cells and not _by_statement(script):
        return f"Run {script.word}"
    return "Run line"


def plan_default(script: Script, start: Place, end: Place) -> RunPlan | None:
    """The main run key: selection; else cell, staying; else statement, moving on."""
    if start != end:
        return plan_selection(script, start, end)
    if script.cells and not _by_statement(script):
        return plan_cell(script, start.line)
    return plan_statement(script, start.line)


def plan_advance(script: Script, start: Place, end: Place) -> RunPlan | None:
    """The run key that moves on: cell or statement."""
    if start != end:
        return plan_selection(script, start, end)
    if script.cells and not _by_statement(script):
        return plan_cell(script, start.line, advances=True)
    return plan_statement(script, start.line)


def plan_selection_or_line(script: Script, start: Place, end: Place) -> RunPlan | None:
    """What is selected, else the line of the caret, moving on."""
    if start != end:
        return plan_selection(script, start, end)
    line = start.line
    span = LineRange(line, line + 1)
    caret = Place(line + 1) if line + 1 < len(script.lines) else None
    return _plan(script, script.lines[line], span, script.language_at(line), caret)


def plan_selection(script: Script, start: Place, end: Place) -> RunPlan | None:
    """The selected text; whole lines lose the indentation that they share."""
    if start.line == end.line:
        code = script.lines[start.line][start.column : end.column]
    else:
        middle = script.lines[start.line + 1 : end.line]
        last = script.lines[end.line][: end.column]
        code = "\n".join([script.lines[start.line][start.column :], *middle, last])
    if start.column <= _indentation(script.lines[start.line]):
        code = _dedented(script.lines[start.line][: start.column] + code)
    end_line = end.line + (1 if end.column else 0)
    return _plan(script, code, LineRange(start.line, max(end_line, start.line + 1)), script.language_at(start.line))


def plan_statement(script: Script, line: int) -> RunPlan | None:
    """The whole statement at `line` or the next one below, moving on to the statement after it."""
    first, end = _bounds(script, line)
    if not first <= line < end:
        return None
    id = script.language_at(line)
    language = script.language_of(id)
    lines = script.lines if (first, end) == (0, len(script.lines)) else script.lines[first:end]
    if language is None:
        return plan_selection_or_line(script, Place(line), Place(line)) if id else None
    span = language.statement(lines, line - first)
    if span is None:
        return None
    after = language.statement(lines, span.end) if span.end < len(lines) else None
    next_line = first + (after.first if after is not None else min(span.end, len(lines) - 1))
    span = LineRange(first + span.first, first + span.end)
    code = _dedented("\n".join(script.lines[span.first : span.end]))
    return _plan(script, code, span, id, Place(next_line))


def plan_cell(script: Script, line: int, *, advances: bool = False) -> RunPlan | None:
    """The cell at `line`; None in prose and in an empty cell."""
    cell = cell_at(script.cells, line)
    if cell is None or cell.kind != "code":
        return None
    plan = _cell_plan(script, cell)
    if plan is None or not advances:
        return plan
    following = next_cell(script, line)
    caret = Place(following.code_first) if following is not None else Place(max(0, cell.code_end - 1))
    return replace(plan, caret=caret)


def plan_all_cells(script: Script) -> tuple[RunPlan, ...]:
    """Every cell that runs, in order; without cells the whole text as one piece."""
    if not script.cells:
        code = "\n".join(script.lines)
        plan = _plan(script, code, LineRange(0, len(script.lines)), script.language)
        return (plan,) if plan is not None else ()
    plans = (_cell_plan(script, cell) for cell in script.cells if cell.kind == "code")
    return tuple(plan for plan in plans if plan is not None)


def next_cell(script: Script, line: int, step: int = 1) -> Cell | None:
    """The next cell that runs below `line` (`step` 1) or above (-1)."""
    if step > 0:
        below = (cell for cell in script.cells if cell.lines.first > line and cell.kind == "code")
        return next(below, None)
    here = cell_at(script.cells, line)
    edge = here.lines.first if here is not None else line
    above = [cell for cell in script.cells if cell.lines.first < edge and cell.kind == "code"]
    return above[-1] if above else None


def _by_statement(script: Script) -> bool:
    if script.kind != "script":
        return False
    language = script.language_of(script.language)
    return language is not None and language.runs_by_statement


def _bounds(script: Script, line: int) -> tuple[int, int]:
    """The lines among which a statement at `line` is looked for."""
    if script.kind in ("chunks", "notebook"):
        cell = cell_at(script.cells, line)
        if cell is None or cell.kind != "code":
            return 0, 0
        return cell.code_first, cell.code_end
    return 0, len(script.lines)


def _cell_plan(script: Script, cell: Cell) -> RunPlan | None:
    span = LineRange(cell.code_first, cell.code_end)
    code = "\n".join(script.lines[span.first : span.end]).rstrip()
    return _plan(script, code, span, cell.language, title=cell.title, mark_line=cell.lines.first, is_cell=True)


def _plan(
    script: Script,
    code: str,
    span: LineRange,
    language: str,
    caret: Place | None = None,
    *,
    title: str = "",
    mark_line: int | None = None,
    is_cell: bool = False,
) -> RunPlan | None:
    if not code.strip() or not language:
        return None
    line = span.first if mark_line is None else mark_line
    return RunPlan(code, language, script.key, script.path, span, line, caret, title, is_cell)


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())


def _dedented(code: str) -> str:
    """`code` without the white space that its first line begins with, where all lines share it."""
    lines = code.split("\n")
    indent = lines[0][: _indentation(lines[0])]
    if not indent or any(line.strip() and not line.startswith(indent) for line in lines):
        return code
    return "\n".join(line[len(indent) :] if line.strip() else "" for line in lines)
