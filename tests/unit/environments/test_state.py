"""PROMISES A6 for the state of environments: whatever is in its place, the program starts with what it can find."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.core.environment import Environment, Health
from ide.environments.environments import Environments
from ide.environments.probe import Probe
from ide.environments.state import PROJECT_LIMIT, State, read_state
from tests.unit.environments.machines import machine

ONE = Environment("/p/python", "p", "python", "venv", Path("/p/python"), "", "3.11.7", True, Health.NEEDS_KERNEL, "why")
TWO = Environment("ir", "R", "r", "kernelspec", None, "ir")
VARIANT_COUNT = 500


def sound() -> bytes:
    state = State()
    state.choose("/project", ONE)
    state.choose("", TWO)
    state.probes = {"/p/python": (12345, Probe("cpython", "3.11.7", "tag", True))}
    return state.to_bytes()


def test_state_survives_the_file(tmp_path: Path) -> None:
    path = tmp_path / "environments.json"
    path.write_bytes(sound())
    state = read_state(path)
    assert state.known == {ONE.id: ONE, TWO.id: TWO}
    assert state.chosen["/project"] == {"python": ONE.id, "": ONE.id}
    assert state.chosen[""] == {"python": ONE.id, "r": TWO.id, "": TWO.id}
    assert state.probes == {"/p/python": (12345, Probe("cpython", "3.11.7", "tag", True))}


def test_only_the_newest_projects_are_remembered() -> None:
    state = State()
    for number in range(PROJECT_LIMIT + 50):
        state.choose(f"/project/{number}", ONE)
    assert len(state.chosen) <= PROJECT_LIMIT + 1
    assert f"/project/{PROJECT_LIMIT + 49}" in state.chosen
    assert "/project/0" not in state.chosen


def variants() -> Iterator[bytes]:
    chance = random.Random(6)
    whole = sound()
    values: list[object] = [None, True, -1, 1e300, "x", "nul\0", [], {}, [[]], {"": {}}, "/p\0", "relative/python"]
    yield from (b"", b"null", b"[]", b"3", b'"x"', b"\0" * 4096, b"[" * 100_000, b"\xff\xfe", b"{" + b" " * 3_000_000)
    yield from (whole[:cut] for cut in range(0, len(whole), 16))
    for key in ("version", "chosen", "known", "probes"):
        yield from (json.dumps({**json.loads(whole), key: value}).encode() for value in values)
    for field in json.loads(whole)["known"][0]:
        for value in values:
            content = json.loads(whole)
            content["known"][0][field] = value
            yield json.dumps(content).encode()
    while True:
        damaged = bytearray(whole)
        for _ in range(chance.randint(1, 10)):
            damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        yield bytes(damaged)


def test_500_variants_start_and_keep_a_prompt(tmp_path: Path) -> None:
    here = machine(tmp_path)
    for number, data in zip(range(VARIANT_COUNT), variants(), strict=False):
        path = tmp_path / f"{number}.json"
        path.write_bytes(data)
        environments = Environments(path, tmp_path / "side", machine=here)
        chosen = environments.default(Path("/project"))
        assert chosen.interpreter is not None
        assert chosen.interpreter.exists()
        assert environments.all
        assert environments.find("nothing of that name") is None
        environments.choose(environments.own())
        assert read_state(path).chosen[""]["python"] == environments.own().id


@pytest.mark.parametrize("kind", ["folder", "fifo", "device", "circular link"])
def test_thing_in_place_of_the_file_does_not_stop_the_start(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "environments.json"
    match kind:
        case "folder":
            path.mkdir()
        case "fifo":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "circular link":
            path.symlink_to(path)
    assert read_state(path) == State()
    assert read_state(path) == State()


def test_bad_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "environments.json"
    path.write_text("garbage")
    read_state(path)
    assert (tmp_path / "environments.json.bad").read_text() == "garbage"
