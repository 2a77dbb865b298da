"""The archive that goes to a target: the project's files, the lock, and a manifest with the sum of each file.

    files/PATH      the project's files, PATH relative to its folder
    lock/NAME       the files of the lock, none where the target's own environment is used
    manifest.json   {"format", "entry", "language", "secrets": names, "files": {PATH: {"sha256", "size"}},
                    "lock": {NAME: sha256}}

The same input gives the same bytes on every system: sorted names, one time and mode for all, nothing compressed (what
zlib makes differs from build to build; targets compress on the way). Runs in a pool thread.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from ide.core.deploy import Bundle, BundledFile
from ide.core.errors import DeployError
from ide.core.package_lock import LockFile

FORMAT: Final = 1
_TIME: Final = (1980, 1, 1, 0, 0, 0)
_MODE: Final = 0o100644
_STREAMED_FROM_BYTES: Final = 8_000_000
_CHUNK_BYTES: Final = 1_000_000
_PARTIAL_SUFFIX: Final = ".partial"


def write_bundle(
    archive: Path,
    files: Mapping[str, Path],
    *,
    entry: str,
    language: str,
    lock: Sequence[LockFile] = (),
    secrets: Iterable[str] = (),
    told: Callable[[int, int], None] = lambda done, total: None,
) -> Bundle:
    """Write `archive` from `files` (path in the project -> file here). `secrets` are names.

    `told` hears files done and in all, and may raise to end it. Raises DeployError where a file cannot be read; then
    nothing is left.
    """
    if entry not in files:
        raise DeployError(f"{entry} is not among the files that go.", advice="Put it back into the list of files.")
    partial = archive.with_name(archive.name + _PARTIAL_SUFFIX)
    names = tuple(sorted(set(secrets)))
    lock_sums = {one.name: hashlib.sha256(one.text.encode()).hexdigest() for one in lock}
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as opened:
            bundled = _write_files(opened, files, told)
            for one in sorted(lock, key=lambda each: each.name):
                opened.writestr(_entry(f"lock/{one.name}"), one.text.encode())
            opened.writestr(_entry("manifest.json"), _manifest(bundled, entry, language, names, lock_sums))
        with open(partial, "rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        size = partial.stat().st_size
        partial.replace(archive)
    except OSError as error:
        raise DeployError(
            f"The bundle could not be made: {error.strerror or error}.",
            f"It stopped at {error.filename}." if error.filename else "",
            "Nothing was sent. See that the file can be read and the disk has room, then try again.",
        ) from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
    return Bundle(str(archive), digest, size, entry, language, bundled, lock_digest(lock), names)


def lock_digest(lock: Sequence[LockFile]) -> str:
    """The sum of a lock's files, "" where there are none. The same whatever their order."""
    if not lock:
        return ""
    lines = sorted(f"{hashlib.sha256(one.text.encode()).hexdigest()}  {one.name}\n" for one in lock)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _write_files(
    opened: zipfile.ZipFile, files: Mapping[str, Path], told: Callable[[int, int], None]
) -> tuple[BundledFile, ...]:
    bundled = []
    for done, path in enumerate(sorted(files, key=lambda each: each.encode("utf-8", "surrogateescape"))):
        _check_name(path)
        with open(files[path], "rb") as stream:
            first = stream.read(_STREAMED_FROM_BYTES)
            digest = hashlib.sha256(first)
            size = len(first)
            if size < _STREAMED_FROM_BYTES:
                opened.writestr(_entry(f"files/{path}"), first)
            else:
                with opened.open(_entry(f"files/{path}"), "w", force_zip64=True) as written:
                    written.write(first)
                    while chunk := stream.read(_CHUNK_BYTES):
                        digest.update(chunk)
                        size += len(chunk)
                        written.write(chunk)
        bundled.append(BundledFile(path, size, digest.hexdigest()))
        told(done + 1, len(files))
    return tuple(bundled)


def _check_name(path: str) -> None:
    """Names that another system could not write, or that would lie elsewhere, never go into an archive."""
    try:
        path.encode()
    except UnicodeEncodeError as error:
        raise DeployError(
            f"The name of {path.encode('utf-8', 'replace').decode()!r} is no valid text.",
            advice="Rename the file, or leave it out.",
        ) from error
    if path.startswith("/") or ".." in path.split("/") or "\\" in path or "\0" in path:
        raise DeployError(f"{path!r} cannot be sent under this name.", advice="Rename the file, or leave it out.")


def _entry(name: str) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name, _TIME)
    made.create_system = 3  # else Windows and Unix differ
    made.external_attr = _MODE << 16
    made.compress_type = zipfile.ZIP_STORED
    return made


def _manifest(
    files: Sequence[BundledFile], entry: str, language: str, secrets: Sequence[str], lock: Mapping[str, str]
) -> bytes:
    content = {
        "format": FORMAT,
        "entry": entry,
        "language": language,
        "secrets": list(secrets),
        "files": {one.path: {"sha256": one.sha256, "size": one.size_bytes} for one in files},
        "lock": dict(lock),
    }
    return json.dumps(content, ensure_ascii=True, indent=1, sort_keys=True).encode()
