"""“Scale this console” in the real window, with real kernels: workers are told, scaled and ended beside the console."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from PySide6.QtWidgets import QMenu

from ide.api.testing import open_workbench
from ide.app.arguments import Arguments
from ide.app.cluster_door import ClusterDoor
from ide.app.start import begin
from ide.app.workbench import Workbench
from ide.core.deploy import TargetSpec
from ide.core.runs import RunStatus
from ide.shell.scale_dialog import ADAPTS, FIXED
from tests.deploy.conftest import CLUSTER_PYTHON
from tests.deploy.gateway import PASSWORD, GatewayServer
from tests.fakes.linked_env import SAMPLE_PYTHON, make_linked_env

pytestmark = pytest.mark.usefixtures("qapp")


@contextmanager
def window(folder: Path, environment: str) -> Iterator[Workbench]:
    profile, project = folder / "profile", folder / "project"
    project.mkdir(exist_ok=True)
    started = begin(Arguments(profile=profile), opens_window=False)
    door = ClusterDoor(started, lambda _work: CLUSTER_PYTHON)
    with open_workbench(
        profile_dir=profile, project_dir=project, environment=environment, is_trusted=True, door=door
    ) as wb:
        wb.wait_until(lambda: hasattr(wb.program, "deploying") and hasattr(wb.program, "packages"), what="The panes")
        assert wb.session is not None
        wb.session.wait_ready(60)
        yield wb


def shown(wb: Workbench) -> str:
    return wb.program.shell.window.status_bar.item("workers").text()


def count(folder: Path) -> int:
    """Processes of clusters of consoles."""
    return sum(
        any(str(folder) in word and "console-" in word for word in one.info["cmdline"] or ())
        for one in psutil.process_iter(["cmdline"])
    )


def test_one_click_gives_a_python_console_a_client_and_its_workers_are_told(tmp_path: Path) -> None:
    python = make_linked_env(tmp_path / "env", has_dask=True)
    with window(tmp_path, str(python)) as wb:
        session = wb.program.active.session
        assert session is not None
        assert shown(wb) == ""
        wb.run_command("deploy.scale_console", workers=1)
        wb.wait_until(lambda: shown(wb) == "1 worker", 60, "The worker in the status bar")
        wb.wait_until(lambda: bool(session.runs) and session.runs[-1].status.is_final, 60, "The client")
        (connected,) = [run for run in session.runs if "client = Client(" in run.code]
        assert connected.status is RunStatus.OK
        assert not connected.is_silent
        run = wb.run("print(client.submit(pow, 2, 5).result())", language="python").wait(60)
        assert run.text.strip() == "32"
        assert count(tmp_path) == 1
        strip = wb.program.deploying.pane.view.clusters
        assert [row.words.text().partition(":")[0] for row in strip.rows] == [f"This computer, for {session.name}"]

        # While the console is busy it is scaled all the same.
        busy = wb.run("import time; time.sleep(600)", language="python")
        wb.run_command("deploy.scale_console", workers=2)
        wb.wait_until(lambda: shown(wb) == "2 workers", 60, "Two workers")
        assert not busy.is_over
        wb.run_command("deploy.scale_console", maximum=1)
        wb.wait_until(lambda: shown(wb) == "0 workers (0 to 1)", 60, "None, as there is no work")
        wb.run_command("deploy.show_workers")
        menu = wb.program.shell.window.status_bar.item("workers").findChild(QMenu)
        assert menu is not None
        assert menu.actions()[0].text().replace("&", "") == "Scale this console"
        menu.close()
        wb.run_command("deploy.scale_console")
        dialog = wb.program.deploying.scaling.dialog
        assert dialog is not None
        assert dialog.kind.currentIndex() == ADAPTS
        assert dialog.maximum.value() == 1
        dialog.kind.setCurrentIndex(FIXED)
        dialog.workers.setValue(1)
        dialog.ok.click()
        wb.wait_until(lambda: shown(wb) == "1 worker", 60, "One worker")
        wb.run_command("deploy.end_workers")
        wb.wait_until(lambda: count(tmp_path) == 0, 60, "Its end")
        assert shown(wb) == ""
        session.interrupt()
        wb.wait_until(lambda: busy.is_over, 30, "The console is free")

        wb.run_command("deploy.scale_console", workers=1)
        wb.wait_until(lambda: shown(wb) == "1 worker", 60, "The worker in the status bar")
        session.restart()  # its workers are of the kernel that was
        wb.wait_until(lambda: shown(wb) == "", 60, "No workers")
        assert any("have ended" in one.text for one in wb.program.notices.all)
    assert count(tmp_path) == 0


def test_console_on_a_gateway_connects_again_after_a_restart_and_no_login_is_left(tmp_path: Path) -> None:
    python = make_linked_env(tmp_path / "env", has_dask=True)
    (tmp_path / "gateway").mkdir()
    gateway = GatewayServer(CLUSTER_PYTHON, tmp_path / "gateway")
    options = {
        "address": gateway.address, "proxy_address": gateway.scheduler_proxy, "login": "Name and password",
        "user": "user1",
    }  # fmt: skip
    spec = TargetSpec("team", "Team", "gateway", options, ("password",))
    try:
        with window(tmp_path, str(python)) as wb:
            session = wb.program.active.session
            assert session is not None
            wb.run_command("deploy.targets")
            dialog = wb.program.deploying.targets_dialog
            assert dialog is not None
            dialog.saved.emit(spec, {"password": PASSWORD})
            dialog.reject()
            wb.run_command("deploy.scale_console", target="Team", workers=1)
            wb.wait_until(lambda: shown(wb) == "1 worker", 60, "The worker")
            assert wb.run("print(client.submit(pow, 2, 5).result())", language="python").wait(60).text.strip() == "32"
            session.restart()
            wb.wait_until(lambda: session.state == "idle", 60, "The kernel anew")
            assert wb.run("client", language="python").wait(60).status == "error"
            wb.run_command("deploy.connect_console")
            again = "print(client.submit(pow, 2, 6).result())"
            wb.wait_until(lambda: sum("client = Client(" in run.code for run in session.runs) == 2, 30, "The client")
            assert wb.run(again, language="python").wait(60).text.strip() == "64"
            session.shut_down()  # a console that is closed needs no workers
            wb.wait_until(lambda: gateway.workers() == [], 60, "The end of its cluster")
        kept = [path for path in (tmp_path / "profile").rglob("*") if path.is_file()]
        assert kept
        assert not [path for path in kept if PASSWORD.encode() in path.read_bytes()]
    finally:
        left = gateway.close()
    assert left == []


def test_console_without_dask_is_offered_it_and_nothing_runs(tmp_path: Path) -> None:
    python = make_linked_env(tmp_path / "env")
    with window(tmp_path, str(python)) as wb:
        wb.run_command("deploy.scale_console", workers=1)
        bar = wb.program.packages.missing.bar
        wb.wait_until(bar.isVisible, what="The offer")
        assert bar.text.startswith("“distributed” is not installed in “")
        session = wb.program.active.session
        assert session is not None
        assert not [run for run in session.runs if not run.is_silent]
        assert shown(wb) == ""
        assert count(tmp_path) == 0


def test_r_console_gets_processes_of_r_by_a_plan_that_is_shown(tmp_path: Path) -> None:
    with window(tmp_path, str(SAMPLE_PYTHON)) as wb:
        wb.environments(60)
        wb.start_session("ir", 60).wait_ready(60)
        session = wb.program.active.session
        assert session is not None
        assert session.language == "r"
        wb.run_command("deploy.scale_console", workers=2)
        wb.wait_until(lambda: shown(wb) == "2 workers", 60, "Two workers")
        assert [run.code for run in session.runs if not run.is_silent] == [
            "future::plan(future::multisession, workers = 2)"
        ]
        run = wb.run(
            "cat(future::nbrOfWorkers(), future::value(future::future(Sys.getpid())) != Sys.getpid())", language="r"
        ).wait(60)
        assert run.text.strip() == "2 TRUE"
        wb.run_command("deploy.end_workers")
        wb.wait_until(lambda: shown(wb) == "", what="No workers")
        run = wb.run("cat(future::nbrOfWorkers())", language="r").wait(60)
        assert run.text.strip() == "1"
        wb.run_command("deploy.scale_console", workers=1)
        wb.wait_until(lambda: shown(wb) == "1 worker", 60, "One worker")
        session.restart()
        wb.wait_until(lambda: shown(wb) == "", what="No workers")
