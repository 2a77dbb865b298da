"""The user's own copy of the sample project, so that it can be changed and deleted."""

from __future__ import annotations

import shutil
from pathlib import Path

from ide.core.errors import CommandError


def copy_sample(source: Path, profile: Path) -> Path:
    """Copy the sample project into the profile unless it is there; files that the user changed stay as they are.

    Raises CommandError where the disk does not allow it.
    """
    target = profile / "sample"
    try:
        target.mkdir(parents=True, exist_ok=True)
        for file in source.iterdir():
            if file.is_file() and not (target / file.name).exists():
                shutil.copyfile(file, target / file.name)
    except OSError as error:
        raise CommandError(
            "The sample project could not be copied.", f"The system says: {error.strerror}.", "Make room and try again."
        ) from error
    return target
