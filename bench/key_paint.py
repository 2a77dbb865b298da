"""A key press until its paint, p99, in a file of 1,000 and of 100,000 lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench._editor import Paints, page_of, program_with_project, rest, source, until_painted
from bench.measure import Result

if TYPE_CHECKING:
    from ide.app.workbench import Workbench

KEYS = 400
TYPED = "value = total + 12"


def measure(runs: int) -> dict[str, Result]:
    """Each run types at the start, in the middle and at the end of both files."""
    results: dict[str, Result] = {}
    with program_with_project() as (workbench, project):
        for lines in (1_000, 100_000):
            path = project / f"lines_{lines}.py"
            path.write_text(source(lines), encoding="utf-8")
            workbench.open(path)
            workbench.wait_until(lambda: not page_of(workbench).buffer.text.is_busy, 60)
            rest(workbench, 1.0)
            _type(workbench, lines)
            slowest = [_type(workbench, lines) for _ in range(runs)]
            results[f"lines_{lines}"] = Result.of(slowest, "ms")
    return results


def _type(workbench: Workbench, lines: int) -> float:
    """The 99th percentile of the milliseconds from a key to its paint."""
    from PySide6.QtCore import QEvent, Qt
    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QApplication

    from ide.core.text import Place

    view = page_of(workbench).view
    view.setFocus()
    paints = Paints()
    paints.watch(view.viewport())
    taken: list[float] = []
    for number in range(KEYS):
        if number % (KEYS // 4) == 0:
            place = Place(min(lines - 2, lines * number // KEYS + 1))
            view.go_to(place)
            rest(workbench, 0.3)
        character = TYPED[number % len(TYPED)]
        is_line_end = number % 25 == 24
        key = Qt.Key.Key_Return if is_line_end else Qt.Key(ord(character.upper()))
        event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, "\r" if is_line_end else character)
        taken.append(1000 * until_painted(workbench, paints, lambda event=event: QApplication.sendEvent(view, event)))  # type: ignore[misc]  # a default binds the loop's value
        rest(workbench, 0.01)
    taken.sort()
    return taken[int(len(taken) * 0.99)]
