"""What the measurements of Variables and Plots share: the program with one real kernel, and when a view painted."""

from __future__ import annotations

import contextlib
import datetime
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

from bench.measure import MeasurementError

if TYPE_CHECKING:
    from ide.app.workbench import Workbench
    from ide.kernels.session import Session
    from ide.kernels.wire import Message


@contextlib.contextmanager
def program_with_agent(environment: str) -> Iterator[Workbench]:
    """The real window, and a session whose agent has said hello and was told the size of plots."""
    from ide.api.testing import open_workbench

    with tempfile.TemporaryDirectory(prefix="fp-bench-") as place:
        project = Path(place) / "project"
        project.mkdir()
        with open_workbench(profile_dir=Path(place) / "profile", project_dir=project) as workbench:
            workbench.environments()
            session = workbench.start_session(environment).session
            workbench.program.active.choose(session)
            workbench.wait_until(lambda: session.has_agent and session.state == "idle", 30, "The agent's hello")
            rest(workbench, 2.0)
            yield workbench


def rest(workbench: Workbench, seconds: float) -> None:
    """Let everything that is under way end."""
    until_s = time.monotonic() + seconds
    workbench.wait_until(lambda: time.monotonic() > until_s, seconds + 10)


class PaintWatch(QObject):
    """Notes the clock (seconds since the epoch) after the first painting of a widget while `is_shown` holds."""

    def __init__(self, widget: QWidget, is_shown: Callable[[], bool]) -> None:
        super().__init__(widget)
        self._widget = widget
        self._is_shown = is_shown
        self.painted_s: float | None = None
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self.painted_s is None and self._is_shown():
            QTimer.singleShot(0, self._note)  # after the painting itself
        return False

    def close(self) -> None:
        """Watch no more."""
        self._widget.removeEventFilter(self)
        self.deleteLater()

    def _note(self) -> None:
        if self.painted_s is None:
            self.painted_s = time.time()


class ShowWatch:
    """Notes by the kernel's clock when it sent its last picture."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.sent_s = 0.0
        session.messages_arrived.connect(self._on_messages)

    def close(self) -> None:
        """Watch no more."""
        self._session.messages_arrived.disconnect(self._on_messages)

    def _on_messages(self, messages: tuple[Message, ...]) -> None:
        for message in messages:
            if message.type == "display_data":
                date = message.header["date"]
                at = date if isinstance(date, datetime.datetime) else datetime.datetime.fromisoformat(str(date))
                self.sent_s = at.timestamp()


def ms_to_paint(workbench: Workbench, code: str, language: str, widget: QWidget, is_shown: Callable[[], bool]) -> float:
    """Run `code` and wait for the paint; milliseconds from the cell's end.

    The end is the time (seconds since the epoch) that `code` prints as its last act, or where it prints none the moment
    when the kernel sent its last picture.
    """
    session = workbench.program.active.session
    assert session is not None
    watch, sent = PaintWatch(widget, is_shown), ShowWatch(session)
    run = workbench.run(code, language=language).wait(60)
    workbench.wait_until(lambda: watch.painted_s is not None, 30, "The painting")
    watch.close()
    sent.close()
    printed = run.text.split()
    ended_s = float(printed[-1]) if printed and printed[-1].replace(".", "").isdigit() else sent.sent_s
    if run.status != "ok" or not ended_s or watch.painted_s is None:
        raise MeasurementError(f"the cell did not run: {run.error} {run.text[-200:]!r}")
    return (watch.painted_s - ended_s) * 1000
