"""An environment (a place where code of a language can run) and how a kernel of it is launched."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from ide.core.record import dataclass, field

RUNNING = "running"
"""Kind of an environment that is a kernel which somebody else started: it is attached to, not started."""


class Health(StrEnum):
    """Whether a kernel can be started here."""

    READY = "ready"
    NEEDS_KERNEL = "needs_kernel"  # an interpreter without its Jupyter kernel package
    SILENT = "silent"  # it was asked and gave no answer in time
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Environment:
    """One place where code can run; each appears once however many ways lead to it.

    `id` is stable over restarts (kernelspec name or interpreter path). `language` is the id of a Language where a
    plugin knows it, else the kernelspec's own word in lower case. `reason` says why it is broken or discouraged.
    `kind` is what it is (a venv, a conda environment, an install), `manager` what made it, where that is another word:
    "uv", "virtualenv", "poetry", "hatch", "pixi". `implementation` is a Python's: "cpython", "pypy", "graalpy".
    """

    id: str
    name: str
    language: str
    kind: str
    interpreter: Path | None = None
    kernelspec: str = ""
    version: str = ""
    is_in_project: bool = False
    health: Health = Health.READY
    reason: str = ""
    implementation: str = ""
    manager: str = ""


@dataclass(frozen=True, slots=True)
class LaunchSpec:
    """All that the keeper needs to start a kernel.

    `argv` may hold `{connection_file}`. `variables` are set on top of the keeper's own environment, `unset` are taken
    out of it. `working_folder` is the process's working folder. `interrupt_mode` is "signal" or "message".
    `encryption` is "ipc" (a socket in a private folder), "curve" (Windows) or "none": loopback TCP with signed
    messages, which other users of the machine can read; only for kernels that know nothing else.
    """

    environment: Environment
    argv: tuple[str, ...]
    working_folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    unset: tuple[str, ...] = ()
    interrupt_mode: str = "signal"
    encryption: str = "ipc"
    is_trusted: bool = False
