"""Profiles, frequent values, the picture of missing values, finding: against Python's own figures."""

from __future__ import annotations

import math
import random
import statistics
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ide.core.table import (
    Code,
    ColumnProfile,
    Filter,
    FilterGroup,
    FoundCell,
    MissingPicture,
    Progress,
    TableError,
    ValueCounts,
)
from ide.tables.files.source import FileTableSource
from tests.unit.tables.files.kit import Desk

COUNT = 250_000


def large_columns() -> dict[str, list[Any]]:
    pick = random.Random(5)
    reals = [pick.gauss(0, 1) for _ in range(COUNT)]
    for row in range(0, COUNT, 7):
        reals[row] = math.nan
    return {
        "real": [None if row % 11 == 0 else value for row, value in enumerate(reals)],
        "whole": [None if row % 13 == 0 else pick.randrange(-500, 500) for row in range(COUNT)],
        "text": [None if row % 17 == 0 else "é" * (row % 5) + str(row % 1_000) * (row % 3) for row in range(COUNT)],
        "flag": [None if row % 19 == 0 else row % 3 == 0 for row in range(COUNT)],
        "unlike": [f"text {row}" for row in range(COUNT)],
    }


@pytest.fixture(scope="module")
def large_file(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[Any]]]:
    columns = large_columns()
    arrays = {name: pa.array(found, from_pandas=False) for name, found in columns.items()}
    arrays["stamp"] = pa.array([row * 1_000 if row else None for row in range(COUNT)], pa.timestamp("ms"))
    arrays["cat"] = pa.array([("a", "b", "c")[row % 3] for row in range(COUNT)]).dictionary_encode()
    arrays["nested"] = pa.array([[row] for row in range(COUNT)])
    path = tmp_path_factory.mktemp("profiles") / "large.parquet"
    pq.write_table(pa.table(arrays), path, row_group_size=100_000)
    return path, columns


def test_exact_profiles_are_those_of_python(desk: Desk, large_file: tuple[Path, dict[str, list[Any]]]) -> None:
    path, columns = large_file
    source = desk.open(path)
    profiles = [desk.profile(source, column, is_exact=True) for column in range(8)]
    check_numbers(profiles[0], [value for value in columns["real"] if value is not None and value == value])
    nans = sum(value is not None and value != value for value in columns["real"])
    assert [(one.code, one.count) for one in profiles[0].missing] == [
        (Code.NULL, columns["real"].count(None)),
        (Code.NAN, nans),
    ]
    check_numbers(profiles[1], [value for value in columns["whole"] if value is not None])
    texts = [value for value in columns["text"] if value is not None]
    said = dict(profiles[2].statistics)
    assert said == {
        "distinct": str(len(set(texts))), "empty": str(texts.count("")),
        "shortest": "0", "longest": str(max(map(len, texts))),
    }  # fmt: skip
    expected = sorted(Counter(texts).items(), key=lambda one: (-one[1], one[0]))[:10]
    assert [(one.text, one.count) for one in profiles[2].top] == expected
    flags = [value for value in columns["flag"] if value is not None]
    assert dict(profiles[3].statistics) == {"true": str(flags.count(True)), "false": str(flags.count(False))}
    assert dict(profiles[4].statistics)["distinct"] == str(COUNT)
    assert dict(profiles[5].statistics) == {
        "earliest": "1970-01-01T00:00:01.000", "latest": "1970-01-03T21:26:39.000", "distinct": str(COUNT - 1),
    }  # fmt: skip
    assert sum(profiles[5].counts) == COUNT - 1
    assert [(one.text, one.count) for one in profiles[6].top] == [("a", 83_334), ("b", 83_333), ("c", 83_333)]
    assert (profiles[7].statistics, profiles[7].top, profiles[7].rows_looked_at) == ((), (), COUNT)
    assert all(profile.is_exact for profile in profiles)


def check_numbers(profile: ColumnProfile, numbers: list[float]) -> None:
    said = {name: float(text) for name, text in profile.statistics}
    ordered = sorted(numbers)
    quartiles = statistics.quantiles(ordered, n=4, method="inclusive")
    assert (said["minimum"], said["maximum"]) == (ordered[0], ordered[-1])
    assert said["mean"] == pytest.approx(math.fsum(numbers) / len(numbers), rel=1e-12, abs=1e-15)
    assert said["sd"] == pytest.approx(statistics.stdev(numbers), rel=1e-12)
    assert [said["q25"], said["median"], said["q75"]] == pytest.approx(quartiles, rel=1e-12)
    assert said["distinct"] == len(set(numbers))
    assert said["zeros"] == numbers.count(0)
    assert said["negative"] == sum(number < 0 for number in numbers)
    edges = profile.edges
    assert (edges[0], edges[-1]) == (ordered[0], ordered[-1])
    bins = [0] * (len(edges) - 1)
    place = 0
    for number in ordered:
        while place < len(bins) - 1 and number >= edges[place + 1]:
            place += 1
        bins[place] += 1
    assert list(profile.counts) == bins


def test_a_first_profile_is_a_sample_and_says_so(desk: Desk, large_file: tuple[Path, dict[str, list[Any]]]) -> None:
    source = desk.open(large_file[0])
    profile = desk.profile(source, 0)
    assert profile.row_count == COUNT
    assert 90_000 < profile.rows_looked_at <= 100_000
    assert not profile.is_exact
    assert abs(float(dict(profile.statistics)["mean"])) < 0.05
    assert profile.missing_share == pytest.approx(1 / 11 + 10 / 77, abs=0.01)


def test_exact_profiles_and_pictures_tell_how_far_they_are(
    desk: Desk, large_file: tuple[Path, dict[str, list[Any]]]
) -> None:
    source, told = desk.open(large_file[0]), list[Progress]()
    desk.wait(lambda done, failed: source.profile(0, 0, done, failed, is_exact=True, progress=told.append))
    assert told
    assert told[-1].done <= told[-1].total
    told.clear()
    desk.wait(lambda done, failed: source.missing(0, (0, 1), done, failed, is_exact=True, progress=told.append))
    assert told


def test_profiles_are_of_the_rows_of_their_view(desk: Desk, large_file: tuple[Path, dict[str, list[Any]]]) -> None:
    path, columns = large_file
    source = desk.open(path)
    state = desk.make_view(source, (), FilterGroup((Filter(1, "gt", ("400",)),)))
    chosen = [value for value in columns["whole"] if value is not None and value > 400]
    assert state.row_count == len(chosen)
    profile = desk.profile(source, 1, view=desk.view, is_exact=True)
    assert (profile.row_count, profile.rows_looked_at) == (len(chosen), len(chosen))
    check_numbers(profile, chosen)


def test_what_does_not_fit_into_memory_is_counted_on_disk(
    small_desk: Desk, large_file: tuple[Path, dict[str, list[Any]]]
) -> None:
    """The figures are the same, and no file is left."""
    path, columns = large_file
    desk = small_desk
    source = desk.open(path)
    check_numbers(desk.profile(source, 0, is_exact=True), [v for v in columns["real"] if v is not None and v == v])
    unlike = desk.profile(source, 4, is_exact=True)
    assert dict(unlike.statistics)["distinct"] == str(COUNT)
    assert [(one.text, one.count) for one in unlike.top][:3] == [("text 0", 1), ("text 1", 1), ("text 10", 1)]
    assert values_of(desk, source, 2).total == len(set(columns["text"]))
    assert desk.temp_files() == []
    desk.close_sources()


def values_of(desk: Desk, source: FileTableSource, column: int, search: str = "", limit: int = 5) -> ValueCounts:
    found: ValueCounts = desk.wait(lambda done, failed: source.values(column, search, limit, done, failed))
    return found


def test_frequent_values_come_with_counts_and_search(desk: Desk, large_file: tuple[Path, dict[str, list[Any]]]) -> None:
    path, columns = large_file
    source = desk.open(path)
    counted = Counter(columns["text"])
    found = values_of(desk, source, 2, limit=10)
    assert [one.count for one in found.values] == [count for _, count in counted.most_common(10)]
    assert [one.count for one in found.values if one.code is Code.NULL] == [counted[None]]
    assert found.total == len(counted)
    assert found.rows_looked_at == COUNT
    texts = {text: count for text, count in counted.items() if text is not None and "é99" in text}
    searched = values_of(desk, source, 2, "É99", 3)
    assert searched.total == len(texts)
    assert [(one.text, one.count) for one in searched.values] == sorted(
        texts.items(), key=lambda one: (-one[1], one[0])
    )[:3]
    assert values_of(desk, source, 4).total == COUNT


def test_the_picture_of_missing_values_is_exact(desk: Desk, large_file: tuple[Path, dict[str, list[Any]]]) -> None:
    path, columns = large_file
    source = desk.open(path)
    wanted = (0, 1, 2, 3)
    picture: MissingPicture = desk.wait(
        lambda done, failed: source.missing(0, wanted, done, failed, buckets=37, is_exact=True)
    )
    gone = [[v is None or v != v for v in columns[name]] for name in ("real", "whole", "text", "flag")]
    assert picture.counts == tuple(map(sum, gone))
    shares = bytearray()
    for flags in gone:
        for place in range(37):
            part = flags[place * COUNT // 37 : (place + 1) * COUNT // 37]
            shares.append(round(255 * sum(part) / len(part)))
    assert picture.shares == bytes(shares)
    together = Counter(
        tuple(column for column, flag in zip(wanted, row, strict=True) if flag) for row in zip(*gone, strict=True)
    )
    del together[()]
    assert dict(picture.patterns) == dict(together)
    sample: MissingPicture = desk.wait(lambda done, failed: source.missing(0, wanted, done, failed))
    assert (sample.row_count, sample.buckets, len(sample.shares)) == (COUNT, 200, 800)
    assert sample.rows_looked_at < COUNT
    near = [abs(share / 255 - sum(gone[1]) / COUNT) for share in sample.shares[200:400]]
    assert max(near) < 0.05


def find(desk: Desk, source: FileTableSource, text: str, row: int, column: int, **how: Any) -> FoundCell:
    view = how.pop("view", 0)
    found: FoundCell = desk.wait(lambda done, failed: source.find(view, text, row, column, done, failed, **how))
    return found


def test_cells_are_found_from_a_place_on(desk: Desk, tmp_path: Path) -> None:
    table = {
        "a": ["x", "Needle", None, "y"] * 10_000,
        "n": list(range(40_000)),
        "b": ["needle", "", "é.é", "z"] * 10_000,
    }
    pq.write_table(pa.table(table), tmp_path / "t.parquet", row_group_size=9_000)
    source = desk.open(tmp_path / "t.parquet")
    assert find(desk, source, "needle", 0, 0) == FoundCell(0, 2)
    assert find(desk, source, "needle", 0, 3) == FoundCell(1, 0)
    assert find(desk, source, "needle", 1, 1) == FoundCell(4, 2)
    assert find(desk, source, "needle", 0, 0, is_case_sensitive=True) == FoundCell(0, 2)
    assert find(desk, source, "Needle", 0, 0, is_case_sensitive=True) == FoundCell(1, 0)
    assert find(desk, source, ".", 0, 0) == FoundCell(2, 2)
    assert find(desk, source, "^3999[89]$", 0, 0, is_regex=True) == FoundCell(39_998, 1)
    assert find(desk, source, "nowhere", 0, 0).row == -1
    desk.make_view(source, (), FilterGroup((Filter(1, "ge", ("39990",)),)))
    assert find(desk, source, "39995", 0, 0, view=desk.view) == FoundCell(5, 1)
    with pytest.raises(TableError, match="no regular expression"):
        find(desk, source, "(", 0, 0, is_regex=True)


def test_whole_cells_tell_what_is_missing(desk: Desk, tmp_path: Path) -> None:
    pq.write_table(pa.table({"r": [math.nan, None, 0.1]}), tmp_path / "t.parquet")
    source = desk.open(tmp_path / "t.parquet")
    assert [desk.cell(source, row, 0).code for row in range(3)] == [Code.NAN, Code.NULL, Code.VALUE]
    assert desk.cell(source, 2, 0).text == "0.1"
    with pytest.raises(TableError):
        desk.cell(source, 3, 0)


def test_one_missing_value_among_many_is_seen(desk: Desk, tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1.0] * 9_999 + [None]}), tmp_path / "few.parquet")
    source = desk.open(tmp_path / "few.parquet")
    picture: MissingPicture = desk.wait(lambda done, failed: source.missing(0, (0,), done, failed, buckets=2))
    assert (picture.shares, picture.counts) == (b"\0\1", (1,))
