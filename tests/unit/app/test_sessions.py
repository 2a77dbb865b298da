"""Where code of a language goes, and where a file would run, with a session of its language and without one."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ide.app.sessions import SessionRouter
from ide.core.environment import Environment, Health
from ide.core.errors import KernelError
from ide.core.events import Signal


class Machine:
    """Kernels without a session, and nothing that could start one."""

    sessions: tuple[Any, ...] = ()
    changed = Signal(object)
    session_removed = Signal(object)


def refusal(environment: Environment | None) -> KernelError:
    machine: Any = Machine()
    launch: Any = None
    router = SessionRouter(machine, machine, lambda _: environment, launch, str.upper)
    with pytest.raises(KernelError) as told:
        router.run_code("1", "r")
    return told.value


def test_language_without_any_environment_is_not_there() -> None:
    assert refusal(None).happened == "No R was found on this machine."


def test_what_is_left_of_a_removed_language_is_told_but_is_none() -> None:
    left = Environment("ir", "R 4", "r", "kernelspec", health=Health.BROKEN, reason="Its program R does not exist.")
    error = refusal(left)
    assert error.happened == "No R was found on this machine."
    assert "“R 4” can't start: Its program R does not exist." in error.text


def test_language_that_lacks_only_its_kernel_is_there_and_says_so() -> None:
    bare = Environment("/usr/bin/R", "R 4", "r", "system", health=Health.NEEDS_KERNEL, reason="IRkernel is missing.")
    error = refusal(bare)
    assert "R 4" in error.happened
    assert "IRkernel is missing." in error.text


def test_file_runs_in_what_was_chosen_for_it_else_where_its_language_is_in_use() -> None:
    right, used, own = (Environment(name, name, "python", "venv", Path(name)) for name in ("right", "used", "own"))
    chosen: dict[Path | None, Environment] = {}
    machine: Any = Machine()
    launch: Any = None
    router = SessionRouter(machine, machine, lambda _: right, launch, str.upper, chosen.get)
    assert router.environment_of("python", Path("a.py")) is right
    elsewhere = SimpleNamespace(language="python", state="idle", launch=SimpleNamespace(environment=used))
    machine.sessions = (elsewhere,)
    assert router.environment_of("python", Path("a.py")) is used
    chosen[Path("a.py")] = own
    assert router.environment_of("python", Path("a.py")) is own
    assert router.environment_of("python", Path("b.py")) is used
