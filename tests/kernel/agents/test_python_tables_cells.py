"""Cells of Python's tables are exact: what arrives against what the library itself says, in a real kernel."""

from __future__ import annotations

import datetime
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.kernel.agents.harness import AgentKernel
from tests.kernel.agents.python_tables import Inside

RANDOM = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture(scope="module")
def inside(python: AgentKernel) -> Inside:
    """One kernel for the file."""
    return Inside(python)


def test_pandas_types_arrive_exactly(inside: Inside) -> None:
    inside.check(
        """
        def check(series, expected, kind, **more):
            table = Opened(pd.DataFrame({"x": series}))
            column = table.columns()[0]
            assert column["kind"] == kind, column
            for name, value in more.items():
                assert column.get(name, "") == value, (name, column)
            found = table.cells()
            assert found == expected, (str(series.dtype), found)
            assert [type(one) for one in found] == [type(one) for one in expected]
            # the same through a vector of rows, backwards
            table.view([(0, False)]) if column.get("can_sort", True) else None
            table.close()


        for name in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", ">i4", ">u8"):
            info = np.iinfo(name)
            check(
                pd.Series([int(info.min), 0, int(info.max)], dtype=name), [int(info.min), 0, int(info.max)], "number"
            )
        check(pd.Series([2**53 + 1, -(2**63)]), [2**53 + 1, -(2**63)], "number")
        check(
            pd.Series([0.1 + 0.2, np.nan, np.inf, -np.inf, -0.0]),
            [0.1 + 0.2, "<NaN>", math.inf, -math.inf, -0.0],
            "number",
        )
        for name in ("float16", "float32"):
            check(
                pd.Series([0.1, 65504, np.nan], dtype=name),
                [float(np.dtype(name).type(0.1)), 65504.0, "<NaN>"],
                "number",
            )
        check(pd.Series([True, False]), [True, False], "boolean")
        check(pd.Series([True, None, False], dtype="boolean"), [True, "<NA>", False], "boolean")
        check(pd.Series([1, None, 2**62 + 1], dtype="Int64"), [1, "<NA>", 2**62 + 1], "number")
        check(pd.Series([2**64 - 1, None], dtype="UInt64"), [2**64 - 1, "<NA>"], "number")
        floats = pd.array([1.5, None, 2.5], dtype="Float64")
        floats._data[2] = np.nan
        check(pd.Series(floats), [1.5, "<NA>", "<NaN>"], "number")
        check(
            pd.Series(["a", None, "", " \\u05d0\\U0001f600"], dtype="str"),
            ["a", "<NaN>", "", " \\u05d0\\U0001f600"],
            "text",
        )
        for name in ("string[python]", "string[pyarrow]"):
            check(pd.Series(["a", None, ""], dtype=name), ["a", "<NA>", ""], "text")
        check(pd.Series(["a", None, np.nan, pd.NA, ""], dtype=object), ["a", "<None>", "<NaN>", "<NA>", ""], "text")
        check(pd.Series([None, None], dtype=object), ["<None>", "<None>"], "object")
        stamps = ["1677-09-22", "2262-04-11 23:47:16.854775807", None]
        check(
            pd.Series(pd.array([pd.Timestamp(one) if one else pd.NaT for one in stamps], dtype="datetime64[ns]")),
            [-9223286400000000000, 2**63 - 1, "<NaT>"],
            "timestamp",
            unit="ns",
            zone="",
        )
        check(
            pd.Series(np.array(["9999-12-31T23:59:59", "-2000-01-01", "123456-01-01"], dtype="datetime64[s]")),
            [253402300799, -125281123200, 3833727840000],
            "timestamp",
            unit="s",
        )
        check(
            pd.Series(pd.to_datetime(["2020-03-29 01:59", None]).tz_localize("Europe/Berlin")),
            [pd.Timestamp("2020-03-29 00:59", tz="UTC").as_unit("us")._value, "<NaT>"],
            "timestamp",
            zone="Europe/Berlin",
        )
        for zone, name in (
            ("UTC", "UTC"),
            (dt.timezone.utc, "UTC"),
            (dt.timezone(dt.timedelta(hours=2)), "+02:00"),
            (dt.timezone(-dt.timedelta(hours=3, minutes=30)), "-03:30"),
            ("dateutil/Europe/Rome", "Europe/Rome"),
        ):
            check(
                pd.Series(pd.to_datetime(["2020-01-01"]).tz_localize(zone)),
                [pd.Timestamp("2020-01-01", tz=zone).as_unit("us")._value],
                "timestamp",
                zone=name,
            )
        check(
            pd.Series([pd.Timedelta("1 days 00:00:00.000000001"), pd.NaT]),
            [86400000000001, "<NaT>"],
            "duration",
            unit="ns",
        )
        check(pd.Series(pd.Categorical(["u", None, "v", ""])), ["u", "<NaN>", "v", ""], "category", level_count=3)
        check(
            pd.Series(pd.Categorical([3, 1], categories=[3, 2, 1], ordered=True)),
            ["3", "1"],
            "category",
            is_ordered=True,
        )
        check(pd.Series(pd.Categorical([None, None])), ["<NaN>", "<NaN>"], "category")
        check(pd.Series(pd.period_range("2020-01", periods=2, freq="M")), ["2020-01", "2020-02"], "object")
        check(
            pd.Series(pd.arrays.IntervalArray.from_breaks([0, 1.5, 2], closed="left")),
            ["[0.0, 1.5)", "[1.5, 2.0)"],
            "object",
        )
        check(pd.Series(pd.arrays.SparseArray([0, 0, 7])), [0, 0, 7], "number")
        check(pd.Series(pd.arrays.SparseArray([np.nan, 1.5])), ["<NaN>", 1.5], "number")
        check(pd.Series([1 + 2j, complex("nan")]), ["(1+2j)", "<NaN>"], "object")
        check(
            pd.Series([decimal.Decimal("1.10"), decimal.Decimal("NaN"), None], dtype=object),
            ["1.10", "<NaN>", "<None>"],
            "object",
        )
        check(pd.Series([2**70, -1, True, 1.5], dtype=object), [str(2**70), "-1", "True", "1.5"], "object")
        check(
            pd.Series([b"ab", dt.date(1, 1, 1), dt.time(1)], dtype=object),
            ["b'ab'", "0001-01-01", "01:00:00"],
            "object",
        )
        check(
            pd.Series([[1, 2], {"a": None}, (), None], dtype=object),
            [(8, "[1, 2]"), (8, "{'a': None}"), (8, "()"), "<None>"],
            "nested",
        )
        check(pd.Series(["x" * 200, "y" * 201], dtype=object), ["x" * 200, (7, "y" * 200)], "text")
        check(pd.Series(["é" * 200, "é" * 201], dtype="str"), ["é" * 200, (7, "é" * 200)], "text")
        check(pd.Series(["a" * 1_000_000] * 3, dtype="str"), [(7, "a" * 200)] * 3, "text")
        for name, values, expected, kind in (
            ("int64[pyarrow]", [1, None], [1, "<NA>"], "number"),
            ("double[pyarrow]", [1.5, None], [1.5, "<NA>"], "number"),
            ("bool[pyarrow]", [True, None], [True, "<NA>"], "boolean"),
            ("timestamp[ns, tz=UTC][pyarrow]", [pd.Timestamp(1, tz="UTC"), None], [1, "<NA>"], "timestamp"),
            ("date32[day][pyarrow]", [dt.date(1970, 1, 3), None], [2, "<NA>"], "date"),
        ):
            check(pd.Series(values, dtype=name), expected, kind)
        money = pd.ArrowDtype(pa.decimal128(20, 2))
        check(pd.Series([decimal.Decimal("1.10"), None], dtype=money), ["1.10", "<NA>"], "number")
        lists = pd.ArrowDtype(pa.list_(pa.int64()))
        check(pd.Series([[1, None], None], dtype=lists), [(8, "[1, null]"), "<NA>"], "nested")
        """
    )


def test_polars_and_arrow_types_arrive_exactly(inside: Inside) -> None:
    inside.check(
        """
        berlin = pl.Datetime("us", "Europe/Berlin")
        cases = [
            ("Int64", pl.Series([2**53 + 1, None]), [2**53 + 1, "<NULL>"], "number"),
            ("UInt64", pl.Series([2**64 - 1, None], dtype=pl.UInt64), [2**64 - 1, "<NULL>"], "number"),
            (
                "Float64",
                pl.Series([0.1 + 0.2, float("nan"), None, float("inf")]),
                [0.1 + 0.2, "<NaN>", "<NULL>", math.inf],
                "number",
            ),
            ("Float32", pl.Series([0.1], dtype=pl.Float32), [float(np.float32(0.1))], "number"),
            ("Boolean", pl.Series([True, None, False]), [True, "<NULL>", False], "boolean"),
            ("String", pl.Series(["a", None, "", "y" * 201]), ["a", "<NULL>", "", (7, "y" * 200)], "text"),
            ("Categorical", pl.Series(["u", None], dtype=pl.Categorical), ["u", "<NULL>"], "category"),
            ("Enum", pl.Series(["hi", None], dtype=pl.Enum(["lo", "hi"])), ["hi", "<NULL>"], "category"),
            ("Date", pl.Series([dt.date(1, 1, 1), None]), [-719162, "<NULL>"], "date"),
            (
                "Datetime",
                pl.Series([dt.datetime(2020, 1, 1, 1), None]).cast(berlin),
                [1577840400000000, "<NULL>"],
                "timestamp",
            ),
            ("Duration", pl.Series([dt.timedelta(microseconds=1), None]), [1, "<NULL>"], "duration"),
            ("Time", pl.Series([dt.time(0, 0, 1), None]), [10**9, "<NULL>"], "time"),
            ("Decimal", pl.Series([decimal.Decimal("1.10"), None]), ["1.10", "<NULL>"], "number"),
            ("Binary", pl.Series([b"ab", None]), ["b'ab'", "<NULL>"], "binary"),
            ("List", pl.Series([[1, 2], None, []]), [(8, "[1, 2]"), "<NULL>", (8, "[]")], "nested"),
            ("Struct", pl.Series([{"x": 1, "y": [None]}, None]), [(8, "{x: 1, y: [null]}"), "<NULL>"], "nested"),
        ]
        for name, series, expected, kind in cases:
            table = Opened(series.alias("x").to_frame())
            assert table.columns()[0]["kind"] == kind, name
            assert table.cells() == expected, (name, table.cells())
            arrow = Opened(series.alias("x").to_frame().to_arrow())
            assert arrow.columns()[0]["kind"] == kind, name
            assert arrow.cells() == expected, (name, arrow.cells())
            assert Opened(series).cells() == expected
            backwards = pa.chunked_array([series.to_arrow()[row : row + 1] for row in range(len(series))])
            assert Opened(backwards).cells() == expected, name
        assert Opened(pl.Series([2**100, 1, None], dtype=pl.Int128)).cells() == [str(2**100), "1", "<NULL>"]
        assert Opened(pl.Series([None, None])).cells() == ["<NULL>", "<NULL>"]
        small = pa.array([1.5, None], pa.float16())
        assert Opened(small).cells() == [1.5, "<NULL>"]
        assert Opened(pa.array([[(1, "a")], None], pa.map_(pa.int8(), pa.string()))).cells()[1] == "<NULL>"
        uuid_like = pa.array([b"a" * 16], pa.binary(16))
        assert Opened(uuid_like).cells() == [repr(b"a" * 16)]
        assert Opened(pa.record_batch({"q": [1, 2]})).cells() == [1, 2]
        long_lists = Opened(pl.Series([list(range(1_000_000))] * 3))
        assert all(
            code == 8 and len(text) <= 200 and text.startswith("[0, 1, 2") for code, text in long_lists.cells()
        )
        """
    )


def test_numpy_arrays_of_any_number_of_axes(inside: Inside) -> None:
    inside.check(
        """
        assert Opened(np.array(5)).cells() == [5]
        assert Opened(np.arange(4)[::-1]).cells() == [3, 2, 1, 0]
        assert Opened(np.arange(10)[::2]).cells() == [0, 2, 4, 6, 8]
        cube = np.arange(120).reshape(2, 3, 4, 5)
        table = Opened(cube)
        info = table.info
        assert (info["row_count"], info["column_count"], info["dims"]) == (2, 3, [2, 3, 4, 5])
        assert (info["row_axis"], info["column_axis"], info["fixed"]) == (0, 1, [0, 0])
        for row_axis in range(4):
            for column_axis in range(4):
                if row_axis == column_axis:
                    continue
                others = [axis for axis in range(4) if axis not in (row_axis, column_axis)]
                fixed = [cube.shape[axis] - 1 for axis in others]
                info = ask("table.slice", table=table.name, row_axis=row_axis, column_axis=column_axis, fixed=fixed)
                plane = np.moveaxis(cube, (row_axis, column_axis), (0, 1))[:, :, fixed[0], fixed[1]]
                assert (info["row_count"], info["column_count"]) == plane.shape
                table.info = info
                assert table.page(list(range(plane.shape[1]))) == plane.T.tolist()
        for bad in ((0, 0, [0, 0]), (0, 4, [0, 0]), (0, 1, [0]), (0, 1, [4, 0]), (0, 1, [-1, 0]), (-1, 1, [0, 0, 0])):
            code, _ = refusal(
                lambda: ask("table.slice", table=table.name, row_axis=bad[0], column_axis=bad[1], fixed=bad[2])
            )
            assert code == "bad_params", bad
        assert (
            refusal(
                lambda: ask("table.slice", table=Opened(pd.DataFrame()).name, row_axis=0, column_axis=1, fixed=[])
            )[0]
            == "not_possible"
        )
        masked = np.ma.array([[1, 2], [3, 4]], mask=[[0, 1], [0, 0]])
        assert Opened(masked).page([0, 1]) == [[1, 3], ["<NA>", 4]]
        assert Opened(np.ma.array([1.5, np.nan, 2.0], mask=[0, 0, 1])).cells() == [1.5, "<NaN>", "<NA>"]
        records = np.array(
            [(1, "a", [1, 2], (3, 4.5))],
            dtype=[("x", "i4"), ("y", "U3"), ("z", "i4", (2,)), ("n", [("p", "i1"), ("q", "f8")])],
        )
        for value in (records, records.view(np.recarray), records[0:1]):
            table = Opened(value)
            assert [column["name"] for column in table.columns()] == ["x", "y", "z", "n"]
            assert table.page([0, 1, 2, 3]) == [[1], ["a"], [(8, "[1, 2]")], [(8, "(3, 4.5)")]]
        assert Opened(np.array(["1969", "NaT"], dtype="M8[Y]")).cells() == [-365, "<NaT>"]
        assert Opened(np.array(["1970-02", "NaT"], dtype="M8[M]")).cells() == [31, "<NaT>"]
        assert Opened(np.array([1, "NaT"], dtype="m8[h]")).cells() == [3600, "<NaT>"]
        assert Opened(np.array([3], dtype="M8[10ms]")).cells() == [30]
        assert Opened(np.array([3], dtype="M8[ps]")).cells() == ["1970-01-01T00:00:00.000000000003"]
        assert Opened(np.array([b"a", b""])).cells() == ["b'a'", "b''"]
        assert Opened(np.array(["a", "x" * 300])).cells() == ["a", (7, "x" * 200)]
        wide = np.array([1, 3], dtype=np.longdouble) / 3
        assert Opened(wide).cells() == [str(wide[0]), "1.0"]
        assert Opened(np.zeros((0, 3))).info["row_count"] == 0 and Opened(np.zeros((3, 0))).info["column_count"] == 0
        assert refusal(lambda: Opened(np.zeros((2, 2, 0))))[0] == "not_possible"
        endless = Opened(np.broadcast_to(np.int8(7), (10**5, 10**5)))
        assert endless.page([99_999], 99_998, 100_000) == [[7, 7]]


        class Mine(np.ndarray):
            def __getitem__(self, item):
                raise RuntimeError("mine")

            shape = property(lambda self: 1 / 0)


        assert Opened(np.arange(3).view(Mine)).cells() == [0, 1, 2]
        """
    )


def test_xarray_shows_coordinates_and_loads_nothing(inside: Inside) -> None:
    inside.check(
        """
        import xarray as xr

        grid = xr.DataArray(
            np.arange(12).reshape(2, 3, 2),
            dims=["lat", "lon", "t"],
            coords={"lat": [10.5, 20.5], "lon": ["u", "v", "w"]},
        )
        table = Opened(grid)
        assert [label["name"] for label in table.info["labels"]] == ["lat"]
        assert [column["name"] for column in table.columns()] == ["u", "v", "w"]
        assert table.page([-1, 0, 2]) == [[10.5, 20.5], [0, 6], [4, 10]]
        info = ask("table.slice", table=table.name, row_axis=1, column_axis=2, fixed=[1])
        assert ([label["name"] for label in info["labels"]], info["row_count"]) == (["lon"], 3)
        assert table.page([-1, 1]) == [["u", "v", "w"], [7, 9, 11]]
        table = Opened(
            xr.Dataset({"q": ("t", [1, 2]), "r": ("t", ["a", "b"])}, coords={"t": pd.date_range("2020", periods=2)})
        )
        assert table.page([0, 1]) == [[1, 2], ["a", "b"]] and len(table.page([-1])[0]) == 2


        class Lazy:
            shape, dtype, ndim = (2,), np.dtype("f8"), 1

            def __array__(self, *a, **k):
                raise RuntimeError("loaded")

            def __array_function__(self, *a, **k):
                raise RuntimeError("loaded")

            def __array_ufunc__(self, *a, **k):
                raise RuntimeError("loaded")


        code, message = refusal(lambda: Opened(xr.DataArray(xr.Variable("t", Lazy()))))
        assert code == "not_possible" and ".load()" in message
        assert refusal(lambda: Opened(xr.Dataset({"q": ("t", [1]), "r": (("t", "s"), [[1]])})))[0] == "not_possible"
        """
    )


def test_plain_lists_and_dicts(inside: Inside) -> None:
    inside.check(
        """
        from collections import namedtuple, OrderedDict, defaultdict

        records = [{"a": 1, "b": "x"}, {"a": None, "c": 2.5}, {}]
        table = Opened(records)
        assert [(column["name"], column["kind"]) for column in table.columns()] == [
            ("a", "number"),
            ("b", "text"),
            ("c", "number"),
        ]
        assert table.page([0, 1, 2]) == [
            [1, "<None>", "<None>"],
            ["x", "<None>", "<None>"],
            ["<None>", 2.5, "<None>"],
        ]
        assert Opened({"k": [1, 2, 3], "l": ("a", "b"), "m": np.array([1.5, np.nan, 2])}).page([0, 1, 2]) == [
            [1, 2, 3],
            ["a", "b", "<None>"],
            [1.5, "<NaN>", 2.0],
        ]
        assert Opened([[1, 2], (3,), None]).page([0, 1]) == [[1, 3, "<None>"], [2, "<None>", "<None>"]]
        assert Opened([1, True, "a", None, 2**70, float("nan"), [1]]).cells() == [
            "1",
            "True",
            "a",
            "<None>",
            str(2**70),
            "<NaN>",
            (8, "[1]"),
        ]
        assert Opened([2**53 + 1, 0.5]).cells() == [str(2**53 + 1), "0.5"]
        assert Opened([2**64 - 1, 1]).cells() == [2**64 - 1, 1] and Opened([True, None]).cells() == [True, "<None>"]
        assert Opened({"a": 1, "b": "z"}).page([0, 1]) == [["a", "b"], ["1", "z"]]
        Point = namedtuple("Point", "x y")
        assert [column["name"] for column in Opened([Point(1, 2)]).columns()] == ["x", "y"]
        assert Opened([]).info["row_count"] == 0 and Opened({}).info["row_count"] == 0
        assert Opened([OrderedDict(a=1), defaultdict(list, a=2)]).cells() == [1, 2]
        assert Opened([{1: "i", (2, "t"): "t"}]).columns()[1]["name_code"] == "(2, 't')"
        for value in (5, "text", object(), {1, 2}, (x for x in [1])):
            assert refusal(lambda: Opened(value))[0] == "not_possible"
        """
    )


def test_lazy_frames_compute_only_what_is_asked(inside: Inside) -> None:
    inside.check(
        """
        lazy = pl.LazyFrame({"a": range(5000), "^b.*$": ["x"] * 5000}).filter(pl.col("a") % 2 == 0)
        table = Opened(lazy)
        assert table.info["row_count"] == -1 and table.info["note"] and not table.info["features"]
        assert table.page([0, 1], 2, 5) == [[4, 6, 8], ["x"] * 3]
        assert table.page([1, 0], 2499, 2600) == [["x"], [4998]] and table.page([0], 9000, 9100) == [[]]
        assert refusal(table.view)[0] == "not_possible"
        calls = []
        mine = lazy.with_columns(z=pl.col("a").map_elements(lambda value: calls.append(value), return_dtype=pl.Int64))
        code, message = refusal(lambda: Opened(mine))
        assert code == "not_possible" and "collect" in message and not calls
        """
    )


def test_strange_frames_and_names(inside: Inside) -> None:
    inside.check(
        """
        for frame, shape in (
            (pd.DataFrame(), (0, 0)),
            (pd.DataFrame(columns=["a", "b"]), (0, 2)),
            (pd.DataFrame(index=range(3)), (3, 0)),
            (pl.DataFrame(), (0, 0)),
            (pl.DataFrame({"a": []}), (0, 1)),
            (pa.table({}), (0, 0)),
        ):
            table = Opened(frame)
            assert (table.info["row_count"], table.info["column_count"]) == shape
            assert table.page(list(range(shape[1]))) == [[] for _ in range(shape[1])]
            assert table.view()["row_count"] == shape[0]
        names = [
            "a",
            "a",
            "",
            None,
            5,
            1.5,
            ("x", 1),
            pd.Timestamp("2020-01-01"),
            dt.date(2020, 1, 1),
            True,
            float("nan"),
            b"q",
        ]
        frame = pd.DataFrame([list(range(12))])
        frame.columns = pd.Index(names, dtype=object)
        found = [(column["name"], column.get("name_code", "")) for column in Opened(frame).columns()]
        assert found == [
            ("a", ""),
            ("a", ""),
            ("", ""),
            ("None", "None"),
            ("5", "5"),
            ("1.5", "1.5"),
            ("x, 1", "('x', 1)"),
            ("2020-01-01 00:00:00", 'pandas.Timestamp("2020-01-01 00:00:00")'),
            ("2020-01-01", "datetime.date(2020, 1, 1)"),
            ("True", "True"),
            ("nan", 'float("nan")'),
            ("b'q'", "b'q'"),
        ], found
        assert [one[0] for one in Opened(frame).page(list(range(12)))] == list(range(12))
        both = pd.DataFrame(
            np.arange(8).reshape(4, 2),
            index=pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", np.nan), (None, 3)], names=["k", None]),
            columns=pd.MultiIndex.from_product([["p"], [1, 2]]),
        )
        table = Opened(both)
        assert [(label["name"], label["index"]) for label in table.info["labels"]] == [("k", -1), ("", -2)]
        assert table.page([-1, -2, 1]) == [["a", "a", "b", "<NaN>"], [1.0, 2.0, "<NaN>", 3.0], [1, 3, 5, 7]]
        assert table.rows([(-2, True)]) == [3, 1, 0, 2]
        assert [column["name_code"] for column in table.columns()] == ["('p', 1)", "('p', 2)"]
        for index, expected in (
            (pd.RangeIndex(10, 4, -3), [10, 7]),
            (pd.Index(["x", "y"]), ["x", "y"]),
            (pd.CategoricalIndex(["u", "v"]), ["u", "v"]),
            (pd.date_range("2020", periods=2, tz="UTC"), [1577836800000000, 1577923200000000]),
            (pd.Index([1.5, np.nan]), [1.5, "<NaN>"]),
            (pd.period_range("2020", periods=2, freq="Y"), ["2020", "2021"]),
            (pd.interval_range(0, 2), ["(0, 1]", "(1, 2]"]),
            (pd.RangeIndex(2, name="n"), [0, 1]),
        ):
            assert Opened(pd.DataFrame({"a": [1, 2]}, index=index)).page([-1]) == [expected], index
            assert Opened(index).cells() == expected
        assert not Opened(pd.DataFrame({"a": [1]})).info["labels"]
        assert Opened(pd.Series([1, 2], name="s")).info["expression"] == "subject_of_test.to_frame()"
        assert Opened(pd.Series([1, 2])).columns()[0]["name"] == "value"
        wide = Opened(pd.DataFrame(np.zeros((3, 20_000))))
        assert len(wide.columns()) == 20_000 and wide.page([19_999]) == [[0.0] * 3]


        class Sub(pd.DataFrame):
            _metadata = ["extra"]

            def __getattr__(self, name):
                raise RuntimeError(name)

            def __len__(self):
                raise RuntimeError("len")


        sub = Opened(Sub({"a": [1, 2]}))
        assert sub.cells() == [1, 2] and "can_edit" not in sub.columns()[0] and sub.info["type_name"] == "Sub"
        """
    )


CELLS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.binary(max_size=3),
    st.decimals(allow_nan=False, allow_infinity=False, places=2), st.dates(), st.timedeltas(),
    st.lists(st.integers(0, 3), max_size=3),
)  # fmt: skip


@RANDOM
@given(st.lists(st.floats() | st.just(math.nan), max_size=30), st.lists(st.integers(-(2**63), 2**63 - 1), max_size=30))
def test_random_numbers_arrive_exactly(inside: Inside, floats: list[float], integers: list[int]) -> None:
    texts = [value.hex() if math.isfinite(value) else repr(value) for value in floats]
    inside.check(
        f"""
        floats = [float.fromhex(text) for text in {texts!r}]
        wanted = ["<NaN>" if value != value else value.hex() for value in floats]
        got = lambda value: [one if type(one) is str else one.hex() for one in Opened(value).cells()]
        assert got(np.array(floats, "f8")) == wanted and got(pl.Series(floats, dtype=pl.Float64)) == wanted
        assert got(pa.array(floats, pa.float64())) == wanted and got(pd.Series(floats, dtype="f8")) == wanted
        integers = {integers!r}
        makers = [lambda v: np.array(v, "i8"), lambda v: pl.Series(v, dtype=pl.Int64)]
        makers += [lambda v: pa.array(v, pa.int64())]
        makers += [lambda v: pd.Series(v, dtype="Int64"), lambda v: pd.Series(v, dtype="int64[pyarrow]"), list]
        for make in makers:
            table = Opened(make(integers))
            assert not integers or table.cells() == integers
        """
    )


@RANDOM
@given(st.lists(CELLS, min_size=1, max_size=12))
def test_random_objects_arrive_as_their_text(inside: Inside, values: list[object]) -> None:
    code = repr(values).replace("datetime.", "dt.").replace("Decimal(", "decimal.Decimal(")
    code = code.replace("nan", "float('nan')").replace("inf", "float('inf')")
    if any(isinstance(value, str | bytes) and ("nan" in str(value) or "inf" in str(value)) for value in values):
        return
    inside.check(
        f"""
        values = {code}
        def expected(value):
            if value is None: return "<None>"
            if type(value) is float and value != value: return "<NaN>"
            if type(value) is list: return (8, repr(value))
            return repr(value) if type(value) in (int, float, bool, bytes) else str(value)
        series = pd.Series(values, dtype=object)
        table = Opened(pd.DataFrame({{"x": series}}))
        assert table.cells() == [expected(value) for value in values], (table.cells(), values)
        """
    )


def test_days_of_any_year_are_told_as_the_calendar_has_them() -> None:
    from fourpane_plugins.lang_python.agent import table_times

    epoch = datetime.date(1970, 1, 1)
    for days in range(-719_162, 2_932_896, 9_973):
        assert table_times.date_text(days) == (epoch + datetime.timedelta(days=days)).isoformat()
    for days in range(-(10**9), 10**9, 7_654_321):
        assert table_times.days_of(*table_times.date_of(days)) == days
