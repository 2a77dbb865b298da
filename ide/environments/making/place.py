"""The folder of an environment while it is made: whole at the end, or as it was before."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ide.core.errors import PackageError
from ide.environments.making.wish import is_half_made
from ide.environments.platform import HALF_MADE

ToBin = Callable[[Path], None]
"""Moves a folder to the system's bin; blocks. Raises PackageError where there is no bin for it."""


@contextmanager
def half_made(place: Path, happened: str) -> Iterator[None]:
    """Whatever goes wrong inside, `place` is gone afterwards; folders above it that were made stay only if used.

    Raises PackageError for what the disk refuses.
    """
    made_above = next((each for each in (*reversed(place.parents), place) if not each.exists()), place)
    if is_half_made(place):
        remove(place)
    try:
        place.mkdir(parents=True, exist_ok=True)
        (place / HALF_MADE).write_text("An environment is being made here.\n", encoding="utf-8")
        yield
        (place / HALF_MADE).unlink(missing_ok=True)
    except OSError as error:
        remove(made_above)
        raise PackageError(
            happened, f"The system says: {error.strerror or error}.", f"Make room in {place.parent}, or choose a place."
        ) from error
    except BaseException:
        remove(made_above)
        raise


@contextmanager
def swapped(place: Path, happened: str, to_bin: ToBin) -> Iterator[Path]:
    """Make an environment anew in its own place: the former one stands aside meanwhile, and comes back on failure.

    Yields where the former one is. Afterwards it goes to the bin, or away where there is none for it.
    """
    aside = _free_name(place)
    try:
        place.rename(aside)
    except OSError as error:
        raise PackageError(
            happened, f"{place} cannot be moved aside: {error.strerror or error}.", "End what uses it, and try again."
        ) from error
    try:
        with half_made(place, happened):
            yield aside
    except BaseException:
        remove(place)
        aside.rename(place)
        raise
    try:
        to_bin(aside)
    except PackageError:
        remove(aside)


def _free_name(place: Path) -> Path:
    names = (place.with_name(f".{place.name}.before{number or ''}") for number in range(1000))
    return next(name for name in names if not name.exists())


def remove(folder: Path) -> None:
    """Delete a folder of our own as far as the system lets us, files that may not be written included."""

    def again(function: Callable[[str], object], path: str, _: object) -> None:
        with suppress(OSError):
            Path(path).chmod(stat.S_IRWXU)
            function(path)

    if folder.is_symlink():
        folder.unlink(missing_ok=True)
    elif folder.exists():
        shutil.rmtree(folder, onerror=again)
