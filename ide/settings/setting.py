"""What a setting is and which values it can have. Owns no file and no list: see `declared.py` and `settings.py`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from ide.core.errors import SettingsError
from ide.core.record import dataclass, field

T = TypeVar("T", bound=bool | int | float | str)

LENGTH_LIMIT = 500
"""Code points that a text setting may have."""


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """One thing that the user can choose, declared once in `declared.py`.

    `id` is "section.property". `choices` maps each allowed value to its title; where it is empty, any value of the
    type between `minimum` and `maximum` (both inclusive) is allowed. `old_names` are ids of earlier versions that are
    still read. `is_for_projects` tells whether a trusted project's file may set it.
    """

    id: str
    type: type[T]
    default: T
    title: str
    help: str = ""
    section: str = ""
    unit: str = ""
    minimum: T | None = None
    maximum: T | None = None
    choices: Mapping[T, str] = field(default_factory=dict)
    is_advanced: bool = False
    is_for_projects: bool = False
    old_names: tuple[str, ...] = ()

    def __hash__(self) -> int:
        return hash(self.id)

    def checked(self, value: object) -> T:
        """`value` as this setting's type; raises SettingsError, in words for the user, where it does not fit."""
        fitting: Any = self._typed(value)
        if self.choices and fitting not in self.choices:
            allowed = ", ".join(str(choice) for choice in self.choices)
            raise self._error(value, f"It can be one of: {allowed}.")
        self._check_bounds(value, fitting)
        result: T = fitting
        return result

    def _typed(self, value: object) -> object:
        if self.type is float and type(value) is int:
            value = float(value)
        if type(value) is not self.type:
            raise self._error(value, f"It has to be {_WORDS[self.type]}.")
        if isinstance(value, float) and not math.isfinite(value):
            raise self._error(value, "It has to be an ordinary number.")
        if isinstance(value, str) and (len(value) > LENGTH_LIMIT or not value.isprintable()):
            raise self._error(value, f"It has to be one line of at most {LENGTH_LIMIT} characters.")
        return value

    def _check_bounds(self, value: object, fitting: Any) -> None:
        if self.minimum is not None and fitting < self.minimum:
            raise self._error(value, f"The smallest allowed value is {self.with_unit(self.minimum)}.")
        if self.maximum is not None and fitting > self.maximum:
            raise self._error(value, f"The largest allowed value is {self.with_unit(self.maximum)}.")

    def with_unit(self, value: object) -> str:
        """`value` as text with the unit, and a choice by its title."""
        if self.choices:
            choices: Mapping[Any, str] = self.choices
            return choices.get(value, str(value))
        if isinstance(value, bool):
            return "on" if value else "off"
        return f"{value}\N{NO-BREAK SPACE}{self.unit}" if self.unit else str(value)

    def _error(self, value: object, meaning: str) -> SettingsError:
        shown = repr(value)
        shown = shown if len(shown) <= 40 else shown[:39] + "…"
        return SettingsError(f"“{self.title}” ({self.id}) cannot be {shown}.", meaning)


_WORDS: Mapping[type, str] = {bool: "true or false", int: "a whole number", float: "a number", str: "text in quotes"}
