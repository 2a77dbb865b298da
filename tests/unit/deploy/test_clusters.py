"""What is up is looked at while something runs or is up, told once for each change, and ended when asked."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ide.core.deploy import ClusterLink, ClusterState
from ide.core.errors import DeployError, FourpaneError
from ide.deploy.clusters import Clusters


def state(id: str, workers: int = 2) -> ClusterState:
    return ClusterState(id, "team", 0.0, workers, workers, 1_000)


class Team:
    """A target of which only clusters matter."""

    def __init__(self) -> None:
        self.up: list[ClusterState] = []
        self.asked = 0
        self.trouble = ""
        self.has_no_link = False

    def clusters(self) -> list[ClusterState]:
        self.asked += 1
        if self.trouble:
            raise DeployError(self.trouble)
        return list(self.up)

    def end_cluster(self, id: str) -> None:
        if self.trouble:
            raise DeployError(self.trouble)
        self.up = [one for one in self.up if one.id != id]

    def scale(self, id: str, workers: int) -> None:
        self.up = [state(one.id, workers) if one.id == id else one for one in self.up]

    def adapt(self, id: str, minimum: int, maximum: int) -> None:
        self.up = [state(one.id, maximum) if one.id == id else one for one in self.up]

    def start_cluster(self, options: dict[str, int]) -> str:
        self.up.append(state("new", options["workers"]))
        return "new"

    def link(self, id: str) -> ClusterLink:
        if self.has_no_link:
            raise DeployError("It has no address.")
        return ClusterLink(f"tcp://{id}")


class Desk:
    """A UI thread: the test's own."""

    def __init__(self) -> None:
        self.team = Team()
        self.wanted: list[str] = []
        self.posted: queue.Queue[Callable[[], None]] = queue.Queue()
        self.timers: list[Callable[[], None]] = []
        target: Any = self.team
        self.clusters = Clusters(self.posted.put, self._after, lambda _id: target, lambda: self.wanted)
        self.told: list[tuple[ClusterState, ...]] = []
        self.clusters.changed.connect(self._on_changed)

    def _on_changed(self) -> None:
        self.told.append(self.clusters.all)

    def _after(self, _seconds: float, act: Callable[[], None]) -> Callable[[], None]:
        self.timers.append(act)
        return lambda: self.timers.remove(act) if act in self.timers else None

    def hear(self, count: int = 1) -> None:
        for _ in range(count):
            self.posted.get(timeout=10)()

    def time_passes(self) -> None:
        due, self.timers = self.timers, []
        for act in due:
            act()


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.clusters.close()
    time.sleep(0)


def test_nothing_is_asked_where_nothing_runs(desk: Desk) -> None:
    desk.clusters.look()
    assert (desk.team.asked, desk.timers) == (0, [])


def test_target_is_asked_while_jobs_run_and_until_nothing_is_up(desk: Desk) -> None:
    desk.wanted, desk.team.up = ["team"], [state("a")]
    desk.clusters.look()
    desk.hear()
    assert desk.told == [(state("a"),)]
    desk.wanted = []
    desk.time_passes()
    desk.hear()
    assert desk.told == [(state("a"),)]  # nothing changed, nothing told
    desk.team.up = []
    desk.time_passes()
    desk.hear()
    assert desk.told[-1] == ()
    desk.time_passes()
    assert (desk.team.asked, desk.timers) == (3, [])


def test_what_was_up_stays_listed_while_its_target_does_not_answer(desk: Desk) -> None:
    desk.team.up = [state("a")]
    desk.clusters.look(["team"])
    desk.hear()
    desk.team.trouble = "It does not answer."
    desk.time_passes()
    desk.hear()
    assert desk.clusters.all == (state("a"),)
    assert "does not answer" in desk.clusters.troubles["team"]
    desk.team.trouble = ""
    desk.time_passes()
    desk.hear()
    assert desk.clusters.troubles == {}


def test_cluster_is_scaled_and_ended_and_a_refusal_is_told(desk: Desk) -> None:
    desk.team.up = [state("a"), state("b")]
    desk.clusters.look(["team"])
    desk.hear()
    failed: list[FourpaneError] = []
    desk.clusters.scale(state("a"), 5, failed.append)
    desk.hear(2)
    assert desk.clusters.all[0].workers == 5
    desk.clusters.end(state("a"), failed.append)
    desk.hear(2)
    assert [one.id for one in desk.clusters.all] == ["b"]
    desk.team.trouble = "No."
    desk.clusters.end(state("b"), failed.append)
    desk.hear()
    assert [one.happened for one in failed] == ["No."]
    assert [one.id for one in desk.clusters.all] == ["b"]


def test_cluster_for_a_console_is_started_with_its_link_or_not_at_all(desk: Desk) -> None:
    started: list[tuple[str, ClusterLink]] = []
    failed: list[FourpaneError] = []

    def on_started(id: str, link: ClusterLink) -> None:
        started.append((id, link))

    desk.clusters.start("team", {"workers": 3}, on_started, failed.append)
    desk.hear(3)
    assert started == [("new", ClusterLink("tcp://new"))]
    assert desk.clusters.all == (state("new", 3),)
    desk.clusters.adapt(state("new"), 0, 7, failed.append)
    desk.hear(2)
    assert desk.clusters.all[0].workers == 7
    desk.clusters.link(state("new"), lambda link: on_started("again", link), failed.append)
    desk.hear(2)
    assert started[-1] == ("again", ClusterLink("tcp://new"))
    assert failed == []
    desk.team.up, desk.team.has_no_link = [], True
    desk.clusters.start("team", {"workers": 3}, on_started, failed.append)
    desk.hear(3)
    assert [one.happened for one in failed] == ["It has no address."]
    assert desk.team.up == []
    assert len(started) == 2


def test_nothing_is_asked_or_told_after_the_end(desk: Desk) -> None:
    desk.wanted, desk.team.up = ["team"], [state("a")]
    desk.clusters.look()
    desk.clusters.close()
    desk.hear()
    desk.clusters.look()
    assert (desk.told, desk.timers, desk.team.asked) == ([], [], 1)
