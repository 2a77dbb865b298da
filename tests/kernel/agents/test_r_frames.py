"""The watch over data frames, tibbles and data.tables in a real R kernel: what is said, what is left untouched."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ide._paths import resources_dir
from tests.kernel.agents.conftest import StartKernel, r_program
from tests.kernel.agents.frame_findings import kinds, noted, shown, synced
from tests.kernel.agents.harness import AgentKernel
from tests.kernel.agents.test_r_tables_untouched import COUNTED, HOSTILE, references

SCRIPTS = sorted((Path(__file__).parents[2] / "scripts" / "ordinary").glob("*.R"))
CLEAR = "rm(list = ls(all.names = TRUE))"
FRAMES = """
a <- {make}(id = (0:999) %% 500, x = 0:999)
b <- {make}(id = (0:1199) %% 400, y = 0:1199)
"""
BASE = FRAMES.format(make="data.frame")
TIBBLE = FRAMES.format(make="tibble")
TABLE = FRAMES.format(make="data.table")


@pytest.fixture
def k(r: AgentKernel) -> Iterator[AgentKernel]:
    """The shared kernel without names of earlier tests."""
    reply = r.run(CLEAR + "\nsuppressPackageStartupMessages({library(dplyr); library(data.table)})")
    assert reply.status == "ok", reply.content
    r.ask("variables.sync", full=True)
    r.ask("frames.watch", is_on=True)
    yield r
    r.run(CLEAR)


@pytest.mark.parametrize(
    ("frames", "join"),
    [
        (BASE, "m <- merge(a, b)"),
        (BASE, "m = merge(a, b, by = 'id')"),
        (BASE, "m <- merge(x = a, y = b, by.x = 'id', by.y = 'id')"),
        (BASE, "m <- merge(a, b, by = 'id'); m$z <- m$x + m$y; m <- m[order(m$x), ]"),
        (TIBBLE, "m <- left_join(a, b, by = 'id') |> filter(!is.na(y))"),
        (TIBBLE, "m <- a %>% inner_join(b, by = 'id')"),
        (TIBBLE, "m <- a |> inner_join(b, by = c('id' = 'id')) |> mutate(z = x + y)"),
        (TIBBLE, "m <- inner_join(x = a, y = b, by = c('id'))"),
        (TIBBLE, "m <- dplyr::inner_join(a, b)"),
        (TABLE, "m <- b[a, on = 'id', nomatch = NULL, allow.cartesian = TRUE]"),
        (TABLE, "m <- b[a, on = .(id), nomatch = 0, allow.cartesian = TRUE]"),
        (TABLE, "m <- merge(a, b, by = 'id', allow.cartesian = TRUE)"),
    ],
)
def test_join_that_multiplies_rows_is_explained(k: AgentKernel, frames: str, join: str) -> None:
    noted(k, frames)
    found = noted(k, f"invisible(suppressMessages(suppressWarnings({{}})))\n{join}")["m"]
    assert found[0].kind == "rows_grew"
    assert found[0].sentence.startswith("1,000 -> 2,400 rows (x2.4) after ")
    assert found[0].sentence.endswith("key `id` repeats in both `a` and `b`.")
    assert (found[0].severity, found[0].columns, found[0].path) == ("warning", ("id",), ("m",))
    assert [len(one.values) for one in found[0].filters] == [20]
    assert shown(k, found[0]) == 20 * 6  # each of these ids is there twice in `a` and three times in `b`


@pytest.mark.parametrize(
    ("frames", "join"),
    [
        (BASE, "m <- merge(a, b, by = 'id')"),
        (TIBBLE, "m <- inner_join(a, b, by = 'id')"),
        (TABLE, "m <- b[a, on = 'id', nomatch = NULL, allow.cartesian = TRUE]"),
    ],
)
def test_code_shows_the_repeats_and_mends_them(k: AgentKernel, frames: str, join: str) -> None:
    noted(k, frames)
    found = noted(k, join)["m"][0]
    assert k.run(f"cat(nrow({found.code}))").text == "1200"
    assert kinds(noted(k, found.mend_code), "m") == ["rows_dropped"]  # ids from 400 on have no partner
    assert k.run("cat(nrow(m))").text == "800"


@pytest.mark.parametrize(
    ("frames", "join"),
    [
        (BASE, "a <- merge(a, b, by = 'id')"),
        (TIBBLE, "a <- a |> inner_join(b, by = 'id')"),
        (TABLE, "a <- merge(a, b, by = 'id', allow.cartesian = TRUE)"),
    ],
)
def test_frame_that_is_put_in_its_own_place_is_explained(k: AgentKernel, frames: str, join: str) -> None:
    noted(k, frames)
    assert noted(k, join)["a"][0].sentence.endswith("repeats in both `a` and `b`.")
    assert noted(k, "a <- head(a, 10)") == {"a": ()}  # taken back


@pytest.mark.parametrize(
    ("frames", "join"),
    [
        (BASE, "m <- merge(a, b1, by = 'id', all.x = TRUE)"),
        (TIBBLE, "m <- left_join(a, b1, by = 'id')"),
        (TABLE, "m <- b1[a, on = 'id']"),
    ],
)
def test_rows_without_partner_are_counted(k: AgentKernel, frames: str, join: str) -> None:
    noted(k, frames + "b1 <- b[!duplicated(b$id), ]")
    found = noted(k, join)["m"]
    assert [f.kind for f in found] == ["missing_added"]
    assert found[0].sentence.startswith("200 of 1,000 rows found no partner in `b1`")
    assert k.run(f"cat(nrow({found[0].code}))").text == "200"
    assert shown(k, found[0]) == found[0].count == 200


@pytest.mark.parametrize("make", ["data.frame", "tibble", "data.table"])
def test_rows_of_findings_can_be_shown(k: AgentKernel, make: str) -> None:
    noted(
        k,
        f"a <- {make}(id = c(1L, 2L, 2L, 3L, 4L), of = c('x', 'x', 'x', 'y', NA), v = 1:5)\n"
        f"b <- {make}(id = c(1, 2, 2, 9), of = c('x', 'x', 'x', 'y'), w = 5:8)\n"
        f"c1 <- {make}(id = c(2, 3, 9), w = 1:3)",
    )
    both = noted(k, "m <- left_join(a, b, by = c('id', 'of'))")["m"]
    grew = next(one for one in both if one.kind == "rows_grew")
    assert [(one.column, one.operator, one.values) for one in grew.filters] == [(0, "eq", ("2",)), (1, "eq", ("x",))]
    assert shown(k, grew) == 4
    lost = noted(k, "n <- inner_join(a, c1, by = 'id')")["n"][0]
    assert (lost.kind, lost.path, lost.count, lost.filters[0].values) == ("rows_dropped", ("a",), 2, ("1", "4"))
    assert shown(k, lost) == 2
    repeated = noted(k, "c1 <- rbind(c1, c1[1, ])")["c1"][0]
    assert (repeated.kind, repeated.places) == ("keys_repeated", (0,))
    assert shown(k, repeated) == 2


def test_quiet_changes_of_one_frame(k: AgentKernel) -> None:
    noted(
        k, "d <- data.frame(id = 1:4, n = c(1, NA, 3, NA), t = as.Date('2024-01-01') + 0:3, w = c('1', '2', 'x', '4'))"
    )
    assert kinds(noted(k, "d[is.na(d)] <- 0"), "d") == ["values_filled"]
    assert kinds(noted(k, "d$t <- c('a', 'b', 'c', 'd')"), "d") == ["type_changed"]
    assert kinds(noted(k, "d$w <- suppressWarnings(as.numeric(d$w))"), "d") == ["missing_added"]
    assert kinds(noted(k, "d <- na.omit(d)"), "d") == ["rows_dropped"]
    assert kinds(noted(k, "d <- rbind(d, d)"), "d") == ["keys_repeated"]
    assert noted(k, "invisible(nrow(d))") == {}  # only looked at: nothing is taken back


def test_can_be_switched_off(k: AgentKernel) -> None:
    noted(k, BASE)
    k.ask("frames.watch", is_on=False)
    assert noted(k, "m <- merge(a, b, by = 'id')") == {}


def statements(script: Path) -> list[str]:
    """The statements of a script, by R's own parser."""
    code = f"for (e in parse('{script}', keep.source = FALSE)) cat(deparse(e, 500L), '#----', sep = '\\n')"
    done = subprocess.run([str(r_program()), "-s", "-e", code], capture_output=True, text=True, check=True, timeout=60)
    return [part for part in done.stdout.split("#----\n") if part.strip()]


@pytest.mark.parametrize("by_statement", [False, True], ids=["whole", "by statement"])
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_ordinary_scripts_are_left_alone(k: AgentKernel, script: Path, by_statement: bool) -> None:
    assert len(SCRIPTS) == 10
    for part in statements(script) if by_statement else [script.read_text(encoding="utf-8")]:
        found = noted(k, part)
        assert not [finding.sentence for findings in found.values() for finding in findings], part


def test_sample_project_is_left_alone(k: AgentKernel) -> None:
    folder = resources_dir() / "sample"
    noted(k, f"setwd({str(folder)!r})")
    assert noted(k, (folder / "analysis.R").read_text(encoding="utf-8")) == {}


def test_no_reference_is_left_behind(start: StartKernel, tmp_path: Path) -> None:
    kernel = start("r", tmp_path)
    assert kernel.run(COUNTED).status == "ok"
    kernel.ask("frames.watch", is_on=False)
    kernel.ask("variables.sync")
    before = references(kernel)
    assert len(before) > 12
    kernel.ask("frames.watch", is_on=True)
    kernel.ask("variables.sync")  # all frames are new to the watch
    kernel.ask("frames.audit", path=["df"])
    assert references(kernel) == before
    change = "cat(sum(grepl('tracemem', capture.output({tracemem(df); df$a[3] <- 0; df$b[1] <- 'q'; untracemem(df)}))))"
    assert kernel.run(change).text == "2"  # as in a session that nobody looks at


def test_hostile_frames_run_nothing(start: StartKernel, tmp_path: Path) -> None:
    kernel = start("r", tmp_path)
    canary = tmp_path / "canary"
    reply = kernel.run(HOSTILE.format(canary=canary.as_posix()))
    assert reply.status == "ok", reply.content
    assert not [event for event in synced(kernel) if event.get("event") == "agent.failed"]
    for name in ("e_frame", "e_inside", "e_names", "e_column"):
        kernel.ask("frames.audit", path=[name])
    assert not canary.exists()


def test_old_objects_are_not_kept_alive(k: AgentKernel) -> None:
    noted(
        k,
        "gone <- FALSE\ne <- new.env()\nreg.finalizer(e, function(e) gone <<- TRUE)\n"
        "a <- data.frame(id = 1:2)\nattr(a, 'e') <- e\nrm(e)",
    )
    noted(k, "a <- data.frame(id = 1:2)")
    assert k.run("invisible(gc()); cat(gone)").text == "TRUE"


def test_long_frames_are_looked_at_in_part(k: AgentKernel) -> None:
    noted(k, "big <- as.data.frame(matrix(0, 600000, 5)); big$V1 <- seq_len(600000)")
    code = "e <- environment(IRkernel::comm_manager()$target_to_handler_map$fourpane)\n"
    found = k.run(code + "p <- e$frames_kept$big$profile; cat(p$rows, p$looked)").text.split()
    assert float(found[0]) == 600_000
    assert float(found[1]) * 5 <= 2_000_000


AUDITED = {
    "constant": "rep('v', 60)",
    "dates_as_text": "rep(c('2024-01-02', '2024-03-04', '2024-05-06'), 20)",
    "numbers_as_text": "rep(c('1', '2.5', '1,000'), 20)",
    "outliers": "c(0:58, 1e6)",
    "spaces": "rep(c('one', ' two', 'three '), 20)",
    "near_duplicates": "rep(c('Paris', 'paris', 'Rome'), 20)",
    "like_missing": "rep(c('n/a', 'Rome', 'Oslo'), 20)",
}


@pytest.mark.parametrize("make", ["data.frame", "tibble", "data.table"])
@pytest.mark.parametrize("kind", AUDITED)
def test_audit_finds_shows_and_mends(k: AgentKernel, make: str, kind: str) -> None:
    noted(k, f"f <- {make}(row = 1:60, c = {AUDITED[kind]})")
    found = [f for f in k.ask("frames.audit", path=["f"]).findings if f.kind == kind]
    assert [(f.columns, f.places) for f in found] == [(("c",), (1,))]
    if found[0].count:
        assert shown(k, found[0], "f") == found[0].count
    assert bool(found[0].count) == (kind in ("outliers", "spaces", "near_duplicates", "like_missing"))
    assert int(k.run(f"cat(NROW({found[0].code}))").text) > 0
    noted(k, found[0].mend_code)
    assert kind not in [f.kind for f in k.ask("frames.audit", path=["f"]).findings]


@pytest.mark.parametrize("make", ["data.frame", "tibble", "data.table"])
def test_audit_finds_numbers_like_missing_and_duplicate_rows(k: AgentKernel, make: str) -> None:
    noted(k, f"f <- {make}(n = rep(c(1, 2, 3, -999), 3), t = rep(c('a', 'b', 'c', 'd'), 3))")
    found = {f.kind: f for f in k.ask("frames.audit", path=["f"]).findings}
    assert set(found) == {"like_missing", "duplicate_rows"}
    assert {f.severity for f in found.values()} == {"warning"}
    assert shown(k, found["like_missing"], "f") == found["like_missing"].count == 3
    assert k.run(f"cat(nrow({found['like_missing'].code}))").text == "3"
    noted(k, found["like_missing"].mend_code)
    noted(k, found["duplicate_rows"].mend_code)
    nothing = k.ask("frames.audit", path=["f"])
    assert nothing.findings == ()
    assert (nothing.row_count, nothing.rows_looked_at, nothing.column_count, nothing.columns_looked_at) == (4, 4, 2, 2)
    assert k.run("cat(nrow(f))").text == "4"


def test_only_tables_of_frames_say_that_they_can_be_audited(k: AgentKernel) -> None:
    noted(k, "f <- data.frame(a = 1)\nm <- matrix(1:4, 2)")
    assert "audit" in k.ask("table.open", path=["f"]).features
    assert "audit" not in k.ask("table.open", path=["m"]).features


def test_audit_refuses_what_is_no_frame(k: AgentKernel) -> None:
    noted(k, "n <- 1")
    assert k.ask_raw({"method": "frames.audit", "params": {"path": ["n"]}})["error"]["code"] == "not_possible"


@pytest.mark.parametrize("join", ["m <- merge(a, b, by = 'id')", "m <- left_join(a, b, by = 'id')"])
def test_column_of_both_frames_is_told(k: AgentKernel, join: str) -> None:
    noted(k, "a <- data.frame(id = 1:2, x = 3:4); b <- a")
    found = noted(k, join)["m"]
    assert [(f.kind, f.columns) for f in found] == [("columns_added", ("x.x", "x.y"))]


def test_runs_between_two_questions_are_all_read(k: AgentKernel) -> None:
    noted(k, BASE)
    k.run("m <- merge(a, b, by = 'id')")
    k.run("1 +")
    assert kinds(noted(k, "n <- 1"), "m") == ["rows_grew"]
