"""Profiles, distinct values and the picture of missing values of R's tables, beside what R itself says."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest

from ide.kernels import contract
from tests.kernel.agents.harness import AgentKernel
from tests.kernel.agents.r_tables import Refused, Tables

FRAME = """
set.seed(3)
n <- 3000
df <- data.frame(dbl = c(rnorm(n - 6) * 1e3, NA, NaN, NA, Inf, -Inf, 0))
df$int <- sample(c(-5:5, NA), n, replace = TRUE)
df$chr <- sample(c("apple", "B", "", "longer text", "\\u00e4", NA), n, replace = TRUE)
df$fct <- factor(sample(c("u", "v", "w", NA), n, replace = TRUE), levels = c("w", "v", "u", "never"))
df$lgl <- sample(c(TRUE, FALSE, NA), n, replace = TRUE)
df$day <- as.Date("2024-01-01") + sample(c(0:400, NA), n, replace = TRUE)
df$when <- as.POSIXct(sample(c(1.7e9 + (1:50) / 4, NA), n, replace = TRUE), origin = "1970-01-01", tz = "UTC")
df$gap <- as.difftime(sample(c(1, 2.5, NA), n, replace = TRUE), units = "hours")
df$one <- 7
df$none <- NA
df$list <- sample(list(NULL, 1:2, "a"), n, replace = TRUE)
df$huge <- rep(c(-1.7e308, 1.7e308), n / 2)
"""


@pytest.fixture(scope="module")
def t(r: AgentKernel) -> Iterator[Tables]:
    """A frame of random columns."""
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


def told(t: Tables, expression: str) -> Any:
    """What R says."""
    reply = t.kernel.run(f"cat(jsonlite::toJSON({expression}, digits = NA, auto_unbox = TRUE))")
    assert reply.status == "ok", reply.content
    return json.loads(reply.text)


def counted(t: Tables, expression: str) -> dict[str, int]:
    """How often each text is there."""
    found = told(t, f"as.data.frame(table(text = {expression}), stringsAsFactors = FALSE)")
    return {one["text"]: one["Freq"] for one in found}


def profile(t: Tables, table: tuple[str, dict[str, int]], name: str, **options: Any) -> contract.ColumnProfile:
    found: contract.ColumnProfile = t.ask("table.profile", table=table[0], column=table[1][name], **options)
    return found


def figures(found: contract.ColumnProfile) -> dict[str, str]:
    return {one.name: one.text for one in found.statistics}


def test_numbers(t: Tables, table: tuple[str, dict[str, int]]) -> None:
    found = profile(t, table, "int")
    assert (found.row_count, found.rows_looked_at) == (3000, 3000)
    assert [(one.text, one.count, one.code) for one in found.missing] == [("NA", told(t, "sum(is.na(df$int))"), 1)]
    said = figures(found)
    assert (said["minimum"], said["maximum"], said["distinct"]) == ("-5", "5", "11")
    for name, expression in {
        "mean": "mean(df$int, na.rm = TRUE)",
        "sd": "sd(df$int, na.rm = TRUE)",
        "median": "median(df$int, na.rm = TRUE)",
        "q25": "quantile(df$int, 0.25, na.rm = TRUE, names = FALSE)",
        "q75": "quantile(df$int, 0.75, na.rm = TRUE, names = FALSE)",
        "zeros": "sum(df$int == 0, na.rm = TRUE)",
        "negative": "sum(df$int < 0, na.rm = TRUE)",
    }.items():
        assert float(said[name]) == pytest.approx(told(t, expression), rel=1e-12), name
    assert "infinite" not in said
    edges = "seq(-5, 5, length.out = 21)"
    assert found.edges == pytest.approx(told(t, edges))
    counts = f"hist(df$int[!is.na(df$int)], breaks = {edges}, right = FALSE, plot = FALSE)$counts"
    assert list(found.counts) == told(t, counts)


def test_numbers_with_nan_and_infinities(t: Tables, table: tuple[str, dict[str, int]]) -> None:
    found = profile(t, table, "dbl", bins=7)
    assert [(one.text, one.count, one.code) for one in found.missing] == [("NA", 2, 1), ("NaN", 1, 2)]
    said = figures(found)
    assert (said["minimum"], said["maximum"], said["infinite"], said["zeros"]) == ("-inf", "inf", "2", "1")
    assert float(said["median"]) == pytest.approx(told(t, "median(df$dbl, na.rm = TRUE)"))
    assert sum(found.counts) == 3000 - 3 - 2
    assert len(found.edges) == 8
    assert found.edges[0] == pytest.approx(told(t, "min(df$dbl[is.finite(df$dbl)])"))


def test_odd_columns(t: Tables, table: tuple[str, dict[str, int]]) -> None:
    one = profile(t, table, "one", bins=2)
    assert (one.edges, one.counts, figures(one)["distinct"]) == ((6.5, 7.0, 7.5), (0, 3000), "1")
    none = profile(t, table, "none")
    assert (none.statistics, none.edges, none.missing[0].count) == ((), (), 3000)
    huge = profile(t, table, "huge", bins=2)
    assert (huge.counts, huge.edges) == ((1500, 1500), (-1.7e308, 0.0, 1.7e308))
    nested = profile(t, table, "list")
    assert [(m.text, m.count, m.code) for m in nested.missing] == [("NULL", told(t, "sum(lengths(df$list) == 0)"), 5)]
    assert nested.statistics == ()


def test_text_categories_and_booleans(t: Tables, table: tuple[str, dict[str, int]]) -> None:
    text = profile(t, table, "chr", top=3)
    counts = counted(t, "df$chr")
    assert [(one.text, one.count) for one in text.top] == sorted(counts.items(), key=lambda one: -one[1])[:3]
    assert figures(text) == {"distinct": "5", "shortest": "0", "longest": "11", "empty": str(counts[""])}
    category = profile(t, table, "fct")
    counts = counted(t, "droplevels(df$fct)")
    assert {one.text: one.count for one in category.top} == counts
    assert figures(category)["distinct"] == "3"
    boolean = profile(t, table, "lgl")
    assert figures(boolean) == {
        "true": str(told(t, "sum(df$lgl, na.rm = TRUE)")),
        "false": str(told(t, "sum(!df$lgl, na.rm = TRUE)")),
    }
    assert {one.text for one in boolean.top} == {"true", "false"}


def test_days_times_and_durations(t: Tables, table: tuple[str, dict[str, int]]) -> None:
    day = profile(t, table, "day")
    said = figures(day)
    assert said["earliest"] == told(t, "format(min(df$day, na.rm = TRUE))")
    assert said["latest"] == told(t, "format(max(df$day, na.rm = TRUE))")
    assert sum(day.counts) == told(t, "sum(!is.na(df$day))")
    when = figures(profile(t, table, "when"))
    assert (when["earliest"], when["latest"]) == ("2023-11-14T22:13:20.25+00:00", "2023-11-14T22:13:32.5+00:00")
    gap = figures(profile(t, table, "gap"))
    assert (gap["minimum"], gap["maximum"], gap["distinct"]) == ("3600", "9000", "2")


def test_rows_of_a_view_are_looked_at(t: Tables, table: tuple[str, dict[str, int]]) -> None:
    one = {"column": table[1]["lgl"], "operator": "is_true", "values": []}
    t.view(table[0], 1, filter={"all": True, "members": [one]})
    found = profile(t, table, "int", view=1)
    assert found.row_count == told(t, "sum(df$lgl, na.rm = TRUE)")
    assert float(figures(found)["mean"]) == pytest.approx(told(t, "mean(df$int[which(df$lgl)], na.rm = TRUE)"))
    missing = t.ask("table.missing", table=table[0], view=1, columns=[table[1]["lgl"], table[1]["int"]])
    assert list(missing.counts) == [0, told(t, "sum(is.na(df$int[which(df$lgl)]))")]


def test_numbers_that_nearly_agree_are_different_ones(t: Tables) -> None:
    """R's own grouping takes doubles for alike whose last two bytes differ: moments within milliseconds are."""
    t.kernel.run(
        "near <- data.frame(x = c(0.3, 0.1 + 0.2, NA, 0.3, NaN),"
        " at = .POSIXct(1577836800 + c(5, 1, 4, 2, 3) / 1000, tz = 'UTC'))"
    )
    info = t.open("near")
    numbers = t.ask("table.profile", table=info.table, column=0)
    assert figures(numbers)["distinct"] == "2"
    assert [one.count for one in t.ask("table.values", table=info.table, column=0).values] == [2, 1, 1, 1]
    moments = t.ask("table.profile", table=info.table, column=1, bins=4)
    assert (figures(moments)["distinct"], sum(moments.counts)) == ("5", 5)
    assert figures(moments)["earliest"].startswith("2020-01-01T00:00:00.001")
    assert figures(moments)["latest"].startswith("2020-01-01T00:00:00.005")


def test_samples_say_so_and_exact_is_exact(t: Tables) -> None:
    t.kernel.run("big <- data.frame(x = as.numeric(1:3e5), s = as.character(1:3e5 %% 1000))")
    info = t.open("big")
    sample = t.ask("table.profile", table=info.table, column=0)
    assert (sample.row_count, sample.rows_looked_at) == (300_000, 50_000)
    assert float(figures(sample)["mean"]) == pytest.approx(150_000, rel=0.001)
    for column, name, value in ((0, "mean", "150000.5"), (1, "distinct", "1000")):
        for _ in range(20):  # a busy machine may look at fewer rows in its two seconds, and says so
            exact = t.ask("table.profile", table=info.table, column=column, is_exact=True)
            assert 100_000 <= exact.rows_looked_at <= 300_000
            if exact.rows_looked_at == 300_000:
                break
        assert figures(exact)[name] == value


def test_values_are_counted_and_searched(t: Tables, table: tuple[str, dict[str, int]]) -> None:
    def values(name: str, **options: Any) -> contract.ValueCounts:
        found: contract.ValueCounts = t.ask("table.values", table=table[0], column=table[1][name], **options)
        return found

    found = values("chr")
    counts = counted(t, "df$chr")
    assert {one.text: one.count for one in found.values if not one.code} == counts
    assert [one.count for one in found.values if one.code] == [told(t, "sum(is.na(df$chr))")]
    assert [one.count for one in found.values] == sorted((one.count for one in found.values), reverse=True)
    assert (found.total, found.rows_looked_at) == (6, 3000)
    assert {one.text for one in values("chr", search="A").values} == {"apple", "NA"}
    assert {one.text for one in values("chr", search="Ä").values} == {"ä"}
    limited = values("int", limit=3)
    assert (len(limited.values), limited.total) == (3, 12)
    views = itertools.count(100)
    for name in ("dbl", "int", "fct", "lgl", "day", "when", "gap", "chr"):
        for one in values(name, limit=4).values:
            if one.code:
                continue
            equal = {"column": table[1][name], "operator": "in", "values": [one.text]}
            assert t.view(table[0], next(views), filter={"all": True, "members": [equal]}).row_count == one.count, (
                name,
                one,
            )
    with pytest.raises(Refused, match="no list"):
        values("list")


def test_picture_of_missing_values(t: Tables) -> None:
    t.kernel.run(
        "gaps <- data.frame(a = c(1, NA, 3, NA, 5, 6, NaN, 8), b = c('x', NA, '', NA, 'y', 'z', 'w', NA), full = 1:8)\n"
        "gaps$l <- list(1, NULL, 3, 4, 5, 6, 7, 8)"
    )
    info = t.open("gaps")
    answered = t.raw("table.missing", table=info.table, columns=[0, 1, 2, 3], buckets=4)
    found = contract.MissingPicture.from_json(answered.result)
    assert (found.columns, found.buckets, found.counts) == ((0, 1, 2, 3), 4, (3, 3, 0, 1))
    assert (found.row_count, found.rows_looked_at) == (8, 8)
    (shares,) = answered.buffers
    assert [round(share / 255, 1) for share in shares] == [
        *(0.5, 0.5, 0.0, 0.5),
        *(0.5, 0.5, 0.0, 0.5),
        *(0.0, 0.0, 0.0, 0.0),
        *(0.5, 0.0, 0.0, 0.0),
    ]
    assert {(one.columns, one.count) for one in found.patterns} == {
        ((0, 1, 3), 1),
        ((0, 1), 1),
        ((0,), 1),
        ((1,), 1),
    }


def test_one_missing_value_among_many_is_seen(t: Tables) -> None:
    t.kernel.run("most <- data.frame(a = c(rep(1, 99999), NA), b = NA); none <- data.frame(a = numeric())")
    answered = t.raw("table.missing", table=t.open("most").table, columns=[0, 1], buckets=2)
    assert list(answered.buffers[0]) == [0, 1, 255, 255]
    empty = t.ask("table.missing", table=t.open("none").table, columns=[0])
    assert (empty.row_count, empty.counts, empty.patterns) == (0, (0,), ())
