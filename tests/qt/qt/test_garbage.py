"""Garbage is collected on the UI thread, and the collector is given back."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from ide.qt.garbage import YOUNG_OBJECTS, Garbage


class Knot:
    """Garbage that only a collection finds."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def garbage(qapp: object) -> Iterator[Garbage]:
    made = Garbage()
    yield made
    made.close()


def test_nothing_is_collected_in_another_thread(garbage: Garbage) -> None:
    seen: list[int] = []
    gc.callbacks.append(note := lambda _phase, _info: seen.append(threading.get_ident()))
    thread = threading.Thread(target=lambda: [Knot() for _ in range(50 * YOUNG_OBJECTS)])
    thread.start()
    thread.join()
    gc.callbacks.remove(note)
    assert seen == []


def test_garbage_goes_once_there_is_enough_of_it(garbage: Garbage, qtbot: QtBot) -> None:
    garbage.start()
    knot = weakref.ref(Knot())
    kept = [Knot() for _ in range(2 * YOUNG_OBJECTS)]
    assert knot() is not None
    qtbot.waitUntil(lambda: knot() is None)
    assert kept


def test_little_garbage_is_left_alone(garbage: Garbage) -> None:
    gc.collect()
    knot = weakref.ref(Knot())
    garbage.look()
    assert knot() is not None


def test_collector_is_given_back(qapp: object) -> None:
    assert gc.isenabled()
    garbage = Garbage()
    assert not gc.isenabled()
    garbage.start()
    garbage.close()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
