"""What the marks beside the code say about runs. Pure: runs in, marks out."""

from __future__ import annotations

from ide.core.record import replace
from ide.core.runs import Run, RunStatus
from ide.widgets.code_view_marks import RunMark


def words_of(run: Run) -> str:
    """The state in words: never colour alone."""
    if run.status is RunStatus.QUEUED:
        return "waiting"
    if run.status is RunStatus.RUNNING:
        return "running…"
    took = duration(run.ended_s - run.started_s) if run.ended_s is not None and run.started_s is not None else ""
    if run.status is RunStatus.ERROR:
        return f"error: {run.error.name}" if run.error is not None and run.error.name else "error"
    words = {RunStatus.OK: "ok", RunStatus.INTERRUPTED: "stopped", RunStatus.DIED: "the session ended"}[run.status]
    return f"{words}, {took}" if took else words


def duration(seconds: float) -> str:
    """ "0.4 s", "12 s", "3 min 5 s", "2 h 3 min"."""
    seconds = max(0.0, seconds)
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def with_run(marks: tuple[RunMark, ...], run: Run, cell_lines: frozenset[int]) -> tuple[RunMark, ...]:
    """The marks after news of a run. It keeps the line to which its mark has moved meanwhile.

    Single statements that went well leave no mark: only cells (`cell_lines` are their first lines) say "ok".
    """
    if run.source is None:
        return marks
    known = next((mark for mark in marks if mark.run == run.id), None)
    line = known.line if known is not None else run.source.line
    kept = tuple(mark for mark in marks if mark.run != run.id and mark.line != line)
    if run.status is RunStatus.OK and line not in cell_lines:
        return kept
    later = next((mark for mark in marks if mark.line == line and mark.run != run.id), None)
    if known is None and later is not None and run.status.is_final:
        return marks  # old news about a line that was run again
    return (*kept, RunMark(line, run.status.value, words_of(run), run.id))


def forgotten(marks: tuple[RunMark, ...]) -> tuple[RunMark, ...]:
    """The marks after the session began anew: what was open has ended."""
    return tuple(
        replace(mark, state="died", words="the session ended") if mark.state in ("queued", "running") else mark
        for mark in marks
    )
