"""For tests of plugins and of the program itself: the whole program, really running, driven by a script.

The one place of the api that reaches up to the program; the import is inside the function, so that importing
`ide.api` loads no Qt.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ide.app.workbench import Workbench
    from ide.deploy.targets import Door

__all__ = ["open_workbench"]


@contextmanager
def open_workbench(
    *,
    profile_dir: Path,
    project_dir: Path | None = None,
    environment: str = "",
    platform: str = "",
    is_trusted: bool = False,
    words: tuple[str, ...] = (),
    door: Door | None = None,
) -> Iterator[Workbench]:
    """Start the real program with the profile in `profile_dir`, yield its workbench, and end it.

    `environment` is what `--env` takes, `words` are further words of the command line. `platform` is Qt's
    ("offscreen"); it holds only where no Qt application exists yet. `is_trusted` trusts `project_dir` first. Call it
    on the main thread. `door` leads to the targets of deploys in place of the program's own.
    """
    if platform:
        os.environ.setdefault("QT_QPA_PLATFORM", platform)
    from ide.app.workbench import start_workbench

    workbench = start_workbench(profile_dir, project_dir, environment, is_trusted=is_trusted, words=words, door=door)
    try:
        yield workbench
    finally:
        workbench.close()
