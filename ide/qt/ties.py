"""Ties an event to a widget's life: undone when the widget is destroyed. Owns no event and no widget."""

from __future__ import annotations

import types
import weakref
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol, cast

from PySide6.QtCore import QObject


class Connectable(Protocol):
    """A SignalInstance of `ide.core.events` or a bound Qt signal."""

    def connect(self, slot: Any, /) -> Any:
        """Call `slot` for each event."""

    def disconnect(self, slot: Any, /) -> Any:
        """Call it no more."""


def connect(owner: QObject, signal: Connectable, method: Callable[..., object]) -> Callable[[], None]:
    """Call `method` for each event of `signal` until `owner` is destroyed or the returned callable is called.

    `method` is a bound method (a lambda would hold what it mentions alive, and so is refused). It may take fewer
    arguments than the event carries.
    """
    if not isinstance(method, types.MethodType):
        raise TypeError(f"connect needs a bound method, not {method!r}")
    signal.connect(method)
    undo = partial(_disconnect, signal, weakref.WeakMethod(method))
    owner.destroyed.connect(undo)
    return undo


def _disconnect(signal: Connectable, method: weakref.WeakMethod[Any], *_destroyed: object) -> None:
    bound = method()
    if bound is None:
        return
    try:
        signal.disconnect(bound)
    except (RuntimeError, TypeError, ValueError, SystemError):
        return  # already undone: either side may end first


def tied(owner: QObject, slot: Callable[..., None]) -> Callable[..., None]:
    """`slot`, a bound method, as a callable that does nothing once `owner` is destroyed: for answers that come late."""
    is_alive = [True]
    owner.destroyed.connect(partial(_bury, is_alive))
    held = weakref.WeakMethod(cast(types.MethodType, slot))

    def call(*arguments: object) -> None:
        bound = held()
        if is_alive[0] and bound is not None:
            bound(*arguments)

    return call


def _bury(is_alive: list[bool], *_destroyed: object) -> None:
    is_alive[0] = False
