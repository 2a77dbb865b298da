"""Every kind of Python gives a working console though it lacks ipykernel: code, names, and an untouched environment.

ipykernel is fetched once for each kind of Python, as for a user, and kept in `build/` for the next run of the tests.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ide._paths import plugins_dir
from ide.core.environment import Environment, Health
from ide.core.runs import RunStatus
from ide.environments import Environments, Machine, launch_for
from ide.extensions.extensions import Extensions
from tests.fakes.ui_thread import FakeUiThread
from tests.kernel.conftest import OpenKernels
from tests.kernel.kit import ROOT, Watcher, agent_of
from tests.kernel.test_environments import Trust, base_python

SIDE_FOLDERS = ROOT / "build" / "side-folders"


def conda_prefix(folder: Path) -> Path:
    """A prefix as conda lays it out: records of packages, the Python inside, nothing of a venv."""
    base = base_python()
    prefix = folder / "miniforge3" / "envs" / "stats"
    (prefix / "conda-meta").mkdir(parents=True)
    version = sys.version.split()[0]
    record = {"name": "python", "version": version, "build": "0", "files": ["bin/python"]}
    (prefix / "conda-meta" / f"python-{version}-0.json").write_text(json.dumps(record))
    (prefix / "bin").mkdir()
    program = prefix / "bin" / "python"
    program.write_text(f'#!/bin/sh\nexec "{base}" "$@"\n')
    program.chmod(0o755)
    return program


def pypy(_folder: Path) -> Path:
    found = shutil.which("pypy3")
    assert found, "PyPy is not installed: `python dev.py setup` does it"
    return Path(found)


def own_base(_folder: Path) -> Path:
    return base_python()


def at_once(
    work: Callable[[], object], done: Callable[..., None], failed: Callable[[Exception], None]
) -> Callable[[], None]:
    try:
        value = work()
    except Exception as error:  # noqa: BLE001 - a pool hands every error on
        failed(error)
    else:
        done(value)
    return lambda: None


@pytest.mark.parametrize(
    ("make", "kind", "implementation"),
    [(own_base, "", "cpython"), (conda_prefix, "conda", "cpython"), (pypy, "system", "pypy")],
    ids=["cpython", "conda", "pypy"],
)
def test_python_without_ipykernel_gives_a_working_console(
    make: Callable[[Path], Path],
    kind: str,
    implementation: str,
    tmp_path: Path,
    work: Path,
    open_kernels: OpenKernels,
    ui: FakeUiThread,
) -> None:
    program = make(tmp_path)
    environments = Environments(tmp_path / "state.json", SIDE_FOLDERS, machine=Machine.here(), pool=at_once)
    found = environments.add(program)
    assert (found.implementation, kind in ("", found.kind)) == (implementation, True)
    prepared: list[Environment | Exception] = []
    environments.prepare(found, prepared.append, prepared.append)
    (ready,) = prepared
    assert isinstance(ready, Environment), ready
    assert ready.health is Health.READY
    (tmp_path / "private").mkdir()
    launch = launch_for(
        ready,
        work,
        Trust(True),
        Extensions(plugins_dir()).language,
        private_folder=tmp_path / "private",
        side_folder=environments.side_folder(ready),
    )
    watcher = Watcher(open_kernels(agent_of=agent_of).start(launch), ui)
    watcher.wait_state("idle", 60)
    run = watcher.execute("import sys, ipykernel; ages = [31, 42]; print(sys.implementation.name, ipykernel.__file__)")
    assert run.status is RunStatus.OK
    name, place = watcher.text(run.id).split()
    assert name == implementation
    assert place.startswith(str(SIDE_FOLDERS))
    watcher.wait(lambda: "ages" in watcher.session.names.variables, what="the name in the list")
    assert watcher.execute("1 / 0").status is RunStatus.ERROR
