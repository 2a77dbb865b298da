"""Plain values as JSON that keeps what JSON has no words for. Owns the form of the `.json` files of saved variables.

What JSON has itself looks like itself; all else is `{"$": kind, "value": ...}`.
"""

from __future__ import annotations

import datetime
import math
from typing import Any

from fourpane_plugins.lang_python.agent import look

_DEPTH = 100
_DATETIME = ("date", "time", "datetime")


class NotPlainError(Exception):
    """The value holds something that is more than data."""


def encode(value: Any, depth: int = 0) -> Any:
    """What `json` can write. Raises NotPlainError."""
    cls = type(value)
    if depth > _DEPTH:
        raise NotPlainError
    if cls is str or cls is bool or value is None:
        return value
    if cls is int:
        return value if value.bit_length() <= 10_000 else {"$": "int", "value": hex(value)}
    if cls is float:
        return value if math.isfinite(value) else {"$": "float", "value": repr(value)}
    if cls is complex:
        return {"$": "complex", "value": [encode(value.real), encode(value.imag)]}
    if cls is bytes or cls is bytearray:
        return {"$": look.type_name(cls), "value": value.hex()}
    if cls is list:
        return [encode(item, depth + 1) for item in value]
    if cls is tuple or cls is set or cls is frozenset:
        return {"$": look.type_name(cls), "value": [encode(item, depth + 1) for item in value]}
    if cls is dict:
        return _encode_dict(value, depth)
    return _encode_library(value, cls)


def _encode_dict(value: Any, depth: int) -> Any:
    if all(type(key) is str for key in value) and "$" not in value:
        return {key: encode(item, depth + 1) for key, item in value.items()}
    pairs = [[encode(key, depth + 1), encode(item, depth + 1)] for key, item in value.items()]
    return {"$": "dict", "value": pairs}


def _encode_library(value: Any, cls: type) -> Any:
    times = look.library("datetime") or {}
    for name in _DATETIME:
        if times.get(name) is cls and getattr(value, "tzinfo", None) is None:
            return {"$": name, "value": value.isoformat()}
    if times.get("timedelta") is cls:
        return {"$": "timedelta", "value": [value.days, value.seconds, value.microseconds]}
    for module, name in (("decimal", "Decimal"), ("uuid", "UUID")):
        if (look.library(module) or {}).get(name) is cls:
            return {"$": name, "value": str(value)}
    raise NotPlainError


def decode(value: Any) -> Any:
    """What `encode` was given. Raises NotPlainError where the file holds something else."""
    if type(value) is list:
        return [decode(item) for item in value]
    if type(value) is not dict:
        return value
    if "$" not in value:
        return {key: decode(item) for key, item in value.items()}
    maker = _MAKERS.get(value["$"]) if type(value["$"]) is str else None
    if maker is None or "value" not in value:
        raise NotPlainError
    try:
        return maker(value["value"])
    except (TypeError, ValueError, ArithmeticError) as error:
        raise NotPlainError from error


def _decimal(text: Any) -> Any:
    import decimal

    return decimal.Decimal(text)


def _uuid(text: Any) -> Any:
    import uuid

    return uuid.UUID(text)


_MAKERS: dict[str, Any] = {
    "int": lambda text: int(text, 16),
    "float": float,
    "complex": lambda parts: complex(decode(parts[0]), decode(parts[1])),
    "bytes": bytes.fromhex,
    "bytearray": bytearray.fromhex,
    "tuple": lambda items: tuple(decode(items)),
    "set": lambda items: set(decode(items)),
    "frozenset": lambda items: frozenset(decode(items)),
    "dict": lambda pairs: {decode(key): decode(item) for key, item in pairs},
    "date": datetime.date.fromisoformat,
    "time": datetime.time.fromisoformat,
    "datetime": datetime.datetime.fromisoformat,
    "timedelta": lambda parts: datetime.timedelta(*parts),
    "Decimal": _decimal,
    "UUID": _uuid,
}
