"""A UI thread without Qt for tests of documents: a queue of calls, timers, and a real pool."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from ide.core.cells import Cell
from ide.core.errors import DocumentError
from ide.core.ports import Cancel
from ide.core.text import LineRange
from ide.documents.document import Document, Rules
from ide.documents.documents import Documents, Restored
from ide.documents.owner import Owner

T = TypeVar("T")
LANGUAGES = {".py": "python", ".r": "r", ".rmd": "r", ".qmd": "r"}


class Desk:
    """Gives `post`, `after` and `run_in_pool`; `run_until` is the event loop."""

    def __init__(self) -> None:
        self._calls: deque[Callable[[], None]] = deque()
        self._timers: list[tuple[float, Callable[[], None]]] = []
        self._pool = ThreadPoolExecutor(4, "desk")

    def post(self, call: Callable[[], None]) -> None:
        self._calls.append(call)

    def after(self, seconds: float, call: Callable[[], None]) -> Cancel:
        timer = (time.monotonic() + seconds, call)
        self._timers.append(timer)
        return lambda: self._timers.remove(timer) if timer in self._timers else None

    def run_in_pool(
        self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception], None]
    ) -> Cancel:
        is_wanted = [True]

        def run() -> None:
            try:
                answer = work()
            except Exception as error:  # noqa: BLE001  (handed on as the pool's contract says)
                caught = error
                self.post(lambda: failed(caught) if is_wanted[0] else None)
            else:
                self.post(lambda: done(answer) if is_wanted[0] else None)

        self._pool.submit(run)
        return lambda: is_wanted.__setitem__(0, False)

    def step(self) -> None:
        """What one turn of an event loop does."""
        while self._calls:
            self._calls.popleft()()
        now = time.monotonic()
        for timer in [timer for timer in self._timers if timer[0] <= now]:
            if timer in self._timers:
                self._timers.remove(timer)
                timer[1]()

    def run_until(self, condition: Callable[[], object], timeout_s: float = 20) -> None:
        deadline = time.monotonic() + timeout_s
        while not condition():
            self.step()
            if time.monotonic() > deadline:
                raise AssertionError("did not happen in time")
            time.sleep(0.001)

    def close(self) -> None:
        self._pool.shutdown(wait=True)
        self._calls.clear()


def cells_of(language: str, lines: Sequence[str]) -> tuple[Cell, ...]:
    """Cells by `# %%`, as a language plugin would find them."""
    marks = [number for number, line in enumerate(lines) if line.startswith("# %%")]
    ends = [*marks[1:], len(lines)] if marks else []
    return tuple(
        Cell(LineRange(first, end), first + 1, end, language, lines[first][4:].strip())
        for first, end in zip(marks, ends, strict=True)
    )


RULES = Rules(
    language_of=lambda path: LANGUAGES.get(path.suffix.lower(), ""),
    language_id=lambda word: {"R": "r", "ir": "r", "python3": "python"}.get(word, word.lower()),
    cells_of=cells_of,
)


class Window:
    """Documents on a desk, with calls that wait for their answers."""

    def __init__(self, journals: Path, project: str = "", *, is_mortal: bool = True) -> None:
        """A mortal window counts as dead for every other one, as if its process were gone."""
        owner = replace(Owner.me(), start="another start") if is_mortal else None
        self.desk = Desk()
        self.documents = Documents(
            journals, self.desk.post, self.desk.after, self.desk.run_in_pool, RULES, project=project, owner=owner
        )
        self.told: list[DocumentError] = []
        self.documents.told.connect(self.told.append)

    def open(self, path: Path, **options: object) -> Document:
        answers: list[Document | DocumentError] = []
        self.documents.open(path, answers.append, answers.append, **options)  # type: ignore[arg-type]  # test options
        return self._answer(answers)

    def save(self, document: Document, *, overwrite: bool = False) -> None:
        answers: list[DocumentError | None] = []
        document.save(lambda: answers.append(None), answers.append, overwrite=overwrite)
        self._answer(answers)

    def save_as(self, document: Document, path: Path, *, overwrite: bool = False) -> None:
        answers: list[DocumentError | None] = []
        document.save_as(path, lambda: answers.append(None), answers.append, overwrite=overwrite)
        self._answer(answers)

    def reload(self, document: Document) -> None:
        answers: list[DocumentError | None] = []
        document.reload(lambda: answers.append(None), answers.append)
        self._answer(answers)

    def restore(self, *, any_project: bool = False) -> Restored:
        answers: list[Restored] = []
        self.documents.restore(answers.append, any_project=any_project)
        return self._answer(answers)

    def flush(self) -> None:
        assert self.documents.journal.flush(20)
        self.desk.step()

    def close(self) -> None:
        """Quit."""
        assert self.documents.shut_down(20)
        self.desk.close()

    def vanish(self) -> None:
        """End as a killed process does: nothing more is written. What the journal's thread has is on disk."""
        self.documents.journal.flush(20)
        self.documents._is_shut = True
        self.documents.journal.close(20)
        self.desk.close()

    def _answer(self, answers: Sequence[T | DocumentError]) -> T:
        self.desk.run_until(lambda: answers)
        answer = answers[0]
        if isinstance(answer, DocumentError):
            raise answer
        return answer
