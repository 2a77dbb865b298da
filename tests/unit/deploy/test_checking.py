"""A wish becomes what preflight looks at: files, lock and target, each asked where it must be."""

from __future__ import annotations

from pathlib import Path

import pytest

from ide.core.deploy import TargetStatus
from ide.core.errors import DeployError
from ide.deploy.checking import CancelledError, Sources, check
from ide.deploy.preflight import Locked, concerns, is_clear
from ide.deploy.targets import THIS_COMPUTER
from ide.deploy.wishes import Wish


class Steps:
    """Work that notes its steps, and is cancelled at one of them."""

    def __init__(self, cancelled_at: str = "") -> None:
        self.steps: list[str] = []
        self._cancelled_at = cancelled_at

    @property
    def is_cancelled(self) -> bool:
        return bool(self._cancelled_at) and self._cancelled_at in self.steps

    def report(self, step: str, done: int = 0, total: int = 0) -> None:
        if step not in self.steps:
            self.steps.append(step)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "home" / "project"
    folder.mkdir(parents=True)
    (folder / "a.py").write_text("print(1)\n")
    return folder


def sources(project: Path, status: TargetStatus | DeployError) -> Sources:
    def ask(_spec: object) -> TargetStatus:
        if isinstance(status, DeployError):
            raise status
        return status

    return Sources(lambda suffix: None, lambda wish: (Locked(), ()), ask, project.parent, lambda: {"dask": "2026.8.0"})


def test_all_is_asked_in_order(project: Path) -> None:
    work = Steps()
    found = check(Wish(str(project), "a.py", "python"), THIS_COMPUTER, sources(project, TargetStatus(True)), work,
                  language_name="Python")  # fmt: skip
    assert [one.path for one in found.snapshot.files] == ["a.py"]
    assert work.steps[-1] == "Asking “This computer”"
    assert {one.code for one in concerns(found)} == {"lock_missing", "language_missing"}


def test_versions_that_target_and_this_side_must_share_are_compared(project: Path) -> None:
    status = TargetStatus(True, versions={"python": "3.12.1", "dask": "2024.1.0"})
    found = check(Wish(str(project), "a.py", "python"), THIS_COMPUTER, sources(project, status), Steps(),
                  language_name="Python")  # fmt: skip
    (one,) = [one for one in concerns(found) if one.code == "version_unfit"]
    assert one.happened == "The target has dask 2024.1.0, this side has 2026.8.0."


def test_a_target_that_fails_is_told_as_what_blocks(project: Path) -> None:
    broken = sources(project, DeployError("Nobody answers.", advice="Start it."))
    found = check(Wish(str(project), "a.py", "python"), THIS_COMPUTER, broken, Steps(), language_name="Python")
    told = concerns(found)
    assert told[0].happened == "Nobody answers."
    assert told[0].fix == "deploy.edit_target"
    assert not is_clear(told)


def test_it_can_be_cancelled_between_steps(project: Path) -> None:
    work = Steps(cancelled_at="Looking at the files")
    with pytest.raises(CancelledError):
        check(Wish(str(project), "a.py", "python"), THIS_COMPUTER, sources(project, TargetStatus(True)), work,
              language_name="Python")  # fmt: skip
    assert "Asking “This computer”" not in work.steps
