"""Groups, order and filter of the Variables pane."""

from __future__ import annotations

import pytest

from ide.core.variables import Variable
from ide.kernels.active import ActiveSession
from ide.panes.variables.model import Look, VariablesModel, groups_of, shape_text, value_text, words_of
from tests.fakes.pane_session import PaneSession, variable


def model_of(session: PaneSession) -> VariablesModel:
    active = ActiveSession()
    active.choose(session.as_session)
    return VariablesModel(active)


def session_with(*variables: Variable) -> PaneSession:
    session = PaneSession()
    session.change(*variables, is_full=True)
    return session


def shown(model: VariablesModel) -> list[str]:
    return [text for group in model.groups for text in (group.title, *(each.name for each in group.names))]


def test_names_stand_under_their_groups_in_order() -> None:
    groups = groups_of([variable("b"), variable("df", "data"), variable("A")], Look())
    assert [(group.title, [each.name for each in group.names]) for group in groups] == [
        ("Data", ["df"]),
        ("Values", ["A", "b"]),
    ]


def test_modules_are_hidden_until_asked_for() -> None:
    model = model_of(session_with(variable("np", "module")))
    assert shown(model) == []
    assert model.hidden_module_count == 1
    model.toggle_hidden("module")
    assert shown(model) == ["Modules", "np"]
    assert model.hidden_module_count == 0


def test_a_filter_looks_at_names_and_types() -> None:
    model = model_of(session_with(variable("alpha"), variable("beta"), variable("x", "data", "DataFrame")))
    model.filter("FRAME")
    assert shown(model) == ["Data", "x"]
    model.filter("nothing like it")
    assert model.is_filtered_empty


def test_a_filter_opens_groups_and_gives_them_back_closed() -> None:
    model = model_of(session_with(variable("x", "data")))
    model.set_open("data", False)
    assert not model.is_open("data")
    model.filter("x")
    assert model.is_open("data")
    model.set_open("data", False)
    assert not model.is_open("data")
    model.filter("")
    assert not model.is_open("data")
    model.filter("x")
    assert model.is_open("data")


def test_a_change_within_rows_tells_only_those() -> None:
    session = session_with(variable("a", preview="1"), variable("b"))
    model = model_of(session)
    told: list[object] = []
    model.changed.connect(told.append)
    session.change(changed=(variable("a", preview="2"),))
    assert told == [frozenset({"a"})]
    assert model.groups[0].names[0].preview == "2"
    assert model.is_fresh("a")
    assert not model.is_fresh("b")


def test_a_name_that_changes_its_kind_moves() -> None:
    session = session_with(variable("a"), variable("b"))
    model = model_of(session)
    session.change(changed=(variable("a", "data"),))
    assert shown(model) == ["Data", "a", "Values", "b"]


def test_a_change_of_a_hidden_name_is_no_error() -> None:
    session = session_with(variable("np", "module"))
    model = model_of(session)
    session.change(changed=(variable("np", "module", preview="2"),))
    assert shown(model) == []
    session.change(changed=(variable("np", "value"),))
    assert shown(model) == ["Values", "np"]


def test_another_session_shows_other_names_and_the_first_is_let_go() -> None:
    first, second = session_with(variable("a")), session_with(variable("z"))
    active = ActiveSession()
    model = VariablesModel(active)
    active.choose(first.as_session)
    active.choose(second.as_session)
    assert shown(model) == ["Values", "z"]
    first.change(changed=(variable("b"),))
    assert shown(model) == ["Values", "z"]
    model.close()
    assert (len(first.names_changed), len(second.names_changed)) == (0, 0)


def test_shapes_are_written_with_thin_spaces() -> None:
    assert shape_text((10_000_000, 8)) == "10\u2009000\u2009000 × 8"
    assert shape_text(()) == ""


@pytest.mark.parametrize(
    ("preview", "text"),
    [("'a\nb'", "'a\\nb'"), ("\u202eevil", "\\u202eevil"), ("\x1b[2J", "\\x1b[2J"), ("naïve 数据", "naïve 数据")],
)
def test_a_preview_shows_what_cannot_be_seen(preview: str, text: str) -> None:
    assert value_text(variable("a", preview=preview)) == text


def test_what_was_not_looked_at_says_so() -> None:
    assert value_text(Variable("a", "Lazy", is_evaluated=False)) == "not evaluated"
    assert value_text(Variable("a", "Lazy", preview="Lazy, 3 items", is_evaluated=False)) == "Lazy, 3 items"


def test_a_row_reads_as_one_sentence() -> None:
    frame = variable("df", "data", "DataFrame", "a, b", (3, 2))
    assert words_of(frame, is_fresh=True) == "df, DataFrame, 3 × 2, a, b, changed in the last run"
    assert words_of(variable("n", preview="1"), is_fresh=False) == "n, int, 1"
