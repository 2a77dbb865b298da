"""The lock that a script is deployed with, as preflight looks at it; no Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ide.core.environment import Environment
from ide.core.policy import PolicyVerdict
from ide.deploy.preflight import Locked
from ide.deploy.wishes import Wish

if TYPE_CHECKING:
    from ide.environments.making.maker import Maker


def lock_source(
    maker: Callable[[], Maker], environment: Environment | None
) -> Callable[[Wish], tuple[Locked, tuple[PolicyVerdict, ...]]]:
    """What tells the lock of a wish's project, made from `environment`, and what policies say of it. For any thread;
    raises FourpaneError for a lock that can't be read."""

    def lock(wish: Wish) -> tuple[Locked, tuple[PolicyVerdict, ...]]:
        from ide.environments.making.lock import read_lock
        from ide.environments.uv import NoWork

        if environment is None:
            return Locked(), ()
        made = maker()
        path = made.find_lock(environment, Path(wish.folder))
        if path is None:
            return Locked(), ()
        read = read_lock(path)
        return Locked(read, made.compare(environment, path)), made.lock_verdicts(environment, read, NoWork())

    return lock


def cluster_needs() -> Mapping[str, str]:
    """Versions by name that a target must have too: its scheduler and what talks to it from here speak no other's
    language. Reads a file; for any thread."""
    from ide.environments.making.cluster_side import locked_versions

    versions = locked_versions()
    return {name: versions[name] for name in ("dask", "distributed")}
