"""Builds the distribution once and installs it in a clean environment, as a user would."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import dev


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the source archive and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    words = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(dev.ROOT)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="session")
def wheel(built: Path) -> Path:
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of an environment with the wheel and the dependencies that the wheel names, nothing else."""
    folder = tmp_path_factory.mktemp("clean") / "environment"
    dev.make_empty_environment(folder)
    locked = re.findall(r"^([\w.\-]+==\S+(?: ; [^\\\n]+)?)", dev.PROGRAM_LOCK.read_text("utf-8"), re.MULTILINE)
    versions = folder / "versions.txt"
    versions.write_text("\n".join(locked), "utf-8")
    dev.install(folder, [str(wheel), "-c", str(versions)])
    return dev.python_of(folder).parent
