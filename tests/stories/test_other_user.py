"""PROMISES E1, E2 with the whole program: another user reads nothing and reaches nothing; no port is open to all."""

from __future__ import annotations

import json
import os
import pwd
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.stories.kit import facts_of, start_script

SPY = Path(__file__).with_name("other_user.py")
SECRET = "only-the-owner-may-read-this"  # typed, printed and remembered on purpose

LIVE = """
from ide.core.text import Edit
os.umask(0)
with open_workbench(profile_dir=profile, project_dir=project, environment=python) as wb:
    wb.session.wait_ready(60)
    wb.run(f"import time; print({secret!r}); kept = {secret!r}", language="python").wait(60)
    wb.run(f"secret <- '{secret}'; print(secret)", language="r").wait(90)
    wb.open(project / "notes.py").apply(Edit(0, 0, secret))
    wb.program.documents.new("python").apply(Edit(0, 0, secret))
    wb.run_command("layout.simple")
    wb.environments()
    wb.wait_until(lambda: (wb.program.started.paths.runtime / "window").exists(), 20)
    wb.settle()
    wb.wait_until(lambda: len(list(profile.glob("journal/*/*.journal"))) == 2, 20)
    tell(runtime=str(wb.program.started.paths.runtime), ready=True)
    wb.wait_until((profile.parent / "go on").exists, 60)
    python_says, r_says = (wb.run(f"print({name})", language=name_of).wait(30).text for name, name_of in
                           (("kept", "python"), ("secret", "r")))
    tell(still=[secret in python_says, secret in r_says])
    wb.program.shell.window.close()
"""


def spied(paths: list[Path], *, as_owner: bool = False) -> list[str]:
    """What the real user `nobody` (or the owner) can open. Where nobody else can be played, what the modes allow."""
    if os.geteuid() != 0 and not as_owner:
        files = [path for path in paths if path.is_absolute()]
        return [str(path) for path in files if stat.S_IMODE(path.lstat().st_mode) & 0o077]
    user = pwd.getpwuid(os.geteuid()) if as_owner else pwd.getpwnam("nobody")
    done = subprocess.run(
        [sys.executable, "-I", str(SPY), str(user.pw_uid), str(user.pw_gid)],
        input="\0".join(map(str, paths)),
        capture_output=True,
        text=True,
        cwd="/",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout)["opened"])


def processes_of_this_test() -> list[psutil.Process]:
    mark = os.environ["FOURPANE_TEST_RUN"]
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get("FOURPANE_TEST_RUN") == mark:
                found.append(process)
        except psutil.Error:
            continue
    return found


@pytest.mark.timeout(150)
def test_other_user_reads_nothing_and_no_port_listens(tmp_path: Path, private_home: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "notes.py").write_text("x = 1\n")
    # As strict as the system's own folders are, no stricter: whoever gets to the profile is stopped there.
    for folder in (private_home, *private_home.iterdir(), *tmp_path.parents, tmp_path):
        if folder.is_dir() and folder != Path("/") and folder.stat().st_uid == os.geteuid():
            folder.chmod(folder.stat().st_mode | 0o055)
    window = start_script(f"secret = {SECRET!r}\n{LIVE}", tmp_path)
    try:
        told = wait_until_ready(window)
        runtime, profile = Path(str(told["runtime"])), tmp_path / "profile"
        paths = [path for base in (profile, runtime) for path in (base, *base.rglob("*"))]
        check_files(paths)
        check_processes(runtime)
    finally:
        (tmp_path / "go on").touch()
        output, errors = window.communicate(timeout=60)
    assert window.returncode == 0, errors
    assert facts_of(output)["still"] == [True, True], "the other user's garbage has done harm"
    left = [profile, *profile.rglob("*")]
    assert spied(left) == []
    assert any(SECRET.encode() in path.read_bytes() for path in left if path.is_file()), (
        "nothing secret was kept at all"
    )


def wait_until_ready(window: subprocess.Popen[str]) -> dict[str, object]:
    assert window.stdout is not None
    lines = []
    for line in iter(window.stdout.readline, ""):
        lines.append(line)
        if '"ready"' in line:
            return facts_of("".join(lines))
    raise AssertionError(window.stderr and window.stderr.read())


def check_files(paths: list[Path]) -> None:
    sockets = [path for path in paths if path.is_socket()]
    assert len(sockets) >= 3 * 5, "two sessions and the spare have five sockets each"
    assert len([path for path in paths if path.is_file()]) > 12
    assert spied(paths) == []
    assert len(spied(paths, as_owner=True)) > len(sockets), "the spy finds nothing even where it may"
    too_open = [f"{path} {stat.filemode(path.lstat().st_mode)}" for path in paths if path.lstat().st_mode & 0o077]
    assert too_open == [], "with umask 0 every mode is one that was asked for"


def check_processes(runtime: Path) -> None:
    keys = [json.loads((runtime / "keeper.json").read_text())["key"]]
    keys += [json.loads(path.read_text())["key"] for path in runtime.glob("*/connection-*.json")]
    assert len(keys) >= 4
    ours = processes_of_this_test()
    assert len(ours) >= 5
    ports: list[int] = []
    for process in ours:
        try:
            connections, words = process.net_connections("inet"), process.cmdline()
        except psutil.NoSuchProcess:
            continue  # one that was asked for its version, say
        listening = [connection.laddr for connection in connections if connection.status == psutil.CONN_LISTEN]
        assert [place for place in listening if place.ip not in ("127.0.0.1", "::1")] == [], words
        line = " ".join(part for part in words if "open_workbench" not in part)
        # ipykernel takes the prints of processes that user code forks through a port of its own; it only receives.
        assert not listening or "ipykernel" in line, (line, listening)
        ports += [place.port for place in listening]
        assert not any(key in line for key in keys)
        assert SECRET not in line
    spied_on = spied([Path(f"port:{port}") for port in ports])
    assert spied_on == [], "no port says anything about the session"
