"""Starts the keeper with one kernel before anything else of the program is imported.

Standard library only. Owns no process: `ide.kernels.kernels.Kernels` takes over what was started here.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from ide.core.environment import LaunchSpec
from ide.kernels import launches, platform, private

KEEPER_PROGRAM = Path(__file__).with_name("keeper.py")


def prestart(runtime_folder: Path, launch: LaunchSpec, settings: dict[str, Any] | None = None) -> str:
    """Start a kernel of `launch` and return its id at once, for `Kernels.start(prestarted=...)`.

    Raises KernelError when the runtime folder is not private. `settings` as in `Limits.for_keeper()`.
    """
    private.prepare_runtime_folder(runtime_folder)
    kernel_id = launches.new_id()
    request = launches.start_request(kernel_id, launch, "", is_spare=False, settings=settings or {})
    path = runtime_folder / f"start-{kernel_id}.json"
    private.write_json(path, request)
    spawn_keeper(runtime_folder, path)
    return kernel_id


def spawn_keeper(runtime_folder: Path, request_file: Path | None = None) -> int:
    """Start a keeper process for the folder; one that finds another at work ends by itself. Returns its pid."""
    argv = [_interpreter(), "-I", "-X", "utf8", str(KEEPER_PROGRAM), str(runtime_folder)]
    return platform.spawn_detached(argv + ([str(request_file)] if request_file else []), dict(os.environ))


def _interpreter() -> str:
    """The program's own interpreter, on Windows the one without a console window."""
    if sys.platform == "win32":
        windowless = Path(sys.executable).with_name("pythonw.exe")
        return str(windowless) if windowless.exists() else sys.executable
    return sys.executable
