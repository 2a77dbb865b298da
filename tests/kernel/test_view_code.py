"""Code for a view, run in real kernels with the real libraries: it gives the rows that the page on filters says."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from fourpane_plugins.lang_python.language import PythonLanguage
from fourpane_plugins.lang_r.language import RLanguage
from ide.core.language import Language
from ide.core.ports import Cancel
from ide.core.table import Column, ColumnKind, Filter, FilterGroup, FilterProblem, SortKey, TableInfo, ViewSpec
from ide.core.view_code import ViewCodeError, ViewCodeRequest
from ide.tables.copy import Copied, Request, copy
from ide.tables.view_code import view_code
from tests.fakes.table_source import FakeTableSource
from tests.kernel.agents.harness import AgentKernel
from tests.kernel.view_code_cases import BERLIN, Known, brief, expected_rows, instant, nanoseconds, specs
from tests.kernel.view_code_kernels import answer, python_kernel, r_kernel, r_text, rows_of_codes

PYTHON, R = PythonLanguage(), RLanguage()
TEXTS = ("b", None, "abc", "", "Éa.c", "B2", "b'\"c\\", "xx", "Z", "b", "日本", "a")
FILTER_TEXTS = ("abc", "b", "", "Z", "b'\"c\\", "none")
DATES = ("2024-01-31", None, "1969-12-31", "2024-02-29", "2024-01-31", "9999-12-31", "0001-01-01", None)
STAMPS = (
    "2024-01-31T12:30:05", None, "1969-12-31T23:59:59.999999", "2024-07-01T00:00:00", "2024-01-31T12:30:05.000001",
    "2024-01-31T00:00:00", "2024-10-27T00:30:00", "2024-07-01T00:00:00", None, "2100-01-01T01:00:00",
    "2024-02-01T00:00:00", "1970-01-01T00:00:00",
)  # fmt: skip
STAMP_TEXTS = ("2024-01-31T12:30:05", "2024-01-31", "2024-07-01T00:00", "2024-01-31T12:30:05.000001")
ROWS = 12
# Columns that are the same to DuckDB as others.
TWINS = ("object", "string", "arrow text", "arrow when", "numbered")


def full(values: Sequence[Any]) -> tuple[Any, ...]:
    """Repeated to the number of rows of all test frames."""
    return tuple((list(values) * ROWS)[:ROWS])


NUMBERS = full([3, None, -1, 7, 3, 0, None, 100, 2])
WHOLE = full([3, 9007199254740993, -1, 7, 3, 0, -9223372036854775808, 9223372036854775807, 9007199254740992])
WHOLE_TEXTS = ("3", "9007199254740993", "-1", "2.5", "1e30", "inf", "-inf", "18446744073709551615")
FLOATS = full([0.5, None, -0.1, 1e300, 0.5, float("inf"), float("-inf"), 0.1, 3.0])
FLOAT_TEXTS = ("0.5", "0.1", "-0.1", "3", "inf", "-inf", "1e300", "9007199254740993")
DURATIONS = full([1, None, Fraction(5, 2), -3, 1, 0, 86400, Fraction(1, 1000)])
DURATION_TEXTS = ("1", "2.5", "-3", "0", "86400", "0.001")
TIMES = full(["12:30:00", None, "00:00:00", "23:59:59.999999", "12:30:00", "12:30:00.5"])
TIME_TEXTS = ("12:30", "12:30:00.5", "00:00", "23:59:59.999999")
BOOLEANS = full([True, None, False, True, False])
LEVELS = full(["low", None, "high", "mid", "low", "mid"])


def python_values(values: Sequence[Any]) -> str:
    """As a list in code."""
    return repr([float(value) if isinstance(value, Fraction) else value for value in values]).replace("inf", "INF")


def stamps_in(zone: str) -> tuple[int | None, ...]:
    return tuple(None if text is None else instant(text, zone) for text in STAMPS)


def times_of(texts: Sequence[str | None]) -> tuple[int | None, ...]:
    return tuple(
        None if text is None else nanoseconds(datetime.datetime.fromisoformat(f"1970-01-01T{text}"), text)
        for text in texts
    )


def dates_of(texts: Sequence[str | None]) -> tuple[Any, ...]:
    return tuple(None if text is None else datetime.date.fromisoformat(text) for text in texts)


def number(name: str, values: Sequence[Any], texts: Sequence[str], code: str) -> Known:
    return Known(name, "number", tuple(values), tuple(texts), code)


def pandas_table() -> list[Known]:
    """A column of every kind that a pandas frame can have."""
    small = [None if value is None else Fraction(str(value)) for value in full([0.5, None, 0.1, 2.5, 0.1, 3])]
    text = python_values(TEXTS)
    stamps = repr(list(STAMPS))
    when = f"pd.to_datetime({stamps}, format='ISO8601').as_unit('us')"
    mixed = f"[INF - INF if value is None and row < 5 else value for row, value in enumerate({python_values(FLOATS)})]"
    with_nan = f"pa.chunked_array([pa.array({mixed})])"
    decimals = [value and str(float(value)) for value in small]
    days = f"[v and datetime.date.fromisoformat(v) for v in {full(DATES)}]"
    berlin = f"pd.to_datetime(pd.Series({stamps}), format='ISO8601').dt.tz_localize({BERLIN!r})"
    seconds = python_values(DURATIONS)
    return [
        number("id", range(ROWS), (), f"range({ROWS})"),
        number("whole", WHOLE, WHOLE_TEXTS, f"pd.array({WHOLE}, dtype='int64')"),
        number("nullable", NUMBERS, WHOLE_TEXTS, f"pd.array({list(NUMBERS)}, dtype='Int64')"),
        number("float", FLOATS, FLOAT_TEXTS, f"pd.array({python_values(FLOATS)}, dtype='float64')"),
        number("single", small, ("0.5", "0.1", "2.5", "3"), f"np.array({python_values(small)}, dtype='float32')"),
        number(
            "unsigned", full([0, 2**64 - 1, 5]), WHOLE_TEXTS, f"np.array({full([0, 2**64 - 1, 5])}, dtype='uint64')"
        ),
        number("arrow", FLOATS, FLOAT_TEXTS, f"pd.array({python_values(FLOATS)}, dtype='float64[pyarrow]')"),
        number("arrow nan", FLOATS, FLOAT_TEXTS, f"pd.Series(pd.arrays.ArrowExtensionArray({with_nan}))"),
        number(
            "exact",
            small,
            ("0.5", "0.1", "2.5", "3"),
            f"pd.array([v and Decimal(v) for v in {decimals}], dtype=pd.ArrowDtype(pa.decimal128(10, 3)))",
        ),
        Known("text", "text", TEXTS, FILTER_TEXTS, text),
        Known("object", "text", TEXTS, FILTER_TEXTS, f"pd.Series({text}, dtype=object)"),
        Known("string", "text", TEXTS, FILTER_TEXTS, f"pd.array({text}, dtype='string')"),
        Known("arrow text", "text", TEXTS, FILTER_TEXTS, f"pd.array({text}, dtype=pd.ArrowDtype(pa.string()))"),
        Known(
            "group",
            "category",
            LEVELS,
            ("low", "mid", "none", "high"),
            f"pd.Categorical({list(LEVELS)}, ['low', 'mid', 'high'])",
            levels=("low", "mid", "high"),
        ),
        Known(
            "grade",
            "category",
            LEVELS,
            ("low", "mid", "high"),
            f"pd.Categorical({list(LEVELS)}, ['low', 'mid', 'high'], ordered=True)",
            levels=("low", "mid", "high"),
            is_ordered=True,
        ),
        Known(
            "numbered",
            "category",
            tuple(v and str(v) for v in full([3, None, 10, 2])),
            ("10", "3", "2"),
            f"pd.Categorical({full([3, None, 10, 2])}, [10, 2, 3], ordered=True)",
            levels=("10", "2", "3"),
            is_ordered=True,
        ),
        Known("flag", "boolean", full([True, False, True]), ("true", "false"), f"{full([True, False, True])}"),
        Known("maybe", "boolean", BOOLEANS, ("true", "false"), f"pd.array({list(BOOLEANS)}, dtype='boolean')"),
        Known(
            "when",
            "timestamp",
            stamps_in(""),
            STAMP_TEXTS,
            f"pd.to_datetime({stamps}, format='ISO8601').as_unit('us')",
            unit="us",
        ),
        Known(
            "nanos",
            "timestamp",
            tuple(v and v + 1 for v in stamps_in("")),
            (*STAMP_TEXTS, "2024-01-31T12:30:05.000000001"),
            f"pd.to_datetime({stamps}, format='ISO8601').as_unit('ns') + pd.Timedelta(1, 'ns')",
            unit="ns",
        ),
        Known(
            "there",
            "timestamp",
            stamps_in(BERLIN),
            (*STAMP_TEXTS, "2024-06-30T22:00:00Z", "2024-07-01T01:00+03:00"),
            berlin,
            zone=BERLIN,
            unit="us",
        ),
        Known(
            "arrow when",
            "timestamp",
            stamps_in(""),
            STAMP_TEXTS,
            f"pd.array({when}, dtype=pd.ArrowDtype(pa.timestamp('us')))",
            unit="us",
        ),
        Known(
            "day",
            "date",
            dates_of(full(DATES)),
            ("2024-01-31", "2024-02-29", "1969-12-31"),
            f"pd.array({days}, dtype=pd.ArrowDtype(pa.date32()))",
        ),
        Known(
            "clock",
            "time",
            times_of(TIMES),
            TIME_TEXTS,
            f"pd.array([v and datetime.time.fromisoformat(v) for v in {TIMES}], dtype=pd.ArrowDtype(pa.time64('us')))",
            unit="us",
        ),
        Known(
            "span",
            "duration",
            DURATIONS,
            DURATION_TEXTS,
            f"pd.to_timedelta({seconds}, unit='s').as_unit('us')",
            unit="us",
        ),
        Known("anything", "object", full([1, None]), (), f"pd.Series([[1], None] * {ROWS // 2}, dtype=object)"),
    ]


def polars_table() -> list[Known]:
    """A column of every kind that a polars frame can have."""
    small = [None if value is None else Fraction(str(value)) for value in full([0.5, None, 0.1, 2.5, 0.1, 3])]
    text = python_values(TEXTS)
    stamps = f"pl.Series({list(STAMPS)}).str.to_datetime(time_unit='us')"
    seconds = [None if v is None else int(v * 1_000_000) for v in DURATIONS]
    nan = [None if v is None else v for v in FLOATS]
    return [
        number("id", range(ROWS), (), f"pl.Series(range({ROWS}))"),
        number("whole", WHOLE, WHOLE_TEXTS, f"pl.Series({WHOLE}, dtype=pl.Int64)"),
        number("small", NUMBERS, WHOLE_TEXTS, f"pl.Series({list(NUMBERS)}, dtype=pl.Int8)"),
        number(
            "unsigned",
            full([0, 2**64 - 1, None, 5]),
            WHOLE_TEXTS,
            f"pl.Series({full([0, 2**64 - 1, None, 5])}, dtype=pl.UInt64)",
        ),
        number("float", FLOATS, FLOAT_TEXTS, f"pl.Series({python_values(nan)}, dtype=pl.Float64)"),
        number(
            "nan", FLOATS, FLOAT_TEXTS, f"pl.Series({python_values(nan)}, dtype=pl.Float64).fill_null(float('nan'))"
        ),
        number("single", small, ("0.5", "0.1", "2.5", "3"), f"pl.Series({python_values(small)}, dtype=pl.Float32)"),
        number(
            "exact",
            small,
            ("0.5", "0.1", "2.5", "3"),
            f"pl.Series([v and Decimal(v) for v in {[s and str(float(s)) for s in small]}], dtype=pl.Decimal(10, 3))",
        ),
        Known("text", "text", TEXTS, FILTER_TEXTS, f"pl.Series({text})"),
        Known("^text.*$", "text", TEXTS, FILTER_TEXTS, f"pl.Series({text})"),
        Known(
            "group",
            "category",
            LEVELS,
            ("low", "mid", "none", "high"),
            f"pl.Series({list(LEVELS)}, dtype=pl.Categorical)",
            levels=("high", "low", "mid"),
            sorts_by_text=True,
        ),
        Known(
            "grade",
            "category",
            LEVELS,
            ("low", "mid", "high"),
            f"pl.Series({list(LEVELS)}, dtype=pl.Enum(['low', 'mid', 'high']))",
            levels=("low", "mid", "high"),
            is_ordered=True,
        ),
        Known("maybe", "boolean", BOOLEANS, ("true", "false"), f"pl.Series({list(BOOLEANS)})"),
        Known("when", "timestamp", stamps_in(""), (*STAMP_TEXTS, "2024-01-31T12:30:05.000000001"), stamps, unit="us"),
        Known(
            "nanos",
            "timestamp",
            tuple(v and v + 1 for v in stamps_in("")),
            (*STAMP_TEXTS, "2024-01-31T12:30:05.000000001"),
            f"{stamps}.dt.cast_time_unit('ns') + pl.Series([1], dtype=pl.Duration('ns'))",
            unit="ns",
        ),
        Known(
            "millis",
            "timestamp",
            tuple(v and v // 10**6 * 10**6 for v in stamps_in("")),
            STAMP_TEXTS,
            f"{stamps}.dt.cast_time_unit('ms')",
            unit="ms",
        ),
        Known(
            "there",
            "timestamp",
            stamps_in(BERLIN),
            (*STAMP_TEXTS, "2024-06-30T22:00:00Z", "2024-07-01T01:00+03:00"),
            f"{stamps}.dt.replace_time_zone({BERLIN!r})",
            zone=BERLIN,
            unit="us",
        ),
        Known(
            "day",
            "date",
            dates_of(full(DATES)),
            ("2024-01-31", "2024-02-29", "1969-12-31"),
            f"pl.Series([v and datetime.date.fromisoformat(v) for v in {full(DATES)}])",
        ),
        Known(
            "clock",
            "time",
            times_of(TIMES),
            TIME_TEXTS,
            f"pl.Series([v and datetime.time.fromisoformat(v) for v in {TIMES}])",
            unit="ns",
        ),
        Known(
            "span", "duration", DURATIONS, DURATION_TEXTS, f"pl.Series({seconds}, dtype=pl.Duration('us'))", unit="us"
        ),
        Known("anything", "nested", full([1, None]), (), f"pl.Series([[1], None] * {ROWS // 2})"),
    ]


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AgentKernel]:
    made = python_kernel(PYTHON, tmp_path_factory.mktemp("python"))
    yield made
    made.close()


def make(kernel: AgentKernel, name: str, table: Sequence[Known], maker: str, types: str) -> dict[int, Column]:
    """A frame in the kernel, and its columns as an agent tells them."""
    answer(kernel, f"{name} = {maker}({{{', '.join(f'{one.name!r}: {one.code}' for one in table)}}})")
    found = json.loads(answer(kernel, f"print(json.dumps({types}))"))
    return {index: one.column(index, found[index]) for index, one in enumerate(table)}


def round_trip(
    kernel: AgentKernel, dialect: str, request: ViewCodeRequest, table: Sequence[Known], asked: Sequence[ViewSpec]
) -> None:
    """The code of every view gives the expected rows, in their order."""
    language: Language = PYTHON if kernel.language.id == "python" else R
    codes = [language.view_code(dialect, replace(request, spec=spec)) for spec in asked]
    found = rows_of_codes(kernel, codes, request.result)
    wrong = [
        f"{spec}\n{code}\nfound    {rows}\nexpected {expected_rows(spec, table)}"
        for spec, code, rows in zip(asked, codes, found, strict=True)
        if rows != expected_rows(spec, table)
    ]
    assert not wrong, f"{len(wrong)} of {len(codes)}:\n" + "\n\n".join(wrong[:: max(1, len(wrong) // 12)])


def test_pandas_code_gives_the_rows_of_every_filter_and_sort(kernel: AgentKernel) -> None:
    table = pandas_table()
    columns = make(kernel, "df", table, "pd.DataFrame", "[str(one) for one in df.dtypes]")
    request = ViewCodeRequest("df", "df_view", "pandas", "DataFrame", columns, ViewSpec())
    round_trip(kernel, "pandas", request, table, list(specs(table)))


def test_polars_code_gives_the_rows_of_every_filter_and_sort(kernel: AgentKernel) -> None:
    table = polars_table()
    columns = make(kernel, "frame", table, "pl.DataFrame", "[str(one) for one in frame.dtypes]")
    request = ViewCodeRequest("frame", "frame_view", "polars", "DataFrame", columns, ViewSpec())
    round_trip(kernel, "polars", request, table, list(specs(table)))
    answer(kernel, "lazy = frame.lazy()")
    request = replace(request, expression="lazy", type_name="LazyFrame")
    round_trip(kernel, "polars", request, table, list(specs(table))[::7])


def test_sql_gives_the_rows_of_every_filter_and_sort_of_pandas(kernel: AgentKernel) -> None:
    table = [one for one in pandas_table() if one.name not in TWINS]
    columns = make(kernel, "df", table, "pd.DataFrame", "[str(one) for one in df.dtypes]")
    request = ViewCodeRequest("df", "df_view", "pandas", "DataFrame", columns, ViewSpec())
    round_trip(kernel, "sql", request, table, brief(list(specs(table))))


def test_sql_gives_the_rows_of_every_filter_and_sort_of_polars(kernel: AgentKernel) -> None:
    table = [one for one in polars_table() if one.kind != "duration"]
    columns = make(kernel, "frame", table, "pl.DataFrame", "[str(one) for one in frame.dtypes]")
    request = ViewCodeRequest("frame", "frame_view", "polars", "DataFrame", columns, ViewSpec())
    round_trip(kernel, "sql", request, table, brief(list(specs(table))))


# ---- R ---------------------------------------------------------------------------------------------------------------


def r_vector(values: Sequence[Any], kind: str = "") -> str:
    """As a vector in code; `kind` names the type of NA."""
    missing = f"NA{kind}"

    def word(value: Any) -> str:
        if value is None:
            return missing
        if isinstance(value, bool):
            return str(value).upper()
        if isinstance(value, str):
            return r_text(value)
        return repr(float(value)).replace("inf", "Inf")

    return f"c({', '.join(map(word, values))})"


def r_table() -> list[Known]:
    """A column of every kind that a frame of R can have."""
    whole = full([3, None, -1, 7, 3, 0, None, 100, 2])
    stamps = [text and text[:19] for text in STAMPS]
    local = tuple(text and instant(text, BERLIN) for text in stamps)
    utc = tuple(text and instant(text) for text in stamps)
    texts = (*STAMP_TEXTS[:3], "2024-06-30T22:00:00Z", "2024-07-01T01:00+03:00")
    return [
        number("id", range(ROWS), (), f"0:{ROWS - 1}"),
        number("whole", whole, ("3", "-1", "2.5", "1e30", "inf"), f"as.integer({r_vector(whole)})"),
        number("float", FLOATS, FLOAT_TEXTS, r_vector(FLOATS, "_real_")),
        number(
            "nan",
            FLOATS,
            FLOAT_TEXTS,
            f"{r_vector(FLOATS, '_real_')} |> (\\(x) ifelse(is.na(x) & 1:{ROWS} > 3, NaN, x))()",
        ),
        Known("text", "text", TEXTS, FILTER_TEXTS, r_vector(TEXTS, "_character_")),
        Known("a text", "text", TEXTS, FILTER_TEXTS, r_vector(TEXTS, "_character_")),
        Known(
            "group",
            "category",
            LEVELS,
            ("low", "mid", "none", "high"),
            f"factor({r_vector(LEVELS)}, c('low', 'mid', 'high'))",
            levels=("low", "mid", "high"),
        ),
        Known(
            "grade",
            "category",
            LEVELS,
            ("low", "mid", "high"),
            f"factor({r_vector(LEVELS)}, c('low', 'mid', 'high'), ordered = TRUE)",
            levels=("low", "mid", "high"),
            is_ordered=True,
        ),
        Known("maybe", "boolean", BOOLEANS, ("true", "false"), r_vector(BOOLEANS)),
        Known(
            "when",
            "timestamp",
            utc,
            STAMP_TEXTS[:3],
            f"as.POSIXct({r_vector(stamps)}, tz = 'UTC', format = '%Y-%m-%dT%H:%M:%S')",
            zone="UTC",
        ),
        Known(
            "there",
            "timestamp",
            local,
            texts,
            f"as.POSIXct({r_vector(stamps)}, tz = {BERLIN!r}, format = '%Y-%m-%dT%H:%M:%S')",
            zone=BERLIN,
        ),
        Known(
            "day",
            "date",
            dates_of(full(DATES)),
            ("2024-01-31", "2024-02-29", "1969-12-31"),
            f"as.Date({r_vector(full(DATES))})",
        ),
        Known("span", "duration", DURATIONS, DURATION_TEXTS, f"as.difftime({r_vector(DURATIONS)}, units = 'secs')"),
        Known("anything", "nested", full([1, None]), (), f"I(rep(list(1, NULL), {ROWS // 2}))"),
    ]


@pytest.fixture(scope="module")
def in_r(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AgentKernel]:
    made = r_kernel(R, tmp_path_factory.mktemp("r"))
    yield made
    made.close()


@pytest.mark.parametrize("dialect", ["base_r", "dplyr"])
@pytest.mark.parametrize("maker", ["data.frame", "tibble", "data.table"])
def test_r_code_gives_the_rows_of_every_filter_and_sort(in_r: AgentKernel, dialect: str, maker: str) -> None:
    table = r_table()
    columns = {index: one.column(index) for index, one in enumerate(table)}
    fields = ", ".join(f"`{one.name}` = {one.code}" for one in table)
    names = {"data.frame": ", check.names = FALSE, stringsAsFactors = FALSE"}.get(maker, "")
    answer(in_r, f"df <- {maker}({fields}{names})")
    request = ViewCodeRequest("df", "df_view", "r", maker, columns, ViewSpec())
    asked = list(specs(table))
    if dialect == "dplyr":  # slow
        asked = brief(asked, 2 if maker == "data.frame" else 1)
    round_trip(in_r, dialect, request, table, asked)


# ---- odd names and labels --------------------------------------------------------------------------------------------


def odd(index: int, name: str, name_code: str = "", kind: ColumnKind = "number") -> Column:
    return Column(index, name, kind, "int64" if kind == "number" else "str", name_code)


def rows(kernel: AgentKernel, dialect: str, request: ViewCodeRequest, *asked: ViewSpec) -> list[object]:
    language: Language = PYTHON if kernel.language.id == "python" else R
    codes = [language.view_code(dialect, replace(request, spec=spec)) for spec in asked]
    return rows_of_codes(kernel, codes, request.result)


def at_least(column: int, text: str) -> ViewSpec:
    return ViewSpec(filter=FilterGroup((Filter(column, "ge", (text,)),)))


def down(*columns: int) -> ViewSpec:
    return ViewSpec(tuple(SortKey(column, is_descending=True) for column in columns))


def test_pandas_code_finds_columns_by_any_name(kernel: AgentKernel) -> None:
    names = "['id', 'a', 'a', 3, ('x', 1), None, True, 'it\\'s \"so\"', '']"
    answer(
        kernel,
        f"odd = pd.DataFrame([[row] + [(row * 7 + c) % 5 for c in range(8)] for row in range(5)], columns={names})",
    )
    told = [("id", ""), ("a", ""), ("a", ""), ("3", "3"), ("x, 1", "('x', 1)"), ("None", "None"), ("True", "True")]
    columns = {i: odd(i, *one) for i, one in enumerate([*told, ('it\'s "so"', ""), ("", "")])}
    request = ViewCodeRequest("odd", "odd_view", "pandas", "DataFrame", columns, ViewSpec(), repeated=frozenset({1, 2}))
    cells = [[(row * 7 + c) % 5 for c in range(8)] for row in range(5)]
    for index in range(1, 9):
        found = rows(kernel, "pandas", request, at_least(index, "2"), down(index), down(index, 0))
        values = [cells[row][index - 1] for row in range(5)]
        order = sorted(range(5), key=lambda row: -values[row])
        assert found == [[row for row in range(5) if values[row] >= 2], order, order], index


def test_pandas_code_filters_and_sorts_by_row_labels(kernel: AgentKernel) -> None:
    answer(
        kernel, "one = pd.DataFrame({'id': range(5), 'x': [1, 1, 2, 2, 1]}, index=pd.Index(list('bdace'), name='key'))"
    )
    columns = {0: odd(0, "id"), 1: odd(1, "x"), -1: odd(-1, "key", kind="text")}
    request = ViewCodeRequest("one", "one_view", "pandas", "DataFrame", columns, ViewSpec())
    both = ViewSpec((SortKey(1), SortKey(-1, is_descending=True)), FilterGroup((Filter(-1, "not_in", ("a",)),)))
    assert rows(kernel, "pandas", request, at_least(-1, "c"), down(-1), both) == [
        [1, 3, 4], [4, 1, 3, 0, 2], [4, 1, 0, 3]
    ]  # fmt: skip
    answer(kernel, "two = one.set_index([pd.Index([2, 1, 2, 1, None]), pd.Index(list('xxyyx'), name='x')])")
    columns = {0: odd(0, "id"), 1: odd(1, "x"), -1: odd(-1, ""), -2: odd(-2, "x", kind="text")}
    request = ViewCodeRequest("two", "two_view", "pandas", "DataFrame", columns, ViewSpec())
    missing = ViewSpec(filter=FilterGroup((Filter(-1, "is_missing"),)))
    assert rows(kernel, "pandas", request, at_least(-1, "2"), missing, down(-2, -1), down(1)) == [
        [0, 2], [4], [2, 3, 0, 1, 4], [2, 3, 0, 1, 4]
    ]  # fmt: skip


def test_code_for_parts_of_other_objects_names_them_once(kernel: AgentKernel, in_r: AgentKernel) -> None:
    columns = {0: odd(0, "id")}
    answer(kernel, "held = {'df': pd.DataFrame({'id': range(5)}), 'pl': pl.DataFrame({'id': range(5)})}")
    spec = replace(at_least(0, "3"), sort=(SortKey(0, is_descending=True),))
    for dialect, library, key in (("pandas", "pandas", "df"), ("sql", "pandas", "df"), ("polars", "polars", "pl")):
        request = ViewCodeRequest(f'held["{key}"]', "view", library, "DataFrame", columns, spec)
        assert PYTHON.view_code(dialect, request).count("held") == 1
        assert rows(kernel, dialect, request, spec) == [[4, 3]]
    answer(in_r, "held <- list(`a b` = data.frame(id = 0:4, check.names = FALSE))")
    for dialect in ("base_r", "dplyr"):
        request = ViewCodeRequest("held$`a b`", "view", "r", "data.frame", columns, spec)
        assert rows(in_r, dialect, request, spec) == [[4, 3]]


def test_base_r_finds_columns_by_any_name_and_row_names(in_r: AgentKernel) -> None:
    answer(
        in_r, "odd <- data.frame(0:4, c(3, 1, 2, 5, 4), c(1, 2, 3, 4, 5), 5:1, row.names = c('b', 'd', 'a', 'c', 'e'))"
    )
    answer(in_r, "names(odd) <- c('id', 'a', 'a', '')")
    columns = {0: odd(0, "id"), 1: odd(1, "a"), 2: odd(2, "a"), 3: odd(3, ""), -1: odd(-1, "", kind="text")}
    request = ViewCodeRequest("odd", "odd_view", "r", "data.frame", columns, ViewSpec(), repeated=frozenset({1, 2}))
    assert rows(in_r, "base_r", request, at_least(1, "3"), down(2), at_least(3, "3"), at_least(-1, "c"), down(-1)) == [
        [0, 3, 4], [4, 3, 2, 1, 0], [0, 1, 2], [1, 3, 4], [4, 1, 3, 0, 2]
    ]  # fmt: skip


CANNOT: list[tuple[Language, str, str, int, str]] = [
    (PYTHON, "sql", "pandas", -1, "SQL does not see the row labels."),
    (PYTHON, "sql", "pandas", 1, "SQL cannot name the column “a” without doubt."),
    (PYTHON, "polars", "polars", -1, "Polars has no row labels."),
    (PYTHON, "pandas", "pandas", 7, "not all known yet"),
    (PYTHON, "cobol", "pandas", 0, "cannot be written as “cobol”"),
    (R, "dplyr", "r", 1, "dplyr cannot name the column “a”."),
    (R, "dplyr", "r", -1, "dplyr does not keep row names."),
    (R, "pandas", "r", 0, "cannot be written as “pandas”"),
]


def test_what_a_dialect_cannot_say_is_told() -> None:
    columns = {0: odd(0, "id"), 1: odd(1, "a"), 2: odd(2, "a"), -1: odd(-1, "", kind="text")}
    for language, dialect, library, index, words in CANNOT:
        request = ViewCodeRequest("df", "view", library, "DataFrame", columns, down(index), repeated=frozenset({1, 2}))
        with pytest.raises(ViewCodeError, match=words):
            language.view_code(dialect, request)


def test_filters_with_a_problem_are_not_in_the_code() -> None:
    info = TableInfo("df", 5, 1, "DataFrame", "pandas", ("pandas",), "df")
    spec = ViewSpec(filter=FilterGroup((Filter(0, "ge", ("x",)), Filter(0, "le", ("3",)))))
    problems = (FilterProblem(0, "“x” is not a number."),)
    code = view_code(info, (odd(0, "id"),), spec, "pandas", PYTHON, problems=problems)
    assert code == 'df_view = df[df["id"] <= 3]\n'
    with pytest.raises(ViewCodeError, match="no name"):
        view_code(replace(info, expression=""), (odd(0, "id"),), spec, "pandas", PYTHON)


# ---- copied cells ----------------------------------------------------------------------------------------------------


def test_copied_r_code_makes_the_same_values(in_r: AgentKernel) -> None:
    texts = ["plain", 'a "b"', "back\\slash", "two\nlines", "tab\t", "é日本", "", None, "\x01end"]
    days = [datetime.date(2024, 1, 31), None, datetime.date(1969, 12, 31)] * 3
    source = FakeTableSource(
        {
            "text": texts,
            "a b": [0.1 + 0.2, 1e300, float("inf"), None, -2.5, 5e-324, 0.0, 1.0, 2**53 + 0.0],
            "whole": [1, -2, None] * 3,
            "flag": [True, None, False] * 3,
            "day": days,
        }
    )
    found: list[Copied] = []
    columns: list[Column] = []
    source.columns(0, 5, columns.extend, lambda error: pytest.fail(str(error)))
    turns: list[Callable[[], None]] = []

    def after(_delay_s: float, callback: Callable[[], None]) -> Cancel:
        turns.append(callback)
        return turns.clear

    copy(source, Request(0, (range(9),), columns, "r"), after, found.append, lambda error: pytest.fail(str(error)))
    while turns:
        turns.pop(0)()
    told = answer(
        in_r, f"x <- {found[0].text}\ncat(jsonlite::toJSON(x, digits = NA, na = 'null', dataframe = 'columns'))"
    )
    values = json.loads(told.replace('"Inf"', "Infinity"))
    assert values["text"] == texts
    assert values["whole"] == [1, -2, None] * 3
    assert values["flag"] == [True, None, False] * 3
    assert values["day"] == [day and day.isoformat() for day in days]
    exact = answer(in_r, "cat(sprintf('%.17g', x[['a b']]))").split()
    assert [None if one == "NA" else float(one) for one in exact] == source._fields[1].values
