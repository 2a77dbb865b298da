"""Looking at Python objects runs nothing of theirs (PROMISES C1) and says what is true (C2)."""

from __future__ import annotations

import collections
import datetime
import decimal
import fractions
import sys
import types
import uuid
from pathlib import PurePosixPath
from typing import Any

import pytest

from fourpane_plugins.lang_python.agent import calls, look, names, place, things, variables

RAN: list[str] = []


def evil(name: str) -> Any:
    def run(*_args: object, **_kwargs: object) -> Any:
        RAN.append(name)
        raise RuntimeError("canary " + name)

    return run


METHODS = (
    "__repr__",
    "__str__",
    "__len__",
    "__getattr__",
    "__getattribute__",
    "__iter__",
    "__eq__",
    "__hash__",
    "__bool__",
    "__dir__",
    "__format__",
    "__contains__",
    "__getitem__",
    "__call__",
    "__sizeof__",
    "__reduce_ex__",
    "__instancecheck__",
    "_repr_html_",
    "__array__",
    "__dataframe__",
    "_ipython_key_completions_",
    "__index__",
    "__int__",
    "__lt__",
)


class EvilMeta(type):
    """A metaclass whose own methods are canaries, once `armed`."""

    def __getattribute__(cls, name: str) -> Any:
        RAN.append("meta getattribute " + name)
        return super().__getattribute__(name)

    def __eq__(cls, other: object) -> bool:
        RAN.append("meta eq")
        return False

    def __hash__(cls) -> int:
        RAN.append("meta hash")
        return 0

    def __instancecheck__(cls, instance: object) -> bool:
        RAN.append("meta instancecheck")
        return False


def hostile_objects() -> dict[str, Any]:
    """One object for each way of looking that could run code."""
    found: dict[str, Any] = {}
    for method in METHODS:
        found["has" + method] = type("Evil", (), {method: evil(method)})()
        for base in (list, dict, str, int, tuple):
            if method not in ("__getattribute__", "__index__", "__int__"):
                found[f"{base.__name__}{method}"] = type("Evil", (base,), {method: evil(method)})()
    found["property"] = type("Evil", (), {n: property(evil(n)) for n in ("shape", "dtype", "columns", "__class__")})()
    found["spoofed_dict"] = type("Evil", (), {"__dict__": property(evil("__dict__"))})()
    found["slots"] = type("Evil", (), {"__slots__": ("a",)})()
    found["meta"] = EvilMeta("Evil", (), {})()
    found["meta_class"] = EvilMeta("Evil", (), {})
    found["named_like_pandas"] = type("DataFrame", (), {"__module__": "pandas", "__getattr__": evil("spoof")})()
    found["module_of_number"] = type("Evil", (), {"__module__": 3})()
    lazy: Any = type("Lazy", (types.ModuleType,), {"__getattribute__": evil("module")})
    found["lazy_module"] = types.ModuleType.__new__(lazy)
    found["generator"] = (evil("generator")() for _ in [1])
    recursive: list[Any] = []
    recursive.append(recursive)
    found["recursive"] = recursive
    found["key"] = {type("Key", (), {"__repr__": evil("key repr")})(): 1}
    found["in_list"] = [type("Item", (), {"__repr__": evil("item repr")})()]
    found["zone"] = datetime.datetime(
        2020, 1, 1, tzinfo=type("Zone", (datetime.tzinfo,), {"utcoffset": evil("zone")})()
    )
    return found


HOSTILE = hostile_objects()


class Shell:
    """As much of IPython's shell as the agent's pure parts need."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.user_ns = namespace
        self.user_ns_hidden: dict[str, Any] = {}


@pytest.fixture(autouse=True)
def no_canary() -> Any:
    RAN.clear()
    yield
    assert RAN == []


@pytest.mark.parametrize("name", HOSTILE)
def test_looking_at_a_hostile_object_runs_nothing(name: str) -> None:
    value = HOSTILE[name]
    entry = look.describe(value)
    assert len(entry[3]) <= look.PREVIEW_LENGTH
    variables.fingerprint(value)
    look.instance_dict(value)


@pytest.mark.parametrize("name", HOSTILE)
def test_asking_about_a_hostile_object_runs_nothing(name: str) -> None:
    shell = Shell({"evil": HOSTILE[name], "fine": 1})
    for code in ("evil.", "evil['", "evil[", "evil(", "fine + evil.sh", "evil.shape.", "f(data=evil, x='", "evil[0]."):
        names.complete(shell, ["evil", "fine"], code, len(code))
        calls.signature(shell, code, len(code))
        calls.hover(shell, code, len(code))
    calls.hover(shell, "evil", 4)
    calls.hover(shell, "evil.shape", 8)


def test_canaries_would_sing() -> None:
    """Else the tests above prove nothing."""
    with pytest.raises(RuntimeError):
        repr(HOSTILE["has__repr__"])
    with pytest.raises(RuntimeError):
        getattr(HOSTILE["property"], "shape")  # noqa: B009 - a plain access would be a useless expression
    hash(type(HOSTILE["meta"]))
    assert "__repr__" in RAN
    assert "shape" in RAN
    assert "meta hash" in RAN
    RAN.clear()


def test_neighbours_of_hostile_objects_are_listed_right() -> None:
    shell = Shell({**HOSTILE, "fine": 41})
    watch = variables.Watch(shell)
    change = watch.full()
    assert change["total"] == len(HOSTILE) + 1
    assert {"name": "fine", "type_name": "int", "kind": "value", "preview": "41"} in change["added"]
    shell.user_ns["fine"] = 42
    change = watch.difference("fine = 42")
    assert [entry["name"] for entry in change["changed"]] == ["fine"]


PREVIEWS = {
    "1": 1,
    "True": True,
    "None": None,
    "1.5": 1.5,
    "'a'": "a",
    "b'a'": b"a",
    "[1, 2]": [1, 2],
    "(1,)": (1,),
    "()": (),
    "{'a': [1]}": {"a": [1]},
    "{1}": {1},
    "set()": set(),
    "frozenset({1})": frozenset({1}),
    "range(0, 3)": range(3),
    "frozenset()": frozenset(),
    "0.30000000000000004": 0.1 + 0.2,
    "9007199254740993": 2**53 + 1,
    "nan": float("nan"),
    "[[[[…]]]]": [[[[1]]]],
    "2020-01-02": datetime.date(2020, 1, 2),
    "1 day, 0:00:00": datetime.timedelta(1),
    "Decimal('1.10')": decimal.Decimal("1.10"),
    "Fraction(1, 3)": fractions.Fraction(1, 3),
    "/a/b": PurePosixPath("/a/b"),
    "deque([1])": collections.deque([1]),
    "{'a': 2}": collections.Counter("aa"),
    "[<object>]": [object()],
    "12345678-1234-5678-1234-567812345678": uuid.UUID("12345678-1234-5678-1234-567812345678"),
}


@pytest.mark.parametrize("preview", PREVIEWS)
def test_preview_is_true(preview: str) -> None:
    entry = look.describe(PREVIEWS[preview])
    assert entry[3] == preview
    assert entry[5]


def test_huge_values_are_not_written_out() -> None:
    for value in (
        10**100_000,
        "x" * 10_000_000,
        list(range(1_000_000)),
        b"x" * 10_000_000,
        {i: i for i in range(100_000)},
    ):
        assert len(look.describe(value)[3]) <= look.PREVIEW_LENGTH
    assert look.describe(10**100_000)[3] == "integer of about 100001 digits"


def test_spent_budget_says_not_evaluated() -> None:
    assert look.preview([1], 0, look.Budget(-1)) is None
    shell = Shell({"x": [1]})
    watch = variables.Watch(shell)
    assert watch.difference("", -1)["added"] == [
        {"name": "x", "type_name": "list", "kind": "other", "is_evaluated": False}
    ]


def test_kinds_are_told_by_type() -> None:
    kinds = {"f": lambda: 0, "m": sys, "c": int, "b": len, "x": 3, "o": object()}
    assert {name: look.describe(value)[0] for name, value in kinds.items()} == {
        "f": "function",
        "m": "module",
        "c": "other",
        "b": "function",
        "x": "value",
        "o": "other",
    }


def test_named_tuple_shows_its_values() -> None:
    point = collections.namedtuple("point", "x y")
    assert look.describe(point(1, 2))[:4] == ("value", "point", (2,), "(1, 2)")


# ---- by difference --------------------------------------------------------------------------------------------------


def changes(watch: variables.Watch, code: str) -> tuple[list[str], list[str], list[str]]:
    found = watch.difference(code)
    return [e["name"] for e in found["added"]], [e["name"] for e in found["changed"]], found["removed"]


def test_difference_tells_what_was_added_changed_and_removed() -> None:
    namespace: dict[str, Any] = {"a": 1, "b": [1]}
    watch = variables.Watch(Shell(namespace))
    assert watch.full()["is_full"] is True
    assert changes(watch, "") == ([], [], [])
    namespace["c"] = 3
    namespace["a"] = 2
    assert changes(watch, "a = 2; c = 3") == (["c"], ["a"], [])
    del namespace["c"]
    namespace["b"] = [1]
    assert changes(watch, "b = [1]") == ([], ["b"], ["c"])


def test_change_inside_a_mentioned_name_is_seen() -> None:
    namespace: dict[str, Any] = {"a": [1], "d": {}}
    watch = variables.Watch(Shell(namespace))
    watch.full()
    namespace["a"][0] = 2
    assert changes(watch, "a[0] = 2") == ([], ["a"], [])


def test_change_behind_the_codes_back_is_seen_in_turn() -> None:
    namespace: dict[str, Any] = {f"v{i}": [i] for i in range(300)}
    watch = variables.Watch(Shell(namespace))
    watch.full()
    namespace["v7"][0] = -1
    seen = [changes(watch, "f()")[1] for _ in range(30)]
    assert ["v7"] in seen


def test_same_constant_again_is_no_change() -> None:
    namespace: dict[str, Any] = {"a": 1, "s": "text"}
    watch = variables.Watch(Shell(namespace))
    watch.full()
    namespace["a"] = 1
    assert changes(watch, "a = 1") == ([], [], [])


def test_shells_own_names_are_hidden_until_the_user_takes_them() -> None:
    shell = Shell({"_": 1, "_1": 2, "__": 3, "_i1": "x", "_ih": [], "__name__": "m", "exit": len, "_mine": 4, "__x": 5})
    shell.user_ns_hidden = {"exit": len}
    assert list(variables.Watch(shell).names()) == ["_mine", "__x"]
    shell.user_ns["exit"] = 3
    assert "exit" in list(variables.Watch(shell).names())


def test_names_that_are_no_text_are_passed_over() -> None:
    odd = type("Name", (str,), {"__hash__": str.__hash__})("odd")
    watch = variables.Watch(Shell({odd: 1, 3: 2, "x": 1}))  # type: ignore[dict-item]  # as `globals()[3] = 2` does
    assert [entry["name"] for entry in watch.full()["added"]] == ["x"]


def test_more_names_than_the_cap_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(variables, "NAMES_CAP", 10)
    watch = variables.Watch(Shell({f"v{i}": i for i in range(25)}))
    change = watch.full()
    assert (len(change["added"]), change["total"]) == (10, 25)


def test_looking_holds_on_to_no_value() -> None:
    namespace: dict[str, Any] = {"a": [1], "b": object(), "c": "x" * 1000}
    counts = [sys.getrefcount(namespace[name]) for name in namespace]
    watch = variables.Watch(Shell(namespace))
    watch.full()
    watch.difference("a b c")
    assert [sys.getrefcount(namespace[name]) for name in namespace] == counts


# ---- places and signatures ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "chain"),
    [
        ("df", "df"),
        ("x = df.col", "df.col"),
        ("f(d['k'].x", "d['k'].x"),
        ('d["a b"][0]', 'd["a b"][0]'),
        ("f(x).y", ""),
        ("'a'.b", ""),
        ("1.5", ""),
        ("a .b", "a .b"),
        ("x = ", ""),
    ],
)
def test_chain_before_the_caret(text: str, chain: str) -> None:
    assert place.chain_before(text) == chain


@pytest.mark.parametrize(
    ("text", "quote", "brackets", "in_comment"),
    [
        ("x", "", "", False),
        ("f(a, [1, ", "", "([", False),
        ("f('a)', ", "", "(", False),
        ("f('a", "'", "(", False),
        ("x = '''a\n'b", "'''", "", False),
        ("x # f(", "", "", True),
        ("x # f(\ny", "", "", False),
        ("'it\\'s", "'", "", False),
        ("f'{a[", "", "[", False),
        ("f'{a} b", "'", "", False),
        ("f'{{a", "'", "", False),
        ("x = 'open\ny = (", "", "(", False),
    ],
)
def test_what_is_open_at_the_caret(text: str, quote: str, brackets: str, in_comment: bool) -> None:
    found = place.place_at(text, len(text))
    assert (found.quote, "".join(b.kind for b in found.brackets), found.in_comment) == (quote, brackets, in_comment)


def example(alpha: int, beta: float = 2, /, *rest: object, gamma: object = None, **more: object) -> None:
    """Do it.

    Parameters
    ----------
    alpha : int
        The first.
    """


@pytest.mark.parametrize(
    ("code", "active"),
    [
        ("f(", 0),
        ("f(1, ", 1),
        ("f(1, 2, 3, 4, ", 2),
        ("f(gamma=", 3),
        ("f(1, other=", 4),
        ("f(g(1, 2), ", 1),
        ("f((1, ", 0),
    ],
)
def test_signature_follows_the_caret(code: str, active: int) -> None:
    shell = Shell({"f": example})
    answer = calls.signature(shell, code, len(code))
    if code == "f((1, ":
        return
    assert answer["signatures"][0]["label"] == "f(alpha, beta=2, *rest, gamma=None, **more)"
    assert answer["signatures"][0]["doc"] == "Do it."
    assert answer["signatures"][0]["parameters"][0]["doc"] == "int. The first"
    assert answer["active_parameter"] == active


def test_signature_of_what_is_written_in_c() -> None:
    shell = Shell({})
    assert calls.signature(shell, "sorted(", 7)["signatures"][0]["label"] == "sorted(iterable, key=None, reverse=False)"
    assert calls.signature(shell, "nothing(", 8)["signatures"] == []


def test_first_parameter_of_bound_functions_is_taken() -> None:
    class Thing:
        def __init__(self, size: int) -> None: ...

        def go(self, far: int) -> None: ...

        @classmethod
        def make(cls, how: str) -> None: ...

    shell = Shell({"Thing": Thing, "t": Thing(1)})
    labels = [
        calls.signature(shell, c, len(c))["signatures"][0]["label"]
        for c in ("Thing(", "t.go(", "Thing.make(", "t.make(")
    ]
    assert labels == ["Thing(size)", "go(far)", "make(how)", "make(how)"]
    assert calls.signature(shell, "Thing.go(", 9)["signatures"][0]["label"] == "go(self, far)"


def test_keys_of_dicts_complete_in_brackets_and_in_get() -> None:
    shell = Shell({"d": {"one": 1, "two": {"deep": 2}}})
    for code, expected in (
        ("d['", ["one", "two"]),
        ("d.get('t", ["two"]),
        ("d['two']['", ["deep"]),
        ("d[", ["'one'", "'two'"]),
    ):
        found = names.complete(shell, ["d"], code, len(code))
        assert [item["text"] for item in found["items"]] == expected
    item = names.complete(shell, ["d"], "x = d['tw", 9)["items"][0]
    assert (item["replace_first"], item["replace_end"]) == (7, 9)


def test_resolving_follows_no_property() -> None:
    class Thing:
        @property
        def evil(self) -> object:
            RAN.append("property")
            return self

    assert things.resolve({"t": Thing()}, "t.evil") is None
    assert things.resolve({"t": Thing()}, "t.evil.x") is None
