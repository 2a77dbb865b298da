"""What a project brings is seen, and offered once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ide.core.environment import Environment
from ide.environments.environments import Environments
from ide.environments.project_files import project_files
from tests.unit.environments import machines
from tests.unit.environments.machines import machine
from tests.unit.environments.test_environments import at_once

OTHER = Environment("/other", "other", "python", "venv", Path("/other"))
R = Environment("/R", "R", "r", "r", Path("/R"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def looked(root: Path, project: Path, *, is_trusted: bool = True) -> Environments:
    environments = Environments(root / "state.json", root / "side", machine=machine(root), pool=at_once)
    environments.refresh(project, is_trusted=is_trusted)
    return environments


def test_files_that_list_packages_are_seen_the_most_exact_first(project: Path) -> None:
    for name in ("requirements.txt", "pylock.toml", "environment.yml", "renv.lock", "notes.txt"):
        (project / name).write_text("")
    (project / "poetry.lock").mkdir()
    names = [one.path.name for one in project_files(project)]
    assert names == ["pylock.toml", "environment.yml", "requirements.txt", "renv.lock"]


@pytest.mark.parametrize(
    ("text", "is_seen"),
    [
        ("[tool.ruff]\nline-length = 100\n", False),
        ("[project]\ndependencies = ['pandas']\n", True),
        ("[tool.poetry]", True),
    ],
)
def test_pyproject_counts_where_it_lists_packages(project: Path, text: str, is_seen: bool) -> None:
    (project / "pyproject.toml").write_text(text)
    assert bool(project_files(project)) is is_seen


def test_own_environment_is_offered_once_while_another_is_in_use(tmp_path: Path, project: Path) -> None:
    program = machines.venv(project / ".venv", kernel=True)
    (project / "requirements.txt").write_text("pandas\n")
    environments = Environments(tmp_path / "state.json", tmp_path / "side", machine=machine(tmp_path))
    own = Environment(str(program), ".venv", "python", "venv", program, is_in_project=True)
    environments._all = (own,)
    assert environments.offer(project, [replace(own, version="3.11.7", reason="probed since")]) is None
    (tmp_path / "link").symlink_to(project / ".venv", target_is_directory=True)
    by_link = tmp_path / "link" / program.relative_to(project / ".venv")
    assert environments.offer(project, [replace(own, id=str(by_link), interpreter=by_link)]) is None
    assert environments.offer(project, [R]) is None, "Python has not begun yet, and will begin in it"
    offer = environments.offer(project, [R, OTHER])
    assert offer is not None
    assert (offer.environment, offer.file) == (own, None)
    assert environments.offer(project, [OTHER]) is None
    again = Environments(tmp_path / "state.json", tmp_path / "side", machine=machine(tmp_path))
    again._all = (own,)
    assert again.offer(project, [OTHER]) is None


def test_file_is_offered_where_there_is_no_environment_and_no_choice(tmp_path: Path, project: Path) -> None:
    (project / "requirements.txt").write_text("pandas\n")
    offer = looked(tmp_path, project).offer(project, [OTHER])
    assert offer is not None
    assert offer.file is not None
    assert (offer.environment, offer.file.path.name) == (None, "requirements.txt")
    (project / "pylock.toml").write_text("")
    assert looked(tmp_path, project).offer(project, [OTHER]) is not None, "it is another offer"
    (project / "uv.lock").write_text("")
    environments = looked(tmp_path, project)
    environments.choose(OTHER, project)
    (project / "pylock.toml").unlink()
    environments.refresh(project, is_trusted=True)
    assert environments.offer(project, [OTHER]) is None


def test_file_that_an_environment_can_be_made_from_is_offered_before_a_lock_of_renv(
    tmp_path: Path, project: Path
) -> None:
    (project / "renv.lock").write_text("")
    for name, can_be_made in (("Pipfile", True), ("poetry.lock", True), ("uv.lock", True)):
        (project / name).write_text("")
        offer = looked(tmp_path, project).offer(project, [])
        assert offer is not None
        assert offer.file is not None
        assert (offer.file.path.name, offer.file.can_be_made) == (name, can_be_made)
    for name in ("Pipfile", "poetry.lock", "uv.lock"):
        (project / name).unlink()
    offer = looked(tmp_path, project).offer(project, [])
    assert offer is not None
    assert offer.file is not None
    assert (offer.file.path.name, offer.file.can_be_made) == ("renv.lock", False)


def test_project_without_either_is_left_alone(tmp_path: Path, project: Path) -> None:
    assert looked(tmp_path, project).offer(project, [OTHER]) is None
