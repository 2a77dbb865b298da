"""What the console's measurements share: the whole program with a real kernel, and a bare jupyter_client beside it."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench._program import SAMPLE_PYTHON, bare_kernelspec

if TYPE_CHECKING:
    from ide.app.workbench import Workbench
    from ide.panes.console.view import ConsoleView


@dataclass(frozen=True, slots=True)
class Shown:
    """Seconds from asking for the run until its last text was painted, and the longest gap of the event loop."""

    seconds: float
    stall_ms: float


@contextlib.contextmanager
def program_with_console() -> Iterator[Workbench]:
    """The real window with one Python console at its prompt."""
    from ide.api.testing import open_workbench

    with tempfile.TemporaryDirectory(prefix="fp-bench-") as place:
        project = Path(place) / "project"
        project.mkdir()
        with open_workbench(
            profile_dir=Path(place) / "profile", project_dir=project, environment=str(SAMPLE_PYTHON)
        ) as workbench:
            _wait(lambda: (view := console_of(workbench)) is not None and view.has_prompt)
            yield workbench


def console_of(workbench: Workbench) -> ConsoleView | None:
    """The console in view."""
    page = workbench.program.console.page
    return page.view if page is not None else None


def time_run(workbench: Workbench, code: str, last: str) -> Shown:
    """Run `code` until `last` is in the painted text of the console."""
    from PySide6.QtCore import QEvent, QObject

    from ide.qt.stall import StallMeter

    view = console_of(workbench)
    session = workbench.program.active.session
    assert view is not None
    assert session is not None
    painted: list[float] = []

    class Paints(QObject):
        """Notes when the console was painted."""

        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                painted.append(time.perf_counter())
            return False

    view.clear_console()  # what an earlier run left would count as shown
    paints = Paints()
    view.control.viewport().installEventFilter(paints)
    meter = StallMeter()
    meter.start()
    started_s = time.perf_counter()
    run = session.execute(code)
    _wait(lambda: view.is_settled and _has(view, last))
    shown_s = time.perf_counter()
    # The paint that showed it may have come before we looked: one more is asked for, so the figure is never too good.
    view.control.viewport().update()
    _wait(lambda: bool(painted) and painted[-1] >= shown_s)
    seconds = max(painted[-1], shown_s) - started_s
    _wait(lambda: view.has_prompt and next(each for each in session.runs if each.id == run.id).status.is_final)
    stall_ms = meter.max_ms()
    meter.close()
    view.control.viewport().removeEventFilter(paints)
    return Shown(seconds, stall_ms)


@contextlib.contextmanager
def bare_client() -> Iterator[Any]:
    """A blocking client of a bare kernel, over ipc as ours."""
    from jupyter_client.manager import KernelManager

    with bare_kernelspec() as environment, tempfile.TemporaryDirectory(prefix="fpb") as place, _variables(environment):
        manager = KernelManager(
            kernel_name="bare", transport="ipc", connection_file=str(Path(place) / "k.json"), ip=str(Path(place) / "s")
        )
        manager.start_kernel()
        client = manager.blocking_client()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        try:
            yield client
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)


def time_bare(client: Any, code: str, characters: int) -> float:
    """Seconds until a bare client has received all that `code` prints."""
    started_s = time.perf_counter()
    request = client.execute(code)
    received = 0
    while received < characters:
        message = client.get_iopub_msg(timeout=60)
        if message["parent_header"].get("msg_id") == request and message["msg_type"] == "stream":
            received += len(message["content"]["text"])
    seconds = time.perf_counter() - started_s
    while True:
        message = client.get_iopub_msg(timeout=60)
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            return seconds


def _has(view: ConsoleView, last: str) -> bool:
    document = view.control.document()
    block = document.lastBlock()
    for _ in range(6):
        if last in block.text():
            return True
        block = block.previous()
    return False


def _wait(is_done: Callable[[], bool], timeout_s: float = 120) -> None:
    """Look every few milliseconds; a busy loop here would take the processor from what is measured."""
    from ide.app.workbench import wait_until

    wait_until(is_done, timeout_s, "What the console shows")


@contextlib.contextmanager
def _variables(environment: dict[str, str]) -> Iterator[None]:
    import os

    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
