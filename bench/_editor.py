"""What the editor's measurements share: the whole program with a file open, and the moment of a paint."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ide.app.workbench import Workbench
    from ide.panes.editor.page import EditorPage


@contextlib.contextmanager
def program_with_project(environment: str = "") -> Iterator[tuple[Workbench, Path]]:
    """The real window on an empty trusted project; the project's folder."""
    from ide.api.testing import open_workbench

    with tempfile.TemporaryDirectory(prefix="fp-bench-") as place:
        project = Path(place) / "project"
        project.mkdir()
        with open_workbench(
            profile_dir=Path(place) / "profile", project_dir=project, environment=environment, is_trusted=True
        ) as workbench:
            workbench.settle(30)
            yield workbench, project


def source(lines: int) -> str:
    """Code as people write it: functions, strings over several lines, comments, a few cells."""
    block = [
        "def function_{n}(first, second=None):",
        '    """What it does,',
        '    in two lines."""',
        "    total = first * {n}  # a comment",
        "    if second is not None:",
        "        total += sum(value for value in second if value > {n})",
        "    return {{'name': 'text {n}', 'value': total}}",
        "",
        "",
        "result_{n} = function_{n}({n}, [1, 2, 3])",
    ]
    made: list[str] = []
    while len(made) < lines:
        number = len(made)
        if number % 1_000 == 0:
            made.append(f"# %% Part {number // 1_000}")
        made.extend(line.format(n=number) for line in block)
    return "\n".join(made[:lines])


def page_of(workbench: Workbench) -> EditorPage:
    """The page in front."""
    page = workbench.program.editor.desk.page
    assert page is not None
    return page


class Paints:
    """When a widget was painted last."""

    def __init__(self) -> None:
        from PySide6.QtCore import QEvent, QObject

        paints = self

        class Watch(QObject):
            """Notes paint events; the paint itself is done when the next event comes."""

            def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
                if event.type() == QEvent.Type.Paint:
                    paints.count += 1
                return False

        self.count = 0
        self._watch = Watch()

    def watch(self, widget: object) -> None:
        """Follow a widget."""
        widget.installEventFilter(self._watch)  # type: ignore[attr-defined]  # a QWidget; Qt is not imported up here


def until_painted(workbench: Workbench, paints: Paints, act: Callable[[], object], timeout_s: float = 30) -> float:
    """Seconds from before `act` until what it changed was painted."""
    from PySide6.QtCore import QCoreApplication, QEventLoop

    before = paints.count
    started_s = time.perf_counter()
    act()
    while paints.count == before and time.perf_counter() - started_s < timeout_s:
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents)
    return time.perf_counter() - started_s


def rest(workbench: Workbench, seconds: float) -> None:
    """Keep the program running for a while."""
    until_s = time.monotonic() + seconds
    workbench.wait_until(lambda: time.monotonic() > until_s, seconds + 5)
