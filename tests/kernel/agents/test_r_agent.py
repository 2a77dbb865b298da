"""The R agent in a real kernel."""

from __future__ import annotations

import base64
import struct
from pathlib import Path
from typing import Any

import pytest

from ide.kernels import contract
from tests.kernel.agents.conftest import StartKernel
from tests.kernel.agents.harness import AgentKernel

CLEAR = "rm(list = ls(all.names = FALSE))\n"
HOSTILE = """
canary <- "{canary}"
sing <- function(...) {{ cat("sung\\n", file = canary, append = TRUE); cat("SUNG\\n"); stop("sung") }}
delayedAssign("evil_promise", sing())
makeActiveBinding("evil_active", function(v) sing(), globalenv())
for (generic in c("length", "print", "format", "names", "dim", "as.character", "[", "[[", "$", "str", "summary",
                  "levels", "nchar", "as.list", "unique", "sort", "toString", "dimnames", "is.na", "rep", "seq_along",
                  "unlist", "mtfrm")) {{
  assign(paste0(generic, ".evil"), sing)
}}
# IRkernel itself falls over other methods of these kinds.
for (generic in c("print", "format", "str", "summary", "sort", "toString")) {{
  for (implicit in c("numeric", "integer", "data.frame", "list", "function")) {{
    assign(paste0(generic, ".", implicit), sing)
  }}
}}
.DollarNames.evil <- sing
evil_list <- structure(list(a = 1, b = 2), class = "evil")
evil_vector <- structure(1:3, class = "evil")
evil_text <- structure("a", class = "evil")
evil_frame <- structure(list(a = 1:2), class = c("evil", "data.frame"), row.names = 1:2)
evil_closure <- structure(function(x) 1, class = "evil")
evil_env <- structure(new.env(), class = "evil")
delayedAssign("inner", sing(), assign.env = evil_env)
makeActiveBinding("active", sing, evil_env)
setClass("EvilS4", representation(slot = "numeric"))
suppressWarnings({{
  setMethod("length", "EvilS4", function(x) sing()); setMethod("show", "EvilS4", function(object) sing())
}})
evil_s4 <- new("EvilS4", slot = 1)
EvilR6 <- R6::R6Class("EvilR6", public = list(field = 1), active = list(act = function(v) sing()))
evil_r6 <- EvilR6$new()
evil_attributes <- structure(list(1), names = structure("a", class = "evil"))
fine_before <- 40; fine <- 41
invisible(if (file.exists(canary)) file.remove(canary))
"""


@pytest.fixture
def fresh(r: AgentKernel) -> AgentKernel:
    """The shared kernel without names of earlier tests, and synced."""
    r.run(CLEAR)
    r.ask("variables.sync", full=True)
    return r


def names_of(entries: tuple[contract.VariableEntry, ...]) -> list[str]:
    return sorted(entry.name for entry in entries)


def texts(kernel: AgentKernel, code: str) -> list[str]:
    return [item.text for item in kernel.ask("complete", code=code, offset=len(code)).items]


def test_hello_says_who_is_there(r: AgentKernel) -> None:
    hello = r.ask("hello")
    assert (hello.contract, hello.language, hello.pushes, hello.pid) == (1, "r", False, r.process.pid)
    # R has one thread, so no socket of its own, and the agent is sent whole.
    lacking = {"door.open", "agent.more"}
    assert set(hello.methods) == set(contract.RESULTS) - lacking


def test_agent_leaves_no_name_and_no_output(start: StartKernel, tmp_path: Path) -> None:
    bare = start("r", tmp_path, with_agent=False)
    code = "print(ls(globalenv(), all.names = TRUE)); print(search())"
    expected = bare.run(code).text
    bare.send_agent()
    assert bare.run(code).text == expected
    assert "Error" not in bare.log()


def test_agent_can_be_sent_again(start: StartKernel, tmp_path: Path) -> None:
    kernel = start("r", tmp_path)
    kernel.send_agent()
    kernel.run("x <- 1")
    assert names_of(kernel.ask("variables.sync").added) == ["x"]


def test_difference_tells_what_was_added_changed_and_removed(fresh: AgentKernel) -> None:
    fresh.run("a <- 1; b <- c(1, 2)")
    change = fresh.ask("variables.sync")
    assert [(v.name, v.type_name, v.preview, v.shape) for v in sorted(change.added, key=lambda v: v.name)] == [
        ("a", "numeric", "1", (1,)),
        ("b", "numeric", "1 2", (2,)),
    ]
    assert fresh.ask("variables.sync") == contract.VariablesDifference(total=2)
    fresh.run("b[2] <- 5")
    assert [v.preview for v in fresh.ask("variables.sync").changed] == ["1 5"]
    fresh.run("a <- 1")
    assert names_of(fresh.ask("variables.sync").changed) == ["a"]
    fresh.run("rm(a)")
    assert fresh.ask("variables.sync").removed == ("a",)
    fresh.run("stop('no')")
    assert fresh.ask("variables.sync") == contract.VariablesDifference(total=1)


def test_objects_are_told_truly(fresh: AgentKernel) -> None:
    fresh.run(
        "df <- data.frame(x = 1:2, `y z` = c('a', NA), check.names = FALSE); tb <- tibble::tibble(q = 1:3)\n"
        "dt <- data.table::data.table(a = 1, b = 2); m <- matrix(1:6, 2)\n"
        "arr <- array(0, c(2, 3, 4)); l <- list(a = 1, 2)\n"
        "f <- function(x, y = 2) x; s <- c('a', NA, 'NA', ''); n <- NULL; e <- new.env(); fa <- factor(c('u', 'v'))\n"
        "d <- as.Date('2020-01-02'); p <- as.POSIXct('2020-01-01 10:00:00', tz = 'UTC'); z <- 1i; q <- quote(a + b)\n"
        "big <- 1:1e9; exact <- 2^53 + 2; sum3 <- 0.1 + 0.2; na <- c(NA, NaN, Inf); fm <- y ~ x; for (i in 1:3) NULL\n"
        "R <- R6::R6Class('P', public = list(z = 1))$new(); raw2 <- as.raw(1:2); lg <- c(TRUE, NA)"
    )
    # R compiles what it runs often: on a slow machine the first look may use up its budget, the second one does not.
    fresh.ask("variables.sync")
    found = {v.name: v for v in fresh.ask("variables.sync", full=True).added}
    shown = {name: (v.type_name, v.kind, v.shape, v.preview) for name, v in found.items()}
    assert shown == {
        "df": ("data.frame", "data", (2, 2), "x, y z"),
        "tb": ("tbl_df", "data", (3, 1), "q"),
        "dt": ("data.table", "data", (1, 2), "a, b"),
        "m": ("matrix", "data", (2, 3), "1 2 3 4 5 6"),
        "arr": ("array", "data", (2, 3, 4), "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 …"),
        "l": ("list", "value", (2,), "a, "),
        "f": ("function", "function", (), "function(x, y)"),
        "s": ("character", "value", (4,), '"a" NA "NA" ""'),
        "n": ("NULL", "value", (), "NULL"),
        "e": ("environment", "other", (), ""),
        "fa": ("factor", "value", (2,), "u v"),
        "d": ("Date", "value", (1,), "2020-01-02"),
        "p": ("POSIXct", "value", (1,), "2020-01-01 10:00:00"),
        "z": ("complex", "value", (1,), "0+1i"),
        "q": ("call", "value", (), "a + b"),
        "big": ("integer", "value", (1_000_000_000,), "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 …"),
        "exact": ("numeric", "value", (1,), "9.007199e+15"),
        "sum3": ("numeric", "value", (1,), "0.3"),
        "na": ("numeric", "value", (3,), "NA NaN Inf"),
        "fm": ("formula", "value", (), "y ~ x"),
        "i": ("integer", "value", (1,), "3"),
        "R": ("P", "other", (), ""),
        "raw2": ("raw", "value", (2,), "01 02"),
        "lg": ("logical", "value", (2,), "TRUE NA"),
    }
    assert not found["R"].is_evaluated


def test_hostile_objects_run_nothing(fresh: AgentKernel, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    reply = fresh.run(HOSTILE.format(canary=canary.as_posix()))
    assert reply.status == "ok", reply.content
    assert reply.text == ""
    for _ in range(3):
        change = fresh.ask("variables.sync", full=True)
    found = {v.name: v for v in change.added}
    assert (found["fine"].preview, found["fine_before"].preview) == ("41", "40")
    assert [found[name].is_evaluated for name in ("evil_promise", "evil_active", "evil_vector", "evil_s4")] == [
        False
    ] * 4
    for name in [name for name in found if name.startswith(("evil", "Evil"))]:
        for code in (
            f"{name}$",
            f"{name}@",
            f"{name}[['",
            f"{name}[, '",
            f"{name}(",
            f"f({name}, ",
            f"{name} |> f(",
            name,
        ):
            fresh.ask("complete", code=code, offset=len(code))
            fresh.ask("signature", code=code, offset=len(code))
            fresh.ask("hover", code=code, offset=len(code))
        for code in (f"{name}$a", f"{name}$act", f"{name}$inner", f"{name}$active"):
            fresh.ask("hover", code=code, offset=len(code))
            fresh.ask("complete", code=code + "$", offset=len(code) + 1)
    assert not canary.exists(), canary.read_text()
    fresh.run("tryCatch(evil_promise, error = function(e) NULL)")
    assert canary.exists(), "the canary cannot sing, so the test proves nothing"


def test_forced_promise_shows_its_value(fresh: AgentKernel) -> None:
    fresh.run("data(mtcars); delayedAssign('lazy', {1:3})")
    before = {v.name: v for v in fresh.ask("variables.sync").added}
    assert not before["mtcars"].is_evaluated
    fresh.run("invisible(nrow(mtcars)); invisible(lazy)")
    after = {v.name: v for v in fresh.ask("variables.sync").changed}
    assert (after["mtcars"].shape, after["lazy"].preview) == ((32, 11), "1 2 3")


def test_name_that_becomes_a_promise_is_not_forced(fresh: AgentKernel) -> None:
    fresh.run("x <- 1")
    fresh.ask("variables.sync")
    fresh.run("delayedAssign('x', cat('FORCED'))")
    (change,) = fresh.ask("variables.sync").changed
    assert (change.type_name, change.is_evaluated) == ("promise", False)
    assert fresh.run("x").text == "FORCED"


def test_more_names_than_the_cap_are_only_counted(fresh: AgentKernel) -> None:
    fresh.run("for (i in 1:10100) assign(paste0('v', i), i)")
    change = fresh.ask("variables.sync")
    assert (len(change.added), change.total) == (10000, 10101)


COMPLETIONS = [
    ("df$pr", ["price"]),
    ("df$", ["price", "`a b`"]),
    ("df[['", ["price", "a b"]),
    ('df[, "', ["price", "a b"]),
    ("df |> filter(pri", ["price"]),
    ("df %>% mutate(double = price) %>% select(dou", ["double"]),
    ("dt[, val", ["value"]),
    ("ggplot(df, aes(x = pri", ["price"]),
    ("nested$inner$", ["deep"]),
    ("nested[['inner']]$d", ["deep"]),
    ("my_fun(be", ["beta = "]),
    ("stats::rnor", ["rnorm"]),
    ("library(data.ta", ["data.table"]),
    ("s4@", ["number"]),
    ("# df$", []),
    ("my_f", ["my_fun"]),
]


@pytest.fixture(scope="module")
def filled(r: AgentKernel) -> AgentKernel:
    """Names to complete."""
    r.run(
        CLEAR
        + "df <- data.frame(price = 1, `a b` = 'x', check.names = FALSE); nested <- list(inner = list(deep = 1))\n"
        "dt <- data.table::data.table(value = 1); my_fun <- function(alpha, beta = 2) alpha\n"
        "setClass('N', representation(number = 'numeric')); s4 <- new('N', number = 1)"
    )
    return r


@pytest.mark.parametrize(("code", "expected"), COMPLETIONS, ids=[code for code, _ in COMPLETIONS])
def test_live_names_complete(filled: AgentKernel, code: str, expected: list[str]) -> None:
    found = texts(filled, code)
    assert found[: len(expected)] == expected
    assert found or not expected


def test_replacement_encloses_what_is_typed(filled: AgentKernel) -> None:
    (item,) = filled.ask("complete", code="x <- df$pri + 1", offset=11).items
    assert (item.replace_first, item.replace_end, item.kind, item.detail) == (8, 11, "column", "numeric")


def test_signature_and_hover(filled: AgentKernel) -> None:
    answer = filled.ask("signature", code="my_fun(1, ", offset=10)
    assert (answer.signatures[0].label, answer.active_parameter) == ("my_fun(alpha, beta = 2)", 1)
    answer = filled.ask("signature", code="read.csv(header =", offset=17)
    assert answer.signatures[0].doc == "Data Input"
    assert answer.signatures[0].parameters[answer.active_parameter].name == "header"
    hover = filled.ask("hover", code="df$price", offset=6)
    assert (hover.title, hover.type_name, hover.preview, hover.first, hover.end) == (
        "df$price",
        "numeric",
        "[1] 1",
        0,
        8,
    )
    assert filled.ask("hover", code="nothing", offset=3).title == ""


def size_of(picture: str) -> tuple[int, int]:
    width, height = struct.unpack(">II", base64.b64decode(picture)[16:24])
    return width, height


def test_plots_have_the_panes_size_and_come_in_order(filled: AgentKernel) -> None:
    filled.ask("plots.configure", width_px=640, height_px=480, dpi=120.0, formats=["png"])
    plots = filled.run("for (i in 1:20) plot(i, main = i)").of("display_data")
    pictures = [content["data"]["image/png"] for content in plots]
    assert len(pictures) == len(set(pictures)) == 20
    assert {size_of(picture) for picture in pictures} == {(640, 480)}
    again = filled.run("for (i in c(1, 20)) plot(i, main = i)").of("display_data")
    assert [c["data"]["image/png"] for c in again] == [pictures[0], pictures[19]]


def test_svg_comes_when_asked_for_and_gives_way_when_large(filled: AgentKernel) -> None:
    def kinds(code: str) -> set[str]:
        (content,) = filled.run(code).of("display_data")
        return set(content["data"]) - {"text/plain"}

    filled.ask("plots.configure", formats=["svg"], svg_limit_bytes=200_000)
    assert kinds("plot(1)") == {"image/svg+xml"}
    assert kinds("plot(runif(20000))") == {"image/png"}
    assert kinds("plot(2)") == {"image/svg+xml"}
    filled.ask("plots.configure", formats=["png", "svg"])
    assert kinds("plot(1)") == {"image/png", "image/svg+xml"}
    filled.ask("plots.configure", formats=["png"])
    assert kinds("plot(1)") == {"image/png"}


def test_questions_of_the_users_code_reach_the_window(fresh: AgentKernel, tmp_path: Path) -> None:
    chosen = tmp_path / "chosen file"
    chosen.touch()
    fresh.requested_input.clear()
    reply = fresh.run(
        "a <- readline('name? '); b <- menu(c('one', 'two'), title = 'Which?'); c <- file.choose()\n"
        "d <- getOption('askpass')('secret? '); e <- getPass('pass? '); cat(a, b, basename(c), d, e)",
        answers=("Ada", "x", "2", str(chosen), "s1", "s2"),
    )
    assert reply.status == "ok", reply.content
    assert reply.text.endswith("Ada 2 chosen file s1 s2")
    assert "Which?" in reply.text
    assert "2: two" in reply.text
    assert [(asked["prompt"], asked["password"]) for asked in fresh.requested_input] == [
        ("name? ", False),
        ("Selection: ", False),
        ("Selection: ", False),
        ("File: ", False),
        ("secret? ", True),
        ("pass? ", True),
    ]


def test_file_choice_can_be_given_up(fresh: AgentKernel) -> None:
    reply = fresh.run("file.choose()", answers=("",))
    assert "file choice cancelled" in reply.content["evalue"]


def test_loaded_packages_are_told(fresh: AgentKernel) -> None:
    fresh.run("loadNamespace('tools')")
    assert list(fresh.ask("modules.loaded", names=["tools", "noSuchPackage"]).names) == ["tools"]
    assert list(fresh.ask("modules.loaded", names=["noSuchPackage"]).names) == []


def test_library_that_was_made_after_the_start_is_looked_into_once_packages_are_asked_for(
    fresh: AgentKernel, tmp_path: Path
) -> None:
    library = tmp_path / "own library"
    fresh.run(f"libraries <- .libPaths(); Sys.setenv(R_LIBS_USER = '{library}')")
    fresh.ask("modules.loaded", names=[])
    assert fresh.run("stopifnot(identical(.libPaths(), libraries))").status == "ok"
    library.mkdir()
    fresh.ask("modules.loaded", names=[])
    assert fresh.run(f"stopifnot(identical(.libPaths(), c('{library.resolve()}', libraries)))").status == "ok"


def test_folder_memory_and_parse(fresh: AgentKernel, tmp_path: Path) -> None:
    before = fresh.ask("folder.get").path
    assert Path(fresh.ask("folder.set", path=str(tmp_path)).path) == tmp_path.resolve()
    fresh.ask("folder.set", path=before)
    assert fresh.ask("memory").rss_bytes > 10_000_000
    found = fresh.ask("parse", code="x <- 1\ny y")
    (problem,) = found.problems
    assert (problem.start_line, problem.start_column, problem.end_column, found.is_incomplete) == (1, 2, 3, False)
    assert fresh.ask("parse", code="f(1,").is_incomplete
    assert fresh.ask("parse", code="x <- 'a").is_incomplete
    assert fresh.ask("parse", code="stop('never run')").problems == ()


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"method": "nope"}, "unknown_method"),
        ({}, "unknown_method"),
        ({"method": "complete", "params": {"code": "x"}}, "bad_params"),
        ({"method": "complete", "params": {"code": 1, "offset": 0}}, "bad_params"),
        ({"method": "complete", "params": {"code": "x", "offset": 0, "more": 1}}, "bad_params"),
        ({"method": "plots.configure", "params": {"formats": ["gif"]}}, "bad_params"),
        ({"method": "folder.set", "params": {"path": "/nowhere/at/all"}}, "not_possible"),
    ],
)
def test_bad_requests_are_refused_in_words(fresh: AgentKernel, request_: dict[str, Any], code: str) -> None:
    assert fresh.ask_raw(request_)["error"]["code"] == code


def test_set_folder_and_run_file_code_do_what_they_say(fresh: AgentKernel, tmp_path: Path) -> None:
    odd = tmp_path / "a $b {c} 'd"
    odd.mkdir()
    script = odd / "my script.R"
    script.write_text("value <- 41\nvalue + 1\n", encoding="utf-8")
    before = fresh.ask("folder.get").path
    assert fresh.run(fresh.language.set_folder_code(odd)).status == "ok"
    assert Path(fresh.ask("folder.get").path) == odd.resolve()
    assert "[1] 42" in fresh.run(fresh.language.run_file_code(script)).text
    assert fresh.run("cat(value)").text == "41"
    fresh.ask("folder.set", path=before)


def test_base_graphics_are_laid_out_at_the_size_of_the_picture(filled: AgentKernel) -> None:
    filled.ask("plots.configure", width_px=960, height_px=480, dpi=96.0, formats=["png"])
    assert filled.run("plot(1); cat(dev.size())").text.split() == ["10", "5"]


def test_names_past_the_time_are_told_in_the_next_part(fresh: AgentKernel) -> None:
    fresh.ask("variables.sync", full=True)
    fresh.run("for (i in 1:1500) assign(paste0('frame', i), data.frame(a = i, b = 'x'))")
    answer = fresh.ask("variables.sync")
    assert answer.is_partial
    shown = {entry.name: entry.is_evaluated for entry in answer.added}
    assert sum(name.startswith("frame") for name in shown) == 1500
    while answer.is_partial:
        before = sum(shown.values())
        answer = fresh.ask("variables.sync")
        shown |= {entry.name: entry.is_evaluated for entry in (*answer.added, *answer.changed)}
        assert sum(shown.values()) > before, "each part looks at more, however slow the machine is"
    assert all(shown.values())
