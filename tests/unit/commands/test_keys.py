from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ide._paths import resources_dir
from ide.commands import KeyMaps, key_text
from ide.core.errors import SettingsError

FOLDER = resources_dir() / "keymaps"
MAPS = ("default", "rstudio", "spyder", "jupyter")
SYSTEMS = ("linux", "win32", "darwin")
TAKEN_ON_MACOS = {"Ctrl+H", "Ctrl+M", "Ctrl+Space", "Ctrl+Tab", "Ctrl+Shift+Tab", "F11", "Ctrl+Alt+D", "Ctrl+Shift+Q"}


class Store:
    """A keys.toml in memory."""

    def __init__(self, content: dict[str, Any] | None = None, problem: SettingsError | None = None) -> None:
        self.content = content or {}
        self.problem = problem
        self.puts: list[Mapping[tuple[str, ...], object | None]] = []

    def read(self) -> dict[str, Any]:
        if self.problem is not None:
            raise self.problem
        return self.content

    def put(self, changes: Mapping[tuple[str, ...], object | None]) -> None:
        self.puts.append(changes)


def maps(name: str = "default", system: str = "linux", store: Store | None = None, folder: Path = FOLDER) -> KeyMaps:
    found = KeyMaps(folder, store, current=name, system=system)
    found.load()
    return found


every_map = pytest.mark.parametrize(("name", "system"), [(name, system) for name in MAPS for system in SYSTEMS])


@every_map
def test_shipped_map_is_read_without_a_complaint(name: str, system: str) -> None:
    shipped = maps(name, system)
    assert shipped.problems == ()
    assert len(shipped.bindings()) > 90


@every_map
def test_shipped_map_has_no_conflict(name: str, system: str) -> None:
    assert maps(name, system).conflicts() == ()


@pytest.mark.parametrize("name", MAPS)
def test_every_altgr_key_has_a_second_one_on_windows(name: str) -> None:
    shipped = maps(name, "win32")
    for binding in shipped.bindings():
        if key_text.is_typed_by_altgr(binding.key):
            others = shipped.keys(binding.command, binding.scope)
            assert any(not key_text.is_typed_by_altgr(key) for key in others), binding


@pytest.mark.parametrize("name", MAPS)
def test_no_key_is_one_that_macos_takes_or_types(name: str) -> None:
    shipped = maps(name, "darwin")
    for binding in shipped.bindings():
        assert key_text.strokes(binding.key)[0] not in TAKEN_ON_MACOS, binding
        if key_text.is_typed_by_option(binding.key):
            others = shipped.keys(binding.command, binding.scope)
            assert any(not key_text.is_typed_by_option(key) for key in others), binding


@pytest.mark.parametrize("name", MAPS)
def test_run_keys_are_those_of_the_table(name: str) -> None:
    shipped = maps(name)
    assert shipped.commands_for("Ctrl+Return", "editor")[0] == "run.default"
    assert shipped.commands_for("Shift+Return", "editor")[0] == "run.advance"
    assert shipped.commands_for("F5", "editor")[0] == "run.file"
    assert shipped.commands_for("F9", "editor")[0] == "run.selection_or_line"
    assert shipped.commands_for("Esc", "console")[0] == "session.interrupt"
    if name != "jupyter":
        assert shipped.commands_for("Ctrl+Shift+Return", "editor")[0] == "run.file"
    if name in ("default", "rstudio", "spyder"):
        assert shipped.commands_for("Ctrl+Shift+F10", "editor")[0] == "session.restart"
    source = shipped.commands_for("Ctrl+Shift+S", "editor")[0]
    assert source == ("run.file" if name == "rstudio" else "file.save_as")


def test_habits_of_the_other_programs_are_there() -> None:
    rstudio = maps("rstudio")
    assert rstudio.commands_for("Ctrl+D", "editor")[0] == "edit.delete_lines"
    assert rstudio.commands_for("Alt+Shift+K", "editor")[0] == "help.keys"
    assert rstudio.commands_for("F2", "editor")[0] == "edit.go_to_definition"
    spyder = maps("spyder")
    assert spyder.commands_for("Ctrl+1", "editor")[0] == "edit.toggle_comment"
    assert spyder.commands_for("Ctrl+R", "editor")[0] == "edit.replace"
    assert spyder.commands_for("Ctrl+P", "editor")[0] == "app.palette"


def test_r_keys_mean_nothing_in_python() -> None:
    shipped = maps()
    assert shipped.commands_for("Alt+-", "editor", "r") == ("edit.insert_assignment",)
    assert shipped.commands_for("Alt+-", "editor", "python") == ()
    assert shipped.commands_for("Ctrl+Shift+M", "console", "r") == ("edit.insert_pipe",)
    assert shipped.keys("edit.insert_pipe", language="python") == ()


def test_key_of_the_pane_beats_the_windows() -> None:
    shipped = maps()
    assert shipped.commands_for("Ctrl+C", "console") == ("console.copy_or_interrupt", "edit.copy")
    assert shipped.commands_for("Ctrl+C", "editor") == ("edit.copy",)


def test_first_strokes_are_known() -> None:
    assert maps().is_prefix("Ctrl+K")
    assert not maps().is_prefix("Ctrl+S")


def test_names_have_the_default_first() -> None:
    assert next(iter(maps().names())) == "default"
    assert set(maps().names()) == set(MAPS)


def test_users_key_replaces_those_of_the_map() -> None:
    shipped = maps(store=Store({"window": {"file.save": ["Ctrl+Alt+Shift+S"], "app.palette": []}}))
    assert shipped.keys("file.save") == ("Ctrl+Alt+Shift+S",)
    assert shipped.keys("app.palette") == ()
    assert shipped.commands_for("Ctrl+S") == ()
    assert shipped.is_changed("file.save")
    assert not shipped.is_changed("file.open")


def test_users_key_is_written_where_the_map_lists_the_command() -> None:
    store = Store()
    shipped = maps(store=store)
    shipped.set_keys("edit.insert_pipe", ("ctrl+shift+m", "Ctrl+Shift+M", "alt+P"))
    assert store.puts == [{("editor", "r", "edit.insert_pipe"): ["Ctrl+Shift+M", "Alt+P"]}]
    assert shipped.keys("edit.insert_pipe", "editor") == ("Ctrl+Shift+M", "Alt+P")
    shipped.reset("edit.insert_pipe")
    assert store.puts[-1] == {("editor", "r", "edit.insert_pipe"): None}
    assert shipped.keys("edit.insert_pipe", "editor") == ("Ctrl+Shift+M",)


def test_text_that_is_no_key_is_refused_and_changes_nothing() -> None:
    store = Store()
    shipped = maps(store=store)
    with pytest.raises(SettingsError):
        shipped.set_keys("file.save", ("Strg+S",))
    assert shipped.keys("file.save") == ("Ctrl+S",)
    assert store.puts == []


def test_conflict_is_shown_with_both_commands() -> None:
    shipped = maps(store=Store({"window": {"file.open": ["Ctrl+S"]}}))
    (conflict,) = shipped.conflicts()
    assert (conflict.key, conflict.scope) == ("Ctrl+S", "window")
    assert set(conflict.commands) == {"file.open", "file.save"}


def test_key_that_begins_another_is_a_conflict() -> None:
    shipped = maps(store=Store({"window": {"file.open": ["Ctrl+K"]}}))
    assert {conflict.key for conflict in shipped.conflicts()} == {"Ctrl+K"}


def test_same_key_in_two_languages_is_no_conflict() -> None:
    shipped = maps(store=Store({"editor": {"python": {"edit.format": ["Alt+-"]}}}))
    assert shipped.conflicts() == ()


@pytest.mark.parametrize(
    "content",
    [
        {"window": 5}, {"window": {"file.save": 5}}, {"window": {"file.save": ["Nonsense+Q"]}},
        {"window": {"file.save": [5]}}, {"window": {"file.save": [""]}}, {"editor": {"r": {"edit.find": {"deep": 1}}}},
        {"nowhere": {"file.save": ["F1"]}},
        {"window": []}, {"version": 3}, {"window": {"": ["F7"]}},
    ],
)  # fmt: skip
def test_nonsense_in_keys_toml_is_passed_over(content: dict[str, Any]) -> None:
    shipped = maps(store=Store(content))
    assert shipped.keys("file.open") == ("Ctrl+O",)
    assert shipped.keys("file.save") == ("Ctrl+S",)


def test_bad_file_is_told_and_the_map_holds() -> None:
    shipped = maps(store=Store(problem=SettingsError("keys.toml could not be read.")))
    assert [problem.text for problem in shipped.problems] == ["keys.toml could not be read."]
    assert shipped.keys("file.save") == ("Ctrl+S",)


def test_changing_the_map_announces_and_keeps_the_users_keys() -> None:
    shipped = maps(store=Store({"window": {"file.save": ["F7"]}}))
    told: list[int] = []

    def on_changed() -> None:
        told.append(1)

    shipped.changed.connect(on_changed)
    shipped.use("rstudio")
    shipped.use("rstudio")
    assert told == [1]
    assert shipped.keys("file.save") == ("F7",)
    assert shipped.keys("file.save_as") == ()


@pytest.mark.parametrize("text", ["", "[window", "base = 'default'\nbase = 1", "base = 'loop'", "window = 3"])
def test_damaged_shipped_map_does_not_stop_the_start(tmp_path: Path, text: str) -> None:
    (tmp_path / "loop.toml").write_text(text or "base = 'loop'")
    assert maps("loop", folder=tmp_path).bindings() == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ctrl+shift+p", "Ctrl+Shift+P"), ("Shift+Ctrl+P", "Ctrl+Shift+P"), ("cmd+k, cmd+s", "Ctrl+K, Ctrl+S"),
        ("Ctrl+,", "Ctrl+,"), ("Ctrl++", "Ctrl++"), ("+", "+"), ("escape", "Esc"), ("Delete", "Del"), ("f12", "F12"),
        ("Meta+Space", "Meta+Space"), ("Ctrl+PageDown", "Ctrl+PgDown"), ("Ctrl+K, ,", "Ctrl+K, ,"),
    ],
)  # fmt: skip
def test_key_text_has_one_spelling(text: str, expected: str) -> None:
    assert key_text.normal(text) == expected
    assert key_text.normal(expected) == expected


@pytest.mark.parametrize(
    "text", ["", " ", "Strg+S", "Ctrl+", "Ctrl", "Ctrl+Ctrl+S", "F99", "a, b, c, d, e", "Ctrl+\n", "Ctrl+AB"]
)
def test_text_that_is_no_key_raises(text: str) -> None:
    with pytest.raises(key_text.KeyTextError):
        key_text.normal(text)
