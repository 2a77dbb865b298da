"""PROMISES D3: trust is per folder, visible, revocable, default no."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ide.documents.trust import Standing, Trust
from tests.unit.documents.desk import Desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.close()


@pytest.fixture
def trust(tmp_path: Path, desk: Desk) -> Trust:
    return make(tmp_path, desk)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "work" / "project"
    (folder / "inner").mkdir(parents=True)
    return folder


def make(tmp_path: Path, desk: Desk) -> Trust:
    return Trust(tmp_path / "profile" / "trust.json", desk.run_in_pool)


def settle(trust: Trust, desk: Desk) -> None:
    desk.run_until(lambda: not trust._file.is_busy)


def test_default_is_no(trust: Trust, project: Path) -> None:
    assert trust.standing(project) is Standing.UNKNOWN
    assert trust.folders == ()
    assert not trust._file.path.exists()


def test_trust_holds_for_the_folder_and_below_and_after_a_restart(
    trust: Trust, project: Path, tmp_path: Path, desk: Desk
) -> None:
    told: list[Path] = []
    trust.changed.connect(told.append)
    trust.trust(project)
    for look in (trust, make(tmp_path, desk)):
        settle(trust, desk)
        assert look.is_trusted(project)
        assert look.is_trusted(project / "inner")
        assert not look.is_trusted(project.parent)
        assert not look.is_trusted(project.with_name("project2"))
        assert look.folders == (project,)
    assert told == [project]


def test_file_is_private(trust: Trust, project: Path, desk: Desk) -> None:
    before = os.umask(0)
    try:
        trust.trust(project)
        settle(trust, desk)
    finally:
        os.umask(before)
    assert stat.S_IMODE(trust._file.path.stat().st_mode) == 0o600
    assert project not in trust._file.path.parents


def test_revoke_takes_it_back_in_every_window(trust: Trust, project: Path, tmp_path: Path, desk: Desk) -> None:
    other = make(tmp_path, desk)
    trust.trust(project)
    settle(trust, desk)
    assert other.is_trusted(project)
    trust.revoke(project)
    assert not trust.is_trusted(project)
    settle(trust, desk)
    assert not other.is_trusted(project)


def test_revoke_below_a_trusted_folder_leaves_the_rest(trust: Trust, project: Path) -> None:
    trust.trust(project)
    trust.revoke(project / "inner")
    assert trust.standing(project / "inner") is Standing.REVOKED
    assert trust.is_trusted(project)
    trust.trust(project / "inner")
    assert trust.is_trusted(project / "inner")


def link_elsewhere(project: Path) -> Path:
    link = project.parent.parent / "link"
    link.symlink_to(project)
    return link


def link_inside(project: Path) -> Path:
    evil = project.parent.parent / "evil"
    evil.mkdir()
    (project / "data").symlink_to(evil)
    return project / "data"


def moved(project: Path) -> Path:
    return project.rename(project.with_name("moved"))


def replaced(project: Path) -> Path:
    project.rename(project.with_name("moved"))
    project.mkdir()
    return project


def link_in_its_place(project: Path) -> Path:
    evil = project.with_name("evil")
    evil.mkdir()
    project.rename(project.with_name("moved"))
    project.symlink_to(evil)
    return project


def parent_replaced(project: Path) -> Path:
    project.parent.rename(project.parent.with_name("old"))
    project.mkdir(parents=True)
    return project


@pytest.mark.parametrize(
    "happens",
    [link_elsewhere, link_inside, moved, replaced, link_in_its_place, parent_replaced],
    ids=lambda f: f.__name__,
)
def test_another_folder_does_not_inherit(
    trust: Trust, project: Path, tmp_path: Path, desk: Desk, happens: Callable[[Path], Path]
) -> None:
    trust.trust(project)
    folder = happens(project)
    assert folder.is_dir()
    assert not trust.is_trusted(folder)
    trust.close()
    assert not make(tmp_path, desk).is_trusted(folder)


def test_folder_reached_by_the_users_own_link_stays_trusted(trust: Trust, project: Path) -> None:
    """Where the home folder itself is a link, its projects are still asked for once only."""
    link = link_elsewhere(project.parent)
    trust.trust(link / "project")
    assert trust.is_trusted(link / "project")
    assert trust.is_trusted(link / "project" / "inner")
    assert trust.is_trusted(project)


@pytest.mark.parametrize("name", [".Rprofile", ".Renviron", "sitecustomize.py"])
def test_new_or_changed_startup_file_asks_again(trust: Trust, project: Path, name: str) -> None:
    trust.trust(project)
    (project / name).write_text("one")
    assert trust.standing(project) is Standing.CHANGED
    trust.trust(project)
    assert trust.is_trusted(project)
    (project / name).write_text("two")
    assert trust.standing(project) is Standing.CHANGED
    trust.trust(project)
    (project / name).write_text("one")
    assert trust.is_trusted(project), "content that was accepted once is known"
    (project / name).unlink()
    assert trust.is_trusted(project)


def test_startup_file_that_is_a_pipe_is_not_opened_and_asks(trust: Trust, project: Path) -> None:
    trust.trust(project)
    os.mkfifo(project / ".Rprofile")
    assert trust.standing(project) is Standing.CHANGED


def test_startup_file_below_a_trusted_folder_asks_when_it_changes(
    trust: Trust, project: Path, tmp_path: Path, desk: Desk
) -> None:
    (project / "inner" / ".Rprofile").write_text("one")
    trust.trust(project)
    assert trust.is_trusted(project / "inner")
    settle(trust, desk)
    (project / "inner" / ".Rprofile").write_text("two")
    assert trust.standing(project / "inner") is Standing.CHANGED
    assert make(tmp_path, desk).standing(project / "inner") is Standing.CHANGED


def test_folder_that_is_no_folder_cannot_be_trusted(trust: Trust, project: Path) -> None:
    with pytest.raises(OSError):
        trust.trust(project / "missing")
    (project / "file").write_text("")
    with pytest.raises(NotADirectoryError):
        trust.trust(project / "file")
    assert trust.folders == ()


def test_trust_that_cannot_be_written_holds_for_this_window(tmp_path: Path, desk: Desk, project: Path) -> None:
    (tmp_path / "profile").write_text("in the way")
    trust = make(tmp_path, desk)
    trust.trust(project)
    desk.run_until(lambda: trust.problems)
    assert trust.is_trusted(project)


def test_file_of_a_newer_version_is_copied_and_said_once(tmp_path: Path, desk: Desk) -> None:
    file = tmp_path / "profile" / "trust.json"
    file.parent.mkdir()
    file.write_text('{"version": 999, "folders": []}')
    said: list[str] = []
    for _start in range(3):
        trust = make(tmp_path, desk)
        assert trust.folders == ()
        said += trust.problems
    assert ["newer version" in problem for problem in said] == [True]
    assert len(list(file.parent.glob("*.bad*"))) == 1


def test_findings_say_what_is_off(trust: Trust, project: Path) -> None:
    for name in (".Rprofile", ".RData", "types.py", "analysis.py"):
        (project / name).write_text("")
    (project / ".venv").mkdir()
    assert [finding.sentence for finding in trust.findings(project)] == [
        ".Rprofile is not run.",
        ".RData is not loaded.",
        "Modules next to the script are not imported at start.",
        "types.py: named like parts of Python, and not taken for them at start.",
        "Programs in .venv are not run.",
    ]
    assert trust.findings(project / "inner") == ()
    assert trust.findings(project / "missing") == ()


def test_findings_look_at_a_bounded_number_of_names(
    trust: Trust, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ide.documents.trust._ENTRIES_LOOKED_AT", 3)
    for number in range(50):
        (project / f"m{number}.py").write_text("")
    from ide.documents import trust as module

    assert len(module._entry_names(project)) == 3
