"""Asks all interpreters that may be asked, and only those that changed since. Blocks: for a pool thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from ide.core.environment import Environment
from ide.environments.listing import PYTHON_KINDS, Surroundings
from ide.environments.machine import Machine
from ide.environments.platform import is_inside, prefix_of, site_folders
from ide.environments.probe import Probe, probe

Probes = Mapping[str, tuple[int, Probe]]
"""Program to (time of its last change in ns, answer)."""


def ask_all(
    found: Iterable[Environment], before: Probes, around: Surroundings, is_cancelled: Callable[[], bool]
) -> dict[str, tuple[int, Probe]]:
    """Answers of every Python outside an untrusted project; those given before hold while nothing changed."""
    answers: dict[str, tuple[int, Probe]] = {}
    for environment in found:
        program = environment.interpreter
        if program is None or not may_ask(environment, around) or is_cancelled():
            continue
        now_ns = changed_ns(program, around.machine)
        known = before.get(str(program))
        fresh = known is not None and known[0] == now_ns and not known[1].reason
        answers[str(program)] = (
            known if known is not None and fresh else (now_ns, probe(program, is_cancelled=is_cancelled))
        )
    return answers


def may_ask(environment: Environment, around: Surroundings) -> bool:
    """Whether running this interpreter runs nothing of an untrusted folder."""
    program, project = environment.interpreter, around.project
    if environment.kind not in PYTHON_KINDS or program is None or not program.exists():
        return False
    return project is None or around.is_trusted or not is_inside(program, project)


def changed_ns(program: Path, machine: Machine) -> int:
    """When this Python or its packages last changed: installing a package touches the folder that it goes to."""
    places = (program, *site_folders(prefix_of(program, machine.system), machine))
    times = [0]
    for place in places:
        try:
            times.append(place.stat().st_mtime_ns)
        except OSError:
            continue
    return max(times)
