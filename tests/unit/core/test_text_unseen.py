"""Characters that could make a text lie are written as escapes."""

from __future__ import annotations

import pytest

from ide.core.text import with_unseen_shown


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
