"""The form of targets: what is typed becomes a target, its secrets told apart; mistakes are named before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from ide.core.deploy import TargetOption, TargetSpec, TargetStatus
from ide.deploy.targets import THIS_COMPUTER, KindFacts
from ide.shell.targets_dialog import TargetsDialog
from tests.fakes.pane_desk import pane_desk

LOCAL = KindFacts("local", "This computer", "Beside the window.")
TEAM = KindFacts(
    "gateway", "Dask Gateway", "A cluster that your team shares.",
    (
        TargetOption("address", "Address", "text", is_required=True),
        TargetOption("auth", "Login", "choice", "basic", ("basic", "jupyterhub")),
        TargetOption("password", "Password", "secret"),
    ),
)  # fmt: skip
SAVED = TargetSpec("t1", "Team", "gateway", {"address": "https://one", "auth": "jupyterhub"}, ("password",), 2.5, "EUR")


@pytest.fixture
def dialog(tmp_path: Path, qtbot: QtBot) -> Iterator[TargetsDialog]:
    with pane_desk(tmp_path) as desk:
        owner = desk.show(QWidget())
        made = TargetsDialog((THIS_COMPUTER, SAVED), (LOCAL, TEAM), desk.theme, desk.icons, owner)
        made.show()
        yield made
        made.reject()


def told(dialog: TargetsDialog) -> list[tuple[TargetSpec, dict[str, str]]]:
    heard: list[tuple[TargetSpec, dict[str, str]]] = []
    dialog.saved.connect(lambda spec, secrets: heard.append((spec, secrets)))
    return heard


def type_into(dialog: TargetsDialog, name: str, text: str) -> None:
    assert dialog.form is not None
    line = dialog.form.control(name)
    assert isinstance(line, QLineEdit)
    line.setText(text)


def test_this_computer_has_nothing_to_set_up_and_stays(dialog: TargetsDialog) -> None:
    assert not dialog.fields.isVisible()
    assert not dialog.remove.isEnabled()
    assert not dialog.save.isEnabled()
    asked: list[TargetSpec] = []
    dialog.test_asked.connect(lambda spec, _secrets: asked.append(spec))
    dialog.test.click()
    assert asked == [THIS_COMPUTER]


def test_saved_target_is_shown_as_it_was_saved(dialog: TargetsDialog) -> None:
    dialog.choose("t1")
    assert dialog.spec == SAVED


def test_new_target_is_named_filled_in_and_saved_with_its_secret_apart(dialog: TargetsDialog) -> None:
    heard = told(dialog)
    dialog.begin("gateway")
    assert not dialog.save.isEnabled()
    assert dialog.save.toolTip() == "Address is missing."
    type_into(dialog, "address", "https://two")
    type_into(dialog, "password", "swordfish")
    dialog.name.setText("team")
    assert dialog.save.toolTip() == "Another target has this name."
    dialog.name.setText("Other team")
    dialog.save.click()
    ((spec, secrets),) = heard
    assert (spec.name, spec.kind, spec.secrets) == ("Other team", "gateway", ("password",))
    assert spec.options == {"address": "https://two", "auth": "basic"}
    assert secrets == {"password": "swordfish"}
    assert [dialog.list.item(row).text() for row in range(3)] == ["This computer", "Team", "Other team"]


def test_test_asks_what_stands_in_the_form_and_its_answer_is_told(dialog: TargetsDialog) -> None:
    asked: list[tuple[TargetSpec, dict[str, str]]] = []
    dialog.test_asked.connect(lambda spec, secrets: asked.append((spec, secrets)))
    dialog.choose("t1")
    type_into(dialog, "address", "https://three")
    dialog.test.click()
    assert asked[0][0].options["address"] == "https://three"
    dialog.show_testing(asked[0][0])
    assert not dialog.test.isEnabled()
    dialog.show_tested(TargetStatus(False, "It refused the password.", advice="Type it again."))
    assert dialog.told.text() == "It refused the password. Type it again."
    dialog.show_tested(TargetStatus(True, versions={"dask": "2026.8.0"}, limits={"workers": 3}))
    assert dialog.told.text() == "It works: dask 2026.8.0. Up to 3 workers."
    assert dialog.test.isEnabled()


def test_removed_target_is_told_and_one_that_was_never_saved_is_not(dialog: TargetsDialog) -> None:
    gone: list[str] = []
    dialog.removed.connect(gone.append)
    dialog.begin("gateway")
    dialog.remove.click()
    assert gone == []
    dialog.choose("t1")
    dialog.remove.click()
    assert gone == ["t1"]
    assert dialog.list.count() == 1


def test_kind_without_its_plugin_is_named_and_can_be_removed(dialog: TargetsDialog) -> None:
    dialog._list(TargetSpec("x", "Old", "mainframe"))
    dialog.choose("x")
    assert dialog.about.text() == "The plugin for “mainframe” is not here."
    assert dialog.remove.isEnabled()
    assert not dialog.save.isEnabled()
