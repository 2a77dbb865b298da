"""A job for scripts: handed over, waited for, looked at. UI thread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ide.core.deploy import Artefact, JobState
from ide.core.errors import DeployError
from ide.deploy.record import RunRecord

if TYPE_CHECKING:
    from ide.app.deploying import Deploying


class WaitUntil(Protocol):
    """Keeps the program running until something holds."""

    def __call__(self, is_done: Callable[[], bool], timeout_s: float, what: str) -> None: ...


class JobHandle:
    """One job of the window."""

    def __init__(self, deploying: Deploying, id: str, wait_until: WaitUntil) -> None:
        self._deploying = deploying
        self._wait_until = wait_until
        self.id = id

    @property
    def record(self) -> RunRecord:
        """All that is known of it."""
        return self._deploying.deployments.jobs[self.id].record

    @property
    def state(self) -> JobState:
        """Where it is."""
        return self.record.state

    @property
    def log(self) -> str:
        """What it printed so far."""
        return self._deploying.deployments.jobs[self.id].log

    @property
    def artefacts(self) -> tuple[Artefact, ...]:
        """What came back."""
        return self.record.outputs

    def file(self, artefact: Artefact) -> Path:
        """Where something that came back lies."""
        return self._deploying.deployments.place(self.id) / artefact.path

    def wait(self, timeout_s: float = 120) -> JobHandle:
        """Wait until it is over and its results are here."""
        self._wait_until(lambda: self.state.is_final, timeout_s, f"The end of {self.record.title}")
        return self


def deploy(deploying: Deploying, path: Path | None, target: str, timeout_s: float, wait_until: WaitUntil) -> JobHandle:
    """Hand a script over. Raises what is against it."""
    if path is None:
        raise DeployError("There is no script to deploy.", advice="Save it into a file first.")
    made: list[str] = []
    problems: list[Exception] = []
    deploying.send(path, target, made.append, problems.append)
    wait_until(lambda: bool(made or problems), timeout_s, f"Handing over {path.name}")
    if problems:
        raise problems[0]
    return JobHandle(deploying, made[0], wait_until)
