"""What the pages say can be followed: links and pictures, commands, settings and files that they name are there."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from ide.settings.declared import DECLARED, SECTIONS
from tests.rules.source import ROOT, python_files, relative, tracked_files
from tools.reference import commands

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
DOTTED = re.compile(r"[a-z]+\.[a-z][a-z_0-9]*")
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
FILE = re.compile(r"(?:ide|docs|plugins|resources|tests|tools|tour|bench)/[\w/.-]*\w")
# Endings: `core.py`, `plugin.toml` and the like are files, not commands.
ENDINGS = {"py", "r", "md", "toml", "json", "svg", "png", "csv", "rmd", "qmd", "ipynb", "bad", "tmp", "log", "bin"}
# Named by decisions of their day; what they name may have moved since.
HISTORY = "docs/decisions/"
# Dotted words whose first part is a subject of commands too, but which are something else.
NOT_COMMANDS = {
    *("session.ask", "session.execute", "settings.get", "settings.changed", "plots.configure", "variables.sync"),
    *("variables.changed", "folder.get", "folder.set", "document.cells"),
    # Context keys.
    *("editor.language", "console.language", "window.layout", "window.theme", "window.has_maximised_pane"),
    *("window.is_presenting", "window.has_notices", "pane.current"),
}


def pages() -> list[Path]:
    return [path for path in tracked_files() if path.suffix == ".md"]


def words_in_code(text: str) -> list[str]:
    return [found[1] for found in CODE.finditer(FENCED.sub("", text))]


@cache
def anchors(path: Path) -> frozenset[str]:
    """Anchors of a page's headings, as code hosts make them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings)


def broken_links(page: Path, text: str) -> list[str]:
    broken = []
    for link in LINK.findall(text):
        if "://" in link or link.startswith("mailto:"):
            continue
        place, _, anchor = link.partition("#")
        target = (page.parent / place).resolve() if place else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            broken.append(link)
    return broken


def unknown_ids(text: str, ids: set[str]) -> list[str]:
    """Words in back-ticks that look like the id of a command or setting and are none."""
    subjects = {one.partition(".")[0] for one in ids}
    found = []
    for word in words_in_code(text):
        is_id = DOTTED.fullmatch(word) and word.partition(".")[0] in subjects
        if is_id and word.partition(".")[2] not in ENDINGS and word not in ids | NOT_COMMANDS and not is_in_code(word):
            found.append(word)
    return found


def is_in_code(word: str) -> bool:
    """Whether the program has this word as a text of its own: a key of the context, for one."""
    return any(f'"{word}"' in path.read_text("utf-8") for path in python_files("ide"))


def missing_files(text: str) -> list[str]:
    named = [match[0] for word in words_in_code(text) for match in FILE.finditer(word) if "*" not in word]
    return [name for name in named if not any(mark in name for mark in "<>{}") and not is_there(name)]


def is_there(name: str) -> bool:
    return (ROOT / name).exists() or (ROOT / f"{name}.py").exists()


@cache
def known_ids() -> frozenset[str]:
    return frozenset({command.id for command in commands()} | {setting.id for setting in DECLARED})


@pytest.mark.parametrize("page", pages(), ids=relative)
def test_every_link_and_picture_leads_somewhere(page: Path) -> None:
    assert broken_links(page, page.read_text("utf-8")) == []


@pytest.mark.parametrize("page", pages(), ids=relative)
def test_every_command_and_setting_that_is_named_exists(page: Path) -> None:
    assert unknown_ids(page.read_text("utf-8"), set(known_ids())) == []


@pytest.mark.parametrize("page", [page for page in pages() if not relative(page).startswith(HISTORY)], ids=relative)
def test_every_file_of_ours_that_is_named_exists(page: Path) -> None:
    assert missing_files(page.read_text("utf-8")) == []


def test_every_section_of_the_settings_is_a_subject_that_is_looked_for() -> None:
    assert {setting.id.partition(".")[0] for setting in DECLARED} == set(SECTIONS)


def test_glossary_tells_what_each_folder_is_about() -> None:
    rows = (ROOT / "docs" / "glossary.md").read_text("utf-8").splitlines()
    words = {row.split("|")[1].strip() for row in rows if row.startswith("| ")}
    folders = {path.name for path in (*(ROOT / "ide").iterdir(), *(ROOT / "ide" / "panes").iterdir()) if path.is_dir()}
    concepts = {name for name in folders if not name.startswith("_")}

    assert {name for name in concepts if not {name, name.removesuffix("s")} & words} == set()


def test_words_of_the_glossary_are_in_order_and_each_there_once() -> None:
    rows = (ROOT / "docs" / "glossary.md").read_text("utf-8").splitlines()
    words = [row.split("|")[1].strip().lower() for row in rows if row.startswith("| ") and "---" not in row][1:]

    assert words == sorted(set(words))


def test_every_picture_is_shown_on_a_page() -> None:
    shown = {Path(link).name for page in pages() for link in LINK.findall(page.read_text("utf-8"))}

    assert {path.name for path in (ROOT / "docs" / "user" / "pictures").iterdir()} - shown == set()


def test_checks_find_what_they_are_for() -> None:
    page = ROOT / "docs" / "page.md"

    assert broken_links(page, "[a](nothing.md) ![b](user/nothing.png) [c](glossary.md#nothing)") == [
        "nothing.md",
        "user/nothing.png",
        "glossary.md#nothing",
    ]
    assert broken_links(page, "[a](glossary.md#glossary) [b](user/index.md)") == []
    assert unknown_ids("`file.save` `file.nothing` `editor.tab_width` `editor.nothing`", set(known_ids())) == [
        "file.nothing",
        "editor.nothing",
    ]
    assert missing_files("`ide/app/program.py` `ide/app/nothing.py` `ide/panes/<name>/model.py`") == [
        "ide/app/nothing.py"
    ]
