"""What a plugin gives that runs jobs somewhere. A target runs in the cluster helper, never in the window's process.

A plugin's manifest names its kinds under `contributes.targets`; `load` leads to a `TargetKind`. Its libraries are those
of the helper's own environment: nothing here or in `ide.core` needs more than the standard library.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from ide.core.deploy import (
    ClusterLink,
    ClusterState,
    JobEvent,
    JobOutcome,
    JobRequest,
    JobState,
    TargetOption,
    TargetSpec,
    TargetStatus,
)


class Target(Protocol):
    """One target that a user set up. Calls block; the helper makes them in threads of its own, several at once.

    Every method raises FourpaneError in the user's words. None waits for longer than the time limits it is given.
    """

    def check(self, time_limit_s: float) -> TargetStatus:
        """Whether it is reachable, the login valid, what runs there and what it asks for. Starts nothing."""
        ...

    def submit(self, request: JobRequest, told: Callable[[str, float, float], None]) -> None:
        """Hand the job over; it goes on without us from then on. A second call with the same id changes nothing."""
        ...

    def watch(self, job: str, first: int, told: Callable[[Sequence[JobEvent]], None]) -> JobOutcome:
        """Tell events from number `first` on until the job is over; returns how it ended. Ends early with `stop`."""
        ...

    def stop(self, job: str) -> None:
        """Let a `watch` of that job end; the job itself goes on."""
        ...

    def cancel(self, job: str) -> None:
        """Stop the job with all its processes. Returns when that was seen, or raises."""
        ...

    def jobs(self) -> Mapping[str, JobState]:
        """Jobs that the target knows, whoever started them."""
        ...

    def fetch(self, job: str, folder: Path, told: Callable[[float, float], None]) -> Path:
        """The archive of the results, written into `folder`. Bytes done and in all are told."""
        ...

    def forget(self, job: str) -> None:
        """Drop what the target keeps of a job that is over."""
        ...

    def clusters(self) -> Iterable[ClusterState]:
        """What is up and may cost something."""
        ...

    def start_cluster(self, options: Mapping[str, object]) -> str:
        """Start one without a job, for a console; its id. `options` are those of the target, "workers", and of the
        console "python" (its interpreter), "folder" (where it works) and "pid" (its kernel, with which the cluster
        ends): these count where the target is this computer.
        """
        ...

    def scale(self, cluster: str, workers: int) -> None:
        """Ask for so many workers."""
        ...

    def adapt(self, cluster: str, minimum: int, maximum: int) -> None:
        """Let it have as many workers as there is work for, within these. Ends with the next `scale`."""
        ...

    def end_cluster(self, cluster: str) -> None:
        """End it with all that runs on it."""
        ...

    def link(self, cluster: str) -> ClusterLink:
        """With what a console connects its own client."""
        ...

    def close(self) -> None:
        """Let connections go. Jobs and clusters go on."""
        ...


class TargetKind(Protocol):
    """A kind of target, as the form for a new one needs it."""

    id: str
    name: str
    about: str
    needs: tuple[str, ...]
    """Distributions, with versions, that the helper's environment must hold."""

    def form(self) -> Sequence[TargetOption]:
        """The fields of the form."""
        ...

    def open(self, spec: TargetSpec, secrets: Mapping[str, str], folder: Path) -> Target:
        """The target. `folder` is private and lasts: for what must be found again after a restart. Connects later."""
        ...
