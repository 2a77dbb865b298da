from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from ide.core.errors import KernelError
from ide.environments import side_folder, uv
from ide.environments.network import Network
from ide.environments.probe import Probe, probe
from ide.environments.side_folder import SideFolders, is_supported, side_name
from tests.unit.environments import machines
from tests.unit.environments.wheels import make_wheel, own_uv

PROBE = Probe("cpython", "3.11.7", "cpython-311-x86_64-linux-gnu", False)


def never() -> bool:
    return False


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Network:
    """Packages come from a folder without anything, and from nowhere else."""
    (tmp_path / "wheels").mkdir()
    return own_uv(tmp_path / "uv", monkeypatch, wheels=tmp_path / "wheels").network


def test_folder_is_named_by_what_fits_only_it() -> None:
    assert side_name(PROBE) == "cpython-3.11-cpython-311-x86_64-linux-gnu"
    assert side_name(Probe("pypy", "3.10.1", "a/b\\c:d")) == "pypy-3.10-a_b_c_d"


@pytest.mark.parametrize(
    ("version", "expected"),
    [("3.8", True), ("3.13.1", True), ("3.7.9", False), ("2.7.18", False), ("", True), ("x.y", True)],
)
def test_oldest_python_is_known(version: str, expected: bool) -> None:
    assert is_supported(version) is expected


def test_uv_really_fills_it_and_leaves_nothing_else(tmp_path: Path, network: Network) -> None:
    make_wheel(tmp_path / "wheels", "ipykernel", "99.0")
    folders = SideFolders(tmp_path / "side")
    said = probe(Path(sys.executable))
    assert folders.ready(said) is None
    filled = folders.fill(Path(sys.executable), said, never, network)
    assert filled == folders.ready(said)
    assert [path.name for path in (tmp_path / "side").iterdir()] == [side_name(said)]


def test_without_a_source_it_says_what_to_do(tmp_path: Path, network: Network) -> None:
    with pytest.raises(KernelError) as told:
        SideFolders(tmp_path / "side").fill(Path(sys.executable), PROBE, never, network)
    assert "There is no package “ipykernel” there." in told.value.text
    assert len(told.value.text.splitlines()) <= 3
    assert not list((tmp_path / "side").iterdir())


def test_unreachable_index_is_told_as_no_connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_uv(tmp_path / "uv", monkeypatch)
    nowhere = Network(python_index="http://127.0.0.1:9/simple")
    with pytest.raises(KernelError, match="could not be fetched") as told:
        SideFolders(tmp_path / "side").fill(Path(sys.executable), PROBE, never, nowhere)
    assert "network" in told.value.advice
    assert told.value.__cause__ is not None


def test_cancelling_ends_uv_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = machines.program(tmp_path / "uv", "#!/bin/sh\nsleep 60\n")
    monkeypatch.setattr(uv, "uv_command", lambda: [str(slow)])
    cancelled = threading.Event()
    asked: list[int] = []

    def is_cancelled() -> bool:
        asked.append(1)
        if len(asked) > 2:
            cancelled.set()
        return cancelled.is_set()

    with pytest.raises(KernelError, match="could not be fetched") as told:
        SideFolders(tmp_path / "side").fill(Path(sys.executable), PROBE, is_cancelled)
    assert "You cancelled it." in told.value.text
    assert not list((tmp_path / "side").iterdir())


def test_torn_install_is_never_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def tear(program: Path, target: Path, *_: object) -> None:
        (target / "ipykernel").mkdir(parents=True)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(side_folder, "_install", tear)
    with pytest.raises(KernelError, match="could not be stored"):
        SideFolders(tmp_path / "side").fill(Path(sys.executable), PROBE, never)
    assert not list((tmp_path / "side").iterdir())


def test_too_old_python_is_refused_before_anything_is_fetched(tmp_path: Path) -> None:
    with pytest.raises(KernelError, match="too old"):
        SideFolders(tmp_path / "side").fill(Path(sys.executable), Probe("cpython", "3.6.1", "x"), never)
    assert not (tmp_path / "side").exists()
