"""One document as its views show it: the shared text, its colours, its marks, and edits both ways.

Owns the `CodeText` and `Highlighter` of a document. Cells and folds are found again after a pause in typing, in the
pool where the text is long; meanwhile they move along with the lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from ide.api.cells import plain_cells
from ide.core.cells import Cell
from ide.core.language import Language, Problem
from ide.core.ports import Cancel, RunInPool
from ide.core.record import replace
from ide.core.runs import Run
from ide.core.text import Edit, LineRange, Place
from ide.documents.chunks import chunk_cells
from ide.documents.document import Document
from ide.extensions.extensions import Extensions
from ide.panes.editor.run_marks import with_run
from ide.panes.editor.run_plan import Script
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.widgets.code_view_highlight import Highlighter, LexerShelf
from ide.widgets.code_view_marks import Folds, Marks
from ide.widgets.code_view_text import CodeText

PAUSE_MS = 200
LONG_PAUSE_MS = 800
AT_ONCE_LINES = 2_000
"""Texts up to here are looked through on the UI thread."""
_HEADING = re.compile(r"(#{1,6}) \S")

Structure = tuple[tuple[Cell, ...], tuple[LineRange, ...]]


class Buffer(QObject):
    """Lives as long as its document has a tab. UI thread."""

    marks_changed = Signal()
    language_changed = Signal()

    def __init__(
        self,
        document: Document,
        theme: Theme,
        shelf: LexerShelf,
        extensions: Extensions,
        run_in_pool: RunInPool,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.document = document
        self.marks = Marks()
        self._extensions = extensions
        self._run_in_pool = run_in_pool
        self.text = CodeText(theme, self)
        self.highlighter = Highlighter(self.text, theme, shelf)
        self._is_ours = False
        self._is_theirs = False
        self.is_structure_old = False
        self._language = document.language
        self._look: Cancel | None = None
        self._generation = 0
        self._waiting: list[Callable[[], None]] = []
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._find_structure)
        self.text.edited.connect(self._on_edited)
        self.text.lines_changed.connect(self._on_lines_changed)
        self.text.loaded.connect(self._find_structure)
        connect(self, document.edited, self._on_document_edited)
        connect(self, document.replaced, self._on_document_replaced)
        connect(self, document.state_changed, self._on_state_changed)
        self._choose_lexer()
        self.text.load(document.text)

    def close(self) -> None:
        """Forget what is under way; the views of this buffer are gone."""
        self._pause.stop()
        self._generation += 1
        if self._look is not None:
            self._look()
            self._look = None
        self.deleteLater()

    # --- languages ---------------------------------------------------------------------------------------------------

    def language_id_at(self, line: int) -> str:
        """Id of the language of a line; empty for prose and plain text."""
        if self.document.kind not in ("chunks", "notebook"):
            return self.document.language
        cell = self.marks.cell_at(line)
        return cell.language if cell is not None and cell.kind == "code" else ""

    def language_at(self, line: int) -> Language | None:
        """The language of a line, where a plugin knows it."""
        id = self.language_id_at(line)
        return self._extensions.language(id) if id else None

    @property
    def language_ids(self) -> tuple[str, ...]:
        """Every language that runs in this document."""
        if self.document.kind not in ("chunks", "notebook"):
            return (self.document.language,) if self.document.language else ()
        return tuple(dict.fromkeys(cell.language for cell in self.marks.cells if cell.kind == "code"))

    def structure_then(self, act: Callable[[], None]) -> bool:
        """Whether cells have to be found in the pool first; `act` is then called when they are there."""
        if not self.is_structure_old or len(self.text.lines) <= AT_ONCE_LINES:
            return False
        self._waiting.append(act)
        if len(self._waiting) == 1:
            self._pause.stop()
            self._find_structure()
        return True

    def script(self) -> Script:
        """The document for planning a run, with cells that are right at this moment."""
        if self.is_structure_old:
            self._take_cells(self.document.cells())
        document = self.document
        return Script(
            document.key,
            document.path,
            document.kind,
            document.language,
            self.text.lines if not self.text.is_loading else document.text.split("\n"),
            self.marks.cells,
            self._extensions.language,
        )

    def _choose_lexer(self) -> None:
        document = self.document
        facts = self._extensions.facts(document.language) if document.language else None
        alias = facts.lexer if facts is not None else document.language
        suffix = document.path.suffix.lower() if document.path is not None else ""
        if document.kind == "chunks" or suffix in (".md", ".markdown"):
            self.highlighter.set_lexer("markdown", form="fenced")
        elif document.kind == "notebook":
            self.highlighter.set_lexer(alias, form="marked")
        else:
            self.highlighter.set_lexer(alias or (f"*{suffix}" if suffix else ""))

    # --- marks -------------------------------------------------------------------------------------------------------

    def set_problems(self, problems: tuple[Problem, ...]) -> None:
        """Mark these, in place of those before."""
        lines = self.text.lines
        kept = tuple(_within(problem, lines) for problem in problems if problem.start.line < len(lines))
        self._take_marks(replace(self.marks, problems=kept))

    def take_run(self, run: Run) -> None:
        """News of a run that came from this document."""
        cells = frozenset(cell.lines.first for cell in self.marks.cells if cell.kind == "code")
        cell = self.marks.cell_at(run.source.line) if run.source is not None else None
        if run.source is not None and cell is not None and run.source.line == cell.code_first:
            # The code begins below the cell's first line, which is where the mark belongs.
            run = replace(run, source=replace(run.source, line=cell.lines.first))
        self._take_marks(replace(self.marks, runs=with_run(self.marks.runs, run, cells)))

    def _take_marks(self, marks: Marks) -> None:
        self.marks = marks
        self.marks_changed.emit()

    def _take_cells(self, cells: tuple[Cell, ...]) -> None:
        self.is_structure_old = False
        self._take_marks(replace(self.marks, cells=cells))

    @Slot()
    def _find_structure(self) -> None:
        if self.text.is_loading:
            return
        self._generation += 1
        generation = self._generation
        document = self.document
        language = self._extensions.language(document.language) if document.language else None
        if document.kind == "notebook":
            cells = document.cells()
            self._take_structure((cells, tuple(cell.lines for cell in cells)))
        elif len(self.text.lines) <= AT_ONCE_LINES:
            self._take_structure(
                _structure(self.text.lines, document.kind, language, document.language, self._language_id)
            )
        else:
            lines, kind, language_id = list(self.text.lines), document.kind, self._language_id
            own_id = document.language

            def done(found: Structure) -> None:
                if generation == self._generation:
                    self._look = None
                    self._take_structure(found)

            if self._look is not None:
                self._look()
            self._look = self._run_in_pool(
                lambda: _structure(lines, kind, language, own_id, language_id), done, lambda _error: None
            )

    def _take_structure(self, found: Structure) -> None:
        self.is_structure_old = False
        self._take_marks(replace(self.marks, cells=found[0], folds=Folds.of(found[1])))
        waiting, self._waiting = self._waiting, []
        for act in waiting:
            act()

    def _language_id(self, word: str) -> str:
        facts = self._extensions.facts(word)
        return facts.id if facts is not None else word.lower()

    # --- edits both ways ---------------------------------------------------------------------------------------------

    @Slot(object)
    def _on_edited(self, edit: Edit) -> None:
        if self._is_theirs:
            return
        self._is_ours = True
        try:
            self.document.apply(edit)
        finally:
            self._is_ours = False

    def _on_document_edited(self, edit: Edit) -> None:
        if self._is_ours:
            return
        self.text.finish_loading()
        self._is_theirs = True
        try:
            self.text.apply([edit])
        finally:
            self._is_theirs = False

    def _on_document_replaced(self) -> None:
        self.text.replace(self.document.text)

    @Slot(int, int, int)
    def _on_lines_changed(self, first: int, removed: int, added: int) -> None:
        self.marks = self.marks.shifted(first, removed, added)
        if not self.text.is_loading:
            self.is_structure_old = True
            self._generation += 1
            self._pause.start(PAUSE_MS if len(self.text.lines) <= AT_ONCE_LINES else LONG_PAUSE_MS)
        if removed != added:
            self.marks_changed.emit()

    def _on_state_changed(self) -> None:
        if self.document.language != self._language:
            self._language = self.document.language
            self.language_changed.emit()
        self._choose_lexer()
        self._pause.start(PAUSE_MS)


def _structure(
    lines: Sequence[str], kind: str, language: Language | None, own_id: str, language_id: Callable[[str], str]
) -> Structure:
    """Cells and folds of a text. Pure; any thread."""
    if kind == "chunks":
        cells = chunk_cells(lines, language_id)
        code = tuple(cell.lines for cell in cells if cell.kind == "code")
        return cells, (*code, *_sections(lines, cells))
    if language is None:
        cells = plain_cells(lines, own_id)
        return cells, tuple(cell.lines for cell in cells)
    cells = language.cells(lines)
    return cells, (*language.folds(lines), *(cell.lines for cell in cells))


def _sections(lines: Sequence[str], cells: tuple[Cell, ...]) -> list[LineRange]:
    """What the headings of a Markdown text enclose."""
    prose = [line for cell in cells if cell.kind == "text" for line in range(cell.lines.first, cell.lines.end)]
    heads = [(line, len(match[1])) for line in prose if (match := _HEADING.match(lines[line]))]
    found = []
    for number, (line, level) in enumerate(heads):
        end = next((other for other, depth in heads[number + 1 :] if depth <= level), len(lines))
        found.append(LineRange(line, end))
    return found


def _within(problem: Problem, lines: Sequence[str]) -> Problem:
    """The problem with its places inside the text as it is now."""
    start = Place(problem.start.line, min(problem.start.column, len(lines[problem.start.line])))
    end_line = min(problem.end.line, len(lines) - 1)
    end = Place(end_line, min(problem.end.column, len(lines[end_line])))
    return replace(problem, start=start, end=end)
