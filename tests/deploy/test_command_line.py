"""`fourpane deploy` on this computer's cluster, the whole way: look, bundle, hand over, follow, fetch."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from ide.app import deploy_line
from ide.app.cluster_door import ClusterDoor
from ide.deploy.targets import THIS_COMPUTER
from tests.deploy.conftest import CLUSTER_PYTHON

SCRIPT = """\
from pathlib import Path
print("hello from the job")
Path("outputs").mkdir(exist_ok=True)
Path("outputs/table.csv").write_text("a\\n1\\n")
"""
ACCEPTED = ("--accept", "lock_missing :0 The packages of this project are not locked.")


def test_script_runs_on_this_computer_and_its_files_come_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project, profile = tmp_path / "project", tmp_path / "profile"
    project.mkdir()
    (project / "hello.py").write_text(SCRIPT)
    out, errors = io.StringIO(), io.StringIO()
    doors: list[ClusterDoor] = []

    def open_door(started: object) -> ClusterDoor:
        doors.append(ClusterDoor(started, lambda _work: CLUSTER_PYTHON))  # type: ignore[arg-type]
        return doors[-1]

    words = ("--profile", str(profile), "--watch", "hello.py", *ACCEPTED)
    code = deploy_line.deploy(words, project, open_door, deploy_line.Streams(out, errors))

    another = ClusterDoor(doors[0]._started, lambda _work: CLUSTER_PYTHON)  # the cluster has outlived the first
    target = another.open(THIS_COMPUTER, {})
    for cluster in target.clusters():
        target.end_cluster(cluster.id)
    another.close()
    assert (code, out.getvalue()) == (deploy_line.DONE, "hello from the job\n"), errors.getvalue()
    (table,) = profile.rglob("results/outputs/table.csv")
    assert table.read_text() == "a\n1\n"
    assert "Exception" not in capsys.readouterr().err
