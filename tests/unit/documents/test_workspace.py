"""State files and the workspace: what is remembered, and that nothing in the files stops a start (PROMISES A6)."""

from __future__ import annotations

import json
import os
import random
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ide.core.locks import held_lock
from ide.documents.journal_format import View
from ide.documents.state_file import StateFile, read_values, write_changed
from ide.documents.trust import Trust
from ide.documents.workspace import OpenFile, ProjectState, Workspace
from tests.unit.documents.desk import Desk, Window


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.close()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "profile" / "state"


def filled(state: Path, project: Path, desk: Desk) -> None:
    """A state folder as one session leaves it."""
    workspace = Workspace(state, desk.after, desk.run_in_pool)
    window = Window(state / "journal")
    workspace.open_folder(project)
    workspace.follow(window.documents)
    for name in ("a.py", "b.R"):
        (project / name).write_text("x\n" * 20)
        window.open(project / name).look_at(View(7, 4, 2))
    window.documents.set_active(window.documents.all[1])
    workspace.close()
    window.close()


def test_project_is_remembered_with_carets_and_the_tab_in_front(tmp_path: Path, state: Path, desk: Desk) -> None:
    filled(state, tmp_path, desk)
    workspace = Workspace(state, desk.after, desk.run_in_pool)
    workspace.load()
    remembered = workspace.open_folder(tmp_path)
    assert remembered == ProjectState(
        (OpenFile(tmp_path / "a.py", View(7, 4, 2)), OpenFile(tmp_path / "b.R", View(7, 4, 2))), tmp_path / "b.R"
    )
    assert workspace.recent_files == (tmp_path / "b.R", tmp_path / "a.py")
    assert workspace.recent_folders == (tmp_path,)
    assert workspace.open_folder(tmp_path / "elsewhere") == ProjectState()
    assert workspace.problems == ()
    workspace.close()


def test_nothing_is_written_into_the_project(tmp_path: Path, state: Path, desk: Desk) -> None:
    project = tmp_path / "project"
    project.mkdir()
    filled(state, project, desk)
    assert {path.name for path in project.iterdir()} == {"a.py", "b.R"}


def test_working_folder_is_project_else_the_scripts_own(tmp_path: Path, state: Path, desk: Desk) -> None:
    workspace = Workspace(state, desk.after, desk.run_in_pool)
    assert workspace.working_folder(tmp_path / "x" / "a.py") == tmp_path / "x"
    assert workspace.working_folder(None) == Path.home()
    workspace.open_folder(tmp_path)
    assert workspace.working_folder(tmp_path / "x" / "a.py") == tmp_path
    workspace.close()


def test_two_windows_add_to_one_list(tmp_path: Path, state: Path, desk: Desk) -> None:
    windows = [Workspace(state, desk.after, desk.run_in_pool) for _ in range(2)]
    for workspace in windows:
        workspace.load()
    for number in range(10):
        windows[number % 2].open_folder(tmp_path / str(number))
    desk.run_until(lambda: not any(workspace._recent.is_busy for workspace in windows))
    windows[0].forget_recent(tmp_path / "3")
    for workspace in windows:
        workspace.close()
    last = Workspace(state, desk.after, desk.run_in_pool)
    last.load()
    assert sorted(path.name for path in last.recent_folders) == [name for name in "0123456789" if name != "3"]
    last.clear_recent()
    last.close()
    assert json.loads((state / "recent.json").read_text())["folders"] == []


def test_state_files_are_for_the_owner_alone(tmp_path: Path, state: Path, desk: Desk) -> None:
    before = os.umask(0)
    try:
        filled(state, tmp_path, desk)
    finally:
        os.umask(before)
    for path in [*state.glob("*.json*"), *state.glob("projects/*.json*")]:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_changes_are_written_in_order_and_none_is_lost(tmp_path: Path, desk: Desk) -> None:
    file = StateFile(tmp_path / "s.json", desk.run_in_pool)

    def add(number: int) -> Callable[[dict[str, object]], dict[str, object]]:
        def change(values: dict[str, object]) -> dict[str, object]:
            listed = values.get("list")
            return {**values, "list": [*(listed if isinstance(listed, list) else []), number]}

        return change

    for number in range(50):
        file.change(add(number))
        desk.step()
    desk.run_until(lambda: not file.is_busy)
    assert json.loads((tmp_path / "s.json").read_text())["list"] == list(range(50))


def test_change_that_cannot_be_written_is_told_once_and_tried_again(
    tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "state"
    folder.write_text("in the way")
    file = StateFile(folder / "s.json", desk.run_in_pool)
    file.change(lambda values: {**values, "a": 1})
    desk.run_until(lambda: file.problems)
    file.change(lambda values: {**values, "b": 2})
    desk.run_until(lambda: not file._is_writing)
    assert len(file.problems) == 1
    folder.unlink()
    file.change(lambda values: {**values, "c": 3})
    desk.run_until(lambda: not file.is_busy)
    assert json.loads((folder / "s.json").read_text()) == {"a": 1, "b": 2, "c": 3, "version": 1}


def test_lock_that_is_held_delays_but_never_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ide.documents import state_file

    monkeypatch.setattr(state_file, "_LOCK_WAIT_S", 0.05)
    with held_lock(tmp_path / "s.json.lock", 0) as is_held:
        assert is_held
        write_changed(tmp_path / "s.json", [lambda values: {**values, "a": 1}])
    assert read_values(tmp_path / "s.json") == ({"a": 1, "version": 1}, "")


# -- 500 files that are not what they should be ---------------------------------------------------------------------


def spoil_bytes(data: bytes, kind: str, chance: random.Random) -> bytes:
    match kind:
        case "cut":
            return data[: chance.randrange(len(data))]
        case "flip":
            bad = bytearray(data)
            for _ in range(chance.randint(1, 8)):
                bad[chance.randrange(len(bad))] ^= 1 << chance.randrange(8)
            return bytes(bad)
        case "nul":
            start = chance.randrange(len(data))
            return data[:start] + b"\0" * (len(data) - start)
        case "noise":
            return chance.randbytes(chance.randint(0, 2000))
    return json.dumps(spoil_value(json.loads(data), chance)).encode()


def spoil_value(value: object, chance: random.Random) -> object:
    """Valid JSON with one thing of a wrong type somewhere."""
    other: list[object] = [
        None,
        True,
        -1,
        1e300,
        10**30,
        "",
        "x" * 5000,
        "a\0b",
        [],
        {},
        [[[]]],
        {"": None},
        "../../etc",
    ]
    if isinstance(value, dict) and value and chance.random() < 0.85:
        name = chance.choice(sorted(value))
        return {**value, name: spoil_value(value[name], chance)}
    if isinstance(value, list) and value and chance.random() < 0.85:
        at = chance.randrange(len(value))
        return [*value[:at], spoil_value(value[at], chance), *value[at + 1 :]]
    return chance.choice(other)


def deep(path: Path) -> None:
    path.write_bytes(b"[" * 200_000)


def large(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(100_000_000)


def folder_instead(path: Path) -> None:
    path.unlink()
    (path / "inside").mkdir(parents=True)


def pipe_instead(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def link_to_device(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def future(path: Path) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), "version": 99, "unknown": {"a": 1}}))


WHOLE: dict[str, Callable[[Path], object]] = {
    "deep": deep,
    "100 MB": large,
    "folder": folder_instead,
    "pipe": pipe_instead,
    "device": link_to_device,
    "future": future,
    "missing": Path.unlink,
    "empty": lambda path: path.write_bytes(b""),
    "unreadable": lambda path: path.chmod(0),
    "list": lambda path: path.write_text("[1]"),
    "number": lambda path: path.write_text("1" * 10_000),
    "link to nothing": lambda path: (path.unlink(), path.symlink_to("nowhere"))[1],  # type: ignore[func-returns-value]
}
SEEDED = ("cut", "flip", "nul", "noise", "types")


@pytest.mark.parametrize("kind", [*WHOLE, *SEEDED])
def test_spoilt_state_never_stops_a_start(tmp_path: Path, desk: Desk, kind: str) -> None:
    """Recent list, project and trust file in turn: 12 whole and 5 x 36 seeded variants of each, 576 in all."""
    project = tmp_path / "project"
    project.mkdir()
    state = tmp_path / "state"
    filled(state, project, desk)
    trust = Trust(state / "trust.json", desk.run_in_pool)
    trust.trust(project)
    trust.close()
    (project_file,) = state.glob("projects/*.json")
    good = {path: path.read_bytes() for path in (state / "recent.json", project_file, state / "trust.json")}
    for path, data in good.items():
        for seed in range(36 if kind in SEEDED else 1):
            for each, whole in good.items():
                each.write_bytes(whole)
            if kind in SEEDED:
                path.write_bytes(spoil_bytes(data, kind, random.Random(seed)))
            else:
                WHOLE[kind](path)
            check_start(state, project, desk)
            clean_up(path)


def check_start(state: Path, project: Path, desk: Desk) -> None:
    workspace = Workspace(state, desk.after, desk.run_in_pool)
    workspace.load()
    workspace.open_folder(project)
    trust = Trust(state / "trust.json", desk.run_in_pool)
    trusted = trust.is_trusted(project)
    assert all(isinstance(path, Path) for path in (*workspace.recent_files, *workspace.recent_folders, *trust.folders))
    assert trusted == trust.is_trusted(project)
    assert trust.is_trusted(Path("/")) is False
    told = [*workspace.problems, *trust.problems]
    assert len(told) <= 1
    workspace.close()
    trust.close()
    desk.step()
    again = Workspace(state, desk.after, desk.run_in_pool)
    again.load()
    assert project in again.recent_folders
    assert again.problems == ()


def clean_up(path: Path) -> None:
    for each in [path, *path.parent.glob(f"{path.name}.bad*")]:
        if each.is_dir() and not each.is_symlink():
            (each / "inside").rmdir()
            each.rmdir()
        elif os.path.lexists(each):
            each.unlink()


@pytest.mark.parametrize("kind", ["deep", "100 MB", "folder", "pipe", "list", "empty"])
def test_spoilt_state_is_kept_aside_and_said_once(tmp_path: Path, desk: Desk, kind: str) -> None:
    filled(tmp_path / "state", tmp_path, desk)
    path = tmp_path / "state" / "recent.json"
    WHOLE[kind](path)
    file = StateFile(path, desk.run_in_pool)
    assert file.read() == {}
    assert ["it is kept as recent.json.bad" in problem for problem in file.problems] == [True]
    assert os.path.lexists(path.with_name("recent.json.bad"))
    assert not os.path.lexists(path)


def test_state_of_a_newer_version_is_used_and_kept(tmp_path: Path, desk: Desk) -> None:
    path = tmp_path / "s.json"
    path.write_text('{"version": 7, "folders": [1], "later": true}')
    file = StateFile(path, desk.run_in_pool)
    assert file.read()["folders"] == [1]
    file.change(lambda values: {**values, "folders": []})
    desk.run_until(lambda: not file.is_busy)
    assert json.loads(path.read_text())["later"] is True
    assert json.loads((tmp_path / "s.json.bad").read_text())["version"] == 7
