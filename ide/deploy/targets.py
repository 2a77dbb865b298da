"""The places where jobs run, as the user set them up, on disk; and the door through which they are reached.

`TargetStore` lives on the UI thread; its file is small and holds no secret.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Final, Protocol

from ide.core.deploy import TargetOption, TargetSpec
from ide.core.errors import DeployError
from ide.core.events import Signal
from ide.core.ports import RunInPool, Work
from ide.core.record import dataclass
from ide.core.target import Target
from ide.settings.toml_file import replace_file

LOCAL_KIND: Final = "local"
THIS_COMPUTER: Final = TargetSpec("this-computer", "This computer", LOCAL_KIND)
"""Is always there where its kind is: it needs nothing from the user."""
_LIMIT_BYTES: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class KindFacts:
    """A kind of target, as the form for a new one shows it, and what consoles need to connect to its clusters."""

    id: str
    name: str
    about: str
    form: tuple[TargetOption, ...] = ()
    console_packages: tuple[str, ...] = ()


class Door(Protocol):
    """The way to targets. Whoever is behind it holds what cluster libraries need."""

    def kinds(self) -> Sequence[KindFacts]:
        """What targets there can be. UI thread, at once."""
        ...

    def prepare(self, work: Work) -> None:
        """Fetch what targets need where it is missing, told in steps. Blocks. Raises FourpaneError."""
        ...

    def open(self, spec: TargetSpec, secrets: Mapping[str, str]) -> Target:
        """A target whose calls block; called in threads, several times for the same one. Raises FourpaneError."""
        ...

    def close(self) -> None:
        """Let everything go; jobs go on. UI thread, returns soon."""
        ...


class TargetStore:
    """`specs` in the order in which they were made, this computer first."""

    changed = Signal()

    def __init__(self, file: Path, kinds: Sequence[str], run_in_pool: RunInPool) -> None:
        """Reads the file. What can't be read is told in `problem` and stays as it is until a target is put."""
        self.problem = ""
        self._file = file
        self._run_in_pool = run_in_pool
        own = (THIS_COMPUTER,) if LOCAL_KIND in kinds else ()
        self.specs: tuple[TargetSpec, ...] = (*own, *self._read(own))

    def find(self, id: str) -> TargetSpec | None:
        """The target of this id."""
        return next((one for one in self.specs if one.id == id), None)

    def named(self, name_or_id: str) -> TargetSpec:
        """The target of this name, in any case of letters, or id. DeployError where there is none."""
        wanted = name_or_id.strip().casefold()
        found = next((one for one in self.specs if wanted in (one.id.casefold(), one.name.casefold())), None)
        if found is None:
            names = ", ".join(f"“{one.name}”" for one in self.specs)
            raise DeployError(f"There is no target “{name_or_id}”.", advice=f"There is {names}." if names else "")
        return found

    def put(self, spec: TargetSpec, failed: Callable[[Exception], None]) -> None:
        """Add a target, or change the one of the same id."""
        if any(one.id == spec.id for one in self.specs):
            self.specs = tuple(spec if one.id == spec.id else one for one in self.specs)
        else:
            self.specs = (*self.specs, spec)
        self._write(failed)

    def remove(self, id: str, failed: Callable[[Exception], None]) -> None:
        """Forget a target. What runs there goes on."""
        self.specs = tuple(one for one in self.specs if one.id != id)
        self._write(failed)

    def _read(self, own: Sequence[TargetSpec]) -> list[TargetSpec]:
        known = {one.id for one in own}
        try:
            if self._file.stat().st_size > _LIMIT_BYTES:
                raise ValueError("it is too large")
            content = json.loads(self._file.read_bytes())
            found = [_spec(one) for one in content["targets"]]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            self.problem = f"The list of targets in {self._file} can't be read: {error}."
            return []
        return [one for one in found if one.id not in known]

    def _write(self, failed: Callable[[Exception], None]) -> None:
        kept = [asdict(one) for one in self.specs if one.id != THIS_COMPUTER.id]
        data = json.dumps({"targets": kept}, indent=1).encode()

        def write() -> None:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            replace_file(self._file, data)

        self._run_in_pool(write, lambda _none: None, failed)
        self.changed.emit()


def _spec(content: Mapping[str, Any]) -> TargetSpec:
    known = {one.name for one in fields(TargetSpec)}
    values = {name: value for name, value in content.items() if name in known}
    for name in ("id", "name", "kind"):
        if not isinstance(values.get(name), str) or not values[name]:
            raise ValueError(f"{name} is missing")
    values["options"] = dict(values.get("options", {}))
    values["secrets"] = tuple(map(str, values.get("secrets", ())))
    return TargetSpec(**values)
