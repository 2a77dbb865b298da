"""How jobs are told: states, ages, costs, the pages beside the list. Pure."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from ide.core.deploy import Artefact, ClusterState, JobOutcome, JobState
from ide.core.text import with_unseen_shown
from ide.deploy.cost import money
from ide.deploy.deployments import Job
from ide.deploy.record import Change, RunRecord, verify
from ide.deploy.results import ending

STATES: Final[Mapping[JobState, tuple[str, str, str]]] = {
    JobState.PREPARING: ("Preparing", "circle", "muted"),
    JobState.SUBMITTING: ("Sending", "arrow-up", "accent"),
    JobState.WAITING: ("Waiting", "clock-counter-clockwise", "muted"),
    JobState.INSTALLING: ("Installing packages", "package", "accent"),
    JobState.RUNNING: ("Running", "play", "accent"),
    JobState.FETCHING: ("Fetching results", "arrow-down", "accent"),
    JobState.SUCCEEDED: ("Done", "check-circle", "done"),
    JobState.FAILED: ("Failed", "x-circle", "error"),
    JobState.CANCELLED: ("Stopped", "prohibit", "muted"),
    JobState.TIMED_OUT: ("Out of time", "warning", "warning"),
    JobState.OUT_OF_MEMORY: ("Out of memory", "memory", "error"),
    JobState.LOST: ("Lost", "warning-circle", "warning"),
}
"""Words, icon and role of its colour: never a colour alone."""
_PARTS: Final = {
    "code": "Code", "packages": "Packages", "data": "Data", "outputs": "Results", "settings": "How it was asked for",
}  # fmt: skip
_OUTPUTS: Final = "outputs/"


def age(created_s: float, now_s: float) -> str:
    """How long ago, as short as can be: "now", "5 min", "3 h", "2 d", then the day."""
    past = max(0.0, now_s - created_s)
    if past < 60:
        return "now"
    if past < 3_600:
        return f"{past // 60:.0f} min"
    if past < 86_400:
        return f"{past // 3_600:.0f} h"
    if past < 14 * 86_400:
        return f"{past // 86_400:.0f} d"
    return datetime.fromtimestamp(created_s).strftime("%Y-%m-%d")


def elapsed(record: RunRecord, now_s: float) -> str:
    """How long it ran, or runs; "" before it began."""
    if not record.started_s:
        return ""
    end = record.ended_s if record.state.is_final else now_s
    return duration(max(0.0, end - record.started_s))


def duration(seconds: float) -> str:
    """ "4.2 s", "3 min 05 s", "2 h 10 min"."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3_600} h {whole % 3_600 // 60:02} min"


def cost(job: Job, now_s: float) -> str:
    """What it cost so far; "" where it is free."""
    if not job.record.price_per_worker_hour:
        return ""
    return money(job.cost(now_s), job.record.currency)


def progress(job: Job) -> str:
    """How far it is: the step that the target tells, with its share where that is known."""
    if job.record.state.is_final or not job.step:
        return ""
    return f"{job.step} {job.done / job.total:.0%}" if job.total else job.step


def spoken(job: Job, now_s: float) -> str:
    """A row for a screen reader."""
    state = STATES[job.record.state][0].lower()
    parts = (job.record.title, state, f"on {job.record.target_name}", progress(job), elapsed(job.record, now_s))
    return ", ".join(part for part in parts if part)


def count_text(shown: int, total: int, running: int) -> str:
    """The line below the list."""
    jobs = f"{total:,} job{'s' if total != 1 else ''}"
    head = jobs if shown == total else f"{shown:,} of {jobs}"
    return f"{head}, {running} not over" if running else head


def about(job: Job, changed_inputs: Sequence[str] | None, first: RunRecord | None = None) -> str:
    """The page about one job, as HTML: how it ended, what it was made of. `first` is the run that it repeats."""
    record = job.record
    parts = [f"<h3>{_text(record.title)}</h3>", f"<p>{_state_words(job)}</p>"]
    if record.error_line and record.error_file:
        place = f"{_text(record.error_file)}, line {record.error_line}"
        parts.append(f'<p><a href="error:">Go to {place}</a></p>')
    if job.trouble:
        parts.append(f"<p><b>{_text(job.trouble)}</b></p>")
    if changed_inputs is not None:
        parts.append(_verified(record, changed_inputs))
    facts = [
        ("Target", record.target_name), ("Project", record.project), ("Script", record.entry),
        ("Arguments", " ".join(record.arguments)), ("Exit code", "" if record.exit_code is None else record.exit_code),
        ("Began", _time(record.started_s)), ("Ended", _time(record.ended_s)),
        ("Cost", money(record.cost, record.currency) if record.cost and record.price_per_worker_hour else ""),
        ("Commit", record.commit[:12]), ("Bundle", record.bundle_sha256[:16]), ("Lock", record.lock_sha256[:16]),
        ("Packages", f"{len(record.packages)} locked" if record.packages else ""),
        ("Files sent", f"{len(record.files)}" if record.files else ""),
        ("Secrets", ", ".join(record.secrets)),
        *((f"Version of {name}", version) for name, version in record.versions.items()),
    ]  # fmt: skip
    parts.append(_table([(name, _text(str(value))) for name, value in facts if value != ""]))
    if record.inputs:
        rows = [(_text(one.path), one.sha256[:16] or "not on this computer") for one in record.inputs]
        parts.append(f"<h4>Data that it read</h4>{_table(rows)}")
    if record.again_of:
        parts.append(f"<p>It repeats an earlier run, with the same bundle.{_same(record, first)}</p>")
    return "".join(parts)


def _same(record: RunRecord, first: RunRecord | None) -> str:
    """Whether the same came of it; "" where that can't be said."""
    if first is None or not (record.has_results and first.has_results):
        return ""
    others = verify(first, record)
    if not others:
        return " Its results are the same."
    return f" <b>Other than then:</b> {_text(', '.join(one.name.removeprefix(_OUTPUTS) for one in others))}."


def _state_words(job: Job) -> str:
    record = job.record
    if not record.state.is_final:
        return _text(progress(job) or STATES[record.state][0])
    outcome = JobOutcome(record.state, record.exit_code, record.reason, record.error_file, record.error_line)
    return _text(ending(outcome))


def _verified(record: RunRecord, changed: Sequence[str]) -> str:
    if changed:
        return f"<p><b>Changed since it ran:</b> {_text(', '.join(changed))}</p>"
    known = sum(1 for one in record.inputs if one.sha256)
    if not known:
        return '<p class="muted">It read no data of this computer.</p>'
    return f"<p>All {known} inputs are as they were when it ran.</p>"


def compared(before: RunRecord, after: RunRecord, changes: Sequence[Change]) -> str:
    """The page that compares two runs."""
    titles = (f"{_text(one.title)} of {_time(one.created_s)}" for one in (before, after))
    head = f"<h3>{' and '.join(titles)}</h3>"
    if not changes:
        return f"{head}<p>Code, packages, data, results and settings are the same.</p>"
    parts = [head]
    for part, title in _PARTS.items():
        rows = [(_text(one.name), f"{_short(one.before)} → {_short(one.after)}") for one in changes if one.part == part]
        if rows:
            parts.append(f"<h4>{title}</h4>{_table(rows)}")
        else:
            parts.append(f'<p class="muted">{title}: the same.</p>')
    return "".join(parts)


def _short(value: str) -> str:
    if not value:
        return "not there"
    is_sum = len(value) == 64 and all(letter in "0123456789abcdef" for letter in value)
    return _text(value[:12] if is_sum else value)


def cluster(state: ClusterState, target_name: str, price: float, currency: str, now_s: float) -> str:
    """A line about a cluster that is up: what it has, what it costs, when it ends by itself."""
    workers = f"{state.workers} worker{'s' if state.workers != 1 else ''}"
    parts = [f"{workers}, {state.cores} core{'s' if state.cores != 1 else ''}, {size(state.memory_bytes)}"]
    if state.jobs:
        parts.append(f"{len(state.jobs)} job{'s' if len(state.jobs) != 1 else ''}")
    if price:
        parts.append(f"{money(price * state.workers, currency)} per hour")
    if state.cost:
        parts.append(f"{money(state.cost, currency)} so far")
    if state.started_s:
        parts.append(f"up for {duration(max(0.0, now_s - state.started_s))}")
    if state.ends_s is not None:
        parts.append(f"idle: ends in {duration(max(0.0, state.ends_s - now_s))}")
    # A number stays with its unit where the line is wrapped.
    told = " · ".join(part.replace(" ", "\u00a0") for part in parts)
    return f"{with_unseen_shown(target_name)}: {told}"


def artefact(one: Artefact) -> str:
    """A line of the list of results."""
    return with_unseen_shown(one.path.removeprefix(_OUTPUTS))


def size(size_bytes: int) -> str:
    """A size for a narrow column."""
    amount = float(size_bytes)
    for unit in ("B", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.3g} {unit}"
        amount /= 1000
    return f"{amount:,.1f} GB"


def _text(text: str) -> str:
    return html.escape(with_unseen_shown(text))


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M:%S") if seconds else ""


def _table(rows: Sequence[tuple[str, str]]) -> str:
    cells = "".join(
        f'<tr><td class="muted" style="padding-right:12px">{name}</td><td>{value}</td></tr>' for name, value in rows
    )
    return f"<table>{cells}</table>"
