"""The record of one run: what ran, from what, with what, where, and what came of it; comparing and verifying runs.

Pure but for `commit_of` and `changed_inputs`, which read files. Secrets are there by name alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Final

from ide.core.deploy import Artefact, JobState
from ide.core.record import dataclass, field
from ide.deploy.inputs import Input, digest_of

VERSION: Final = 1
_COMMIT: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_SMALL_BYTES: Final = 10_000


@dataclass(frozen=True, slots=True)
class RecordedInput:
    """Data that was read. `path` as the code names it, or where it lies; `sha256` empty where it was not here."""

    path: str
    size_bytes: int = 0
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """Times in seconds since the epoch. `files` are path -> sha256 of what was sent, `packages` name -> version of the
    lock, `again_of` the run that this one repeats. `commit` is empty without git; `dirty_sha256` is empty where nothing
    differs from the commit or nobody could say. `has_results`: they were fetched."""

    id: str
    title: str
    project: str
    entry: str
    language: str
    target: str
    target_name: str = ""
    target_kind: str = ""
    arguments: tuple[str, ...] = ()
    options: Mapping[str, object] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    user: str = ""
    platform: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    commit: str = ""
    dirty_sha256: str = ""
    bundle_sha256: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    lock_sha256: str = ""
    packages: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[RecordedInput, ...] = ()
    outputs: tuple[Artefact, ...] = ()
    has_results: bool = False
    state: JobState = JobState.PREPARING
    exit_code: int | None = None
    reason: str = ""
    error_file: str = ""
    error_line: int = 0
    created_s: float = 0.0
    started_s: float = 0.0
    ended_s: float = 0.0
    cost: float | None = None
    price_per_worker_hour: float = 0.0
    currency: str = ""
    again_of: str = ""

    def to_json(self) -> dict[str, Any]:
        """For the file and the export."""
        return {"version": VERSION, **asdict(self)}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> RunRecord:
        """What `to_json` made, also by an older or newer program. ValueError or TypeError for anything else."""
        values = {name: content[name] for name in _NAMES if name in content}
        for name in ("id", "title", "project", "entry", "language", "target"):
            if not isinstance(values.get(name), str):
                raise ValueError(f"{name} is missing")
        values["state"] = JobState(values.get("state", JobState.LOST))
        values["arguments"] = tuple(map(str, values.get("arguments", ())))
        values["secrets"] = tuple(map(str, values.get("secrets", ())))
        values["inputs"] = tuple(RecordedInput(**one) for one in values.get("inputs", ()))
        values["outputs"] = tuple(Artefact(**one) for one in values.get("outputs", ()))
        for name in ("options", "versions", "files", "packages"):
            values[name] = dict(values.get(name, {}))
        return cls(**values)

    def text(self) -> str:
        """What a search looks in, lower case."""
        words = (
            self.title, self.project, self.entry, self.language, self.target_name, self.user, self.state, self.commit,
            self.reason, *self.arguments, *(one.path for one in self.inputs), *(one.path for one in self.outputs),
            *self.packages,
        )  # fmt: skip
        return "\n".join(words).lower()


_NAMES: Final = tuple(one.name for one in fields(RunRecord))


def recorded(inputs: Iterable[Input]) -> tuple[RecordedInput, ...]:
    """What is kept of inputs; a pattern or folder is each of its files."""
    made = {}
    for one in inputs:
        path = str(one.path) if one.path is not None else one.name
        made[path] = RecordedInput(path, one.size_bytes, one.sha256)
    return tuple(made[path] for path in sorted(made))


@dataclass(frozen=True, slots=True)
class Change:
    """Something that differs between two runs. `before` or `after` is empty where it was not there."""

    part: str  # "code", "packages", "data", "outputs", "settings"
    name: str
    before: str = ""
    after: str = ""


def compare(before: RunRecord, after: RunRecord) -> tuple[Change, ...]:
    """What differs: code, packages, data, outputs and how it was asked for, by part and name.

    A file that goes with the project and is read as data counts as data.
    """
    data_before, data_after = _data(before), _data(after)
    inside = {*data_before, *data_after}
    code_before = {path: sha for path, sha in before.files.items() if path not in inside}
    code_after = {path: sha for path, sha in after.files.items() if path not in inside}
    settings = [
        {
            "entry": run.entry, "arguments": " ".join(run.arguments), "target": run.target_name or run.target,
            "platform": run.platform, "secrets": ", ".join(run.secrets),
            **{name: str(value) for name, value in run.options.items()},
            **{f"version of {name}": value for name, value in run.versions.items()},
        }
        for run in (before, after)
    ]  # fmt: skip
    return (
        *_changes("code", code_before, code_after),
        *_changes("packages", before.packages, after.packages),
        *_changes("data", data_before, data_after),
        *_changes("outputs", *({one.path: one.sha256 for one in run.outputs} for run in (before, after))),
        *_changes("settings", settings[0], settings[1]),
    )


def verify(first: RunRecord, again: RunRecord) -> tuple[Change, ...]:
    """What of the outputs is not as it was. Empty: the run gave the same again."""
    return tuple(one for one in compare(first, again) if one.part == "outputs")


def changed_inputs(run: RunRecord) -> tuple[str, ...]:
    """Paths of inputs that are not here any more as the run read them. Reads them: for a pool thread."""
    return tuple(one.path for one in run.inputs if one.sha256 and _digest(Path(one.path)) != one.sha256)


def commit_of(folder: Path) -> str:
    """The commit that a project is at, "" without one. From git's files alone: git itself would run what a project's
    settings name."""
    for root in (folder, *folder.parents):
        git = root / ".git"
        text = _small(git) if git.is_file() else ""
        if text.startswith("gitdir:"):  # a worktree or a module
            git = root / text.removeprefix("gitdir:").strip()
        if not git.is_dir():
            continue
        head = _small(git / "HEAD").strip()
        if not head.startswith("ref:"):
            return head if _COMMIT.fullmatch(head) else ""
        name = head.removeprefix("ref:").strip()
        if ".." in name or not name.startswith("refs/"):
            return ""
        common = git / (_small(git / "commondir").strip() or ".")
        for place in (git, common):
            found = _small(place / name).strip()
            if _COMMIT.fullmatch(found):
                return found
        lines = (line.split(" ", 1) for line in _small(common / "packed-refs", 5_000_000).splitlines())
        return next((line[0] for line in lines if line[1:] == [name] and _COMMIT.fullmatch(line[0])), "")
    return ""


def _data(run: RunRecord) -> dict[str, str]:
    base = Path(run.project)
    data = {}
    for one in run.inputs:
        path = Path(one.path)
        data[path.relative_to(base).as_posix() if path.is_relative_to(base) else one.path] = one.sha256
    return data


def _changes(part: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterable[Change]:
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        if was != now:
            yield Change(part, name, was or "", now or "")


def _digest(path: Path) -> str:
    try:
        return digest_of(path)
    except OSError:
        return ""


def _small(path: Path, limit_bytes: int = _SMALL_BYTES) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read(limit_bytes)
    except OSError:
        return ""
