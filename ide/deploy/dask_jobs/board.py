"""What the scheduler of a cluster keeps of jobs: their bundles, what they tell, their results. One file, shipped as
source; dask is imported in `plugin` alone.

All of it lies in a folder too, without the secrets: a board that is opened on the folder of an earlier one knows its
jobs, and that those which were not over are lost. A job is given to a runner once and never again, however often dask
starts its task. Everything runs on one thread, the scheduler's; what is kept on the disk is written there.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

PLUGIN = "fourpane-jobs"
TASK = "fourpane-job-"  # and the id: the key of a job's task
CHUNK_BYTES = 2_000_000
MOST_JOBS = 200  # that are over; the oldest go
_FINAL = frozenset({"succeeded", "failed", "cancelled", "timed_out", "out_of_memory", "lost"})
_AT_ONCE_CHARACTERS = 2_000_000


class Kept:
    """One job. `outcome` is None until it is over."""

    def __init__(self, folder: Path, asked: dict[str, Any]) -> None:
        self.folder, self.asked = folder, asked
        self.events: list[dict[str, Any]] = []
        self.outcome: dict[str, Any] | None = None
        self.secrets: dict[str, str] = {}
        self.state = "waiting"
        self.worker = ""
        self.is_held = False
        self.stop: dict[str, str] | None = None
        self.batch = -1
        self.cost = 0.0
        self.looked_s = 0.0

    @property
    def bundle(self) -> Path:
        return self.folder / "bundle.zip"

    @property
    def results(self) -> Path:
        return self.folder / "results.zip"


class Board:
    """The jobs of a cluster by their ids. A call for a job that it does not know raises KeyError."""

    def __init__(self, folder: Path, wake: Callable[[], None] = lambda: None) -> None:
        """`wake` is called after each event."""
        self.folder, self._wake = folder, wake
        self.workers = 0
        self.jobs: dict[str, Kept] = {}
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for place in sorted(folder.glob("*/asked.json"), key=lambda one: one.stat().st_mtime):
            self._load(place.parent)

    # --- for who hands a job over and follows it ----------------------------------------------------------------------

    def put(self, job: str, asked: dict[str, Any], secrets: dict[str, str]) -> dict[str, Any]:
        """Take a job in, or find it again: whether it was handed over, and how much of the bundle is here."""
        kept = self.jobs.get(job)
        if kept is None:
            if not job or not all(letter.isalnum() or letter in "-_" for letter in job):
                raise ValueError("This id is none of a job.")
            self._drop_oldest()
            kept = self.jobs[job] = Kept(self.folder / job, asked)
            kept.folder.mkdir(mode=0o700)
            self._write(kept.folder / "asked.json", asked)
        if not kept.is_held:
            kept.secrets = dict(secrets)
        here = kept.bundle.stat().st_size if kept.bundle.exists() else 0
        return {"is_held": kept.is_held, "here": here}

    def receive(self, job: str, first: int, data: bytes) -> int:
        """A piece of the bundle, from byte `first` on. How much is here now."""
        return _write_at(self.jobs[job].bundle, first, data)

    def hold(self, job: str) -> None:
        """From now on the job is the cluster's."""
        kept = self.jobs[job]
        if not kept.is_held:
            kept.is_held = True
            (kept.folder / "held").touch()
            self._say(kept, kind="state", text="waiting")

    def states(self) -> dict[str, str]:
        """Of all that were handed over."""
        return {name: kept.state for name, kept in self.jobs.items() if kept.is_held}

    def news(self, job: str, first: int) -> dict[str, Any]:
        """Events from number `first` on, and how it ended once all of them are told."""
        kept = self.jobs[job]
        events, size = [], 0
        for event in kept.events[first:]:
            events.append(event)
            size += len(event["text"])
            if size > _AT_ONCE_CHARACTERS:
                break
        is_all = first + len(events) >= len(kept.events)
        return {"events": events, "outcome": kept.outcome if is_all else None, "state": kept.state}

    def cancel(self, job: str, state: str = "cancelled", reason: str = "") -> None:
        """Ask for its end. One that no worker has is over at once."""
        kept = self.jobs[job]
        if kept.outcome is None and kept.stop is None:
            kept.stop = {"state": state, "reason": reason}
            if not kept.worker:
                self.end(job, {"state": state, "reason": reason})

    def fetch(self, job: str, first: int) -> dict[str, Any]:
        """A piece of the results, and their size. No data: there are none."""
        results = self.jobs[job].results
        if self.jobs[job].outcome is None or not results.exists():
            return {"size": 0, "data": b""}
        with open(results, "rb") as stream:
            stream.seek(first)
            return {"size": results.stat().st_size, "data": stream.read(CHUNK_BYTES)}

    def forget(self, job: str) -> None:
        """Drop all of a job that is over."""
        kept = self.jobs[job]
        if kept.outcome is not None or not kept.is_held:
            del self.jobs[job]
            shutil.rmtree(kept.folder, ignore_errors=True)

    # --- for the runner -----------------------------------------------------------------------------------------------

    def claim(self, job: str, worker: str) -> dict[str, Any] | None:
        """What is asked for, with the secrets; None where it was given before or is over. "wait": not yet its turn."""
        kept = self.jobs.get(job)
        if kept is None or kept.worker or kept.outcome is not None:
            return None
        if not kept.is_held:
            return {"wait": True}
        kept.worker, kept.looked_s = worker, time.time()
        secrets, kept.secrets = kept.secrets, {}
        return {**kept.asked, "secrets": secrets, "size": kept.bundle.stat().st_size}

    def read(self, job: str, first: int) -> bytes:
        """A piece of the bundle."""
        with open(self.jobs[job].bundle, "rb") as stream:
            stream.seek(first)
            return stream.read(CHUNK_BYTES)

    def tell(self, job: str, batch: int, events: list[dict[str, Any]]) -> dict[str, str] | None:
        """Events of the runner; a batch that comes again changes nothing. Whether it has to stop: state and reason."""
        kept = self.jobs.get(job)
        if kept is None or kept.outcome is not None:
            return {"state": "lost", "reason": ""}
        if batch > kept.batch:
            kept.batch = batch
            for event in events:
                self._say(kept, **event)
        self._spend(kept)
        return kept.stop

    def bring(self, job: str, first: int, data: bytes) -> int:
        """A piece of the results, from byte `first` on."""
        return _write_at(self.jobs[job].results, first, data)

    def end(self, job: str, outcome: dict[str, Any]) -> None:
        """It is over; only the first word counts."""
        kept = self.jobs.get(job)
        if kept is None or kept.outcome is not None:
            return
        kept.outcome = {"ended_s": time.time(), "reason": "", **outcome}
        with contextlib.suppress(OSError):  # on a full disk: it is told all the same
            self._write(kept.folder / "outcome.json", kept.outcome)
        self._say(kept, kind="state", text=outcome["state"], detail=kept.outcome["reason"])
        kept.secrets = {}
        kept.bundle.unlink(missing_ok=True)

    def lost(self, worker: str) -> None:
        """A worker is gone, and what ran there."""
        for name, kept in self.jobs.items():
            if kept.worker == worker and kept.outcome is None:
                asked_for = kept.stop or {"state": "lost", "reason": "The worker it ran on ended."}
                self.end(name, {**asked_for, "started_s": _started_s(kept)})

    def _spend(self, kept: Kept) -> None:
        """Count what its workers cost, and stop it before the next look (5 s) would pass its budget."""
        now = time.time()
        price, budget = kept.asked.get("price_per_worker_hour", 0.0), kept.asked.get("budget", 0.0)
        per_second = price * max(self.workers, 1) / 3600
        kept.cost += per_second * max(0.0, now - kept.looked_s)
        kept.looked_s = now
        if budget and kept.stop is None and kept.cost + per_second * 5 > budget:
            kept.stop = {"state": "cancelled", "reason": "Its budget is spent."}

    def _say(self, kept: Kept, *, kind: str, text: str, **more: Any) -> None:
        event = {"number": len(kept.events), "at_s": time.time(), "kind": kind, "text": text, **more}
        kept.events.append(event)
        if kind == "state":
            kept.state = text
        with contextlib.suppress(OSError), open(kept.folder / "events.jsonl", "a", encoding="utf-8") as stream:
            stream.write(json.dumps(event) + "\n")
        self._wake()

    def _load(self, place: Path) -> None:
        """A job of an earlier board."""
        try:
            kept = Kept(place, json.loads((place / "asked.json").read_bytes()))
            if not (place / "held").exists():
                shutil.rmtree(place, ignore_errors=True)
                return
            kept.is_held = True
            if (place / "events.jsonl").exists():
                lines = (place / "events.jsonl").read_text("utf-8", "replace").splitlines()
                for line in lines:
                    with contextlib.suppress(ValueError):  # the last one of a computer that went off
                        kept.events.append(json.loads(line))
            for number, event in enumerate(kept.events):
                event["number"] = number
                if event["kind"] == "state":
                    kept.state = event["text"]
            self.jobs[place.name] = kept
            if (place / "outcome.json").exists():
                kept.outcome = json.loads((place / "outcome.json").read_bytes())
                if kept.state not in _FINAL:
                    self._say(kept, kind="state", text=kept.outcome["state"], detail=kept.outcome["reason"])
            else:
                self.end(place.name, {"state": "lost", "reason": "The cluster ended.", "started_s": _started_s(kept)})
        except (OSError, ValueError, KeyError, TypeError):
            self.jobs.pop(place.name, None)  # not readable: left where it is

    def _drop_oldest(self) -> None:
        over = [name for name, kept in self.jobs.items() if kept.outcome is not None]
        for name in over[: max(0, len(over) - MOST_JOBS)]:
            self.forget(name)

    def _write(self, path: Path, content: Mapping[str, Any]) -> None:
        part = path.with_suffix(".part")
        part.write_text(json.dumps(content), "utf-8")
        part.replace(path)


def _started_s(kept: Kept) -> float:
    running = (event["at_s"] for event in kept.events if event["kind"] == "state" and event["text"] == "running")
    return float(next(running, 0.0))


def _write_at(path: Path, first: int, data: bytes) -> int:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    with open(descriptor, "r+b", buffering=0) as stream:
        stream.seek(first)
        stream.write(data)
        stream.truncate()
        return stream.tell()


def plugin(folder: str) -> Any:
    """The board as a plugin of a scheduler, reached by its operation "fourpane". `folder` "": one of its own, which
    goes with the scheduler."""
    import asyncio
    import tempfile

    from distributed.diagnostics.plugin import SchedulerPlugin

    class Jobs(SchedulerPlugin):  # type: ignore[misc]  # dask has no types
        name = PLUGIN

        async def start(self, scheduler: Any) -> None:
            self.scheduler = scheduler
            self.changed = asyncio.Event()
            self.board = Board(Path(folder or tempfile.mkdtemp(prefix="fourpane-jobs-")), self.wake)
            self.board.workers = len(scheduler.workers)
            scheduler.handlers["fourpane"] = self.handle

        def wake(self) -> None:
            """All that wait look again."""
            self.changed.set()
            self.changed = asyncio.Event()

        async def handle(self, act: str, **given: Any) -> Any:
            try:
                if act == "hold":
                    return await self.hold(**given)
                if act == "news":
                    return await self.news(**given)
                told = getattr(self.board, act)(**given)
                if act in ("cancel", "end"):
                    self.let_go(given["job"])
                return told
            except KeyError:
                return {"problem": "unknown"}
            except (OSError, ValueError) as error:
                return {"problem": getattr(error, "strerror", None) or str(error)}

        async def hold(self, job: str) -> bool:
            """Whether the task has come; then it stays, whoever submitted it goes."""
            for _ in range(200):
                if TASK + job in self.scheduler.tasks:
                    self.scheduler.client_desires_keys([TASK + job], client=PLUGIN)
                    self.board.hold(job)
                    self.give_up(job)
                    return True
                await asyncio.sleep(0.05)
            return False

        async def news(self, job: str, first: int, wait_s: float) -> dict[str, Any]:
            kept, until = self.board.jobs[job], time.monotonic() + wait_s
            while len(kept.events) <= first and kept.outcome is None and (left := until - time.monotonic()) > 0:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.changed.wait(), left)
            return self.board.news(job, first)

        def let_go(self, job: str) -> None:
            kept = self.board.jobs.get(job)
            if kept is not None and kept.outcome is not None and PLUGIN in self.scheduler.clients:
                self.scheduler.client_releases_keys([TASK + job], client=PLUGIN)

        def transition(self, key: Any, _start: str, finish: str, *_more: Any, **_others: Any) -> None:
            if finish == "erred" and str(key).startswith(TASK):
                self.give_up(str(key)[len(TASK) :])

        def give_up(self, job: str) -> None:
            """End a job whose task failed before a runner claimed it: nobody else would."""
            kept, task = self.board.jobs.get(job), self.scheduler.tasks.get(TASK + job)
            if kept is None or task is None or task.state != "erred" or kept.worker or not kept.is_held:
                return
            self.board.end(job, {"state": "lost", "reason": "Its worker ended before the job began; nothing ran."})

        def add_worker(self, scheduler: Any, worker: str) -> None:
            self.board.workers = len(scheduler.workers)

        def remove_worker(self, scheduler: Any, worker: str, **_more: Any) -> None:
            self.board.workers = len(scheduler.workers)
            running = [name for name, kept in self.board.jobs.items() if kept.worker == worker]
            self.board.lost(worker)
            for name in running:
                self.let_go(name)

        async def close(self) -> None:
            if not folder:
                shutil.rmtree(self.board.folder, ignore_errors=True)

    return Jobs()
