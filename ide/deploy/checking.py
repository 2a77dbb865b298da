"""From a wish to everything that preflight looks at. Runs in a pool thread; starts nothing, changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from ide.core.deploy import TargetSpec, TargetStatus
from ide.core.errors import FourpaneError
from ide.core.policy import PolicyVerdict
from ide.core.ports import Work
from ide.core.record import dataclass
from ide.deploy.inputs import LanguageOf, examine
from ide.deploy.preflight import Locked, Preflight
from ide.deploy.snapshot import take_snapshot
from ide.deploy.wishes import Wish

CHECK_LIMIT_S: Final = 30.0


class CancelledError(Exception):
    """The work is not wanted any more."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where facts come from that are not in the project's files; all callables are for any thread.

    `lock` tells the lock and what policies say of it, `status` asks a target, `needs` tells versions by name that it
    must share with what reaches it from here.
    """

    language_of: LanguageOf
    lock: Callable[[Wish], tuple[Locked, tuple[PolicyVerdict, ...]]]
    status: Callable[[TargetSpec], TargetStatus]
    home: Path
    needs: Callable[[], Mapping[str, str]]


def check(
    wish: Wish,
    target: TargetSpec,
    sources: Sources,
    work: Work,
    *,
    language_name: str,
    secrets: frozenset[str] = frozenset(),
    unsaved: tuple[str, ...] = (),
    asks_target: bool = True,
) -> Preflight:
    """Look at the project, its lock and the target. `secrets` are names that have a value. Without `asks_target` the
    target is not asked: what would be said of it stays unsaid. Raises DeployError for a folder that is no project,
    CancelledError once the work is cancelled."""

    def told(step: str) -> Callable[[int, int], None]:
        def tell(done: int, total: int) -> None:
            if work.is_cancelled:
                raise CancelledError
            work.report(step, done, total)

        return tell

    looking, reading = told("Looking at the files"), told("Reading the files")
    snapshot = take_snapshot(
        Path(wish.folder), wish.entry, home=sources.home, excluded=wish.excluded, included=wish.included,
        told=lambda count: looking(count, 0),
    )  # fmt: skip
    examination = examine(snapshot, sources.language_of, told=reading)
    told("Comparing the lock with what is installed")(0, 0)
    locked, verdicts = sources.lock(wish)
    status = None
    if asks_target:
        told(f"Asking “{target.name}”")(0, 0)
        try:
            status = sources.status(target)
        except FourpaneError as error:
            status = TargetStatus(False, error.happened, error.meaning, error.advice)
    return Preflight(
        snapshot, examination, wish.language, language_name, status, locked, wish.resources, verdicts, sources.needs(),
        secrets, unsaved, target.price_per_worker_hour, target.currency, wish.is_size_accepted,
    )  # fmt: skip
