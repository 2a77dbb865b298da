"""The sheet of a deploy: what it shows, and that each change of the user's is told as a wish."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from ide.core.deploy import Concern, TargetOption, TargetSpec, TargetStatus
from ide.deploy.inputs import Examination
from ide.deploy.preflight import Preflight
from ide.deploy.snapshot import LeftOut, Snapshot, SourceFile
from ide.deploy.targets import THIS_COMPUTER
from ide.deploy.wishes import Wish
from ide.shell.deploy_sheet import DeploySheet
from tests.fakes.pane_desk import pane_desk

PAID = TargetSpec("t", "Team", "gateway", price_per_worker_hour=2.0, currency="EUR")
WISH = Wish("/p", "a.py", "python")


@pytest.fixture
def sheet(tmp_path: Path, qtbot: QtBot) -> Iterator[DeploySheet]:
    with pane_desk(tmp_path) as desk:
        owner = desk.show(QWidget())
        made = DeploySheet(WISH, (THIS_COMPUTER, PAID), desk.theme, desk.icons, owner)
        made.show()
        yield made
        made.reject()


def checked(options: tuple[TargetOption, ...] = ()) -> Preflight:
    files = (SourceFile("a.py", 10, 0), SourceFile("data.csv", 2_000, 0))
    snapshot = Snapshot(Path("/p"), "a.py", files, (LeftOut("big.bin", "named in .gitignore"),))
    return Preflight(snapshot, Examination(), "python", "Python", TargetStatus(True, options=options))


def wishes(sheet: DeploySheet) -> list[Wish]:
    told: list[Wish] = []
    sheet.wished.connect(told.append)
    return told


def test_files_are_left_out_and_taken_in_by_their_boxes(sheet: DeploySheet) -> None:
    told = wishes(sheet)
    sheet.show_checked(WISH, checked(), ())
    assert sheet.confirm.isEnabled()
    assert sheet.sum.text() == "2 files, 2.01 kB are sent"
    rows = [sheet.files.topLevelItem(row) for row in range(3)]
    assert rows[0] is not None
    assert not rows[0].flags() & Qt.ItemFlag.ItemIsUserCheckable
    assert rows[1] is not None
    assert rows[2] is not None
    rows[1].setCheckState(0, Qt.CheckState.Unchecked)
    rows[2].setCheckState(0, Qt.CheckState.Checked)
    assert (told[-1].excluded, told[-1].included) == (("data.csv",), ("big.bin",))


def test_what_blocks_keeps_it_here_and_offers_its_fix(sheet: DeploySheet) -> None:
    asked: list[Concern] = []
    sheet.fix_asked.connect(asked.append)
    locked = Concern("lock_missing", "block", "Not locked.", fix="deploy.lock", fix_label="Lock")
    sheet.show_checked(WISH, checked(), (locked,))
    assert not sheet.confirm.isEnabled()
    assert [button.text() for button in sheet.problems] == ["Lock"]  # nobody can accept what is not possible
    sheet.problems[0].click()
    assert asked == [locked]


def test_cost_follows_target_workers_and_limits(sheet: DeploySheet) -> None:
    told = wishes(sheet)
    sheet.show_checked(WISH, checked(), ())
    assert sheet.cost.text() == "It costs nothing."
    sheet.where.setCurrentIndex(1)
    assert told[-1].target == "t"
    sheet.workers.setValue(3)
    sheet.minutes.setValue(30)
    assert sheet.cost.text() == "It costs 6.00 EUR per hour, 3.00 EUR at most."
    assert (told[-1].resources.workers, told[-1].resources.time_limit_s) == (3, 1_800.0)


def test_options_of_a_gateway_become_fields(sheet: DeploySheet) -> None:
    told = wishes(sheet)
    options = (
        TargetOption("cores", "Cores", "int", 1, minimum=1, maximum=4),
        TargetOption("image", "Image", "choice", "b", choices=("a", "b")),
        TargetOption("environment", "Environment", "mapping", {"A": "1"}),
        TargetOption("gpu", "Graphics card", "bool", default=False),
    )
    sheet.show_checked(WISH, checked(options), ())
    assert sheet.options is not None
    cores = sheet.options.control("cores")
    assert isinstance(cores, QSpinBox)
    cores.setValue(9)
    wanted = {"cores": 4, "image": "b", "environment": {"A": "1"}, "gpu": False}
    assert told[-1].resources.options == wanted


def test_a_secret_is_told_when_it_was_typed(sheet: DeploySheet) -> None:
    told: list[dict[str, str]] = []
    sheet.secrets_given.connect(told.append)
    sheet.show_checked(WISH, checked(), (), ("TOKEN",))
    sheet.secrets["TOKEN"].setText("x")
    sheet.secrets["TOKEN"].editingFinished.emit()
    assert told == [{"TOKEN": "x"}]
    assert sheet.secrets["TOKEN"].echoMode() is sheet.secrets["TOKEN"].EchoMode.Password
