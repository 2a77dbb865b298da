"""What columns of Python's tables hold: profiles, values, missing pictures, finding, whole cells, edits, in a real
kernel, against the libraries' own figures."""

from __future__ import annotations

import pytest

from tests.kernel.agents.harness import AgentKernel
from tests.kernel.agents.python_tables import Inside


@pytest.fixture(scope="module")
def inside(python: AgentKernel) -> Inside:
    """One kernel for the file."""
    return Inside(python)


def test_figures_of_numbers_are_those_of_the_library(inside: Inside) -> None:
    inside.check(
        """
        rng = np.random.default_rng(1)
        floats = np.round(rng.normal(size=5000), 2)
        floats[::7] = np.nan
        floats[::11] = 0
        whole = rng.integers(-50, 50, 5000)


        def near(text, value):
            assert math.isclose(float(text), float(value), rel_tol=1e-9, abs_tol=1e-12), (text, value)


        def check(table, series):
            profile = table.profile(0)
            figures = profile["figures"]
            present = series.dropna()
            near(figures["mean"], present.mean())
            near(figures["sd"], present.std())
            near(figures["minimum"], present.min())
            near(figures["maximum"], present.max())
            for name, share in (("q25", 0.25), ("median", 0.5), ("q75", 0.75)):
                near(figures[name], present.quantile(share))
            assert int(figures["distinct"]) == present.nunique()
            assert int(figures["zeros"]) == (present == 0).sum() and int(figures["negative"]) == (present < 0).sum()
            assert sum(one["count"] for one in profile["missing"]) == series.isna().sum()
            assert sum(profile["counts"]) == len(present) and len(profile["edges"]) == len(profile["counts"]) + 1
            expected, _ = np.histogram(present, bins=np.array(profile["edges"]))
            assert profile["counts"] == expected.tolist(), (profile["counts"], expected)
            assert profile["row_count"] == profile["rows_looked_at"] == len(series)


        for values in (floats, whole):
            series = pd.Series(values)
            plain = [None if value != value else value for value in values.tolist()]
            for value in (series, pl.Series(values), pa.array(plain), pd.Series(plain, dtype="Float64"), plain):
                check(Opened(value), series)
        narrow = Opened(pd.Series([1, 1, 2, 4])).profile(0)
        assert narrow["edges"] == [0.5, 1.5, 2.5, 3.5, 4.5] and narrow["counts"] == [2, 1, 0, 1]
        infinite = Opened(np.array([1.0, np.inf, -np.inf, 3.0])).profile(0, bins=2)
        assert infinite["figures"]["infinite"] == "2" and infinite["counts"] == [1, 1]
        assert Opened(pl.Series([1.0, math.inf, -math.inf, 3.0])).profile(0, bins=2)["counts"] == [1, 1]
        huge = Opened(np.array([-1.7e308, 1.7e308])).profile(0, bins=4)
        assert sum(huge["counts"]) == 2 and all(map(math.isfinite, huge["edges"]))
        big = Opened(pd.Series([2**63 - 1, 2**63 - 3])).profile(0)["figures"]
        assert (big["minimum"], big["maximum"]) == (str(2**63 - 3), str(2**63 - 1))
        for empty in (np.zeros(0), pl.Series([], dtype=pl.Float64), pa.array([], pa.float64()), np.array([np.nan])):
            assert Opened(empty).profile(0)["figures"] == {"distinct": "0"}
        money = Opened(pa.array([decimal.Decimal("1.10"), decimal.Decimal("-2.00"), None])).profile(0)["figures"]
        assert (money["minimum"], money["maximum"], money["distinct"]) == ("-2.00", "1.10", "2")
        """
    )


def test_figures_of_the_other_kinds(inside: Inside) -> None:
    inside.check(
        """
        words = ["b", "a", "b", "", None, "ccc", "b"]
        for value in (
            pd.Series(words, dtype="str"),
            pd.Series(words, dtype=object),
            pl.Series(words),
            pa.array(words),
            words,
        ):
            profile = Opened(value).profile(0)
            figures = profile["figures"]
            assert (figures["distinct"], figures["shortest"], figures["longest"], figures["empty"]) == (
                "4",
                "0",
                "3",
                "1",
            )
            assert profile["top"][0] == {"text": "b", "count": 3} and sum(one["count"] for one in profile["top"]) == 6
            assert sum(one["count"] for one in profile["missing"]) == 1
        truths = [True, None, False, True]
        for value in (pd.Series(truths, dtype="boolean"), pl.Series(truths), pa.array(truths), truths):
            figures = Opened(value).profile(0)["figures"]
            assert (figures["true"], figures["false"]) == ("2", "1")
        for value in (
            pd.Series(pd.Categorical(["u", None, "v", "u"], categories=["v", "u", "w"])),
            pl.Series(["u", None, "v", "u"], dtype=pl.Enum(["v", "u", "w"])),
        ):
            profile = Opened(value).profile(0)
            assert profile["figures"] == {"distinct": "2", "levels": "3"} and profile["top"] == [
                {"text": "u", "count": 2},
                {"text": "v", "count": 1},
            ]
        days = [dt.datetime(2020, 1, 1), None, dt.datetime(2020, 1, 3, 12)]
        for value in (pd.Series(days), pl.Series(days), pa.array(days, pa.timestamp("ms"))):
            profile = Opened(value).profile(0, bins=2)
            figures = profile["figures"]
            assert (figures["earliest"], figures["latest"]) == ("2020-01-01T00:00:00", "2020-01-03T12:00:00")
            assert figures["median"] == "2020-01-02T06:00:00" and profile["counts"] == [1, 1]
        spans = Opened(pd.Series(pd.to_timedelta([1.5, 2.5], unit="s"))).profile(0)["figures"]
        assert (spans["minimum"], spans["maximum"], spans["mean"]) == ("1.5", "2.5", "2")
        mixed = Opened(pd.Series([None, float("nan"), pd.NA, pd.NaT, [1]], dtype=object)).profile(0)
        assert [one["code"] for one in mixed["missing"]] == [1, 2, 3, 4]
        both = pd.array([1.5, None, 2.5, 3.5], dtype="Float64")
        both._data[2] = np.nan
        assert [(one["code"], one["count"]) for one in Opened(pd.Series(both)).profile(0)["missing"]] == [
            (1, 1),
            (2, 1),
        ]
        """
    )


def test_samples_say_so_and_follow_the_view(inside: Inside) -> None:
    inside.check(
        """
        n = 450_000
        numbers = np.arange(n)
        for value in (
            pd.DataFrame({"x": numbers}),
            pl.DataFrame({"x": numbers}),
            pa.table({"x": numbers}),
            [{"x": one} for one in range(n)],
        ):
            table = Opened(value)
            sampled, exact = table.profile(0, is_exact=False), table.profile(0)
            assert (sampled["row_count"], sampled["rows_looked_at"], exact["rows_looked_at"]) == (n, 100_000, n)
            assert float(exact["figures"]["mean"]) == (n - 1) / 2
            assert abs(float(sampled["figures"]["mean"]) - (n - 1) / 2) < 10
            number = table.view(None, [{"column": 0, "operator": "lt", "values": ["1000"]}])["view"]
            part = table.profile(0, view=number)
            assert (part["row_count"], part["figures"]["maximum"]) == (1000, "999")
            table.close()
        """
    )


def test_values_come_with_their_counts(inside: Inside) -> None:
    inside.check(
        """
        def values(value, search="", limit=10):
            found = ask("table.values", table=Opened(value).name, column=0, search=search, limit=limit)
            return [(one["text"], one["count"], one.get("code", 0)) for one in found["values"]], found["total"]


        words = ["b", "a", "b", None, "B", ""]
        for value in (
            pd.Series(words, dtype="str"),
            pl.Series(words),
            pa.array(words),
            words,
            pd.Series(words, dtype=object),
        ):
            found, total = values(value)
            assert found[0] == ("b", 2, 0) and total == 5 and [one[1] for one in found if one[2]] == [1]
            assert sorted(one[0] for one in values(value, "B")[0]) == ["B", "b"]
            assert len(values(value, limit=2)[0]) == 2
        assert values(np.array([1.5, np.nan, 1.5]))[0] == [("1.5", 2, 0), ("", 1, 2)]
        assert values(pd.Series(pd.to_datetime(["2020-01-01", None, "2020-01-01"])))[0] == [
            ("2020-01-01T00:00:00", 2, 0),
            ("", 1, 3),
        ]
        assert values(pl.Series([dt.date(2020, 1, 1)]))[0] == [("2020-01-01", 1, 0)]
        assert values(pd.Series([True, False, True]))[0] == [("true", 2, 0), ("false", 1, 0)]
        assert values(pl.Series([True, False, True]))[0] == [("true", 2, 0), ("false", 1, 0)]
        assert values(pd.Series(pd.Categorical(["u", "v", "u"])))[0] == [("u", 2, 0), ("v", 1, 0)]
        assert refusal(lambda: values(pd.Series([[1], [2]])))[0] == "not_possible"
        # what is told can be asked for
        for value in (
            np.array([0.1 + 0.2, 5e-324, 1e300]),
            pd.Series(pd.date_range("2020", periods=3, freq="1ns", tz="Europe/Berlin")),
            pl.Series([dt.timedelta(microseconds=1), dt.timedelta(days=-3)]),
            np.array([0.1], "f4"),
            pa.array([dt.time(1, 2, 3, 4)]),
        ):
            table = Opened(value)
            for row, (text, _, _) in enumerate(values(value)[0]):
                assert len(Opened(value).one(0, "eq", text)) == 1, text
        """
    )


def test_the_picture_of_missing_values_is_true(inside: Inside) -> None:
    inside.check(
        """
        rng = np.random.default_rng(2)
        n = 1003
        frame = pd.DataFrame(
            {"a": np.where(rng.random(n) < 0.3, np.nan, 1.0), "b": np.where(np.arange(n) < 100, np.nan, 2.0), "c": 1}
        )
        frame["d"] = pd.array(np.where(frame["a"].isna(), None, 5), dtype="Int64")
        gone = frame.isna().to_numpy()
        lists = [{key: None if hidden else 1 for key, hidden in zip("abcd", row)} for row in gone.tolist()]
        polar = pl.DataFrame(
            {
                "a": frame["a"].to_numpy(),
                "b": frame["b"].to_numpy(),
                "c": frame["c"].to_numpy(),
                "d": [None if hidden else 5 for hidden in gone[:, 3].tolist()],
            }
        )
        for value in (frame, polar, lists):
            table = Opened(value)
            picture, buffers = ask(
                "table.missing", table=table.name, view=0, columns=[0, 1, 2, 3], buckets=10, is_exact=True
            )
            assert picture["counts"] == gone.sum(axis=0).tolist(), picture["counts"]
            shares = np.frombuffer(b"".join(buffers), "u1").reshape(4, 10)
            which = np.arange(n) * 10 // n
            for column in range(4):
                expected = [round(255 * gone[which == bucket, column].mean()) for bucket in range(10)]
                assert np.abs(shares[column].astype(int) - expected).max() <= 1, (column, shares[column], expected)
            patterns = {tuple(one["columns"]): one["count"] for one in picture["patterns"]}
            seen = {}
            for row in gone:
                key = tuple(np.flatnonzero(row).tolist())
                seen[key] = seen.get(key, 0) + 1
            seen.pop((), None)
            assert patterns == seen
            table.close()
        few = [1.0] * 9_999 + [None]
        for value in (pd.DataFrame({"a": few}), pl.DataFrame({"a": few}), [{"a": one} for one in few]):
            _picture, buffers = ask(
                "table.missing", table=Opened(value).name, view=0, columns=[0], buckets=2, is_exact=True
            )
            assert list(b"".join(buffers)) == [0, 1], list(b"".join(buffers))
        for value in (pd.DataFrame({"a": []}), pl.DataFrame({"a": []})):
            picture, buffers = ask(
                "table.missing", table=Opened(value).name, view=0, columns=[0], buckets=10, is_exact=False
            )
            assert (picture["row_count"], picture["counts"], len(b"".join(buffers))) == (0, [0], picture["buckets"])
        """
    )


def test_finding_goes_row_by_row_and_on_from_a_cell(inside: Inside) -> None:
    inside.check(
        """
        def find(table, text, row=0, column=0, view=0, **more):
            asked = {"is_case_sensitive": False, "is_regex": False, **more}
            found = ask("table.find", table=table.name, view=view, text=text, row=row, column=column, **asked)
            return found["row"], found.get("column", 0)


        data = {
            "s": ["apple", None, "Pear", "x" * 300 + "needle"],
            "n": [1.5, 2.25, 12.5, 0.0],
            "t": [dt.datetime(2020, 1, day) for day in (1, 2, 3, 4)],
        }
        for value in (pd.DataFrame(data), pl.DataFrame(data), pa.table(data)):
            table = Opened(value)
            assert find(table, "PEAR") == (2, 0) and find(table, "PEAR", is_case_sensitive=True)[0] == -1
            assert (
                find(table, "2.5") == (2, 1)
                and find(table, "2.25", 1, 0) == (1, 1)
                and find(table, "1.5", 0, 2)[0] == -1
            )
            assert find(table, "2020-01-02") == (1, 2) and find(table, "needle") == (3, 0)
            assert find(table, "^p.*r$", is_regex=True) == (2, 0)
            assert find(table, "NaN")[0] == -1, "missing cells have no text"
            view = table.view([(1, True)])["view"]
            assert find(table, "pear", view=view) == (0, 0)
            assert refusal(lambda: find(table, "(", is_regex=True))[0] == "not_possible"
        big = Opened(pd.DataFrame(np.zeros((2_000_000, 10))))
        found = ask(
            "table.find",
            table=big.name,
            view=0,
            text="nowhere",
            row=0,
            column=0,
            is_case_sensitive=False,
            is_regex=False,
        )
        assert found["row"] == -1 and 0 < found["next_row"] < 2_000_000
        """
    )


def test_one_cell_comes_whole(inside: Inside) -> None:
    inside.check(
        """
        import json


        def cell(value, row=0, column=0):
            return ask("table.cell", table=Opened(value).name, view=0, row=row, column=column)


        for value in (
            pd.Series(["y" * 5000, None], dtype="str"),
            pl.Series(["y" * 5000, None]),
            pa.array(["y" * 5000, None]),
            ["y" * 5000, None],
        ):
            found = cell(value)
            assert (len(found["text"]), found["length"], found["code"]) == (5000, 5000, 0)
            assert cell(value, 1)["code"] in (2, 4, 5)
        long = cell(pd.Series(["z" * 1_500_000], dtype=object))
        assert (len(long["text"]), long["is_cut"], long["length"]) == (1_000_000, True, 1_500_000)
        nested = {"a": [1, 2.5, None], "b": {"c": ("x",)}, "d": np.arange(3)}
        found = cell(pd.Series([nested, nested], dtype=object))
        assert (
            json.loads(found["tree"]) == {"a": [1, 2.5, None], "b": {"c": ["x"]}, "d": [0, 1, 2]}
            and found["type_name"] == "dict"
        )
        assert json.loads(cell(pl.Series([{"x": 1, "y": ["u"]}]))["tree"]) == {"x": 1, "y": ["u"]}
        assert json.loads(cell(pa.array([[1, None]]))["tree"]) == [1, None]
        deep = []
        for _ in range(2000):
            deep = [deep]
        assert cell(pd.Series([deep, 1], dtype=object))["is_cut"]
        assert cell(pd.Series([list(range(10**6)), []], dtype=object))["is_cut"]
        assert (
            refusal(lambda: cell(np.arange(3), 3))[0] == "bad_params"
            and refusal(lambda: cell(np.arange(3), 0, 1))[0] == "bad_params"
        )
        """
    )


def test_cells_are_edited_by_code_and_back(inside: Inside) -> None:
    inside.check(
        """
        shell = agent().shell


        def edit(table, row, column, text, view=0, is_missing=False):
            return ask(
                "table.edit", table=table.name, view=view, row=row, column=column, text=text, is_missing=is_missing
            )


        frame = pd.DataFrame(
            {
                "i": [1, 2],
                "f": [1.5, 2.5],
                "s": ["a", "b"],
                "b": [True, False],
                "c": pd.Categorical(["u", "v"]),
                "o": pd.Series(["p", None], dtype=object),
                "t": pd.to_datetime(["2020", "2021"]),
                "z": pd.to_datetime(["2020", "2021"]).tz_localize("Europe/Berlin"),
                "d": pd.to_timedelta([1, 2], unit="s"),
                "I": pd.array([1, None], dtype="Int64"),
                "i8": np.array([1, 2], "i1"),
                "a": pd.array([1, 2], dtype="int64[pyarrow]"),
            }
        )
        before = frame.copy(deep=True)
        table = Opened(frame, "frame")
        assert "edit" in table.info["features"]
        for column, text, code, value in (
            (0, "7", "frame.iat[1, 0] = 7", 7),
            (1, "1e-3", "frame.iat[1, 1] = 0.001", 0.001),
            (1, "inf", 'frame.iat[1, 1] = float("inf")', math.inf),
            (2, "it's", "frame.iat[1, 2] = " + repr("it's"), "it's"),
            (3, "true", "frame.iat[1, 3] = True", True),
            (4, "u", "frame.iat[1, 4] = 'u'", "u"),
            (5, "q", "frame.iat[1, 5] = 'q'", "q"),
            (
                6,
                "2024-02-29T12:30",
                'frame.iat[1, 6] = pd.Timestamp("2024-02-29T12:30:00")',
                pd.Timestamp("2024-02-29 12:30"),
            ),
            (
                7,
                "2024-07-01T12:00",
                'frame.iat[1, 7] = pd.Timestamp("2024-07-01T10:00:00", tz="UTC").tz_convert("Europe/Berlin")',
                pd.Timestamp("2024-07-01 12:00", tz="Europe/Berlin"),
            ),
            (8, "90", None, pd.Timedelta(seconds=90)),
            (9, "5", "frame.iat[1, 9] = 5", 5),
            (10, "-128", "frame.iat[1, 10] = -128", -128),
            (11, "9", "frame.iat[1, 11] = 9", 9),
        ):
            types = frame.dtypes.tolist()
            done = edit(table, 1, column, text)
            assert code in (None, done["code"]), (done["code"], code)
            assert frame.iat[1, column] == value, (column, frame.iat[1, column])
            assert frame.dtypes.tolist() == types, column
            undone = ask("table.undo", table=table.name, undo=done["undo"])
            assert frame.equals(before), (column, undone, frame)
            assert refusal(lambda: ask("table.undo", table=table.name, undo=done["undo"]))[0] == "not_possible"
        for column in (1, 2, 4, 6, 7, 8, 9, 11):
            done = edit(table, 0, column, "", is_missing=True)
            assert pd.isna(frame.iat[0, column]), column
            ask("table.undo", table=table.name, undo=done["undo"])
        assert frame.equals(before)
        for column, text, missing in (
            (0, "x", False),
            (0, "2.5", False),
            (0, "", True),
            (3, "", True),
            (10, "128", False),
            (4, "new", False),
            (6, "soon", False),
            (0, str(2**70), False),
        ):
            code, message = refusal(lambda: edit(table, 0, column, text, is_missing=missing))
            assert code == "not_possible" and message.endswith("."), message
        assert frame.equals(before)
        view = table.view([(0, True)])["view"]
        assert edit(table, 0, 0, "9", view)["code"] == "frame.iat[1, 0] = 9"
        one = Opened(pd.Series([1.5, 2.5]), "series")
        assert edit(one, 1, 0, "3")["code"] == "series.iat[1] = 3.0" and shell.user_ns["series"].tolist() == [
            1.5,
            3.0,
        ]
        cube = Opened(np.zeros((2, 3, 2)), "array")
        ask("table.slice", table=cube.name, row_axis=2, column_axis=0, fixed=[1])
        assert edit(cube, 1, 0, "3")["code"] == "array[0, 1, 1] = 3.0" and shell.user_ns["array"][0, 1, 1] == 3
        for value, text, code, after in (
            (pl.DataFrame({"a b": [1, 2]}), "7", "polar = polar.with_columns(polar['a b'].clone().scatter(1, 7))", 7),
            (pl.DataFrame({"s": ["a", "b"]}), "q", None, "q"),
            (pl.DataFrame({"f": [1.0, 2.0]}), "0.5", None, 0.5),
            (pl.DataFrame({"d": [dt.date(2020, 1, 1), None]}), "2024-02-29", None, dt.date(2024, 2, 29)),
            (
                pl.DataFrame({"t": [dt.datetime(2020, 1, 1), None]}),
                "2024-02-29T01:00",
                None,
                dt.datetime(2024, 2, 29, 1),
            ),
            (pl.DataFrame({"e": pl.Series(["u", "v"], dtype=pl.Enum(["u", "v"]))}), "u", None, "u"),
            (pl.DataFrame({"x": [dt.timedelta(1), None]}), "90", None, dt.timedelta(seconds=90)),
        ):
            table = Opened(value, "polar")
            untouched = value.clone()
            done = edit(table, 1, 0, text)
            assert code in (None, done["code"]), done["code"]
            assert shell.user_ns["polar"][1, 0] == after and shell.user_ns["polar"].dtypes == value.dtypes
            assert value.equals(untouched), "the old frame is as it was"
            agent().tables.after_run(done["code"])
            ask("table.undo", table=table.name, undo=done["undo"])
            assert shell.user_ns["polar"].equals(untouched)
        for value in (
            pd.DataFrame({"o": [[1], [2]]}),
            pa.table({"a": [1]}),
            [1, 2],
            pd.DataFrame({"p": pd.period_range("2020", periods=2)}),
        ):
            assert refusal(lambda: edit(Opened(value, "plain"), 0, 0, "5"))[0] == "not_possible"
        """
    )
