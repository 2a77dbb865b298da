"""Which keys run which command: the shipped key maps, the user's own keys on top, and what gets in whose way.

Owns no key event: the shell makes shortcuts from `bindings`. A map is a TOML file in `resources/keymaps`:

    title = "RStudio"
    base = "default"              # what it does not say is taken from there
    [window]                      # a scope: the whole window, or the pane that has the keyboard
    "file.save" = ["Ctrl+S"]
    [editor.r]                    # in the editor, for R alone
    "edit.insert_pipe" = ["Ctrl+Shift+M"]
    [macos.window]                # in place of the keys above, on that system: macos, windows or linux
    "view.presentation" = ["Ctrl+Shift+F11"]

The user's keys.toml has the same form without title, base and systems.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from ide.commands import key_text
from ide.commands.key_text import KeyTextError
from ide.core.errors import SettingsError
from ide.core.events import Signal
from ide.core.record import dataclass

SCOPES = ("window", "editor", "table", "console", "variables", "plots", "viewer", "help", "files", "packages", "jobs")
"""Where a key holds. That of the pane with the keyboard beats the window's."""

_SYSTEMS = {"darwin": "macos", "win32": "windows"}
_BASE_LIMIT = 5

Place = tuple[str, str, str]
"""Command id, scope, language ("" for any)."""


class KeysStore(Protocol):
    """The user's keys.toml, as `ide.settings` keeps it."""

    def read(self) -> dict[str, Any]:
        """Its content; raises SettingsError, once, for a bad file that was put aside."""

    def put(self, changes: Mapping[tuple[str, ...], object | None]) -> None:
        """Write values at paths of keys; None takes one out."""


@dataclass(frozen=True, slots=True)
class Binding:
    """One key of one command. `origin` is the name of the map that says so, or "user"."""

    command: str
    key: str
    scope: str = "window"
    language: str = ""
    origin: str = "default"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A key that names several commands in one place, so that none of them is sure to run."""

    key: str
    scope: str
    language: str
    commands: tuple[str, ...]


class KeyMaps:
    """Used on the UI thread. `system` is as in `sys.platform`."""

    changed = Signal()

    def __init__(
        self, folder: Path, store: KeysStore | None = None, *, current: str = "default", system: str = sys.platform
    ) -> None:
        self.problems: tuple[SettingsError, ...] = ()
        self.current = current
        self._folder = folder
        self._store = store
        self._system = _SYSTEMS.get(system, "linux")
        self._map: dict[Place, tuple[tuple[str, ...], str]] = {}
        self._user: dict[Place, tuple[str, ...]] = {}
        self._bindings: tuple[Binding, ...] | None = None
        self._is_loaded = False

    def load(self) -> None:
        """Read map and user's file. Never fails: `problems` tells what was passed over."""
        self.problems = ()
        self._is_loaded = True
        self._map = self._read_map(self.current)
        self._user = self._read_user()
        self._announce()

    def use(self, name: str) -> None:
        """Change to another shipped map; the user's own keys stay on top."""
        if name != self.current or not self._is_loaded:
            self.current = name
            self.load()

    def names(self) -> dict[str, str]:
        """Shipped maps: name to title, the default first."""
        files = sorted(self._folder.glob("*.toml"), key=lambda path: (path.stem != "default", path.stem))
        return {path.stem: str(_toml(path).get("title", path.stem)) for path in files}

    def bindings(self) -> tuple[Binding, ...]:
        """Every key in force."""
        if self._bindings is None:
            self._bindings = tuple(self._in_force())
        return self._bindings

    def keys(self, id: str, scope: str = "", language: str = "") -> tuple[str, ...]:
        """Keys of a command, the first being the one to show; with `scope` or `language` only those that hold there."""
        found = (
            binding.key
            for binding in self.bindings()
            if binding.command == id
            and (not scope or binding.scope == scope)
            and (not language or binding.language in ("", language))
        )
        return tuple(dict.fromkeys(found))

    def commands_for(self, key: str, scope: str = "window", language: str = "") -> tuple[str, ...]:
        """What a key means where the keyboard is, the most fitting first: run the first that is enabled."""
        holding = [
            binding
            for binding in self.bindings()
            if binding.key == key and binding.scope in (scope, "window") and binding.language in ("", language)
        ]
        holding.sort(key=lambda binding: (binding.scope != scope, binding.language == "", binding.origin != "user"))
        return tuple(dict.fromkeys(binding.command for binding in holding))

    def is_prefix(self, key: str, scope: str = "window") -> bool:
        """Whether more strokes may follow `key`."""
        return any(
            binding.key.startswith(key + ", ") for binding in self.bindings() if binding.scope in (scope, "window")
        )

    def places_of(self, id: str) -> tuple[tuple[str, str], ...]:
        """Every (scope, language) in which the map or the user says something about a command."""
        listed = ((scope, language) for command, scope, language in (*self._map, *self._user) if command == id)
        return tuple(dict.fromkeys(listed)) or (("window", ""),)

    def place_of(self, id: str) -> tuple[str, str]:
        """Scope and language in which the map lists a command: where a new key of it belongs."""
        return self.places_of(id)[0]

    def is_changed(self, id: str, scope: str = "", language: str = "") -> bool:
        """Whether the user gave the command keys of their own, anywhere or in one place."""
        wanted = (id, scope, language)
        return any(place[0] == id and (not scope or place == wanted) for place in self._user)

    def keys_at(self, id: str, scope: str, language: str = "") -> tuple[str, ...]:
        """Keys of a command that are said for exactly this place."""
        return tuple(
            binding.key
            for binding in self.bindings()
            if (binding.command, binding.scope, binding.language) == (id, scope, language)
        )

    def set_keys(self, id: str, keys: tuple[str, ...], scope: str = "", language: str = "") -> None:
        """Give a command these keys, none for no key; kept in the user's file. Raises SettingsError for no key text."""
        if not scope:
            scope, language = self.place_of(id)
        try:
            normal = tuple(dict.fromkeys(key_text.normal(key) for key in keys))
        except KeyTextError as error:
            raise SettingsError("This cannot be a key.", f"{error}.", "Write it as “Ctrl+Shift+K”.") from error
        self._user[(id, scope, language)] = normal
        self._put({_path((id, scope, language)): list(normal)})
        self._announce()

    def reset(self, id: str, scope: str = "", language: str = "") -> None:
        """Take back what the user said about a command's keys, everywhere or in one place."""
        wanted = (id, scope, language)
        places = [place for place in self._user if place[0] == id and (not scope or place == wanted)]
        for place in places:
            del self._user[place]
        if places:
            self._put({_path(place): None for place in places})
            self._announce()

    def conflicts(self) -> tuple[Conflict, ...]:
        """Keys that name several commands in one scope and language, or that begin another key there."""
        found: dict[tuple[str, str, str], dict[str, None]] = {}
        for scope in SCOPES:
            here = [binding for binding in self.bindings() if binding.scope == scope]
            for index, one in enumerate(here):
                for two in here[index + 1 :]:
                    meet = not one.language or not two.language or one.language == two.language
                    if one.command != two.command and meet and key_text.overlap(one.key, two.key):
                        key = min(one.key, two.key, key=len)
                        commands = found.setdefault((key, scope, one.language or two.language), {})
                        commands.update({one.command: None, two.command: None})
        return tuple(Conflict(*place, tuple(commands)) for place, commands in found.items())

    # --- inside ------------------------------------------------------------------------------------------------------

    def _announce(self) -> None:
        self._bindings = None
        self.changed.emit()

    def _put(self, changes: Mapping[tuple[str, ...], object | None]) -> None:
        if self._store is not None:
            self._store.put(changes)

    def _in_force(self) -> Iterator[Binding]:
        for place, (keys, origin) in self._map.items():
            if place not in self._user:
                yield from (Binding(place[0], key, place[1], place[2], origin) for key in keys)
        for place, keys in self._user.items():
            yield from (Binding(place[0], key, place[1], place[2], "user") for key in keys)

    def _read_map(self, name: str, depth: int = 0) -> dict[Place, tuple[tuple[str, ...], str]]:
        path = self._folder / f"{name}.toml"
        try:
            content = _toml(path)
        except (OSError, ValueError) as error:
            self._note(f"The key map {path.name} could not be read.", str(error))
            return {}
        base = content.get("base")
        found = self._read_map(str(base), depth + 1) if base and depth < _BASE_LIMIT else {}
        found.update({place: (keys, name) for place, keys in self._places(content, path.name)})
        own_system = content.get(self._system)
        if isinstance(own_system, Mapping):
            found.update({place: (keys, name) for place, keys in self._places(own_system, path.name)})
        return found

    def _read_user(self) -> dict[Place, tuple[str, ...]]:
        if self._store is None:
            return {}
        try:
            return dict(self._places(self._store.read(), "keys.toml"))
        except SettingsError as problem:
            self.problems = (*self.problems, problem)
            return {}

    def _places(self, content: Mapping[str, Any], file: str) -> Iterator[tuple[Place, tuple[str, ...]]]:
        for scope in SCOPES:
            table = content.get(scope)
            if table is None:
                continue
            if not isinstance(table, Mapping):
                self._note(f"{file}: “{scope}” has no list of keys.")
                continue
            for name, value in table.items():
                listed = value if isinstance(value, Mapping) else {name: value}
                language = name if isinstance(value, Mapping) else ""
                for id, texts in listed.items():
                    keys = self._keys(file, id, texts)
                    if keys is not None:
                        yield (id, scope, language), keys

    def _keys(self, file: str, id: str, value: object) -> tuple[str, ...] | None:
        """The keys in normal spelling; None where nothing of what is written is a key, so that the map's hold."""
        texts = [value] if isinstance(value, str) else value
        keys: list[str] = []
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            self._note(f"{file}: the keys of “{id}” are no text.")
            return None
        for text in texts:
            try:
                keys.append(key_text.normal(text))
            except KeyTextError as error:
                self._note(f"{file}: “{id}” has a key that is none.", f"{error}.")
        return tuple(dict.fromkeys(keys)) if keys or not texts else None

    def _note(self, happened: str, meaning: str = "") -> None:
        self.problems = (*self.problems, SettingsError(happened, meaning, "It is passed over."))


def _path(place: Place) -> tuple[str, ...]:
    id, scope, language = place
    return (scope, language, id) if language else (scope, id)


def _toml(path: Path) -> dict[str, Any]:
    import tomllib

    return tomllib.loads(path.read_text("utf-8"))
