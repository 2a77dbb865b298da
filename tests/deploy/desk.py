"""Jobs on real targets as a window shows them: its history, its UI thread, its threads; without the window itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

from ide.core.deploy import JobRequest, Resources, TargetSpec
from ide.core.target import Target
from ide.deploy.bundle import write_bundle
from ide.deploy.deployments import Deployments, Job, new_id
from ide.deploy.record import RunRecord
from tests.fakes.ui_thread import FakeUiThread

# Leaves a letter at each run, says so, and goes on when the second file is there.
COUNTED = """\
import os, sys, time
with open(sys.argv[1], "a") as count:
    count.write("x")
print("first", flush=True)
while not os.path.exists(sys.argv[2]):
    time.sleep(0.05)
print("last", flush=True)
open("outputs/table.csv", "w").write("a,b")
"""


class Desk:
    """A profile in `folder`. Each `window` is as one that is opened after the one before was closed or killed."""

    def __init__(self, folder: Path, open_target: Callable[[], Target], spec: TargetSpec) -> None:
        self._open, self._spec = open_target, spec
        self.folder = folder
        folder.mkdir(parents=True)
        self.count, self.go = folder / f"count-{folder.name}", folder / f"go-{folder.name}"
        self._ui = FakeUiThread()
        self._all: list[Deployments] = []
        self.jobs = self._made()

    def reopen(self) -> None:
        """The window is gone; the next one reads what it left."""
        self.jobs.close()
        self._ui = FakeUiThread()
        self.jobs = self._made()
        self.jobs.attach()

    def deploy(
        self, code: str = COUNTED, *, secrets: dict[str, str] | None = None, more: dict[str, bytes] | None = None,
        **resources: Any,
    ) -> Job:  # fmt: skip
        """Hand a script over, with `more` files by name beside it; `COUNTED` gets its two files."""
        job, wanted = new_id(), Resources(**resources)
        script = self.folder / f"{job}.py"
        script.write_text(code, "utf-8")
        files = {"main.py": script}
        for name, content in (more or {}).items():
            files[name] = self.folder / name
            files[name].write_bytes(content)
        bundle = write_bundle(script.with_suffix(".zip"), files, entry="main.py", language="python")
        arguments = (str(self.count), str(self.go)) if code is COUNTED else ()
        record = RunRecord(
            job, "A job", str(self.folder), "main.py", "python", self._spec.id, self._spec.name,
            arguments=arguments, options={"workers": wanted.workers}, secrets=tuple(secrets or ()),
            created_s=time.time(), price_per_worker_hour=self._spec.price_per_worker_hour,
        )  # fmt: skip
        request = JobRequest(
            job, "A job", bundle.path, bundle.sha256, "main.py", "python", arguments, wanted, secrets or {}
        )
        self.jobs.submit(replace(record, bundle_sha256=bundle.sha256), request)
        return self.jobs.jobs[job]

    def wait(self, is_so: Callable[[], object], limit_s: float = 60.0, what: str = "the next step") -> float:
        """Until that is so, at most `limit_s`; how long it took."""
        began_s = time.monotonic()
        self._ui.pump_until(is_so, limit_s, what)
        return time.monotonic() - began_s

    def running(self) -> list[str]:
        """Processes of the script, by the file that it is given."""
        return processes_with(str(self.count))

    def close(self) -> None:
        """Of all windows; scripts go to their ends."""
        self.go.touch()
        for one in self._all:
            one.close()
        for one in self._all:
            assert one.wait_closed(30)

    def _made(self) -> Deployments:
        self._all.append(Deployments(self.folder / "jobs", self._ui.post, lambda _id: self._open()))
        return self._all[-1]


def processes_with(word: str) -> list[str]:
    """All that have it among their arguments."""
    found = []
    for process in psutil.process_iter():
        try:
            if word in process.cmdline():
                found.append(str(process))
        except psutil.Error:
            continue
    return found


def is_alive(process: psutil.Process) -> bool:
    """Whether it runs; one that nobody has buried yet does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
