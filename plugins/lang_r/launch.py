"""How an R kernel is started so that nothing of an untrusted folder runs, and no workspace is restored in silence.

R reads `.Renviron`, `.Rprofile` and `.RData` of its working folder. In an untrusted folder it starts in an empty
private folder, with the user's own start-up files named outright, and the agent goes to the folder afterwards: the
user's settings hold and nothing of the project runs. `--no-restore` is always given: a saved workspace is never
loaded unasked (UX).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from ide.api import Environment, KernelError, LaunchSpec

FOLDER_VARIABLE = "FOURPANE_FOLDER"
_SAFE_FLAGS = ("--no-environ", "--no-init-file", "--no-site-file")


def launch(
    environment: Environment,
    folder: Path,
    *,
    is_trusted: bool,
    private_folder: Path,
    is_safe: bool = False,
    own: Mapping[str, str] | None = None,
    platform: str = sys.platform,
) -> LaunchSpec:
    """Argv, variables and working folder of a kernel. `is_safe` leaves out every start-up file, the user's too.

    `own` stands for the program's own environment variables, which are read when it is None.
    """
    if environment.interpreter is None:
        raise KernelError(
            f"“{environment.name}” does not say which R it is.", "No kernel was started.", "Choose another environment."
        )
    own = os.environ if own is None else own
    starts_private = is_safe or not is_trusted
    variables = {FOLDER_VARIABLE: str(folder)}
    if starts_private:
        variables |= _start_up_files(folder, own, platform)
    return LaunchSpec(
        environment=environment,
        argv=(
            str(_r_program(environment.interpreter)),
            "--no-echo",
            "--no-save",
            "--no-restore",
            *(_SAFE_FLAGS if is_safe else ()),
            "-e",
            "IRkernel::main()",
            "--args",
            "{connection_file}",
        ),
        working_folder=private_folder if starts_private else folder,
        variables=variables,
        unset=("R_HOME",),
        interrupt_mode="signal",
        is_trusted=is_trusted,
    )


def _r_program(interpreter: Path) -> Path:
    """`R` beside an `Rscript`: only R takes the start-up flags in front of `-e` and `--args`."""
    if interpreter.stem.lower() == "rscript":
        return interpreter.with_name("R" + interpreter.suffix)
    return interpreter


def _start_up_files(folder: Path, own: Mapping[str, str], platform: str) -> dict[str, str]:
    """The user's own start-up files by name. One that the user names already holds, unless it lies in the folder."""
    home = own.get("R_USER") or own.get("HOME") or ""
    if not home and platform == "win32":
        return {}
    base = Path(home) if home else Path.home()
    variables = {}
    for variable, name in (("R_ENVIRON_USER", ".Renviron"), ("R_PROFILE_USER", ".Rprofile")):
        named = own.get(variable, "")
        if named and Path(named).is_absolute() and not Path(named).is_relative_to(folder):
            continue
        variables[variable] = str(base / name)
    return variables
