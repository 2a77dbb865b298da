"""Handlers of the run keys: what is planned goes to the runner, the caret moves on."""

from __future__ import annotations

from collections.abc import Callable

from ide.core.errors import CommandError, FourpaneError
from ide.core.runs import Run
from ide.core.text import LineRange, Place
from ide.documents.document import Document
from ide.extensions.extensions import Extensions
from ide.panes.editor import run_plan
from ide.panes.editor.desk import Desk
from ide.panes.editor.page import EditorPage
from ide.panes.editor.run_plan import Runner, RunPlan, Script

Planner = Callable[[Script, Place, Place], RunPlan | None]
SaveThen = Callable[[str, Callable[[], None]], None]
"""Save the document with this key, then call."""


class RunActions:
    """Handlers of `run.*` and `cell.*`. UI thread."""

    def __init__(
        self,
        desk: Desk,
        extensions: Extensions,
        runner: Runner,
        save_then: SaveThen,
        tell: Callable[[FourpaneError], None],
    ) -> None:
        self._desk = desk
        self._extensions = extensions
        self._runner = runner
        self._save_then = save_then
        self._tell = tell

    # --- keys --------------------------------------------------------------------------------------------------------

    def run_default(self) -> Run | None:
        """What the button says."""
        return self._run(run_plan.plan_default)

    def run_advance(self) -> Run | None:
        """Cell or statement, and on."""
        return self._run(run_plan.plan_advance, skips=True)

    def run_statement(self) -> Run | None:
        """The statement at the caret, and on."""
        return self._run(lambda script, start, _end: run_plan.plan_statement(script, start.line))

    def run_selection_or_line(self) -> Run | None:
        """What is selected, or the line."""
        return self._run(run_plan.plan_selection_or_line)

    def run_cell(self, line: int | None = None) -> Run | None:
        """The cell at the caret or at `line`, staying."""
        return self._run(lambda script, start, _end: run_plan.plan_cell(script, start.line if line is None else line))

    def run_cell_advance(self) -> Run | None:
        """The cell at the caret, and on."""
        return self._run(lambda script, start, _end: run_plan.plan_cell(script, start.line, advances=True), skips=True)

    def go_to_cell(self, step: int) -> None:
        """To the next cell (1) or the one before (-1)."""
        page = self._page()
        cell = run_plan.next_cell(self._script(page), page.view.place.line, step)
        if cell is not None:
            page.go_to(Place(cell.code_first))

    # --- files -------------------------------------------------------------------------------------------------------

    def run_file(self, document: Document | None = None) -> tuple[Run, ...]:
        """The whole document. A file with unsaved text is saved first, and its runs begin when that is done."""
        one = document or self._page().document
        script = self._desk.buffer_of(one).script()
        language = self._extensions.language(one.language) if one.language else None
        if script.kind in ("chunks", "notebook") or language is None or one.path is None:
            return self._run_all(script)
        path = one.path

        def run() -> Run:
            code = language.run_file_code(path)
            return self._runner.run(RunPlan(code, language.id, one.key, path, LineRange(0, len(script.lines)), 0))

        if one.is_dirty:
            self._save_then(one.key, lambda: self._after_save(run))
            return ()
        return (run(),)

    def restart_and_run_all(self) -> tuple[Run, ...]:
        """Begin the sessions of the document's languages anew and run it from the top."""
        document = self._page().document
        buffer = self._desk.buffer_of(document)
        script = buffer.script()
        for language in buffer.language_ids:
            self._runner.restart(language)
        return self._run_all(script) if script.cells else self.run_file(document)

    def run_all_cells(self, document: Document) -> tuple[Run, ...]:
        """Every cell in order."""
        return self._run_all(self._desk.buffer_of(document).script())

    # --- parts -------------------------------------------------------------------------------------------------------

    def _run(self, planner: Planner, *, skips: bool = False) -> Run | None:
        """Run what the planner says. `skips`: where nothing runs (prose), go on to the next cell."""
        page = self._page()
        start, end = page.view.selection
        if page.buffer.structure_then(lambda: self._later(page, planner, (start, end), skips=skips)):
            return None
        return self._run_at(page, planner, (start, end), skips=skips)

    def _later(self, page: EditorPage, planner: Planner, selection: tuple[Place, Place], *, skips: bool) -> None:
        """In a long text that was just changed the cells had to be found first."""
        try:
            self._run_at(page, planner, selection, skips=skips)
        except FourpaneError as error:
            self._tell(error)

    def _run_at(self, page: EditorPage, planner: Planner, selection: tuple[Place, Place], *, skips: bool) -> Run | None:
        script = self._script(page)
        start, end = selection
        plan = planner(script, start, end)
        if plan is None:
            following = run_plan.next_cell(script, start.line)
            if skips and following is not None:
                page.go_to(Place(following.code_first))
            elif not script.language and script.kind in ("text", "script"):
                raise CommandError(
                    f"{page.document.title} is plain text.",
                    "It has no language that could run it.",
                    "Choose one.",
                    action="file.choose_language",
                    action_title="Choose language",
                )
            return None
        run = self._runner.run(plan)
        if plan.caret is not None:
            page.view.set_place(plan.caret)
            page.view.ensureCursorVisible()
        return run

    def _run_all(self, script: Script) -> tuple[Run, ...]:
        plans = run_plan.plan_all_cells(script)
        if not plans:
            raise CommandError("There is nothing to run in this document.")
        return tuple(self._runner.run(plan) for plan in plans)

    def _after_save(self, run: Callable[[], Run]) -> None:
        try:
            run()
        except FourpaneError as error:
            self._tell(error)

    def _script(self, page: EditorPage) -> Script:
        return page.buffer.script()

    def _page(self) -> EditorPage:
        page = self._desk.page
        if page is None:
            raise CommandError("No document is open.", "", "Open a file first.")
        return page
