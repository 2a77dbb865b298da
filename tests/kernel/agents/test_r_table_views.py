"""Sorts and filters of R's tables beside R's own: every operator on every kind of column, and what cannot be done."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.kernel.agents.harness import AgentKernel
from tests.kernel.agents.r_tables import Refused, Tables

ROWS = 400
FRAME = """
set.seed(7)
pick <- function(from, ...) sample(from, 400, replace = TRUE, ...)
wide <- function(high, low) {
  words <- as.vector(rbind(as.integer(low), as.integer(high)))
  structure(readBin(writeBin(words, raw()), "double", length(high)), class = "integer64")
}
df <- data.frame(id = 0:399)
df$int <- pick(c(-3:3, NA, 2147483647L))
df$dbl <- pick(c(-1.5, 0, 0.1 + 0.2, 0.3, 2, 1e300, Inf, -Inf, NA, NaN))
df$lgl <- pick(c(TRUE, FALSE, NA))
df$chr <- pick(c("apple", "Apple", "banana", "", " ", "\\u00e4pfel", "zoo", "NA", "a.c", NA, "\\U1F600"))
Encoding(df$chr) <- "UTF-8"
df$fct <- factor(pick(c("low", "Mid", "high", "", NA)), levels = c("low", "Mid", "high", ""))
df$ord <- factor(pick(c("low", "mid", "high", NA)), levels = c("low", "mid", "high"), ordered = TRUE)
df$day <- as.Date(pick(c(0, 19782, 19783, -800000, NA)), origin = "1970-01-01")
df$when <- as.POSIXct(pick(c(0, 1.7e9, 1.7e9 + 0.25, 1.7e9 + 3600, NA)), origin = "1970-01-01", tz = "Europe/Berlin")
df$broken <- as.POSIXlt(df$when)
df$gap <- as.difftime(pick(c(-1, 0, 1.5, 90, NA)), units = "mins")
df$list <- pick(list(NULL, 1, "a", 1:3, NA))
df$bytes <- as.raw(pick(0:3))
df$z <- pick(c(1i, 2+0i, NA))
df$high <- pick(c(0L, 1L, -1L, 2097152L)); df$low <- pick(c(0L, 1L, 7L))
df$wide <- wide(df$high, df$low)
is_wide_na <- pick(c(TRUE, FALSE, FALSE)); words <- df$wide; words[is_wide_na] <- -0
df$wide <- structure(unclass(words), class = "integer64")
latin <- df$chr; latin <- iconv(latin, "UTF-8", "latin1", sub = "?"); df$latin <- latin
num <- function(x) { x <- as.numeric(x); x[is.na(x)] <- NA; x }
code <- function(x) match(x, sort(unique(x), method = "radix"))
"""


@pytest.fixture(scope="module")
def t(r: AgentKernel) -> Iterator[Tables]:
    """A frame of every kind of column."""
    reply = r.run("rm(list = ls(all.names = TRUE))\n" + FRAME)
    assert reply.status == "ok", reply.content
    tables = Tables(r)
    yield tables
    tables.close()
    r.run("rm(list = ls(all.names = TRUE))")


@pytest.fixture(scope="module")
def table(t: Tables) -> tuple[str, dict[str, int]]:
    """The open frame and its columns by name."""
    info = t.open("df")
    return info.table, {column.name: column.index for column in t.columns(info.table)}


_views = iter(range(1, 100_000))


def rows_of(t: Tables, table: str, **spec: Any) -> tuple[list[int], Any]:
    """The ids of the rows that are shown, and the view's state."""
    number = next(_views)
    state = t.view(table, number, **spec)
    (ids,) = t.page(table, [0], 0, ROWS, view=number)
    assert len(ids) == state.row_count
    return ids, state


def expected(t: Tables, condition: str) -> list[int]:
    """The ids for which R's own expression holds."""
    reply = t.kernel.run(f"cat(jsonlite::toJSON(df$id[which({condition})]))")
    assert reply.status == "ok", reply.content
    found: list[int] = json.loads(reply.text)
    return found


NUMBERS = [
    ("int", ["2"], ["2.5"], ["-1", "2"], "{} == 2", "{} < 2.5", "{} >= -1 & {} <= 2"),
    ("dbl", ["0.3"], ["0.30000000000000004"], ["-inf", "0"], "{} == 0.3", "{} < 0.1 + 0.2", "{} <= 0"),
    ("gap", ["90"], ["90"], ["-60", "0"], "{} == 90", "{} < 90", "{} >= -60 & {} <= 0"),
    (
        "day",
        ["2024-02-29"],
        ["2024-02-29"],
        ["1970-01-01", "2024-02-29"],
        "{} == 19782",
        "{} < 19782",
        "{} >= 0 & {} <= 19782",
    ),
    (
        "when",
        ["2023-11-14T23:13:20.25"],
        ["2023-11-14 22:13:20Z"],
        ["1970-01-01T01:00", "2023-11-14T23:13:20+01:00"],
        "{} == 1.7e9 + 0.25",
        "{} < 1.7e9",
        "{} >= 0 & {} <= 1.7e9",
    ),
    (
        "broken",
        ["2023-11-14T23:13:20.25"],
        ["2023-11-14 22:13:20Z"],
        ["1970-01-01T01:00", "2023-11-14T23:13:20+01:00"],
        "{} == 1.7e9 + 0.25",
        "{} < 1.7e9",
        "{} >= 0 & {} <= 1.7e9",
    ),
]  # fmt: skip
X = {
    "int": "df$int",
    "dbl": "df$dbl",
    "gap": "as.numeric(df$gap, units = 'secs')",
    "day": "as.numeric(df$day)",
    "when": "as.numeric(df$when)",
    "broken": "as.numeric(as.POSIXct(df$broken))",
}


def number_cases() -> list[tuple[str, str, list[str | None], str]]:
    found: list[tuple[str, str, list[str | None], str]] = []
    for name, equal, other, between, is_equal, is_less, is_between in NUMBERS:
        x = X[name]

        def told(text: str, x: str = x) -> str:
            return "(" + text.replace("{}", x) + ")"

        less = told(is_less)
        same = told(is_less.replace("<", "=="))
        found += [
            (name, "eq", [*equal], told(is_equal)),
            (name, "ne", [*equal], f"!is.na({x}) & !{told(is_equal)}"),
            (name, "lt", [*other], less),
            (name, "le", [*other], f"{less} | {same}"),
            (name, "gt", [*other], f"!is.na({x}) & !({less} | {same})"),
            (name, "ge", [*other], f"!is.na({x}) & !{less}"),
            (name, "between", [*between], told(is_between)),
            (name, "between", [*reversed(between)], "FALSE"),
            (name, "in", [*equal, *between], f"{told(is_equal)} | {x} %in% range({x}[which({told(is_between)})])"),
            (name, "in", [*equal, None], f"is.na({x}) | {told(is_equal)}"),
            (name, "in", [], "FALSE"),
            (name, "not_in", [*equal, None], f"!is.na({x}) & !{told(is_equal)}"),
            (name, "not_in", [], f"!is.na({x})"),
            (name, "is_missing", [], f"is.na({x})"),
            (name, "is_present", [], f"!is.na({x})"),
        ]
    return [one for one in found if "range(" not in one[3] or one[0] in ("int", "gap")]


def text_cases() -> list[tuple[str, str, list[str | None], str]]:
    found: list[tuple[str, str, list[str | None], str]] = []
    for name in ("chr", "latin"):
        x = f"enc2utf8(df${name})"
        rank = f"code(c('b', {x}))[-1] - code(c('b', {x}))[1]"
        found += [
            (name, "eq", ["apple"], f"{x} == 'apple'"),
            (name, "eq", ["äpfel"], f"{x} == '\\u00e4pfel'"),
            (name, "eq", ["NA"], f"{x} == 'NA'"),
            (name, "ne", ["apple"], f"{x} != 'apple'"),
            (name, "lt", ["b"], f"{rank} < 0"),
            (name, "le", ["b"], f"{rank} <= 0"),
            (name, "gt", ["b"], f"{rank} > 0"),
            (name, "ge", ["b"], f"{rank} >= 0"),
            (name, "between", ["A", "apple"], f"{x} %in% c('Apple', 'NA', 'a.c', 'apple')"),
            (name, "in", ["apple", "", None], f"is.na({x}) | {x} %in% c('apple', '')"),
            (name, "not_in", ["apple", ""], f"!is.na({x}) & !({x} %in% c('apple', ''))"),
            (name, "contains", ["APP"], f"grepl('app', tolower({x}), fixed = TRUE)"),
            (name, "contains", ["Ä"], f"grepl('\\u00e4', tolower({x}), fixed = TRUE)"),
            (name, "contains", [""], f"!is.na({x})"),
            (name, "contains", ["."], f"{x} == 'a.c'"),
            (name, "not_contains", ["app"], f"!is.na({x}) & !grepl('app', tolower({x}), fixed = TRUE)"),
            (name, "starts", ["a"], f"startsWith(tolower({x}), 'a')"),
            (name, "ends", ["E"], f"endsWith(tolower({x}), 'e')"),
            (name, "regex", ["^a.*e$"], f"grepl('^a.*e$', {x}, ignore.case = TRUE, perl = TRUE)"),
            (name, "is_empty", [], f"{x} == ''"),
            (name, "is_missing", [], f"is.na({x})"),
            (name, "is_present", [], f"!is.na({x})"),
        ]
    return found


CASES = [
    *number_cases(),
    *text_cases(),
    ("fct", "eq", ["Mid"], "df$fct == 'Mid'"),
    ("fct", "eq", ["not a level"], "FALSE"),
    ("fct", "ne", ["Mid"], "df$fct != 'Mid'"),
    ("fct", "in", ["low", "", None], "is.na(df$fct) | df$fct %in% c('low', '')"),
    ("fct", "not_in", ["low"], "!is.na(df$fct) & df$fct != 'low'"),
    ("fct", "contains", ["MI"], "df$fct == 'Mid'"),
    ("fct", "not_contains", ["i"], "df$fct %in% c('low', '')"),
    ("fct", "starts", ["h"], "df$fct == 'high'"),
    ("fct", "ends", ["w"], "df$fct == 'low'"),
    ("fct", "regex", ["^(l|h)"], "df$fct %in% c('low', 'high')"),
    ("fct", "is_empty", [], "df$fct == ''"),
    ("fct", "is_missing", [], "is.na(df$fct)"),
    ("fct", "is_present", [], "!is.na(df$fct)"),
    ("ord", "lt", ["high"], "df$ord < 'high'"),
    ("ord", "le", ["mid"], "df$ord <= 'mid'"),
    ("ord", "gt", ["low"], "df$ord > 'low'"),
    ("ord", "ge", ["mid"], "df$ord >= 'mid'"),
    ("ord", "between", ["low", "mid"], "df$ord <= 'mid'"),
    ("lgl", "eq", ["true"], "df$lgl"),
    ("lgl", "ne", ["true"], "!df$lgl"),
    ("lgl", "in", ["false", None], "is.na(df$lgl) | !df$lgl"),
    ("lgl", "not_in", ["false"], "df$lgl"),
    ("lgl", "is_true", [], "df$lgl"),
    ("lgl", "is_false", [], "!df$lgl"),
    ("lgl", "is_missing", [], "is.na(df$lgl)"),
    ("lgl", "is_present", [], "!is.na(df$lgl)"),
    ("wide", "eq", ["4294967297"], "!is_wide_na & df$high == 1 & df$low == 1"),
    ("wide", "eq", ["9007199254740993"], "!is_wide_na & df$high == 2097152 & df$low == 1"),
    ("wide", "eq", ["1.5"], "FALSE"),
    ("wide", "ne", ["1.5"], "!is_wide_na"),
    ("wide", "lt", ["9007199254740993"], "!is_wide_na & (df$high < 2097152 | df$low < 1)"),
    ("wide", "lt", ["1.5"], "!is_wide_na & (df$high < 0 | df$high == 0 & df$low <= 1)"),
    ("wide", "ge", ["-4294967296"], "!is_wide_na"),
    ("wide", "gt", ["-4294967295"], "!is_wide_na & (df$high >= 0 | df$low > 1)"),
    ("wide", "gt", ["99999999999999999999"], "FALSE"),
    ("wide", "le", ["inf"], "!is_wide_na"),
    ("wide", "in", ["0", "7", None], "is_wide_na | df$high == 0 & df$low %in% c(0, 7)"),
    ("wide", "between", ["0", "1"], "!is_wide_na & df$high == 0 & df$low <= 1"),
    ("wide", "is_missing", [], "is_wide_na"),
    ("list", "is_missing", [], "vapply(df$list, function(e) is.null(e) || identical(e, NA), NA)"),
    ("list", "is_present", [], "!vapply(df$list, function(e) is.null(e) || identical(e, NA), NA)"),
    ("z", "is_missing", [], "is.na(df$z)"),
    ("bytes", "is_present", [], "TRUE | df$bytes == 0"),
]


@pytest.mark.parametrize(
    ("name", "operator", "values", "condition"), CASES, ids=[f"{n}-{o}-{v}" for n, o, v, _ in CASES]
)
def test_each_operator_finds_the_rows_that_r_finds(
    t: Tables, table: tuple[str, dict[str, int]], name: str, operator: str, values: list[str | None], condition: str
) -> None:
    number, columns = table
    one = {"column": columns[name], "operator": operator, "values": values}
    ids, state = rows_of(t, number, filter={"all": True, "members": [one]})
    assert state.problems == ()
    assert ids == expected(t, condition)


def test_text_operators_can_mind_the_case(t: Tables, table: tuple[str, dict[str, int]]) -> None:
    number, columns = table
    for operator, value, condition in [
        ("contains", "App", "grepl('App', df$chr, fixed = TRUE)"),
        ("starts", "A", "startsWith(df$chr, 'A')"),
        ("ends", "E", "endsWith(df$chr, 'E')"),
        ("regex", "^A", "grepl('^A', df$chr)"),
    ]:
        one = {"column": columns["chr"], "operator": operator, "values": [value], "is_case_sensitive": True}
        assert rows_of(t, number, filter={"all": True, "members": [one]})[0] == expected(t, condition)


def test_groups_are_all_or_any(t: Tables, table: tuple[str, dict[str, int]]) -> None:
    number, columns = table
    low = {"column": columns["int"], "operator": "lt", "values": ["0"]}
    true = {"column": columns["lgl"], "operator": "is_true", "values": []}
    gone = {"column": columns["chr"], "operator": "is_missing"}
    both = {"all": True, "members": [low, {"all": False, "members": [true, gone]}]}
    assert rows_of(t, number, filter=both)[0] == expected(t, "df$int < 0 & (df$lgl %in% TRUE | is.na(df$chr))")
    either = {"all": False, "members": [low, {"all": True, "members": [true, gone]}, {"all": True, "members": []}]}
    assert rows_of(t, number, filter=either)[0] == expected(t, "df$int < 0 | (df$lgl %in% TRUE & is.na(df$chr))")
    assert rows_of(t, number, filter={"all": True, "members": []})[1].row_count == ROWS
    assert rows_of(t, number)[1].row_count == ROWS


PROBLEMS = [
    ("int", "lt", ["abc"], "“abc” is not a number."),
    ("int", "eq", ["nan"], "“nan” is not a number."),
    ("int", "lt", [], "A value is needed."),
    ("int", "between", ["1"], "Two values are needed."),
    ("int", "contains", ["1"], "A column of kind number cannot be filtered by contains."),
    ("int", "nonsense", ["1"], "A column of kind number cannot be filtered by nonsense."),
    ("chr", "regex", ["(a"], "“(a” is not a regular expression."),
    ("lgl", "eq", ["maybe"], "“maybe” is neither true nor false."),
    ("day", "eq", ["2023-02-29"], "There is no day 2023-02-29."),
    ("day", "eq", ["yesterday"], "“yesterday” is not a date such as 2024-01-31."),
    ("when", "lt", ["12:30"], "“12:30” is not a time such as 2024-01-31T12:30."),
    ("fct", "lt", ["Mid"], "These categories have no order: none is more than another."),
    ("ord", "lt", ["huge"], "“huge” is not one of the categories."),
    ("list", "eq", ["1"], "A column of kind nested cannot be filtered by eq."),
]


@pytest.mark.parametrize(("name", "operator", "values", "message"), PROBLEMS)
def test_filters_that_cannot_be_applied_are_told_and_the_others_hold(
    t: Tables, table: tuple[str, dict[str, int]], name: str, operator: str, values: list[str], message: str
) -> None:
    number, columns = table
    good = {"column": columns["lgl"], "operator": "is_true", "values": []}
    bad = {"column": columns[name], "operator": operator, "values": values}
    group = {"all": True, "members": [good, {"all": False, "members": [bad]}]}
    ids, state = rows_of(t, number, filter=group)
    assert [(problem.filter, problem.message) for problem in state.problems] == [(1, message)]
    assert ids == expected(t, "df$lgl")


def test_columns_that_are_not_there_are_told(t: Tables, table: tuple[str, dict[str, int]]) -> None:
    bad = {"column": 99, "operator": "is_missing"}
    ids, state = rows_of(t, table[0], filter={"all": True, "members": [bad]})
    assert state.problems[0].message == "There is no column 99."
    assert len(ids) == ROWS
    with pytest.raises(Refused, match="no column 99"):
        t.view(table[0], next(_views), sort=[{"column": 99}])


SORTS = {
    "int": "df$int",
    "dbl": "ifelse(is.nan(df$dbl), NA, df$dbl)",
    "lgl": "df$lgl",
    "chr": "df$chr",
    "fct": "as.integer(df$fct)",
    "ord": "as.integer(df$ord)",
    "day": "as.numeric(df$day)",
    "when": "as.numeric(df$when)",
    "broken": "as.numeric(as.POSIXct(df$broken))",
    "gap": "as.numeric(df$gap)",
    "latin": "enc2utf8(df$latin)",
    "wide": "ifelse(is_wide_na, NA, df$high * 8 + df$low)",
}


@pytest.mark.parametrize("is_descending", [False, True])
@pytest.mark.parametrize("name", SORTS)
def test_sorts_are_stable_with_missing_last(
    t: Tables, table: tuple[str, dict[str, int]], name: str, is_descending: bool
) -> None:
    number, columns = table
    flag = "TRUE" if is_descending else "FALSE"
    order = f"order({SORTS[name]}, decreasing = {flag}, na.last = TRUE, method = 'radix')"
    ids, _ = rows_of(t, number, sort=[{"column": columns[name], "is_descending": is_descending}])
    reply = t.kernel.run(f"cat(jsonlite::toJSON(df$id[{order}]))")
    assert ids == json.loads(reply.text)


def test_many_keys_and_a_filter(t: Tables, table: tuple[str, dict[str, int]]) -> None:
    number, columns = table
    keys = [{"column": columns["fct"], "is_descending": True}, {"column": columns["wide"]}, {"column": columns["chr"]}]
    present = {"column": columns["int"], "operator": "ge", "values": ["0"]}
    ids, _ = rows_of(t, number, sort=keys, filter={"all": True, "members": [present]})
    reply = t.kernel.run(
        "some <- df[which(df$int >= 0), ]; w <- ifelse(is_wide_na, NA, df$high * 8 + df$low)[which(df$int >= 0)]\n"
        "cat(jsonlite::toJSON(some$id[order(-as.integer(some$fct), w, some$chr, method = 'radix')])); rm(some, w)"
    )
    assert ids == json.loads(reply.text)
    with pytest.raises(Refused, match="cannot be sorted"):
        t.view(number, next(_views), sort=[{"column": columns["list"]}])


def test_labels_vectors_and_matrices_sort_and_filter(t: Tables) -> None:
    t.kernel.run(
        "cars <- mtcars; v <- c(c = 3, a = 1, b = NA); m <- matrix(c(3, 1, 2, 6, 4, 5), 3)\n"
        "arr <- array(1:24, c(4, 3, 2)); l <- list(2, NULL, 'x')"
    )
    cars = t.open("cars").table
    t.view(cars, 1, sort=[{"column": -1}])
    reply = t.kernel.run("cat(jsonlite::toJSON(sort(rownames(mtcars), method = 'radix')))")
    assert t.page(cars, [-1], view=1) == [json.loads(reply.text)]
    v = t.open("v").table
    t.view(v, 1, sort=[{"column": 0, "is_descending": True}])
    assert t.page(v, [-1], view=1) == [["c", "a", "b"]]
    starts = {"column": -1, "operator": "starts", "values": ["a"]}
    assert t.view(v, 2, filter={"all": True, "members": [starts]}).row_count == 1
    m = t.open("m").table
    t.view(m, 1, sort=[{"column": 1}])
    assert t.page(m, [0], view=1) == [[1.0, 2.0, 3.0]]
    arr = t.open("arr").table
    t.ask("table.slice", table=arr, row_axis=2, column_axis=0, fixed=[1])
    t.view(arr, 1, sort=[{"column": 2, "is_descending": True}])
    assert t.page(arr, [0, 2], view=1) == [[17, 5], [19, 7]]
    missing = {"column": 0, "operator": "is_missing"}
    assert t.view(t.open("l").table, 1, filter={"all": True, "members": [missing]}).row_count == 1


def test_empty_tables_sort_and_filter(t: Tables) -> None:
    t.kernel.run("none <- data.frame(a = integer(), b = character())")
    table = t.open("none").table
    one = {"column": 1, "operator": "contains", "values": ["x"]}
    state = t.view(table, 1, sort=[{"column": 0}, {"column": 1}], filter={"all": True, "members": [one]})
    assert state.row_count == 0
    assert t.page(table, [0, 1], view=1) == [[], []]
