"""Runs one job on a worker of dask: its bundle unpacked and checked, its environment, its script, its results.

Standard library alone, shipped as source. `run` is the task: it blocks a thread of the worker that it first takes out
of the pool, so that the job's own tasks are not in its way.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import platform
import queue
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import environment, figures, rscript  # noqa: TID252 - they have other names on a worker
from .guarded import Ended, Limits, run_guarded  # noqa: TID252

CHUNK_BYTES = 2_000_000
MOST_FILES = 10_000
_HEARTBEAT_S = 0.3
_HANDED_OVER_S = 30.0
_ASKED_FOR_S = 60.0  # so long the scheduler may be out of reach


class JobError(Exception):
    """The job can't go on, in words for the user."""


def run(job: str, worker: Any) -> None:
    """Run `job`, which lies on the scheduler's board, on `worker` (a `distributed.Worker`)."""
    from distributed import secede

    board = _Scheduler(worker)
    given = board.ask("claim", job=job, worker=worker.address)
    until = time.monotonic() + _HANDED_OVER_S
    while given is not None and given.get("wait") and time.monotonic() < until:
        time.sleep(0.1)
        given = board.ask("claim", job=job, worker=worker.address)
    if given is None or given.get("wait"):  # it ran before, or who handed it over went away half-way
        return
    secede()
    teller = _Teller(board, job, given["secrets"])
    folder = Path(tempfile.mkdtemp(prefix="job-", dir=worker.local_directory))
    try:
        outcome = _Job(job, given, folder, board, teller, worker).run()
    except JobError as error:
        outcome = {"state": "failed", "reason": str(error)}
    except OSError as error:
        outcome = {"state": "failed", "reason": _disk(error)}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    teller.finish()
    board.ask("end", job=job, outcome=outcome)


class _Scheduler:
    """The board, asked from a thread of a worker."""

    def __init__(self, worker: Any) -> None:
        self._worker = worker

    def ask(self, act: str, **given: Any) -> Any:
        """Asks again for a minute where the scheduler does not answer."""
        until = time.monotonic() + _ASKED_FOR_S
        while True:
            try:
                call = self._worker.scheduler.fourpane(act=act, **given)
                return asyncio.run_coroutine_threadsafe(call, self._worker.loop.asyncio_loop).result(20)
            except (OSError, TimeoutError):
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)


class _Teller:
    """Sends what happens in numbered batches from a thread of its own, and hears whether the job has to stop."""

    def __init__(self, board: _Scheduler, job: str, secrets: Mapping[str, str]) -> None:
        self.stop: dict[str, str] | None = None
        self._board, self._job = board, job
        self._secrets = sorted((one for one in secrets.values() if one), key=len, reverse=True)
        self._waiting: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._send, name="job teller", daemon=True)
        self._thread.start()

    def state(self, state: str) -> None:
        """A new one."""
        self._waiting.put({"kind": "state", "text": state})

    def log(self, stream: str, text: str) -> None:
        """As `run_guarded` tells it."""
        self._waiting.put({"kind": "note", "text": text} if stream == "note" else
                          {"kind": "log", "text": text, "stream": stream})  # fmt: skip

    def progress(self, text: str, done: float = 0.0, total: float = 0.0) -> None:
        """A step."""
        self._waiting.put({"kind": "progress", "text": text, "done": done, "total": total})

    def note(self, text: str) -> None:
        """Something that the user should know."""
        self._waiting.put({"kind": "note", "text": text})

    def is_stopped(self) -> bool:
        """Whether the job has to end."""
        return self.stop is not None

    def hide(self, text: str) -> str:
        """Without the secrets."""
        for secret in self._secrets:
            text = text.replace(secret, "•••")
        return text

    def finish(self) -> None:
        """Returns when all is told."""
        self._waiting.put(None)
        self._thread.join()

    def _send(self) -> None:
        batch, is_over = 0, False
        while not is_over:
            events = []
            with contextlib.suppress(queue.Empty):
                one = self._waiting.get(timeout=_HEARTBEAT_S)
                while True:
                    is_over = is_over or one is None
                    events += [] if one is None else [one]
                    one = self._waiting.get_nowait()
            try:
                told = self._board.ask("tell", job=self._job, batch=batch, events=events)
            except (OSError, TimeoutError):
                told = {"state": "lost", "reason": "The scheduler is out of reach."}
            batch += 1
            self.stop = self.stop or told


class _Job:
    def __init__(
        self, job: str, given: Mapping[str, Any], folder: Path, board: _Scheduler, teller: _Teller, worker: Any
    ) -> None:
        self._job, self._given, self._folder = job, given, folder
        self._board, self._teller, self._worker = board, teller, worker
        self._work = folder / "files"

    def run(self) -> dict[str, Any]:
        """All of it; how it ended."""
        manifest = self._unpack()
        entry = self._given["entry"]
        if not (self._work / entry).is_file():
            raise JobError(f"{entry} is not in the bundle.")
        outputs = self._work / "outputs"
        outputs.mkdir(exist_ok=True)
        before = {path.relative_to(self._work).as_posix(): _sum(path) for path in _files(outputs)}
        python = Path(sys.executable)
        if manifest["lock"] and self._given["language"] == "python":
            self._teller.state("installing")
            try:
                python = environment.ensure(
                    self._folder / "lock", self._teller.is_stopped, self._teller.progress, self._folder
                )
            except environment.EnvironmentProblem as error:
                if self._teller.stop is None:
                    raise JobError(self._teller.hide(str(error))) from error
        if self._teller.stop is not None:
            return dict(self._teller.stop)
        argv, variables, versions = self._command(python)
        self._teller.state("running")
        ended = run_guarded(
            argv, self._work, self._teller.log, self._teller.is_stopped,
            variables={**variables, **self._nested()}, secrets=self._given["secrets"],
            limits=Limits(self._given["time_limit_s"], self._given["memory_bytes"]),
        )  # fmt: skip
        outcome = {**self._outcome(ended), "versions": versions}
        try:
            rscript.collect(self._folder, outputs)
            outcome.update(self._bring(before))
        except OSError as error:  # how the script ended is told all the same
            self._teller.note(f"The results could not be packed. {_disk(error)}")
        return outcome

    def _unpack(self) -> dict[str, Any]:
        archive, size, digest = self._folder / "bundle.zip", self._given["size"], hashlib.sha256()
        with open(archive, "wb") as stream:
            while stream.tell() < size:
                data = self._board.ask("read", job=self._job, first=stream.tell())
                if not isinstance(data, bytes) or not data:
                    raise JobError("The bundle did not arrive.")
                digest.update(data)
                stream.write(data)
        if digest.hexdigest() != self._given["bundle_sha256"]:
            raise JobError("The bundle arrived damaged. Nothing ran; send it again.")
        try:
            with zipfile.ZipFile(archive) as opened:
                manifest: dict[str, Any] = json.loads(opened.read("manifest.json"))
                for path, facts in manifest["files"].items():
                    self._write(opened, f"files/{path}", facts["sha256"])
                for name, digest_wanted in manifest["lock"].items():
                    self._write(opened, f"lock/{name}", digest_wanted)
        except (zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
            raise JobError("The bundle is none that can be read.") from error
        archive.unlink()
        return manifest

    def _write(self, opened: zipfile.ZipFile, name: str, wanted: str) -> None:
        target = (self._folder / name).resolve()
        if not target.is_relative_to(self._folder.resolve()):
            raise JobError("The bundle has a file that would lie elsewhere.")
        target.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        with opened.open(name) as stream, open(target, "wb") as written:
            while chunk := stream.read(CHUNK_BYTES):
                digest.update(chunk)
                written.write(chunk)
        if digest.hexdigest() != wanted:
            raise JobError(f"{name} arrived damaged. Nothing ran; send it again.")

    def _command(self, python: Path) -> tuple[list[str], dict[str, str], dict[str, str]]:
        """What is run, with which variables; versions by name."""
        entry, arguments = self._given["entry"], list(self._given["arguments"])
        if self._given["language"] == "r":
            program = shutil.which("Rscript")
            if program is None:
                raise JobError("There is no R on the worker: Rscript is not in its PATH.")
            found = re.search(r"\d+\.\d+\.\d+", _said(program, "--version"))
            argv, variables = rscript.command(program, self._folder, entry, arguments)
            return argv, variables, {"r": found[0] if found else "", "platform": platform.platform()}
        version = _said(str(python), "-c", "import platform; print(platform.python_version())").strip()
        return (
            [str(python), "-u", str(self._work / entry), *arguments],
            figures.variables(self._folder),
            {"python": version, "platform": platform.platform()},
        )

    def _nested(self) -> dict[str, str]:
        """With which the script's own `Client()` joins this cluster."""
        found = {"DASK_SCHEDULER_ADDRESS": self._worker.scheduler.address}
        security = self._worker.security
        if not getattr(security, "require_encryption", False):
            return found
        found["DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION"] = "True"
        names = {"tls_ca_file": "CA_FILE", "tls_worker_key": "CLIENT__KEY", "tls_worker_cert": "CLIENT__CERT"}
        for attribute, name in names.items():
            value = getattr(security, attribute, None)
            if value and "\n" in value:  # the text itself
                path = self._folder / f"{attribute}.pem"
                path.touch(mode=0o600)
                path.write_text(value, "ascii")
                value = str(path)
            if value:
                found[f"DASK_DISTRIBUTED__COMM__TLS__{name}"] = value
        return found

    def _outcome(self, ended: Ended) -> dict[str, Any]:
        code = ended.exit_code
        outcome: dict[str, Any] = {
            "state": "succeeded" if code == 0 else "failed", "exit_code": code, "started_s": ended.started_s,
            "ended_s": ended.ended_s, "reason": "",
        }  # fmt: skip
        if ended.why == "cancelled":
            outcome.update(self._teller.stop or {})
        elif ended.why != "exit":
            outcome["state"] = ended.why
        elif code != 0:
            is_r = self._given["language"] == "r"
            said = ended.last_errors
            reason, file, line = rscript.last_error(said, self._folder) if is_r else last_error(said, self._work)
            outcome.update(reason=ended.happened or reason, error_file=file, error_line=line)
        return outcome

    def _bring(self, before: Mapping[str, str]) -> dict[str, Any]:
        """Send what lies in outputs and was not sent with the bundle."""
        archive, left, taken = self._folder / "results.zip", self._given["output_limit_bytes"], 0
        skipped: list[str] = []
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as made:
            for path in _files(self._work / "outputs"):
                name, size = path.relative_to(self._work).as_posix(), path.stat().st_size
                if size > left or taken >= MOST_FILES:
                    skipped.append(name)
                elif before.get(name) != _sum(path):
                    made.write(path, name)
                    left, taken = left - size, taken + 1
        if skipped:
            names = ", ".join(skipped[:3]) + (" and more" if len(skipped) > 3 else "")
            self._teller.note(f"Results above the limit were left there: {names}.")
        size, first, digest = archive.stat().st_size, 0, hashlib.sha256()
        with open(archive, "rb") as stream:
            while data := stream.read(CHUNK_BYTES):
                digest.update(data)
                here = self._board.ask("bring", job=self._job, first=first, data=data)
                if not isinstance(here, int):
                    self._teller.note(f"The results could not be kept by the cluster: {here.get('problem')}.")
                    return {}
                first = here
                if size > CHUNK_BYTES:
                    self._teller.progress("Bringing results back", first, size)
        return {"archive": "results.zip", "archive_sha256": digest.hexdigest()}


_PYTHON_PLACE = re.compile(r'^\s*File "(.+)", line (\d+)', re.MULTILINE)


def last_error(said: str, work: Path) -> tuple[str, str, int]:
    """What went wrong, in which file of the project, at which line; "" and 0 where that is not known."""
    lines = [line for line in said.strip().splitlines() if line.strip()]
    reason = next((line for line in reversed(lines) if re.match(r"[\w.]+(?:: |$)", line)), lines[-1] if lines else "")
    for file, line in reversed(_PYTHON_PLACE.findall(said)):
        with contextlib.suppress(ValueError, OSError):
            path = (work / file).resolve().relative_to(work.resolve()).as_posix()
            if (work / path).is_file():
                return reason[:500], path, int(line)
    return reason[:500], "", 0


def _files(folder: Path) -> list[Path]:
    """Plain files below `folder`: no links, no devices."""
    found = []
    for here, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not (Path(here) / name).is_symlink()]
        found += [path for name in names if stat.S_ISREG((path := Path(here) / name).lstat().st_mode)]
    return sorted(found)


def _sum(path: Path) -> str:
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _said(*argv: str) -> str:
    try:
        ended = subprocess.run(argv, capture_output=True, text=True, errors="replace", timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise JobError(f"{Path(argv[0]).name} does not start on the worker: {error}.") from error
    return ended.stdout + ended.stderr


def _disk(error: OSError) -> str:
    if error.errno == 28:
        return "The worker's disk is full."
    return f"The worker could not do its part: {error.strerror or error}."
