"""A later start hands its files to the window that is there: a real second process against a real local server."""

from __future__ import annotations

import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ide.shell.handover import Handover, hand_over
from ide.shell.single_instance import SingleInstance

Asked = tuple[Handover, Callable[[], None]]


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    short = Path(tmp_path_factory.mktemp("r"))
    short.chmod(0o700)
    return short


@pytest.fixture
def instance(qapp: object, folder: Path) -> Iterator[SingleInstance]:
    made = SingleInstance(folder)
    assert made.start()
    yield made
    made.close()
    made.deleteLater()


def _asked(instance: SingleInstance) -> list[Asked]:
    heard: list[Asked] = []
    instance.asked.connect(lambda handover, done: heard.append((handover, done)))
    return heard


def _in_thread(work: Callable[[], bool]) -> tuple[threading.Thread, list[bool]]:
    answers: list[bool] = []
    thread = threading.Thread(target=lambda: answers.append(work()))
    thread.start()
    return thread, answers


def test_second_start_hands_over_and_ends(instance: SingleInstance, folder: Path, qtbot: QtBot) -> None:
    heard = _asked(instance)
    code = (
        "import sys; from pathlib import Path; from ide.shell.handover import Handover, hand_over;"
        "taken = hand_over(Handover(('a.py:3',), '/work folder'), Path(sys.argv[1]));"
        "assert not any(name.startswith('PySide6') for name in sys.modules), 'Qt was imported';"
        "sys.exit(0 if taken else 1)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(folder)], cwd=Path(__file__).parents[3])
    qtbot.waitUntil(lambda: process.poll() is not None, timeout=20_000)
    assert process.returncode == 0
    assert heard[0][0] == Handover(("a.py:3",), "/work folder")


def test_waiting_start_is_let_go_when_its_files_are_done(instance: SingleInstance, folder: Path, qtbot: QtBot) -> None:
    heard = _asked(instance)
    thread, answers = _in_thread(lambda: hand_over(Handover(("a.py",), "/", True), folder))
    qtbot.waitUntil(lambda: bool(heard), timeout=10_000)
    assert answers == []
    heard[0][1]()
    qtbot.waitUntil(lambda: answers == [True], timeout=10_000)
    thread.join()
    heard[0][1]()


def test_waiting_start_is_let_go_when_the_window_closes(instance: SingleInstance, folder: Path, qtbot: QtBot) -> None:
    heard = _asked(instance)
    thread, answers = _in_thread(lambda: hand_over(Handover(("a.py",), "/", True), folder))
    qtbot.waitUntil(lambda: bool(heard), timeout=10_000)
    instance.close()
    qtbot.waitUntil(lambda: answers == [True], timeout=10_000)
    thread.join()


def test_second_window_does_not_take_the_socket(instance: SingleInstance, folder: Path, qtbot: QtBot) -> None:
    other = SingleInstance(folder)
    assert not other.start()
    other.deleteLater()
    heard = _asked(instance)
    thread, answers = _in_thread(lambda: hand_over(Handover((), "/"), folder))
    qtbot.waitUntil(lambda: bool(heard) and bool(answers), timeout=10_000)
    thread.join()


def test_socket_of_a_window_that_was_killed_is_replaced(qapp: object, folder: Path) -> None:
    stale = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    stale.bind(str(folder / "window"))
    stale.close()
    instance = SingleInstance(folder)
    assert instance.start()
    instance.close()
    instance.deleteLater()
    assert not (folder / "window").exists()


def test_socket_is_for_this_user_alone(instance: SingleInstance, folder: Path) -> None:
    assert stat.S_IMODE((folder / "window").stat().st_mode) & 0o077 == 0


@pytest.mark.parametrize("said", [b"garbage\n", b"[" * 5_000 + b"\n", b"x" * 2_000_000, b""])
def test_nonsense_is_dropped_and_the_next_one_is_served(
    instance: SingleInstance, folder: Path, qtbot: QtBot, said: bytes
) -> None:
    heard = _asked(instance)

    def talk() -> bool:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(10)
        connection.connect(str(folder / "window"))
        try:
            connection.sendall(said)
            if said:
                connection.recv(100)
        except OSError:
            pass
        finally:
            connection.close()
        return True

    thread, answers = _in_thread(talk)
    qtbot.waitUntil(lambda: answers == [True], timeout=15_000)
    thread.join()
    assert heard == []
    thread, answers = _in_thread(lambda: hand_over(Handover(("b.py",), "/"), folder))
    qtbot.waitUntil(lambda: answers == [True], timeout=10_000)
    thread.join()
    assert [handover.arguments for handover, _done in heard] == [("b.py",)]
