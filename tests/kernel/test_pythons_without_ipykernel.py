"""Every kind of Python gives a working console though it lacks ipykernel: code, names, a table, a plot.

Those that uv fetches come from a mirror on this computer, made of the Pythons that lie beside that of the tests.

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
from ide.environments.making.python import make as make_python
from ide.environments.making.wish import Wish
from ide.environments.network import Network
from ide.environments.uv import NoWork, Uv
from ide.extensions.extensions import Extensions
from ide.kernels.table_source import KernelTableSource
from tests.fakes.python_builds import bases, served_builds
from tests.fakes.ui_thread import FakeUiThread
from tests.kernel.conftest import OpenKernels
from tests.kernel.kit import ROOT, Watcher, agent_of
from tests.kernel.test_environments import Trust, base_python

LOOK = (
    "rows = [{'age': age, 'name': name} for age, name in ((31, 'Ada'), (42, 'Bo'), (7, 'Cy'))]\n"
    "from IPython.display import SVG, display\n"
    'display(SVG(\'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>\'))\n'
)
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


def fetched(version: str) -> Callable[[Path], Path]:
    """A Python that uv brings from a mirror in the settings, and the environment that is made of it."""

    def make(folder: Path) -> Path:
        base = bases()[version]
        with pytest.MonkeyPatch.context() as patch, served_builds(folder, version, base, patch) as builds:
            uv = Uv(folder / "uv", Network(python_mirror=builds.address))
            wish = Wish(folder / "envs" / "class", "python", "uv", ".".join(version.split(".")[:2]))
            made = make_python(wish, uv, NoWork())
        assert len(builds.fetched) == 1
        assert made.resolve().is_relative_to((folder / "pythons").resolve())
        return made

    return make


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
    [
        (own_base, "", "cpython"),
        (conda_prefix, "conda", "cpython"),
        (pypy, "system", "pypy"),
        *((fetched(version), "venv", "cpython") for version in bases()),
    ],
    ids=["cpython", "conda", "pypy", *(f"fetched {version}" for version in bases())],
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
    assert watcher.execute(LOOK).status is RunStatus.OK
    assert [sorted(one.data) for one in watcher.displays()] == [["image/svg+xml", "text/plain"]]
    opened: list[KernelTableSource] = []
    failures: list[object] = []
    KernelTableSource.open_table(watcher.session, ["rows"], opened.append, failures.append)
    watcher.wait(lambda: opened or failures, what="the table")
    assert failures == []
    told: list[object] = []
    opened[0].columns(0, 2, lambda columns: told.extend(one.name for one in columns), failures.append)
    watcher.wait(lambda: told or failures, what="its columns")
    assert (opened[0].info.row_count, told) == (3, ["age", "name"])
    opened[0].close()
