"""The way onto the UI thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from functools import partial

import pytest
from PySide6.QtCore import QEventLoop, QTimer
from pytestqt.qtbot import QtBot

from ide.qt.post import TURN_BUDGET_S, UiThread


@pytest.fixture
def ui(qapp: object) -> Iterator[UiThread]:
    thread = UiThread()
    yield thread
    thread.close()
    thread.deleteLater()


def test_post_from_many_threads_runs_all_on_the_ui_thread_in_each_threads_order(ui: UiThread, qtbot: QtBot) -> None:
    seen: list[tuple[int, int]] = []
    on_ui: set[bool] = set()
    main = threading.get_ident()

    def note(thread: int, number: int) -> None:
        seen.append((thread, number))
        on_ui.add(threading.get_ident() == main)

    def work(thread: int) -> None:
        for number in range(500):
            ui.post(partial(note, thread, number))

    threads = [threading.Thread(target=work, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    qtbot.waitUntil(lambda: len(seen) == 2000, timeout=10_000)
    for thread in threads:
        thread.join()
    assert on_ui == {True}
    for index in range(4):
        assert [number for thread, number in seen if thread == index] == list(range(500))


def test_post_with_much_work_lets_the_event_loop_turn_in_between(ui: UiThread, qtbot: QtBot) -> None:
    done: list[str] = []
    QTimer.singleShot(0, lambda: done.append("event"))

    def work(number: int) -> None:
        time.sleep(TURN_BUDGET_S)
        done.append(str(number))

    for number in range(10):
        ui.post(partial(work, number))
    qtbot.waitUntil(lambda: len(done) == 11, timeout=5_000)
    assert done.index("event") < 9, "ten budgets of work ran in one turn"


def test_post_of_a_callback_that_raises_still_runs_the_rest(ui: UiThread, qtbot: QtBot) -> None:
    done: list[int] = []

    def fail() -> None:
        raise RuntimeError("on purpose")

    with qtbot.captureExceptions() as caught:
        ui.post(fail)
        ui.post(lambda: done.append(1))
        qtbot.waitUntil(lambda: done == [1], timeout=5_000)
    assert [str(error[1]) for error in caught] == ["on purpose"]


def test_post_before_a_nested_event_loop_runs_inside_it(ui: UiThread, qtbot: QtBot) -> None:
    loop = QEventLoop()
    order: list[str] = []

    def open_dialog() -> None:
        order.append("opened")
        loop.exec()
        order.append("closed")

    ui.post(open_dialog)
    ui.post(lambda: order.append("inside"))
    ui.post(loop.quit)
    qtbot.waitUntil(lambda: "closed" in order, timeout=5_000)
    assert order == ["opened", "inside", "closed"]


def test_after_runs_once_and_cancel_prevents_it(ui: UiThread, qtbot: QtBot) -> None:
    rang: list[str] = []
    ui.after(0.01, lambda: rang.append("kept"))
    cancel = ui.after(0.01, lambda: rang.append("cancelled"))
    cancel()
    cancel()
    ui.after(0.05, lambda: rang.append("end"))
    qtbot.waitUntil(lambda: "end" in rang, timeout=5_000)
    assert rang == ["kept", "end"]


def test_close_drops_what_waits(ui: UiThread, qtbot: QtBot) -> None:
    rang: list[int] = []
    ui.post(lambda: rang.append(1))
    ui.after(0.0, lambda: rang.append(2))
    ui.close()
    ui.post(lambda: rang.append(3))
    done: list[int] = []
    QTimer.singleShot(30, lambda: done.append(1))
    qtbot.waitUntil(lambda: bool(done), timeout=5_000)
    assert rang == []
