"""What of a project goes: never more than the user would think, each thing that stays named with its reason."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from ide.core.errors import DeployError
from ide.deploy import snapshot as snapshots
from ide.deploy.ignored import is_ignored, patterns
from ide.deploy.snapshot import Snapshot, take_snapshot


def make(folder: Path, *paths: str) -> Path:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(path, "utf-8")
    return folder


def look(folder: Path, **more: object) -> Snapshot:
    return take_snapshot(folder, "main.py", home=folder.parent / "home", **more)  # type: ignore[arg-type]


def sent(found: Snapshot) -> list[str]:
    return [one.path for one in found.files]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make(tmp_path / "project", "main.py", "data/a.csv")


def test_files_go_by_name_with_their_size(project: Path) -> None:
    make(project, "data/b/c.csv", ".Rprofile", "renv/activate.R", "outputs.py", "src/outputs/keep.py")

    found = look(project)

    assert sent(found) == [
        ".Rprofile", "data/a.csv", "data/b/c.csv", "main.py", "outputs.py", "renv/activate.R", "src/outputs/keep.py",
    ]  # fmt: skip
    assert found.size_bytes == sum(len(path) for path in sent(found))
    assert found.left_out == found.refused == ()
    assert found.paths()["data/a.csv"].read_text("utf-8") == "data/a.csv"


def test_what_tools_made_stays_here_and_is_named(project: Path) -> None:
    make(
        project, ".git/config", ".venv/bin/python", "deep/__pycache__/x.pyc", "outputs/old.png", "renv/library/a/b",
        "my env/pyvenv.cfg", "my env/lib/x.py", "mamba/conda-meta/history", "a.py~", ".RData", "node_modules/x/y.js",
    )  # fmt: skip

    found = look(project)

    assert sent(found) == ["data/a.csv", "main.py"]
    assert {one.path for one in found.left_out} == {
        ".git/", ".venv/", "deep/__pycache__/", "outputs/", "renv/library/", "my env/", "mamba/", "a.py~", ".RData",
        "node_modules/",
    }  # fmt: skip


def test_gitignore_and_the_user_decide_more(project: Path) -> None:
    make(project, "big/x.bin", "big/y.bin", "big/deep/z.bin", "notes.md", "logs/a.log", "logs/keep.log")
    (project / ".gitignore").write_text("big/\n*.log\n!keep.log\n", "utf-8")

    assert sent(look(project)) == [".gitignore", "data/a.csv", "logs/keep.log", "main.py", "notes.md"]
    assert sent(look(project, excluded=["data/", "notes.md"])) == [".gitignore", "logs/keep.log", "main.py"]
    assert "big/x.bin" in sent(look(project, included=["big/x.bin"]))
    assert "big/y.bin" not in sent(look(project, included=["big/x.bin"]))
    assert "big/deep/z.bin" in sent(look(project, included=["big/deep/z.bin"]))


GIT_CASES = [
    "*.csv", "/data", "data/*", "data/**", "**/deep", "deep/", "a?.txt", "[ab]1.txt", "[!a]1.txt", "\\#x", "\\!x",
    "data/**/z.txt", "*.txt\n!b1.txt", "trailing \n", "trailing\\ ", "#x", "!x", "/*\n!/data", "x/", "data/deep/z.txt",
    "a*z.txt", "", "**", "[z-a]",
]  # fmt: skip
GIT_PATHS = [
    "a.csv", "data/b.csv", "data/deep/z.txt", "deep/x", "a1.txt", "b1.txt", "#x", "!x", "x", "trailing",
    "data/x/y/z.txt", "z.txt", "data", "a/z.txt",
]  # fmt: skip


def test_patterns_mean_what_git_says(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    for case in GIT_CASES:
        (tmp_path / ".gitignore").write_text(case + "\n", "utf-8")
        asked = "\0".join(GIT_PATHS).encode()
        command = ["git", "-C", str(tmp_path), "check-ignore", "--no-index", "--stdin", "-z"]
        done = subprocess.run(command, input=asked, capture_output=True, check=False)
        expected = {name for name in done.stdout.decode().split("\0") if name}

        rules = patterns(case + "\n", "")
        ours = set()
        for path in GIT_PATHS:
            parts = path.split("/")
            above = ["/".join(parts[: count + 1]) for count in range(len(parts) - 1)]
            if is_ignored(path, rules, is_folder=False) or any(is_ignored(one, rules, is_folder=True) for one in above):
                ours.add(path)
        assert ours == expected, case


@pytest.mark.parametrize("where", ["home", ".", "/", "/etc"])
def test_home_and_what_is_above_it_are_refused(where: str, tmp_path: Path) -> None:
    home = make(tmp_path / "home", "project/main.py")

    with pytest.raises(DeployError) as raised:
        take_snapshot(tmp_path / where, "main.py", home=home)

    assert "not sent" in raised.value.happened
    assert sent(take_snapshot(home / "project", "main.py", home=home)) == ["main.py"]


def test_links_that_leave_and_what_is_no_file_are_refused(project: Path) -> None:
    make(project.parent, "secret.txt")
    make(project, ".git/config", "kept/x.csv")
    (project / "out").symlink_to(project.parent / "secret.txt")
    (project / "up").symlink_to("..")
    (project / "broken").symlink_to("nowhere")
    (project / "config").symlink_to(".git/config")
    (project / "left").symlink_to("kept/x.csv")
    (project / "again").symlink_to("data/a.csv")
    (project / "folder").symlink_to("data")
    (project / "round").symlink_to("round")
    os.mkfifo(project / "pipe")

    found = look(project, excluded=["kept"])

    assert sent(found) == ["again", "data/a.csv", "main.py"]
    assert [one.is_link for one in found.files] == [True, False, False]
    assert {one.path for one in found.refused} == {
        "out", "up", "broken", "config", "left", "folder", "round", "pipe",
    }  # fmt: skip
    assert any(str(project.parent / "secret.txt") in one.reason for one in found.refused)


def test_link_to_an_environment_stays_here_as_the_environment_would(project: Path) -> None:
    make(project.parent, "elsewhere/pyvenv.cfg", "own/pyvenv.cfg", "other/x.csv")
    (project / ".venv").symlink_to(project.parent / "elsewhere")
    (project / "env").symlink_to(project.parent / "own")
    (project / "other").symlink_to(project.parent / "other")

    found = look(project)

    assert {one.path: one.reason for one in found.left_out} == {".venv": "made by tools", "env": "an environment"}
    assert [one.path for one in found.refused] == ["other"]
    assert sent(found) == ["data/a.csv", "main.py"]


def test_project_opened_through_a_link_is_the_same(project: Path) -> None:
    (project.parent / "link").symlink_to(project)

    assert look(project.parent / "link").folder == project.resolve()


def test_large_project_asks_and_too_many_files_are_refused(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not look(project).asks_for_its_size
    with open(project / "large.bin", "wb") as large:
        large.truncate(1_000_000_001)
    assert look(project).asks_for_its_size

    monkeypatch.setattr(snapshots, "FILE_LIMIT", 2)
    with pytest.raises(DeployError, match="more than 2 files"):
        look(project)
