"""Another user of the machine sees and does nothing (PROMISES E1); only sockets of ours are open (E2)."""

from __future__ import annotations

import json
import os
import pwd
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from ide.core.errors import KernelError
from ide.core.runs import RunStatus
from ide.kernels import launches
from tests.fakes.ui_thread import FakeUiThread
from tests.kernel.conftest import OpenKernels
from tests.kernel.kit import Watcher, python_launch

SPY = Path(__file__).with_name("spy.py")
SECRET = "only-the-owner-may-read-this"


def everything_in(folder: Path) -> list[Path]:
    """All files, sockets and folders below, and the folder itself."""
    return [folder, *folder.rglob("*")]


def open_to_others(paths: list[Path]) -> list[str]:
    """Those that somebody but the owner could open, with their mode."""
    return [f"{path} {stat.filemode(path.lstat().st_mode)}" for path in paths if path.lstat().st_mode & 0o077]


def of_ours(runtime: Path) -> list[psutil.Process]:
    """The keeper, its one kernel, and what they have started."""
    keeper = launches.live_keeper(runtime)
    (record,) = launches.records(runtime)
    assert keeper is not None
    processes = [psutil.Process(keeper["pid"]), psutil.Process(record["pid"])]
    return processes + [child for process in processes for child in process.children(recursive=True)]


def listening(process: psutil.Process) -> list[Any]:
    """Addresses at which a process waits for connections."""
    return [found.laddr for found in process.net_connections("inet") if found.status == psutil.CONN_LISTEN]


def spied(runtime: Path, *, as_owner: bool = False) -> dict[str, int]:
    """What the real user `nobody` gets out of every port and socket of ours, without a key, in some seconds.

    Where the tests do not run as root, nobody else can be played: then only the modes are looked at.
    """
    (record,) = launches.records(runtime)
    connection = record["connection"]
    if os.geteuid() != 0 and not as_owner:
        return {"received": 0, "opened": len(open_to_others(everything_in(runtime)))}
    user = pwd.getpwuid(os.getuid()) if as_owner else pwd.getpwnam("nobody")
    ports = json.dumps(sorted({address.port for process in of_ours(runtime) for address in listening(process)}))
    ids = (str(user.pw_uid), str(user.pw_gid))
    argv = [sys.executable, "-I", str(SPY), str(runtime), str(connection["ip"]), ports, *ids]
    done = subprocess.run(argv, capture_output=True, text=True, cwd="/", check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_other_user_gets_nothing_of_the_traffic(
    open_kernels: OpenKernels, ui: FakeUiThread, runtime: Path, work: Path, private_home: Path
) -> None:
    for folder in (private_home, runtime.parent.parent):
        folder.chmod(0o755)  # as strict as the system's temporary folder is, no stricter
    before = os.umask(0)
    try:
        watcher = Watcher(open_kernels().start(python_launch(work)), ui)
        watcher.wait_state("idle")
        enough = work / "enough"
        run = watcher.session.execute(
            "import os, time\n"
            f"while not os.path.exists({str(enough)!r}): print({SECRET!r}, flush=True); time.sleep(0.1)"
        )
        watcher.wait(lambda: SECRET in watcher.text())
        assert open_to_others(everything_in(runtime)) == []
        assert spied(runtime) == {"received": 0, "opened": 0}
        by_owner = spied(runtime, as_owner=True)
        assert min(by_owner.values()) > 0, f"the spy finds nothing even where it may: {by_owner}"
        enough.touch()
        watcher.wait(lambda: watcher.run(run.id).status.is_final)
        assert watcher.run(run.id).status is RunStatus.OK
        assert watcher.session.full_output(run.id) is not None
        assert open_to_others(everything_in(runtime)) == []
    finally:
        os.umask(before)


def test_no_port_is_open_and_no_key_is_in_a_command_line(
    open_kernels: OpenKernels, ui: FakeUiThread, runtime: Path, work: Path
) -> None:
    watcher = Watcher(open_kernels().start(python_launch(work)), ui)
    watcher.wait_state("idle")
    keeper = launches.live_keeper(runtime)
    assert keeper is not None
    processes = of_ours(runtime)
    assert watcher.session.pid in [process.pid for process in processes]
    for process in processes:
        assert [address for address in listening(process) if address.ip not in ("127.0.0.1", "::1")] == []
        assert keeper["key"] not in " ".join(process.cmdline())
        assert launches.records(runtime)[0]["connection"]["key"] not in " ".join(process.cmdline())
    assert psutil.Process(keeper["pid"]).net_connections("inet") == []


@pytest.mark.parametrize("planted", ["link", "open", "file"])
def test_planted_runtime_folder_is_refused(open_kernels: OpenKernels, runtime: Path, work: Path, planted: str) -> None:
    runtime.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if planted == "link":
        (work / "elsewhere").mkdir(mode=0o700)
        runtime.symlink_to(work / "elsewhere")
    elif planted == "open":
        runtime.mkdir()
        runtime.chmod(0o755)
    else:
        runtime.write_text("")
    kernels = open_kernels()
    with pytest.raises(KernelError, match="cannot be trusted") as told:
        kernels.start(python_launch(work))
    assert "XDG_RUNTIME_DIR" in told.value.text
    assert kernels.sessions == ()


def test_unsigned_request_to_the_keeper_is_ignored(
    open_kernels: OpenKernels, ui: FakeUiThread, runtime: Path, work: Path
) -> None:
    import zmq

    watcher = Watcher(open_kernels().start(python_launch(work)), ui)
    watcher.wait_state("idle")
    keeper = launches.live_keeper(runtime)
    assert keeper is not None
    context = zmq.Context()
    door = context.socket(zmq.DEALER)
    door.linger = 0
    door.connect(keeper["endpoint"])
    body = json.dumps({"n": 1, "method": "kill", "params": {"id": watcher.session.id}}).encode()
    for frames in ([b"", body], [b"0" * 32, body], [body], [b"x" * 32, b"not json"]):
        door.send_multipart(frames)
    assert door.poll(500) == 0
    door.close()
    context.term()
    assert watcher.execute("print('alive')").status is RunStatus.OK
