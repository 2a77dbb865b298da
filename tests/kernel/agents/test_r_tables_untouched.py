"""R's tables run nothing of the user's, copy nothing, keep nothing, and cost what is asked for, not what is there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.kernel.agents.conftest import StartKernel
from tests.kernel.agents.harness import AgentKernel
from tests.kernel.agents.r_tables import Refused, Said, Tables

HOSTILE = """
canary <- "{canary}"
sing <- function(...) {{ cat("sung\\n", file = canary, append = TRUE); cat("SUNG\\n"); stop("sung") }}
delayedAssign("promised", sing())
makeActiveBinding("active", function(v) sing(), globalenv())
evil <- function(x, ...) structure(x, class = c("evil", ...))
e_frame <- evil(list(a = c(2, 1, NA), b = c("x", "y", NA)), "data.frame")
attr(e_frame, "row.names") <- c("p", "q", "r")
e_inside <- structure(list(
  num = evil(c(2, 1, NA)), int = evil(3:1), txt = evil(c("b", "a", NA)), lgl = evil(c(TRUE, NA, FALSE)),
  fct = evil(c(1L, 2L, NA), "factor"), day = evil(c(1, 2, NA), "Date"), when = evil(c(1, 2, NA), "POSIXct", "POSIXt"),
  gap = evil(c(1, 2, NA), "difftime"), lst = evil(list(1, evil(1:2), NULL)), mat = evil(matrix(1:6, 3)),
  inner = evil(list(a = evil(1:3)), "data.frame"), z = evil(c(1i, NA, 2i)), raw = evil(as.raw(1:3))
), class = "data.frame", row.names = c(NA, -3L))
attr(e_inside$fct, "levels") <- c("u", "v")
attr(e_inside$gap, "units") <- evil("mins")
attr(e_inside$num, "label") <- evil("label")
attr(e_inside$num, "labels") <- structure(evil(1), names = "one")
e_matrix <- evil(matrix(c(2, 1, 3, 4), 2, dimnames = list(evil(c("r", "s")), c("a", "b"))))
e_list <- list(evil(1:3), function() sing(), new.env(), quote(sing()), evil(list(1)))
delayedAssign("inner", sing(), assign.env = e_list[[3]])
e_names <- structure(list(1:3), names = evil("a"), class = "data.frame", row.names = c(NA, -3L))
setClass("EvilS4", representation(slot = "numeric"))
suppressWarnings({{
  setMethod("length", "EvilS4", function(x) sing()); setMethod("show", "EvilS4", function(object) sing())
}})
e_column <- structure(list(s = new("EvilS4", slot = 1)), class = "data.frame", row.names = c(NA, -1L))
e_s4 <- new("EvilS4", slot = 1)
e_vector <- evil(1:3)
for (generic in c(
  "length", "print", "format", "names", "dim", "as.character", "[", "[[", "$", "str", "summary", "levels", "nchar",
  "as.list", "unique", "sort", "toString", "dimnames", "is.na", "rep", "seq_along", "unlist", "as.numeric", "as.double",
  "as.integer", "as.vector", "as.data.frame", "row.names", "xtfrm", "order", "duplicated", "anyNA", "mean", "median",
  "quantile", "range", "Ops", "Math", "Summary", "Complex", "c", "[<-", "[[<-", "$<-", "nrow", "ncol", "t", "cut",
  "match", "is.numeric", "units", "within", "mtfrm"
)) {{
  assign(paste0(generic, ".evil"), sing)
  tryCatch(registerS3method(generic, "evil", sing), error = function(e) NULL)
}}
for (generic in c("format", "as.character", "xtfrm", "mean", "median", "quantile", "is.na", "[", "sort", "unique")) {{
  for (class in c("Date", "POSIXct", "POSIXlt", "factor", "difftime")) assign(paste0(generic, ".", class), sing)
}}
invisible(if (file.exists(canary)) file.remove(canary))
"""


def all_of(t: Tables, name: str) -> None:
    """Everything that can be asked of a table, whatever comes of it."""

    def ask(method: str, **params: Any) -> Any:
        try:
            return t.ask(method, **params)
        except Refused as refused:
            if refused.code not in ("not_possible", "out_of_date"):
                raise
            return None

    info = ask("table.open", path=[name])
    if info is None:
        return
    table = info.table
    columns = ask("table.columns", table=table, first=0, end=50).columns
    indexes = [column.index for column in columns] + [column.index for column in info.labels]
    t.page(table, indexes)
    view = 0
    for column in columns:
        one = {"column": column.index, "operator": "is_missing"}
        group = {"all": True, "members": [one]}
        equal = {"column": column.index, "operator": "in", "values": ["1", None]}
        for spec in (
            {"sort": [{"column": column.index}]},
            {"filter": group},
            {"filter": {"all": False, "members": [equal]}},
        ):
            view += 1
            ask("table.view", table=table, view=view, **spec)
        for exact in (False, True):
            ask("table.profile", table=table, column=column.index, is_exact=exact)
        ask("table.values", table=table, column=column.index, search="a")
        for row in range(min(3, info.row_count)):
            ask("table.cell", table=table, row=row, column=column.index)
    ask("table.missing", table=table, columns=indexes)
    ask("table.find", table=table, text="1", row=0, column=0)
    ask("table.find", table=table, text="nowhere", row=0, column=0)
    t.sync()
    ask("table.close", table=table)


def test_bytes_are_those_of_the_cells_asked_for(r: AgentKernel) -> None:
    t = Tables(r)
    r.run("small <- data.frame(a = as.numeric(1:1000), s = 'abc'); wide <- small[rep(1:1000, 100), ]")
    for name in ("small", "wide"):
        answered = t.raw("table.page", table=t.open(name).table, first=100, end=200, columns=[0, 1])
        assert [len(buffer) for buffer in answered.buffers] == [800, 300, 400]
    t.close()


def test_hostile_values_run_nothing(start: StartKernel, tmp_path: Path) -> None:
    kernel = start("r", tmp_path)
    canary = tmp_path / "canary"
    reply = kernel.run(HOSTILE.format(canary=canary.as_posix()))
    assert reply.status == "ok", reply.content
    t = Tables(kernel)
    for name in kernel.run("cat(ls())").text.split():
        all_of(t, name)
    assert not canary.exists(), canary.read_text()
    frame = t.open("e_frame")
    assert (frame.row_count, frame.column_count) == (3, 2)
    assert t.page(frame.table, [-1, 0])[1][:2] == [2.0, 1.0]
    inside = t.open("e_inside").table
    t.view(inside, 1, sort=[{"column": 0}, {"column": 2}])
    assert t.page(inside, [1], view=1) == [[2, 3, 1]]
    assert t.page(inside, [4, 7])[0][:2] == ["u", "v"]
    s4 = t.open("e_column").table
    assert [[isinstance(cell, Said) for cell in column] for column in t.page(s4, [0])] == [[True]]
    for name, words in (("promised", "not evaluated"), ("active", "active binding"), ("e_vector", "Only a method")):
        with pytest.raises(Refused, match=words):
            t.open(name)
    kernel.run("tryCatch(print(e_vector), error = function(e) NULL)")
    assert canary.exists(), "the canary cannot sing, so the test proves nothing"


def test_a_table_that_turns_into_a_promise_is_not_forced(start: StartKernel, tmp_path: Path) -> None:
    kernel = start("r", tmp_path)
    t = Tables(kernel)
    kernel.run("x <- data.frame(a = 1:3); y <- data.frame(a = 1:3)")
    t.sync()
    x, y = t.open("x").table, t.open("y").table
    kernel.run("delayedAssign('x', cat('FORCED')); rm(y); makeActiveBinding('y', function() cat('READ'), globalenv())")
    for table in (x, y):
        with pytest.raises(Refused):
            t.page(table, [0])
    assert {(params["table"], params["change"]) for _, params in t.sync()} == {(x, "gone"), (y, "gone")}
    assert kernel.run("x").text == "FORCED"


COUNTED = """
df <- data.frame(a = as.numeric(1:1000), b = as.character(1:1000))
df$f <- factor(df$b); df$d <- as.Date(df$a, origin = "1970-01-01"); df$p <- as.POSIXct(df$a, origin = "1970-01-01")
df$l <- rep(list(1:3), 1000); df$m <- matrix(as.numeric(1:2000), 1000)
v <- as.numeric(1:1000); m <- matrix(as.numeric(1:100), 10)
dt <- data.table::data.table(a = as.numeric(1:100), b = "x")
l <- list(c(1, 2), "a", list(b = 1))
v[1] <- 1; m[1] <- 1; l[[1]][1] <- 1; df$a[1] <- 1
"""


def references(kernel: AgentKernel) -> list[str]:
    """Places and counts of references of all values and their columns, as R keeps them."""
    text = kernel.run(
        "for (n in c('df', 'v', 'm', 'dt', 'l')) "
        "eval(substitute(.Internal(inspect(x, 2, 0)), list(x = as.name(n))), globalenv()); rm(n)"
    ).text
    lines = [line for line in text.splitlines() if re.match(r" {0,4}@", line)]
    return [f"{line.split()[0]} {count[0]}" for line in lines if (count := re.search(r"REF\(\d+\)", line))]


def test_no_reference_is_left_behind(start: StartKernel, tmp_path: Path) -> None:
    kernel = start("r", tmp_path)
    assert kernel.run(COUNTED).status == "ok"
    t = Tables(kernel)
    t.sync()
    before = references(kernel)
    assert len(before) > 12
    opened = {name: t.open(name).table for name in ("df", "v", "m", "dt", "l")}
    for _ in range(3):  # R compiles a function when it runs for the second time
        for name in opened:
            all_of(t, name)
    assert references(kernel) == before
    place = "cat(identical(before, capture.output(.Internal(address({0})))))"
    for value, change in (("v", "v[5] <- 7"), ("m", "m[5] <- 7"), ("l", "l[[1]][1] <- 9")):
        told = kernel.run(f"before <- capture.output(.Internal(address({value}))); {change}; {place.format(value)}")
        assert told.text == "TRUE", value
    # The same number of copies as in a session that nobody looks at.
    change = "cat(sum(grepl('tracemem', capture.output({tracemem(df); df$a[3] <- 0; df$b[1] <- 'q'; untracemem(df)}))))"
    assert kernel.run(change).text == "2"
    bare = start("r", tmp_path, with_agent=False)
    bare.run(COUNTED)
    assert bare.run(change).text == "2"


def resident_bytes(kernel: AgentKernel) -> int:
    """Memory of the kernel's process."""
    return int(Path(f"/proc/{kernel.process.pid}/statm").read_text().split()[1]) * 4096


BIG = (
    "n <- 5e6; big <- as.data.frame(lapply(1:10, function(i) runif(n))); names(big) <- letters[1:10]\n"
    "big$k <- 1:n; rm(n)"
)


def test_memory_stays_flat(start: StartKernel, tmp_path: Path) -> None:
    kernel = start("r", tmp_path)
    t = Tables(kernel)
    kernel.run("small <- data.frame(a = c(2, 1))")
    all_of(t, "small")
    kernel.run(BIG + "; invisible(gc())")
    t.sync()
    before = resident_bytes(kernel)
    info = t.open("big")
    for first in range(0, 5_000_000, 50_000):
        t.page(info.table, range(11), first, first + 100)
    kernel.run("invisible(gc())")
    assert resident_bytes(kernel) - before < 20e6
    t.view(info.table, 1, sort=[{"column": 0}])
    kernel.run("invisible(gc())")
    assert resident_bytes(kernel) - before < 5e6 * 4 + 64e6
    (sorted_rows,) = t.page(info.table, [0], 0, 100, view=1)
    assert sorted_rows == sorted(sorted_rows)
    t.ask("table.close", table=info.table)
    kernel.run("invisible(gc())")
    assert resident_bytes(kernel) - before < 20e6
    assert kernel.run("cat(capture.output(.Internal(inspect(big$k)))[1])").text.endswith("(compact)")


def test_opening_takes_nothing_into_the_session(start: StartKernel, tmp_path: Path) -> None:
    kernel = start("r", tmp_path)
    t = Tables(kernel)
    kernel.run("df <- data.frame(a = 1:3)")
    code = "print(ls(globalenv(), all.names = TRUE)); print(loadedNamespaces()); print(.Random.seed); print(warnings())"
    kernel.run("set.seed(1)")
    before = kernel.run(code).text
    all_of(t, "df")
    assert kernel.run(code).text == before
