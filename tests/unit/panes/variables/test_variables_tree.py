"""Values that are opened in the list: their parts by hundreds, kept over runs, given up, and what is gone."""

from __future__ import annotations

from ide.core.runs import RunStatus
from ide.kernels.active import ActiveSession
from ide.kernels.records import Answer
from ide.panes.variables.model import VariablesModel, size_text
from tests.fakes.nested_session import NestedSession


def model_of(session: NestedSession) -> VariablesModel:
    active = ActiveSession()
    active.choose(session.as_session)
    return VariablesModel(active)


def shown(model: VariablesModel) -> list[str]:
    """Rows from the top, parts with a dot for each level."""
    found: list[str] = []
    for group in model.groups:
        for row in group.rows:
            part = model.part(row.name)
            found.append(row.name if part is None else "." * part.depth + part.label)
    return found


def end_run(session: NestedSession) -> None:
    session.set_run(session.execute("run"), RunStatus.OK)


def test_parts_appear_below_their_value_at_every_depth() -> None:
    session = NestedSession()
    model = model_of(session)
    session.hold(a=[1, {"k": [5]}], b=2)
    model.tree.open("a")
    assert shown(model) == ["a", ".[0]", ".[1]", "b"]
    inner = model.groups[0].rows[2]
    assert model.place_of(inner.name) == (0, 2)
    model.tree.open(inner.name)
    assert shown(model) == ["a", ".[0]", ".[1]", "..[k]", "b"]
    assert session.acts[-1] == ("variables.children", {"path": ["a", "1"], "first": 0, "limit": 100})
    model.tree.close("a")
    assert shown(model) == ["a", "b"]
    model.tree.open("a")
    assert shown(model) == ["a", ".[0]", ".[1]", "b"]


def test_long_values_come_by_hundreds_and_stay_so_after_a_run() -> None:
    session = NestedSession()
    model = model_of(session)
    session.hold(a=list(range(12_000)))
    model.tree.open("a")
    rows = shown(model)
    assert len(rows) == 102
    assert rows[-1] == ".Show 100 more (of 12\u2009000)"
    for _ in range(11):
        model.tree.more("a")
    assert len(shown(model)) == 1202
    session.acts.clear()
    end_run(session)
    assert len(shown(model)) == 1202
    assert [(params["first"], params["limit"]) for _method, params in session.acts] == [(0, 1000), (1000, 200)]
    assert model.part(model.groups[0].rows[1200].name).label == "[1199]"  # type: ignore[union-attr]  # it is there


def test_a_run_that_changed_parts_is_seen_and_old_parts_stay_until_then() -> None:
    session = NestedSession()
    model = model_of(session)
    session.hold(a=[[1], [2, 3]])
    model.tree.open("a")
    model.tree.open(model.groups[0].rows[2].name)
    assert shown(model) == ["a", ".[0]", ".[1]", "..[0]", "..[1]"]
    session.values["a"] = [[1], [7]]
    session.is_held = True
    end_run(session)
    assert shown(model) == ["a", ".[0]", ".[1]", "..[0]", "..[1]"]
    session.let()
    assert shown(model) == ["a", ".[0]", ".[1]", "..[0]"]
    session.values["a"] = [[1]]
    end_run(session)
    session.let()
    assert shown(model) == ["a", ".[0]"]
    session.change(removed=("a",))
    assert shown(model) == []
    session.is_held = False
    session.hold(a=[[1]])
    assert shown(model) == ["a"]


def test_nothing_is_asked_while_code_runs() -> None:
    session = NestedSession()
    model = model_of(session)
    session.hold(a=[1])
    session.acts.clear()
    session.set_state("busy")
    model.tree.open("a")
    assert session.acts == []
    assert shown(model) == ["a", ".Waits until the session is idle"]
    session.set_state("idle")
    assert shown(model) == ["a", ".[0]"]


def test_what_is_under_way_can_be_given_up() -> None:
    session = NestedSession()
    model = model_of(session)
    session.hold(a=list(range(300)))
    session.is_held = True
    model.tree.open("a")
    assert shown(model) == ["a", ".Loading…"]
    assert model.tree.stop()
    assert shown(model) == ["a"]
    session.let()
    assert shown(model) == ["a"]
    model.tree.open("a")
    session.let()
    model.tree.more("a")
    assert shown(model)[-1] == ".Loading…"
    model.tree.more("a")
    assert shown(model)[-1] == ".Show 100 more (of 300)"
    assert not model.tree.stop()
    assert session.given_up == 2


def test_a_value_that_cannot_be_opened_says_why() -> None:
    session = NestedSession()
    model = model_of(session)
    session.hold(a=[1])
    session.says["variables.children"] = Answer(None, error="Its parts are made by its own code.", code="not_possible")
    model.tree.open("a")
    assert shown(model) == ["a", ".Its parts are made by its own code."]
    session.says["variables.children"] = Answer({"children": [{"token": 1}], "total": 1})
    model.tree.close("a")
    model.tree.open("a")
    assert shown(model) == ["a", ".The kernel did not answer. Close and open it to try again."]


def test_another_session_has_nothing_open() -> None:
    session = NestedSession()
    active = ActiveSession()
    active.choose(session.as_session)
    model = VariablesModel(active)
    session.hold(a=[1])
    session.is_held = True
    model.tree.open("a")
    other = NestedSession()
    other.hold(a=[2])
    active.choose(other.as_session)
    assert session.given_up == 1
    session.let()
    assert shown(model) == ["a"]


def test_names_in_another_order() -> None:
    session = NestedSession()
    model = model_of(session)
    session.hold(bb=[1], a="x", ccc=2)
    session.change(changed=(session.variable("a"),))
    assert shown(model) == ["a", "bb", "ccc"]
    model.sort("type")
    assert shown(model) == ["ccc", "bb", "a"]
    model.sort("changed")
    assert shown(model) == ["a", "bb", "ccc"]
    session.change(changed=(session.variable("ccc"),))
    assert shown(model) == ["ccc", "a", "bb"]
    model.sort("size")
    assert shown(model) == ["ccc", "bb", "a"]
    assert [model.size_of(row) for row in model.groups[0].rows] == [3000, 2000, 1000]


def test_sizes_are_asked_for_once_and_again_after_a_change() -> None:
    session = NestedSession()
    model = model_of(session)
    session.hold(a=1, b=2)
    session.acts.clear()
    told: list[object] = []
    model.changed.connect(told.append)
    model.ask_sizes(["a", "b", "gone"])
    assert told == [frozenset({"a", "b"})]
    model.ask_sizes(["a", "b"])
    assert session.acts == [("variables.sizes", {"names": ["a", "b"]})]
    session.change(changed=(session.variable("a"),))
    assert model.sizes.known("a") is None
    model.ask_sizes(["a", "b"])
    assert session.acts[-1] == ("variables.sizes", {"names": ["a"]})


def test_sizes_that_time_did_not_allow_are_asked_for_again() -> None:
    session = NestedSession()
    model = model_of(session)
    session.hold(a=1, b=2, c=3)
    session.acts.clear()
    session.is_held = True
    model.ask_sizes(["a", "b", "c"])
    session.says["variables.sizes"] = Answer({"sizes": [{"name": "b", "size_bytes": 7}]})
    session.let()
    del session.says["variables.sizes"]
    session.let()
    assert [params["names"] for _method, params in session.acts] == [["a", "b", "c"], ["c"]]
    assert [model.sizes.known(name) for name in "abc"] == [None, 7, 1000]
    assert session.waiting == []


def test_sizes_in_words() -> None:
    sizes = (None, 0, 999, 1000, 9_949, 9_951, 999_499, 1_500_000, 12_000_000_000, 5_000_000_000_000_000)
    words = ["", "0 B", "999 B", "1.0 kB", "9.9 kB", "10 kB", "999 kB", "1.5 MB", "12 GB", "5000 TB"]
    assert [size_text(size) for size in sizes] == words
