"""Key maps and reference pages speak of the commands and settings that exist, of all of them and of no others."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest

from ide._paths import resources_dir
from ide.commands import Command, key_text
from ide.commands.keys import SCOPES
from ide.settings.declared import DECLARED
from tools import reference

ROOT = Path(__file__).resolve().parents[3]
MAPS = sorted((resources_dir() / "keymaps").glob("*.toml"))
SYSTEMS = ("macos", "windows", "linux")


def commands() -> dict[str, Command]:
    return {command.id: command for command in reference.commands()}


def ids_of(content: dict[str, object]) -> set[str]:
    """Command ids of a key map, of every scope, language and system."""
    found: set[str] = set()
    for name, table in content.items():
        if isinstance(table, dict) and name in (*SCOPES, *SYSTEMS):
            for key, value in table.items():
                found |= ids_of({name if name in SCOPES else key: value}) if isinstance(value, dict) else {key}
    return found


@pytest.mark.parametrize("path", MAPS, ids=lambda path: path.stem)
def test_key_map_names_only_commands_that_exist(path: Path) -> None:
    assert ids_of(tomllib.loads(path.read_text("utf-8"))) - set(commands()) == set()


@pytest.mark.parametrize("path", MAPS, ids=lambda path: path.stem)
def test_key_map_is_written_in_normal_spelling(path: Path) -> None:
    def keys(value: object) -> list[str]:
        if isinstance(value, dict):
            return [key for inner in value.values() for key in keys(inner)]
        return [str(key) for key in value] if isinstance(value, list) else []

    assert [key for key in keys(tomllib.loads(path.read_text("utf-8"))) if key_text.normal(key) != key] == []


def test_default_map_lists_every_command_of_the_palette() -> None:
    listed = ids_of(tomllib.loads((resources_dir() / "keymaps" / "default.toml").read_text("utf-8")))
    assert {id for id, command in commands().items() if command.is_in_palette} - listed == set()


def test_every_command_has_a_sound_record() -> None:
    from ide.commands import when

    for command in commands().values():
        subject, _, verb = command.id.partition(".")
        assert subject.isidentifier()
        assert verb.isidentifier()
        assert command.title
        when.parse(command.when)
        when.parse(command.checked)


def test_every_setting_is_read_somewhere() -> None:
    modules = [path for path in (ROOT / "ide").rglob("*.py") if path.name != "declared.py"]
    text = "\n".join(path.read_text("utf-8") for path in modules)
    names = [setting.id.replace(".", "_").upper() for setting in DECLARED]
    assert [name for name in names if name not in text] == []


@pytest.mark.parametrize("path", sorted(reference.generated()), ids=lambda path: path.name)
def test_reference_page_is_current(path: Path) -> None:
    said = f"{path.name} is not current: run {Path(sys.executable).name} -m tools.reference"
    assert path.read_text("utf-8") == reference.generated()[path], said
