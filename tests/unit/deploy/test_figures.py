"""Figures of a script become files, with the matplotlib that a user has."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from ide.deploy.dask_jobs import figures
from tests.fakes.linked_env import SAMPLE_PYTHON

SHOWN = """
import matplotlib.pyplot as plt
plt.plot([1, 2])
plt.show()
plt.figure()
plt.plot([2, 1])
plt.savefig("outputs/mine.png")
plt.figure()
plt.plot([3])
"""


def test_shown_and_open_figures_are_saved_and_one_that_the_script_saved_is_not_again(tmp_path: Path) -> None:
    work = tmp_path / "files"
    (work / "outputs").mkdir(parents=True)
    variables = {**os.environ, **figures.variables(tmp_path)}

    subprocess.run([SAMPLE_PYTHON, "-c", SHOWN], cwd=work, env=variables, check=True, timeout=100)

    assert sorted(path.name for path in (work / "outputs").iterdir()) == ["figure-1.png", "figure-2.png", "mine.png"]


def test_script_without_matplotlib_is_left_alone(tmp_path: Path) -> None:
    variables = {**os.environ, **figures.variables(tmp_path)}

    subprocess.run([SAMPLE_PYTHON, "-c", "print(1)"], cwd=tmp_path, env=variables, check=True, timeout=100)

    assert not (tmp_path / "outputs").exists()
