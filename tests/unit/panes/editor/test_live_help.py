"""Signatures and definitions as pure functions."""

from __future__ import annotations

import pytest

from ide.panes.editor.live_help import Signature, definition_in, name_at, signature_of


def test_signature_parts_put_the_current_parameter_apart() -> None:
    signature = Signature("f(a, ab, b=1)", ("a", "ab", "b=1"), 1)
    assert signature.parts() == ("f(a, ", "ab", ", b=1)")


@pytest.mark.parametrize("parameter", [-1, 7])
def test_signature_without_a_current_parameter_is_whole(parameter: int) -> None:
    assert Signature("f(a)", ("a",), parameter).parts() == ("f(a)", "", "")


def test_signature_of_an_empty_answer_is_none() -> None:
    assert signature_of({"signatures": []}) is None


@pytest.mark.parametrize(
    ("lines", "name", "near", "wanted"),
    [
        (["f <- function(x) x", "f(1)"], "f", 1, 0),
        (["def f():", "  pass", "f()"], "f", 2, 0),
        (["x = 1", "x = 2", "x"], "x", 2, 1),
        (["x == 1", "y"], "x", 1, None),
        (["1 -> total", "total"], "total", 1, 0),
        (["g()", "g = 2"], "g", 0, 1),
    ],
)
def test_definition_is_the_last_one_above(lines: list[str], name: str, near: int, wanted: int | None) -> None:
    found = definition_in(lines, name, near)
    assert (found.line if found else None) == wanted


def test_name_at_takes_dots_along() -> None:
    assert name_at("a + my.name(b)", 6) == "my.name"
    assert name_at("a  +", 2) == ""
