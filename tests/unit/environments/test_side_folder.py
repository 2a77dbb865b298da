from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
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


def test_pypy_gets_a_stand_in_for_what_nobody_has_built_for_it(
    tmp_path: Path, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    class Recorder(uv.Uv):
        def run(self, arguments: Sequence[str], *others: object, **named: object) -> str:
            words = list(arguments)
            asked.append([*words, Path(words[words.index("--override") + 1]).read_text("utf-8")])
            (Path(words[words.index("--target") + 1]) / "ipykernel").mkdir(parents=True)
            (Path(words[words.index("--target") + 1]) / "ipykernel" / "__init__.py").write_text("")
            return ""

    monkeypatch.setattr(side_folder, "Uv", Recorder)
    pypy = Probe("pypy", "3.9.16", "pypy39-pp73", False)
    filled = SideFolders(tmp_path / "side").fill(Path(sys.executable), pypy, never, network)
    assert asked[0][-1] == 'psutil ; python_version < "3"\ncffi ; python_version < "3"\n'
    assert "def children" in (filled / "psutil.py").read_text("utf-8")
    assert [path.name for path in (tmp_path / "side").iterdir()] == [side_name(pypy)]


def test_stand_in_finds_the_processes_that_were_started_and_ends_them() -> None:
    import subprocess

    from ide.environments import psutil_of_pypy as psutil

    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
    try:
        mine = {one.pid: one for one in psutil.Process().children(recursive=True)}
        assert child.pid in mine
        mine[child.pid].terminate()
    finally:
        child.wait(10)
    with pytest.raises(psutil.NoSuchProcess):
        mine[child.pid].kill()
    with pytest.raises(AttributeError, match="PyPy"):
        _ = psutil.cpu_percent
