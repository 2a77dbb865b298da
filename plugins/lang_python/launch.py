"""How a Python kernel is started so that nothing of the folder runs before the user's first cell.

`python -m` and IPython both put the working folder on the import path, ahead of installed packages; there a file called
`types.py` or `pandas.py` would run by itself. So the kernel starts from a short command without that entry, and the
agent appends the folder *last* once it is trusted. In an untrusted folder the process moreover starts in an empty
private folder (old IPythons read configuration from the working folder), and the agent goes to the folder afterwards.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ide.api import Environment, KernelError, LaunchSpec

FOLDER_VARIABLE = "FOURPANE_FOLDER"
TRUST_VARIABLE = "FOURPANE_TRUSTED"
_START = (
    "import sys; sys.path[:] = [p for p in sys.path if p != '']; "
    "from ipykernel.kernelapp import launch_new_instance; launch_new_instance()"
)


def launch(
    environment: Environment,
    folder: Path,
    *,
    is_trusted: bool,
    private_folder: Path,
    is_safe: bool = False,
    search_path: str | None = None,
) -> LaunchSpec:
    """Argv, variables and working folder of a kernel. `is_safe` also leaves out the user's own start-up files.

    `search_path` stands for the PATH of the program's own environment, which is read when it is None.
    """
    if environment.interpreter is None:
        raise KernelError(
            f"“{environment.name}” does not say which Python it is.",
            "No kernel was started.",
            "Choose another environment.",
        )
    interpreter = environment.interpreter
    argv = [str(interpreter)]
    if is_safe:
        argv.append("-I")
    argv += ["-c", _START, "-f", "{connection_file}", "--InteractiveShellApp.ignore_cwd=True"]
    if is_safe:
        argv += [f"--ipython-dir={private_folder}", "--InteractiveShellApp.exec_lines=[]"]
    variables = {
        "PYTHONSAFEPATH": "1",
        # ipykernel brings a debugger that prints four lines of warning on Python 3.11 otherwise.
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        FOLDER_VARIABLE: str(folder),
        TRUST_VARIABLE: "1" if is_trusted else "0",
    }
    path = os.environ.get("PATH", "") if search_path is None else search_path
    variables |= _environment_variables(environment, interpreter, path)
    return LaunchSpec(
        environment=environment,
        argv=tuple(argv),
        working_folder=folder if is_trusted and not is_safe else private_folder,
        variables=variables,
        unset=("PYTHONHOME", "PYTHONSTARTUP", "__PYVENV_LAUNCHER__"),
        interrupt_mode="signal",
        is_trusted=is_trusted,
    )


def _environment_variables(
    environment: Environment, interpreter: Path, search_path: str, platform: str = sys.platform
) -> dict[str, str]:
    """What an activated environment would have set, so that `!pip` and its own programs and libraries are found."""
    home = interpreter.parent if platform == "win32" and environment.kind == "conda" else interpreter.parent.parent
    folders = [str(interpreter.parent)]
    variables: dict[str, str] = {}
    if environment.kind == "conda":
        variables["CONDA_PREFIX"] = str(home)
        if platform == "win32":
            folders += [str(home / "Library" / "bin"), str(home / "Scripts")]
    elif environment.kind == "venv":
        variables["VIRTUAL_ENV"] = str(home)
    else:
        return variables
    separator = ";" if platform == "win32" else ":"
    variables["PATH"] = separator.join([*folders, *([search_path] if search_path else [])])
    return variables
