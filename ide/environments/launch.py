"""From an environment to what the keeper starts: through its language's plugin, else as its kernelspec says.

Owns no process. Nothing of an untrusted folder may run (PROMISES D2).
"""

from __future__ import annotations

import os
import string
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from ide.core.environment import Environment, Health, LaunchSpec
from ide.core.errors import KernelError
from ide.core.language import Language
from ide.core.record import replace
from ide.environments.kernelspecs import KernelSpec, find_kernelspecs, read_kernelspec
from ide.environments.machine import Machine
from ide.environments.platform import is_inside

LAUNCHER = Path(__file__).with_name("launcher.py")


class TrustAnswer(Protocol):
    """What is asked of `ide.documents.trust`."""

    def is_trusted(self, folder: Path) -> bool:
        """Whether code of `folder` may run."""


def launch_for(
    environment: Environment,
    folder: Path,
    trust: TrustAnswer,
    languages: Callable[[str], Language | None],
    *,
    private_folder: Path,
    side_folder: Path | None = None,
    machine: Machine | None = None,
) -> LaunchSpec:
    """How a kernel of `environment` starts in `folder`.

    `languages` gives the plugin of a language, `private_folder` is an empty 0700 folder, `side_folder` holds ipykernel
    for a Python that lacks it (`Environments.side_folder`). Raises KernelError where it cannot or may not start.
    """
    is_trusted = trust.is_trusted(folder)
    _refuse(environment, folder, is_trusted)
    language = languages(environment.language)
    if language is not None and environment.interpreter is not None and not _is_own_kind(environment):
        launch = language.launch(environment, folder, is_trusted=is_trusted, private_folder=private_folder)
        return launch if side_folder is None else _with_side_folder(launch, side_folder)
    spec = _kernelspec(environment, machine or Machine.here())
    return _from_kernelspec(environment, spec, folder, is_trusted, private_folder, os.environ)


def _is_own_kind(environment: Environment) -> bool:
    """A kernelspec that was not merged says itself how it starts: other arguments, variables or another kernel."""
    return environment.kind == "kernelspec"


def _refuse(environment: Environment, folder: Path, is_trusted: bool) -> None:
    if environment.health in (Health.BROKEN, Health.SILENT):
        raise _broken(environment, environment.reason)
    interpreter = environment.interpreter
    is_of_folder = interpreter is not None and is_inside(interpreter, folder)
    if not is_trusted and is_of_folder and environment.kind != "program":
        raise untrusted(environment)


def untrusted(environment: Environment) -> KernelError:
    """Why an environment inside an untrusted folder is not run."""
    return KernelError(
        f"“{environment.name}” lies in a folder that is not trusted.",
        "Starting it would run a program of that folder.",
        "Trust the folder, or choose another environment.",
        action="trust.trust",
        action_title="Trust the folder",
    )


def _with_side_folder(launch: LaunchSpec, side_folder: Path) -> LaunchSpec:
    """The same start through `launcher.py`, which puts the side folder behind the user's own packages."""
    at = next((index for index, part in enumerate(launch.argv) if part in ("-c", "-m")), None)
    if at is None:
        return launch
    return replace(launch, argv=(*launch.argv[:at], str(LAUNCHER), str(side_folder), *launch.argv[at:]))


def _kernelspec(environment: Environment, machine: Machine) -> KernelSpec:
    """Read again: it may have changed since the list was made."""
    if Path(environment.kernelspec).is_absolute():
        folder = Path(environment.kernelspec)
        spec = read_kernelspec(folder, machine, folder.parents[3] if len(folder.parents) > 3 else None)
    else:
        known = {spec.name: spec for spec in find_kernelspecs(machine)}
        missing = KernelSpec(environment.kernelspec, Path(), reason="Its kernelspec does not exist any more.")
        spec = known.get(environment.kernelspec, missing)
    if spec.reason or spec.program is None:
        raise _broken(environment, spec.reason)
    return spec


def _broken(environment: Environment, reason: str) -> KernelError:
    return KernelError(
        f"“{environment.name}” cannot start.",
        reason,
        "Choose another environment.",
        action="session.choose_environment",
        action_title="Choose environment",
    )


def _from_kernelspec(
    environment: Environment,
    spec: KernelSpec,
    folder: Path,
    is_trusted: bool,
    private_folder: Path,
    variables: Mapping[str, str],
) -> LaunchSpec:
    replaced = {"{resource_dir}": str(spec.folder), "{prefix}": str(spec.prefix or "")}
    argv = [str(spec.program)]
    for part in spec.argv[1:]:
        for mark, text in replaced.items():
            part = part.replace(mark, text)
        argv.append(part)
    own = {name: string.Template(text).safe_substitute(variables) for name, text in spec.variables.items()}
    # A file of the folder named like a library must not be taken for it. Trusted folders keep Python's own ways,
    # since programs that such a kernel starts inherit the variable.
    safe = {} if is_trusted else {"PYTHONSAFEPATH": "1"}
    # An agent goes to this folder once it is in, as it does in kernels that its language's plugin starts.
    place = {"FOURPANE_FOLDER": str(folder), "FOURPANE_TRUSTED": "1" if is_trusted else "0"}
    # Else a kernel written in Python begins with a debugger's warning among the user's output.
    quiet = {"PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    return LaunchSpec(
        environment=environment,
        argv=tuple(argv),
        working_folder=folder if is_trusted else private_folder,
        variables={**quiet, **own, **safe, **place},
        interrupt_mode=spec.interrupt_mode,
        encryption="none" if spec.is_tcp_only else "ipc",
        is_trusted=is_trusted,
    )
