"""The checks that the generated records of `contract.py` are read by. Owns no record and no message."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ide.core.errors import ContractError

T = TypeVar("T")
Check = Callable[[object], T]
_MISSING: Any = object()


def refused(what: str) -> ContractError:
    """The error for a message that does not fit."""
    return ContractError(
        f"The kernel's helper said something unexpected: {what}.",
        "What it said was left out.",
        "Restart the session if this goes on.",
    )


def fields_of(value: object, record: str) -> Mapping[str, object]:
    """`value` as the fields of a record; names that are not known are left alone, for newer agents."""
    if not isinstance(value, Mapping):
        raise refused(f"{record} is not an object")
    return value


def read(fields: Mapping[str, object], record: str, name: str, check: Check[T], default: T = _MISSING) -> T:
    """The checked field, or its default where it is missing."""
    if name not in fields:
        if default is _MISSING:
            raise refused(f"{record}.{name} is missing")
        return default
    try:
        return check(fields[name])
    except ValueError as error:
        raise refused(f"{record}.{name} {error}") from error


def text(value: object) -> str:
    """Text."""
    if not isinstance(value, str):
        raise ValueError("is not text")
    return value


def text_up_to(length: int) -> Check[str]:
    """Text of at most `length` characters; longer text is cut, as it is only for show."""
    return lambda value: text(value)[:length]


def one_of(*choices: str) -> Check[Any]:
    """One of some words."""

    def check(value: object) -> str:
        if value not in choices:
            raise ValueError(f"is none of {', '.join(choices)}")
        return text(value)

    return check


def integer(value: object) -> int:
    """A whole number; languages without integers may send 3.0."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("is not a whole number")
    return value


def number(value: object) -> float:
    """A number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("is not a number")
    return float(value)


def boolean(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError("is not true or false")
    return value


def json_object(value: object) -> dict[str, Any]:
    """Any JSON object."""
    if not isinstance(value, dict):
        raise ValueError("is not an object")
    return value


def or_null(check: Check[T]) -> Check[T | None]:
    """Null, or what `check` takes."""
    return lambda value: None if value is None else check(value)


def list_of(check: Check[T]) -> Check[tuple[T, ...]]:
    """A list whose items all pass `check`."""

    def check_all(value: object) -> tuple[T, ...]:
        if not isinstance(value, list | tuple):
            raise ValueError("is not a list")
        return tuple(check(item) for item in value)

    return check_all
