"""Plot, histogram and path of the selected value; the test plays the kernel."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QGuiApplication

from ide.kernels.records import Answer
from ide.panes.variables.pane import VariablesPane
from tests.fakes.nested_session import NestedSession
from tests.fakes.pane_desk import PaneDesk
from tests.qt.variables.conftest import variables_pane
from tests.unit.plugins.languages import PYTHON

COMMANDS = ("variables.plot", "variables.histogram", "variables.copy_path")


@pytest.fixture
def pane(desk: PaneDesk) -> Iterator[VariablesPane]:
    with variables_pane(desk, language_of=lambda id: PYTHON if id == "python" else None) as made:
        yield made


@pytest.fixture
def session(desk: PaneDesk, pane: VariablesPane) -> NestedSession:
    made = NestedSession()
    desk.active.choose(made.as_session)
    made.hold(a=[1, 2], b=[3])
    return made


def code(text: str, form: str = "", **more: str) -> Answer:
    return Answer({"code": text, "form": form, **more})


def typed(session: NestedSession) -> list[str]:
    return [run.code for run in session.runs]


def enabled(desk: PaneDesk) -> list[bool]:
    return [desk.commands.is_enabled(id) for id in COMMANDS]


def test_what_can_be_drawn_of_the_selected_row_runs_in_the_session(
    pane: VariablesPane, session: NestedSession, desk: PaneDesk
) -> None:
    assert enabled(desk) == [False, False, False]
    session.says["variables.code"] = code("a", "numbers")
    pane.view.select("a")
    assert enabled(desk) == [True, True, True]
    desk.commands.run("variables.plot")
    desk.commands.run("variables.histogram")
    pyplot = "import matplotlib.pyplot as plt\n"
    assert typed(session) == [pyplot + "plt.plot(a);", pyplot + "plt.hist(a, bins=30);"]
    session.says["variables.code"] = code("b", "columns")
    pane.view.select("b")
    assert enabled(desk) == [True, False, True]
    session.says["variables.code"] = code("", "")
    pane.view.select("a")
    assert enabled(desk) == [False, False, False]
    assert desk.errors == []


def test_the_path_of_a_part_is_copied(pane: VariablesPane, session: NestedSession, desk: PaneDesk) -> None:
    pane.model.tree.open("a")
    session.says["variables.code"] = code("a[1]")
    pane.view.select(pane.model.groups[0].rows[2].name)
    assert session.acts[-1] == ("variables.code", {"path": ["a", "1"]})
    assert enabled(desk) == [False, False, True]
    desk.commands.run("variables.copy_path")
    assert QGuiApplication.clipboard().text() == "a[1]"


def test_a_busy_kernel_is_asked_once_it_is_idle_and_again_after_a_change(
    pane: VariablesPane, session: NestedSession, desk: PaneDesk
) -> None:
    session.says["variables.code"] = code("a", "numbers")
    session.set_state("busy")
    pane.view.select("a")
    asked = [act for act in session.acts if act[0] == "variables.code"]
    assert asked == []
    session.set_state("idle")
    assert enabled(desk) == [True, True, True]
    session.says["variables.code"] = code("a")
    session.change(changed=(session.variable("a"),))
    assert enabled(desk) == [False, False, True]


def test_a_late_answer_is_not_taken_for_another_row(
    pane: VariablesPane, session: NestedSession, desk: PaneDesk
) -> None:
    session.is_held = True
    pane.view.select("a")
    pane.view.select("b")
    session.says["variables.code"] = code("b", "columns")
    given_up = session.given_up
    session.let()
    assert given_up > 0
    assert pane.model.codes.known.code == "b"
    desk.active.choose(None)
    assert enabled(desk) == [False, False, False]


def test_a_missing_package_is_told_with_what_can_be_done(
    pane: VariablesPane, session: NestedSession, desk: PaneDesk
) -> None:
    session.says["variables.code"] = code("a", "numbers", needs="matplotlib", install="%pip install matplotlib")
    pane.view.select("a")
    desk.commands.run("variables.plot")
    assert typed(session) == []
    assert pane.bar.told.is_problem
    assert pane.bar.text.text() == "Drawing needs matplotlib, which this environment does not have."
    pane.bar.offer.click()
    assert typed(session) == ["%pip install matplotlib"]
    session.says["variables.code"] = code("b", "numbers", needs="matplotlib")
    pane.view.select("b")
    desk.commands.run("variables.plot")
    assert desk.errors[-1].action == "session.choose_environment"
    assert len(typed(session)) == 1


def test_frame_is_moved_to_dask_by_code_that_is_shown_and_runs_when_wished(
    desk: PaneDesk, pane: VariablesPane, session: NestedSession
) -> None:
    session.says["variables.code"] = code("sales['a b']", frame="pandas")
    pane.view.select("a")
    desk.commands.run("variables.share")

    line = "import dask.dataframe as dd\nsales_a_b_dask = dd.from_pandas(sales['a b'], npartitions=8)"
    assert pane.bar.told.code == line
    assert "Nothing has run yet" in pane.bar.told.text
    assert typed(session) == []
    pane.bar.offer.click()
    assert typed(session) == [line]


def test_only_frames_of_pandas_are_moved(desk: PaneDesk, pane: VariablesPane, session: NestedSession) -> None:
    session.says["variables.code"] = code("a", "numbers")
    pane.view.select("a")
    assert desk.commands.is_enabled("variables.plot")
    assert not desk.commands.is_enabled("variables.share")
