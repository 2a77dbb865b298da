"""Rows, groups and filter of the Variables pane."""

from __future__ import annotations

from typing import cast

from ide.core.events import Signal
from ide.core.variables import Kind, Names, Variable, VariablesChange
from ide.kernels.active import ActiveSession
from ide.kernels.session import Session
from ide.panes.variables.model import Heading, Look, VariablesModel, rows_of, shape_text


class NamesOnly:
    """As much of a session as this model looks at."""

    names_changed = Signal(object)

    def __init__(self, *variables: Variable) -> None:
        self.names = Names({variable.name: variable for variable in variables})

    def change(self, change: VariablesChange) -> None:
        self.names = self.names.after(change)
        self.names_changed.emit(change)


def variable(name: str, kind: Kind = "value", **more: object) -> Variable:
    return Variable(name, "int", kind, **more)  # type: ignore[arg-type]  # keywords of Variable


def model_of(session: NamesOnly) -> VariablesModel:
    active = ActiveSession()
    active.choose(cast(Session, session))
    return VariablesModel(active)


def shown(model: VariablesModel) -> list[str]:
    return [row.title if isinstance(row, Heading) else row.name for row in model.rows]


def test_names_stand_under_their_groups_in_order() -> None:
    rows = rows_of([variable("b"), variable("df", "data"), variable("A")], Look())
    assert [row.title if isinstance(row, Heading) else row.name for row in rows] == ["Data", "df", "Values", "A", "b"]


def test_modules_are_hidden_until_asked_for() -> None:
    model = model_of(NamesOnly(variable("np", "module")))
    assert shown(model) == []
    model.toggle_hidden("module")
    assert shown(model) == ["Modules", "np"]


def test_a_filter_looks_at_names_and_types_and_opens_groups() -> None:
    model = model_of(NamesOnly(variable("alpha"), variable("beta"), Variable("x", "DataFrame", "data")))
    model.toggle_group("data")
    assert shown(model) == ["Data", "Values", "alpha", "beta"]
    model.filter("FRAME")
    assert shown(model) == ["Data", "x"]
    model.filter("nothing like it")
    assert model.is_filtered_empty


def test_a_change_within_rows_repaints_only_those() -> None:
    session = NamesOnly(variable("a", preview="1"), variable("b"))
    model = model_of(session)
    told: list[object] = []
    model.changed.connect(told.append)
    session.change(VariablesChange(changed=(variable("a", preview="2"),)))
    assert told == [frozenset({"a"})]
    row = model.rows[model.row_of("a") or 0]
    assert isinstance(row, Variable)
    assert row.preview == "2"
    assert model.is_fresh("a")
    assert not model.is_fresh("b")


def test_a_name_that_changes_its_kind_moves() -> None:
    session = NamesOnly(variable("a"), variable("b"))
    model = model_of(session)
    session.change(VariablesChange(changed=(variable("a", "data"),)))
    assert shown(model) == ["Data", "a", "Values", "b"]


def test_a_change_in_a_closed_group_is_no_error() -> None:
    session = NamesOnly(variable("a"))
    model = model_of(session)
    model.toggle_group("value")
    session.change(VariablesChange(changed=(variable("a", preview="2"),)))
    model.toggle_group("value")
    assert shown(model) == ["Values", "a"]


def test_another_session_shows_other_names_and_the_first_is_let_go() -> None:
    first, second = NamesOnly(variable("a")), NamesOnly(variable("z"))
    active = ActiveSession()
    model = VariablesModel(active)
    active.choose(cast(Session, first))
    active.choose(cast(Session, second))
    assert shown(model) == ["Values", "z"]
    assert len(first.names_changed) == 0
    model.close()
    assert len(second.names_changed) == 0


def test_shapes_are_written_with_thin_spaces() -> None:
    assert shape_text((10_000_000, 8)) == "10\u2009000\u2009000 × 8"
    assert shape_text(()) == ""
