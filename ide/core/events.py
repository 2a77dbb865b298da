"""Events of everything below Qt: an object announces a change, and whoever wants to know listens.

Listeners run on the emitting thread, so only the UI thread emits. Event names are past tense. Written for the start of
the program: it loads nothing and costs nothing before the first listener comes
(`docs/decisions/2026-11-27-light-imports.md`).
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import partial
from types import BuiltinMethodType, CodeType, MethodType
from typing import Any, TypeVar, overload

__all__ = ["Signal", "SignalInstance"]

Slot = TypeVar("Slot", bound=Callable[..., object])
_TAKES_ANY_NUMBER = 0x04  # CO_VARARGS


class Signal:
    """An event of a class: `changed = Signal(str)`. Each object has its own `SignalInstance` under that name."""

    def __init__(self, *types: object) -> None:
        """`types` are what the event carries, in order."""
        self.types = types
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type | None = None) -> Signal: ...

    @overload
    def __get__(self, instance: object, owner: type | None = None) -> SignalInstance: ...

    def __get__(self, instance: object | None, owner: type | None = None) -> Signal | SignalInstance:
        if instance is None:
            return self
        made = SignalInstance(f"{type(instance).__name__}.{self._name}", len(self.types))
        # From now on found there at once: this object has no `__set__`, so the instance's own goes first.
        vars(instance)[self._name] = made
        return made


class SignalInstance:
    """An event of one object, with its listeners. Bound methods are held weakly, other callables are kept."""

    def __init__(self, name: str, count: int) -> None:
        """`name` as told in errors; `count` of what each event carries."""
        self.name = name
        self._count = count
        self._listeners: list[_Listener] = []

    def __len__(self) -> int:
        return sum(listener.slot() is not None for listener in self._listeners)

    def __bool__(self) -> bool:
        return True  # an event without listeners is one

    def connect(self, slot: Slot) -> Slot:
        """Call `slot` at each event, after those that came earlier; it may take fewer arguments than there are.

        Raises ValueError where it needs more.
        """
        least, most = _counts(slot)
        if least > self._count:
            raise ValueError(f"{slot!r} needs {least} arguments, but {self.name} carries {self._count}")
        self._listeners.append(_Listener(_holder(slot), self._count if most is None else min(most, self._count)))
        return slot

    def disconnect(self, slot: Callable[..., object], missing_ok: bool = True) -> None:
        """Call `slot` no more. Raises ValueError where it does not listen, unless that is fine."""
        for listener in self._listeners:
            if listener.slot() == slot:
                self._listeners.remove(listener)
                return
        if not missing_ok:
            raise ValueError(f"{slot!r} does not listen to {self.name}")

    def emit(self, *arguments: Any) -> None:
        """Tell all who listen now, in order. A listener's error ends it; a note in it names event and listener."""
        for listener in tuple(self._listeners):
            slot = listener.slot()
            if listener not in self._listeners:
                continue  # one of those before has disconnected it
            if slot is None:
                self._listeners.remove(listener)
                continue
            try:
                slot(*arguments[: listener.count])
            except Exception as error:
                error.add_note(f"While {self.name} was told to {slot!r}.")
                raise


class _Listener:
    """Who listens: how to find it (None: it is gone) and how many arguments it takes. Two are equal if identical."""

    __slots__ = ("count", "slot")

    def __init__(self, slot: Callable[[], Callable[..., object] | None], count: int) -> None:
        self.slot = slot
        self.count = count


def _holder(slot: Callable[..., object]) -> Callable[[], Callable[..., object] | None]:
    """What gives `slot` for as long as it should be called."""
    if isinstance(slot, MethodType):
        return weakref.WeakMethod(slot)
    if isinstance(slot, partial) and isinstance(slot.func, MethodType):
        return _HeldPartial(slot)
    return lambda: slot


class _HeldPartial:
    """A partial of a bound method, which holds the method weakly."""

    def __init__(self, slot: partial[Any]) -> None:
        self._method = weakref.WeakMethod(slot.func)
        self._arguments, self._keywords = slot.args, slot.keywords

    def __call__(self) -> Callable[..., object] | None:
        method = self._method()
        return None if method is None else partial(method, *self._arguments, **self._keywords)


def _counts(slot: Callable[..., object]) -> tuple[int, int | None]:
    """How many arguments by position a callable needs at least, and takes at most (None: any number)."""
    if isinstance(slot, partial):
        least, most = _counts(slot.func)
        given = len(slot.args)
        return max(0, least - given), None if most is None else max(0, most - given)
    bound = 1 if isinstance(slot, MethodType) else 0
    function = slot.__func__ if isinstance(slot, MethodType) else slot
    code = getattr(function, "__code__", None)
    if not isinstance(code, CodeType):
        return _counts_of_other(slot)
    most = code.co_argcount - bound
    least = max(0, most - len(function.__defaults__ or ()))
    return least, None if code.co_flags & _TAKES_ANY_NUMBER else most


def _counts_of_other(slot: Callable[..., object]) -> tuple[int, int | None]:
    """Of a class, an object that can be called, or a built-in method such as `list.append`."""
    import inspect

    try:
        parameters = inspect.signature(slot).parameters.values()
    except (TypeError, ValueError):
        return 0, 1 if isinstance(slot, BuiltinMethodType) else None
    by_position = [one for one in parameters if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]
    takes_any = any(one.kind is one.VAR_POSITIONAL for one in parameters)
    least = sum(one.default is one.empty for one in by_position)
    return least, None if takes_any else len(by_position)
