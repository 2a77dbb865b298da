"""The Packages pane with real widgets, over packages that the test writes: shown, searched, typed, clicked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ide.commands.command import Command
from ide.core.environment import Environment
from ide.core.errors import PackageError
from ide.core.packages import Act, Change, Plan
from ide.core.policy import PolicyVerdict, Standing
from ide.environments.network import Network
from ide.environments.packages.names import NameCache, search
from ide.environments.packages.policies import PolicyPlaces
from ide.environments.packages.service import Packages
from ide.panes.packages.model import Remark
from ide.panes.packages.pane import PackagesPane
from tests.fakes.pane_desk import PaneDesk, pane_desk
from tests.unit.environments.packages.test_installed import write_dist


class Bench:
    """A pane over a folder that looks like an environment; nothing in it can be run."""

    def __init__(self, desk: PaneDesk, folder: Path) -> None:
        self.desk = desk
        self.prefix = folder / "class-env"
        self.site = self.prefix / "lib" / "python3.11" / "site-packages"
        self.site.mkdir(parents=True)
        (self.prefix / "bin").mkdir()
        program = self.prefix / "bin" / "python3"
        program.write_text("")
        (self.prefix / "pyvenv.cfg").write_text("version = 3.11.7\n")
        self.environment = Environment(str(program), "class-env", "python", "venv", program, version="3.11.7")
        self.project = folder / "project"
        self.project.mkdir()
        self.names = NameCache(folder / "names")
        self.opened: list[str] = []
        desk.commands.add(Command("session.choose_environment", "Choose environment..."), lambda: None)
        self.packages = Packages(
            folder / "packages",
            desk.tasks.run,
            desk.ui.post,
            Network,
            lambda: PolicyPlaces(project=self.project),
            lambda: "",
        )
        self.pane = PackagesPane(
            self.packages,
            self.names,
            desk.tasks.run,
            desk.commands,
            desk.actions,
            desk.theme,
            desk.icons,
            lambda: None,
            lambda _environment, _changed: None,
            open_url=self._open,
        )
        desk.show(self.pane.widget, 640, 420)

    def _open(self, url: QUrl) -> bool:
        self.opened.append(url.toString())
        return True

    def show(self, qtbot: QtBot) -> None:
        """Follow the environment and wait for its list."""
        self.pane.show(self.environment)
        qtbot.waitUntil(lambda: self.pane.model.installed is not None)

    def shown(self) -> list[str]:
        """Names in the list, as they are painted."""
        rows = self.pane.view.list.rows
        return [str(rows.index(place, 0).data()) for place in range(rows.rowCount())]

    def click(self, button: object) -> None:
        """A real click."""
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)  # type: ignore[call-overload]  # a QWidget


@pytest.fixture
def bench(qapp: object, tmp_path: Path) -> Iterator[Bench]:
    with pane_desk(tmp_path) as desk:
        made = Bench(desk, tmp_path)
        write_dist(made.site, "charts", "1.0", "Summary: Draws", "License: MIT", "Requires-Dist: axes", requested=True)
        write_dist(made.site, "axes", "0.5", "License-Expression: GPL-3.0-only", "Home-page: https://axes.example")
        write_dist(made.site, "broken", "3.0")
        (made.site / "broken-3.0.dist-info" / "METADATA").unlink()
        yield made
        made.pane.close()
        made.packages.close()


def test_list_shows_versions_licences_and_what_is_damaged(bench: Bench, qtbot: QtBot) -> None:
    bench.show(qtbot)
    assert bench.shown() == ["axes", "broken", "charts"]
    assert bench.pane.view.count.text() == "3 packages, 0\N{NO-BREAK SPACE}B"
    bench.click(bench.pane.view.kinds[1])
    assert bench.shown() == ["broken", "charts"]
    bench.click(bench.pane.view.kinds[3])
    assert bench.shown() == ["broken"]
    bench.click(bench.pane.view.kinds[0])
    box = bench.pane.widget.header.filter_box
    assert box is not None
    QTest.keyClicks(box, "draws")
    assert bench.shown() == ["charts"]
    assert bench.pane.view.count.text() == "1 of 3 packages, 0\N{NO-BREAK SPACE}B"


def test_details_lead_to_neighbours_and_the_page(bench: Bench, qtbot: QtBot) -> None:
    bench.show(qtbot)
    view = bench.pane.view
    view.list.setCurrentIndex(view.list.rows.index(2, 0))
    text = view.details.toPlainText()
    assert "charts 1.0" in text
    assert "Draws" in text
    assert "could not check" in text
    view.details.link_asked.emit("package:axes")
    assert view.list.currentIndex().data() == "axes"
    assert "charts" in view.details.toPlainText()  # who needs it
    view.details.link_asked.emit("https://axes.example")
    assert bench.opened == ["https://axes.example"]
    view.details.link_asked.emit("file:///etc/passwd")
    assert len(bench.opened) == 1


def test_policy_marks_what_is_installed_and_a_request_is_copied(bench: Bench, qtbot: QtBot) -> None:
    (bench.project / "fourpane-policy.toml").write_text(
        '[licences]\ndenied = ["GPL-*"]\nunknown = "allowed"\n[approval]\ncontact = "it@example.org"\n'
    )
    bench.show(qtbot)
    bench.click(bench.pane.view.kinds[3])
    assert bench.shown() == ["axes", "broken"]
    bench.desk.commands.run("packages.copy_request")
    text = QGuiApplication.clipboard().text()
    assert text.startswith("To: it@example.org\n")
    assert "axes 0.5, licence GPL-3.0-only: denied." in text


def test_removal_shows_who_needs_it_and_leaves_all_as_it_is(bench: Bench, qtbot: QtBot) -> None:
    bench.show(qtbot)
    view = bench.pane.view
    view.list.setCurrentIndex(view.list.rows.index(0, 0))
    bench.desk.commands.run("packages.remove")
    qtbot.waitUntil(lambda: bench.pane.model.plan is not None)
    assert view.sheet.isVisible()
    assert "charts needs axes and may stop working." in view.sheet.text
    assert view.sheet.accept.text() == "Remove axes"
    bench.click(view.sheet.reject)
    assert not view.sheet.isVisible()
    assert bench.shown() == ["axes", "broken", "charts"]


def test_denied_plan_cannot_be_accepted(bench: Bench, qtbot: QtBot) -> None:
    bench.show(qtbot)
    verdict = PolicyVerdict("axes", "1.0", Standing.DENIED, ("The policy denies axes.",))
    plan = Plan(Act.INSTALL, ("axes",), (Change("axes", "", "1.0", is_asked=True),), verdicts=(verdict,))
    bench.pane.model.propose(bench.environment, plan)
    sheet = bench.pane.view.sheet
    assert not sheet.accept.isEnabled()
    assert sheet.request.isVisible()
    assert "The policy denies axes." in sheet.text
    bench.desk.commands.run("packages.accept")
    assert isinstance(bench.desk.errors[-1] if bench.desk.errors else bench.pane.model.problem, PackageError)


def test_plan_says_into_which_library_and_what_else_could_be_done(bench: Bench, qtbot: QtBot) -> None:
    bench.show(qtbot)
    changes = (Change("axes", "", "1.0", is_asked=True),)
    plan = Plan(Act.INSTALL, ("axes",), changes, notes=("Debian has it <built>.",), library=Path("/r-library"))
    bench.pane.model.propose(bench.environment, plan)
    sheet = bench.pane.view.sheet
    assert f"Into the library {Path('/r-library')}" in sheet.text
    assert "Debian has it <built>." in sheet.text
    assert sheet.accept.isEnabled()


def test_names_are_offered_while_typing(bench: Bench, qtbot: QtBot) -> None:
    bench.show(qtbot)
    bench.names.write(bench.packages.origin(bench.environment), ["seaborn", "sea", "research", "numpy"])
    found: list[tuple[str, ...]] = []
    bench.pane.model.names_found.connect(found.append)
    bench.pane.view.box.setFocus()
    QTest.keyClicks(bench.pane.view.box, "sea")
    qtbot.waitUntil(lambda: bool(found) and bool(found[-1]))
    assert found[-1] == ("sea", "seaborn", "research")
    assert bench.pane.model.has_names


def test_search_is_by_what_fits_best() -> None:
    names = ("scikit-learn", "Learn_X", "xlearn", "numpy")
    assert search(names, "learn") == ("Learn_X", "xlearn", "scikit-learn")
    assert search(names, "scikit.LEARN") == ("scikit-learn",)
    assert search(names, " ") == ()


def test_remark_offers_its_command_until_it_is_answered(bench: Bench, qtbot: QtBot) -> None:
    bench.show(qtbot)
    ran: list[str] = []
    bench.desk.commands.add(Command("session.restart", "Restart"), lambda: ran.append("restart"))
    bench.pane.model.say(Remark("charts is loaded.", "session.restart", "Restart session"))
    assert bench.pane.view.bar.text == "charts is loaded."
    bench.click(bench.pane.view.bar.buttons[0])
    assert ran == ["restart"]


def test_nothing_is_read_before_the_pane_is_seen(qapp: object, tmp_path: Path, qtbot: QtBot) -> None:
    with pane_desk(tmp_path) as desk:
        made = Bench(desk, tmp_path)
        made.pane.widget.hide()
        made.pane.show(made.environment)
        assert desk.tasks.open == ()
        made.pane.widget.show()
        qtbot.waitUntil(lambda: made.pane.model.installed is not None)
        made.pane.close()
        made.packages.close()


def test_without_an_environment_it_says_what_will_appear(bench: Bench) -> None:
    assert bench.desk.commands.is_enabled("packages.install") is False
    assert "appear here" in bench.pane._empty.text
