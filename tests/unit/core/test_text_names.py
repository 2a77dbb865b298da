"""Names: characters that could make a text lie are written as escapes, and numbers are sorted by their size."""

from __future__ import annotations

import pytest

from ide.core.text import natural_key, with_unseen_shown


@pytest.mark.parametrize("text", ["", "plain", "naïve café 数据 👍", "a\u0301"])
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    assert with_unseen_shown(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\x00\x1b\x7f\x9b", "\\x00\\x1b\\x7f\\x9b"),
        ("report\u202egpj.exe", "report\\u202egpj.exe"),
        ("a\u200bb\ufeff", "a\\u200bb\\ufeff"),
        ("\U000e0041", "\\U000e0041"),
        ("\u2066x\u2069", "\\u2066x\\u2069"),
    ],
)
def test_unseen_characters_become_escapes(text: str, shown: str) -> None:
    assert with_unseen_shown(text) == shown


def test_numbers_in_names_count_by_their_size() -> None:
    names = ["x10", "X2", "x1b", "x1", "2", "10", "_1", "x" + "9" * 5000, "x²"]
    assert sorted(names, key=natural_key) == ["2", "10", "_1", "x1", "x1b", "X2", "x10", "x" + "9" * 5000, "x²"]


def test_no_two_names_sort_alike() -> None:
    assert natural_key("a1") != natural_key("A1") != natural_key("a01")
