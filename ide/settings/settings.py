"""The settings in force: which layer gives each declared setting its value, and keeping what the user chose.

Owns layers, validation on reading and writing. What exists is `declared.py`; the file's form is `toml_file.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any, Literal, TypeVar

from ide.core.errors import SettingsError
from ide.core.events import Signal
from ide.core.ports import RunInPool
from ide.settings import migrations
from ide.settings.declared import DECLARED
from ide.settings.setting import Setting
from ide.settings.toml_file import read_toml
from ide.settings.toml_store import TomlStore

T = TypeVar("T", bound=bool | int | float | str)
Layer = Literal["default", "site", "user", "project", "session"]

LAYERS: tuple[Layer, ...] = ("default", "site", "user", "project", "session")
"""From weakest to strongest."""

PROJECT_FILE = ".fourpane/settings.toml"


class Settings:
    """Used on the UI thread. Reading a value is a dictionary look-up; writing goes to the pool once there is one."""

    changed = Signal(str)
    """Id of a setting whose value in force is another one now."""
    problem_found = Signal(SettingsError)
    """A choice could not be kept on disk."""

    def __init__(
        self,
        user_file: Path,
        site_file: Path | None = None,
        *,
        declared: tuple[Setting[Any], ...] = DECLARED,
        steps: tuple[migrations.Step, ...] = migrations.STEPS,
    ) -> None:
        self.declared = declared
        self.problems: tuple[SettingsError, ...] = ()
        self.unknown: tuple[str, ...] = ()
        """Names in the user's file that are no setting: kept, since a later version may know them."""
        self._steps = steps
        self.store = TomlStore(user_file)
        self._site_file = site_file
        self._project_file: Path | None = None
        self._by_id = {setting.id: setting for setting in declared}
        self._old = {old: setting.id for setting in declared for old in setting.old_names}
        self._layers: dict[Layer, dict[str, Any]] = {layer: {} for layer in LAYERS}
        self._layers["default"] = {setting.id: setting.default for setting in declared}
        self._values = dict(self._layers["default"])
        self._chosen: dict[str, Any] = {}
        self._told: set[str] = set()
        self.store.failed.connect(self._on_write_failed)

    # --- reading -----------------------------------------------------------------------------------------------------

    def load(self) -> None:
        """Read the files. Never fails: what cannot be used is told by `problems` and its default holds."""
        self.problems = ()
        self._layers["site"] = self._read_other(self._site_file)
        self._layers["user"] = {**self._read_user(), **self._chosen}
        self._apply()

    def use_project(self, folder: Path | None) -> None:
        """Let the settings file of a *trusted* project hold; None for no project or an untrusted one."""
        self._project_file = folder / PROJECT_FILE if folder is not None else None
        self._layers["project"] = self._read_project()
        self._apply()

    def get(self, setting: Setting[T]) -> T:
        """The value in force."""
        value: T = self._values[setting.id]
        return value

    def find(self, id: str) -> Setting[Any]:
        """The setting of that id or former id; raises SettingsError where there is none."""
        try:
            return self._by_id[self._old.get(id, id)]
        except KeyError:
            raise SettingsError(f"There is no setting “{id}”.") from None

    def origin(self, setting: Setting[Any]) -> Layer:
        """The strongest layer that says something about `setting`."""
        return next(layer for layer in reversed(LAYERS) if setting.id in self._layers[layer])

    def is_changed(self, setting: Setting[Any]) -> bool:
        """Whether the value in force is another one than the default."""
        return bool(self._values[setting.id] != setting.default)

    # --- changing ----------------------------------------------------------------------------------------------------

    def set(self, setting: Setting[T], value: object, layer: Literal["user", "session"] = "user") -> None:
        """Choose a value: "user" is kept on disk, "session" holds until the window closes. Raises SettingsError."""
        fitting = setting.checked(value)
        self._layers[layer][setting.id] = fitting
        if layer == "user":
            self._layers["session"].pop(setting.id, None)
            self._chosen[setting.id] = fitting
            self.store.put(self._changes(setting, fitting))
        self._apply()

    def reset(self, setting: Setting[Any]) -> None:
        """Forget what the user and this session chose."""
        self._layers["session"].pop(setting.id, None)
        self._chosen.pop(setting.id, None)
        if self._layers["user"].pop(setting.id, None) is not None:
            self.store.put(self._changes(setting, None))
        self._apply()

    def write_in(self, pool: RunInPool) -> None:
        """From now on write in the pool: the UI thread never waits for a disk."""
        self.store.write_in(pool)

    def close(self) -> None:
        """Write what is not written yet, at once."""
        self.store.close()

    # --- inside ------------------------------------------------------------------------------------------------------

    def _apply(self) -> None:
        after = dict(self._layers["default"])
        for layer in LAYERS[1:]:
            after.update(self._layers[layer])
        before, self._values = self._values, after
        for id, value in after.items():
            if before[id] != value:
                self.changed.emit(id)

    def _read_user(self) -> dict[str, Any]:
        try:
            content = self.store.read()
        except SettingsError as problem:
            self._note(problem)
            return {}
        version = migrations.version_of(content)
        if migrations.migrate(content, self._steps):
            self.store.prepare_next(self._migrate, f"v{version}.bak")
        values, misfits, unknown = self._sorted_out(content)
        self.unknown = tuple(unknown)
        # A later version may mean something by what does not fit here: leave it alone without a word.
        if misfits and version <= len(self._steps) + 1:
            self._say_misfits(misfits)
        return values

    def _read_other(self, path: Path | None) -> dict[str, Any]:
        """A file that is not ours to change: what does not fit is passed over and said."""
        if path is None or not path.exists():
            return {}
        try:
            content = read_toml(path)
        except (OSError, ValueError) as error:
            self._note(SettingsError(f"{path} could not be read.", f"{error}. It is passed over."))
            return {}
        values, misfits, _ = self._sorted_out(content)
        for problem in misfits.values():
            self._note(SettingsError(problem.happened, problem.meaning, f"It is passed over in {path}."))
        return values

    def _read_project(self) -> dict[str, Any]:
        values = self._read_other(self._project_file)
        return {id: value for id, value in values.items() if self._by_id[id].is_for_projects}

    def _sorted_out(self, content: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, SettingsError], list[str]]:
        """Values that hold, by id; misfits and unknown ones, by their name in the file."""
        values: dict[str, Any] = {}
        misfits: dict[str, SettingsError] = {}
        unknown: list[str] = []
        for name, value in _flat(content):
            id = self._old.get(name, name)
            if id not in self._by_id:
                unknown.append(name)
                continue
            try:
                fitting = self._by_id[id].checked(value)
            except SettingsError as problem:
                misfits[name] = problem
                continue
            if name == id or id not in values:
                values[id] = fitting
        return values, misfits, unknown

    def _say_misfits(self, misfits: Mapping[str, SettingsError]) -> None:
        """Said once: the file as it is is copied aside, and what does not fit leaves the file at the next write."""
        copy = self.store.file.keep_copy()
        first = next(iter(misfits.values()))
        rest = f" {len(misfits) - 1} more value(s) do not fit either." if len(misfits) > 1 else ""
        kept = f" The file as it was is kept as {copy.name}." if copy else ""
        self._note(SettingsError(first.happened, f"{first.meaning}{rest} Default values are used.", kept.strip()))
        self.store.put({tuple(name.split(".")): None for name in misfits})

    def _note(self, problem: SettingsError) -> None:
        self.problems = (*self.problems, problem)

    @staticmethod
    def _changes(setting: Setting[Any], value: object | None) -> dict[tuple[str, ...], object | None]:
        """What to write for one setting; its former names leave the file."""
        changes: dict[tuple[str, ...], object | None] = {tuple(old.split(".")): None for old in setting.old_names}
        return {**changes, tuple(setting.id.split(".")): value}

    def _migrate(self, content: MutableMapping[str, Any]) -> None:
        migrations.migrate(content, self._steps)

    def _on_write_failed(self, problem: SettingsError) -> None:
        if problem.text not in self._told:
            self._told.add(problem.text)
            self._note(problem)
            self.problem_found.emit(problem)


def _flat(content: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """(id, value) of everything in a file but its version; a section that is no table comes out under its own name."""
    flat: list[tuple[str, Any]] = []
    for section, properties in content.items():
        if section == "version":
            continue
        if isinstance(properties, Mapping):
            flat += [(f"{section}.{name}", value) for name, value in properties.items()]
        else:
            flat.append((section, properties))
    return flat
