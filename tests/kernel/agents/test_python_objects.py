"""What lies inside Python's values, what they take, and what is done to variables, in a real kernel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ide.kernels import contract
from tests.kernel.agents.conftest import StartKernel
from tests.kernel.agents.harness import AgentKernel
from tests.kernel.agents.test_python_agent import CLEAR, HOSTILE

LIBRARIES = "import numpy as np, pandas as pd, polars as pl, pyarrow as pa\n"


@pytest.fixture
def fresh(python: AgentKernel) -> AgentKernel:
    """The shared kernel without names of earlier tests, and synced."""
    python.run(CLEAR)
    python.ask("variables.sync", full=True)
    return python


def children_of(kernel: AgentKernel, *path: str, **paging: int) -> contract.VariableChildren:
    answer = kernel.ask("variables.children", path=list(path), **paging)
    assert isinstance(answer, contract.VariableChildren)
    return answer


def shown(kernel: AgentKernel, *path: str) -> list[tuple[str, str, str]]:
    """Label, type and preview of each part."""
    return [(c.label, c.entry.type_name, c.entry.preview) for c in children_of(kernel, *path).children]


PARTS = [
    ("[1, 'a', [2]]", [("[0]", "int", "1"), ("[1]", "str", "'a'"), ("[2]", "list", "[2]")]),
    ("(1.5, None)", [("[0]", "float", "1.5"), ("[1]", "NoneType", "None")]),
    ("{7}", [("{0}", "int", "7")]),
    ("frozenset({b'x'})", [("{0}", "bytes", "b'x'")]),
    ("{'a': 1, 2: 'b', (1, 'x'): None}", [("'a'", "int", "1"), ("2", "str", "'b'"), ("(1, 'x')", "NoneType", "None")]),
    ("__import__('collections').deque([3])", [("[0]", "int", "3")]),
    ("__import__('collections').namedtuple('P', 'x y')(1, 2)", [("x", "int", "1"), ("y", "int", "2")]),
    ("__import__('collections').defaultdict(list, a=[1])", [("'a'", "list", "[1]")]),
    ("__import__('types').SimpleNamespace(u=1)", [("u", "int", "1")]),
    ("__import__('functools').partial(max, 1)", [("func", "builtin_function_or_method", ""), ("args", "tuple", "(1,)"),
                                                ("keywords", "dict", "{}")]),
    ("type('Own', (list,), {})([5])", [("[0]", "int", "5")]),
    ("type('Slotted', (), {'__slots__': ('p', 'q'), '__init__': lambda s: setattr(s, 'p', 1)})()", [("p", "int", "1")]),
    ("(lambda k: lambda: k)(4)", [("k", "int", "4")]),
    ("__import__('enum').Enum('Hue', 'RED BLUE')", [("RED", "Hue", ""), ("BLUE", "Hue", "")]),
    ("[1].append", []),
    ("np.array([[1, 2], [3, 4]])", [("[0]", "ndarray", "int64: [1, 2]"), ("[1]", "ndarray", "int64: [3, 4]")]),
    ("np.array([0.1, np.nan])", [("[0]", "float64", "0.1"), ("[1]", "float64", "nan")]),
    ("np.array(3)", []),
    ("np.array([(1, 'x')], dtype=[('n', 'i4'), ('s', 'U1')])", [("[0]", "void", "(1, 'x')")]),
    ("np.array([(1, 'x')], dtype=[('n', 'i4'), ('s', 'U1')])[0]", [("n", "int32", "1"), ("s", "str_", "x")]),
    ("pd.DataFrame({'x': [1], 2: ['a']})", [("x", "Series", "int64: [1]"), ("2", "Series", "str")]),
    ("pd.Series([1, 2], index=['p', 'q'])", [("'p'", "int64", "1"), ("'q'", "int64", "2")]),
    ("pd.Series([pd.NaT, pd.Timedelta(1, 'D')])", [("0", "NaTType", "NaT"), ("1", "Timedelta", "1 days 00:00:00")]),
    ("pd.Series(pd.array([None, 1], dtype='Int64'))", [("0", "NAType", "NA"), ("1", "int64", "1")]),
    ("pd.Series(pd.period_range('2020', periods=1, freq='Y'))", [("0", "Period", "2020")]),
    ("pd.Index(['u'])", [("[0]", "str", "'u'")]),
    ("pl.DataFrame({'q': [1]})", [("q", "Series", "Int64")]),
    ("pl.Series([1, None])", [("[0]", "int", "1"), ("[1]", "NoneType", "None")]),
    ("pa.table({'c': [1]})", [("c", "ChunkedArray", "int64")]),
    ("pa.array([{'a': 1}])", [("[0]", "dict", "{'a': 1}")]),
]  # fmt: skip


def test_parts_are_told_truly(fresh: AgentKernel) -> None:
    fresh.run(LIBRARIES + "\n".join(f"v{n} = {code}" for n, (code, _) in enumerate(PARTS)))
    found = {code: shown(fresh, f"v{n}") for n, (code, _) in enumerate(PARTS)}
    assert found == dict(PARTS)


def refusal(kernel: AgentKernel, method: str, **params: Any) -> str:
    """The words of a request that is refused."""
    error = kernel.ask_raw({"method": method, "params": params})["error"]
    assert error["code"] == "not_possible", error
    return str(error["message"])


def test_long_containers_are_told_in_parts(fresh: AgentKernel) -> None:
    fresh.run("long = list(range(250)); wide = {f'k{n}': n for n in range(250)}")
    for name, last in (("long", "[249]"), ("wide", "'k249'")):
        answer = children_of(fresh, name, first=200, limit=100)
        assert (answer.total, len(answer.children), answer.children[-1].label) == (250, 50, last)
    assert len(children_of(fresh, "long").children) == 100
    assert children_of(fresh, "long", first=300).children == ()


def test_paths_lead_on_and_survive_changes(fresh: AgentKernel) -> None:
    fresh.run("class Box:\n    def __init__(self): self.inside = {'deep': [10, 20]}\nd = {'x': 0, 'box': Box()}")
    path = ["d"]
    for label in ("'box'", "inside", "'deep'", "[1]"):
        path.append(next(c.token for c in children_of(fresh, *path).children if c.label == label))
    assert fresh.ask("variables.literal", path=path).text == "20"
    fresh.run("d = {'new': 1, 'more': 2, **d}; del d['x']")
    assert fresh.ask("variables.literal", path=path).text == "20"
    fresh.run("del d['box']")
    assert "not there any more" in refusal(fresh, "variables.literal", path=path)
    assert "no variable nothing" in refusal(fresh, "variables.children", path=["nothing"])


def test_what_contains_itself_can_be_followed(fresh: AgentKernel) -> None:
    fresh.run("loop = [1]; loop.append(loop)")
    path = ["loop"]
    for _ in range(30):
        path.append(children_of(fresh, *path).children[1].token)
    assert [c.label for c in children_of(fresh, *path).children] == ["[0]", "[1]"]


def test_ordered_dict_keeps_its_own_order(fresh: AgentKernel) -> None:
    fresh.run("from collections import OrderedDict\no = OrderedDict(a=1, b=2); o.move_to_end('a')")
    assert [label for label, _, _ in shown(fresh, "o")] == ["'b'", "'a'"]


def test_modules_and_frames_of_odd_columns_are_followed(fresh: AgentKernel) -> None:
    fresh.run(
        LIBRARIES + "import json\n"
        "odd = pd.DataFrame([[1, 2, 3, 4]], columns=['a', 'a', ('t', 1), None])\n"
        "multi = pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([('u', 1), ('u', 2)]))"
    )
    assert {"dumps", "loads"} <= {label for label, _, _ in shown(fresh, "json")}
    assert [label for label, _, _ in shown(fresh, "odd")] == ["a", "a", "('t', 1)", "None"]
    second = children_of(fresh, "odd").children[1].token
    assert [c.entry.preview for c in children_of(fresh, "odd", second).children] == ["2"]
    assert [label for label, _, _ in shown(fresh, "multi")] == ["('u', 1)", "('u', 2)"]


SIZES = {
    "arr": ("np.zeros(10**6)", 8_000_000, 8_000_200),
    "view": ("arr[:1]", 8_000_000, 8_000_200),
    "flat": ("np.broadcast_to(np.float64(1), (10**5, 10**5))", 0, 100),
    "df": ("pd.DataFrame({'a': np.zeros(10**5), 'b': np.zeros(10**5, dtype='int8')})", 900_000, 900_500),
    "po": ("pl.DataFrame({'a': [1.0] * 1000})", 8_000, 8_200),
    "tb": ("pa.table({'a': [1.0] * 1000})", 8_000, 8_200),
    "text": ("'x' * 10**6", 10**6, 10**6 + 100),
    "nested": ("[['y' * 10**5], 'z' * 10**5]", 200_000, 200_600),
    "same": ("[text, text]", 10**6, 10**6 + 300),
    "loop": ("loop", 1, 500),
}


def sizes_of(kernel: AgentKernel, names: list[str]) -> dict[str, int]:
    """Sizes as they become known: an answer holds what time allowed, which on a busy machine is little."""
    found: dict[str, int] = {}
    for _ in range(200):
        rest = [name for name in names if name not in found]
        if not rest:
            break
        told = kernel.ask("variables.sizes", names=rest).sizes
        assert told
        found.update({one.name: one.size_bytes for one in told if one.size_bytes is not None})
    return found


def test_sizes_count_what_is_kept_once(fresh: AgentKernel) -> None:
    fresh.run(LIBRARIES + "loop = []; loop.append(loop)\n" + "\n".join(f"{n} = {c}" for n, (c, _, _) in SIZES.items()))
    found = sizes_of(fresh, list(SIZES))
    assert [name for name, (_, least, most) in SIZES.items() if not least <= found[name] <= most] == [], found


def test_sizes_that_take_too_long_are_not_told(fresh: AgentKernel) -> None:
    fresh.run("import json\nhuge = [[n] for n in range(3_000_000)]; small = 1")
    for name in ("huge", "json"):
        (only,) = fresh.ask("variables.sizes", names=[name]).sizes
        assert only.size_bytes is None
    assert fresh.ask("variables.sizes", names=["nothing"]).sizes == ()
    assert sizes_of(fresh, ["small"])["small"] in range(20, 60)


# ---- acts -----------------------------------------------------------------------------------------------------------


def test_removed_names_come_back_unless_taken(fresh: AgentKernel) -> None:
    fresh.run("a = [1]; b = 2; keep = a")
    act = fresh.ask("variables.remove", names=["a", "b"])
    assert (act.code, act.names, act.note) == ("del a, b", ("a", "b"), "")
    fresh.run("b = 3")
    undone = fresh.ask("variables.undo", undo=act.undo)
    assert (undone.names, undone.note) == (("a",), "b is there again and was left alone.")
    assert fresh.run("print(a is keep, b)").text == "True 3\n"
    assert "cannot be taken back any more" in refusal(fresh, "variables.undo", undo=act.undo)
    assert "no variables" in refusal(fresh, "variables.remove", names=["nothing"])


def test_acts_are_pushed_as_changes(fresh: AgentKernel) -> None:
    fresh.run("a = 1")
    fresh.ask("variables.rename", name="a", to="b")
    assert fresh.ask("variables.sync") == contract.VariablesDifference(total=1)  # it was told already
    assert [v.name for v in fresh.ask("variables.sync", full=True).added] == ["b"]


def test_only_the_last_ten_acts_are_kept_and_not_for_ever(start: StartKernel, tmp_path: Path) -> None:
    kernel = start("python", tmp_path)
    kernel.run(
        "import weakref\nclass Thing: pass\nfor n in range(12): globals()[f'v{n}'] = Thing()\n"
        "refs = [weakref.ref(globals()[f'v{n}']) for n in range(12)]\n"
        "alive = lambda: [n for n in range(12) if refs[n]()]"
    )
    for n in range(12):
        kernel.ask("variables.remove", names=[f"v{n}"])
    assert kernel.run("print(alive())").text == "[2, 3, 4, 5, 6, 7, 8, 9, 10, 11]\n"
    kernel.run(
        "import fourpane_plugins.lang_python.agent.acts as _acts; _acts.process.is_memory_short = lambda *a: True"
    )
    assert kernel.run("print(alive())").text == "[]\n"


def test_kept_acts_go_by_themselves(start: StartKernel, tmp_path: Path) -> None:
    kernel = start("python", tmp_path)
    kernel.run(
        "import weakref, time, fourpane_plugins.lang_python.agent.acts as _acts\n_acts.KEPT_S = -0.9\n"
        "class Thing:\n    def __del__(self): open('gone', 'w').close()\na = Thing()"
    )
    kernel.ask("variables.remove", names=["a"])
    for _ in range(100):
        if (tmp_path / "gone").exists():
            break
        kernel.ask("folder.get")
    assert (tmp_path / "gone").exists()


def test_rename_and_duplicate(fresh: AgentKernel) -> None:
    fresh.run(LIBRARIES + "a = [[1]]; df = pd.DataFrame({'x': [1]}); f = print")
    act = fresh.ask("variables.rename", name="a", to="b")
    assert (act.code, act.names) == ("b = a\ndel a", ("a", "b"))
    fresh.ask("variables.undo", undo=act.undo)
    act = fresh.ask("variables.duplicate", name="a", to="c")
    assert act.code == "import copy\nc = copy.deepcopy(a)"
    assert fresh.run("c[0].append(2); print(a, c)").text == "[[1]] [[1, 2]]\n"
    assert fresh.ask("variables.duplicate", name="df", to="df2").code == "df2 = df.copy()"
    assert fresh.ask("variables.duplicate", name="f", to="list").note == "It now hides Python's own list."
    fresh.ask("variables.undo", undo=act.undo)
    assert fresh.run("print('c' in dir(), df2 is df)").text == "False False\n"
    for to, words in (
        ("df", "There is a variable df already"),
        ("2x", "cannot be a name"),
        ("for", "cannot be a name"),
    ):
        assert words in refusal(fresh, "variables.rename", name="a", to=to)


EDITS = [
    ("x", [], "41 + one", "x = 41 + one", "x", "42"),
    ("d", ["'k'"], "'new'", "d['k'] = 'new'", "d['k']", "new"),
    ("d", ["'in'", "[1]"], "[]", "d['in'][1] = []", "d['in'][1]", "[]"),
    ("d", ["3"], "None", "d[3] = None", "d[3]", "None"),
    ("thing", ["size"], "7", "thing.size = 7", "thing.size", "7"),
    ("arr", ["[0]", "[1]"], "9", "arr[0][1] = 9", "arr[0, 1]", "9"),
    ("arr", ["[1]"], "[5, 6]", "arr[1] = [5, 6]", "arr[1].tolist()", "[5, 6]"),
    ("df", ["c"], "[0]", "df['c'] = [0]", "df['c'].tolist()", "[0]"),
]
EDITABLE = (
    LIBRARIES + "one = 1; x = 0; d = {'k': 'old', 'in': [1, 2], 3: 4}\nclass Thing: pass\n"
    "thing = Thing(); thing.size = 1; arr = np.array([[1, 2], [3, 4]]); df = pd.DataFrame({'c': [8]}); t = (1, 2)"
)


def path_to(kernel: AgentKernel, name: str, labels: list[str]) -> list[str]:
    path = [name]
    for label in labels:
        path.append(next(c.token for c in children_of(kernel, *path).children if c.label == label))
    return path


@pytest.mark.parametrize(("name", "labels", "code", "line", "shows", "expected"), EDITS, ids=[e[3] for e in EDITS])
def test_values_are_edited_in_place_and_back(
    fresh: AgentKernel, name: str, labels: list[str], code: str, line: str, shows: str, expected: str
) -> None:
    fresh.run(EDITABLE)
    before = fresh.run(f"print({shows})").text
    act = fresh.ask("variables.edit", path=path_to(fresh, name, labels), code=code)
    assert (act.code, act.names) == (line, (name,))
    assert fresh.run(f"print({shows})").text == expected + "\n"
    fresh.ask("variables.undo", undo=act.undo)
    assert fresh.run(f"print({shows})").text == before
    act = fresh.ask("variables.edit", path=path_to(fresh, name, labels), code=code)
    fresh.run(EDITABLE + "\nd = thing = arr = df = x = None")
    fresh.run(EDITABLE)
    fresh.ask("variables.undo", undo=act.undo)
    assert fresh.run(f"print({shows})").text == before


def test_edits_that_cannot_be_are_refused_in_words(fresh: AgentKernel) -> None:
    fresh.run(EDITABLE)
    assert "invalid syntax" in refusal(fresh, "variables.edit", path=["x"], code="1 +")
    assert "read this as a value" in refusal(fresh, "variables.edit", path=["x"], code="1; del d")
    assert refusal(fresh, "variables.edit", path=["x"], code="nothing") == "NameError: name 'nothing' is not defined"
    tuple_item = path_to(fresh, "t", ["[0]"])
    assert "A tuple cannot be changed" in refusal(fresh, "variables.edit", path=tuple_item, code="1")
    assert fresh.run("print(x, 'd' in dir(), t)").text == "0 True (1, 2)\n"


def test_an_edit_is_not_taken_back_over_what_came_later(fresh: AgentKernel) -> None:
    fresh.run(EDITABLE)
    act = fresh.ask("variables.edit", path=path_to(fresh, "d", ["'k'"]), code="1")
    fresh.run("d['k'] = 2")
    assert "left alone" in fresh.ask("variables.undo", undo=act.undo).note
    assert fresh.run("print(d['k'])").text == "2\n"


LITERALS = [
    "1", "-1.5", "float('nan')", "float('inf')", "True", "None", "1e+300", "(1+2j)", "'a\\n\"b\\''", "b'x\\x00'",
    "[1, (2,), {3}, {'k': [None]}]",
    "()", "set()", "frozenset()", "frozenset({1})", "[...]", "{'a': {1: (1, 2)}}", "[float('inf'), -0.0]",
]  # fmt: skip


def test_literals_are_code_for_the_value(fresh: AgentKernel) -> None:
    fresh.run("\n".join(f"v{n} = {code}" for n, code in enumerate(LITERALS)))
    assert [fresh.ask("variables.literal", path=[f"v{n}"]).text for n in range(len(LITERALS))] == LITERALS
    fresh.run("long = list(range(10_000)); loop = []; loop.append(loop); thing = object(); big = 1 << 90_000")
    long = fresh.ask("variables.literal", path=["long"])
    assert (long.text, long.is_cut) == ("", True)
    assert [fresh.ask("variables.literal", path=[name]).text for name in ("loop", "thing", "big")] == ["", "", ""]


# ---- files ----------------------------------------------------------------------------------------------------------

SAVED = (
    LIBRARIES + "import datetime, decimal\n"
    "df = pd.DataFrame({'x': [1, 2**53 + 1], 'ä b': ['a', None], 't': pd.to_datetime(['2020-01-01', None], utc=True)},"
    " index=pd.Index(['p', 'q'], name='key'))\n"
    "s = pd.Series([0.1, None], name='s'); po = pl.DataFrame({'q': [1, None]}); ps = pl.Series('z', [True])\n"
    "tb = pa.table({'c': [1, 2]}); arr = np.arange(6.0).reshape(2, 3); sc = np.float32(0.1)\n"
    "rec = np.array([(1, 'x')], dtype=[('n', 'i4'), ('s', 'U1')])\n"
    "plain = {'a': [1, (2, {3}), None, float('inf'), 1 << 70], 5: b'x', '$': datetime.date(2020, 1, 2)}\n"
    "text = 'half \\ud800'; dec = decimal.Decimal('0.10')\n"
)
SAME = (
    "print(df.equals(old['df']) and list(df.index) == ['p', 'q'], s.equals(old['s']) and s.name, po.equals(old['po']),"
    " ps.equals(old['ps']), tb.equals(old['tb']), (arr == old['arr']).all(), repr(sc), (rec == old['rec']).all(),"
    " plain == old['plain'], text == old['text'], repr(dec))"
)
NAMES = ["df", "s", "po", "ps", "tb", "arr", "sc", "rec", "plain", "text", "dec"]


def test_variables_are_saved_and_come_back(fresh: AgentKernel, tmp_path: Path) -> None:
    fresh.run(SAVED)
    folder = tmp_path / "saved"
    act = fresh.ask("variables.save", names=NAMES, folder=str(folder))
    assert (list(act.names), act.note) == (NAMES, "")
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        ["manifest.json", "df.parquet", "s.parquet", "po.parquet", "ps.parquet", "tb.parquet", "arr.npy", "sc.npy",
         "rec.npy", "plain.json", "text.json", "dec.json"]
    )  # fmt: skip
    fresh.run(f"old = {{n: globals()[n] for n in {NAMES}}}\nfor n in old: del globals()[n]")
    back = fresh.ask("variables.load", path=str(folder))
    assert (list(back.names), back.note) == (NAMES, "")
    assert fresh.run(SAME).text.split() == (
        ["True", "s", "True", "True", "True", "True", "np.float32(0.1)", "True", "True", "True", "Decimal('0.10')"]
    )
    assert "saved variables in this folder already" in refusal(
        fresh, "variables.save", names=["df"], folder=str(folder)
    )
    again = fresh.ask("variables.load", path=str(folder / "arr.npy"))
    assert (again.names, "arr already" in again.note) == (("arr_2",), True)
    fresh.ask("variables.undo", undo=again.undo)
    assert fresh.run("print('arr_2' in dir())").text == "False\n"


def test_code_of_a_save_does_the_same(fresh: AgentKernel, tmp_path: Path) -> None:
    fresh.run(SAVED)
    act = fresh.ask("variables.save", names=["df", "po"], folder=str(tmp_path / "saved"))
    (tmp_path / "saved" / "df.parquet").unlink()
    assert fresh.run(act.code).status == "ok"
    assert (tmp_path / "saved" / "df.parquet").exists()


def test_nothing_is_written_over(fresh: AgentKernel, tmp_path: Path) -> None:
    fresh.run("a = 1")
    (tmp_path / "a.json").write_text("mine", encoding="utf-8")
    fresh.ask("variables.save", names=["a"], folder=str(tmp_path))
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == "mine"
    assert (tmp_path / "a-2.json").read_text(encoding="utf-8") == "1"


def test_pickles_are_a_named_act_both_ways(fresh: AgentKernel, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    fresh.run(
        "class Bomb:\n    def __reduce__(self): import os; return (os.system, ('touch ' + "
        f"{str(canary)!r},))\nbomb = Bomb(); fine = 1\nimport numpy as np; objects = np.array([Bomb()])"
    )
    folder = tmp_path / "saved"
    act = fresh.ask("variables.save", names=["bomb", "fine", "objects"], folder=str(folder))
    assert act.names == ("fine",)
    assert act.left_out == ("bomb", "objects")
    assert "bomb was not saved: only a pickle" in act.note
    assert "array of objects" in act.note
    alone = fresh.ask("variables.save", names=["bomb"], folder=str(tmp_path / "alone"))
    assert (alone.names, alone.left_out, (tmp_path / "alone").exists()) == ((), ("bomb",), False)
    folder = tmp_path / "pickled"
    fresh.ask("variables.save", names=["bomb", "objects"], folder=str(folder), allows_pickle=True)
    fresh.run(f"np.save({str(tmp_path / 'evil.npy')!r}, objects, allow_pickle=True)")
    for path in (folder, folder / "bomb.pickle", tmp_path / "evil.npy"):
        assert "was not loaded" in refusal(fresh, "variables.load", path=str(path))
    assert not canary.exists()
    fresh.ask("variables.load", path=str(folder), allows_pickle=True)
    assert canary.exists(), "the canary cannot sing, so the test proves nothing"


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "x", "file": "../secret.json", "kind": "plain"},
        {"name": "x", "file": "sub/secret.json", "kind": "plain"},
        {"name": "x", "file": "link.json", "kind": "plain"},
        {"name": "x", "file": "missing.json", "kind": "plain"},
        {"name": "x", "file": "broken.json", "kind": "plain"},
        {"name": "x", "file": "broken.json", "kind": "numpy"},
        {"name": "x", "file": "broken.json", "kind": "pandas"},
        {"name": "__builtins__", "file": "fine.json", "kind": "plain"},
        {"name": "x y", "file": "fine.json", "kind": "plain"},
        {"name": "x", "file": "fine.json", "kind": "rds"},
        {"name": "x", "file": "fine.json", "kind": "os.system"},
        {"name": 3},
    ],
)
def test_manifests_of_others_reach_nothing(fresh: AgentKernel, tmp_path: Path, entry: dict[str, Any]) -> None:
    folder = tmp_path / "saved"
    (folder / "sub").mkdir(parents=True)
    for place in (tmp_path / "secret.json", folder / "sub" / "secret.json", folder / "fine.json"):
        place.write_text("1", encoding="utf-8")
    (folder / "broken.json").write_text("{", encoding="utf-8")
    (folder / "link.json").symlink_to(tmp_path / "secret.json")
    content = {"format": "fourpane variables", "version": 1, "variables": [entry]}
    (folder / "manifest.json").write_text(json.dumps(content), encoding="utf-8")
    fresh.run("import pandas, numpy")
    assert refusal(fresh, "variables.load", path=str(folder))
    assert [v.kind for v in fresh.ask("variables.sync", full=True).added] == ["module", "module"]


def test_files_of_others_are_loaded_by_their_suffix(fresh: AgentKernel, tmp_path: Path) -> None:
    fresh.run(LIBRARIES + f"pd.DataFrame({{'a': [1]}}).to_csv({str(tmp_path / 'my data.csv')!r}, index=False)")
    assert fresh.ask("variables.load", path=str(tmp_path / "my data.csv")).names == ("my_data",)
    assert fresh.run("print(my_data.shape)").text == "(1, 1)\n"
    for name, words in (("a.rds", "R session"), ("a.exe", "cannot be loaded"), ("none.csv", "no such file")):
        assert words in refusal(fresh, "variables.load", path=str(tmp_path / name))


# ---- one object -----------------------------------------------------------------------------------------------------

CLASS = """
import dataclasses

class Base:
    "What all have."
    def shared(self): "Do it together."

@dataclasses.dataclass
class Point(Base):
    "A place."
    x: int = 1
    @property
    def length(self):
        "How far away."
        raise RuntimeError
    @classmethod
    def make(cls, far=3): "Make one."

point = Point()

def go(far, *, fast=True):
    "Go there."
    return far
"""


def test_objects_are_described(fresh: AgentKernel) -> None:
    fresh.run(CLASS)
    found = fresh.ask("object.info", path=["point"])
    assert (found.title, found.type_name, found.doc) == ("point", "Point", "A place.")
    assert found.classes == ("__main__.Point", "__main__.Base", "object")
    assert found.source.startswith("@dataclasses.dataclass\nclass Point(Base):")
    assert found.source.rstrip().endswith('"Make one."')
    members = {member.name: member for member in found.members}
    assert (members["x"].kind, members["x"].preview, members["x"].from_class) == ("attribute", "1", "")
    assert (members["length"].kind, members["length"].doc) == ("property", "How far away.")
    assert (members["make"].kind, members["make"].preview) == ("method", "make(far=3)")
    assert (members["shared"].from_class, members["shared"].doc) == ("Base", "Do it together.")
    found = fresh.ask("object.info", path=["go"])
    assert (found.title, found.doc) == ("go(far, fast=True)", "Go there.")
    assert found.source == 'def go(far, *, fast=True):\n    "Go there."\n    return far\n'


def test_source_of_files_names_its_place(fresh: AgentKernel) -> None:
    fresh.run("import json, textwrap; decoder = json.JSONDecoder(); dedent = textwrap.dedent")
    found = fresh.ask("object.info", path=["dedent"])
    assert found.source.startswith("def dedent(text)")
    lines = Path(found.source_path).read_text(encoding="utf-8").split("\n")
    assert lines[found.source_line - 1].startswith("def dedent(text)")
    assert fresh.ask("object.info", path=["decoder"]).source.startswith("class JSONDecoder(object)")
    assert fresh.ask("object.info", path=["json"]).source_line == 1
    fresh.run("import pandas; df = pandas.DataFrame()")
    found = fresh.ask("object.info", path=["df"])
    assert found.source.startswith("class DataFrame(")
    assert {"groupby", "shape"} <= {member.name for member in found.members}
    assert "_mgr" not in {member.name for member in found.members}
    parts = {c.label: c.token for c in children_of(fresh, "json").children}
    assert fresh.ask("object.info", path=["json", parts["dumps"]]).title.startswith("json.dumps(obj, skipkeys=False")


# ---- hostile objects ------------------------------------------------------------------------------------------------

MORE_HOSTILE = """
class EvilDict(dict):
    __getitem__ = __iter__ = items = keys = values = get = __len__ = __contains__ = sing("dict")
class EvilList(list):
    __getitem__ = __iter__ = __len__ = __sizeof__ = __reduce__ = __deepcopy__ = sing("list")
class EvilKey:
    def __hash__(self): return hash("same") if quiet else sing("hash")()
    def __eq__(self, other): return sing("eq")()
class EvilSlots:
    __slots__ = ("p", "q")
    __getattribute__ = sing("getattribute")
quiet = True
evil_dict = EvilDict(); dict.__setitem__(evil_dict, "a", EvilList())
evil_keys = {EvilKey(): 1}; dict.__setitem__(evil_keys, "other", 2)
evil_list = EvilList(); list.append(evil_list, evil_dict)
evil_slots = EvilSlots(); evil_slots.p = 1
class EvilMember:
    lazy = property(sing("lazy"))
    @staticmethod
    def still(): sing("still")()
    __doc__ = property(sing("doc"))
evil_member = EvilMember(); evil_member.__dict__["inside"] = [evil_dict, evil_keys]
class EvilNames(tuple):
    _fields = property(sing("fields"))
evil_named = EvilNames((1, 2))
class EvilText(str):
    __str__ = __repr__ = __len__ = encode = __hash__ = __eq__ = sing("text")
evil_text = EvilText("x"); evil_texts = [evil_text]
class EvilInt(int):
    bit_length = __repr__ = __index__ = __int__ = sing("int")
evil_int = EvilInt(3)
class EvilDel:
    __sizeof__ = __len__ = sing("sizeof")
evil_del = EvilDel()
def evil_function(a=evil_text): sing("function")()
evil_function.note = evil_del
evil_function.__doc__ = None
import collections, functools
evil_ordered = collections.OrderedDict(); evil_ordered[EvilKey()] = evil_del
evil_partial = functools.partial(sing("partial"), evil_del)
evil_array = __import__("numpy").array([evil_del, evil_dict, None], dtype=object)
evil_series = pd.Series([evil_del], index=pd.Index([evil_del], dtype=object))
evil_class = EvilDel
import pyarrow
class EvilType(pyarrow.ExtensionType):
    def __init__(self): pyarrow.ExtensionType.__init__(self, pyarrow.int64(), "evil")
    def __arrow_ext_serialize__(self): return b""
    @classmethod
    def __arrow_ext_deserialize__(cls, *a): return EvilType()
    __str__ = __repr__ = __arrow_ext_scalar_class__ = sing("arrow")
evil_arrow = pyarrow.ExtensionArray.from_storage(EvilType(), pyarrow.array([1]))
evil_arrows = pyarrow.table([evil_arrow], ["a"])
from pandas.api.extensions import ExtensionArray, ExtensionDtype
class EvilDtype(ExtensionDtype):
    name = "evil"; type = int
    __str__ = __repr__ = sing("dtype")
class EvilArray(ExtensionArray):
    dtype = EvilDtype(); nbytes = property(sing("nbytes"))
    def __init__(self): pass
    def __len__(self): return 1 if quiet else sing("array len")()
    copy = lambda self, *a, **k: self
    view = lambda self, *a, **k: self
    _from_sequence = _from_factorized = classmethod(lambda cls, *a, **k: cls())
    __getitem__ = isna = take = _formatter = __iter__ = sing("extension")
evil_column = pd.DataFrame({"a": [1]}); evil_column["e"] = EvilArray()
quiet = False
canary.exists() and canary.unlink()
None
"""


def test_hostile_objects_run_nothing(fresh: AgentKernel, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    for code in (HOSTILE.format(canary=str(canary)), MORE_HOSTILE):
        reply = fresh.run(code)
        assert reply.status == "ok", reply.content
    names = [v.name for v in fresh.ask("variables.sync", full=True).added if v.name.startswith("evil")]
    assert len(names) > 35, names
    fresh.run("canary.exists() and canary.unlink()\nNone")
    seen = 0
    waiting = [[name] for name in names]
    while waiting:
        path = waiting.pop()
        seen += 1
        for child in children_of(fresh, *path, limit=30).children if len(path) < 5 else ():
            if child.entry.type_name != "?":  # else even its value cannot be had without running code
                waiting.append([*path, child.token])
        if len(path) < 4:
            fresh.ask("object.info", path=path)
        fresh.ask("variables.literal", path=path)
    assert seen > 80
    fresh.ask("variables.sizes", names=names)
    act = fresh.ask("variables.remove", names=names)
    fresh.ask("variables.undo", undo=act.undo)
    assert not canary.exists(), canary.read_text()
    fresh.run("evil_dict['a']")
    assert canary.exists(), "the canary cannot sing, so the test proves nothing"


def test_looking_inside_imports_nothing(start: StartKernel, tmp_path: Path) -> None:
    kernel = start("python", tmp_path)
    kernel.run("a = {'x': [1]}; class_ = type('C', (), {}); import sys; before = set(sys.modules)")
    for method in ("variables.children", "object.info", "variables.literal"):
        kernel.ask(method, path=["a"])
        kernel.ask(method, path=["class_"])
    kernel.ask("variables.sizes", names=["a"])
    reply = kernel.run("print([m for m in set(sys.modules) - before if not m.startswith('fourpane')])")
    assert reply.text == "[]\n"
