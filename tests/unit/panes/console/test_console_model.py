"""Tabs, which one is current, and what notices say, without a widget."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from ide.core.errors import KernelError
from ide.core.outputs import Stream
from ide.kernels.active import ActiveSession
from ide.kernels.kernels import Kernels
from ide.kernels.progress import RunProgress
from ide.kernels.records import DeathCause
from ide.kernels.session import Session
from ide.panes.console.model import (
    ConsoleModel,
    attached_notice,
    busy_notice,
    closing_notice,
    death_notice,
    shown_folder,
    trouble_notice,
)
from tests.fakes.kernels import FakeKernels
from tests.fakes.session import FakeSession


class Consoles:
    """The model with its surroundings."""

    def __init__(self) -> None:
        self.kernels = FakeKernels()
        self.active = ActiveSession()
        kernels = cast(Kernels, self.kernels)
        self.progress = RunProgress(kernels)
        self.model = ConsoleModel(kernels, self.active, lambda _language: None, self.progress)

    def open(self, name: str = "env") -> FakeSession:
        return self.kernels.add(FakeSession(name=name))


def real(session: FakeSession) -> Session:
    return cast(Session, session)


def test_new_session_gets_a_tab_and_becomes_the_current_one() -> None:
    consoles = Consoles()
    one, two = consoles.open("one"), consoles.open("two")
    assert [tab.text for tab in consoles.model.tabs] == ["one", "two"]
    assert consoles.model.current is cast(Any, two)
    consoles.model.step(1)
    assert consoles.model.current is cast(Any, one)


def test_session_that_goes_gives_its_place_to_another() -> None:
    consoles = Consoles()
    one, two = consoles.open(), consoles.open()
    consoles.kernels.remove(two)
    assert consoles.model.current is cast(Any, one)
    consoles.kernels.remove(one)
    assert consoles.model.current is None
    assert consoles.model.tabs == ()


def test_hidden_console_has_no_tab_and_can_come_back() -> None:
    consoles = Consoles()
    one, two = consoles.open("one"), consoles.open("two")
    consoles.model.hide(real(two))
    assert [tab.text for tab in consoles.model.tabs] == ["one"]
    assert consoles.model.current is cast(Any, one)
    assert consoles.model.bring_back(two.id) is cast(Any, two)
    assert consoles.model.current is cast(Any, two)
    assert consoles.model.bring_back("unknown") is None


def test_code_that_goes_to_a_hidden_console_shows_it_again() -> None:
    consoles = Consoles()
    one, _two = consoles.open("one"), consoles.open("two")
    consoles.model.hide(real(one))
    consoles.active.choose(real(one))
    assert len(consoles.model.tabs) == 2


def test_tab_tells_what_the_kernel_does() -> None:
    consoles = Consoles()
    session = consoles.open()
    told: list[None] = []
    consoles.model.changed.connect(lambda: told.append(None))
    session.set_state("busy")
    assert consoles.model.tabs[0].is_running
    session.set_state("dead")
    assert consoles.model.tabs[0].state == "ended"
    assert len(told) == 2


def test_reordered_tabs_keep_their_order() -> None:
    consoles = Consoles()
    one, two = consoles.open(), consoles.open()
    consoles.model.reorder([two.id, one.id])
    assert [tab.key for tab in consoles.model.tabs] == [two.id, one.id]


def test_closed_model_follows_nothing() -> None:
    consoles = Consoles()
    session = consoles.open()
    consoles.model.close()
    consoles.open()
    session.set_state("busy")
    assert len(consoles.model.tabs) == 1


def test_death_is_told_with_its_cause_unless_it_was_asked_for() -> None:
    session = FakeSession()
    assert death_notice(real(session)) is None
    session.set_state("dead", DeathCause("signal", "It was killed (SIGKILL).", None, "SIGKILL", stderr_lines=("x",)))
    notice = death_notice(real(session))
    assert notice is not None
    assert "SIGKILL" in notice.text
    assert (notice.action, notice.arguments, notice.details) == ("session.restart", {"session": session.id}, "x")
    session.set_state("dead", DeathCause("asked", "It was ended."))
    assert death_notice(real(session)) is None


def test_ignored_interrupt_offers_to_end_the_kernel() -> None:
    session = FakeSession()
    error = KernelError("It has not stopped.", action="session.restart", action_title="Restart")
    assert trouble_notice(real(session), error).action == "session.restart"
    session.set_state("interrupting")
    assert trouble_notice(real(session), error).action == "session.kill"


@pytest.mark.parametrize("make", [lambda s: closing_notice(s, 10), busy_notice, attached_notice])
def test_notices_have_three_lines_at_most_and_name_the_console(make: Any) -> None:
    notice = make(FakeSession(name="my env"))
    assert "my env" in notice.text
    assert notice.text.count("\n") <= 2


def test_folder_is_shown_from_home() -> None:
    home = Path("/home/me")
    assert shown_folder(home / "project", home) == "~/project"
    assert shown_folder(home, home) == "~"
    assert shown_folder(Path("/data"), home) == str(Path("/data"))
    assert shown_folder(None, home) == "Working folder unknown"


def test_tab_tells_how_far_code_is() -> None:
    consoles = Consoles()
    session = consoles.open()
    runs = [session.execute(code) for code in "ab"]
    for run in runs:
        session.run_changed.emit(run)
    session.output_arrived.emit(runs[0], (Stream("stderr", "\r 50%|"),))
    (tab,) = consoles.model.tabs
    assert tab.share == 0.25
    assert tab.tooltip.endswith("\nRunning 1 of 2, 50 %")
