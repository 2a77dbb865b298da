"""Code for a view of a data file gives the rows that the viewer shows: the reader's own answers are the oracle."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest

from fourpane_plugins.lang_python.language import PythonLanguage
from fourpane_plugins.lang_r.language import RLanguage
from ide.core.language import Language
from ide.core.table import Column, FilterGroup, SortKey, ViewSpec
from ide.core.view_code import ViewCodeError
from ide.tables.files.source import FileTableSource
from ide.tables.view_code import view_code
from tests.kernel.agents.harness import AgentKernel
from tests.kernel.view_code_cases import Known, brief, filters
from tests.kernel.view_code_kernels import python_kernel, r_kernel, rows_of_codes
from tests.unit.tables.files.kit import Desk

PYTHON, R = PythonLanguage(), RLanguage()
TEXTS: dict[str, tuple[str, ...]] = {
    "number": ("3", "0.5", "9007199254740993"),
    "text": ("abc", "", "NA", 'say "no"'),
    "boolean": ("true", "false"),
    "date": ("2024-01-31", "2024-02-01"),
    "timestamp": ("2024-01-31T12:30:00", "2024-01-31"),
}
ROWS: list[tuple[Any, ...]] = [
    (0, 3, 0.5, "abc", True, "2024-01-31", "2024-01-31T12:30:00"),
    (1, None, None, "", None, None, None),
    (2, 9007199254740993, -1.25, "NA", False, "2024-02-01", "2024-02-29T00:00:00"),
    (3, -7, 1e300, 'say "no"', True, "1969-12-31", "1969-12-31T23:59:59"),
    (4, 3, 0.5, "é; b", False, "2024-01-31", "2024-01-31T12:30:00"),
    (5, 100, 3.0, "ABC", None, None, "2024-01-31T00:00:00"),
]
NAMES = ("id", "whole", "float", "some text", "flag", "day", "when")


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AgentKernel]:
    made = python_kernel(PYTHON, tmp_path_factory.mktemp("python"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def in_r(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AgentKernel]:
    made = r_kernel(R, tmp_path_factory.mktemp("r"))
    yield made
    made.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    folder = tmp_path / "reader"
    folder.mkdir()
    made = Desk(folder)
    yield made
    made.close_sources()
    made.close()


def asked(columns: Sequence[Column]) -> list[ViewSpec]:
    """Filters of every operator and sorts by every column, and both together."""
    found: list[ViewSpec] = []
    for column in columns[1:]:
        known = Known(column.name, column.kind, (), TEXTS.get(column.kind, ()), "")
        found += [ViewSpec(filter=FilterGroup((one,))) for one in filters(known, column.index)]
        if column.kind in TEXTS:
            found += [ViewSpec((SortKey(column.index),)), ViewSpec((SortKey(column.index, is_descending=True),))]
    pair = FilterGroup((found[3].filter, found[-9].filter), is_all=False)
    return [*brief(found, 2), ViewSpec((SortKey(1, is_descending=True), SortKey(3)), pair), ViewSpec()]


def compare(desk: Desk, kernel: AgentKernel, source: FileTableSource, dialect: str, path: Path) -> None:
    """Every view of the reader against what the code gives."""
    language: Language = PYTHON if kernel.language.id == "python" else R
    columns = desk.columns(source)
    specs = asked(columns)
    shown, codes = [], []
    for spec in specs:
        state = desk.make_view(source, spec.sort, spec.filter)
        assert not state.problems, (spec, state.problems)
        shown.append([row[0] for row in desk.rows(source, state.view, state.row_count)])
        code = view_code(
            source.info, columns, spec, dialect, language,
            path=str(path), file_format=source.options.format, options=asdict(source.options),
        )  # fmt: skip
        codes.append(code)
    result = codes[0].partition("_view")[0].splitlines()[-1] + "_view"
    found = rows_of_codes(kernel, codes, result)
    wrong = [
        f"{spec}\n{code}\nfound {rows}\nshown {true}"
        for spec, code, rows, true in zip(specs, codes, found, shown, strict=True)
        if rows != true
    ]
    assert not wrong, f"{len(wrong)} of {len(codes)}:\n" + "\n\n".join(wrong[:: max(1, len(wrong) // 8)])


def written(separator: str, decimal: str) -> str:
    """The rows as delimited text; missing ones as NA, as nothing or as null."""

    def word(value: Any, row: int) -> str:
        if value is None:
            return ("NA", "", "null")[row % 3]
        text = str(value)
        if isinstance(value, float):
            return text.replace(".", decimal)
        return '"' + text.replace('"', '""') + '"' if '"' in text or separator in text else text

    lines = [separator.join(NAMES)]
    lines += [separator.join(word(value, place) for place, value in enumerate(row)) for row in ROWS]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("dialect", ["pandas", "polars", "sql", "base_r"])
def test_delimited_text(desk: Desk, python: AgentKernel, in_r: AgentKernel, dialect: str, tmp_path: Path) -> None:
    for name, separator, decimal in (("comma.csv", ",", "."), ("semi colon.csv", ";", ",")):
        path = tmp_path / name
        path.write_text(written(separator, decimal), "utf-8")
        source = desk.open(path)
        kinds = [column.kind for column in desk.columns(source)]
        assert kinds == ["number", "number", "number", "text", "boolean", "date", "timestamp"]
        compare(desk, in_r if dialect == "base_r" else python, source, dialect, path)


def table() -> pa.Table:
    day, moment = datetime.date.fromisoformat, datetime.datetime.fromisoformat
    columns = list(zip(*ROWS, strict=True))
    columns[5] = tuple(value and day(value) for value in columns[5])
    columns[6] = tuple(value and moment(value) for value in columns[6])
    arrays = [pa.array(values) for values in columns]
    arrays[2] = pa.array([float("nan") if value is None else value for value in columns[2]])
    arrays[3] = pa.array([None if value == "" else value for value in columns[3]])
    return pa.table(dict(zip(NAMES, arrays, strict=True)))


@pytest.mark.parametrize("dialect", ["pandas", "polars", "sql"])
def test_parquet(desk: Desk, python: AgentKernel, dialect: str, tmp_path: Path) -> None:
    path = tmp_path / "some.parquet"
    pyarrow.parquet.write_table(table(), path, row_group_size=2)
    compare(desk, python, desk.open(path), dialect, path)


@pytest.mark.parametrize("dialect", ["pandas", "polars"])
def test_arrow_files(desk: Desk, python: AgentKernel, dialect: str, tmp_path: Path) -> None:
    path = tmp_path / "some.feather"
    pyarrow.feather.write_feather(table(), str(path), compression="uncompressed")
    compare(desk, python, desk.open(path), dialect, path)


@pytest.mark.parametrize("dialect", ["pandas", "polars", "sql"])
def test_json_files(desk: Desk, python: AgentKernel, dialect: str, tmp_path: Path) -> None:
    records = [dict(zip(NAMES, row, strict=True)) for row in ROWS]
    for record in records:
        record["whole"] = record["whole"] and record["whole"] % 1000
    lines, whole = tmp_path / "lines.jsonl", tmp_path / "whole.json"
    lines.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    whole.write_text(json.dumps(records), "utf-8")
    for path in (lines, whole):
        compare(desk, python, desk.open(path), dialect, path)


def test_other_files_are_refused_in_words(tmp_path: Path, desk: Desk) -> None:
    path = tmp_path / "some.csv"
    path.write_text("id,a,a\n1,2,3\n")
    source = desk.open(path)
    columns = desk.columns(source)
    spec = ViewSpec((SortKey(0),))
    for language, dialect in ((PYTHON, "pandas"), (PYTHON, "polars"), (PYTHON, "sql"), (R, "base_r")):
        with pytest.raises(ViewCodeError, match="cannot be written"):
            view_code(source.info, columns, spec, dialect, language, path=str(path), file_format="sas")
