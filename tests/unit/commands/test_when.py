from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ide.commands.when import ALWAYS, Value, WhenError, keys, parse

STATE: dict[str, Value] = {"a": True, "b": False, "editor.language": "r", "count": 3, "empty": "", "rate": 0.5}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True), ("   ", True), ("a", True), ("b", False), ("not b", True), ("not not a", True), ("a and b", False),
        ("a or b", True), ("b or b or a", True), ("b and b or a", True), ("a or b and b", True),
        ("(a or b) and b", False),
        ("not (a and b)", True), ("not a or a", True), ('editor.language == "r"', True),
        ("editor.language == 'python'", False),
        ("editor.language != 'python'", True), ("count == 3", True), ("count != -3", True), ("rate == 0.5", True),
        ("a == true", True), ("b == false", True), ("empty", False), ("unknown", False), ("unknown == 'x'", False),
        ("not unknown", True), ("editor.language=='r'and a", True),
    ],
)  # fmt: skip
def test_condition_holds_as_written(text: str, expected: bool) -> None:
    assert parse(text).holds(STATE.get) is expected


@pytest.mark.parametrize(
    "text",
    ["and", "a and", "or a", "not", "(a", "a)", "a b", "a == ", "a == b", "== 'x'", "'x' == a", "a & b", "a == 'x", "1",
     "true", "a.b()", "a; b", "(" * 60 + "a" + ")" * 60, "not " * 60 + "a", "a == and"],
)  # fmt: skip
def test_unreadable_condition_raises(text: str) -> None:
    with pytest.raises(WhenError):
        parse(text)


def test_keys_of_a_condition_are_all_it_looks_at() -> None:
    assert keys(parse("a and not (b or c == 'x')")) == {"a", "b", "c"}
    assert keys(ALWAYS) == frozenset()


@given(st.text(alphabet="ab ()=!'not andr.1", max_size=40))
def test_any_text_parses_or_raises_one_kind_of_error(text: str) -> None:
    try:
        parse(text).holds(STATE.get)
    except WhenError:
        pass


WORDS = st.recursive(
    st.sampled_from(["a", "b", "count == 3"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
            lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
        ),
        inner.map(lambda part: f"not {part}"),
    ),
    max_leaves=8,
)


@given(WORDS)
def test_conditions_mean_what_python_means(text: str) -> None:
    meant = eval(text, {"a": True, "b": False, "count": 3})
    assert parse(text).holds(STATE.get) is meant
