"""What a file on disk was when it was last read or written, so that a change by somebody else is noticed."""

from __future__ import annotations

import hashlib
import os

from ide.core.record import dataclass


@dataclass(frozen=True, slots=True)
class Signature:
    """Size and times of a file, and a hash of its bytes. Two equal hashes mean the same bytes, whatever the times say.

    `changed_ns` is the inode's change time, which a program cannot set back (the time of creation on Windows).
    """

    modified_ns: int
    changed_ns: int
    size_bytes: int
    inode: int
    device: int
    digest: str

    def fits(self, found: os.stat_result) -> bool:
        """Whether the file can be taken as unchanged without reading it."""
        return (self.modified_ns, self.changed_ns, self.size_bytes, self.inode, self.device) == (
            found.st_mtime_ns,
            found.st_ctime_ns,
            found.st_size,
            found.st_ino,
            found.st_dev,
        )

    def as_list(self) -> list[int | str]:
        """For a journal."""
        return [self.modified_ns, self.changed_ns, self.size_bytes, self.inode, self.device, self.digest]


def signature_from(values: object) -> Signature | None:
    """Read what `as_list` gave; None for anything else."""
    match values:
        case [int(modified), int(changed), int(size), int(inode), int(device), str(digest)]:
            return Signature(modified, changed, size, inode, device, digest)
    return None


def signature_of(found: os.stat_result, data: bytes) -> Signature:
    """The signature of a file with this status and these bytes."""
    return Signature(found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino, found.st_dev, digest_of(data))


def digest_of(data: bytes) -> str:
    """A hash that differs wherever bytes differ."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()
