"""Runs on disk, in the profile: a folder for each job, private to the user.

    ID/record.json    the record, written whole each time
    ID/events.jsonl   what the target told, one event a line, only added to
    ID/bundle.zip     what was sent; ID/results.zip and ID/results/ what came back

A file that can't be read is left as it is and its run is told as a problem; others are not harmed. Runs in pool
threads; one `History` is used by one thread at a time.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from ide.core.deploy import JobEvent
from ide.deploy.record import RunRecord

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_LIMIT_BYTES: Final = 50_000_000


class History:
    """The runs of one profile. `problems` are sentences about files that could not be read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[str] = []
        self._known: dict[str, tuple[int, RunRecord]] = {}
        """By path, with the time of writing: what was read once is not read again."""

    def place(self, job: str) -> Path:
        """The folder of a job, made where it is not there. ValueError for an id that is none."""
        if not _ID.fullmatch(job):
            raise ValueError(f"{job!r} is no id of a job")
        place = self.folder / job
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        return place

    def save(self, record: RunRecord) -> None:
        """Write a record whole, on the medium when this returns. Raises OSError; the old one is then as it was."""
        target = self.place(record.id) / "record.json"
        fresh = target.with_name(f".record.{os.urandom(6).hex()}.tmp")
        data = json.dumps(record.to_json(), indent=1).encode()
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with open(descriptor, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            fresh.replace(target)
        finally:
            with contextlib.suppress(OSError):
                fresh.unlink(missing_ok=True)

    def records(self, most: int | None = None) -> tuple[RunRecord, ...]:
        """All runs, or the `most` that were written last; the newest first."""
        self.problems.clear()
        places = []
        with contextlib.suppress(OSError):
            for folder in os.scandir(self.folder):
                with contextlib.suppress(OSError):
                    # Text, for a thousand of them: a `Path` takes longer to make than a file to be looked at.
                    path = os.path.join(folder.path, "record.json")  # noqa: PTH118
                    places.append((os.stat(path), path, folder.name))  # noqa: PTH116
        places.sort(key=lambda one: one[0].st_mtime_ns, reverse=True)
        found = []
        for status, path, name in places[:most]:
            known = self._known.get(path)
            if known is not None and known[0] == status.st_mtime_ns:
                found.append(known[1])
                continue
            try:
                if status.st_size > _LIMIT_BYTES:
                    raise ValueError("it is too large")
                with open(path, "rb") as stream:
                    record = RunRecord.from_json(json.loads(stream.read().decode()))
                if record.id != name:
                    raise ValueError("it is of another job")
                found.append(record)
                self._known[path] = (status.st_mtime_ns, record)
            except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
                self.problems.append(f"The record of job {name} can't be read: {error}.")
        return tuple(sorted(found, key=lambda one: (-one.created_s, one.id)))

    def add_events(self, job: str, events: Sequence[JobEvent]) -> None:
        """Write what was told at the end of the job's log. Raises OSError."""
        path = self.place(job) / "events.jsonl"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with open(descriptor, "ab") as stream:
            stream.write(b"".join(json.dumps(asdict(one)).encode() + b"\n" for one in events))

    def events(self, job: str) -> tuple[JobEvent, ...]:
        """What was told of a job, by number without gaps: what stands behind a gap or a damaged line is asked for
        again."""
        return tuple(self._events(self.folder / job / "events.jsonl"))

    def _events(self, path: Path) -> Iterator[JobEvent]:
        expected = 0
        try:
            with open(path, "rb") as stream:
                for line in stream:
                    try:
                        one = JobEvent(**json.loads(line))
                    except (ValueError, TypeError):
                        continue  # half a line, from a stop of the machine
                    if one.number == expected:
                        expected += 1
                        yield one
        except OSError:
            return

    def remove(self, job: str) -> None:
        """Forget a run with all that came back."""
        if _ID.fullmatch(job):
            shutil.rmtree(self.folder / job, ignore_errors=True)


def search(records: Iterable[RunRecord], words: str) -> tuple[RunRecord, ...]:
    """Runs in which every word stands somewhere, in the order given."""
    wanted = words.lower().split()
    return tuple(one for one in records if all(word in one.text() for word in wanted))
