"""Which lines Mod+Enter runs, in either language."""

from __future__ import annotations

import pytest

from ide.core.text import LineRange
from tests.unit.plugins.languages import PYTHON, R

# Each case: the script, with the statements as letters in front of its lines. A line with "." belongs to none.
PYTHON_CASES = {
    "simple_lines": "a|x = 1\nb|y = 2",
    "blank_and_comment_between": "a|x = 1\n.|\n.|# note\nb|y = 2",
    "compound_with_else": "a|if x:\na|    y\na|elif z:\na|    y\na|else:\na|    w\nb|v = 1",
    "try_with_all_parts": "a|try:\na|    x\na|except E:\na|    y\na|else:\na|    z\na|finally:\na|    w\nb|q()",
    "decorators": "a|@one\na|@two(\na|    3)\na|def f():\na|    pass\nb|f()",
    "blank_lines_inside_a_function": "a|def f():\na|    x = 1\na|\na|    return x\n.|\nb|f()",
    "comment_at_margin_inside_a_function": "a|def f():\na|    x = 1\na|# note\na|    return x\nb|f()",
    "brackets_over_lines": "a|x = [\na|1, # ]\na|  2,\na|]\nb|y",
    "call_over_lines": "a|foo(\na|    a,\na|    ')',\na|)\nb|y",
    "triple_quoted_string": "a|x = '''one\na|def f():\na|'''\nb|y",
    "backslash": "a|x = 1 + \\\na|    2\nb|y",
    "string_that_is_not_closed": "a|x = 'abc\nb|y = 2",
    "bracket_that_is_not_closed": "a|x = foo(1,\nb|def f():\nb|    pass\nc|y",
    "triple_quote_that_is_not_closed": 'a|x = """abc\nb|y = 2',
    "line_magic": "a|%matplotlib inline (\nb|x = 1",
    "shell_line": "a|!ls [\nb|x = 1",
    "cell_magic_takes_the_rest": "a|%%timeit\na|x\na|\na|y\n.|\n.|# %% next\nb|z",
    "cell_mark_ends_a_block": "a|def f():\na|    x\n.|# %% next\nb|y = 1",
    "async_and_with": "a|async def f():\na|    async with x:\na|        y\nb|z",
    "match_statement": "a|match x:\na|    case 1:\na|        y\nb|z",
    "semicolons": "a|x = 1; y = 2\nb|z",
    "class_with_nested": "a|class A:\na|    def f(self):\na|        x\na|\na|    def g(self):\na|        y\nb|A()",
    "one_line_compound": "a|if x: y\nb|z",
    "string_with_hash": "a|x = '#' + (\na|    'b')\nb|z",
    "prefixed_strings": "a|x = rb'\\' # '\nb|y = f\"{a['b']}\" + (\nb|1)",
}
R_CASES = {
    "simple_lines": "a|x <- 1\nb|y <- 2",
    "blank_and_comment_between": "a|x <- 1\n.|\n.|# note\nb|y",
    "magrittr_pipe": "a|df %>%\na|  filter(a > 1) %>%\na|  # note\na|  mutate(b = 2)\nb|x",
    "native_pipe": "a|df |>\na|  head()\nb|x",
    "plus_at_the_end": "a|ggplot(df) +\na|  geom_point()\nb|x",
    "brackets_over_lines": "a|x <- c(1, # )\na|  2)\nb|y",
    "function_with_brace": "a|f <- function(x) {\na|  x\na|}\nb|f(1)",
    "function_with_brace_on_next_line": "a|f <- function(x)\na|{\na|  x\na|}\nb|f(1)",
    "function_with_newline_body": "a|f <- function(x)\na|  x + 1\nb|f(1)",
    "lambda": "a|f <- \\(x)\na|  x\nb|f(1)",
    "header_over_lines": "a|f <- function(a,\na|              b)\na|  a\nb|x",
    "if_else_with_braces": "a|if (x) {\na|  1\na|} else {\na|  2\na|}\nb|y",
    "else_on_its_own_line": "a|if (x) {\na|  1\na|}\na|else {\na|  2\na|}\nb|y",
    "if_without_braces": "a|if (x)\na|  1\nb|y",
    "for_without_braces": "a|for (i in 1:3)\na|  print(i)\nb|y",
    "while_and_repeat": "a|while (TRUE)\na|  x\nb|repeat\nb|  y\nc|z",
    "string_over_lines": 'a|x <- "one\na|two"\nb|y',
    "raw_string": 'a|x <- r"(a ) " b)"\nb|y',
    "raw_string_with_dashes": "a|x <- R'--[a ]\" ]--\na|b]--'\nb|y",
    "backtick_names": "a|`a (b` <- 1\nb|y",
    "custom_operator": "a|x %in%\na|  y\nb|z",
    "assignment_at_the_end": "a|x <-\na|  2\nb|y",
    "right_assignment": "a|2 ->\na|  x\nb|y",
    "tilde": "a|y ~\na|  x\nb|z",
    "unary_minus_starts_a_new_one": "a|x\nb|-1",
    "escaped_quote": "a|x <- 'a\\'(b'\nb|y",
    "comment_with_quote": "a|x # don't (\nb|y",
    "double_brackets": "a|x[[\na|1]]\nb|y",
    "semicolon": "a|x; y\nb|z",
    "unclosed_bracket_before_a_definition": "a|x <- c(1,\nb|f <- function(x) {\nb|  x\nb|}\nc|y",
    "names_with_r": 'a|r <- R\nb|rr"("',
    "exponent_sign": "a|x <- 1e-5\nb|y",
    "formula_with_dots": "a|.x <- ..1\nb|y",
    "cell_mark": "a|x\n.|# %% next\nb|y",
    "spin_mark": "a|x\n.|#+ label\nb|y",
    "quote_in_code": "a|x <- `if`\nb|y",
    "colon_assign": "a|dt[, z :=\na|  1]\nb|y",
    "namespace": "a|dplyr::filter(df,\na|  x)\nb|y",
}


def _parsed(case: str) -> tuple[list[str], str]:
    rows = [row.split("|", 1) for row in case.split("\n")]
    return [text for _, text in rows], "".join(letter for letter, _ in rows)


def _expected(letters: str, line: int) -> LineRange | None:
    """The statement that the line belongs to; for a line of none, the next one."""
    while line < len(letters) and letters[line] == ".":
        line += 1
    if line == len(letters):
        return None
    return LineRange(letters.index(letters[line]), letters.rindex(letters[line]) + 1)


@pytest.mark.parametrize("name", PYTHON_CASES)
def test_python_statement_is_found_from_each_of_its_lines(name: str) -> None:
    lines, letters = _parsed(PYTHON_CASES[name])
    found = [PYTHON.statement(lines, line) for line in range(len(lines))]
    assert found == [_expected(letters, line) for line in range(len(lines))]


@pytest.mark.parametrize("name", R_CASES)
def test_r_statement_is_found_from_each_of_its_lines(name: str) -> None:
    lines, letters = _parsed(R_CASES[name])
    found = [R.statement(lines, line) for line in range(len(lines))]
    assert found == [_expected(letters, line) for line in range(len(lines))]


@pytest.mark.parametrize("language", [PYTHON, R], ids=["python", "r"])
def test_statement_past_the_last_one_is_none(language: object) -> None:
    assert PYTHON.statement(["x", "", "# end"], 1) is None
    assert R.statement(["x", "", "# end"], 1) is None
    assert PYTHON.statement([], 0) is None
    assert R.statement([], 0) is None
    assert PYTHON.statement(["x"], 5) is None


def test_an_edited_script_is_looked_at_again() -> None:
    lines = ["x = [", "1]", "y"]
    assert PYTHON.statement(lines, 0) == LineRange(0, 2)
    lines[1] = "1,"
    lines.insert(2, "2]")
    assert PYTHON.statement(lines, 0) == LineRange(0, 3)
    lines = ["x <- c(", "1)", "y"]
    assert R.statement(lines, 0) == LineRange(0, 2)
    lines.insert(1, "0,")
    assert R.statement(lines, 0) == LineRange(0, 3)


LONG = 12_000


# What reaches to the end of the text, or to the next such quote, reaches further in a longer text.
UNBOUNDED = {"cell_magic_takes_the_rest", "triple_quote_that_is_not_closed", "names_with_r"}


@pytest.mark.parametrize("name", sorted(PYTHON_CASES.keys() - UNBOUNDED))
def test_python_statement_in_a_long_script_is_the_same(name: str) -> None:
    lines, _ = _parsed(PYTHON_CASES[name])
    above = ["def g():", "    x = 1", ""] * (LONG // 3)
    below = ["", "y = 2"] * (LONG // 2)
    for line in range(len(lines)):
        alone = PYTHON.statement([*lines, "", "last"], line)
        assert alone is not None
        found = PYTHON.statement([*above, *lines, *below], LONG + line)
        assert found is not None
        assert (found.first - LONG, found.end - LONG) in (
            (alone.first, alone.end),
            (len(lines) + 1, len(lines) + 2),
        )


@pytest.mark.parametrize("name", sorted(R_CASES.keys() - UNBOUNDED))
def test_r_statement_in_a_long_script_is_the_same(name: str) -> None:
    lines, letters = _parsed(R_CASES[name])
    above = ["g <- function() {", "  x <- 1", "}"] * (LONG // 3)
    below = ["", "y <- 2"] * (LONG // 2)
    for line in range(len(lines)):
        expected = _expected(letters, line)
        assert expected is not None
        found = R.statement([*above, *lines, *below], LONG + line)
        assert found == LineRange(LONG + expected.first, LONG + expected.end)


def test_definition_inside_a_long_string_is_no_start() -> None:
    lines = ["x = 1"] * 3000 + ["text = '''", "def f():", "    y", "'''", "z"] + ["x = 1"] * 3000
    assert PYTHON.statement(lines, 3002) == LineRange(3000, 3004)


def test_statement_longer_than_the_first_look_is_whole() -> None:
    body = ["    x = 1"] * 2000
    lines = ["y = 2"] * 3000 + ["def f():", *body, "z = 3"] + ["w"] * 10
    assert PYTHON.statement(lines, 3500) == LineRange(3000, 5001)
    lines = ["y <- 2"] * 3000 + ["f <- function() {", *body, "}", "z <- 3"] + ["w"] * 10
    assert R.statement(lines, 3500) == LineRange(3000, 5002)
