"""The watch over pandas' and polars' frames in a real kernel: what is said, what is not, and what it leaves behind."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from ide._paths import resources_dir
from tests.kernel.agents.frame_findings import kinds, noted, shown
from tests.kernel.agents.harness import AgentKernel

SCRIPTS = sorted((Path(__file__).parents[2] / "scripts" / "ordinary").glob("*.py"))
CLEAR = """
for _name in [name for name in dir() if name in dir(__builtins__) or not name.startswith("_")]:
    if type(globals()[_name]).__name__ in ("DataFrame", "Series", "ref", "type"):
        del globals()[_name]
"""
PANDAS = """
a = pd.DataFrame({"id": [number % 500 for number in range(1000)], "x": range(1000)})
b = pd.DataFrame({"id": [number % 400 for number in range(1200)], "y": range(1200)})
"""
POLARS = PANDAS.replace("pd.", "pl.")


@pytest.fixture
def k(python: AgentKernel) -> Iterator[AgentKernel]:
    """The shared kernel without names of earlier tests."""
    python.run("import pandas as pd, polars as pl")
    python.run(CLEAR)
    python.ask("variables.sync", full=True)
    python.ask("frames.watch", is_on=True)
    yield python
    python.run(CLEAR)


@pytest.mark.parametrize(
    "join",
    [
        "m = a.merge(b, on='id')",
        "m = pd.merge(a, b)",
        "m = pd.merge(left=a, right=b, on=['id'])",
        "m = a.merge(b, 'inner', 'id')",
        "m = a.merge(b, left_on='id', right_on='id')",
        "m = a.join(b.set_index('id'), on='id', how='inner')",
        "m = a.merge(b, on='id').sort_values('x').reset_index(drop=True)",
        "m = a.merge(b, on='id')\nm['z'] = m['x'] + m['y']",
        "m = a[['id', 'x']].merge(b[['id', 'y']], on='id')",
    ],
)
def test_merge_that_multiplies_rows_is_explained(k: AgentKernel, join: str) -> None:
    noted(k, PANDAS)
    found = noted(k, join)["m"]
    assert found[0].kind == "rows_grew"
    assert found[0].sentence.startswith("1,000 -> 2,400 rows (x2.4) after ")
    assert found[0].sentence.endswith("key `id` repeats in both `a` and `b`.")
    assert (found[0].severity, found[0].columns, found[0].path) == ("warning", ("id",), ("m",))
    assert found[0].short.startswith("x2.4 rows after ")
    assert [len(one.values) for one in found[0].filters] == [20]
    assert shown(k, found[0]) == 20 * 6  # each of these ids is there twice in `a` and three times in `b`


@pytest.mark.parametrize(
    "join",
    [
        "m = a.join(b, on='id')",
        "m = a.join(b, on=['id'], how='inner')",
        "m = a.join(b, left_on='id', right_on='id')",
        "m = a.lazy().join(b.lazy(), on='id').collect()",
        "m = a.join(b, on='id').with_columns(pl.col('x') + 1).sort('x')",
    ],
)
def test_join_of_polars_that_multiplies_rows_is_explained(k: AgentKernel, join: str) -> None:
    noted(k, POLARS)
    found = noted(k, join)["m"]
    assert found[0].sentence == "1,000 -> 2,400 rows (x2.4) after join: key `id` repeats in both `a` and `b`."


@pytest.mark.parametrize(("frames", "join"), [(PANDAS, "m = a.merge(b, on='id')"), (POLARS, "m = a.join(b, on='id')")])
def test_code_shows_the_repeats_and_mends_them(k: AgentKernel, frames: str, join: str) -> None:
    noted(k, frames)
    found = noted(k, join)["m"][0]
    assert k.run(f"print(len({found.code}))").text.strip() == "1200"
    assert kinds(noted(k, found.mend_code), "m") == ["rows_dropped"]  # ids from 400 on have no partner
    assert k.run("print(len(m))").text.strip() == "800"


@pytest.mark.parametrize(("frames", "join"), [(PANDAS, "a = a.merge(b, on='id')"), (POLARS, "a = a.join(b, on='id')")])
def test_frame_that_is_put_in_its_own_place_is_explained(k: AgentKernel, frames: str, join: str) -> None:
    noted(k, frames)
    assert noted(k, join)["a"][0].sentence.endswith("repeats in both `a` and `b`.")
    assert noted(k, "a = a.copy()" if "pd." in frames else "a = a.clone()") == {"a": ()}  # taken back


@pytest.mark.parametrize(
    ("frames", "join", "show"),
    [
        (PANDAS, "m = a.merge(b.drop_duplicates('id'), on='id', how='left')", 200),
        (POLARS, "m = a.join(b.unique('id'), on='id', how='left')", 200),
    ],
)
def test_rows_without_partner_are_counted(k: AgentKernel, frames: str, join: str, show: int) -> None:
    noted(k, frames)
    found = noted(k, join)["m"]
    assert [f.kind for f in found] == ["missing_added"]
    assert found[0].sentence.startswith("200 of 1,000 rows found no partner in `b`")
    assert k.run(f"print(len({found[0].code}))").text.strip() == str(show)
    assert shown(k, found[0]) == found[0].count == show


@pytest.mark.parametrize("library", ["pd", "pl"])
def test_rows_of_findings_can_be_shown(k: AgentKernel, library: str) -> None:
    join = "merge" if library == "pd" else "join"
    noted(
        k,
        f"a = {library}.DataFrame({{'id': [1, 2, 2, 3, 4], 'of': ['x', 'x', 'x', 'y', None], 'v': range(5)}})\n"
        f"b = {library}.DataFrame({{'id': [1, 2, 2, 9], 'of': ['x', 'x', 'x', 'y'], 'w': [5, 6, 7, 8]}})\n"
        f"c = {library}.DataFrame({{'id': [2, 3, 9], 'w': [1, 2, 3]}})",
    )
    both = noted(k, f"m = a.{join}(b, on=['id', 'of'], how='left')")["m"]
    grew = next(one for one in both if one.kind == "rows_grew")
    assert [(one.column, one.operator, one.values) for one in grew.filters] == [(0, "eq", ("2",)), (1, "eq", ("x",))]
    assert shown(k, grew) == 4
    lost = noted(k, f"n = a.{join}(c, on='id')")["n"][0]
    assert (lost.kind, lost.path, lost.count, lost.filters[0].values) == ("rows_dropped", ("a",), 2, ("1", "4"))
    assert shown(k, lost) == 2
    stacked = f"{library}.concat([c, c.head(1)])"
    repeated = noted(k, f"c = {stacked}")["c"][0]
    assert (repeated.kind, repeated.places) == ("keys_repeated", (0,))
    assert shown(k, repeated) == 2


def test_quiet_changes_of_one_frame(k: AgentKernel) -> None:
    noted(k, "d = pd.DataFrame({'id': [1, 2, 3, 4], 'n': [1, 2, 3, 4], 't': pd.to_datetime(['2024-01-01'] * 4)})")
    noted(k, "s = pd.Series([1, 2], index=[0, 1])")
    assert kinds(noted(k, "d['n'] = s"), "d") == ["index_changed", "type_changed"]
    assert kinds(noted(k, "d = d.fillna(0)"), "d") == ["values_filled"]
    assert kinds(noted(k, "d['t'] = ['a', 'b', 'c', 'd']"), "d") == ["type_changed"]
    assert kinds(noted(k, "d = pd.concat([d, d])"), "d") == ["keys_repeated"]
    noted(k, "d['w'] = ['1', '2', 'x', '4'] * 2")
    assert kinds(noted(k, "d['w'] = pd.to_numeric(d['w'], errors='coerce')"), "d") == ["missing_added"]
    assert kinds(noted(k, "d = d.dropna()"), "d") == ["rows_dropped"]
    assert noted(k, "d.head()") == {}  # only looked at: nothing is taken back


def test_can_be_switched_off(k: AgentKernel) -> None:
    noted(k, PANDAS)
    k.ask("frames.watch", is_on=False)
    assert noted(k, "m = a.merge(b, on='id')") == {}


@pytest.mark.parametrize("by_statement", [False, True], ids=["whole", "by statement"])
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_ordinary_scripts_are_left_alone(k: AgentKernel, script: Path, by_statement: bool) -> None:
    assert len(SCRIPTS) == 10
    code = script.read_text(encoding="utf-8")
    for part in [ast.unparse(node) for node in ast.parse(code).body] if by_statement else [code]:
        found = noted(k, part)
        assert not [finding.sentence for findings in found.values() for finding in findings], part


def test_sample_project_is_left_alone(k: AgentKernel) -> None:
    folder = resources_dir() / "sample"
    noted(k, f"import os; os.chdir({str(folder)!r})")
    assert noted(k, (folder / "analysis.py").read_text(encoding="utf-8")) == {}


def test_old_objects_are_not_kept_alive(k: AgentKernel) -> None:
    noted(k, PANDAS + "import gc, weakref\nold = weakref.ref(a)")
    noted(k, "a = a.merge(b, on='id')")
    assert k.run("gc.collect()\nprint(old() is None)").text.strip() == "True"


def test_long_frames_are_looked_at_in_part(k: AgentKernel) -> None:
    noted(k, "import numpy as np\nbig = pd.DataFrame(np.zeros((600_000, 5)))\nbig.columns = list('abcde')")
    found = k.run(
        "import sys\nw = sys.modules['fourpane_plugins.lang_python.agent.main']._agent._frames\n"
        "p = w.kept['big'][1]\nprint(p.rows, p.looked_rows, p.is_sampled)"
    ).text
    rows, looked, is_sampled = found.split()
    assert rows == "600000"
    assert int(looked) * 5 <= 2_000_000
    assert is_sampled == "True"


def test_frames_that_did_not_change_are_not_looked_at(k: AgentKernel) -> None:
    noted(k, PANDAS + "c = pl.DataFrame({'id': [1, 2]})")
    noted(
        k,
        "import sys\nprofiles = sys.modules['fourpane_plugins.lang_python.agent.frame_profiles']\nlooked = []\n"
        "first = profiles.profile\nprofiles.profile = lambda frame: (looked.append(frame.rows), first(frame))[1]",
    )
    noted(k, "n = len(a) + len(b) + len(c)")
    assert k.run("print(looked)").text.strip() == "[]"
    noted(k, "a['z'] = 1")
    assert k.run("print(looked); profiles.profile = first").text.strip() == "[1000]"


def test_objects_of_the_user_are_not_asked(k: AgentKernel) -> None:
    noted(
        k,
        "class Evil:\n    asked = 0\n    def _ask(self, *others):\n        Evil.asked += 1\n        return 1\n"
        "    __eq__ = __hash__ = __repr__ = __str__ = __len__ = __bool__ = __lt__ = _ask\n"
        "e = pd.DataFrame({'id': [1, 2], 'o': pd.Series([Evil(), Evil()], dtype=object)})\nbefore = Evil.asked",
    )
    noted(k, "e['p'] = e['o']")
    k.ask("frames.audit", path=["e"])
    assert k.run("print(Evil.asked - before)").text.strip() == "0"


AUDITED = {
    "constant": ("c", "['v'] * 60"),
    "dates_as_text": ("c", "['2024-01-02', '2024-03-04', '2024-05-06'] * 20"),
    "numbers_as_text": ("c", "['1', '2.5', '1,000'] * 20"),
    "outliers": ("c", "[float(n) for n in range(59)] + [1e6]"),
    "spaces": ("c", "['one', ' two', 'three '] * 20"),
    "near_duplicates": ("c", "['Paris', 'paris', 'Rome'] * 20"),
    "like_missing": ("c", "['n/a', 'Rome', 'Oslo'] * 20"),
}


@pytest.mark.parametrize("library", ["pd", "pl"])
@pytest.mark.parametrize("kind", AUDITED)
def test_audit_finds_shows_and_mends(k: AgentKernel, library: str, kind: str) -> None:
    column, values = AUDITED[kind]
    noted(k, f"f = {library}.DataFrame({{'row': range(60), {column!r}: {values}}})")
    found = [f for f in k.ask("frames.audit", path=["f"]).findings if f.kind == kind]
    assert [(f.columns, f.places) for f in found] == [((column,), (1,))]
    if found[0].count:
        assert shown(k, found[0], "f") == found[0].count
    assert bool(found[0].count) == (kind in ("outliers", "spaces", "near_duplicates", "like_missing"))
    assert int(k.run(f"print(len({found[0].code}))").text) > 0
    noted(k, found[0].mend_code)
    assert kind not in [f.kind for f in k.ask("frames.audit", path=["f"]).findings]


@pytest.mark.parametrize("library", ["pd", "pl"])
def test_audit_finds_numbers_like_missing_and_duplicate_rows(k: AgentKernel, library: str) -> None:
    noted(k, f"f = {library}.DataFrame({{'n': [1, 2, 3, -999] * 3, 't': ['a', 'b', 'c', 'd'] * 3}})")
    found = {f.kind: f for f in k.ask("frames.audit", path=["f"]).findings}
    assert set(found) == {"like_missing", "duplicate_rows"}
    assert {f.severity for f in found.values()} == {"warning"}
    assert shown(k, found["like_missing"], "f") == found["like_missing"].count == 3
    assert int(k.run(f"print(len({found['like_missing'].code}))").text) == 3
    noted(k, found["like_missing"].mend_code)
    noted(k, found["duplicate_rows"].mend_code)
    nothing = k.ask("frames.audit", path=["f"])
    assert nothing.findings == ()
    assert (nothing.row_count, nothing.rows_looked_at, nothing.column_count, nothing.columns_looked_at) == (4, 4, 2, 2)
    assert int(k.run("print(len(f))").text) == 4


@pytest.mark.parametrize("value", ["pd.DataFrame({'a': [1]})", "pl.DataFrame({'a': [1]})"])
def test_only_tables_of_frames_say_that_they_can_be_audited(k: AgentKernel, value: str) -> None:
    noted(k, f"f = {value}\ns = f['a']")
    assert "audit" in k.ask("table.open", path=["f"]).features
    assert "audit" not in k.ask("table.open", path=["s"]).features


def test_audit_finds_mixed_types(k: AgentKernel) -> None:
    noted(k, "f = pd.DataFrame({'o': pd.Series([1, 'x', 2.5], dtype=object)})")
    found = k.ask("frames.audit", path=["f"]).findings
    assert [f.kind for f in found] == ["mixed_types"]
    noted(k, found[0].mend_code)
    assert k.ask("frames.audit", path=["f"]).findings == ()


def test_audit_refuses_what_is_no_frame(k: AgentKernel) -> None:
    noted(k, "n = 1")
    answer = k.ask_raw({"method": "frames.audit", "params": {"path": ["n"]}})
    assert answer["error"]["code"] == "not_possible"
    assert math.isfinite(answer["id"])


@pytest.mark.parametrize(
    ("library", "join", "columns"),
    [
        ("pd", "m = a.merge(b, on='id')", ("x_x", "x_y")),
        ("pl", "m = a.join(b, on='id')", ("x", "x_right")),
    ],
)
def test_column_of_both_frames_is_told(k: AgentKernel, library: str, join: str, columns: tuple[str, str]) -> None:
    noted(
        k, f"a = {library}.DataFrame({{'id': [1, 2], 'x': [3, 4]}}); b = a.{'copy' if library == 'pd' else 'clone'}()"
    )
    found = noted(k, join)["m"]
    assert [(f.kind, f.columns) for f in found] == [("columns_added", columns)]
