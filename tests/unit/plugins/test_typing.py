"""What Enter does: whether input is whole, and how the next line is indented."""

from __future__ import annotations

import pytest

from tests.unit.plugins.languages import PYTHON, R

PYTHON_WHOLE = [
    "",
    "   ",
    "x",
    "x = 1",
    "f(1)",
    "x = [1,\n2]",
    "if x:\n    y\n",
    "def f():\n    return 1\n\n",
    "'''a\nb'''",
    "x?",
    "%timeit x",
    "!ls",
    "# note",
    "x = 'abc",
    "%%time\nx\n",
    "match = 3",
    "x = 1 # :",
    "lambda: 0",
    "d = {1: 2}",
    "x = 1\ny = 2",
    "@f\ndef g():\n    pass\n",
    "x = 1  \\\n  + 2",
    "return_value = 3",
    "    x = 1",
]
PYTHON_OPEN = [
    "if x:",
    "def f():",
    "def f():\n    return 1",
    "x = [",
    "f(1,",
    "'''abc",
    'x = """',
    "x = 1 + \\",
    "for i in x: pass",
    "@decorator",
    "class A:",
    "x = {'a': (",
    "%%time",
    "%%time\nx",
    "if x: # note",
    "with open(\n'x') as f:",
    "try:\n    x\nexcept E:",
    "while x:\n    y\n    z",
    "async def f():\n    pass",
    "match x:",
]
R_WHOLE = [
    "",
    "x",
    "x <- 1",
    "f(1)",
    "c(1,\n2)",
    "if (x) y",
    "f <- function(x) x",
    "f <- function(x) {\n}",
    "'a\nb'",
    'r"(a")"',
    "`a b`",
    "# note (",
    "x |> f()",
    "{x\ny}",
    "for (i in 1:3) i",
    "\\(x) x",
    "x$y",
    "x[[1]]",
    "-x",
    "if (a) b else c",
    "x <- 5L",
    "a %in% b",
    "x # +",
]
R_OPEN = [
    "x <-",
    "f(",
    "c(1,",
    "if (x)",
    "if (x) y else",
    "function(x)",
    "f <- function(x) {",
    "x |>",
    "x %>%",
    "x +",
    "'abc",
    'r"(abc"',
    "`abc",
    "for (i in 1:3)",
    "while (TRUE)",
    "repeat",
    "\\(x)",
    "x ~",
    "x &&",
    "x[",
    "x[[1]",
    "{",
    "x,(",
    "!",
    "x %in% # note",
    "a ->",
    "x ::",
    "x$",
]


@pytest.mark.parametrize("code", PYTHON_WHOLE)
def test_python_whole_input_is_complete(code: str) -> None:
    assert PYTHON.is_complete(code)


@pytest.mark.parametrize("code", PYTHON_OPEN)
def test_python_open_input_is_not_complete(code: str) -> None:
    assert not PYTHON.is_complete(code)


@pytest.mark.parametrize("code", R_WHOLE)
def test_r_whole_input_is_complete(code: str) -> None:
    assert R.is_complete(code)


@pytest.mark.parametrize("code", R_OPEN)
def test_r_open_input_is_not_complete(code: str) -> None:
    assert not R.is_complete(code)


PYTHON_INDENTS = [
    ("x = 1", 0),
    ("if x:", 4),
    ("if x:  # note", 4),
    ("def f(a,\n      b):", 4),
    ("    if x:", 8),
    ("    y", 4),
    ("    return y", 0),
    ("        pass", 4),
    ("x = [", 4),
    ("x = [1,", 5),
    ("x = [\n    1,", 4),
    ("x = foo(a,\n        b)", 0),
    ("foo(a, bar(b,", 11),
    ("x = 'a:'", 0),
    ("x = {'a': 1}", 0),
    ("def f():\n    '''doc", 4),
    ("def f():\n    '''doc\n      more", 6),
    ("x = 1 + \\", 4),
    ("d = {", 4),
    ("", 0),
]
R_INDENTS = [
    ("x <- 1", 0),
    ("f <- function(x) {", 2),
    ("  if (x) {", 4),
    ("f <- function(a,\n              b) {", 2),
    ("f <- function(x)\n{", 2),
    ("f <- function(x) {\n  y\n}", 0),
    ("df |>", 2),
    ("df |>\n  filter(x) |>", 2),
    ("df |>\n  filter(x)", 0),
    ("x <- c(1,", 7),
    ("x <- c(", 2),
    ("x <- c(\n  1,", 2),
    ("f <- function(x) {\n  df %>%", 4),
    ("f <- function(x) {\n  df %>%\n    g()", 2),
    ("if (x)", 2),
    ("if (x) {\n  y\n} else {", 2),
    ("tryCatch({", 2),
    ("x <- 'a", 0),
    ("x # + (", 0),
]


@pytest.mark.parametrize(("code", "columns"), PYTHON_INDENTS)
def test_python_indent_of_the_next_line(code: str, columns: int) -> None:
    lines = code.split("\n")
    assert PYTHON.indent(lines, len(lines) - 1) == " " * columns


@pytest.mark.parametrize(("code", "columns"), R_INDENTS)
def test_r_indent_of_the_next_line(code: str, columns: int) -> None:
    lines = code.split("\n")
    assert R.indent(lines, len(lines) - 1) == " " * columns


def test_python_indent_keeps_tabs() -> None:
    assert PYTHON.indent(["\tx = 1"], 0) == "\t"


def test_indent_ignores_what_stands_below() -> None:
    assert PYTHON.indent(["if x:", ")", "'''"], 0) == "    "
    assert R.indent(["f(a) {", ")", "'"], 0) == "  "


def test_r_inserts_arrow_and_pipe_and_python_neither() -> None:
    assert R.typing.inserts == {"edit.insert_assignment": " <- ", "edit.insert_pipe": " |> "}
    assert PYTHON.typing.inserts == {}
