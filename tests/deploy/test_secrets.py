"""A gateway's password and a job's secret stand in no file, argument, variable of others, log or error."""

from __future__ import annotations

import base64
import io
import logging
import uuid
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import psutil
import pytest

from ide.core.deploy import JobState, TargetSpec
from ide.core.errors import DeployError
from ide.deploy.cluster.client import ClusterTarget
from tests.deploy.conftest import Windows
from tests.deploy.desk import Desk
from tests.deploy.gateway import PASSWORD, GatewayServer

TOKEN = "planted-" + uuid.uuid4().hex
SCRIPT = """\
import os, time
print(os.environ["API_KEY"], os.environ["API_KEY"][::-1], flush=True)
while not os.path.exists(os.environ["GO"]):
    time.sleep(0.05)
raise ValueError("refused: " + os.environ["API_KEY"])
"""


@pytest.fixture
def spec(server: GatewayServer) -> TargetSpec:
    options = {
        "address": server.address, "proxy_address": server.scheduler_proxy, "login": "Name and password", "user": "ann",
    }  # fmt: skip
    return TargetSpec("team", "The team's gateway", "gateway", options, secrets=("password",))


@pytest.fixture
def target(own_windows: Windows, spec: TargetSpec) -> Iterator[ClusterTarget]:
    made = ClusterTarget(own_windows.open(), spec, {"password": PASSWORD})
    yield made
    for cluster in made.clusters():
        made.end_cluster(cluster.id)


@pytest.fixture
def desk(target: ClusterTarget, spec: TargetSpec, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "desk", lambda: target, spec)
    yield made
    made.close()


def test_planted_ones_are_nowhere_while_a_job_runs_and_after_it(
    desk: Desk, own_windows: Windows, server: GatewayServer, spec: TargetSpec, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    planted = [TOKEN, PASSWORD, base64.b64encode(f"ann:{PASSWORD}".encode()).decode()]
    places = [desk.folder, own_windows.folder, server.folder]  # the last has scheduler, worker and what they unpack
    job = desk.deploy(SCRIPT, secrets={"API_KEY": TOKEN, "GO": str(desk.go)})
    desk.wait(lambda: job.log, what="Its first line")

    assert job.log == f"••• {TOKEN[::-1]}\n"
    (script,) = [one.pid for one in psutil.process_iter() if has_token(one)]  # it alone was given it
    assert where(planted, processes(but=script)) == []
    assert where(planted, files(places)) == []
    for place in (desk.folder, server.folder):  # and so it would have been found
        assert where([TOKEN[::-1]], files([place]))

    desk.go.touch()
    desk.wait(lambda: job.record.state.is_final, what="Its end")
    assert (job.record.state, job.record.reason) == (JobState.FAILED, "ValueError: refused: •••")
    refused = ClusterTarget(own_windows.open(), spec, {"password": f"{PASSWORD}-not"})
    with pytest.raises(DeployError) as raised:
        refused.jobs()
    assert where(planted, files(places)) == []
    told = [repr(job), raised.value.text, repr(raised.value), *(record.getMessage() for record in caplog.records)]
    assert where(planted, [("told", one.encode()) for one in told]) == []


def has_token(process: psutil.Process) -> bool:
    """Whether the token is among its variables, as it is the script's right."""
    try:
        return process.environ().get("API_KEY") == TOKEN
    except psutil.Error:
        return False


def processes(but: int) -> Iterable[tuple[str, bytes]]:
    """Arguments and variables of all that run."""
    for place in Path("/proc").glob("[0-9]*"):
        for name in ("cmdline", "environ"):
            if int(place.name) != but or name == "cmdline":
                try:
                    yield str(place / name), (place / name).read_bytes()
                except OSError:
                    continue  # it has ended


def files(folders: Iterable[Path]) -> Iterable[tuple[str, bytes]]:
    """All that was written, packed files unpacked; but for the test's own gateway, which must know its password."""
    for folder in folders:
        for path in folder.rglob("*"):
            if not path.is_file() or path.name == "config.py":
                continue
            content = path.read_bytes()
            yield str(path), content
            if zipfile.is_zipfile(io.BytesIO(content)):
                with zipfile.ZipFile(io.BytesIO(content)) as opened:
                    yield from ((f"{path}!{name}", opened.read(name)) for name in opened.namelist())


def where(planted: list[str], told: Iterable[tuple[str, bytes]]) -> list[str]:
    """Places in which one of them stands."""
    return [place for place, content in told if any(one.encode() in content for one in planted)]
