"""Which interpreters are to be asked, and asking one of them. Blocks: for a pool thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ide.core.environment import Environment
from ide.environments.extents import changed_ns
from ide.environments.listing import PYTHON_KINDS, Surroundings
from ide.environments.platform import is_inside
from ide.environments.probe import Probe, probe

Probes = Mapping[str, tuple[int, Probe]]
"""Program to (time of its last change in ns, answer)."""


def to_ask(found: Iterable[Environment], before: Probes, around: Surroundings) -> tuple[Environment, ...]:
    """Every Python outside an untrusted project that has changed since it was asked, or failed then."""
    return tuple(one for one in found if may_ask(one, around) and not _is_fresh(one, before, around))


def ask(environment: Environment, around: Surroundings, is_cancelled: Callable[[], bool]) -> tuple[int, Probe]:
    """The answer of one of `to_ask`."""
    assert environment.interpreter is not None
    return changed_ns(environment, around.machine), probe(environment.interpreter, is_cancelled=is_cancelled)


def may_ask(environment: Environment, around: Surroundings) -> bool:
    """Whether running this interpreter runs nothing of an untrusted folder."""
    program, project = environment.interpreter, around.project
    if environment.kind not in PYTHON_KINDS or program is None or not program.exists():
        return False
    return project is None or around.is_trusted or not is_inside(program, project)


def _is_fresh(environment: Environment, before: Probes, around: Surroundings) -> bool:
    known = before.get(str(environment.interpreter))
    return known is not None and not known[1].reason and known[0] == changed_ns(environment, around.machine)
