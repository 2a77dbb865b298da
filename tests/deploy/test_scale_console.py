"""A console gets workers: of its own interpreter on this computer, of a gateway, of a scheduler that is up."""

from __future__ import annotations

import stat
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from ide._paths import plugins_dir
from ide.core.deploy import ClusterLink, ClusterState, TargetSpec
from ide.core.errors import DeployError
from ide.core.scaling import Scaling
from ide.deploy.cluster.client import ClusterTarget
from ide.extensions.extensions import Extensions
from tests.deploy.conftest import CLUSTER_PYTHON, LOCAL, Windows
from tests.deploy.gateway import PASSWORD, GatewayServer
from tests.fakes.linked_env import make_linked_env

_WAIT_S = 60.0


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of an environment as a user has it: a kernel, dask, and a package that the program's own lack."""
    made = make_linked_env(tmp_path_factory.mktemp("console") / "env", has_dask=True)
    site = next((made.parent.parent / "lib").glob("python3*")) / "site-packages"
    (site / "only_here.py").write_text("VALUE = 41\n")
    return made


@pytest.fixture(scope="module")
def target(windows: Windows) -> ClusterTarget:
    made = ClusterTarget(windows.open(), LOCAL, {})
    made.check(60.0)  # started here, so that no test counts as the one that left its process
    return made


@pytest.fixture
def start(target: ClusterTarget, python: Path, tmp_path: Path) -> Iterator[Callable[..., str]]:
    started: list[str] = []

    def act(**more: object) -> str:
        started.append(
            target.start_cluster({"workers": 1, "python": str(python), "folder": str(tmp_path), **more})
        )  # fmt: skip
        return started[-1]

    yield act
    for one in started:
        if any(state.id == one for state in target.clusters()):
            target.end_cluster(one)


def state_of(target: ClusterTarget, cluster: str) -> ClusterState | None:
    return next((one for one in target.clusters() if one.id == cluster), None)


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    ends_s = time.monotonic() + _WAIT_S
    while not is_so():
        assert time.monotonic() < ends_s, what
        time.sleep(0.05)


def wait_for_workers(target: ClusterTarget, cluster: str, count: int) -> None:
    def is_so() -> bool:
        found = state_of(target, cluster)
        return found is not None and found.workers == count

    wait_until(is_so, f"{count} workers")


def scaling() -> Scaling:
    """As the plugin of Python writes it."""
    found = Extensions(plugins_dir()).language("python")
    assert found is not None
    told = found.scaling()
    assert told is not None
    return told


def run(python: Path, code: str, folder: Path) -> str:
    """What code printed, run by the console's Python."""
    done = subprocess.run(
        [python, "-P", "-c", code], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_workers_have_the_packages_and_the_folder_of_the_console(
    target: ClusterTarget, start: Callable[..., str], python: Path, tmp_path: Path
) -> None:
    (tmp_path / "beside.py").write_text("def twice(x):\n    return 2 * x\n")
    (tmp_path / "json.py").write_text("raise SystemExit('the folder came first')\n")
    (tmp_path / "data.txt").write_text("seven")
    cluster = start()
    code = scaling().connect(target.link(cluster))

    said = run(
        python,
        code + "\nimport sys; sys.path.append('')\nimport only_here, beside\n"
        "print(client.submit(lambda: only_here.VALUE + 1).result(), client.submit(beside.twice, 4).result(),\n"
        "      client.submit(lambda: open('data.txt').read()).result())",
        tmp_path,
    )

    assert said.split() == ["42", "8", "seven"]


def test_it_is_scaled_adapted_and_ended_past_the_console(target: ClusterTarget, start: Callable[..., str]) -> None:
    cluster = start()
    wait_for_workers(target, cluster, 1)
    target.scale(cluster, 2)
    wait_for_workers(target, cluster, 2)
    target.adapt(cluster, 0, 1)
    wait_for_workers(target, cluster, 0)
    target.scale(cluster, 1)
    wait_for_workers(target, cluster, 1)
    place = Path(target.link(cluster).certificate_file).parent
    servers = [one for one in psutil.process_iter() if str(place) in " ".join(_command(one))]
    assert servers

    target.end_cluster(cluster)

    assert state_of(target, cluster) is None
    assert not place.exists()
    assert not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in servers)
    for call in (lambda: target.scale(cluster, 1), lambda: target.adapt(cluster, 0, 1), lambda: target.link(cluster)):
        with pytest.raises(DeployError, match="no such cluster"):
            call()


def test_its_certificate_is_for_the_user_alone_and_needed(
    target: ClusterTarget, start: Callable[..., str], python: Path, tmp_path: Path
) -> None:
    cluster = start()
    link = target.link(cluster)
    pem = Path(link.key_file)

    assert stat.S_IMODE(pem.stat().st_mode) == 0o600
    assert stat.S_IMODE(pem.parent.stat().st_mode) == 0o700
    assert "PRIVATE KEY" in pem.read_text()
    secret = pem.read_text().partition("PRIVATE KEY-----\n")[2].splitlines()[0]
    code = scaling().connect(link)
    assert secret not in code
    assert all(secret not in " ".join(_command(one)) for one in psutil.process_iter())
    refused = (
        f"from dask.distributed import Client\ntry:\n    Client({link.address!r}, timeout=3)\n"
        "except Exception as error:\n    print(type(error).__name__)"
    )
    assert "Error" in run(python, refused, tmp_path)
    addresses, processes = set(), [one for one in psutil.process_iter() if str(pem.parent) in " ".join(_command(one))]
    for one in (*processes, *(child for process in processes for child in process.children(recursive=True))):
        addresses |= {each.laddr.ip for each in one.net_connections("tcp") if each.status == psutil.CONN_LISTEN}
    assert addresses == {"127.0.0.1"}


def test_its_web_pages_are_below_a_word_that_nobody_guesses(target: ClusterTarget, start: Callable[..., str]) -> None:
    cluster = start()
    wait_for_workers(target, cluster, 1)
    place = str(Path(target.link(cluster).key_file).parent)
    ports = {
        each.laddr.port
        for process in psutil.process_iter()
        if place in " ".join(_command(process))
        for one in (process, *process.children(recursive=True))
        for each in one.net_connections("tcp")
        if each.status == psutil.CONN_LISTEN
    }
    assert len(ports) >= 3
    for port in ports:
        for path in ("", "json/counts.json", "metrics", "info/main/workers.html", "health", "status"):
            with pytest.raises((urllib.error.URLError, OSError)):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=5)


def test_idle_one_ends_by_itself_and_is_not_told_any_more(
    target: ClusterTarget, windows: Windows, python: Path, tmp_path: Path
) -> None:
    spec = TargetSpec("short", "Short", "local", {"idle_minutes": 0.01})
    short = ClusterTarget(windows.opened[0], spec, {})
    cluster = short.start_cluster({"workers": 1, "python": str(python), "folder": str(tmp_path)})
    wait_until(lambda: state_of(short, cluster) is None, "its end")


def test_it_ends_with_the_kernel_of_its_console(target: ClusterTarget, start: Callable[..., str]) -> None:
    kernel = subprocess.Popen([CLUSTER_PYTHON, "-c", "input()"], stdin=subprocess.PIPE)
    cluster = start(pid=kernel.pid)
    assert state_of(target, cluster) is not None
    kernel.kill()
    wait_until(lambda: state_of(target, cluster) is None, "its end")
    kernel.communicate()


def test_environment_without_dask_is_told_in_words(
    target: ClusterTarget, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    bare = make_linked_env(tmp_path_factory.mktemp("bare") / "env")
    with pytest.raises(DeployError) as told:
        target.start_cluster({"workers": 1, "python": str(bare), "folder": str(tmp_path)})

    assert told.value.happened == "The workers could not be started."
    assert "No module named 'dask'" in told.value.meaning
    assert "distributed" in told.value.advice


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayServer]:
    made = GatewayServer(CLUSTER_PYTHON, tmp_path_factory.mktemp("gateway"))
    yield made
    assert made.close() == []


def test_console_on_a_gateway_works_with_the_certificate_of_its_cluster_alone(
    target: ClusterTarget, windows: Windows, gateway: GatewayServer, python: Path, tmp_path: Path
) -> None:
    options = {
        "address": gateway.address, "proxy_address": gateway.scheduler_proxy, "login": "Name and password",
        "user": "user1",
    }  # fmt: skip
    spec = TargetSpec("team", "Team", "gateway", options, ("password",))
    team = ClusterTarget(windows.opened[0], spec, {"password": PASSWORD})
    cluster = team.start_cluster({"workers": 1, "python": str(python), "folder": str(tmp_path)})
    link = team.link(cluster)
    pem = Path(link.key_file)
    code = scaling().connect(link)

    said = run(python, code + "\nprint(client.submit(pow, 2, 5).result())", tmp_path)

    assert said.split() == ["32"]
    assert PASSWORD not in code + repr(link) + pem.read_text()
    assert stat.S_IMODE(pem.stat().st_mode) == 0o600
    team.adapt(cluster, 0, 2)
    wait_for_workers(team, cluster, 0)
    with pytest.raises(DeployError, match="does not become as large"):
        team.adapt(cluster, 0, 50)
    team.end_cluster(cluster)
    assert not pem.exists()


def test_code_names_what_a_link_has_and_no_more() -> None:
    connect = scaling().connect
    assert connect(ClusterLink("tcp://host:8786")) == (
        'from dask.distributed import Client\n\nclient = Client("tcp://host:8786")'
    )
    assert "tls_client_cert" in connect(ClusterLink("tls://host:1", "/a b/ca.pem", "/c.pem", "/k'\".pem"))
    compile(connect(ClusterLink("tls://host:1", "/a b/ca.pem", "/c.pem", "C:\\k'\".pem")), "code", "exec")


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
