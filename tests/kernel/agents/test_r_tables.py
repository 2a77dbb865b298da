"""Tables of the R agent in a real kernel: what they are, their cells, names, axes, and how they follow their object."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ide.core.table import Code
from tests.kernel.agents.conftest import StartKernel
from tests.kernel.agents.harness import AgentKernel
from tests.kernel.agents.r_tables import NA, NAN, NULL, Refused, Said, Tables

CLEAR = "rm(list = ls(all.names = TRUE))\n"


@pytest.fixture
def t(r: AgentKernel) -> Iterator[Tables]:
    """The shared kernel without names of earlier tests."""
    run(r, CLEAR)
    r.ask("variables.sync", full=True)
    tables = Tables(r)
    yield tables
    tables.close()
    run(r, CLEAR)


def run(kernel: AgentKernel, code: str) -> str:
    """Run code that must succeed; what it printed."""
    reply = kernel.run(code)
    assert reply.status == "ok", reply.content
    return reply.text


def told(kernel: AgentKernel, expression: str) -> Any:
    """What R says of an expression."""
    return json.loads(run(kernel, f"cat(jsonlite::toJSON({expression}, digits = NA, na = 'null'))"))


KINDS = """
df <- data.frame(
  int = c(1L, NA, -.Machine$integer.max), dbl = c(0.1 + 0.2, NA, NaN), inf = c(Inf, -Inf, 2^53 + 2),
  lgl = c(TRUE, NA, FALSE), chr = c("a", NA, ""), fct = factor(c("lo", NA, "hi"), levels = c("lo", "hi")),
  z = c(1+2i, NA, -0.5-1i)
)
df$ord <- factor(c("lo", "hi", NA), levels = c("lo", "hi"), ordered = TRUE)
df$day <- as.Date(c("2024-02-29", NA, "0001-01-01"))
df$part <- as.Date(c(0.5, NA, NaN), origin = "1970-01-01")
df$when <- as.POSIXct(c(1e9 + 0.25, NA, -1), origin = "1970-01-01", tz = "Europe/Berlin")
df$local <- as.POSIXct(c(0, NA, 1), origin = "1970-01-01")
df$broken <- as.POSIXlt(df$when)
df$gap <- as.difftime(c(1.5, NA, -2), units = "mins")
df$bytes <- as.raw(c(0, 10, 255))
df$list <- list(NULL, 1:3, "x")
df$grid <- matrix(c(1, 2, NA, 4, 5, 6), 3)
df$inner <- data.frame(a = 1:3, b = c("x", "y", NA))
attr(df$int, "label") <- "How many"
df$lab <- structure(c(1, 2, NA), label = "Sex", labels = c(male = 1, female = 2),
                    class = c("haven_labelled", "vctrs_vctr", "double"))
df$odd <- structure(c(1, 2, 3), class = "mystery")
wide <- function(high, low) {
  words <- as.vector(rbind(as.integer(low), as.integer(high)))
  structure(readBin(writeBin(words, raw()), "double", length(high)), class = "integer64")
}
df$wide <- wide(c(1, -1, -2147483647 - 1), c(5, -1, 0))
"""


@pytest.fixture
def kinds(t: Tables) -> Tables:
    """A frame with a column of every kind."""
    run(t.kernel, KINDS.replace("-2147483647 - 1", "NA"))
    return t


def test_each_kind_of_column_is_told(kinds: Tables) -> None:
    info = kinds.open("df")
    assert (info.title, info.row_count, info.type_name, info.library) == ("df", 3, "data.frame", "r")
    assert (info.dialects, info.expression, info.labels, info.dims) == (("dplyr", "base_r"), "df", (), ())
    columns = kinds.columns(info.table)
    assert [column.index for column in columns] == list(range(info.column_count))
    assert [(c.name, c.kind, c.type_name) for c in columns] == [
        ("int", "number", "integer"),
        ("dbl", "number", "numeric"),
        ("inf", "number", "numeric"),
        ("lgl", "boolean", "logical"),
        ("chr", "text", "character"),
        ("fct", "category", "factor"),
        ("z", "object", "complex"),
        ("ord", "category", "ordered"),
        ("day", "date", "Date"),
        ("part", "date", "Date"),
        ("when", "timestamp", "POSIXct"),
        ("local", "timestamp", "POSIXct"),
        ("broken", "timestamp", "POSIXlt"),
        ("gap", "duration", "difftime (mins)"),
        ("bytes", "binary", "raw"),
        ("list", "nested", "list"),
        ("grid", "nested", "matrix"),
        ("inner", "nested", "data.frame"),
        ("lab", "number", "haven_labelled"),
        ("odd", "number", "mystery"),
        ("wide", "number", "integer64"),
    ]
    by_name = {column.name: column for column in columns}
    assert (by_name["int"].label, by_name["lab"].label) == ("How many", "Sex (1 = male, 2 = female)")
    assert (by_name["fct"].level_count, by_name["fct"].is_ordered, by_name["ord"].is_ordered) == (2, False, True)
    assert (by_name["when"].unit, by_name["when"].zone, by_name["broken"].zone) == (
        "s",
        "Europe/Berlin",
        "Europe/Berlin",
    )
    assert by_name["gap"].unit == "s"
    assert not by_name["day"].unit
    unsorted = [c.name for c in columns if not c.can_sort]
    assert unsorted == ["z", "bytes", "list", "grid", "inner"]
    unedited = [c.name for c in columns if not c.can_edit]
    assert unedited == ["z", "broken", "bytes", "list", "grid", "inner", "lab", "odd", "wide"]


def test_cells_of_each_kind_are_exact(kinds: Tables) -> None:
    info = kinds.open("df")
    names = [column.name for column in kinds.columns(info.table)]
    cells = dict(zip(names, kinds.page(info.table, range(len(names))), strict=True))
    described = [Said(Code.OBJECT, text) for text in ("1, 4", "2, 5", "NA, 6")]
    inner = [Said(Code.OBJECT, text) for text in ("a = 1, b = x", "a = 2, b = y", "a = 3, b = NA")]
    assert cells == {
        "int": [1, NA, -2147483647],
        "dbl": [0.1 + 0.2, NA, NAN],
        "inf": [float("inf"), float("-inf"), 2.0**53 + 2],
        "lgl": [True, NA, False],
        "chr": ["a", NA, ""],
        "fct": ["lo", NA, "hi"],
        "z": ["1+2i", NA, "-0.5-1i"],
        "ord": ["lo", "hi", NA],
        "day": [19782, NA, -719162],
        "part": [0.5, NA, NAN],
        "when": [1e9 + 0.25, NA, -1.0],
        "local": [0.0, NA, 1.0],
        "broken": [1e9 + 0.25, NA, -1.0],
        "gap": [90.0, NA, -120.0],
        "bytes": ["00", "0a", "ff"],
        "list": [NULL, Said(Code.OBJECT, "integer [3]: 1 2 3"), "x"],
        "grid": described,
        "inner": inner,
        "lab": [1.0, 2.0, NA],
        "odd": [1.0, 2.0, 3.0],
        "wide": [4294967301, -1, NA],
    }
    encodings = {
        names[index]: cells.encoding for index, (cells, _) in kinds.cells(info.table, range(len(names))).items()
    }
    assert encodings["int"] == encodings["day"] == "int32"
    assert encodings["wide"] == "int64"
    assert encodings["lgl"] == "bool"


def test_times_past_all_bounds_travel_as_text(t: Tables) -> None:
    run(
        t.kernel,
        "d <- structure(c(Inf, 0, NA), class = 'Date')\n"
        "p <- structure(c(-Inf, 0.5), class = c('POSIXct', 'POSIXt'), tzone = 'UTC')",
    )
    assert t.column("d") == ["inf", "1970-01-01", NA]
    assert t.column("p") == ["-inf", "1970-01-01T00:00:00.5+00:00"]


def test_text_is_made_valid_and_cut(t: Tables) -> None:
    run(
        t.kernel,
        r"""bad <- c("\xff\xfe", "caf\xe9", "z\u00fcrich", "\U1F600", strrep("\u00e9", 300), strrep("x", 200))
        Encoding(bad[2]) <- "latin1"; Encoding(bad[1]) <- "bytes"; many <- strrep("ab", 5e6)""",
    )
    assert t.column("bad") == ["<ff><fe>", "café", "zürich", "\U0001f600", Said(Code.CUT, "é" * 200), "x" * 200]
    assert t.column("many") == [Said(Code.CUT, "ab" * 100)]
    whole = t.ask("table.cell", table=t.open("bad").table, row=4, column=0)
    assert (whole.text, whole.length, whole.is_cut) == ("é" * 300, 300, False)
    cut = t.ask("table.cell", table=t.open("many").table, row=0, column=0)
    assert (len(cut.text), cut.length, cut.is_cut) == (1_000_000, 10_000_000, True)


def test_texts_in_other_encodings_are_found_as_they_are_shown(t: Tables) -> None:
    run(
        t.kernel,
        r"""odd <- rep(c("\xff\xfe", "caf\xe9", "caf\u00e9", "caf\xc3\xa9", "plain", NA), 3)
        Encoding(odd[c(2, 8, 14)]) <- "latin1"; Encoding(odd[c(1, 4)]) <- "bytes" """,
    )
    table, shown = t.open("odd").table, t.column("odd")
    assert shown[:6] == ["<ff><fe>", "café", "café", "café", "plain", NA]
    cases = [
        ("eq", "café"), ("ne", "café"), ("eq", "<ff><fe>"), ("ne", "plain"), ("eq", "plain"), ("in", "café"),
        ("not_in", "<ff><fe>"), ("contains", "é"), ("starts", "<ff>"),
    ]  # fmt: skip
    fits = {
        "eq": str.__eq__, "ne": str.__ne__, "in": str.__eq__, "not_in": str.__ne__,
        "contains": str.__contains__, "starts": str.startswith,
    }  # fmt: skip
    for number, (operator, value) in enumerate(cases, 1):
        wish = {"column": 0, "operator": operator, "values": [value]}
        found = t.view(table, number, filter={"all": True, "members": [wish]})
        wanted = [text for text in shown if isinstance(text, str) and fits[operator](text, value)]
        assert t.page(table, [0], 0, 20, view=number)[0] == wanted, (operator, value)
        assert found.row_count == len(wanted)
    t.view(table, 50, sort=[{"column": 0, "is_descending": False}])
    ordered = sorted(text for text in shown if isinstance(text, str))
    assert t.page(table, [0], 0, 20, view=50)[0] == [*ordered, NA, NA, NA]


def test_requests_leave_the_compiler_as_it_was(t: Tables) -> None:
    run(t.kernel, "level <- compiler::enableJIT(2L); l <- list(1, NULL)")
    try:
        profile = {"view": 0, "column": 0, "is_exact": False, "bins": 20, "top": 10}
        t.ask("table.profile", table=t.open("l").table, **profile)
        with pytest.raises(Refused):
            t.ask("table.page", table="none", view=0, first=0, end=1, columns=[0])
        assert t.kernel.run("cat(compiler::enableJIT(-1L))").text == "2"
    finally:
        run(t.kernel, "invisible(compiler::enableJIT(level))")


def test_corrupt_factors_have_missing_values(t: Tables) -> None:
    run(t.kernel, "f <- structure(c(1L, 0L, 7L, NA, 2L), levels = c('a', NA), class = 'factor')")
    assert t.column("f") == ["a", NA, NA, NA, NA]
    run(t.kernel, "bare <- structure(1:2, class = 'factor')")
    assert t.column("bare") == [NA, NA]
    is_a = {"column": 0, "operator": "eq", "values": ["a"]}
    assert t.view(t.open("bare").table, 1, filter={"all": True, "members": [is_a]}).row_count == 0
    assert t.view(t.open("f").table, 1, filter={"all": True, "members": [is_a]}).row_count == 1


@pytest.mark.parametrize(
    ("code", "shape", "type_name"),
    [
        ("x <- data.frame()", (0, 0), "data.frame"),
        ("x <- data.frame(row.names = 1:3)", (3, 0), "data.frame"),
        ("x <- data.frame(a = integer(), b = character())", (0, 2), "data.frame"),
        ("x <- tibble::tibble(a = 1:3)", (3, 1), "tbl_df"),
        ("x <- data.table::data.table(a = 1:3, b = 'x')", (3, 2), "data.table"),
        ("x <- dplyr::group_by(tibble::tibble(a = 1:3, g = 'x'), g)", (3, 2), "grouped_df"),
        ("x <- matrix(1:6, 2)", (2, 3), "matrix"),
        ("x <- matrix(list(1, 'a', NULL, 4), 2)", (2, 2), "matrix"),
        ("x <- matrix(0, 0, 3)", (0, 3), "matrix"),
        ("x <- table(c('a', 'b', 'a'))", (2, 1), "table"),
        ("x <- table(c('a', 'b'), c('u', 'u'))", (2, 1), "table"),
        ("x <- array(0, c(2, 3, 4))", (2, 3), "array"),
        ("x <- 1:1e9", (1_000_000_000, 1), "integer"),
        ("x <- c(a = 1, b = 2)", (2, 1), "numeric"),
        ("x <- character()", (0, 1), "character"),
        ("x <- list(1, 'a', NULL)", (3, 1), "list"),
        ("x <- factor('a')", (1, 1), "factor"),
        ("x <- as.POSIXlt(c(0, 1), origin = '1970-01-01', tz = 'UTC')", (2, 1), "POSIXlt"),
        ("x <- ts(1:5)", (5, 1), "ts"),
        ("x <- lm(mpg ~ wt, mtcars)", (12, 1), "lm"),
        ("x <- as.list(function(a, b = 2) NULL)", (3, 1), "list"),
    ],
)
def test_shapes(t: Tables, code: str, shape: tuple[int, int], type_name: str) -> None:
    run(t.kernel, code)
    info = t.open("x")
    assert (info.row_count, info.column_count, info.type_name) == (*shape, type_name)
    columns = t.columns(info.table)
    assert len(columns) == shape[1]
    page = t.page(info.table, range(shape[1]), max(0, shape[0] - 3), shape[0])
    assert [len(column) for column in page] == [min(3, shape[0])] * shape[1]


@pytest.mark.parametrize("code", ["x <- mean", "x <- quote(a + b)", "x <- new.env()", "x <- y ~ z", "x <- NULL"])
def test_what_is_no_table_is_refused_in_words(t: Tables, code: str) -> None:
    run(t.kernel, code)
    with pytest.raises(Refused, match="no rows and columns") as refused:
        t.open("x")
    assert refused.value.code == "not_possible"
    with pytest.raises(Refused, match="no variable nothing"):
        t.open("nothing")


def test_row_labels(t: Tables) -> None:
    run(
        t.kernel,
        "cars <- mtcars[1:3, 1:2]; some <- data.frame(a = 1:5)[c(4, 2), , drop = FALSE]; plain <- data.frame(a = 1:2)\n"
        "v <- c(x = 1, y = 2); m <- matrix(1:4, 2, dimnames = list(who = c('p', 'q'), what = c('a', 'b')))",
    )
    cars = t.open("cars")
    assert [(c.index, c.kind) for c in cars.labels] == [(-1, "text")]
    assert t.page(cars.table, [-1, 0]) == [["Mazda RX4", "Mazda RX4 Wag", "Datsun 710"], [21.0, 21.0, 22.8]]
    some = t.open("some")
    assert [(c.index, c.kind) for c in some.labels] == [(-1, "number")]
    assert t.page(some.table, [-1, 0]) == [[4, 2], [4, 2]]
    assert t.open("plain").labels == ()
    assert t.page(t.open("v").table, [-1, 0]) == [["x", "y"], [1.0, 2.0]]
    m = t.open("m")
    assert [c.name for c in m.labels] == ["who"]
    assert [c.name for c in t.columns(m.table)] == ["a", "b"]
    assert t.page(m.table, [-1, 1]) == [["p", "q"], [3, 4]]
    with pytest.raises(Refused, match="no column"):
        t.page(t.open("plain").table, [-1])


def test_strange_names_have_code(t: Tables) -> None:
    run(
        t.kernel,
        "df <- data.frame(1, 2, 3, 4, 5, 6); names(df) <- c('a', 'a', '', NA, 'back`tick', 'sp ace')\n"
        "m <- matrix(1:4, 2); `odd name` <- data.frame(a = 1)",
    )
    columns = t.columns(t.open("df").table)
    assert [(c.name, c.name_code) for c in columns] == [
        ("a", "1L"),
        ("a", "2L"),
        ("", "3L"),
        ("NA", "4L"),
        ("back`tick", ""),
        ("sp ace", ""),
    ]
    assert [(c.name, c.name_code) for c in t.columns(t.open("m").table)] == [("[,1]", "1L"), ("[,2]", "2L")]
    assert t.open("odd name").expression == "`odd name`"


def test_page_has_bounds(t: Tables) -> None:
    run(t.kernel, "df <- as.data.frame(matrix(1:10000, 5000, 2))")
    table = t.open("df").table
    assert t.page(table, [1], 4998, 6000) == [[9999, 10000]]
    assert t.page(table, [1], 6000, 6100) == [[]]
    assert t.page(table, [], 0, 10) == []
    for request in ({"first": 0, "end": 2001, "columns": [0]}, {"first": 0, "end": 1000, "columns": [0] * 101}):
        with pytest.raises(Refused, match="more than a page"):
            t.ask("table.page", table=table, **request)
    with pytest.raises(Refused, match="no column 2"):
        t.page(table, [2])


def test_arrays_are_sliced(t: Tables) -> None:
    run(t.kernel, "x <- array(1:120, c(2, 3, 4, 5), dimnames = list(NULL, letters[1:3], NULL, LETTERS[1:5]))")
    info = t.open("x")
    assert (info.dims, info.row_axis, info.column_axis, info.fixed) == ((2, 3, 4, 5), 0, 1, (0, 0))
    assert "slice" in info.features
    for row_axis, column_axis, fixed, expression in [
        (0, 1, [3, 4], "x[, , 4, 5]"),
        (3, 0, [2, 1], "t(x[, 3, 2, ])"),
        (2, 3, [1, 0], "x[2, 1, , ]"),
    ]:
        info = t.ask("table.slice", table=info.table, row_axis=row_axis, column_axis=column_axis, fixed=fixed)
        page = t.page(info.table, range(info.column_count))
        assert page == told(t.kernel, f"t({expression})")
        assert (info.row_count, info.column_count) == (len(page[0]), len(page))
    info = t.ask("table.slice", table=info.table, row_axis=3, column_axis=1, fixed=[0, 0])
    assert t.page(info.table, [-1]) == [list("ABCDE")]
    assert [c.name for c in t.columns(info.table)] == ["a", "b", "c"]
    for bad in (
        {"row_axis": 0, "column_axis": 0, "fixed": [0, 0, 0]},
        {"row_axis": 0, "column_axis": 1, "fixed": [4, 0]},
    ):
        with pytest.raises(Refused):
            t.ask("table.slice", table=info.table, **bad)


def test_many_columns_cost_what_is_asked_for(t: Tables) -> None:
    run(t.kernel, "df <- as.data.frame(matrix(0.5, 50, 5000)); df$V5000 <- 1:50")
    info = t.open("df")
    assert info.column_count == 5000
    t.sync()
    run(t.kernel, "df$V4000[3] <- 7")
    assert changes(t) == [(info.table, "data")]
    run(t.kernel, "df$V4000 <- 'text'")
    assert changes(t) == [(info.table, "schema")]
    assert [c.name for c in t.columns(info.table, 4998, 5000)] == ["V4999", "V5000"]
    answered = t.raw("table.page", table=info.table, first=0, end=50, columns=list(range(4970, 5000)))
    assert sum(map(len, answered.buffers)) == 29 * 50 * 8 + 50 * 4
    assert len(json.dumps(answered.result)) < 3000


def test_parts_of_values_open_too(t: Tables) -> None:
    run(t.kernel, "l <- list(a = 1, df = data.frame(x = c(1, 2), y = 'u')); e <- new.env(); e$m <- matrix(1:4, 2)")
    t.sync()
    info = t.open("l", "i2:df")
    assert (info.title, info.expression, info.row_count, info.column_count) == ("l$df", "l$df", 2, 2)
    assert t.page(info.table, [0]) == [[1.0, 2.0]]
    done = t.ask("table.edit", table=info.table, row=1, column=0, text="7")
    assert done.code == "l$df$x[2] <- 7"
    assert told(t.kernel, "l$df$x") == [1, 7]
    t.ask("table.undo", table=info.table, undo=done.undo)
    assert t.page(t.open("e", "em").table, [1]) == [[3, 4]]
    run(t.kernel, "l$df$x[1] <- 5")
    assert (info.table, "data") in changes(t)
    run(t.kernel, "l$df <- NULL")
    assert (info.table, "gone") in changes(t)
    with pytest.raises(Refused):
        t.open("l", "i2:df")


def test_single_cells_are_whole(kinds: Tables) -> None:
    table = kinds.open("df").table
    names = [column.name for column in kinds.columns(table)]

    def cell(name: str, row: int) -> Any:
        return kinds.ask("table.cell", table=table, row=row, column=names.index(name))

    assert (cell("dbl", 0).text, cell("dbl", 1).code, cell("dbl", 2).code) == ("0.30000000000000004", 1, 2)
    assert (cell("wide", 0).text, cell("when", 0).text) == ("4294967301", "2001-09-09T03:46:40.25+02:00")
    assert (cell("day", 2).text, cell("gap", 0).text) == ("0001-01-01", "90")
    nested = cell("list", 1)
    assert (nested.text, nested.type_name, nested.code, nested.tree) == ("1, 2, 3", "integer", 8, "[1,2,3]")
    assert cell("list", 0).code == Code.NULL
    run(
        kinds.kernel,
        "l <- list(list(a = 1, b = list(TRUE, NA, NULL), c = c(x = 'u', y = NA), d = Inf), strrep('x', 500))",
    )
    table = kinds.open("l").table
    deep = kinds.ask("table.cell", table=table, row=0, column=0)
    assert json.loads(deep.tree) == {"a": 1, "b": [True, None, None], "c": {"x": "u", "y": None}, "d": "inf"}
    assert kinds.ask("table.cell", table=table, row=1, column=0).text == "x" * 500


def test_find_goes_on_row_by_row(t: Tables) -> None:
    run(
        t.kernel,
        "df <- data.frame(a = c('Apple', 'pear', 'apple'), n = c(12.5, 3, 1e6), f = factor(c('x', 'pineAPPLE', 'y')),\n"
        "  d = as.Date(c('2024-01-31', NA, '2023-01-31')))",
    )
    table = t.open("df").table

    def find(text: str, row: int = 0, column: int = 0, **options: Any) -> tuple[int, int]:
        found = t.ask("table.find", table=table, text=text, row=row, column=column, **options)
        return found.row, found.column

    assert find("apple") == (0, 0)
    assert find("apple", 0, 1) == (1, 2)
    assert find("apple", 1, 3) == (2, 0)
    assert find("apple", 2, 1) == (-1, 0)
    assert find("apple", is_case_sensitive=True) == (2, 0)
    assert find("2.5") == (0, 1)
    assert find("01-31", 1) == (2, 3)
    assert find("^P", is_regex=True) == (1, 0)
    assert find("^p", 0, 1, is_regex=True, is_case_sensitive=True) == (1, 0)
    with pytest.raises(Refused, match="not a regular expression"):
        find("(", is_regex=True)
    run(t.kernel, "big <- data.frame(x = sprintf('row %d', 1:50000)); big$x[40000] <- 'needle'")
    table = t.open("big").table
    t.view(table, 1, sort=[{"column": 0, "is_descending": True}])
    found = t.ask("table.find", table=table, view=1, text="needle", row=0, column=0)
    assert t.page(table, [0], found.row, found.row + 1, view=1) == [["needle"]]


def test_find_stops_after_a_second(t: Tables) -> None:
    run(t.kernel, "big <- data.frame(a = as.character(1:3e6), b = as.character(1:3e6))")
    table = t.open("big").table
    found = t.ask("table.find", table=table, text="nowhere", row=0, column=0)
    steps = 1
    while found.next_row >= 0:
        assert found.next_row > 0
        found = t.ask("table.find", table=table, text="nowhere", row=found.next_row, column=0)
        steps += 1
    assert found.row == -1
    assert steps > 1


# ---- following -------------------------------------------------------------------------------------------------------


def changes(t: Tables) -> list[tuple[str, str]]:
    return [(params["table"], params["change"]) for _, params in t.sync()]


def test_tables_follow_their_object(t: Tables) -> None:
    run(t.kernel, "df <- data.frame(a = 1:3, b = c('x', 'y', 'z')); other <- data.frame(q = 1)")
    t.sync()
    info = t.open("df")
    table = info.table
    t.page(table, [0, 1])
    run(t.kernel, "other$q <- 2; sum(df$a); nrow(df)")
    assert changes(t) == []
    run(t.kernel, "df$a[2] <- 20L")
    assert changes(t) == [(table, "data")]
    assert t.page(table, [0])[0] == [1, 20, 3]
    run(t.kernel, "df <- rbind(df, data.frame(a = 4L, b = 'w'))")
    with pytest.raises(Refused) as refused:
        t.page(table, [0])
    assert refused.value.code == "out_of_date"
    ((_, params),) = t.sync()
    assert (params["change"], params["info"]["row_count"]) == ("data", 4)
    assert params["version"] == 2
    run(t.kernel, "df$c <- 1.5")
    ((_, params),) = t.sync()
    assert (params["change"], params["info"]["column_count"]) == ("schema", 3)
    run(t.kernel, "df$c <- 'text'")
    assert changes(t) == [(table, "schema")]
    run(t.kernel, "names(df)[1] <- 'renamed'")
    assert changes(t) == [(table, "schema")]
    run(t.kernel, "df <- 1:3")
    assert changes(t) == [(table, "schema")]
    run(t.kernel, "rm(df)")
    assert changes(t) == [(table, "gone")]
    assert changes(t) == []
    with pytest.raises(Refused, match="no variable df"):
        t.page(table, [0])
    run(t.kernel, "df <- data.frame(a = 1:3)")
    assert changes(t) == [(table, "schema")]
    assert t.page(table, [0]) == [[1, 2, 3]]
    t.ask("table.close", table=table)
    run(t.kernel, "df$a[1] <- 7L")
    assert changes(t) == []
    with pytest.raises(Refused, match="not open"):
        t.page(table, [0])


def test_changes_in_place_are_seen(t: Tables) -> None:
    run(t.kernel, "dt <- data.table::data.table(a = 1:5, b = letters[1:5]); hidden <- dt; x <- c(1, 2, 3)")
    t.sync()
    dt, x = t.open("dt").table, t.open("x").table
    t.page(dt, [0, 1])
    run(t.kernel, "dt[2, a := 99L]")
    assert changes(t) == [(dt, "data")]
    assert t.page(dt, [0]) == [[1, 99, 3, 4, 5]]
    run(t.kernel, "data.table::set(hidden, 3L, 'a', 77L)")
    assert changes(t) == [(dt, "data")]
    run(t.kernel, "dt[, c := 1]")
    assert changes(t) == [(dt, "schema")]
    run(t.kernel, "x[2] <- 20")
    assert changes(t) == [(x, "data")]
    run(t.kernel, "dt[, .(n = .N)]; head(x)")
    assert changes(t) == []


def test_views_are_dropped_with_the_data_they_are_of(t: Tables) -> None:
    run(t.kernel, "df <- data.frame(a = c(3, 1, 2))")
    t.sync()
    table = t.open("df").table
    t.view(table, 1, sort=[{"column": 0}])
    assert t.page(table, [0], view=1) == [[1.0, 2.0, 3.0]]
    run(t.kernel, "df$a[1] <- 0")
    assert changes(t) == [(table, "data")]
    with pytest.raises(Refused) as refused:
        t.page(table, [0], view=1)
    assert refused.value.code == "out_of_date"
    t.view(table, 2, sort=[{"column": 0}])
    assert t.page(table, [0], view=2) == [[0.0, 1.0, 2.0]]
    with pytest.raises(Refused) as refused:
        t.view(table, 1, sort=[])
    assert refused.value.code == "out_of_date"


# ---- View ------------------------------------------------------------------------------------------------------------


def shown(kernel: AgentKernel, code: str) -> dict[str, Any]:
    reply = kernel.run(code)
    assert reply.status == "ok", reply.content
    events = [one for one in reply.events if one.get("event") == "table.show"]
    assert len(events) == 1, reply.messages
    event = events[0]
    params: dict[str, Any] = event["params"]
    return params


def test_view_opens_a_table_in_the_window(t: Tables) -> None:
    run(
        t.kernel,
        "invisible(gc()); df <- data.frame(a = 1:3); f <- function() { df <- data.frame(inner = 9L); View(df) }",
    )
    assert shown(t.kernel, "View(df)") == {"path": ["df"], "title": "df"}
    assert shown(t.kernel, "utils::View(df, 'My title')") == {"path": ["df"], "title": "My title"}
    assert shown(t.kernel, "df |> View()")["path"] == ["df"]
    inner = shown(t.kernel, "f()")
    assert inner["title"] == "df"
    assert t.page(t.open(*inner["path"]).table, [0]) == [[9]]
    part = shown(t.kernel, "View(df[df$a > 1, , drop = FALSE])")
    info = t.open(*part["path"])
    assert (part["title"], info.title, info.expression) == ("df[df$a > 1, , drop = FALSE]",) * 2 + ("",)
    assert t.page(info.table, [0]) == [[2, 3]]
    assert "edit" not in info.features
    t.ask("table.close", table=info.table)
    with pytest.raises(Refused, match="not kept"):
        t.open(*part["path"])
    promised = shown(t.kernel, "data(iris); View(iris)")
    assert (promised["path"], t.open("iris").row_count) == (["iris"], 150)
    assert t.kernel.run("View(mean)").status == "error"


def test_kept_values_are_bounded(t: Tables) -> None:
    first = shown(t.kernel, "View(data.frame(a = 0L))")
    opened = t.open(*first["path"])
    paths = [shown(t.kernel, f"View(data.frame(a = {n}L))")["path"] for n in range(25)]
    with pytest.raises(Refused, match="not kept"):
        t.open(*paths[0])
    assert t.page(t.open(*paths[-1]).table, [0]) == [[24]]
    assert t.page(opened.table, [0]) == [[0]]


# ---- edits -----------------------------------------------------------------------------------------------------------

EDITS = [
    ("df <- data.frame(x = c(1, 2))", 1, 0, "4.5", "df$x[2] <- 4.5", "df$x[2]"),
    ("df <- data.frame(x = 1:2)", 1, 0, "-7", "df$x[2] <- -7L", "df$x[2]"),
    ("df <- data.frame(x = c(TRUE, NA))", 1, 0, "true", "df$x[2] <- TRUE", "df$x[2]"),
    ("df <- tibble::tibble(`a b` = c('x', 'y'))", 0, 0, 'q"\\\n', 'df$`a b`[1] <- "q\\"\\\\\\n"', "df[[1]][1]"),
    ("df <- data.frame(1, 'é'); names(df) <- c('a', 'a')", 0, 1, "ü", 'df[[2L]][1] <- "ü"', "df[[2]][1]"),
    ("df <- data.frame(f = factor(c('u', 'v')))", 0, 0, "v", 'df$f[1] <- "v"', "as.character(df$f[1])"),
    ("df <- data.frame(d = as.Date('2024-01-01'))", 0, 0, "2024-02-29", 'df$d[1] <- as.Date("2024-02-29")', "c(df$d)"),
    (
        "df <- data.frame(p = as.POSIXct(0, origin = '1970-01-01', tz = 'Europe/Berlin'))",
        0,
        0,
        "2024-07-01T12:30",
        'df$p[1] <- as.POSIXct("2024-07-01 12:30:00", tz = "Europe/Berlin")',
        "as.numeric(df$p[1])",
    ),
    (
        "df <- data.frame(g = as.difftime(1, units = 'mins'))",
        0,
        0,
        "90",
        'df$g[1] <- as.difftime(1.5, units = "mins")',
        "as.numeric(df$g[1])",
    ),
    ("df <- tibble::tibble(x = c(1, 2))", 0, 0, "1e300", "df$x[1] <- 1e+300", "df$x[1]"),
    ("df <- dplyr::group_by(tibble::tibble(x = 1:2, g = 1), g)", 0, 0, "5", "df$x[1] <- 5L", "df$x[1]"),
    ("df <- data.table::data.table(x = 1:2)", 1, 0, "5", 'data.table::set(df, i = 2L, j = "x", value = 5L)', "df$x[2]"),
    ("df <- matrix(c(1, 2, 3, 4), 2)", 1, 1, "9", "df[2, 2] <- 9", "df[2, 2]"),
    ("df <- c(a = 1, b = 2)", 1, 0, "9", "df[2] <- 9", "df[2]"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "row", "column", "text", "expected", "read"), EDITS, ids=[one[4] for one in EDITS])
def test_edits_are_code_and_can_be_taken_back(
    t: Tables, code: str, row: int, column: int, text: str, expected: str, read: str
) -> None:
    run(t.kernel, code + "; before <- df")
    info = t.open("df")
    assert "edit" in info.features
    before = t.page(info.table, [column])
    old = told(t.kernel, read)
    done = t.ask("table.edit", table=info.table, row=row, column=column, text=text)
    assert done.code == expected
    new = told(t.kernel, read)
    assert new != old
    assert t.ask("table.cell", table=info.table, row=row, column=column).text == done.text
    run(t.kernel, code + f"\n{done.code}")
    assert told(t.kernel, read) == new
    t.ask("table.undo", table=info.table, undo=done.undo)
    assert told(t.kernel, read) == old
    assert t.page(info.table, [column]) == before
    with pytest.raises(Refused, match="cannot be taken back"):
        t.ask("table.undo", table=info.table, undo=done.undo)


def test_edits_of_missing_values_and_views(t: Tables) -> None:
    run(t.kernel, "df <- data.frame(x = c(3, NaN, NA), s = c('b', NA, 'a'))")
    table = t.open("df").table
    t.view(table, 1, sort=[{"column": 1}])
    done = t.ask("table.edit", table=table, view=1, row=1, column=0, text="", is_missing=True)
    assert done.code == "df$x[1] <- NA"
    back = t.ask("table.undo", table=table, undo=done.undo)
    assert back.code == "df$x[1] <- 3"
    done = t.ask("table.edit", table=table, row=1, column=0, text="8")
    assert t.ask("table.undo", table=table, undo=done.undo).code == "df$x[2] <- NaN"
    done = t.ask("table.edit", table=table, row=1, column=1, text="")
    assert done.code == 'df$s[2] <- ""'
    assert t.ask("table.undo", table=table, undo=done.undo).code == "df$s[2] <- NA"
    assert t.page(table, [0, 1]) == [[3.0, NAN, NA], ["b", NA, "a"]]


@pytest.mark.parametrize(
    ("code", "text", "message"),
    [
        ("df <- data.frame(x = 1)", "abc", "“abc” is not a number"),
        ("df <- data.frame(x = 1L)", "4.5", "not a whole number"),
        ("df <- data.frame(x = TRUE)", "maybe", "neither true nor false"),
        ("df <- data.frame(x = factor('a'))", "b", "not one of the categories"),
        ("df <- data.frame(x = as.Date('2024-01-01'))", "2024-02-30", "no day"),
        ("df <- data.frame(x = I(list(1)))", "2", "cannot be edited"),
        ("df <- structure(list(x = 1), class = c('mine', 'data.frame'), row.names = 1L)", "2", "cannot be edited"),
        ("df <- data.frame(x = 1); lockBinding('df', globalenv())", "2", "locked"),
    ],
)
def test_edits_that_cannot_be_are_refused_in_words(t: Tables, code: str, text: str, message: str) -> None:
    run(t.kernel, code)
    table = t.open("df").table
    before = t.page(table, [0])
    with pytest.raises(Refused, match=message) as refused:
        t.ask("table.edit", table=table, row=0, column=0, text=text)
    assert refused.value.code == "not_possible"
    assert t.page(table, [0]) == before


def test_an_edit_is_not_taken_back_over_a_newer_value(t: Tables) -> None:
    run(t.kernel, "df <- data.frame(x = c(1, 2))")
    table, second = t.open("df").table, t.open("df").table
    answered = t.raw("table.edit", table=table, row=0, column=0, text="5")
    assert [(name, params["table"], params["change"]) for name, params in answered.events] == [
        ("table.changed", second, "data")
    ]
    run(t.kernel, "df$x[1] <- 6")
    with pytest.raises(Refused, match="another value"):
        t.ask("table.undo", table=table, undo=answered.result["undo"])
    assert told(t.kernel, "df$x[1]") == [6]


# ---- the road --------------------------------------------------------------------------------------------------------


def test_buffers_travel_as_text_where_they_must(start: StartKernel, tmp_path: Path) -> None:
    kernel = start("r", tmp_path, with_agent=False)
    run(
        kernel,
        "env <- asNamespace('pbdZMQ'); unlockBinding('zmq.send.multipart', env)\n"
        "env$zmq.send.multipart <- NULL; rm(env)",
    )
    kernel.send_agent()
    t = Tables(kernel)
    run(kernel, "df <- data.frame(a = c(1.5, NA, NaN), b = c('x', 'é', NA))")
    table = t.open("df").table
    answered = t.raw("table.page", table=table, first=0, end=3, columns=[0, 1])
    assert answered.buffers == []
    assert len(answered.result["inline"]) == 5
    assert t.page(table, [0, 1]) == [[1.5, NA, NAN], ["x", "é", NA]]
    assert t.ask("table.profile", table=table, column=0).rows_looked_at == 3


def test_requests_are_read_as_they_were_sent(t: Tables) -> None:
    run(t.kernel, "df <- data.frame(s = c('NA', NA, 'b')); `NA` <- data.frame(a = 1L)")
    table = t.open("df").table
    state = t.view(table, 1, filter={"all": True, "members": [{"column": 0, "operator": "eq", "values": ["NA"]}]})
    assert (state.row_count, state.problems) == (1, ())
    assert t.page(table, [0], view=1) == [["NA"]]
    assert t.open("NA").row_count == 1
    assert t.view(table, 2, filter=None).row_count == 3
    assert t.ask("cancel", request=1) is not None


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("table.open", {"path": []}, "bad_params"),
        ("table.open", {"path": ["df", 1]}, "bad_params"),
        ("table.page", {"table": "t0", "first": 0, "end": 1, "columns": [0]}, "not_possible"),
        ("table.page", {"table": "t0", "first": 0, "end": 1, "columns": "x"}, "bad_params"),
        ("table.view", {"table": "t0", "view": "one"}, "bad_params"),
    ],
)
def test_bad_requests_are_refused(t: Tables, method: str, params: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        t.raw(method, **params)
    assert refused.value.code == code
