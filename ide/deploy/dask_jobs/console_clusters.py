"""Clusters of consoles on this computer, each in a process of its console's interpreter (`console_server.py`).

They are found again by their folders, whoever started them; a folder whose process is gone is taken away. Calls block;
any thread.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import Any, Final

from distributed.security import Security

from ide.core.deploy import ClusterLink, ClusterState
from ide.core.errors import DeployError
from ide.core.locks import held_lock

_SERVER: Final = Path(__file__).with_name("console_server.py")
_STATE, _WISH, _PEM, _LOCK, _LOG = "state.json", "wish.json", "cluster.pem", "running.lock", "cluster.log"
_START_S: Final = 90.0
_END_S: Final = 20.0
# The folder that it starts in is no place for modules, whatever the interpreter thinks.
_CODE: Final = """\
import sys
sys.path[:] = [one for one in sys.path if one]
source, folder = sys.argv[1:]
names = {"__name__": "fourpane_console_server"}
with open(source, encoding="utf-8") as stream:
    exec(compile(stream.read(), source, "exec"), names)
names["main"](folder)
"""


class ConsoleClusters:
    """Those of one user: two of them on the same folder mean the same clusters."""

    def __init__(self, folder: Path, target: str) -> None:
        """`target` is the id of the target that they are told as part of."""
        self._folder = folder
        self._target = target
        self._starting: set[str] = set()
        self._changing = threading.Lock()

    def start(self, python: str, folder: str, pid: int, workers: int, idle_s: float) -> str:
        """The id of a cluster of that interpreter, whose workers work in `folder`; it ends with the process `pid` (0:
        with none). Raises DeployError."""
        id = f"console-{uuid.uuid4().hex[:12]}"
        place = self._folder / id
        self._starting.add(id)
        try:
            place.mkdir(mode=0o700, parents=True)
            # Made here: the console's environment may lack what makes certificates.
            security = Security.temporary()
            _write(place / _PEM, security.tls_ca_file + security.tls_client_key)
            wish = {"workers": _most(workers), "minimum": 0, "maximum": 0, "idle_s": idle_s, "is_ended": False,
                    "pid": pid, "folder": folder if Path(folder).is_dir() else ""}  # fmt: skip
            _write(place / _WISH, json.dumps(wish))
            self._run(python, place)
        except OSError as error:
            shutil.rmtree(place, ignore_errors=True)
            raise DeployError(
                "The workers could not be started.", f"The system says: {error.strerror or error}."
            ) from error
        except DeployError:
            shutil.rmtree(place, ignore_errors=True)
            raise
        finally:
            self._starting.discard(id)
        return id

    def has(self, id: str) -> bool:
        """Whether it is up."""
        return self._known(id) is not None

    def all(self) -> list[ClusterState]:
        """Those that are up."""
        found = []
        for place in sorted(self._folder.glob("console-*")):
            told = self._state(place)
            if told is not None:
                ends_s = told["idle_since_s"] + told["idle_s"] if told["idle_since_s"] else None
                found.append(
                    ClusterState(
                        place.name, self._target, told["started_s"], told["workers"], told["cores"],
                        told["memory_bytes"], dashboard=told["dashboard"], ends_s=ends_s,
                    )
                )  # fmt: skip
            elif place.name not in self._starting:
                self._clear(place)
        return found

    def scale(self, id: str, workers: int) -> None:
        """So many workers, at most one for each core. Raises DeployError."""
        self._wish(id, workers=_most(workers), minimum=0, maximum=0)

    def adapt(self, id: str, minimum: int, maximum: int) -> None:
        """As many as there is work for. Raises DeployError."""
        most = max(1, _most(maximum))
        self._wish(id, minimum=min(max(0, minimum), most), maximum=most)

    def end(self, id: str) -> None:
        """End it with all that it holds. Raises DeployError."""
        self._wish(id, is_ended=True)
        with held_lock(self._folder / id / _LOCK, _END_S) as has_ended:
            if not has_ended and (told := self._known(id)) is not None:
                with contextlib.suppress(OSError):
                    os.kill(told["pid"], signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
        shutil.rmtree(self._folder / id, ignore_errors=True)

    def link(self, id: str) -> ClusterLink:
        """With what the console connects. Raises DeployError."""
        told = self._known(id)
        if told is None:
            raise DeployError("There is no such cluster.", advice="It may have ended; look again.")
        pem = str(self._folder / id / _PEM)
        return ClusterLink(told["address"], pem, pem, pem)

    def _run(self, python: str, place: Path) -> None:
        log = os.open(place / _LOG, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        own: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            own = {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
        try:
            process = subprocess.Popen(
                [python, "-c", _CODE, str(_SERVER), str(place)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=place, env={**os.environ, "PYTHONSAFEPATH": "1"}, **own,
            )  # fmt: skip
        finally:
            os.close(log)
        until = time.monotonic() + _START_S
        while process.poll() is None and time.monotonic() < until:
            if self._state(place) is not None:
                threading.Thread(target=process.wait, name="console cluster", daemon=True).start()  # else a zombie
                return
            time.sleep(0.05)
        process.kill()
        process.wait()
        said = (place / _LOG).read_text("utf-8", "replace").strip().splitlines()
        raise DeployError(
            "The workers could not be started.", f"It says: {said[-1][:300]}" if said else "",
            "The console's environment needs the package “distributed”.",
        )  # fmt: skip

    def _state(self, place: Path) -> dict[str, Any] | None:
        """What it told last, None where it is not up."""
        try:
            with held_lock(place / _LOCK, 0) as is_free:
                if not is_free:
                    told: dict[str, Any] = json.loads((place / _STATE).read_bytes())
                    return told
        except (OSError, ValueError):
            pass
        return None

    def _known(self, id: str) -> dict[str, Any] | None:
        return self._state(self._folder / id) if id.startswith("console-") else None

    def _wish(self, id: str, **change: object) -> None:
        path = self._folder / id / _WISH
        with self._changing:
            if self._known(id) is None:
                raise DeployError("There is no such cluster.", advice="It may have ended; look again.")
            try:
                _write(path, json.dumps({**json.loads(path.read_bytes()), **change}))
            except OSError as error:
                raise DeployError(
                    "The cluster can't be told this.", f"The system says: {error.strerror or error}."
                ) from error

    def _clear(self, place: Path) -> None:
        """Take away what a process that is gone has left, unless another window starts it just now."""
        with contextlib.suppress(OSError):
            if time.time() - place.stat().st_mtime > 2 * _START_S:
                shutil.rmtree(place, ignore_errors=True)


def _most(workers: int) -> int:
    return max(0, min(workers, os.cpu_count() or 1))


def _write(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.new")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    part.replace(path)
