"""PySide6 must not lose references: 6.12.0 below Python 3.12 frees None and True bit by bit until it aborts."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from PySide6.QtCore import QObject, Signal

CALLS = 1000
TOLERANCE = 5


class Emitter(QObject):
    changed = Signal(bool)
    plain = Signal()


def drift(constant: object, action: Callable[[], object]) -> int:
    """How far the reference count of `constant` moves over `CALLS` calls of `action`."""
    action()
    before = sys.getrefcount(constant)
    for _ in range(CALLS):
        action()
    return sys.getrefcount(constant) - before


@pytest.mark.parametrize("constant", [None, True, False], ids=str)
def test_void_qt_calls_keep_reference_counts(constant: object) -> None:
    thing = QObject()

    assert abs(drift(constant, lambda: thing.setObjectName("name"))) <= TOLERANCE
    assert abs(drift(constant, lambda: thing.blockSignals(False))) <= TOLERANCE


@pytest.mark.parametrize("constant", [None, True, False], ids=str)
def test_emitted_signals_keep_reference_counts(constant: object) -> None:
    emitter = Emitter()
    received: list[int] = []
    emitter.plain.connect(received.clear)

    assert abs(drift(constant, lambda: emitter.changed.emit(True))) <= TOLERANCE
    assert abs(drift(constant, emitter.plain.emit)) <= TOLERANCE
