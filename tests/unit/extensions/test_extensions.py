"""Plugins are found without import, loaded at first use, and their failures stay inside."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ide._paths import plugins_dir
from ide.core.errors import FourpaneError
from ide.core.language import Language
from ide.extensions import Extensions, read_manifest

ROOT = Path(__file__).resolve().parents[3]
MANIFEST = """
id = "{name}"
name = "Nim"
version = "1"

[[contributes.languages]]
id = "{language}"
name = "Nim"
load = "fourpane_plugins.{name}.language:language"
badge = "N"
badge_role = "badge_python"
lexer = "nim"
aliases = ["Nimrod"]
suffixes = [".nim"]
"""


def make_plugin(folder: Path, name: str, *, language: str = "nim", code: str = "", manifest: str = MANIFEST) -> None:
    (folder / name).mkdir(parents=True)
    (folder / name / "plugin.toml").write_text(manifest.format(name=name, language=language), encoding="utf-8")
    (folder / name / "__init__.py").write_text("", encoding="utf-8")
    (folder / name / "language.py").write_text(code, encoding="utf-8")


def test_shipped_languages_are_known_by_id_alias_and_suffix() -> None:
    extensions = Extensions(plugins_dir())
    assert [facts.id for facts in extensions.languages()] == ["python", "r"]
    for word, suffix, expected in (("Python3", ".PY", "python"), ("R", ".R", "r")):
        by_word, by_suffix = extensions.language(word), extensions.language_of_suffix(suffix)
        assert by_word is not None
        assert by_suffix is by_word
        assert by_word.id == expected
    assert extensions.problems == []


def test_what_is_not_known_is_none() -> None:
    extensions = Extensions(plugins_dir())
    assert extensions.language("bash") is None
    assert extensions.language_of_suffix(".sh") is None
    assert extensions.facts("") is None


def test_facts_say_what_the_language_says() -> None:
    extensions = Extensions(plugins_dir())
    for facts in extensions.languages():
        language = extensions.language(facts.id)
        assert isinstance(language, Language)
        for name in ("id", "name", "badge", "badge_role", "lexer", "suffixes", "aliases"):
            assert getattr(language, name) == getattr(facts, name), (facts.id, name)


def test_reading_manifests_imports_no_plugin() -> None:
    code = (
        "import sys; from ide._paths import plugins_dir; from ide.extensions import Extensions\n"
        "e = Extensions(plugins_dir()); e.languages(); e.facts('r'); e.facts_of_suffix('.py')\n"
        "assert not [m for m in sys.modules if m.startswith('fourpane_plugins')], 'a plugin was imported'\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_broken_plugin_is_told_once_and_the_others_work(tmp_path: Path) -> None:
    make_plugin(tmp_path, "lang_broken_one", code="raise RuntimeError('no luck')")
    told: list[FourpaneError] = []
    extensions = Extensions(plugins_dir(), tmp_path, on_problem=told.append)
    assert told == []
    assert extensions.language("nim") is None
    assert extensions.language("nimrod") is None
    assert len(told) == 1
    assert "no luck" in told[0].text
    assert extensions.language("python") is not None


def test_object_that_is_no_language_is_refused(tmp_path: Path) -> None:
    make_plugin(tmp_path, "lang_half", code="class language: id = 'nim'")
    extensions = Extensions(tmp_path)
    assert extensions.language("nim") is None
    assert "Language protocol" in extensions.problems[0].text


@pytest.mark.parametrize(
    "manifest",
    [
        "",
        "id = 3",
        "not toml",
        MANIFEST.replace("lexer", "lexxer"),
        MANIFEST.replace(":language", ""),
        MANIFEST.replace('["Nimrod"]', "[1]"),
        'id="a"\nname="b"\nversion="1"\ncontributes = 1',
    ],
)
def test_bad_manifest_is_told_and_left_out(tmp_path: Path, manifest: str) -> None:
    make_plugin(tmp_path, "lang_bad", manifest=manifest)
    make_plugin(tmp_path, "lang_good")
    told: list[FourpaneError] = []
    extensions = Extensions(tmp_path, on_problem=told.append)
    assert [facts.id for facts in extensions.languages()] == ["nim"]
    assert len(told) == 1


def test_manifest_that_is_no_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "lang_x" / "plugin.toml"
    path.mkdir(parents=True)
    with pytest.raises(FourpaneError):
        read_manifest(path)


def test_second_plugin_for_a_language_is_told_and_the_first_holds(tmp_path: Path) -> None:
    make_plugin(tmp_path, "lang_other", language="python")
    extensions = Extensions(plugins_dir(), tmp_path)
    assert len(extensions.problems) == 1
    facts = extensions.facts("python")
    assert facts is not None
    assert facts.load.startswith("fourpane_plugins.lang_python.")


def test_folder_without_plugins_gives_none(tmp_path: Path) -> None:
    assert Extensions(tmp_path / "missing").languages() == ()


TARGET = """
id = "{name}"
name = "Fridge"
version = "1"

[[contributes.targets]]
id = "fridge"
name = "Fridge"
about = "Runs jobs in the kitchen."
load = "fourpane_plugins.{name}.target:kind"

[[contributes.targets.fields]]
name = "door"
label = "Door"
kind = "{language}"
default = "left"
choices = ["left", "right"]
"""


def test_kinds_of_targets_are_known_with_their_form_and_none_is_loaded(tmp_path: Path) -> None:
    make_plugin(tmp_path, "target_fridge", language="choice", code="raise SystemExit", manifest=TARGET)

    (kind,) = Extensions(tmp_path).targets()

    assert (kind.id, kind.name, kind.load) == ("fridge", "Fridge", "fourpane_plugins.target_fridge.target:kind")
    (field,) = kind.fields
    assert (field.name, field.kind, field.default, field.choices) == ("door", "choice", "left", ("left", "right"))


def test_field_of_an_unknown_kind_makes_the_manifest_unreadable(tmp_path: Path) -> None:
    make_plugin(tmp_path, "target_fridge", language="freezer", manifest=TARGET)

    extensions = Extensions(tmp_path)

    assert extensions.targets() == ()
    assert "freezer" in extensions.problems[0].happened
