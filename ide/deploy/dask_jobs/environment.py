"""The environment of a job, made on the worker by uv from the hashed lock in its bundle; kept for the next job.

Named after lock, Python and platform; one process makes it, others wait. Standard library alone, shipped as source.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from .guarded import run_guarded  # noqa: TID252 - it has another name on a worker

KEPT_S = 30 * 86400.0
"""How long an environment is kept that no job has used."""
_READY = "fourpane.ready"
_NO_STEPS = ("Activate with", "Using ", "+ ", "- ", "~ ", "warning:")
"""How lines of uv begin that say nothing of how far it is."""


class EnvironmentProblem(Exception):
    """It can't be made, in words for the user."""


def ensure(
    lock: Path, is_cancelled: Callable[[], bool], told: Callable[[str, float, float], None], folder: Path
) -> Path:
    """The interpreter of the environment that the files in `lock` describe. `folder` is private to the job."""
    requirements = _requirements(lock)
    place = _cache() / _key(requirements)
    python = place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if _is_ready(place, python):
        return python
    _prune(place.parent, time.time())
    uv = _uv()
    with _alone(place.with_suffix(".lock"), is_cancelled):
        if _is_ready(place, python):
            return python
        if is_cancelled():
            raise EnvironmentProblem("It was stopped.")
        told("Making the environment from the lock", 0.0, 0.0)
        shutil.rmtree(place, ignore_errors=True)
        try:
            _run([uv, "venv", "--no-project", "--python", sys.executable, str(place)], is_cancelled, folder, told)
            arguments = ["pip", "sync", "--require-hashes", "--python", str(python), str(requirements)]
            _run([uv, *arguments], is_cancelled, folder, told)
            (place / _READY).touch()
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise
    return python


def _is_ready(place: Path, python: Path) -> bool:
    """Whether it is whole; it counts as used now."""
    if not (place / _READY).exists() or not python.exists():
        return False
    with contextlib.suppress(OSError):
        os.utime(place / _READY)
    return True


def _prune(cache: Path, now_s: float) -> None:
    """Remove what no job has used for long: each lock makes another environment."""
    for ready in cache.glob(f"*/{_READY}"):
        with contextlib.suppress(OSError):
            if now_s - ready.stat().st_mtime > KEPT_S:
                with open(ready.parent.with_suffix(".lock"), "a+b") as stream:
                    if _lock(stream.fileno()):
                        shutil.rmtree(ready.parent, ignore_errors=True)


def _run(
    argv: list[str], is_cancelled: Callable[[], bool], folder: Path, told: Callable[[str, float, float], None]
) -> None:
    said: list[str] = []

    def hear(_stream: str, text: str) -> None:
        said.append(text)
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        lines = [line for line in lines if not line.startswith(_NO_STEPS)]
        if lines:
            told(lines[-1][:200], 0.0, 0.0)

    variables = {"UV_NO_PROGRESS": "1", "NO_COLOR": "1", "UV_PREVIEW_FEATURES": "pylock"}
    ended = run_guarded(argv, folder, hear, is_cancelled, variables=variables, secrets={})
    if ended.why == "cancelled":
        raise EnvironmentProblem("It was stopped.")
    if ended.exit_code:
        lines = [line.strip(" ×╰─▶│╭├") for line in "".join(said).splitlines()]
        words = " ".join(line for line in lines if line)[-600:]
        raise EnvironmentProblem(f"The environment can't be made from the lock on the worker. uv says: {words}")


def _requirements(lock: Path) -> Path:
    for pattern in ("requirements*.txt", "*.txt", "pylock*.toml"):
        if found := sorted(lock.glob(pattern)):
            return found[0]
    raise EnvironmentProblem("The lock in the bundle is none that uv installs from.")


def _key(requirements: Path) -> str:
    digest = hashlib.sha256(requirements.read_bytes())
    digest.update(f"{sys.version}|{sys.executable}|{platform.platform()}".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:20]


def _uv() -> str:
    beside = Path(sys.executable).with_name("uv.exe" if sys.platform == "win32" else "uv")
    found = os.environ.get("FOURPANE_UV") or (str(beside) if beside.is_file() else shutil.which("uv"))
    if not found:
        raise EnvironmentProblem("There is no uv on the worker: the environment can't be made from the lock there.")
    return found


def _cache() -> Path:
    """Where environments are kept: the user's cache, or the system's temporary folder."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    for place in (home / "fourpane" / "jobs", Path(tempfile.gettempdir()) / f"fourpane-jobs-{os.getuid()}"
                  if sys.platform != "win32" else Path(tempfile.gettempdir()) / "fourpane-jobs"):  # fmt: skip
        with contextlib.suppress(OSError):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            if os.access(place, os.W_OK) and _is_own(place):
                return place
    raise EnvironmentProblem("The worker has no place for environments.")


def _is_own(place: Path) -> bool:
    """Whether nobody else could have put something there: what is in it runs."""
    if sys.platform == "win32":
        return True  # both places lie in the user's own profile
    info = place.lstat()
    return stat.S_ISDIR(info.st_mode) and info.st_uid == os.getuid() and not info.st_mode & 0o022


@contextlib.contextmanager
def _alone(path: Path, is_cancelled: Callable[[], bool]) -> Iterator[None]:
    """Nobody else, also of other processes, is in here; ends with the process at the latest."""
    with open(path, "a+b") as stream:
        while not _lock(stream.fileno()):
            if is_cancelled():
                raise EnvironmentProblem("It was stopped.")
            time.sleep(0.2)
        yield


def _lock(descriptor: int) -> bool:
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
    else:
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True
