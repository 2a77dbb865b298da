"""The dialogs about whole environments: what is chosen becomes a wish, bad names are said, failures can be mended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from ide.core.errors import PackageError
from ide.environments.making.versions import VersionOffer
from ide.environments.making.wish import Wish, templates
from ide.shell.create_dialog import FROM_FILE, CreateDialog, CreateOffers
from ide.shell.name_dialog import NameDialog
from tests.fakes.pane_desk import PaneDesk, pane_desk

HERE = VersionOffer("3.11.7", Path("/usr/bin/python3"))
FETCHED = VersionOffer("3.13")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[PaneDesk]:
    with pane_desk(tmp_path) as made:
        yield made


@pytest.fixture
def dialog(tmp_path: Path, desk: PaneDesk) -> Iterator[CreateDialog]:
    (tmp_path / "made" / "taken" / "lib").mkdir(parents=True)
    (tmp_path / "project").mkdir()
    offers = CreateOffers(
        {"python": "Python", "r": "R"},
        {"python": "uv", "r": "conda"},
        {"python": (HERE, FETCHED), "r": (VersionOffer("4.4"),)},
        templates(),
        tmp_path / "made",
        tmp_path / "project",
    )
    made = CreateDialog(offers, desk.theme, desk.icons, desk.show(QWidget()))
    made.show()
    yield made
    if isValid(made):
        made.reject()


def asked(dialog: CreateDialog) -> list[Wish]:
    heard: list[Wish] = []
    dialog.asked.connect(heard.append)
    return heard


def test_what_is_chosen_becomes_a_wish(dialog: CreateDialog, tmp_path: Path) -> None:
    heard = asked(dialog)
    dialog.choose(packages=("charts", "pandas"))
    assert dialog.packages.text().split().count("pandas") == 1
    dialog.name.selectAll()
    QTest.keyClicks(dialog.name, "my class")
    dialog.confirm.click()
    dialog.version.setCurrentIndex(1)
    dialog.confirm.click()
    first, second = heard
    assert (first.place, first.language, first.interpreter) == (tmp_path / "made" / "my class", "python", HERE.program)
    assert {"charts", "pandas"} <= set(first.packages)
    assert (second.version, second.interpreter) == ("3.13", None)


def test_another_language_brings_its_versions_and_packages(dialog: CreateDialog) -> None:
    dialog.choose(language="r")
    assert dialog.version.currentText().split()[0] == "4.4"
    assert "pandas" not in dialog.packages.text().split()
    assert (dialog.wish().language, dialog.wish().way) == ("r", "conda")


def test_file_and_project_as_the_place_are_taken_over(dialog: CreateDialog, tmp_path: Path) -> None:
    source = tmp_path / "project" / "requirements.txt"
    source.write_text("pandas\n")
    dialog.choose(source=source, in_project=True)
    assert dialog.template.currentData() == FROM_FILE
    wish = dialog.wish()
    assert (wish.source, wish.packages, wish.place) == (source, (), tmp_path / "project" / ".venv")


def test_name_in_use_is_said_and_cannot_be_made(dialog: CreateDialog) -> None:
    dialog.name.setText("taken")
    assert dialog.problem.text()
    assert not dialog.confirm.isEnabled()
    dialog.name.setText("free")
    assert not dialog.problem.text()
    assert dialog.confirm.isEnabled()


def test_failure_is_told_and_tried_again_or_changed(dialog: CreateDialog) -> None:
    heard = asked(dialog)
    dialog.begin("Making “class”")
    dialog.show_step("Fetching Python", 3, 10)
    assert not dialog.confirm.isVisible()
    dialog.show_failure(PackageError("“class” could not be made.", "The disk is full."))
    assert dialog.confirm.text() == "Try again"
    dialog.confirm.click()
    assert len(heard) == 1
    dialog.show_failure(PackageError("“class” could not be made.", "The disk is full."))
    dialog.back.click()
    assert dialog.packages.isVisible()


def test_closing_cancels_what_runs_and_only_that(dialog: CreateDialog) -> None:
    heard: list[bool] = []
    dialog.cancelled.connect(lambda: heard.append(True))
    dialog.begin("Making “class”")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert heard == [True]
    assert not dialog.isVisible()


def test_name_for_a_copy_is_checked_while_it_is_typed(desk: PaneDesk) -> None:
    def problem_of(name: str) -> str:
        return "There is one of that name." if name == "taken" else ""

    owner = desk.show(QWidget())
    made = NameDialog("Duplicate environment", "A copy.", "class-copy", "Duplicate", problem_of, desk.theme, owner)
    heard: list[str] = []
    made.named.connect(heard.append)
    made.show()
    assert made.name.selectedText() == "class-copy"
    QTest.keyClicks(made.name, "taken")
    assert (made.problem.text(), made.ok.isEnabled()) == ("There is one of that name.", False)
    QTest.keyClick(made.name, Qt.Key.Key_Return)
    assert heard == []
    QTest.keyClicks(made.name, " two")
    QTest.keyClick(made.name, Qt.Key.Key_Return)
    assert heard == ["taken two"]
    assert not made.isVisible()
