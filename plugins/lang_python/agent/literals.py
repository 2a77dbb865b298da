"""Code for a value, to be edited by the user. Owns which values can be written as code, and how."""

from __future__ import annotations

import math
from typing import Any

from fourpane_plugins.lang_python.agent import look, objects

LENGTH = 10_000
_DEPTH = 30


class NoLiteralError(Exception):
    """The value cannot be written as code."""


class TooLongError(NoLiteralError):
    """It can, but in more text than anybody edits."""


def literal(shell: Any, path: list[str]) -> dict[str, Any]:
    """The contract's `CellDetail` for the value at `path`: its text is code, empty where there is none."""
    value = objects.resolve(shell, path)
    found: dict[str, Any] = {"text": "", "type_name": look.type_name(type(value))}
    try:
        found["text"] = code_of(value)
    except TooLongError:
        found["is_cut"] = True
    except NoLiteralError:
        return found
    found["length"] = len(found["text"])
    return found


def code_of(value: Any, length: int = LENGTH) -> str:
    """An expression that makes an equal value of the same type. Raises NoLiteralError where there is none."""
    return _Writer(length).text(value, 0)


class _Writer:
    """Writes one value; `left` is how much more text there may be."""

    def __init__(self, length: int) -> None:
        self.left = length

    def text(self, value: Any, depth: int) -> str:
        if depth > _DEPTH:  # deep, or inside itself
            raise NoLiteralError
        cls = type(value)
        if cls is list or cls is tuple or cls is set or cls is frozenset or cls is dict:
            return self._container(value, cls, depth)
        return self._take(_scalar(value, self.left))

    def _take(self, text: str) -> str:
        self.left -= len(text)
        if self.left < 0:
            raise TooLongError
        return text

    def _container(self, value: Any, cls: type, depth: int) -> str:
        self._take("[], ")
        if len(value) > self.left:
            raise TooLongError
        if cls is dict:
            pairs = [self.text(key, depth + 1) + ": " + self.text(item, depth + 1) for key, item in value.items()]
            return "{" + ", ".join(pairs) + "}"
        parts = [self.text(item, depth + 1) for item in value]
        self._take("  " * len(parts))
        if cls is tuple:
            return "(" + ", ".join(parts) + ("," if len(parts) == 1 else "") + ")"
        if cls is list:
            return "[" + ", ".join(parts) + "]"
        members = "{" + ", ".join(parts) + "}" if parts else "set()"
        if cls is set:
            return members
        return "frozenset(" + (members if parts else "") + ")"


def _scalar(value: Any, left: int) -> str:
    cls = type(value)
    if value is None or cls is bool:
        return repr(value)
    if value is ...:
        return "..."
    if cls is int:
        return repr(value) if value.bit_length() <= 2000 else hex(value) if value.bit_length() < 4 * left else _long()
    if cls is float:
        return _float(value)
    if cls is complex:
        if math.isfinite(value.real) and math.isfinite(value.imag):
            return repr(value)
        return f"complex({_float(value.real)}, {_float(value.imag)})"
    if cls is str or cls is bytes:
        return repr(value) if len(value) <= left else _long()
    if look.known_name(value) == "_numpy_scalar":
        return _numpy(value, left)
    raise NoLiteralError


def _long() -> str:
    raise TooLongError


def _float(value: float) -> str:
    return repr(value) if math.isfinite(value) else f"float('{value!r}')"


def _numpy(value: Any, left: int) -> str:
    """What can be put into a cell of an array to have that value there; dates as the text that numpy reads."""
    kind = value.dtype.kind
    if kind == "M":
        return repr(str(value))
    if kind in "biufcSU" and value.dtype.itemsize <= 16 * max(1, left):
        item = value.item()
        if type(item) in (bool, int, float, complex, str, bytes):
            return _scalar(item, left)
    raise NoLiteralError
