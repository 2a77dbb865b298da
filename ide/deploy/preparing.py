"""From a checked project to a job that can be handed over: its bundle in the history, its record, its request.

Runs in a pool thread.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from ide.core.deploy import JobRequest, JobState, Resources, TargetSpec
from ide.core.errors import DeployError
from ide.deploy.bundle import write_bundle
from ide.deploy.deployments import new_id
from ide.deploy.dirty import Dirty
from ide.deploy.history import History
from ide.deploy.inputs import digest_of
from ide.deploy.preflight import Preflight
from ide.deploy.record import RunRecord, commit_of, recorded

BUNDLE = "bundle.zip"


def prepare(
    history: History,
    checked: Preflight,
    target: TargetSpec,
    secrets: Mapping[str, str],
    *,
    title: str,
    user: str,
    arguments: tuple[str, ...] = (),
    dirty: Dirty = Dirty(),  # noqa: B008 - a record that nobody changes
    told: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[RunRecord, JobRequest]:
    """Bundle what preflight looked at. `secrets` are values by name. Raises DeployError; then nothing is left."""
    job = new_id()
    snapshot, lock, status = checked.snapshot, checked.locked.lock, checked.status
    place = history.place(job)
    try:
        bundle = write_bundle(
            place / BUNDLE, snapshot.paths(), entry=snapshot.entry, language=checked.language,
            lock=lock.files if lock else (), secrets=secrets, told=told,
        )  # fmt: skip
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    resources = checked.resources
    record = RunRecord(
        job, title, str(snapshot.folder), snapshot.entry, checked.language, target.id, target.name, target.kind,
        arguments, _options(resources), bundle.secrets, user, status.platform if status else "",
        dict(status.versions) if status else {}, commit_of(snapshot.folder), dirty.sha256, bundle.sha256,
        {one.path: one.sha256 for one in bundle.files}, bundle.lock_sha256,
        {one.name: one.version for one in lock.packages} if lock else {}, recorded(checked.examination.inputs),
        created_s=time.time(), price_per_worker_hour=target.price_per_worker_hour, currency=target.currency,
    )  # fmt: skip
    return record, _request(record, bundle.path, resources, secrets)


def run_again(history: History, run: RunRecord, secrets: Mapping[str, str]) -> tuple[RunRecord, JobRequest]:
    """Exactly the same once more: the very bundle that was sent, with the same options. Raises DeployError where it is
    not here any more, or a secret has no value."""
    kept = history.place(run.id) / BUNDLE
    missing = [name for name in run.secrets if name not in secrets]
    if missing:
        raise DeployError(f"The run needs a value for {', '.join(missing)}.", advice="Give it, then run again.")
    try:
        is_same = digest_of(kept) == run.bundle_sha256
    except OSError:
        is_same = False
    if not is_same:
        raise DeployError(
            "The bundle of that run is not here any more, or is not what was sent.",
            "It can't be run again exactly.",
            "Deploy the project as it is now, and compare the two runs.",
        )
    record = replace(
        run, id=new_id(), state=JobState.PREPARING, created_s=time.time(), started_s=0.0, ended_s=0.0, outputs=(),
        has_results=False, exit_code=None, reason="", error_file="", error_line=0, cost=None, again_of=run.id,
    )  # fmt: skip
    bundle = history.place(record.id) / BUNDLE
    shutil.copyfile(kept, bundle)
    return record, _request(record, str(bundle), _resources(run), {name: secrets[name] for name in run.secrets})


def _request(record: RunRecord, bundle: str, resources: Resources, secrets: Mapping[str, str]) -> JobRequest:
    return JobRequest(
        record.id, record.title, bundle, record.bundle_sha256, record.entry, record.language, record.arguments,
        resources, dict(secrets),
    )  # fmt: skip


def _options(resources: Resources) -> dict[str, object]:
    """As they are in the record: one flat table."""
    return {
        "workers": resources.workers, "cores_per_worker": resources.cores_per_worker,
        "memory_bytes": resources.memory_bytes, "time_limit_s": resources.time_limit_s,
        "idle_limit_s": resources.idle_limit_s, "budget": resources.budget, "target_options": dict(resources.options),
    }  # fmt: skip


def _resources(run: RunRecord) -> Resources:
    values = dict(run.options)
    options = values.pop("target_options", {})
    known = {name: value for name, value in values.items() if name in _options(Resources())}
    return Resources(**known, options=options)  # type: ignore[arg-type]  # what `_options` wrote
