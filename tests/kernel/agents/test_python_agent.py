"""The Python agent in a real kernel."""

from __future__ import annotations

import base64
import struct
from typing import Any

import pytest

from ide.kernels import contract
from tests.kernel.agents.harness import AgentKernel

CLEAR = "%reset -f\n"
HOSTILE = """
import os, pathlib
canary = pathlib.Path({canary!r})
def sing(name):
    def run(*a, **k):
        canary.open("a").write(name + "\\n"); print(name); raise RuntimeError(name)
    return run
class Evil:
    pass
for n in ("__repr__", "__str__", "__len__", "__getattr__", "__iter__", "__eq__", "__bool__", "__dir__", "__call__",
          "_repr_html_", "_repr_mimebundle_", "_ipython_key_completions_", "__array__", "__getitem__", "__hash__"):
    globals()["evil_" + n] = type("Evil" + n, (), {{n: sing(n)}})()
evil_property = type("EvilProperty", (), {{n: property(sing(n)) for n in ("shape", "dtype", "columns", "__class__")}})()
class EvilMeta(type):
    def __getattribute__(cls, name): canary.open("a").write("meta\\n"); return super().__getattribute__(name)
evil_meta = EvilMeta("E", (), {{}})()
import sys, types
class Lazy(types.ModuleType):
    def __getattribute__(self, name): canary.open("a").write("lazy\\n"); raise AttributeError
sys.modules["lazy_one"] = evil_module = Lazy("lazy_one")
evil_generator = (sing("generator")() for _ in [1])
import pandas as pd
class Label:
    def __repr__(self): return sing("label")()
    __str__ = __repr__
evil_frame = pd.DataFrame({{"a": [1, 2]}}); evil_frame["objects"] = [Label(), Label()]
evil_nested = {{"deep": [Label()], "ok": 1}}
fine_before, fine = 40, 41
canary.exists() and canary.unlink()
None
"""


@pytest.fixture
def fresh(python: AgentKernel) -> AgentKernel:
    """The shared kernel without names of earlier tests, and synced."""
    python.run(CLEAR)
    python.ask("variables.sync", full=True)
    return python


def change_of(reply: Any) -> contract.VariablesDifference:
    """The one push of a run."""
    assert len(reply.events) == 1, reply.events
    assert reply.events[0]["event"] == "variables.changed"
    return contract.VariablesDifference.from_json(reply.events[0]["params"])


def texts(kernel: AgentKernel, code: str) -> list[str]:
    return [item.text for item in kernel.ask("complete", code=code, offset=len(code)).items]


def test_hello_says_who_is_there(python: AgentKernel) -> None:
    hello = python.ask("hello")
    assert (hello.contract, hello.language, hello.pushes, hello.pid) == (1, "python", True, python.process.pid)
    assert set(hello.methods) == set(contract.RESULTS)


def test_agent_leaves_no_name_and_no_output(start: Any, tmp_path: Any) -> None:
    bare = start("python", tmp_path, with_agent=False)
    code = "print(sorted(dir())); get_ipython().run_line_magic('who', ''); print(len(In), len(Out))"
    expected = bare.run(code).text
    bare.send_agent()
    assert bare.log().count("Traceback") == 0
    found = bare.run(code).text.replace("'_i2', ", "").replace(" 3 0", " 2 0").replace("3 0", "2 0")
    assert found == expected


def test_agent_can_be_sent_again(start: Any, tmp_path: Any) -> None:
    kernel = start("python", tmp_path)
    kernel.ask("variables.sync")
    kernel.send_agent()
    kernel.ask("variables.sync")
    assert len(kernel.run("x = 1").events) == 1


def test_each_run_pushes_what_it_changed(fresh: AgentKernel) -> None:
    change = change_of(fresh.run("a = 1\nb = [1, 2]"))
    assert [(v.name, v.type_name, v.preview, v.shape) for v in change.added] == [
        ("a", "int", "1", ()),
        ("b", "list", "[1, 2]", (2,)),
    ]
    assert [v.name for v in change_of(fresh.run("b.append(3)")).changed] == ["b"]
    assert change_of(fresh.run("del a")).removed == ("a",)
    assert fresh.run("b").events == []
    assert fresh.run("1/0").status == "error"
    assert [v.name for v in change_of(fresh.run("c = 1; 1/0")).added] == ["c"]


def test_nothing_is_pushed_before_the_first_sync(start: Any, tmp_path: Any) -> None:
    kernel = start("python", tmp_path)
    assert kernel.run("x = 1").events == []
    assert [v.name for v in kernel.ask("variables.sync").added] == ["x"]


def test_library_objects_are_told_truly(fresh: AgentKernel) -> None:
    fresh.run(
        "import numpy as np, pandas as pd, polars as pl, pyarrow as pa\n"
        "arr = np.zeros((3, 4), dtype='float32'); obj = np.array([object()])\n"
        "big = np.broadcast_to(1, (10**5, 10**5))\n"
        "df = pd.DataFrame({'x': [1], 'y z': ['a']}); s = df['x']; idx = df.index\n"
        "ts = pd.Timestamp('2020-01-01', tz='UTC'); f = np.float64(0.1) + 0.2\n"
        "po = pl.DataFrame({'q': [1, 2]}); lz = po.lazy(); ser = po['q']; tb = pa.table({'c': [1, 2, 3]})\n"
        "wide = pd.DataFrame(np.zeros((2, 5000)))\n"
    )
    found = {v.name: v for v in fresh.ask("variables.sync", full=True).added}
    shown = {name: (v.type_name, v.shape, v.is_evaluated) for name, v in found.items() if v.kind != "module"}
    assert shown == {
        "arr": ("ndarray", (3, 4), True),
        "big": ("ndarray", (100000, 100000), True),
        "obj": ("ndarray", (1,), True),
        "df": ("DataFrame", (1, 2), True),
        "s": ("Series", (1,), True),
        "idx": ("RangeIndex", (1,), True),
        "ts": ("Timestamp", (), True),
        "po": ("DataFrame", (2, 1), True),
        "lz": ("LazyFrame", (), False),
        "ser": ("Series", (2,), True),
        "tb": ("Table", (3, 1), True),
        "f": ("float64", (), True),
        "wide": ("DataFrame", (2, 5000), True),
    }
    assert found["df"].preview == "x, y z"
    assert found["arr"].preview.startswith("float32: [[0.0, 0.0")
    assert found["f"].preview == "0.30000000000000004"
    assert {name for name, v in found.items() if v.kind == "module"} == {"np", "pd", "pl", "pa"}


def test_hostile_objects_run_nothing(fresh: AgentKernel, tmp_path: Any) -> None:
    canary = tmp_path / "canary"
    reply = fresh.run(HOSTILE.format(canary=str(canary)))
    assert reply.status == "ok", reply.content
    change = change_of(reply)
    found = {v.name: v for v in change.added}
    assert (found["fine"].preview, found["fine_before"].preview) == ("41", "40")
    assert not found["evil___repr__"].is_evaluated
    assert found["evil_frame"].shape == (2, 2)
    for name in [name for name in found if name.startswith("evil")]:
        for code in (f"{name}.", f"{name}['", f"{name}[", f"{name}(", f"{name}.shape.", f"f({name}, '"):
            fresh.ask("complete", code=code, offset=len(code))
            fresh.ask("signature", code=code, offset=len(code))
        fresh.ask("hover", code=name, offset=len(name))
    fresh.ask("variables.sync", full=True)
    assert not canary.exists(), canary.read_text()


def test_agent_leaves_the_switch_interval_alone(fresh: AgentKernel) -> None:
    assert fresh.run("import sys; print(sys.getswitchinterval())").text == "0.005\n"


def test_five_thousand_names_are_compared_not_described(fresh: AgentKernel) -> None:
    fresh.run("for i in range(5000): globals()[f'v{i}'] = [i, {'a': i}, 's' * 300, float(i)][i % 4]")
    fresh.run(
        "from fourpane_plugins.lang_python.agent import look as _look\n_described = []\n_old = _look.describe\n"
        "def _count(*a): _described.append(1); return _old(*a)\n_look.describe = _count\ndel _described[:]"
    )
    fresh.run("x = 1")
    reply = fresh.run("print(len(_described)); _look.describe = _old")
    assert 1 <= int(reply.text) < 450


def test_more_names_than_the_cap_are_only_counted(fresh: AgentKernel) -> None:
    change = change_of(fresh.run("for i in range(12000): globals()[f'v{i}'] = i"))
    assert len(change.added) == 10000
    assert change.total == 12001


COMPLETIONS = [
    ("df.pri", ["price"], True),
    ("df['", ["price", "a b"], True),
    ("df[", ["'price'", "'a b'"], False),
    ("df.loc[:, '", ["price", "a b"], True),
    ("df.groupby('", ["price", "a b"], False),
    ("plot(data=df, x='pr", ["price"], False),
    ("po.select(pl.col('", ["q"], False),
    ("d['", ["one", "two"], True),
    ("d['two']['", ["deep"], True),
    ("thing.si", ["size"], True),
    ("func(1, ga", ["gamma="], False),
    ("f'{df.pri", ["price"], True),
    ("df.price.str.isalp", ["isalpha"], False),
    ("# df.", [], True),
    ("%timei", ["timeit"], True),
]


@pytest.fixture(scope="module")
def filled(python: AgentKernel) -> AgentKernel:
    """Names to complete."""
    python.run(
        CLEAR + "import numpy as np, pandas as pd, polars as pl\n"
        "df = pd.DataFrame({'price': [1.0], 'a b': ['x']}); po = pl.DataFrame({'q': [1]})\n"
        "d = {'one': 1, 'two': {'deep': 2}}\n"
        "class Thing:\n    def __init__(self, size): self.size = size\n    def go(self, far=3): 'Go far.'\n"
        "thing = Thing(1)\ndef func(alpha, *, gamma=None): 'Do it.'\n"
    )
    return python


@pytest.mark.parametrize(("code", "expected", "is_exhaustive"), COMPLETIONS, ids=[c for c, _, _ in COMPLETIONS])
def test_live_names_complete(filled: AgentKernel, code: str, expected: list[str], is_exhaustive: bool) -> None:
    found = filled.ask("complete", code=code, offset=len(code))
    assert ([item.text for item in found.items][: len(expected) or None], found.is_exhaustive) == (
        expected,
        is_exhaustive,
    )


def test_replacement_encloses_what_is_typed(filled: AgentKernel) -> None:
    (item,) = filled.ask("complete", code="x = df.pri + 1", offset=10).items
    assert (item.replace_first, item.replace_end, item.kind, item.detail) == (7, 10, "column", "float64")


def test_methods_of_library_objects_complete(filled: AgentKernel) -> None:
    assert {"groupby", "price", "shape"} <= set(texts(filled, "df."))
    assert "mean" in texts(filled, "df.price.")
    assert "linspace" in texts(filled, "np.lin")
    assert "print" in texts(filled, "pri")


def test_signature_and_hover(filled: AgentKernel) -> None:
    answer = filled.ask("signature", code="func(1, gamma=", offset=14)
    assert (answer.signatures[0].label, answer.active_parameter) == ("func(alpha, gamma=None)", 1)
    hover = filled.ask("hover", code="df", offset=1)
    assert (hover.title, hover.type_name, hover.preview, hover.first, hover.end) == (
        "df",
        "DataFrame (1 × 2)",
        "price, a b",
        0,
        2,
    )
    assert filled.ask("hover", code="thing.go", offset=7).text == "Go far."
    assert filled.ask("hover", code="nothing", offset=3).title == ""


def test_kernels_own_completer_neither_waits_for_jedi_nor_evaluates(filled: AgentKernel) -> None:
    reply = filled.run("c = get_ipython().Completer; print(c.use_jedi, c.evaluation); del c")
    assert reply.text.split() == ["False", "minimal"]


def test_twenty_figures_in_one_cell_arrive_as_twenty_in_order(filled: AgentKernel) -> None:
    filled.ask("plots.configure", width_px=640, height_px=480, dpi=100.0)
    reply = filled.run(
        "import matplotlib.pyplot as plt\nfor i in range(20):\n    plt.figure(); plt.plot(range(i + 1)); plt.title(i)"
    )
    pictures = [content["data"]["image/png"] for content in reply.of("display_data")]
    assert reply.text == ""
    assert len(pictures) == len(set(pictures)) == 20
    again = filled.run("for i in (0, 19):\n    plt.figure(); plt.plot(range(i + 1)); plt.title(i)")
    assert [c["data"]["image/png"] for c in again.of("display_data")] == [pictures[0], pictures[19]]


def size_of(picture: str) -> tuple[int, int]:
    width, height = struct.unpack(">II", base64.b64decode(picture)[16:24])
    return width, height


def test_figures_have_the_panes_size_unless_the_user_says_otherwise(filled: AgentKernel) -> None:
    filled.ask("plots.configure", width_px=1000, height_px=500, dpi=200.0)
    reply = filled.run(
        "import matplotlib.pyplot as plt\nplt.plot([1])\nplt.rcParams['figure.figsize'], plt.rcParams['figure.dpi']"
    )
    assert reply.of("execute_result")[0]["data"]["text/plain"] == "([5.0, 2.5], 200.0)"
    width, height = size_of(reply.of("display_data")[0]["data"]["image/png"])
    assert 0.8 * 1000 <= width <= 1000
    assert 0.8 * 500 <= height <= 500
    filled.run("plt.rcParams['figure.figsize'] = (3, 3)")
    filled.ask("plots.configure", width_px=400, height_px=400, dpi=100.0)
    reply = filled.run("plt.rcParams['figure.figsize'], plt.rcParams['figure.dpi']")
    assert reply.of("execute_result")[0]["data"]["text/plain"] == "([3.0, 3.0], 100.0)"


def test_svg_comes_when_asked_for_and_gives_way_when_large(filled: AgentKernel) -> None:
    filled.ask("plots.configure", formats=["svg"], svg_limit_bytes=200_000)
    small = filled.run("import matplotlib.pyplot as plt\nplt.plot([1]);").of("display_data")[0]["data"]
    assert set(small) == {"text/plain", "image/svg+xml"}
    large = filled.run("plt.scatter(np.random.rand(5000), np.random.rand(5000));").of("display_data")[0]["data"]
    assert set(large) == {"text/plain", "image/png"}
    filled.ask("plots.configure", formats=["png", "svg"])
    both = filled.run("plt.plot([1]);").of("display_data")[0]["data"]
    assert set(both) == {"text/plain", "image/png", "image/svg+xml"}
    filled.ask("plots.configure", formats=["png"])
    assert set(filled.run("plt.plot([1]);").of("display_data")[0]["data"]) == {"text/plain", "image/png"}


def test_configuring_plots_imports_nothing(start: Any, tmp_path: Any) -> None:
    kernel = start("python", tmp_path)
    kernel.ask("plots.configure", width_px=640, height_px=480, dpi=100.0, formats=["svg"])
    kernel.ask("complete", code="x.", offset=2)
    reply = kernel.run("import sys; print([m for m in ('matplotlib', 'numpy', 'pandas') if m in sys.modules])")
    assert reply.text == "[]\n"


def test_loaded_modules_are_told(fresh: AgentKernel) -> None:
    fresh.run("import colorsys")
    assert list(fresh.ask("modules.loaded", names=["colorsys", "this", "no_such_module"]).names) == ["colorsys"]


def test_folder_memory_and_parse(fresh: AgentKernel, tmp_path: Any) -> None:
    before = fresh.ask("folder.get").path
    assert fresh.ask("folder.set", path=str(tmp_path)).path == str(tmp_path.resolve())
    fresh.ask("folder.set", path=before)
    assert fresh.ask("memory").rss_bytes > 10_000_000
    (problem,) = fresh.ask("parse", code="x = 1\ny = (").problems
    assert (problem.start_line, problem.start_column) == (1, 4)
    assert fresh.ask("parse", code="%matplotlib inline\n!ls\nx = 1").problems == ()


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"method": "nope"}, "unknown_method"),
        ({}, "unknown_method"),
        ({"method": "complete", "params": {"code": "x"}}, "bad_params"),
        ({"method": "complete", "params": {"code": 1, "offset": 0}}, "bad_params"),
        ({"method": "complete", "params": {"code": "x", "offset": 0, "more": 1}}, "bad_params"),
        ({"method": "plots.configure", "params": {"formats": ["gif"]}}, "bad_params"),
        ({"method": "folder.set", "params": {"path": "/nowhere/at/all"}}, "not_possible"),
        ({"method": "hello", "params": [1]}, "bad_params"),
    ],
)
def test_bad_requests_are_refused_in_words(fresh: AgentKernel, request_: dict[str, Any], code: str) -> None:
    assert fresh.ask_raw(request_)["error"]["code"] == code


def test_set_folder_and_run_file_code_do_what_they_say(fresh: AgentKernel, tmp_path: Any) -> None:
    odd = tmp_path / "a $b {c} 'd"
    odd.mkdir()
    script = odd / "my {script}.py"
    script.write_text("value = 41\nprint(__name__, value + 1)\n", encoding="utf-8")
    before = fresh.ask("folder.get").path
    assert fresh.run(fresh.language.set_folder_code(odd)).status == "ok"
    assert fresh.ask("folder.get").path == str(odd.resolve())
    assert fresh.run(fresh.language.run_file_code(script)).text == "__main__ 42\n"
    assert fresh.run("print(value)").text == "41\n"
    fresh.ask("folder.set", path=before)


def test_carriage_returns_arrive_as_they_are(fresh: AgentKernel) -> None:
    reply = fresh.run("import sys\nfor i in range(3): sys.stderr.write(f'\\r{i}')")
    assert reply.text == "\r0\r1\r2"
