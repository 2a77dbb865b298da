"""Tables of the Python agent over the comm: what viewers ask, what runs tell them, and that looking does nothing."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from ide.kernels import contract
from tests.kernel.agents.conftest import StartKernel
from tests.kernel.agents.harness import TIMEOUT_S, AgentKernel, Reply
from tests.kernel.agents.python_tables import Inside
from tests.kernel.agents.r_tables import Refused, Tables
from tests.kernel.agents.test_python_agent import HOSTILE


@pytest.fixture(scope="module")
def inside(python: AgentKernel) -> Inside:
    """One kernel for the file."""
    return Inside(python)


@pytest.fixture
def tables(inside: Inside) -> Tables:
    """What is asked over the comm; no table of an earlier test is open."""
    inside.check("agent().tables._tables.clear()")
    return Tables(inside.kernel)


def changes(reply: Reply) -> list[tuple[str, str]]:
    """Table and change of the events after a run; each must be a record of the contract."""
    told = [event["params"] for event in reply.events if event["event"] == "table.changed"]
    for params in told:
        contract.TableChange.from_json(params)
    return [(params["table"], params["change"]) for params in told]


def test_every_method_answers_with_the_contracts_record(tables: Tables) -> None:
    tables.kernel.run("df = pd.DataFrame({'x': [3, 1, None], 's': ['b', 'a', '']}, index=['p', 'q', 'r'])")
    info = tables.open("df")
    assert (info.title, info.row_count, info.column_count, info.library) == ("df", 3, 2, "pandas")
    assert (info.expression, info.dialects, info.type_name) == ("df", ("pandas", "sql"), "DataFrame")
    assert set(info.features) == {"sort", "filter", "profile", "missing", "values", "find", "edit", "audit"}
    assert [label.name for label in info.labels] == [""]
    assert [(c.index, c.name, c.kind, c.type_name) for c in tables.columns(info.table)] == [
        (0, "x", "number", "float64"),
        (1, "s", "text", "str"),
    ]
    assert str(tables.page(info.table, [-1, 0, 1])) == "[['p', 'q', 'r'], [3.0, 1.0, NaN], ['b', 'a', '']]"
    state = tables.view(info.table, 1, sort=[{"column": 0}], filter={})
    assert (state.view, state.row_count, state.ready_rows, state.problems) == (1, 3, -1, ())
    assert tables.page(info.table, [-1], view=1) == [["q", "p", "r"]]
    profile = tables.ask("table.profile", table=info.table, column=0)
    assert {one.name: one.text for one in profile.statistics}["mean"] == "2.0"
    assert tables.ask("table.values", table=info.table, column=1).total == 3
    answered = tables.raw("table.missing", table=info.table, columns=[0, 1], buckets=3)
    assert contract.MissingPicture.from_json(answered.result).counts == (1, 0)
    assert b"".join(answered.buffers) == bytes([0, 0, 255, 0, 0, 0])
    found = tables.ask("table.find", table=info.table, text="A", row=0, column=0)
    assert (found.row, found.column) == (1, 1)
    assert tables.ask("table.cell", table=info.table, row=0, column=1).text == "b"
    edit = tables.ask("table.edit", table=info.table, row=0, column=0, text="9")
    assert (edit.code, edit.text) == ("df.iat[0, 0] = 9.0", "9.0")
    undone = tables.ask("table.undo", table=info.table, undo=edit.undo)
    assert undone.code == "df.iat[0, 0] = 3.0"
    tables.ask("table.close", table=info.table)
    with pytest.raises(Refused) as refused:
        tables.page(info.table, [0])
    assert refused.value.code == "out_of_date"
    tables.ask("cancel", request=1)


def test_what_cannot_be_asked_is_refused(tables: Tables) -> None:
    tables.kernel.run("df = pd.DataFrame({'x': [1]}); five = 5")
    table = tables.open("df").table
    for method, params, code in (
        ("table.open", {"path": []}, "bad_params"),
        ("table.open", {"path": ["nobody"]}, "not_possible"),
        ("table.open", {"path": ["five"]}, "not_possible"),
        ("table.page", {"table": table, "first": 0, "end": 1, "columns": [1]}, "bad_params"),
        ("table.page", {"table": table, "first": 0, "end": 1, "columns": ["x"]}, "bad_params"),
        ("table.page", {"table": table, "view": 7, "first": 0, "end": 1, "columns": [0]}, "out_of_date"),
        ("table.view", {"table": table, "view": 1, "sort": [{"column": "x"}]}, "bad_params"),
        ("table.view", {"table": table, "view": 2, "sort": [{"column": 5}]}, "bad_params"),
        ("table.profile", {"table": table, "column": 5}, "bad_params"),
        ("table.edit", {"table": table, "row": 0, "column": 0, "text": "x"}, "not_possible"),
        ("table.undo", {"table": table, "undo": "edit1"}, "not_possible"),
        ("table.slice", {"table": table, "row_axis": 0, "column_axis": 1, "fixed": []}, "not_possible"),
    ):
        with pytest.raises(Refused) as refused:
            tables.raw(method, **params)
        assert refused.value.code == code, (method, params, refused.value)


def test_a_part_of_a_value_is_opened_by_its_path(tables: Tables) -> None:
    tables.kernel.run("nest = {'k': [1, pd.DataFrame({'x': [5, 6]})]}")
    token = [child.token for child in tables.ask("variables.children", path=["nest"]).children]
    inner = tables.ask("variables.children", path=["nest", token[0]]).children
    info = tables.open("nest", token[0], inner[1].token)
    assert tables.page(info.table, [0]) == [[5, 6]]
    assert "nest" in info.title
    assert changes(tables.kernel.run("nest['k'][1].iat[0, 0] = 7")) == [(info.table, "data")]
    assert tables.page(info.table, [0]) == [[7, 6]]
    assert changes(tables.kernel.run("nest['k'].clear()")) == [(info.table, "gone")]


@pytest.mark.parametrize(
    "make",
    [
        "pd.DataFrame({'x': [3, 1], 's': ['a', 'b']})",
        "pl.DataFrame({'x': [3, 1], 's': ['a', 'b']})",
        "pa.table({'x': [3, 1], 's': ['a', 'b']})",
        "{'x': [3, 1], 's': ['a', 'b']}",
    ],
)
def test_viewers_follow_their_object(tables: Tables, make: str) -> None:
    kernel = tables.kernel
    kernel.run(f"df = {make}; other = 1")
    table = tables.open("df").table
    view = tables.view(table, 1, sort=[{"column": 0}], filter={}).view
    assert changes(kernel.run("other = 2")) == []
    assert tables.page(table, [0], view=view) == [[1, 3]]
    assert changes(kernel.run(f"def again():\n    globals()['d' + 'f'] = {make}\nagain()")) == [(table, "data")]
    assert changes(kernel.run(f"df = {make.replace('3', '5')}")) == [(table, "data")]
    assert tables.page(table, [0]) == [[5, 1]]
    reply = kernel.run(
        f"df = {make.replace('[3, 1]', '[7, 8, 9]').replace(']}', ', 7]}').replace(', 7]}', ', chr(99)]}')}"
    )
    assert changes(reply) == [(table, "data")], "other rows, the same columns"
    assert tables.page(table, [0]) == [[7, 8, 9]]
    with pytest.raises(Refused) as refused:
        tables.page(table, [0], view=view)
    assert refused.value.code == "out_of_date"
    reply = kernel.run(f"df = {make.replace('s', 'z')}")
    assert changes(reply) == [(table, "schema")]
    told = next(event["params"] for event in reply.events if event["event"] == "table.changed")
    assert told["info"]["column_count"] == 2
    assert [column.name for column in tables.columns(table)][1] == "z"
    assert changes(kernel.run("del df")) == [(table, "gone")]
    with pytest.raises(Refused):
        tables.page(table, [0])
    assert changes(kernel.run("other = 3")) == []
    assert changes(kernel.run(f"df = {make}")) == [(table, "schema")], "it is back"
    assert tables.page(table, [0]) == [[3, 1]]
    assert changes(kernel.run("df = 5")) == [(table, "gone")]
    tables.ask("table.close", table=table)
    assert changes(kernel.run(f"df = {make}")) == []


def test_changes_inside_are_seen_where_the_code_names_the_object(tables: Tables) -> None:
    kernel = tables.kernel
    kernel.run("df = pd.DataFrame({'x': [3, 1]}); a = np.zeros((2, 3))")
    frame, array = tables.open("df").table, tables.open("a").table
    assert changes(kernel.run("df.iat[0, 0] = 9")) == [(frame, "data")]
    assert tables.page(frame, [0]) == [[9, 1]]
    assert changes(kernel.run("a[0, 0] = 5")) == [(array, "data")]
    assert tables.page(array, [0]) == [[5.0, 0.0]]
    assert changes(kernel.run("df['y'] = 1.5")) == [(frame, "schema")]
    assert changes(kernel.run("df.rename(columns={'y': 'q'}, inplace=True)")) == [(frame, "schema")]
    assert changes(kernel.run("df['q'] = df['q'].astype('float32')")) == [(frame, "schema")]
    assert changes(kernel.run("a = np.zeros((2, 3, 4))")) == [(array, "schema")]
    assert changes(kernel.run("a = [1, 2]")) == [(array, "schema")], "a list is a table too"
    assert changes(kernel.run("1/0")) == []


def test_an_edit_is_told_to_all_who_show_the_object(tables: Tables) -> None:
    kernel = tables.kernel
    kernel.run("df = pd.DataFrame({'x': [3, 1]})")
    kernel.ask("variables.sync", full=True)
    one, two = tables.open("df").table, tables.open("df").table
    answered = tables.raw("table.edit", table=one, row=1, column=0, text="5")
    assert [(name, params["table"]) for name, params in answered.events if name == "table.changed"] == [
        ("table.changed", one),
        ("table.changed", two),
    ]
    assert tables.page(two, [0]) == [[3, 5]]


def test_nothing_of_the_users_is_kept_alive(inside: Inside, tables: Tables) -> None:
    inside.check("import weakref, gc; df = pd.DataFrame({'x': np.arange(1000.0)}); ref = weakref.ref(df.x.to_numpy())")
    inside.check("polar = pl.DataFrame({'x': [1, 2]}); refs = [weakref.ref(df), weakref.ref(polar)]")
    for name in ("df", "polar"):
        table = tables.open(name).table
        tables.page(table, [0], 0, 2)
        tables.view(table, 1, sort=[{"column": 0, "is_descending": True}], filter={})
        tables.page(table, [0], 0, 2, view=1)
        tables.ask("table.profile", table=table, column=0)
    inside.check("del df, polar; gc.collect(); assert [one() for one in refs] == [None, None]")


def test_looking_runs_nothing_of_the_users(inside: Inside, tables: Tables, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    inside.kernel.run(HOSTILE.format(canary=str(canary)))
    inside.check(
        """
        evil = [value for name, value in list(globals().items()) if name.startswith("evil_")]


        class Hashed:
            def __hash__(self):
                return sing("hash")()

            def __eq__(self, other):
                return sing("eq")()

            def __lt__(self, other):
                return sing("lt")()

            def __repr__(self):
                return sing("repr")()


        class Text(str):
            def lower(self):
                return sing("lower")()

            def __str__(self):
                return sing("str")()

            def __len__(self):
                return sing("len")()


        class Row(dict):
            def __getitem__(self, key):
                return sing("getitem")()

            def get(self, *a):
                return sing("get")()

            def keys(self):
                return sing("keys")()

            def __len__(self):
                return sing("len")()


        class Zone(dt.tzinfo):
            def utcoffset(self, when):
                return sing("zone")()

            dst = tzname = utcoffset

            def __repr__(self):
                return sing("zone repr")()


        class Frame(pd.DataFrame):
            def __getattribute__(self, name):
                return sing("frame " + name)()


        plain = pd.DataFrame({"n": range(len(evil))})
        plain["e"] = pd.Series(evil, dtype=object)
        plain["t"] = pd.Series([Text("x")] * len(evil), dtype=object)
        nested = pd.DataFrame({"n": [[Hashed()], {"k": Hashed()}, (Text("q"),)]})
        records = [Row(a=1, b=Hashed()), Row(a=Text("z"))]
        rows = [[Hashed(), 1], [Text("u"), 2]]
        columns = {"a": [Hashed()], "b": evil[:1]}
        array = np.empty(len(evil), dtype=object)
        for place, value in enumerate(evil):
            array[place] = value
        moments = pd.DataFrame({"m": pd.Series([dt.datetime(2020, 1, 1, tzinfo=Zone())], dtype=object)})
        frame = object.__new__(Frame)
        object.__setattr__(frame, "_mgr", plain._mgr)
        object.__setattr__(frame, "_item_cache", {})
        named = pd.DataFrame([[1, 2]])
        holder = Hashed()
        names = np.empty(2, dtype=object)
        names[0], names[1] = holder, Text("w")
        object.__setattr__(named, "_mgr", named._mgr.copy(deep=False))
        named._mgr.axes[0] = pd.Index._simple_new(names)
        polar = pl.DataFrame({"o": pl.Series(evil[:3], dtype=pl.Object)})
        canary.exists() and canary.unlink()
        """
    )
    looked = 0
    for name in (
        "plain",
        "nested",
        "records",
        "rows",
        "columns",
        "array",
        "moments",
        "frame",
        "named",
        "polar",
        "evil",
    ):
        info = tables.open(name)
        indexes = [column.index for column in tables.columns(info.table)]
        tables.page(info.table, indexes)
        every = {"members": [{"column": index, "operator": "is_missing"} for index in indexes]}
        tables.view(info.table, 1, sort=[], filter=every)
        tables.raw("table.missing", table=info.table, columns=indexes)
        tables.raw("table.find", table=info.table, text="needle", row=0, column=0)
        for column in tables.columns(info.table):
            tables.raw("table.profile", table=info.table, column=column.index, is_exact=True)
            tables.raw("table.cell", table=info.table, row=0, column=column.index)
            if column.kind != "nested" and name != "polar":
                tables.raw("table.values", table=info.table, column=column.index)
            if column.kind == "text":
                some = {"members": [{"column": column.index, "operator": "contains", "values": ["x"]}]}
                tables.view(info.table, 10 + column.index, sort=[{"column": column.index}], filter=some)
            looked += 1
        assert not canary.exists(), (name, canary.read_text())
    assert looked >= 14
    for name in ("evil___repr__", "evil_meta", "evil_generator", "evil_property"):
        with pytest.raises(Refused):
            tables.open(name)
    assert changes(inside.kernel.run("moments; named; plain; frame; None")) != []
    assert not canary.exists(), canary.read_text()


def test_memory_is_flat_while_opening_and_scrolling(start: Any, tmp_path: Path) -> None:
    kernel = start("python", tmp_path)
    kernel.run(
        "import numpy as np, pandas as pd, os\n"
        "df = pd.DataFrame({f'c{i}': np.arange(5_000_000.0) + i for i in range(10)})\n"
        "words = pd.Series([str(n % 1000) for n in range(1_000_000)], dtype='str').to_frame('w')\n"
        "small = pd.DataFrame({f'c{i}': np.arange(100.0) for i in range(10)})"
    )
    tables = Tables(kernel)

    def rss() -> int:
        return int(kernel.ask("memory").rss_bytes)

    def look(name: str) -> str:
        info = tables.open(name)
        step = max(info.row_count // 60, 1)
        for first in range(0, info.row_count, step):
            tables.page(info.table, list(range(info.column_count)), first, first + 50)
        return info.table

    look("small")
    before = rss()
    table = look("df")
    look("words")
    assert rss() - before < 20_000_000
    tables.view(table, 1, sort=[{"column": 3, "is_descending": True}], filter={})
    tables.page(table, [0, 3], 4_999_000, 5_000_000, view=1)
    assert rss() - before < 5_000_000 * 4 + 64_000_000
    tables.ask("table.close", table=table)
    assert rss() - before < 18_000_000, "the order of the rows, 20 MB, is freed"


def test_pages_come_while_the_user_changes_the_frame(inside: Inside) -> None:
    inside.check(
        """
        table = Opened(pd.DataFrame({"a": range(5000), "b": ["x"] * 5000}))
        shell, stop, seen, codes = agent().shell, threading.Event(), [], set()


        def scroll():
            while not stop.is_set():
                for first in range(0, 5000, 500):
                    try:
                        seen.append(len(table.page([0, 1], first, first + 100)[0]))
                        table.profile(0)
                        table.rows([(0, True)])
                    except AssertionError:
                        raise
                    except Exception as error:
                        codes.add(getattr(error, "code", repr(error)))


        failures = []


        def guarded():
            try:
                scroll()
            except BaseException as error:
                failures.append(error)


        workers = [threading.Thread(target=guarded) for _ in range(2)]
        for worker in workers:
            worker.start()
        rng = random.Random(1)
        for turn in range(300):
            frame = shell.user_ns[table.name_of_subject]
            act = rng.randrange(6)
            if act == 0:
                frame["a"] = frame["a"] + 1
            elif act == 1:
                shell.user_ns[table.name_of_subject] = frame.iloc[: rng.randrange(1, 5000)].copy()
            elif act == 2:
                shell.user_ns[table.name_of_subject] = pd.concat([frame, frame]).reset_index(drop=True).iloc[:5000]
            elif act == 3:
                frame["c"] = 1
                del frame["c"]
            elif act == 4:
                frame["a"] = frame["a"].to_numpy()[::-1]
            else:
                frame.loc[rng.randrange(len(frame)), "a"] = turn
        stop.set()
        for worker in workers:
            worker.join(60)
        assert not failures, failures
        assert len(seen) > 20 and codes <= {"out_of_date", "bad_params", "cancelled"}, codes
        """
    )


def test_what_a_first_table_needs_is_compiled_once_there_can_be_one(start: StartKernel, tmp_path: Path) -> None:
    kernel = start("python", tmp_path)
    prefix = "fourpane_plugins.lang_python.agent."
    known = f"import sys; print([name for name in {['tables', 'table_numpy']} if {prefix!r} + name in sys.modules])"
    kernel.ask("variables.sync", full=True)
    kernel.run("x = 1")
    assert kernel.run(known).text == "[]\n"
    kernel.run("import numpy")
    deadline = time.monotonic() + TIMEOUT_S
    while (text := kernel.run(known).text) != "['tables', 'table_numpy']\n":
        assert time.monotonic() < deadline, text
