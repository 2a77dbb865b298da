"""Run under the shim: saves a file with the k-th call failing, for every k, and tells what was wrong, if anything.

Arguments: folder, kind of file, way of failing. Prints one JSON object.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ide.core.errors import DocumentError
from ide.documents import atomic_save
from ide.documents.atomic_save import plan_save, save_bytes
from ide.documents.errors import SaveFailedError
from ide.documents.reading import read_bytes

ONCE, PERSISTENT, KILL = 0, 1, 2
WAYS: dict[str, tuple[int, int]] = {
    "ENOSPC once": (errno.ENOSPC, ONCE),
    "ENOSPC persistent": (errno.ENOSPC, PERSISTENT),
    "EIO once": (errno.EIO, ONCE),
    "EIO persistent": (errno.EIO, PERSISTENT),
    "EINTR once": (errno.EINTR, ONCE),
    "EINTR persistent": (errno.EINTR, PERSISTENT),
    "short write once": (-1, ONCE),
    "short write persistent": (-1, PERSISTENT),
    "SIGKILL": (0, KILL),
}
KINDS = ("plain", "new", "link", "hard link", "shorter")
OLD = b"".join(b"old line %d\n" % number for number in range(400))
NEW = b"".join(b"new line %d, and longer\n" % number for number in range(500))
_LIMIT = 200


@dataclass
class Report:
    """What one run of all k showed."""

    calls: int = 0
    failures: int = 0
    wrong: list[str] = field(default_factory=list)


class Trial:
    """One file of one kind, saved again and again."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.kind = kind
        self.project = folder / "project"
        self.safety = folder / "safety"
        self.project.mkdir()
        self.safety.mkdir()
        self.path = self.project / "a.py"
        self.new = b"short\n" if kind == "shorter" else NEW
        self.has_hard_link = kind in ("hard link", "shorter")
        self.shim = ctypes.CDLL(None)

    def reset(self) -> None:
        for path in [*self.project.iterdir(), *self.safety.iterdir()]:
            path.unlink()
        if self.kind == "new":
            return
        real = self.project / "real.py" if self.kind == "link" else self.path
        real.write_bytes(OLD)
        real.chmod(0o640)
        if self.kind == "link":
            self.path.symlink_to("real.py")
        if self.has_hard_link:
            os.link(self.path, self.project / "other.py")

    def run(self, error: int, manner: int) -> Report:
        report = Report()
        for k in range(1, _LIMIT):
            self.reset()
            save = self._killed if manner == KILL else self._failing
            if not save(k, error, manner, report):
                report.calls = k - 1
                return report
        report.wrong.append("never came to an end")
        return report

    def _failing(self, k: int, error: int, manner: int, report: Report) -> bool:
        """One save; False where no call failed any more."""
        expected = read_bytes(self.path)[1] if self.path.exists() else None
        raised: DocumentError | None = None
        self._arm(k, error, manner)
        try:
            save_bytes(plan_save(self.path, self.safety), self.new, expected)
        except DocumentError as caught:
            raised = caught
        finally:
            self.shim.fault_disarm()
        if not self.shim.fault_failed():
            return False
        report.failures += raised is not None
        if raised is not None and "only in part" in raised.happened:
            self._check_half(report, k, manner)
        self._check(report, k, self._is_told_in_place(raised) or raised is None, is_over=raised is not None)
        self._save_again(report, k, expected if not self._is_told_in_place(raised) and raised else None)
        return True

    def _killed(self, k: int, error: int, manner: int, report: Report) -> bool:
        """One save in a child that is killed; then the repair of the next start."""
        expected = read_bytes(self.path)[1] if self.path.exists() else None
        child = os.fork()
        if child == 0:
            self._arm(k, error, manner)
            save_bytes(plan_save(self.path, self.safety), self.new, expected)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            return False
        report.failures += 1
        for safety in self.safety.glob("*" + atomic_save.SAFETY_SUFFIX):
            if not self.has_hard_link:
                report.wrong.append(f"k={k}: the file needs repair")
            if told := atomic_save.repair(safety):
                report.wrong.append(f"k={k}: {told}")
        for temporary in self.project.glob(".*"):
            atomic_save.remove_temporary(temporary)
        self._check(report, k, None, is_over=True)
        return True

    def _arm(self, k: int, error: int, manner: int) -> None:
        self.shim.fault_arm(os.fsencode(self.project.parent), k, error, manner)

    def _is_told_in_place(self, error: DocumentError | None) -> bool:
        return isinstance(error, SaveFailedError) and error.signature is not None

    def _check(self, report: Report, k: int, is_new: bool | None, *, is_over: bool) -> None:
        """The file is one version, whole, and what it was; nothing else lies about. `is_new` None: either."""
        found = self.path.read_bytes() if self.path.exists() else b""
        old = b"" if self.kind == "new" else OLD
        wanted = {True: (self.new,), False: (old,), None: (old, self.new)}[is_new]
        say: Callable[[str], None] = lambda what: report.wrong.append(f"k={k}: {what}")  # noqa: E731
        if found not in wanted:
            say(f"file of {len(found)} bytes is not the {'new' if is_new else 'old'} one")
        if self.kind == "link" and not self.path.is_symlink():
            say("the link is gone")
        if self.has_hard_link and self.path.stat().st_nlink != 2:
            say("the hard link is gone")
        if self.kind != "new" and stat.S_IMODE(self.path.stat().st_mode) != 0o640:
            say("the mode is another one")
        names = {path.name for path in self.project.iterdir()} - {"a.py", "real.py", "other.py"}
        if names and is_over and self.shim.fault_failed() < 2:
            say(f"left behind: {names}")

    def _check_half(self, report: Report, k: int, manner: int) -> None:
        """A disk that takes a file's first half and then nothing more, not even the old bytes: both are kept safe."""
        if self.kind != "shorter" or manner != PERSISTENT:
            report.wrong.append(f"k={k}: the file is half written")
        for safety in self.safety.glob("*" + atomic_save.SAFETY_SUFFIX):
            atomic_save.repair(safety, finish=False)

    def _save_again(self, report: Report, k: int, expected: object) -> None:
        """Once the disk works again, so does the next save."""
        for path in self.project.glob(".*"):
            path.unlink()
        try:
            signature = read_bytes(self.path)[1] if self.path.exists() else None
            save_bytes(plan_save(self.path, self.safety), self.new, signature)
        except DocumentError as error:
            report.wrong.append(f"k={k}: the next save failed: {error.text}")
        if self.path.read_bytes() != self.new:
            report.wrong.append(f"k={k}: the next save did not write the new version")


def main() -> None:
    folder, kind, way = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    report = Trial(folder, kind).run(*WAYS[way])
    print(json.dumps({"calls": report.calls, "failures": report.failures, "wrong": report.wrong}))


if __name__ == "__main__":
    main()
