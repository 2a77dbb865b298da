"""What is said of jobs: targets, what is sent to them, what they tell, what comes back. Records without I/O."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from ide.core.record import dataclass, field


class JobState(StrEnum):
    """Where a job is. The last six are final: they never change again."""

    PREPARING = "preparing"  # checks, lock, bundle: on this computer
    SUBMITTING = "submitting"
    WAITING = "waiting"  # for a cluster or a worker
    INSTALLING = "installing"  # the environment is made where the job will run
    RUNNING = "running"
    FETCHING = "fetching"  # it is over, its results are on their way
    SUCCEEDED = "succeeded"
    FAILED = "failed"  # the script, or what it needed
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    LOST = "lost"  # the worker or the cluster ended; it was not run again

    @property
    def is_final(self) -> bool:
        """Whether the job is over."""
        return self in _FINAL


_FINAL = frozenset(
    (
        JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED, JobState.TIMED_OUT, JobState.OUT_OF_MEMORY,
        JobState.LOST,
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TargetOption:
    """A field of a target's form, or of the options that a gateway asks for. `kind`: text, secret, bool, int, float,
    choice, mapping. `unit` is shown behind the field."""

    name: str
    label: str
    kind: str
    default: object = None
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    help: str = ""
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class TargetSpec:
    """A place where jobs run, as the user set it up. `kind` is a target kind of a plugin. `options` hold no secret:
    `secrets` are names under which the system's key store has the values."""

    id: str
    name: str
    kind: str
    options: Mapping[str, object] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    price_per_worker_hour: float = 0.0
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Resources:
    """What a job asks for. Zero: what the target gives by itself. Times in seconds, memory in bytes."""

    workers: int = 1
    cores_per_worker: int = 0
    memory_bytes: int = 0
    time_limit_s: float = 3_600.0
    idle_limit_s: float = 1_200.0
    budget: float = 0.0
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JobRequest:
    """One job to submit. The same `id` is never run twice by a target. `bundle` is the path of the archive here,
    `bundle_sha256` its sum. `entry` is a path within it, `language` "python" or "r". `secrets` are values by name:
    never written down, never logged."""

    id: str
    title: str
    bundle: str
    bundle_sha256: str
    entry: str
    language: str
    arguments: tuple[str, ...] = ()
    resources: Resources = Resources()
    secrets: Mapping[str, str] = field(default_factory=dict)
    output_limit_bytes: int = 1_000_000_000


@dataclass(frozen=True, slots=True)
class JobEvent:
    """What a target tells of a job, numbered from 0 without gaps, so that what was missed is asked for again.

    `kind`: "state" (`text` is a JobState, `detail` its reason), "log" (`stream` stdout or stderr), "progress" (`text`
    says the step, `done` of `total`), "note". `at_s` is seconds since the epoch on the target's clock.
    """

    number: int
    kind: str
    at_s: float
    text: str = ""
    stream: str = ""
    detail: str = ""
    done: float = 0.0
    total: float = 0.0


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """How a job ended. `exit_code` is negative for a signal, None where it never ran to an end. `archive` is the path
    of the results here, empty where there are none."""

    state: JobState
    exit_code: int | None = None
    reason: str = ""
    error_file: str = ""
    error_line: int = 0
    started_s: float = 0.0
    ended_s: float = 0.0
    archive: str = ""
    archive_sha256: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TargetStatus:
    """What a check of a target found.

    `capabilities` names what it is able to do: "gateway_options", "scale", and "restore_LANGUAGE" where it makes the
    environment from the lock; "workers_unknown" where none was up yet, so that nobody knows what they have.
    `versions` are of languages by their id, and of "dask", "distributed", "uv"; `packages` those that a language has
    there, by language; `platform` as uv names it. `limits` may have "workers", "cores_per_worker", "memory_bytes",
    "time_limit_s", "disk_bytes" (what is free).
    """

    is_reachable: bool
    happened: str = ""
    meaning: str = ""
    advice: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    platform: str = ""
    capabilities: frozenset[str] = frozenset()
    options: tuple[TargetOption, ...] = ()
    limits: Mapping[str, float] = field(default_factory=dict)
    packages: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClusterState:
    """A cluster that is up, whoever started it. `dashboard` opens without a login: it is shown to its owner alone."""

    id: str
    target: str
    started_s: float
    workers: int
    cores: int
    memory_bytes: int
    jobs: tuple[str, ...] = ()
    dashboard: str = ""
    cost: float | None = None
    ends_s: float | None = None


@dataclass(frozen=True, slots=True)
class ClusterLink:
    """With what a console's own client connects. The files are for the user's eyes alone, as good as a password: only
    their paths are ever shown. "" where there is no TLS. `imports` are modules that know the kind of address."""

    address: str
    ca_file: str = ""
    certificate_file: str = ""
    key_file: str = ""
    imports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Concern:
    """What preflight has to say. `level`: "block", "warn" or "note". `line` counts from 1, 0 where there is none.
    `fix` is the id of a command that mends it, with `fix_label` as its button."""

    code: str
    level: str
    happened: str
    meaning: str = ""
    advice: str = ""
    file: str = ""
    line: int = 0
    fix: str = ""
    fix_label: str = ""


@dataclass(frozen=True, slots=True)
class Artefact:
    """A file that a job handed back. `path` is relative to the job's folder, with forward slashes."""

    path: str
    size_bytes: int
    sha256: str
    kind: str = "file"  # "plot", "table", "log", "file"


@dataclass(frozen=True, slots=True)
class BundledFile:
    """A file in a bundle. `path` is relative to the project's folder, with forward slashes."""

    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Bundle:
    """An archive that is ready to be sent. `path` is where it lies here. `secrets` are names, never values."""

    path: str
    sha256: str
    size_bytes: int
    entry: str
    language: str
    files: tuple[BundledFile, ...] = ()
    lock_sha256: str = ""
    secrets: tuple[str, ...] = ()
