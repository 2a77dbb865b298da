"""Files of a project that say which packages it needs. They are looked at, never run and never changed."""

from __future__ import annotations

from pathlib import Path

from ide.core.record import dataclass
from ide.environments.platform import text_of

# Name, language, whether it is a lock (the exact versions): the most exact first.
_NAMES = (
    ("pylock.toml", "python", True),
    ("uv.lock", "python", True),
    ("poetry.lock", "python", True),
    ("Pipfile.lock", "python", True),
    ("environment.yml", "python", False),
    ("environment.yaml", "python", False),
    ("requirements.txt", "python", False),
    ("Pipfile", "python", False),
    ("pyproject.toml", "python", False),
    ("renv.lock", "r", True),
)
_OF_ONE_TOOL = ("renv.lock",)
_DEPENDENCIES = ("dependencies", "[tool.poetry", "[tool.pixi", "[dependency-groups]")


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """A file that lists packages; `is_lock` where it names exact versions."""

    path: Path
    language: str
    is_lock: bool

    @property
    def can_be_made(self) -> bool:
        """Whether an environment can be made from it; a lock of renv is read by renv alone."""
        return self.path.name not in _OF_ONE_TOOL


def project_files(project: Path) -> tuple[ProjectFile, ...]:
    """Such files right inside `project`, the most exact of each language first. Looks at the disk: for the pool."""
    found = (ProjectFile(project / name, language, is_lock) for name, language, is_lock in _NAMES)
    return tuple(one for one in found if _is_such(one.path))


def _is_such(path: Path) -> bool:
    """Many a `pyproject.toml` only sets up tools; one that lists packages says so in one of few words."""
    if path.name != "pyproject.toml":
        return path.is_file()
    text = text_of(path)
    return any(word in text for word in _DEPENDENCIES)
