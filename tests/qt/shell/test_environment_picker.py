from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from ide.commands.command import Command
from ide.core.environment import Environment, Health
from ide.core.errors import KernelError
from ide.core.language import Language
from ide.core.policy import EnvironmentVerdict, PolicyVerdict, Standing
from ide.core.ports import Cancel
from ide.environments.environments import Environments
from ide.environments.extents import Extent
from ide.shell.environment_picker import FURTHER, Choice, EnvironmentPicker
from ide.shell.environment_rows import extent_words
from tests.fakes.window_parts import Parts
from tests.qt import accessible
from tests.unit.environments.machines import machine

READY = Environment("/v/python", ".venv", "python", "venv", Path("/v/python"), version="3.12.1", is_in_project=True)
BARE = Environment(
    "/b/python", "Python 3.11", "python", "system", Path("/b/python"), version="3.11", health=Health.NEEDS_KERNEL,
    reason="It lacks ipykernel.",
)  # fmt: skip
R = Environment(
    "/R", "R 4.3.1", "r", "r", Path("/R"), version="4.3.1", health=Health.NEEDS_KERNEL, reason="It lacks IRkernel."
)
JULIA = Environment(
    "julia", "Julia", "julia", "kernelspec", None, "julia", health=Health.BROKEN, reason="Its program is gone."
)


class FakeEnvironments(Environments):
    """Real ones with a list of the test's, whose fetching the test ends."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "state.json", folder / "side", machine=machine(folder))
        self._all = (READY, BARE, R, JULIA)
        self.asked: list[tuple[Environment, Callable[[Environment], None], Callable[[Exception], None]]] = []
        self.cancelled = 0

    def prepare(
        self, environment: Environment, done: Callable[[Environment], None], failed: Callable[[Exception], None]
    ) -> Cancel:
        self.asked.append((environment, done, failed))

        def cancel() -> None:
            self.cancelled += 1

        return cancel


def no_language(id: str) -> Language | None:
    return None


class FakeJudge:
    """Verdicts of the test's."""

    def __init__(self) -> None:
        self.verdicts: dict[str, EnvironmentVerdict] = {}
        self.asked: list[tuple[str, ...]] = []
        self.told: Callable[[], None] = lambda: None
        self.stopped = 0

    def verdict(self, environment: Environment) -> EnvironmentVerdict | None:
        return self.verdicts.get(environment.id)

    def judge(self, environments: Sequence[Environment], told: Callable[[], None]) -> Cancel:
        self.asked.append(tuple(one.id for one in environments))
        self.told = told

        def stop() -> None:
            self.stopped += 1

        return stop


class Desk:
    """A picker over an empty window."""

    def __init__(self, parts: Parts, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.environments = FakeEnvironments(parts.folder)
        self.judge = FakeJudge()
        self.parts = parts
        self.window = QMainWindow()
        self.window.resize(900, 700)
        self.window.show()
        self.chosen: list[Any] = []
        self.picker = EnvironmentPicker(
            self.environments,
            parts.theme,
            parts.icons,
            self.window,
            language_of=no_language,
            commands=parts.commands,
            judge=lambda: self.judge,
        )
        self.picker.chosen.connect(self.chosen.append)

    def names(self) -> list[str]:
        return [
            str(entry.environment.name if entry.environment else f"[{entry.title}]")
            for entry in self.picker.model.entries
        ]

    def press(self, key: Qt.Key) -> None:
        QTest.keyClick(self.picker.box, key)


@pytest.fixture
def desk(parts: Parts, qtbot: QtBot) -> Iterator[Desk]:
    made = Desk(parts, qtbot)
    made.picker.open(READY)
    yield made
    made.window.close()
    made.window.deleteLater()


def test_environments_stand_under_their_languages(desk: Desk) -> None:
    assert desk.names() == [
        "[Python, in this project]",
        ".venv",
        "[Python, shared or kept as a base]",
        "Python 3.11",
        "[R]",
        "R 4.3.1",
        "[Julia, not working]",
        "Julia",
    ]
    assert desk.picker.list.currentIndex().row() == 1


def test_arrows_pass_over_headings(desk: Desk) -> None:
    desk.press(Qt.Key.Key_Down)
    desk.press(Qt.Key.Key_Down)
    assert desk.picker.list.currentIndex().row() == 5
    desk.press(Qt.Key.Key_PageUp)
    assert desk.picker.list.currentIndex().row() == 1


def test_ready_one_is_chosen_at_once(desk: Desk) -> None:
    desk.press(Qt.Key.Key_Return)
    assert desk.chosen == [Choice(READY)]
    assert not desk.picker.isVisible()


def test_what_policies_say_stands_beside_the_health_with_the_reason(desk: Desk) -> None:
    assert desk.judge.asked == [(READY.id, BARE.id, R.id, JULIA.id)]
    denied = PolicyVerdict("readline", "8", Standing.DENIED, ("The project’s policy denies readline.",))
    desk.judge.verdicts = {
        READY.id: EnvironmentVerdict.of([denied, PolicyVerdict("numpy", "2", Standing.ALLOWED)]),
        BARE.id: EnvironmentVerdict.of([PolicyVerdict("numpy", "2", Standing.ALLOWED)]),
    }
    desk.judge.told()
    assert desk.picker.told.text() == "The project’s policy denies readline."
    words = {
        name: desk.picker.model.data(desk.picker.model.index(at), Qt.ItemDataRole.AccessibleTextRole)
        for at, name in enumerate(desk.names())
        if not name.startswith("[")
    }
    assert "Ready, Denied by policy" in str(words[".venv"])
    assert "Allowed by policy" in str(words["Python 3.11"])
    assert "policy" not in str(words["R 4.3.1"])
    tip = desk.picker.model.data(desk.picker.model.index(1), Qt.ItemDataRole.ToolTipRole)
    assert "Denied by policy\nThe project’s policy denies readline." in str(tip)
    desk.picker.grab()
    desk.environments.changed.emit()  # something was learnt of one: they are not judged anew
    assert len(desk.judge.asked) == 1
    desk.environments._all = (READY, R)
    desk.environments.changed.emit()
    assert desk.judge.asked[1:] == [(READY.id, R.id)]
    desk.picker.hide()
    assert desk.judge.stopped == 2


def test_broken_one_says_why_and_is_not_chosen(desk: Desk) -> None:
    QTest.keyClicks(desk.picker.box, "julia")
    desk.press(Qt.Key.Key_Return)
    assert desk.chosen == []
    assert desk.picker.told.text() == "Its program is gone."
    assert desk.picker.isVisible()


def test_r_without_its_kernel_says_what_is_missing(desk: Desk) -> None:
    QTest.keyClicks(desk.picker.box, "r 4.3")
    desk.press(Qt.Key.Key_Return)
    assert desk.chosen == []
    assert desk.picker.told.text() == "It lacks IRkernel."


def test_python_without_its_kernel_is_made_ready_then_chosen(desk: Desk) -> None:
    QTest.keyClicks(desk.picker.box, "3.11")
    desk.press(Qt.Key.Key_Return)
    (asked, done, _) = desk.environments.asked[0]
    assert asked == BARE
    assert desk.picker.cancel.isVisible()
    assert "30 MB" in desk.picker.told.text()
    desk.press(Qt.Key.Key_Return)
    assert len(desk.environments.asked) == 1, "a second press starts nothing"
    done(READY)
    assert desk.chosen == [Choice(READY)]
    assert not desk.picker.isVisible()


def test_failed_fetch_stays_readable(desk: Desk) -> None:
    QTest.keyClicks(desk.picker.box, "3.11")
    desk.press(Qt.Key.Key_Return)
    desk.environments.asked[0][2](KernelError("It could not be fetched.", "No connection."))
    assert desk.picker.told.text() == "It could not be fetched.\nNo connection."
    assert not desk.picker.cancel.isVisible()
    assert desk.chosen == []


@pytest.mark.parametrize("way", ["button", "escape"])
def test_fetch_can_be_cancelled(desk: Desk, way: str) -> None:
    QTest.keyClicks(desk.picker.box, "3.11")
    desk.press(Qt.Key.Key_Return)
    if way == "button":
        QTest.mouseClick(desk.picker.cancel, Qt.MouseButton.LeftButton)
    else:
        QTest.keyClick(desk.picker, Qt.Key.Key_Escape)
    assert desk.environments.cancelled == 1
    assert not desk.picker.cancel.isVisible()
    assert desk.chosen == []


def test_filter_without_a_find_says_so(desk: Desk) -> None:
    QTest.keyClicks(desk.picker.box, "zzz")
    assert desk.names() == []
    assert desk.picker.told.text() == "Nothing is called that."
    desk.press(Qt.Key.Key_Return)
    desk.press(Qt.Key.Key_Down)
    assert desk.chosen == []


def test_new_list_keeps_the_current_row(desk: Desk) -> None:
    desk.press(Qt.Key.Key_Down)
    desk.environments._all = (R, READY, BARE)
    desk.environments.changed.emit()
    entry = desk.picker.model.entry(desk.picker.list.currentIndex())
    assert entry is not None
    assert entry.environment == BARE


def test_look_round_under_way_is_shown(desk: Desk) -> None:
    desk.environments.is_refreshing = True
    desk.environments.changed.emit()
    assert not desk.picker.refresh.isEnabled()
    assert desk.picker.refresh.text() == "Looking…"
    desk.environments.is_refreshing = False
    desk.environments.changed.emit()
    assert desk.picker.refresh.isEnabled()


def test_screen_reader_hears_health_and_place(desk: Desk) -> None:
    said = desk.picker.model.index(3).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "Python 3.11, Python 3.11, Needs a kernel, shared by this machine  ·  /b/python"
    assert "current" in desk.picker.model.index(1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert accessible.unnamed(desk.picker) == []


def test_packages_and_size_are_shown_and_heard_once_measured(desk: Desk) -> None:
    desk.environments._state.extents[READY.id] = (1, Extent(1234, 2_340_000_000, "A record is damaged."))
    desk.environments.changed.emit()
    entry = desk.picker.model.entry(desk.picker.list.currentIndex())
    assert entry is not None
    assert extent_words(entry.extent) == "1\u2009234 packages, 2.3 GB"
    assert "2.3 GB" in desk.picker.list.currentIndex().data(Qt.ItemDataRole.AccessibleTextRole)
    desk.press(Qt.Key.Key_Down)
    desk.press(Qt.Key.Key_Up)
    assert desk.picker.told.text() == "A record is damaged."


@pytest.mark.parametrize(("way", "is_kept"), [("open", False), ("restart", False), ("restart", True)])
def test_console_that_could_be_restarted_is_asked_about(desk: Desk, way: str, is_kept: bool) -> None:
    desk.picker.open(READY, consoles={"python": "analysis"})
    desk.press(Qt.Key.Key_Return)
    question = desk.picker.question
    assert desk.chosen == []
    assert "analysis" in question.words.text()
    assert question.open.hasFocus()
    assert not question.go.isVisible()
    question.kept.setChecked(is_kept)
    button = question.open if way == "open" else question.restart
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Return)
    assert desk.chosen == [Choice(READY, way, is_kept)]
    assert not desk.picker.isVisible()


def test_console_that_runs_in_it_already_is_offered_first(desk: Desk) -> None:
    desk.picker.open(READY, consoles={"python": "analysis"}, running={READY.id: "stats"})
    desk.press(Qt.Key.Key_Return)
    question = desk.picker.question
    assert (
        question.words.text() == f"A console runs in “{READY.name}” already. Restarting “analysis” loses its variables."
    )
    assert (question.go.hasFocus(), question.go.text(), question.kept.isVisible()) == (True, "Go to “stats”", False)
    QTest.keyClick(question.go, Qt.Key.Key_Return)
    assert desk.chosen == [Choice(READY, "go")]


def test_question_goes_when_another_row_is_looked_at(desk: Desk) -> None:
    desk.picker.open(READY, consoles={"python": "analysis"})
    desk.press(Qt.Key.Key_Return)
    desk.press(Qt.Key.Key_Down)
    assert not desk.picker.question.isVisible()
    assert desk.picker.box.hasFocus()


@pytest.mark.parametrize("way", ["open", "restart"])
def test_way_that_is_set_is_taken_without_a_question(desk: Desk, way: str) -> None:
    desk.picker.open(READY, consoles={"python": "analysis"}, way=way)
    desk.press(Qt.Key.Key_Return)
    assert desk.chosen == [Choice(READY, way)]


def test_console_of_another_language_is_no_question(desk: Desk) -> None:
    desk.picker.open(READY, consoles={"r": "R"})
    desk.press(Qt.Key.Key_Return)
    assert desk.chosen == [Choice(READY)]


def test_choice_can_be_for_the_open_file_alone(desk: Desk) -> None:
    assert not desk.picker.for_file.isVisible()
    desk.picker.open(READY, consoles={"python": "analysis"}, file_name="model.py")
    assert desk.picker.for_file.text() == "Only for model.py"
    desk.picker.for_file.click()
    desk.press(Qt.Key.Key_Return)
    assert desk.chosen == [Choice(READY, is_for_file=True)]


def test_button_of_a_further_command_is_there_only_while_it_can_run(desk: Desk) -> None:
    assert not any(button.isVisible() for button in desk.picker.further.values())
    desk.parts.add(Command(FURTHER[0], "New environment..."))
    asked: list[str] = []
    desk.picker.command_asked.connect(lambda id, _: asked.append(id))
    desk.picker.open(READY)
    assert [button.text() for button in desk.picker.further.values() if button.isVisible()] == ["New environment…"]
    desk.picker.further[FURTHER[0]].click()
    assert asked == [FURTHER[0]]
    assert not desk.picker.isVisible()


def test_row_that_a_command_can_mend_has_a_button_for_it(desk: Desk) -> None:
    gone = Environment(
        "/g/python", "old", "python", "venv", Path("/g/python"), health=Health.BROKEN, reason="It is gone."
    )
    desk.environments._all = (READY, gone, R, JULIA)
    asked: list[tuple[str, dict[str, object]]] = []
    desk.picker.command_asked.connect(lambda id, arguments: asked.append((id, arguments)))
    for words, title, command, id in (
        ("old", "Repair", "environment.repair", gone.id),
        ("r 4.3", "Install IRkernel", "environment.install_kernel", R.id),
    ):
        desk.picker.open(READY)
        QTest.keyClicks(desk.picker.box, words)
        assert not desk.picker.mend.isVisible(), "there is no such command yet"
        desk.parts.add(Command(command, "Mend"))
        desk.picker.open(READY)
        QTest.keyClicks(desk.picker.box, words)
        assert (desk.picker.mend.isVisible(), desk.picker.mend.text()) == (True, title)
        desk.picker.mend.click()
        assert asked.pop() == (command, {"environment": id})
        assert not desk.picker.isVisible()
    desk.picker.open(READY)
    assert not desk.picker.mend.isVisible()


def test_no_button_is_narrower_than_its_words(desk: Desk) -> None:
    for command, title in zip(FURTHER, ("Create environment...", "Go to packages"), strict=True):
        desk.parts.add(Command(command, title))
    desk.picker.open(READY, file_name="a_rather_long_name_of_a_script.py")
    column = desk.picker.layout()
    assert column is not None
    column.activate()
    for button in (*desk.picker.further.values(), desk.picker.refresh, desk.picker.browse, desk.picker.for_file):
        assert button.width() >= button.sizeHint().width(), button.text()
