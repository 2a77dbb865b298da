"""Records as what JSON can hold, and back, by the types of their fields. Pure; both sides of the pipe import it."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

VERSION: Final = 1
"""Of what is said over the pipe."""
HEARTBEAT_S: Final = 1.0
"""How often the process says that it is alive."""

T = TypeVar("T")


def plain(value: Any) -> Any:
    """What JSON can hold. TypeError for what has no such form."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (str, Path)):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(plain(one) for one in value)
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    raise TypeError(f"{type(value).__name__} can't be sent")


def rebuilt(kind: type[T], value: Any) -> T:
    """The record of that type. Fields that it does not have are dropped; TypeError or ValueError where it can't be."""
    made: T = _rebuilt(kind, value)
    return made


def _rebuilt(kind: Any, value: Any) -> Any:
    origin = get_origin(kind)
    inner = get_args(kind)
    if origin in (Union, types.UnionType):
        if value is None:
            return None
        (kind,) = [one for one in inner if one is not type(None)]
        return _rebuilt(kind, value)
    if origin is tuple:
        return tuple(_rebuilt(inner[0], one) for one in value)
    if origin is frozenset:
        return frozenset(_rebuilt(inner[0], one) for one in value)
    if origin is Mapping:
        return {name: _rebuilt(inner[1], one) for name, one in dict(value).items()}
    if kind is float and isinstance(value, int):
        return float(value)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: _rebuilt(hints[name], one) for name, one in dict(value).items() if name in hints})
    if isinstance(kind, type) and kind is not object and not isinstance(value, kind):
        raise TypeError(f"{kind.__name__} was expected")
    return value


@cache
def _hints(kind: Any) -> dict[str, Any]:
    known = get_type_hints(kind)
    return {one.name: known[one.name] for one in fields(kind)}
