"""`fourpane deploy` on this computer's cluster, the whole way: look, bundle, hand over, follow, fetch."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from ide.app import deploy_line
from ide.app.cluster_door import ClusterDoor
from ide.deploy.targets import THIS_COMPUTER
from tests.deploy.conftest import CLUSTER_PYTHON

SCRIPT = """\
import os
from pathlib import Path
print("hello from the job")
print(os.environ["API_KEY"], os.environ["API_KEY"][::-1])
Path("outputs").mkdir(exist_ok=True)
Path("outputs/table.csv").write_text("a\\n1\\n")
"""
TOKEN = "planted-token-4"
ACCEPTED = ("--accept", "lock_missing :0 The packages of this project are not locked.")


def test_script_runs_on_this_computer_and_its_files_come_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    project, profile = tmp_path / "project", tmp_path / "profile"
    project.mkdir()
    (project / "hello.py").write_text(SCRIPT)
    out, errors = io.StringIO(), io.StringIO()
    doors: list[ClusterDoor] = []

    def open_door(started: object) -> ClusterDoor:
        doors.append(ClusterDoor(started, lambda _work: CLUSTER_PYTHON))  # type: ignore[arg-type]
        return doors[-1]

    monkeypatch.setenv("API_KEY", TOKEN)
    words = ("--profile", str(profile), "--watch", "--secret", "API_KEY", "hello.py", *ACCEPTED)
    code = deploy_line.deploy(words, project, open_door, deploy_line.Streams(out, errors))

    another = ClusterDoor(doors[0]._started, lambda _work: CLUSTER_PYTHON)  # the cluster has outlived the first
    target = another.open(THIS_COMPUTER, {})
    for cluster in target.clusters():
        target.end_cluster(cluster.id)
    another.close()
    assert code == deploy_line.DONE, errors.getvalue()
    first, second = out.getvalue().splitlines()
    assert (first, second.split()[1]) == ("hello from the job", TOKEN[::-1])  # the script has the true value
    told = [out.getvalue(), errors.getvalue(), capsys.readouterr().err, *_written(tmp_path)]
    assert not any(TOKEN in one for one in told)
    assert any(TOKEN[::-1] in one for one in told[3:])  # and this is where it would have been found
    (table,) = profile.rglob("results/outputs/table.csv")
    assert table.read_text() == "a\n1\n"
    assert "Exception" not in told[2]


def _written(folder: Path) -> list[str]:
    """All that was written, packed files unpacked: records, logs, bundles, what the cluster keeps."""
    found = []
    for path in folder.rglob("*"):
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as opened:
                found += [opened.read(name).decode("latin-1") for name in opened.namelist()]
        elif path.is_file():
            found.append(path.read_text("latin-1"))
    return found
