from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from ide.core.errors import SettingsError
from ide.settings.setting import Setting
from ide.settings.settings import PROJECT_FILE, Settings
from ide.settings.toml_file import TomlFile, read_toml

SIZE = Setting(
    "part.size", int, 10, "Size", unit="px", minimum=1, maximum=20, old_names=("part.width",), is_for_projects=True
)
FORM = Setting("part.form", str, "round", "Form", choices={"round": "Round", "square": "Square"})
DECLARED: tuple[Setting[Any], ...] = (SIZE, FORM)
OTHER_WINDOW = "import sys; print('now', flush=True); TomlFile(Path(sys.argv[1])).change({('part', 'form'): 'square'})"


def settings_at(folder: Path, site: str = "", **more: Any) -> Settings:
    site_file = folder / "site.toml"
    if site:
        site_file.write_text(site)
    return Settings(folder / "settings.toml", site_file, declared=DECLARED, **more)


def loaded(folder: Path, text: str = "", **more: Any) -> Settings:
    if text:
        (folder / "settings.toml").write_text(text, "utf-8")
    settings = settings_at(folder, **more)
    settings.load()
    return settings


def test_missing_file_gives_defaults(tmp_path: Path) -> None:
    settings = loaded(tmp_path)
    assert settings.get(SIZE) == 10
    assert settings.problems == ()
    assert not list(tmp_path.iterdir())


def test_layers_beat_each_other_in_order(tmp_path: Path) -> None:
    settings = loaded(tmp_path, site="[part]\nsize = 11\nform = 'square'")
    assert (settings.get(SIZE), settings.origin(SIZE)) == (11, "site")
    settings.set(SIZE, 12)
    assert (settings.get(SIZE), settings.origin(SIZE)) == (12, "user")
    project = tmp_path / "project"
    (project / ".fourpane").mkdir(parents=True)
    (project / PROJECT_FILE).write_text("[part]\nsize = 13\nform = 'round'")
    settings.use_project(project)
    assert (settings.get(SIZE), settings.origin(SIZE)) == (13, "project")
    assert settings.get(FORM) == "square", "a project may only say what is declared for projects"
    settings.set(SIZE, 14, layer="session")
    assert (settings.get(SIZE), settings.origin(SIZE)) == (14, "session")
    settings.use_project(None)
    settings.reset(SIZE)
    assert (settings.get(SIZE), settings.origin(SIZE)) == (11, "site")


def test_bad_project_file_stays_and_is_told(tmp_path: Path) -> None:
    settings = loaded(tmp_path)
    path = tmp_path / PROJECT_FILE
    path.parent.mkdir()
    path.write_text("[part")
    settings.use_project(tmp_path)
    assert settings.get(SIZE) == 10
    assert len(settings.problems) == 1
    assert path.read_text() == "[part"


def test_changed_tells_only_what_is_another_value(tmp_path: Path) -> None:
    settings = loaded(tmp_path)
    told: list[str] = []

    def on_changed(id: str) -> None:
        told.append(id)

    settings.changed.connect(on_changed)
    settings.set(SIZE, 10)
    assert told == []
    settings.set(SIZE, 11)
    settings.set(FORM, "square")
    assert told == ["part.size", "part.form"]


def test_choice_is_kept_and_comments_stay(tmp_path: Path) -> None:
    text = "# mine\n[part]\n# the form\nform = 'square'  # why\n\n[other]\nname = 1\n"
    settings = loaded(tmp_path, text)
    assert settings.unknown == ("other.name",)
    settings.set(SIZE, 15)
    written = (tmp_path / "settings.toml").read_text()
    for line in ("# mine", "# the form", "form = 'square'  # why", "name = 1", "size = 15"):
        assert line in written
    assert loaded(tmp_path).get(SIZE) == 15


def test_reset_takes_the_choice_out_of_the_file(tmp_path: Path) -> None:
    settings = loaded(tmp_path, "[part]\nsize = 15\nform = 'square'\n")
    settings.reset(SIZE)
    assert settings.get(SIZE) == 10
    assert "size" not in (tmp_path / "settings.toml").read_text()
    assert loaded(tmp_path).get(FORM) == "square"


def test_refused_value_changes_nothing(tmp_path: Path) -> None:
    settings = loaded(tmp_path)
    with pytest.raises(SettingsError, match="cannot be 99"):
        settings.set(SIZE, 99)
    assert settings.get(SIZE) == 10
    assert not (tmp_path / "settings.toml").exists()


def test_former_name_is_read_and_leaves_at_the_next_choice(tmp_path: Path) -> None:
    settings = loaded(tmp_path, "[part]\nwidth = 7\n")
    assert settings.get(SIZE) == 7
    settings.set(SIZE, 8)
    assert "width" not in (tmp_path / "settings.toml").read_text()
    assert loaded(tmp_path).get(SIZE) == 8


def test_unreadable_file_is_kept_aside_and_said_once(tmp_path: Path) -> None:
    settings = loaded(tmp_path, "[part\nsize = 12")
    assert settings.get(SIZE) == 10
    assert len(settings.problems) == 1
    assert "settings.toml.bad" in settings.problems[0].text
    assert (tmp_path / "settings.toml.bad").read_text() == "[part\nsize = 12"
    assert loaded(tmp_path).problems == ()


def test_second_bad_file_gets_its_own_number(tmp_path: Path) -> None:
    loaded(tmp_path, "[one")
    loaded(tmp_path, "[two")
    assert (tmp_path / "settings.toml.bad").read_text() == "[one"
    assert (tmp_path / "settings.toml.bad2").read_text() == "[two"


def test_unfitting_value_is_said_once_and_the_rest_holds(tmp_path: Path) -> None:
    text = "[part]\nsize = 'big'  # mine\nform = 'square'\n"
    settings = loaded(tmp_path, text)
    assert (settings.get(SIZE), settings.get(FORM)) == (10, "square")
    assert len(settings.problems) == 1
    assert (tmp_path / "settings.toml.bad").read_text() == text
    again = loaded(tmp_path)
    assert again.problems == ()
    assert again.get(FORM) == "square"


def test_file_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    text = "version = 9\n[part]\nsize = 'new meaning'\nform = 'square'\nnew = 1\n"
    settings = loaded(tmp_path, text)
    assert settings.problems == ()
    assert settings.get(FORM) == "square"
    assert (tmp_path / "settings.toml").read_text() == text
    settings.set(FORM, "round")
    assert "version = 9" in (tmp_path / "settings.toml").read_text()
    assert "new = 1" in (tmp_path / "settings.toml").read_text()


def double(content: MutableMapping[str, Any]) -> None:
    content["part"]["size"] = content["part"]["size"] * 2


def test_older_file_is_brought_forward_with_a_backup(tmp_path: Path) -> None:
    text = "# mine\n[part]\nsize = 4\n"
    settings = loaded(tmp_path, text, steps=(double,))
    assert settings.get(SIZE) == 8
    assert (tmp_path / "settings.toml").read_text() == text, "nothing is written before there is something to write"
    settings.set(FORM, "square")
    assert (tmp_path / "settings.toml.v1.bak").read_text() == text
    written = (tmp_path / "settings.toml").read_text()
    assert "# mine" in written
    assert "version = 2" in written
    assert loaded(tmp_path, steps=(double,)).get(SIZE) == 8, "a step is applied once"


def test_choice_that_cannot_be_written_holds_is_told_once_and_is_tried_again(tmp_path: Path) -> None:
    folder = tmp_path / "profile"
    folder.write_text("a file where the folder should be")
    settings = Settings(folder / "settings.toml", declared=DECLARED)
    settings.load()
    told: list[SettingsError] = []

    def on_problem(problem: SettingsError) -> None:
        told.append(problem)

    settings.problem_found.connect(on_problem)
    settings.set(SIZE, 15)
    settings.set(FORM, "square")
    assert settings.get(SIZE) == 15
    assert len(told) == 1
    folder.unlink()
    settings.close()
    assert loaded(folder).get(SIZE) == 15


class Later:
    """A pool that works when told."""

    def __init__(self) -> None:
        self.jobs: list[Callable[[], None]] = []

    def __call__(
        self, work: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[Exception], None]
    ) -> Any:
        self.jobs.append(lambda: done(work()))
        return lambda: None


def test_writing_in_the_pool_waits_its_turn_and_loses_nothing(tmp_path: Path) -> None:
    settings = loaded(tmp_path)
    pool = Later()
    settings.write_in(pool)
    settings.set(SIZE, 11)
    settings.set(SIZE, 12)
    settings.set(FORM, "square")
    assert len(pool.jobs) == 1
    assert not (tmp_path / "settings.toml").exists()
    pool.jobs.pop(0)()
    pool.jobs.pop(0)()
    assert pool.jobs == []
    again = loaded(tmp_path)
    assert (again.get(SIZE), again.get(FORM)) == (12, "square")


def test_closing_writes_what_the_pool_never_did(tmp_path: Path) -> None:
    settings = loaded(tmp_path)
    settings.write_in(Later())
    settings.set(SIZE, 11)
    settings.set(FORM, "square")
    settings.close()
    assert loaded(tmp_path).get(SIZE) == 11
    assert loaded(tmp_path).get(FORM) == "square"


def test_file_behind_a_link_is_replaced_not_the_link(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    real = tmp_path / "dotfiles" / "settings.toml"
    real.write_text("[part]\nsize = 3\n")
    (tmp_path / "settings.toml").symlink_to(real)
    settings = loaded(tmp_path)
    settings.set(SIZE, 4)
    assert (tmp_path / "settings.toml").is_symlink()
    assert "size = 4" in real.read_text()


def test_find_knows_former_names(tmp_path: Path) -> None:
    settings = loaded(tmp_path)
    assert settings.find("part.width") is SIZE
    with pytest.raises(SettingsError):
        settings.find("part.none")


def test_heavy_library_is_imported_only_for_writing(tmp_path: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys; from pathlib import Path; from ide.settings import Settings;"
        "s = Settings(Path(sys.argv[1])); s.load(); print('tomlkit' in sys.modules, 'platformdirs' in sys.modules)"
    )
    (tmp_path / "settings.toml").write_text("[editor]\ntab_width = 2\n")
    said = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "settings.toml")], capture_output=True, text=True, check=True
    )
    assert said.stdout.split() == ["False", "False"]


def test_what_another_window_writes_meanwhile_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    script = f"from pathlib import Path; from ide.settings.toml_file import TomlFile; {OTHER_WINDOW}"
    others: list[subprocess.Popen[bytes]] = []

    def begin_other(_content: object) -> None:
        others.append(subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE))
        assert others[0].stdout is not None
        assert others[0].stdout.readline() == b"now\n"
        with suppress(subprocess.TimeoutExpired):
            others[0].wait(0.7)  # it waits for us; where it did not, it would be done by then

    TomlFile(path).change({("part", "size"): 12}, prepare=begin_other)
    others[0].communicate()
    assert others[0].returncode == 0
    assert read_toml(path) == {"part": {"size": 12, "form": "square"}}
