"""Whatever is typed: the languages answer, and what they answer is valid."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ide.core.language import Language
from tests.unit.plugins.languages import PYTHON, R

_PIECES = [
    "x",
    " ",
    "    ",
    "\t",
    "\n",
    "\n\n",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "'",
    '"',
    "'''",
    '"""',
    "#",
    "\\",
    ":",
    ",",
    "=",
    "def f",
    "if",
    "else",
    "@",
    "%%",
    "# %%",
    "%",
    "!",
    'r"(',
    ')"',
    "R'--[",
    "]--'",
    "`",
    "function",
    "<-",
    "|>",
    "%>%",
    "+",
    "\r",
    "\f",
    "\u2028",
    "é",
    "😀",
    "\x00",
    "# In[1]:",
    "#+",
    "# A ----",
    "return",
    "try:",
    "class",
]
TEXTS = st.lists(st.sampled_from(_PIECES), max_size=60).map("".join) | st.text(max_size=80)
LANGUAGES = pytest.mark.parametrize("language", [PYTHON, R], ids=["python", "r"])


@LANGUAGES
@settings(deadline=20_000)
@given(text=TEXTS)
def test_statements_are_valid_and_go_on(language: Language, text: str) -> None:
    lines = text.split("\n")
    line = 0
    while (found := language.statement(lines, line)) is not None:
        assert 0 <= found.first < found.end <= len(lines)
        assert found.end > line
        assert language.statement(lines, found.first) == found
        line = found.end


@LANGUAGES
@settings(deadline=20_000)
@given(text=TEXTS)
def test_cells_are_in_order_without_gaps(language: Language, text: str) -> None:
    lines = text.split("\n")
    cells = language.cells(lines)
    place = 0
    for cell in cells:
        assert cell.lines.first == place < cell.lines.end
        assert cell.lines.first <= cell.code_first <= cell.code_end == cell.lines.end
        place = cell.lines.end
    assert not cells or place == len(lines)


@LANGUAGES
@settings(deadline=20_000)
@given(text=TEXTS)
def test_folds_have_two_lines_and_lie_in_the_text(language: Language, text: str) -> None:
    lines = text.split("\n")
    firsts = []
    for fold in language.folds(lines):
        assert 0 <= fold.first < fold.end - 1 < len(lines)
        firsts.append(fold.first)
    assert firsts == sorted(set(firsts))


@LANGUAGES
@settings(deadline=20_000)
@given(text=TEXTS, line=st.integers(-2, 70))
def test_indent_is_white_space(language: Language, text: str, line: int) -> None:
    assert language.indent(text.split("\n"), line).strip() == ""


@LANGUAGES
@settings(deadline=20_000)
@given(text=TEXTS)
def test_completeness_and_links_are_told(language: Language, text: str) -> None:
    assert language.is_complete(text) in (True, False)
    place = 0
    for link in language.trace_links(text):
        assert place <= link.first < link.end <= len(text)
        assert link.line >= 0
        place = link.end
