"""Sorts and filters of Python's tables give exactly the rows of `docs/reference/filters.md`, in a real kernel.

The oracle is a plain reading of that page, value by value; every library must agree with it.
"""

from __future__ import annotations

import pytest

from tests.kernel.agents.harness import AgentKernel
from tests.kernel.agents.python_tables import Inside

ORACLE = '''
import functools, re as _re
from fractions import Fraction

EPOCH = dt.datetime(1970, 1, 1)
MISSING = object()

def is_gone(value):
    return value is None or (type(value) is float and value != value)

def typed(text, kind):
    if kind in ("int", "float"):
        return float(text) if kind == "float" or "inf" in text else Fraction(text)
    if kind == "bool":
        return text == "true"
    if kind == "stamp":
        return dt.datetime.fromisoformat(text)
    if kind == "date":
        return dt.date.fromisoformat(text)
    if kind == "span":
        return dt.timedelta(seconds=float(text))
    return text

LEVELS = ["low", "mid", "High"]

def fits(value, kind, operator, texts, is_sensitive):
    if operator == "is_missing":
        return is_gone(value)
    if operator == "is_present":
        return not is_gone(value)
    if is_gone(value):
        return operator == "in" and None in texts
    rank = LEVELS.index if kind == "ordered" and operator in ("lt", "le", "gt", "ge", "between") else lambda one: one
    wanted = [rank(typed(text, kind)) for text in texts if text is not None]
    if operator in ("contains", "not_contains", "starts", "ends"):
        one, part = (value, wanted[0]) if is_sensitive else (value.lower(), wanted[0].lower())
        found = {"starts": one.startswith, "ends": one.endswith}.get(operator, one.__contains__)(part)
        return found != (operator == "not_contains")
    if operator == "regex":
        return _re.search(wanted[0], value, 0 if is_sensitive else _re.I) is not None
    if operator == "is_empty":
        return value == ""
    if operator in ("is_true", "is_false"):
        return value is (operator == "is_true")
    value = rank(value)
    return {
        "eq": lambda: value == wanted[0], "ne": lambda: value != wanted[0], "lt": lambda: value < wanted[0],
        "le": lambda: value <= wanted[0], "gt": lambda: value > wanted[0], "ge": lambda: value >= wanted[0],
        "between": lambda: wanted[0] <= value <= wanted[1], "in": lambda: value in wanted,
        "not_in": lambda: value not in wanted,
    }[operator]()

def sort_rank(value, kind):
    return LEVELS.index(value) if kind in ("ordered", "levels") else value

def in_order(rows, values, kind, is_descending):
    present = [row for row in rows if not is_gone(values[row])]
    present.sort(key=lambda row: sort_rank(values[row], kind), reverse=is_descending)
    return present + [row for row in rows if is_gone(values[row])]

def text_of(value, kind):
    if kind == "bool":
        return "true" if value else "false"
    if kind == "span":
        return repr(value.total_seconds())
    return value.isoformat() if kind in ("stamp", "date") else str(value)

COMPARE = ["eq", "ne", "lt", "le", "gt", "ge", "between", "in", "not_in"]
TEXTS = ["contains", "not_contains", "starts", "ends", "regex", "is_empty"]
OPERATORS = {
    "int": COMPARE, "float": COMPARE, "stamp": COMPARE, "date": COMPARE, "span": COMPARE, "text": COMPARE + TEXTS,
    "bool": ["eq", "ne", "in", "not_in", "is_true", "is_false"], "levels": ["eq", "ne", "in", "not_in"] + TEXTS,
    "ordered": COMPARE + TEXTS,
}
POOLS = {
    "int": [0, 1, -1, 5, 2**53 + 1, 2**53, 2**63 - 1, -(2**63), 7, 7],
    "float": [0.0, -0.0, 1.5, 0.1, -2.25, math.inf, -math.inf, float("nan"), 1e300, 5e-324],
    "text": ["", "a", "A", "ab", "Abc", "b.c", "zz", "\\u00e9t\\u00e9", "x" * 300, " a"],
    "bool": [True, False], "levels": LEVELS, "ordered": LEVELS,
    "stamp": [dt.datetime(2020, 1, 1), dt.datetime(2020, 1, 1, 12, 30, 5, 250000), dt.datetime(1969, 12, 31, 23, 59)],
    "date": [dt.date(2020, 2, 29), dt.date(1960, 1, 1), dt.date(2020, 3, 1)],
    "span": [dt.timedelta(0), dt.timedelta(seconds=90), dt.timedelta(days=-1), dt.timedelta(microseconds=500000)],
}
EXTRA = {
    "int": ["2.5", "-0.5", "1e3", "inf", "-inf", "99999999999999999999", "9007199254740993"],
    "float": ["0.5", "inf", "1e999"], "text": ["b", "BC", ".", ""], "stamp": ["2020-01-01T12:30", "2019-06-01"],
    "date": ["2020-02-28"], "span": ["1.25", "-5"],
    "bool": [], "levels": ["nothing", "i"], "ordered": [],
}
PATTERNS = ["^a", "b.c$", "[A-C]", "x{3}", ""]

def variants(values, kind):
    """The same values in every library that has them."""
    plain = [None if is_gone(value) else value for value in values]
    has_gaps = any(value is None for value in plain)
    if kind == "int":
        if not has_gaps:
            yield "numpy", np.array(values, "i8")
            yield "pandas", pd.Series(values, dtype="i8")
        yield "nullable", pd.Series(pd.array(plain, dtype="Int64"))
        yield "pandas arrow", pd.Series(plain, dtype="int64[pyarrow]")
        yield "polars", pl.Series(plain, dtype=pl.Int64)
        yield "arrow", pa.array(plain, pa.int64())
        gone = [value is None for value in plain]
        yield "masked", np.ma.array([value or 0 for value in plain], mask=gone, dtype="i8")
        yield "list", plain
    elif kind == "float":
        floats = [float("nan") if value is None else value for value in values]
        yield "numpy", np.array(floats, "f8")
        yield "nullable", pd.Series(pd.array(plain, dtype="Float64"))
        yield "polars", pl.Series(values, dtype=pl.Float64, strict=False)
        yield "arrow", pa.array(values, pa.float64())
        yield "list", list(values)
    elif kind in ("text",):
        yield "str", pd.Series(plain, dtype="str")
        yield "object", pd.Series(plain, dtype=object)
        yield "string", pd.Series(plain, dtype="string[python]")
        yield "polars", pl.Series(plain, dtype=pl.String)
        yield "arrow", pa.chunked_array([pa.array(plain[:3], pa.string()), pa.array(plain[3:], pa.string())])
        yield "list", plain
        if not has_gaps:
            yield "numpy", np.array(values)
    elif kind == "bool":
        if not has_gaps:
            yield "numpy", np.array(values)
        yield "nullable", pd.Series(pd.array(plain, dtype="boolean"))
        yield "polars", pl.Series(plain, dtype=pl.Boolean)
        yield "arrow", pa.array(plain, pa.bool_())
        yield "list", plain
    elif kind in ("levels", "ordered"):
        yield "pandas", pd.Series(pd.Categorical(plain, categories=LEVELS, ordered=kind == "ordered"))
        if kind == "ordered":
            yield "polars", pl.Series(plain, dtype=pl.Enum(LEVELS))
    elif kind == "stamp":
        stamps = [pd.NaT if value is None else pd.Timestamp(value) for value in plain]
        yield "pandas", pd.Series(pd.array(stamps, dtype="M8[us]"))
        yield "polars", pl.Series(plain, dtype=pl.Datetime("ms"))
        yield "arrow", pa.array(plain, pa.timestamp("ns"))
    elif kind == "date":
        yield "numpy", np.array(["NaT" if value is None else value.isoformat() for value in plain], "M8[D]")
        yield "polars", pl.Series(plain, dtype=pl.Date)
        yield "arrow", pa.array(plain, pa.date32())
    else:
        yield "pandas", pd.Series(pd.to_timedelta(plain))
        yield "polars", pl.Series(plain, dtype=pl.Duration("us"))
        yield "arrow", pa.array(plain, pa.duration("ms"))

def random_filter(rng, kind, operators):
    operator = rng.choice(operators)
    pool = [text_of(value, kind) for value in POOLS[kind] if not is_gone(value)] + EXTRA[kind]
    if operator in ("in", "not_in"):
        texts = [rng.choice(pool + [None]) for _ in range(rng.randrange(4))]
    elif operator == "regex":
        texts = [rng.choice(PATTERNS)]
    elif operator.startswith("is_"):
        texts = []
    else:
        texts = [rng.choice(pool) for _ in range(2 if operator == "between" else 1)]
        if kind == "ordered" and operator in ("lt", "le", "gt", "ge", "between"):
            texts = [rng.choice(LEVELS) for _ in texts]
    return operator, texts, rng.random() < 0.5
'''


@pytest.fixture(scope="module")
def inside(python: AgentKernel) -> Inside:
    """One kernel for the file, with the oracle in it."""
    kernel = Inside(python)
    kernel.check(ORACLE)
    return kernel


def test_every_operator_finds_its_rows_in_every_library(inside: Inside) -> None:
    inside.check(
        """
        rng = random.Random(11)
        tried = set()
        for kind in POOLS:
            for _ in range(6):
                gaps = [None] if rng.random() < 0.7 else []
                values = [rng.choice(POOLS[kind] + gaps) for _ in range(rng.randrange(12))]
                values.append(POOLS[kind][2 % len(POOLS[kind])])  # a list tells its kind by what is in it
                asked = [random_filter(rng, kind, OPERATORS[kind] + ["is_missing", "is_present"]) for _ in range(14)]
                for name, value in variants(values, kind):
                    table = Opened(value)
                    for operator, texts, is_sensitive in asked:
                        expected = [
                            row for row, one in enumerate(values) if fits(one, kind, operator, texts, is_sensitive)
                        ]
                        found = table.one(0, operator, *texts, is_case_sensitive=is_sensitive)
                        assert found == expected, (name, kind, operator, texts, is_sensitive, values, found, expected)
                        tried.add((name, kind, operator))
                    table.close()
        assert len(tried) > 250, len(tried)
        """
    )


def test_sorts_are_stable_with_missing_values_last(inside: Inside) -> None:
    inside.check(
        """
        rng = random.Random(12)
        for kind in POOLS:
            for _ in range(8):
                values = [rng.choice(POOLS[kind] + [None]) for _ in range(rng.randrange(1, 40))]
                for name, value in variants(values, kind):
                    table = Opened(value)
                    if not table.columns()[0].get("can_sort", True):
                        continue
                    for is_descending in (False, True):
                        expected = in_order(range(len(values)), values, kind, is_descending)
                        found = table.rows([(0, is_descending)])
                        assert found == expected, (name, kind, is_descending, values, found, expected)
                        if found:
                            cells = table.page([0], view=agent().tables._tables[table.name].view.number)[0]
                            assert cells == [table.cells()[row] for row in expected]
                    table.close()
        """
    )


def test_many_keys_groups_and_filters_together(inside: Inside) -> None:
    inside.check(
        """
        rng = random.Random(13)
        kinds = ["int", "float", "text", "bool", "ordered", "stamp"]
        for _ in range(12):
            count = rng.randrange(1, 60)
            data = {kind: [rng.choice(POOLS[kind] + [None]) for _ in range(count)] for kind in kinds}
            frames = [
                pd.DataFrame(
                    {
                        kind: dict(variants(data[kind], kind)).get(
                            "nullable",
                            next(v for n, v in variants(data[kind], kind) if n in ("pandas", "str", "nullable")),
                        )
                        for kind in kinds
                    }
                ),
                pl.DataFrame({kind: dict(variants(data[kind], kind))["polars"] for kind in kinds}),
            ]
            keys = [(place, rng.random() < 0.5) for place in rng.sample(range(6), 3)]

            def group(depth):
                members = []
                for _ in range(rng.randrange(1, 4)):
                    if depth < 2 and rng.random() < 0.3:
                        members.append(group(depth + 1))
                    else:
                        place = rng.randrange(6)
                        operator, texts, is_sensitive = random_filter(rng, kinds[place], OPERATORS[kinds[place]])
                        members.append(
                            {
                                "column": place,
                                "operator": operator,
                                "values": texts,
                                "is_case_sensitive": is_sensitive,
                            }
                        )
                return {"all": rng.random() < 0.5, "members": members}

            def holds(part, row):
                if "members" in part:
                    return (all if part["all"] else any)(holds(member, row) for member in part["members"])
                kind = kinds[part["column"]]
                return fits(data[kind][row], kind, part["operator"], part["values"], part["is_case_sensitive"])

            whole = group(0)
            kept = [row for row in range(count) if holds(whole, row)]

            def ordered(rows):
                for place, is_descending in reversed(keys):
                    rows = in_order(rows, data[kinds[place]], kinds[place], is_descending)
                return list(rows)

            for frame in frames:
                table = Opened(frame)
                assert table.rows(keys) == ordered(range(count))
                assert table.rows(keys, whole["members"], whole["all"]) == ordered(kept), "with the order known"
                assert table.rows(None, whole["members"], whole["all"]) == kept
                assert table.rows(keys[:1] + keys, whole["members"], whole["all"]) == ordered(kept) if keys else True
                table.close()
        """
    )


def test_large_sorts_agree_with_numpy(inside: Inside) -> None:
    inside.check(
        """
        rng = np.random.default_rng(5)
        n = 300_000
        cases = [
            rng.normal(size=n),
            np.round(rng.normal(size=n), 2),
            rng.integers(-5, 5, n),
            rng.integers(-(2**63), 2**63 - 1, n),
            1e9 + rng.normal(size=n) * 1e-9,
            rng.integers(0, 2**64 - 1, n, dtype="u8"),
            rng.normal(size=n).astype("f4"),
            np.repeat(1.0, n),
            rng.integers(0, 2, n).astype("?"),
            np.where(rng.random(n) < 0.1, np.nan, rng.normal(size=n)),
            np.where(np.arange(n) % 2, -0.0, 0.0),
            np.concatenate([rng.normal(size=n - 2) + 2.0**40, [np.inf, -np.inf]]),
        ]
        for values in cases:
            before = values.copy()
            table = Opened(pd.DataFrame({"x": values}))
            vector = lambda: agent().tables._tables[table.name].view.rows
            table.view([(0, False)])
            assert vector().dtype == np.int32
            assert np.array_equal(vector(), np.argsort(values, kind="stable")), values.dtype
            table.view([(0, True)])
            present = ~np.isnan(values) if values.dtype.kind == "f" else np.ones(n, "?")
            rows = np.flatnonzero(present)
            top = values[rows]
            key = -top if top.dtype.kind == "f" else ~top
            expected = np.concatenate([rows[np.argsort(key, kind="stable")], np.flatnonzero(~present)])
            assert np.array_equal(vector(), expected), values.dtype
            assert before.tobytes() == values.tobytes(), "the user's array was changed"
            table.close()
        words = pd.Series(rng.integers(0, n, n).astype(str), dtype="str")
        table = Opened(words.to_frame("w"))
        table.view([(0, False)])
        expected = np.argsort(words.to_numpy(dtype=object), kind="stable")
        assert np.array_equal(agent().tables._tables[table.name].view.rows, expected)
        few = pd.Series(rng.integers(0, 50, n).astype(str), dtype="str")
        table = Opened(few.to_frame("w"))
        table.view([(0, True)])
        ordered = few.to_numpy(dtype=object)[agent().tables._tables[table.name].view.rows]
        assert (ordered[1:] <= ordered[:-1]).all()
        """
    )


def test_the_first_rows_come_before_the_rest(inside: Inside) -> None:
    inside.check(
        """
        import time

        tables = agent().tables
        events = []
        was, door, limit = tables.send_event, tables.has_door, sys.modules[type(tables).__module__].PROGRESSIVE_ROWS
        module = sys.modules[type(tables).__module__]
        tables.send_event, tables.has_door, module.PROGRESSIVE_ROWS = (
            (lambda *event: events.append(event)),
            (lambda: True),
            50_000,
        )
        try:
            rng = np.random.default_rng(3)
            n = 200_000
            floats = np.where(rng.random(n) < 0.01, np.nan, np.round(rng.normal(size=n), 3))
            other = rng.integers(0, 9, n)
            for frame in (
                pd.DataFrame({"x": floats, "y": other}),
                pl.DataFrame({"x": floats, "y": other}),
                pa.table({"x": floats, "y": other}),
            ):
                for is_descending in (False, True):
                    for members in (None, [{"column": 1, "operator": "ge", "values": ["1"]}]):
                        table = Opened(frame)
                        events.clear()
                        state = table.view([(0, is_descending), (1, True)], members)
                        assert state["ready_rows"] == 1000 and state["row_count"] > 100_000, state
                        number = state["view"]
                        first = table.page([0, 1], 0, 1000, number)
                        assert (
                            refusal(
                                lambda: ask(
                                    "table.profile",
                                    table=table.name,
                                    view=number,
                                    column=0,
                                    is_exact=False,
                                    bins=5,
                                    top=5,
                                )
                            )[0]
                            == "out_of_date"
                            or events
                        )
                        end = time.monotonic() + 60
                        while not events and time.monotonic() < end:
                            threading.Event().wait(0.01)
                        assert [name for name, _ in events] == ["table.view_ready"], events
                        told = events[0][1]
                        assert (told["table"], told["view"], told["row_count"], told["ready_rows"]) == (
                            table.name,
                            number,
                            state["row_count"],
                            -1,
                        )
                        assert table.page([0, 1], 0, 1000, number) == first, "the first rows were in their true order"
                        key = floats if not is_descending else -floats
                        rows = np.lexsort((np.arange(n), -other, np.where(np.isnan(key), np.inf, key)))
                        rows = rows if members is None else rows[other[rows] >= 1]
                        assert [int(row) for row in tables._tables[table.name].view.rows] == rows.tolist()
                        table.close()
            table = Opened(pd.DataFrame({"x": np.zeros(n + 100_000)}))
            assert table.view([(0, False)])["ready_rows"] == -1, "too many equal values: all at once"
        finally:
            tables.send_event, tables.has_door, module.PROGRESSIVE_ROWS = was, door, limit
        """
    )


def test_filters_that_cannot_be_applied_are_told_and_the_others_hold(inside: Inside) -> None:
    inside.check(
        """
        frame = pd.DataFrame(
            {
                "n": [1, 2, 3],
                "s": ["a", "b", "c"],
                "t": pd.to_datetime(["2020", "2021", "2022"]),
                "o": [[1], [2], None],
                "c": pd.Categorical(["u", "v", "u"], ordered=True),
                "b": [True, False, True],
                "u": ["x", "y", "z"],
            }
        )
        both = [Opened(frame), Opened(pl.DataFrame(frame.drop(columns=["o", "c"])), "second")]
        bad = lambda column, operator, *values: {"column": column, "operator": operator, "values": list(values)}
        table = both[0]
        members = [
            bad(0, "eq", "abc"),
            bad(1, "regex", "("),
            {"all": False, "members": [bad(2, "lt", "yesterday"), bad(0, "ge", "2")]},
            bad(3, "eq", "x"),
            bad(4, "lt", "w"),
            bad(0, "contains", "1"),
            bad(5, "eq", "maybe"),
            bad(99, "eq", "1"),
            bad(0, "between", "1"),
            bad(2, "eq", "2020-01-01T00:00Z"),
            bad(2, "eq", "2020-02-30"),
            bad(0, "eq", "nan"),
            bad(0, "eq"),
        ]
        state = table.view(None, members)
        assert [problem["filter"] for problem in state["problems"]] == [0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13], (
            state
        )
        assert all(problem["message"].endswith(".") for problem in state["problems"]), state["problems"]
        assert state["row_count"] == 2
        state = both[1].view(None, [bad(1, "regex", "("), bad(1, "regex", "(?=a)"), bad(0, "lt", "3")])
        assert [problem["filter"] for problem in state["problems"]] == [0, 1] and state["row_count"] == 2
        assert both[0].one(1, "regex", "(?=a)") == [0], "what Arrow's expressions lack, Python's have"
        assert table.view(None, [bad(0, "eq", "x")])["row_count"] == 3, "a group without members: every row fits"
        for wrong in (
            {"members": 5},
            {"members": [5]},
            {"members": [{"column": "x", "operator": "eq"}]},
            {"all": 1, "members": []},
        ):
            if wrong.get("members") == []:
                wrong["members"] = [bad(0, "eq", "1")]
            assert refusal(lambda: ask("table.view", table=table.name, view=10**9, sort=[], filter=wrong))[0] in (
                "bad_params",
                "out_of_date",
            )
        """
    )


def test_zones_are_those_of_the_column(inside: Inside) -> None:
    inside.check(
        """
        local = pd.date_range("2020-03-29 00:30", periods=4, freq="30min", tz="Europe/Berlin")
        for value in (pd.Series(local), pl.from_pandas(pd.Series(local)), pa.array(pd.Series(local))):
            table = Opened(value)
            assert table.one(0, "ge", "2020-03-29T01:30") == [2, 3]
            assert table.one(0, "ge", "2020-03-29T00:00Z") == [1, 2, 3]
            assert table.one(0, "eq", "2020-03-29T03:00") == [3]
            assert table.one(0, "lt", "2020-03-29T01:00+01:00") == [0]
        """
    )


def test_an_older_view_and_a_closed_table_are_out_of_date(inside: Inside) -> None:
    inside.check(
        """
        table = Opened(pd.DataFrame({"x": [3, 1, 2]}))
        first = table.view([(0, False)])["view"]
        assert table.page([0], view=first) == [[1, 2, 3]] and table.page([0]) == [[3, 1, 2]]
        second = table.view([(0, True)])["view"]
        assert refusal(lambda: table.page([0], view=first))[0] == "out_of_date"
        assert table.page([0], view=second) == [[3, 2, 1]]
        assert (
            refusal(lambda: ask("table.view", table=table.name, view=first, sort=[], filter={}))[0] == "out_of_date"
        )
        table.close()
        table.close()
        assert refusal(lambda: table.page([0]))[0] == "out_of_date"
        for first_row, end, columns in (
            (0, 2001, [0]),
            (-1, 1, [0]),
            (2, 1, [0]),
            (0, 2000, [0] * 51),
            (0, 1, [5]),
            (0, 1, [-1]),
        ):
            table = Opened(pd.DataFrame({"x": [3, 1, 2]}))
            assert (
                refusal(
                    lambda: ask("table.page", table=table.name, view=0, first=first_row, end=end, columns=columns)
                )[0]
                == "bad_params"
            )
        assert refusal(lambda: Opened(pd.DataFrame({"o": [[1], [2]]})).view([(0, False)]))[0] == "not_possible"
        """
    )


def test_slow_work_is_given_up_when_asked(inside: Inside) -> None:
    inside.check(
        """
        class Job:
            def __init__(self, steps):
                self.steps, self.told = steps, []

            def is_cancelled(self):
                self.steps -= 1
                return self.steps < 0

            def progress(self, step, done, total):
                self.told.append((step, done, total))


        big = pd.DataFrame({"x": np.arange(3_000_000) % 1000, "s": ["a", "b", "c"] * 1_000_000})
        for value in (big, pl.DataFrame({"x": [1, 2, 3]}), [{"x": value} for value in range(100_000)]):
            table = Opened(value)
            for steps in (0, 1):
                code, _ = refusal(
                    lambda: ask(
                        "table.profile",
                        table=table.name,
                        view=0,
                        column=0,
                        is_exact=True,
                        bins=5,
                        top=5,
                        job=Job(steps),
                    )
                )
                assert code == "cancelled"
                assert (
                    refusal(
                        lambda: ask(
                            "table.view",
                            table=table.name,
                            view=10**6 + steps,
                            sort=[{"column": 0}],
                            filter={},
                            job=Job(steps if value is big else 0),
                        )
                    )[0]
                    == "cancelled"
                )
                assert (
                    refusal(
                        lambda: ask(
                            "table.missing",
                            table=table.name,
                            view=0,
                            columns=[0],
                            buckets=5,
                            is_exact=True,
                            job=Job(0),
                        )
                    )[0]
                    == "cancelled"
                )
                assert (
                    refusal(lambda: ask("table.values", table=table.name, column=0, search="", limit=5, job=Job(0)))[
                        0
                    ]
                    == "cancelled"
                )
                assert (
                    refusal(
                        lambda: ask(
                            "table.find",
                            table=table.name,
                            view=0,
                            text="~",
                            row=0,
                            column=0,
                            is_case_sensitive=False,
                            is_regex=False,
                            job=Job(0),
                        )
                    )[0]
                    == "cancelled"
                )
        job = Job(10**9)
        ask(
            "table.view",
            table=Opened(big).name,
            view=1,
            sort=[],
            filter={"members": [{"column": 0, "operator": "lt", "values": ["5"]}]},
            job=job,
        )
        assert [done for _, done, _ in job.told] == sorted(done for _, done, _ in job.told) and len(job.told) > 3
        """
    )


def test_runs_that_only_read_cost_no_new_sort(inside: Inside) -> None:
    inside.check(
        """
        rng = np.random.default_rng(8)
        floats, whole = np.round(rng.normal(size=20_000), 1), rng.integers(0, 9, 20_000)
        frame = pd.DataFrame({"x": floats, "y": whole, "n": pd.array(whole, dtype="Int64"), "s": whole.astype(str)})
        tables = agent().tables
        for value in (frame, pl.DataFrame({"x": floats, "y": whole, "n": whole, "s": whole.astype(str)})):
            table = Opened(value)
            vector = lambda: tables._tables[table.name].view.rows
            name = table.name_of_subject
            some = [{"column": 2, "operator": "lt", "values": ["5"]}]
            for keys, members in (([(0, False), (1, True)], None), ([(0, True)], some)):
                table.view(keys, members)
                before = vector()
                tables.after_run(name + ".describe()")
                table.view(keys, members)
                assert vector() is before
                table.view(keys, [{"column": 1, "operator": "ge", "values": ["2"]}])
                assert vector() is not before
            table.view([(3, False)])
            before = vector()
            tables.after_run(name + ".head()")
            table.view([(3, False)])
            assert vector() is not before, "text is sorted again"
            table.close()
        changes = [
            lambda f: f.__setitem__("x", f["x"].where(f.index != 777, -99.0)),
            lambda f: f.iloc.__setitem__((5, 0), 123.5),
            lambda f: f.iloc.__setitem__((5, 2), pd.NA),
            lambda f: f.__setitem__("x", f["x"].to_numpy()[::-1].copy()),
        ]
        for change in changes:
            table = Opened(frame.copy())
            keys = [(0, False), (2, False)]
            table.view(keys)
            change(agent().shell.user_ns[table.name_of_subject])
            tables.after_run(table.name_of_subject)
            found = table.rows(keys)
            fresh = agent().shell.user_ns[table.name_of_subject]
            numbers = fresh["n"].to_numpy(dtype="f8", na_value=np.inf)
            assert found == np.lexsort((numbers, fresh["x"].to_numpy())).tolist()
            table.close()
        """
    )
