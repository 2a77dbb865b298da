"""How the user wants a script deployed, remembered for the next time; without secrets' values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Final

from ide.core.deploy import Resources
from ide.core.ports import RunInPool
from ide.core.record import dataclass
from ide.deploy.targets import THIS_COMPUTER
from ide.settings.toml_file import replace_file

_KEPT: Final = 200
_LIMIT_BYTES: Final = 5_000_000


@dataclass(frozen=True, slots=True)
class Wish:
    """One script and how it is to be run. `folder` is the project's, `entry` relative to it. `excluded` and `included`
    are as for `take_snapshot`, `accepted` as for `concerns`, `secrets` names."""

    folder: str
    entry: str
    language: str
    target: str = THIS_COMPUTER.id
    arguments: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    included: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    resources: Resources = Resources()
    is_size_accepted: bool = False

    @property
    def title(self) -> str:
        """As the job is called."""
        return self.entry.rsplit("/", 1)[-1]


class WishBook:
    """Wishes that were deployed, the latest last. UI thread; the file is small."""

    def __init__(self, file: Path, run_in_pool: RunInPool) -> None:
        """Reads the file. One that can't be read counts as empty: all that is lost is what the sheet begins with."""
        self._file = file
        self._run_in_pool = run_in_pool
        self._wishes: dict[tuple[str, str], Wish] = {}
        try:
            if file.stat().st_size <= _LIMIT_BYTES:
                for one in json.loads(file.read_bytes())["wishes"]:
                    wish = _wish(one)
                    self._wishes[wish.folder, wish.entry] = wish
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            self._wishes.clear()

    def find(self, folder: str, entry: str) -> Wish | None:
        """How this script was deployed last."""
        return self._wishes.get((folder, entry))

    @property
    def latest(self) -> Wish | None:
        """What was deployed last."""
        return next(reversed(self._wishes.values()), None)

    def keep(self, wish: Wish) -> None:
        """Remember it as the latest. That it can't be written is no reason to tell: the job went."""
        self._wishes.pop((wish.folder, wish.entry), None)
        self._wishes[wish.folder, wish.entry] = wish
        while len(self._wishes) > _KEPT:
            del self._wishes[next(iter(self._wishes))]
        data = json.dumps({"wishes": [asdict(one) for one in self._wishes.values()]}, indent=1).encode()

        def write() -> None:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            replace_file(self._file, data)

        self._run_in_pool(write, _ignore, _ignore)


def _wish(content: Mapping[str, Any]) -> Wish:
    known = {one.name for one in fields(Wish)}
    values = {name: value for name, value in content.items() if name in known}
    for name in ("arguments", "excluded", "included", "accepted", "secrets"):
        values[name] = tuple(map(str, values.get(name, ())))
    wanted = {one.name for one in fields(Resources)}
    resources = values.get("resources", {})
    values["resources"] = Resources(**{name: value for name, value in resources.items() if name in wanted})
    return Wish(**values)


def _ignore(_what: object) -> None:
    """Nothing follows from it."""
