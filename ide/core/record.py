"""`dataclass`, `field` and `replace` as in the standard library, but a class gets its methods at its first use.

The standard decorator writes and compiles the methods when a module is imported, about a millisecond for each class;
with the records of the whole program that was a fifth of the way to the first window
(`docs/decisions/2026-11-27-light-imports.md`). Here that waits for the first instance, or the first question about
the fields. The fields are the standard decorator's work, and so is all of a class with unusual wishes; for the others
only the constructor is compiled, and comparing, hashing, showing and refusing are written once below, by its rules.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass, field, replace
else:

    def dataclass(cls: type | None = None, /, *, slots: bool = False, **options: bool) -> Any:
        """As `dataclasses.dataclass`; `slots` included."""
        if cls is None:
            return lambda given: _prepared(given, slots, options)
        return _prepared(cls, slots, options)

    def field(**options: Any) -> Any:
        """As `dataclasses.field`."""
        return _LateField(options)

    def replace(instance: Any, /, **changes: Any) -> Any:
        """As `dataclasses.replace`."""
        from dataclasses import replace as standard_replace

        return standard_replace(instance, **changes)


__all__ = ["dataclass", "field", "replace"]
_one_at_a_time = threading.RLock()


def _prepared(cls: type, slots: bool, options: dict[str, bool]) -> type:
    """The slotted copy of `cls`, with stand-ins that bring the methods at the first use; without slots all at once."""
    if not slots:
        from dataclasses import dataclass as standard_dataclass

        _bring_fields(cls)
        return standard_dataclass(**options)(cls)
    is_frozen, is_usual = options.get("frozen", False), not options.keys() - {"frozen"}
    made = _with_slots(cls, is_frozen=is_frozen)
    if is_usual:
        _add_common_methods(made, is_frozen=is_frozen)
        options = {"init": False, "eq": False, "repr": False}
    late = _Late(cls, made, options)
    late.stand_in("__init__", _init_of(late))
    for name in ("__dataclass_fields__", "__match_args__"):
        late.stand_in(name, _LateAttribute(late, name))
    return made


class _Late:
    """The methods of one class, which are still to be made from `cls` as it was written."""

    def __init__(self, cls: type, made: type, options: dict[str, bool]) -> None:
        self._cls = cls
        self.made = made
        self._options = options
        self._stand_ins: dict[str, object] = {}

    def stand_in(self, name: str, value: object) -> None:
        """Put `value` in the place of an attribute to come, unless the class has one of its own."""
        if name not in vars(self._cls):
            self._stand_ins[name] = value
            setattr(self.made, name, value)

    def complete(self) -> None:
        """Make the methods; the stand-ins go. Once, whichever threads make the first instances."""
        with _one_at_a_time:
            if self._stand_ins:
                self._complete()
                self._stand_ins = {}

    def _complete(self) -> None:
        from dataclasses import dataclass as standard_dataclass

        _bring_fields(self._cls)
        before = dict(vars(self._cls))
        standard_dataclass(**self._options)(self._cls)
        if not self._options.get("init", True):
            setattr(self._cls, "__init__", _constructor(self._cls, self.made))  # noqa: B010 - mypy knows no such thing
        own = self._cls.__annotations__
        # Written over, not taken away first: at no moment may another thread find that there is no constructor.
        for name, value in vars(self._cls).items():
            # A field's name is a slot there; its default is in `__init__`.
            is_new = name not in before or before[name] is not value
            if is_new and name not in own and name not in ("__dict__", "__weakref__"):
                setattr(self.made, name, value)


def _constructor(cls: type, made: type) -> Callable[..., None]:
    """What fills the slots of a new instance, past the guard of a frozen class."""
    from dataclasses import MISSING, fields

    known: dict[str, Any] = {"absent": MISSING}
    parameters, lines = ["self"], ["pass"]
    for number, each in enumerate(fields(cls)):
        known[f"set_{number}"] = getattr(made, each.name).__set__
        value, default = each.name, ""
        if each.default is not MISSING:
            known[f"default_{number}"], default = each.default, f" = default_{number}"
        elif each.default_factory is not MISSING:
            known[f"new_{number}"], default = each.default_factory, " = absent"
            value = f"new_{number}() if {each.name} is absent else {each.name}"
        parameters.append(each.name + default)
        lines.append(f"set_{number}(self, {value})")
    exec(f"def __init__({', '.join(parameters)}):\n    " + "\n    ".join(lines), known)
    made_now: Callable[..., None] = known["__init__"]
    made_now.__qualname__ = f"{made.__qualname__}.__init__"
    return made_now


class _LateField:
    """Stands for a field with options until its class gets its methods."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options


def _bring_fields(cls: type) -> None:
    from dataclasses import field as standard_field

    for name, value in tuple(vars(cls).items()):
        if isinstance(value, _LateField):
            setattr(cls, name, standard_field(**value.options))


class _LateAttribute:
    """Stands for an attribute of the class until somebody asks for it."""

    def __init__(self, late: _Late, name: str) -> None:
        self._late = late
        self._name = name

    def __get__(self, instance: object, owner: type) -> object:
        self._late.complete()
        return getattr(self._late.made, self._name)


def _init_of(late: _Late) -> Callable[..., None]:
    def __init__(self: object, *arguments: object, **named: object) -> None:  # noqa: N807 - it stands for that
        late.complete()
        late.made.__init__(self, *arguments, **named)  # type: ignore[misc]  # the real one, in this one's place now

    return __init__


def _with_slots(cls: type, *, is_frozen: bool) -> type:
    """A copy of `cls` with a slot for each field that it adds, as `dataclasses` makes it."""
    inherited = {name for base in cls.__mro__[1:-1] for name in getattr(base, "__slots__", ())}
    names = [name for name, kind in vars(cls).get("__annotations__", {}).items() if "ClassVar" not in str(kind)]
    content = {name: value for name, value in vars(cls).items() if name not in (*names, "__dict__", "__weakref__")}
    content["__slots__"] = tuple(name for name in names if name not in inherited)
    if is_frozen:  # such an object can't be filled in by `setattr` when it is copied or unpickled
        content.setdefault("__getstate__", _state)
        content.setdefault("__setstate__", _set_state)
    made = type(cls)(cls.__name__, cls.__bases__, content)
    made.__qualname__ = cls.__qualname__
    return made


def _add_common_methods(made: type, *, is_frozen: bool) -> None:
    """Equality of equal fields, the hash of a frozen class, and the text of both; what a class has itself stays."""
    own = vars(made)
    if "__repr__" not in own:
        setattr(made, "__repr__", _text)  # noqa: B010 - mypy knows no such thing of a class
    has_own_equality = "__eq__" in own
    if not has_own_equality:
        setattr(made, "__eq__", _is_equal)  # noqa: B010
    if is_frozen:
        setattr(made, "__setattr__", _refuse_to_set)  # noqa: B010
        setattr(made, "__delattr__", _refuse_to_delete)  # noqa: B010
    if own.get("__hash__") is None:  # as it is by itself where a class has its own equality
        setattr(made, "__hash__", _hash if is_frozen else None)  # noqa: B010


def _refuse_to_set(self: object, name: str, value: object) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: object, name: str) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot delete field {name!r}")


@recursive_repr()
def _text(self: object) -> str:
    shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in _names_of(self.__class__, "repr"))
    return f"{self.__class__.__qualname__}({shown})"


def _is_equal(self: object, other: object) -> object:
    if other.__class__ is not self.__class__:
        return NotImplemented
    compared = _compared_of(self.__class__)
    return compared(self) == compared(other)


def _hash(self: object) -> int:
    return hash(_compared_of(self.__class__)(self))


_compared: dict[type, Callable[[object], Any]] = {}


def _compared_of(cls: type) -> Callable[[object], Any]:
    """What gives the tuple of those fields of an instance that count when two are compared."""
    if cls not in _compared:
        names = _names_of(cls, "compare")
        if len(names) > 1:
            _compared[cls] = attrgetter(*names)
        else:
            _compared[cls] = lambda self: tuple(getattr(self, name) for name in names)
    return _compared[cls]


def _names_of(cls: type, wish: str) -> list[str]:
    from dataclasses import fields

    return [each.name for each in fields(cls) if getattr(each, wish)]


def _state(self: object) -> list[object]:
    from dataclasses import fields

    return [getattr(self, each.name) for each in fields(self)]  # type: ignore[arg-type]  # only records have it


def _set_state(self: object, state: list[object]) -> None:
    from dataclasses import fields

    for each, value in zip(fields(self), state, strict=True):  # type: ignore[arg-type]  # only records have it
        object.__setattr__(self, each.name, value)
