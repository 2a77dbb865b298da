"""`fourpane deploy` and `fourpane jobs`, over a cluster of processes beside the test."""

from __future__ import annotations

import importlib.metadata
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.app import deploy_line
from ide.app.deploy_line import DONE, FAILED, REFUSED, Streams
from ide.app.locked import cluster_needs
from ide.settings import paths
from tests.fakes.target import FakeCluster, FakeDoor

LOCK = 'lock-version = "1.0"\nrequires-python = "==3.11.*"\ncreated-by = "test"\npackages = []\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pylock.toml").write_text(LOCK)
    return folder


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[FakeCluster]:
    made = FakeCluster(tmp_path / "cluster")
    made.folder.mkdir()
    yield made
    made.end()


class Line:
    """A terminal in a folder, with a profile of its own."""

    def __init__(self, folder: Path, profile: Path, cluster: FakeCluster) -> None:
        self.folder, self.profile, self.cluster = folder, profile, cluster
        self.out = self.errors = ""

    def run(self, *words: str) -> int:
        streams = Streams(io.StringIO(), io.StringIO())
        profile = ("--profile", str(self.profile))
        if words[0] == "jobs":
            code = deploy_line.jobs((*profile, *words[1:]), streams)
        else:
            code = deploy_line.deploy((*profile, *words[1:]), self.folder, lambda _: FakeDoor(self.cluster), streams)
        assert isinstance(streams.out, io.StringIO)
        assert isinstance(streams.errors, io.StringIO)
        self.out, self.errors = streams.out.getvalue(), streams.errors.getvalue()
        return code


@pytest.fixture
def line(tmp_path: Path, project: Path, cluster: FakeCluster) -> Line:
    return Line(project, tmp_path / "profile", cluster)


def test_watched_job_prints_its_log_and_says_where_results_are(line: Line, project: Path) -> None:
    (project / "run.py").write_text(
        "import sys, pathlib\n"
        "print('to the output')\nprint('to the errors', file=sys.stderr)\n"
        "pathlib.Path('outputs/a.txt').write_text('x')\n"
    )
    assert line.run("deploy", "run.py", "--watch") == DONE
    assert line.out == "to the output\n"
    assert "to the errors\n" in line.errors
    place = Path(line.errors.strip().rsplit(" in ", 1)[1])
    assert (place / "outputs" / "a.txt").read_text() == "x" or (place / "a.txt").read_text() == "x"


def test_job_that_is_not_watched_is_handed_over_and_its_id_is_told(line: Line, project: Path) -> None:
    (project / "run.py").write_text("print('later')\n")
    assert line.run("deploy", "run.py") == DONE
    job = line.out.strip()
    assert set(line.cluster.jobs) == {job}
    assert line.run("jobs") == DONE
    assert job[:8] in line.out
    assert "run.py" in line.out


def test_exit_code_of_the_script_is_ours(line: Line, project: Path) -> None:
    (project / "run.py").write_text("import sys; sys.exit(7)\n")
    assert line.run("deploy", "run.py", "--watch") == 7
    (project / "run.py").write_text("raise ValueError('no')\n")
    assert line.run("deploy", "run.py", "--watch") == FAILED


def test_what_blocks_is_told_with_its_place_and_can_be_accepted(line: Line, project: Path) -> None:
    (project / "run.py").write_text("open('/data/first.csv')\n")
    assert line.run("deploy", "run.py", "--watch") == REFUSED
    assert "run.py:1: error: " in line.errors
    assert line.errors.endswith("Nothing was sent.\n")
    assert line.cluster.jobs == {}
    key = line.errors.split("--accept ", 1)[1].split("\n")[0].strip("'")
    assert line.run("deploy", "run.py", "--accept", key) == DONE
    assert len(line.cluster.jobs) == 1


def test_target_with_another_dask_is_refused_by_the_versions_of_the_lock(
    line: Line, project: Path, cluster: FakeCluster
) -> None:
    (project / "run.py").write_text("print('x')\n")
    cluster.versions = dict(cluster_needs())
    assert line.run("deploy", "run.py", "--watch") == DONE
    assert set(cluster.versions) == {"dask", "distributed"}
    cluster.versions["distributed"] = "2024.1.0"
    assert line.run("deploy", "run.py", "--watch") == REFUSED
    assert "The target has distributed 2024.1.0, this side has" in line.errors


def test_policy_stops_a_denied_licence_and_the_administrators_wins_over_the_projects(
    line: Line, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock names no licences: that of an installed package counts. MIT is what pluggy says of itself."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "fourpane-policy.toml").write_text('[licences]\ndenied = ["MIT"]\n')
    monkeypatch.setattr(paths, "_site_folder", lambda *_: tmp_path / "site")
    (project / "fourpane-policy.toml").write_text('[licences]\nallowed = ["MIT"]\n')
    version = importlib.metadata.version("pluggy")
    package = f'[[packages]]\nname = "pluggy"\nversion = "{version}"\n'
    (project / "pylock.toml").write_text(LOCK.replace("packages = []\n", package))
    (project / "run.py").write_text("print('here')\n")
    assert line.run("deploy", "run.py", "--watch") == REFUSED
    told = f"error: pluggy {version}: denied. The administrator’s policy denies the licence MIT of pluggy."
    assert told in line.errors
    assert "--accept" not in line.errors.partition(told)[2].partition("error:")[0]
    accepted = f"policy :0 pluggy {version}: denied."
    assert line.run("deploy", "run.py", "--accept", accepted) == REFUSED
    assert line.cluster.jobs == {}
    (tmp_path / "site" / "fourpane-policy.toml").unlink()
    assert line.run("deploy", "run.py") == REFUSED  # the target has no pluggy; no policy is against it
    assert "denied" not in line.errors


def test_secret_is_taken_from_its_variable_and_never_printed(
    line: Line, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_TOKEN", "swordfish-123")
    (project / "run.py").write_text("import os; print(len(os.environ['MY_TOKEN']), os.environ['MY_TOKEN'])\n")
    assert line.run("deploy", "run.py", "--watch", "--secret", "MY_TOKEN") == DONE
    assert line.out.startswith("13 ")
    assert "swordfish-123" not in line.out + line.errors
    kept = b"".join(one.read_bytes() for one in line.profile.rglob("*") if one.is_file())
    assert b"swordfish-123" not in kept


def test_arguments_reach_the_script(line: Line, project: Path) -> None:
    (project / "run.py").write_text("import sys; print(sys.argv[1:])\n")
    assert line.run("deploy", "run.py", "--watch", "--", "--fast", "a b") == DONE
    assert line.out == "['--fast', 'a b']\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("run.py", "--target", "nowhere"), "There is no target “nowhere”."),
        (("notes.txt",), "notes.txt is no script."),
        (("run.py", "--workers", "0"), "positive"),
        (("run.py", "--env", "no-such"), "no-such"),
        (("gone.py",), "gone.py"),
    ],
)
def test_mistakes_are_told_and_nothing_is_sent(line: Line, project: Path, words: tuple[str, ...], told: str) -> None:
    (project / "run.py").write_text("print(1)\n")
    (project / "notes.txt").write_text("text")
    assert line.run("deploy", *words) == REFUSED
    assert told in line.errors
    assert line.cluster.jobs == {}


def test_jobs_are_found_by_words_told_whole_and_their_log_printed(line: Line, project: Path) -> None:
    assert line.run("jobs") == DONE
    assert line.out == "No jobs.\n"
    for name in ("one.py", "two.py"):
        (project / name).write_text(f"print('{name} was here')\n")
        assert line.run("deploy", name, "--watch") == DONE
    assert line.run("jobs", "two.py", "--json") == DONE
    (found,) = json.loads(line.out)
    assert (found["entry"], found["state"]) == ("two.py", "succeeded")
    assert line.run("jobs", "--log", found["id"][:6]) == DONE
    assert line.out == "two.py was here\n"
    assert line.run("jobs", "--log", "zzz") == REFUSED


def test_deploying_is_no_start_of_the_window_that_died_young(line: Line, project: Path) -> None:
    (project / "run.py").write_text("print('x')\n")
    assert line.run("deploy", "run.py") == DONE
    assert not list(line.profile.rglob("starts.json"))


def test_no_qt_is_loaded(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom ide.__main__ import main\nassert main(['jobs', '--profile', sys.argv[1]]) == 0\n"
        "import ide.app.deploy_line, ide.app.start, ide.environments.making.maker\n"
        "assert not [name for name in sys.modules if name.startswith(('PySide6', 'dask', 'distributed'))]\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "No jobs.\n", "")
