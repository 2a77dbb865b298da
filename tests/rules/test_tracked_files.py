"""What no tracked file may contain or be called."""

from __future__ import annotations

import ast
import re

import pytest

from tests.rules.source import parsed, python_files, relative, text_of, tracked_files

# Written in pieces, so that this file does not hold what it looks for.
MACHINE_PATH = re.compile(
    r"(?<![\w.\]>}])/(" + "|".join(["wo" + "rk", "ro" + "ot", "fa" + "rm", r"home/\w+", r"Users/\w+"]) + ")/"
)
_HOSTS = [
    "py" + r"pi\.org",
    "python" + r"hosted\.org",
    "npm" + r"js\.(org|com)",
    r"deb\." + "debian",
    r"archive\." + "ubuntu",
    r"r-pro" + r"ject\.org",
    r"anaco" + r"nda\.(org|com)",
]
REGISTRY = re.compile("|".join(_HOSTS))
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b|[Cc]oming " + "soon")
FORBIDDEN_WORDS = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
# The spelling of a licence text is not ours.
FOREIGN = {"LICENSE"}


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for path in tracked_files():
        text = text_of(path) if path.name not in FOREIGN else None
        if text and pattern.search(text):
            lines = enumerate(text.splitlines(), 1)
            found += [f"{relative(path)}:{number}" for number, line in lines if pattern.search(line)]
    return found


def test_no_file_names_a_path_of_a_machine() -> None:
    assert lines_with(MACHINE_PATH) == []


def test_no_file_names_a_package_registry() -> None:
    assert lines_with(REGISTRY) == []


def test_no_file_announces_unfinished_work() -> None:
    assert lines_with(UNFINISHED) == []


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (MACHINE_PATH, "see /" + "root/thing"),
        (MACHINE_PATH, '"/' + 'home/ann/data.csv"'),
        (REGISTRY, "https://py" + "pi.org/simple"),
        (UNFINISHED, "# TO" + "DO: later"),
    ],
)
def test_pattern_finds_what_it_is_for(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)


def test_every_file_name_says_what_is_in_it() -> None:
    names = {relative(path): re.split(r"[_\-.]", path.stem.lower()) for path in tracked_files()}

    assert [name for name, words in names.items() if FORBIDDEN_WORDS & set(words)] == []
    assert [name for name in names if FORBIDDEN_WORDS & set(name.split("/")[:-1])] == []


def test_no_second_lock_file_is_tracked() -> None:
    assert [relative(path) for path in tracked_files() if path.name in ("uv.lock", "poetry.lock", "Pipfile.lock")] == []


def asserts_something(tree: ast.AST) -> bool:
    """An assert, or a pytest call that fails when its expectation is not met."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Attribute) and node.attr in ("raises", "waitUntil", "waitSignal", "fail", "check"):
            return True
        if isinstance(node, ast.Name) and node.id == "check":  # of tests/pictures/harness.py
            return True
    return False


def test_every_test_file_asserts_something() -> None:
    files = [path for path in python_files("tests") if path.name.startswith("test_")]

    assert files
    assert [relative(path) for path in files if not asserts_something(parsed(path))] == []


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    banned = re.compile(r"pytest\.(skip|importorskip|xfail)\b|mark\.(skip|skipif|xfail)\b")
    about_it = {"tests/rules/test_strict_run.py", "tests/rules/test_tracked_files.py"}
    files = [path for path in python_files("tests") if relative(path) not in about_it]

    assert [relative(path) for path in files if banned.search(path.read_text("utf-8"))] == []
