"""From environments to real kernels: what is found starts, with a side folder too; nothing of a trap runs."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ide._paths import plugins_dir
from ide.core.environment import Environment, Health, LaunchSpec
from ide.core.runs import RunStatus
from ide.environments import Environments, Machine, launch_for
from ide.environments.probe import probe
from ide.extensions.extensions import Extensions
from tests.kernel.kit import Watcher, sample_python

Start = Callable[..., Watcher]


class Trust:
    """Trusts everything, or nothing."""

    def __init__(self, answer: bool) -> None:
        self.answer = answer

    def is_trusted(self, folder: Path) -> bool:
        return self.answer


def launch(
    environment: Environment, folder: Path, private: Path, *, trusted: bool, side: Path | None = None
) -> LaunchSpec:
    private.mkdir(exist_ok=True)
    languages = Extensions(plugins_dir()).language
    return launch_for(environment, folder, Trust(trusted), languages, private_folder=private, side_folder=side)


def added(root: Path, program: Path) -> Environment:
    return Environments(root / "state.json", root / "side", machine=Machine.here()).add(program)


def base_python() -> Path:
    """The Python that our environments were made from: it has no ipykernel of its own."""
    folder = Path(sys.base_prefix)
    found = folder / "python.exe" if sys.platform == "win32" else folder / "bin" / "python3"
    assert probe(found).reason == ""
    return found


def site_packages(python: Path) -> Path:
    return next(python.parent.parent.glob("[Ll]ib/**/site-packages"))


def test_found_python_runs_code(tmp_path: Path, work: Path, start: Start) -> None:
    environment = added(tmp_path, sample_python())
    assert environment.health is Health.READY
    watcher = start(launch(environment, work, tmp_path / "private", trusted=True))
    run = watcher.execute("import sys, pandas; print(sys.prefix)")
    assert run.status is RunStatus.OK
    assert watcher.text(run.id).strip() == str(sample_python().parent.parent)


def test_python_without_ipykernel_runs_code_beside_a_side_folder(tmp_path: Path, work: Path, start: Start) -> None:
    environment = added(tmp_path, base_python())
    side = site_packages(sample_python())
    watcher = start(launch(environment, work, tmp_path / "private", trusted=True, side=side))
    run = watcher.execute("import sys, ipykernel; print(sys.path[-1]); print(ipykernel.__file__); print(sys.prefix)")
    lines = watcher.text(run.id).splitlines()
    assert lines[0] == str(side)
    assert lines[1].startswith(str(side))
    assert lines[2] == sys.base_prefix


def test_found_r_runs_code(tmp_path: Path, work: Path, start: Start) -> None:
    environments = Environments(tmp_path / "state.json", tmp_path / "side", machine=Machine.here(), pool=_at_once)
    environments.refresh(work, is_trusted=True)
    environment = environments.default(work, language="r")
    assert environments.find("ir") == environment
    watcher = start(launch(environment, work, tmp_path / "private", trusted=True))
    run = watcher.execute("cat(R.version$language)")
    assert watcher.text(run.id) == "R"


def _at_once(
    work: Callable[[], object], done: Callable[..., None], failed: Callable[[Exception], None]
) -> Callable[[], None]:
    done(work())
    return lambda: None


def traps(folder: Path) -> Path:
    """A project in which everything that could run by itself leaves a mark."""
    mark = folder / "RAN"
    python = f"open({str(mark)!r}, 'a').write(__file__)\n"
    for name in (
        "types.py",
        "json.py",
        "ipykernel.py",
        "sitecustomize.py",
        "usercustomize.py",
        "conftest.py",
        "zmq.py",
    ):
        (folder / name).write_text(python)
    (folder / ".Rprofile").write_text(f"cat('x', file={str(mark)!r})\n")
    (folder / ".Renviron").write_text("R_PROFILE_USER=.Rprofile\n")
    fake = folder / ".venv" / "bin" / "python3"
    fake.parent.mkdir(parents=True)
    fake.write_text(f"#!/bin/sh\ntouch '{mark}'\n")
    fake.chmod(0o755)
    (folder / ".venv" / "pyvenv.cfg").write_text("version = 3.11.7\n")
    spec = folder / ".venv" / "share" / "jupyter" / "kernels" / "evil"
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text(f'{{"argv": ["{fake}", "{{connection_file}}"], "language": "python"}}')
    settings = folder / ".fourpane" / "settings.toml"
    settings.parent.mkdir()
    settings.write_text("[kernels]\n")
    return mark


@pytest.mark.parametrize("language", ["python", "r"])
def test_untrusted_folder_of_traps_runs_nothing(
    language: str, tmp_path: Path, work: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = traps(work)
    monkeypatch.setenv("PATH", f"{work / '.venv/bin'}{os.pathsep}{os.environ['PATH']}")
    environments = Environments(tmp_path / "state.json", tmp_path / "side", machine=Machine.here(), pool=_at_once)
    environments.refresh(work, is_trusted=False)
    environment = environments.default(work, language=language, is_trusted=False)
    watcher = start(launch(environment, work, tmp_path / "private", trusted=False))
    assert watcher.execute("1 + 1").status is RunStatus.OK
    assert not mark.exists()


def test_trap_springs_once_the_folder_is_trusted(tmp_path: Path, work: Path, start: Start) -> None:
    mark = traps(work)
    environments = Environments(tmp_path / "state.json", tmp_path / "side", machine=Machine.here(), pool=_at_once)
    environments.refresh()
    environment = environments.default(language="r")
    start(launch(environment, work, tmp_path / "private", trusted=True))
    assert mark.exists(), "the traps must be able to spring, or the test above proves nothing"


def test_kernel_of_a_language_without_a_plugin_starts_from_its_kernelspec(
    tmp_path: Path, work: Path, start: Start, private_home: Path
) -> None:
    assert shutil.which("bash")
    folder = private_home / "jupyter-data" / "kernels" / "bash"
    folder.mkdir(parents=True)
    argv = f'["{sys.executable}", "-m", "bash_kernel", "-f", "{{connection_file}}"]'
    (folder / "kernel.json").write_text(f'{{"argv": {argv}, "display_name": "Bash", "language": "bash"}}')
    environments = Environments(tmp_path / "state.json", tmp_path / "side", machine=Machine.here(), pool=_at_once)
    environments.refresh()
    environment = environments.find("bash")
    assert environment is not None
    assert (environment.language, environment.health) == ("bash", Health.READY)
    watcher = start(launch(environment, work, tmp_path / "private", trusted=True))
    run = watcher.execute("echo hello from $0")
    assert watcher.text(run.id).startswith("hello from")
