"""What would go wrong with a job, before anything is sent. Pure: records in, concerns out.

A concern that blocks keeps the job here, unless the user accepted it (`accepted` holds `key_of` of such concerns);
what a policy says is nobody's to accept.
Fixes are commands: `deploy.exclude_file`, `deploy.include_file`, `deploy.name_secret`, `deploy.lock`,
`deploy.edit_target`, `deploy.edit_resources`, `file.save_all`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Final

from ide.core.deploy import Concern, Resources, TargetStatus
from ide.core.package_lock import Difference, PackageLock, differences
from ide.core.policy import PolicyVerdict
from ide.core.record import dataclass, field
from ide.deploy.cost import estimate, money
from ide.deploy.inputs import Examination, is_absolute
from ide.deploy.snapshot import ASK_ABOVE_BYTES, Snapshot

_ALWAYS_SET: Final = frozenset(
    {"HOME", "PATH", "USER", "LANG", "TMPDIR", "PWD", "SHELL", "LOGNAME", "R_HOME", "OMP_NUM_THREADS"}
)
_PLACES: Final = re.compile(
    r"(?:/(?:home|Users|root|mnt|media|tmp|var|opt|srv|data|scratch|Volumes|usr|etc)/\S|~[/\\]\S|[A-Za-z]:[\\/]\S|\\\\\w)"
)
POLICY: Final = "policy"
"""Code of what a policy says against a package: whoever made the policy allows it, not the user."""
_SPACE: Final = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class Locked:
    """What is known of the environment's lock. `stale` are differences from what is installed here; `unsolvable` is
    uv's reason, made readable, where the worker's platform has no such packages."""

    lock: PackageLock | None = None
    stale: tuple[Difference, ...] = ()
    unsolvable: str = ""


@dataclass(frozen=True, slots=True)
class Preflight:
    """All that is looked at. `language` is the entry's id and `language_name` its name; `status` None where the target
    was not asked yet. `needs` are versions that target and helper must share ("dask"). `secrets` are names that have a
    value; `unsaved` are files of the project with changes that are not on disk. `price_per_worker_hour` in `currency`.
    """

    snapshot: Snapshot
    examination: Examination
    language: str
    language_name: str
    status: TargetStatus | None
    locked: Locked = Locked()
    resources: Resources = Resources()
    verdicts: tuple[PolicyVerdict, ...] = ()
    needs: Mapping[str, str] = field(default_factory=dict)
    secrets: frozenset[str] = frozenset()
    unsaved: tuple[str, ...] = ()
    price_per_worker_hour: float = 0.0
    currency: str = ""
    is_size_accepted: bool = False


def concerns(preflight: Preflight, accepted: frozenset[str] = frozenset()) -> tuple[Concern, ...]:
    """Everything there is to say, what blocks first. Accepted concerns come back as notes."""
    found = [one for look in _LOOKS for one in look(preflight)]
    made = [
        Concern("accepted", "note", one.happened, one.meaning, "", one.file, one.line)
        if key_of(one) in accepted and one.code != POLICY
        else one
        for one in found
    ]
    order = ("block", "warn", "note")
    return tuple(sorted(made, key=lambda one: order.index(one.level)))


def key_of(concern: Concern) -> str:
    """By which the user's consent to one concern is remembered; another line or file is another concern."""
    return f"{concern.code} {concern.file}:{concern.line} {concern.happened}"


def is_clear(found: Sequence[Concern]) -> bool:
    """Whether nothing keeps the job here."""
    return all(one.level != "block" for one in found)


def _entry(asked: Preflight) -> Iterator[Concern]:
    snapshot = asked.snapshot
    if all(one.path != snapshot.entry for one in snapshot.files):
        left = next((one for one in snapshot.left_out if _covers(one.path, snapshot.entry)), None)
        why = f"It stays here: {left.reason}." if left else "There is no such file in the project."
        yield Concern(
            "entry_missing", "block", f"The script {snapshot.entry} is not among the files that go.", why,
            "Choose another script, or put it back.", snapshot.entry,
        )  # fmt: skip
    for path in asked.unsaved:
        yield Concern(
            "not_saved", "block", f"{path} has changes that are not saved.", "What is on the disk would run.",
            "Save it.", path, 0, "file.save_all", "Save all",
        )  # fmt: skip


def _files(asked: Preflight) -> Iterator[Concern]:
    snapshot = asked.snapshot
    for one in snapshot.refused:
        yield Concern(
            "file_refused", "block", f"{one.path} {one.reason}.", "It can't be sent.",
            "Leave it out, or put the file itself into the project.", one.path, 0, "deploy.exclude_file", "Leave out",
        )  # fmt: skip
    if snapshot.asks_for_its_size and not asked.is_size_accepted:
        largest = max(snapshot.files, key=lambda one: one.size_bytes)
        yield Concern(
            "too_large", "block", f"{_size(snapshot.size_bytes)} would be sent.",
            f"That is more than {_size(ASK_ABOVE_BYTES)}; the largest file is {largest.path} "
            f"({_size(largest.size_bytes)}).",
            "Leave out what the script does not need, or send all.", largest.path, 0,
            "deploy.exclude_file", "Leave out",
        )  # fmt: skip


def _secrets(asked: Preflight) -> Iterator[Concern]:
    for one in asked.examination.credentials:
        shown = f": {one.shown}" if one.shown else ""
        place = f"line {one.line} of {one.path}" if one.line else one.path
        yield Concern(
            "secret_in_file", "block" if one.is_sure else "warn", f"{_capital(one.what)} is in {place}{shown}.",
            "Whoever has access to the cluster could read it.",
            "Leave the file out, or read the value from an environment variable and name it as a secret.",
            one.path, one.line, "deploy.exclude_file", "Leave out",
        )  # fmt: skip
    for one in asked.examination.stay_here:
        place = f"line {one.line} of {one.path}" if one.line else one.path
        yield Concern(
            "secret_stays", "note", f"{_capital(one.what)} is in {place}. It is not sent.", "", "", one.path, one.line
        )
    missing = _first_places(asked, "variable")
    for name, (file, line) in missing.items():
        if name not in asked.secrets and name not in _ALWAYS_SET:
            yield Concern(
                "secret_missing", "block", f"The script needs the environment variable {name}.",
                "It is not set where the job runs.", "Give its value as a secret of this job.",
                file, line, "deploy.name_secret", "Give value",
            )  # fmt: skip


def _paths(asked: Preflight) -> Iterator[Concern]:
    for one in asked.examination.mentions:
        text, kind = one.mention.text, one.mention.kind
        if kind == "variable" or not is_absolute(text):
            continue
        if kind == "text" and (not _PLACES.match(text) or _SPACE.search(text)):
            continue
        happened = f"{text} is a place on this computer."
        if kind == "write":
            yield Concern(
                "absolute_path", "warn", happened, "What is written there does not come back.",
                "Write into outputs/.", one.file, one.mention.line,
            )  # fmt: skip
        else:
            yield Concern(
                "absolute_path", "block" if kind == "read" else "warn", happened,
                "There is no such place where the job runs.",
                "Put the file into the project and name it from the project's folder.", one.file, one.mention.line,
            )  # fmt: skip


def _inputs(asked: Preflight) -> Iterator[Concern]:
    for one in asked.examination.inputs:
        if one.is_address or is_absolute(one.name):
            continue  # an absolute path was told already
        if one.path is None:
            near = PurePosixPath(one.file).parent / one.name
            is_near = any(sent.path == near.as_posix() for sent in asked.snapshot.files)
            yield Concern(
                "input_missing", "block", f"There is no file {one.name}.",
                f"It is beside {one.file}, but the job runs in the project's folder." if is_near
                else "The script reads it.",
                f"Name it {near.as_posix()}." if is_near else "Put it into the project, or correct its name.",
                one.file, one.line,
            )  # fmt: skip
        elif not one.path.is_relative_to(asked.snapshot.folder):
            yield Concern(
                "input_outside", "block", f"{one.name} lies outside the project.", "It would not be there.",
                "Put it into the project.", one.file, one.line,
            )  # fmt: skip
        elif not one.is_sent:
            yield Concern(
                "input_left_out", "block", f"{one.path.relative_to(asked.snapshot.folder).as_posix()} is not sent, "
                "but the script reads it.", "", "Send it too.", one.file, one.line, "deploy.include_file", "Send it",
            )  # fmt: skip


def _target(asked: Preflight) -> Iterator[Concern]:
    status = asked.status
    if status is None:
        return
    if not status.is_reachable:
        yield Concern(
            "target_unreachable", "block", status.happened or "The target does not answer.", status.meaning,
            status.advice or "See its settings.", "", 0, "deploy.edit_target", "Edit target",
        )  # fmt: skip
        return
    if _is_unknown(asked):
        yield Concern(
            "workers_unknown", "note", "What the target's workers have is known once the first one was up.",
            "Versions and packages could not be compared.",
        )  # fmt: skip
    elif not status.versions.get(asked.language):
        yield Concern(
            "language_missing", "block", f"{asked.language_name} is not installed where the job runs.", "",
            "Choose another target, or ask whoever looks after it to install it.",
        )  # fmt: skip
    for name, wanted in asked.needs.items():
        there = status.versions.get(name, "")
        if there and there != wanted:
            yield Concern(
                "version_unfit", "block", f"The target has {name} {there}, this side has {wanted}.",
                "They may not understand each other.",
                f"Choose another target, or ask whoever looks after it for {name} {wanted}.",
            )  # fmt: skip
    lock, there = asked.locked.lock, status.versions.get(asked.language, "")
    if lock is not None and lock.language_version and there and _minor(lock.language_version) != _minor(there):
        # uv fetches the Python that the lock asks for; a language without that runs as it is.
        level = "note" if _is_restored(asked) else "block"
        yield Concern(
            "language_version", level, f"The lock is for {asked.language_name} {lock.language_version}, the target has "
            f"{there}.", "The version of the lock is fetched there." if level == "note" else "Results may differ.",
            "" if level == "note" else "Lock with the target's version, or choose another target.",
        )  # fmt: skip


def _lock(asked: Preflight) -> Iterator[Concern]:
    lock = asked.locked.lock
    if lock is None:
        yield Concern(
            "lock_missing", "block", "The packages of this project are not locked.",
            "Nobody could say which ones the job had.", "Lock them; it takes a moment.", "", 0, "deploy.lock", "Lock",
        )  # fmt: skip
        return
    file = lock.files[0].name if lock.files else ""
    if asked.locked.stale:
        first = "; ".join(one.words for one in asked.locked.stale[:3])
        more = len(asked.locked.stale) - 3
        yield Concern(
            "lock_stale", "block", f"The lock is not what is installed here: {first}"
            f"{f' and {more} more' if more > 0 else ''}.", "The job would have other packages than you tried.",
            "Lock again.", file, 0, "deploy.lock", "Lock",
        )  # fmt: skip
    if asked.locked.unsolvable:
        yield Concern(
            "lock_unsolvable", "block", "The locked packages can't be installed where the job runs.",
            asked.locked.unsolvable, "Choose another version, or lock for the target's platform.", file, 0,
            "deploy.lock", "Lock",
        )  # fmt: skip
    if _is_restored(asked):
        bare = [one.name for one in lock.packages if not one.hashes]
        if bare:
            yield Concern(
                "lock_unhashed", "block", f"The lock has no sums for {_listed(bare)}.",
                "What is installed there can't be checked.", "Lock again.", file, 0, "deploy.lock", "Lock",
            )  # fmt: skip
    elif asked.status is not None and asked.status.is_reachable and not _is_unknown(asked):
        there = asked.status.packages.get(asked.language, {})
        # What the worker has beside does no harm.
        for one in differences(lock, there.items()):
            if one.locked:
                words = f"{one.name} {one.locked} is locked, the target has {one.installed or 'none'}"
                yield Concern(
                    "package_differs", "block", f"{words}.", "The target uses its own packages.",
                    "Install that version there, or accept the difference.", file,
                )  # fmt: skip
    if lock.left_out:
        yield Concern(
            "lock_incomplete", "warn", f"{_listed([one.name for one in lock.left_out])} could not be locked.",
            lock.left_out[0].reason, "Install it from an index, or leave it out of the script.", file,
        )  # fmt: skip


def _policy(asked: Preflight) -> Iterator[Concern]:
    for one in asked.verdicts:
        if not one.is_allowed:
            yield Concern(
                POLICY, "block", f"{one.name} {one.version}: {one.standing.words.lower()}.", " ".join(one.reasons),
                "Use another package, or ask whoever made the policy.",
            )  # fmt: skip


def _limits(asked: Preflight) -> Iterator[Concern]:
    wanted, limits = asked.resources, asked.status.limits if asked.status else {}
    edit = ("", 0, "deploy.edit_resources", "Change")
    asked_for: tuple[tuple[str, float, str, Callable[[float], str]], ...] = (
        ("workers", wanted.workers, "workers", lambda number: f"{number:g}"),
        ("cores_per_worker", wanted.cores_per_worker, "cores per worker", lambda number: f"{number:g}"),
        ("memory_bytes", wanted.memory_bytes, "memory per worker", _size),
        ("time_limit_s", wanted.time_limit_s, "time", lambda number: f"{number / 60:g} min"),
    )
    for name, number, words, shown in asked_for:
        if name in limits and number > limits[name]:
            yield Concern(
                f"quota_{name}", "block",
                f"{shown(number)} {words} are asked for, the target gives {shown(limits[name])}.",
                "", "Ask for less.", *edit,
            )  # fmt: skip
    needed = 2 * asked.snapshot.size_bytes  # the bundle and what is unpacked from it
    if limits.get("disk_bytes", needed) < needed:
        yield Concern(
            "disk_full", "block", f"The target has {_size(limits['disk_bytes'])} of disk left, {_size(needed)} are "
            "needed.", "", "Leave files out, or choose another target.",
        )  # fmt: skip
    if wanted.workers < 1:
        yield Concern("no_workers", "block", "No worker is asked for.", "", "Ask for one at least.", *edit)
    most = estimate(asked.price_per_worker_hour, wanted.workers, wanted.time_limit_s)
    if wanted.budget and most > wanted.budget:
        yield Concern(
            "over_budget", "warn", f"The job may cost {money(most, asked.currency)}, the budget is "
            f"{money(wanted.budget, asked.currency)}.", "It is stopped where the budget is spent.",
            "Give it less time or fewer workers, or a larger budget.", *edit,
        )  # fmt: skip
    elif asked.price_per_worker_hour and not wanted.budget and not wanted.time_limit_s:
        yield Concern(
            "no_limit", "block", "The job has neither a time limit nor a budget.", "It could cost any amount.",
            "Give it one of them.", *edit,
        )  # fmt: skip


_LOOKS: Final = (_target, _entry, _files, _secrets, _paths, _inputs, _lock, _policy, _limits)


def _first_places(asked: Preflight, kind: str) -> dict[str, tuple[str, int]]:
    places: dict[str, tuple[str, int]] = {}
    for one in asked.examination.mentions:
        if one.mention.kind == kind:
            places.setdefault(one.mention.text, (one.file, one.mention.line))
    return places


def _is_unknown(asked: Preflight) -> bool:
    return asked.status is not None and "workers_unknown" in asked.status.capabilities


def _is_restored(asked: Preflight) -> bool:
    """Whether the target makes the environment from the lock."""
    return asked.status is None or f"restore_{asked.language}" in asked.status.capabilities


def _covers(left_out: str, path: str) -> bool:
    return path == left_out or (left_out.endswith("/") and path.startswith(left_out))


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _listed(names: Sequence[str]) -> str:
    more = len(names) - 3
    return ", ".join(names[:3]) + (f" and {more} more" if more > 0 else "")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _size(size_bytes: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if size_bytes < 1000 or unit == "GB":
            return f"{size_bytes:.3g} {unit}" if size_bytes < 1000 else f"{size_bytes:,.0f} {unit}"
        size_bytes /= 1000
    raise AssertionError("the last unit ends it")
