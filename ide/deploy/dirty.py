"""What differs from the commit, as one sum. Asks git, so only for a folder that the user trusts: a project's settings
and attributes may name programs that git runs. Runs in a pool thread."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ide.core.record import dataclass

_TIME_LIMIT_S: Final = 10.0
_CHUNK_BYTES: Final = 1_000_000
_LIMIT_BYTES: Final = 1_000_000_000
_QUIET: Final = ("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "-c", "core.quotePath=true")


@dataclass(frozen=True, slots=True)
class Dirty:
    """`sha256` of the difference to the commit, "" where nothing differs; `unknown` says why nobody knows."""

    sha256: str = ""
    unknown: str = ""


def dirty_of(folder: Path, environment: Mapping[str, str], *, is_trusted: bool) -> Dirty:
    """Compare a project with its commit: changed files, and those that git does not know and would not ignore."""
    git = shutil.which("git", path=environment.get("PATH"))
    if not is_trusted:
        return Dirty(unknown="The folder is not trusted, so git was not asked.")
    if git is None:
        return Dirty(unknown="git is not installed.")
    base = [git, *_QUIET, "-C", str(folder)]
    # Never the prompts, pagers or locks that a person at a terminal would get.
    quiet = {**environment, "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_PAGER": "cat"}
    digest = hashlib.sha256()
    try:
        diff = _hash_output(
            [*base, "diff", "--no-ext-diff", "--no-textconv", "--no-color", "--binary", "--full-index", "HEAD", "--",
             "."], quiet, digest,
        )  # fmt: skip
        names = subprocess.run(
            [*base, "ls-files", "-z", "--others", "--exclude-standard", "--", "."],
            env=quiet, stdin=subprocess.DEVNULL, capture_output=True, timeout=_TIME_LIMIT_S, check=True,
        ).stdout.split(b"\0")  # fmt: skip
        new = sorted(name for name in names if name)
        for name in new:
            digest.update(b"\0new " + name + b"\0")
            path = folder / os.fsdecode(name)
            if path.is_file() and not path.is_symlink() and path.stat().st_size <= _LIMIT_BYTES:
                with open(path, "rb") as stream:
                    digest.update(hashlib.file_digest(stream, "sha256").digest())
    except subprocess.TimeoutExpired:
        return Dirty(unknown="git took too long.")
    except (OSError, subprocess.SubprocessError, ValueError):
        return Dirty(unknown="git could not compare the folder with a commit.")
    return Dirty(digest.hexdigest() if diff or new else "")


def _hash_output(command: list[str], environment: Mapping[str, str], digest: hashlib._Hash) -> int:
    """Run a program and add what it prints to `digest`; how many bytes these were."""
    size = 0
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        is_late = threading.Event()

        def end() -> None:
            is_late.set()
            process.kill()

        limit = threading.Timer(_TIME_LIMIT_S, end)
        limit.start()
        try:
            while chunk := process.stdout.read(_CHUNK_BYTES):
                size += len(chunk)
                digest.update(chunk)
        finally:
            limit.cancel()
            limit.join()
        if process.wait() != 0:
            raise subprocess.TimeoutExpired(command, _TIME_LIMIT_S) if is_late.is_set() else ValueError("git failed")
    return size
