from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ide._paths import plugins_dir
from ide.core.environment import Environment, Health
from ide.core.errors import KernelError
from ide.core.language import Language
from ide.environments.launch import LAUNCHER, launch_for
from ide.extensions.extensions import Extensions
from tests.unit.environments import machines
from tests.unit.environments.machines import machine, on_path

FILE = "{connection_file}"


class Trust:
    """Trusts everything, or nothing."""

    def __init__(self, answer: bool) -> None:
        self.answer = answer

    def is_trusted(self, folder: Path) -> bool:
        return self.answer


def no_language(id: str) -> Language | None:
    return None


PYTHON = Environment("/p/bin/python3", "p", "python", "venv", Path("/p/bin/python3"), version="3.11.7")


@pytest.mark.parametrize("is_trusted", [True, False])
def test_language_with_a_plugin_starts_through_it(tmp_path: Path, is_trusted: bool) -> None:
    languages = Extensions(plugins_dir()).language
    launch = launch_for(PYTHON, tmp_path / "f", Trust(is_trusted), languages, private_folder=tmp_path / "private")
    assert launch.argv[0] == "/p/bin/python3"
    assert FILE in launch.argv
    assert launch.is_trusted is is_trusted
    assert launch.working_folder == (tmp_path / "f" if is_trusted else tmp_path / "private")


def test_side_folder_is_put_before_the_command(tmp_path: Path) -> None:
    languages = Extensions(plugins_dir()).language
    plain = launch_for(PYTHON, tmp_path, Trust(True), languages, private_folder=tmp_path)
    launch = launch_for(
        PYTHON, tmp_path, Trust(True), languages, private_folder=tmp_path, side_folder=tmp_path / "side"
    )
    at = next(index for index, part in enumerate(plain.argv) if part in ("-c", "-m"))
    assert launch.argv == (*plain.argv[:at], str(LAUNCHER), str(tmp_path / "side"), *plain.argv[at:])


def kernelspec(root: Path) -> tuple[Environment, Path]:
    machines.program(root / "bin/js")
    folder = machines.kernelspec(
        root / "home/.local/share/jupyter/kernels/js",
        argv=["js", "{resource_dir}/main.js", FILE],
        language="javascript",
        env={"JS_HOME": "${HOME_OF_JS}/x"},
        interrupt_mode="message",
    )
    return Environment("js", "JavaScript", "javascript", "kernelspec", root / "bin/js", "js"), folder


@pytest.mark.parametrize("is_trusted", [True, False])
def test_language_without_a_plugin_starts_as_its_kernelspec_says(
    tmp_path: Path, is_trusted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME_OF_JS", "/js")
    environment, folder = kernelspec(tmp_path)
    here = machine(tmp_path, variables=on_path(tmp_path / "bin"))
    private = tmp_path / "private"
    launch = launch_for(
        environment, tmp_path / "f", Trust(is_trusted), no_language, private_folder=private, machine=here
    )
    assert launch.argv == (str(tmp_path / "bin/js"), f"{folder}/main.js", FILE)
    assert launch.variables["JS_HOME"] == "/js/x"
    assert launch.interrupt_mode == "message"
    assert launch.encryption == "ipc"
    assert launch.working_folder == (tmp_path / "f" if is_trusted else private)
    assert ("PYTHONSAFEPATH" in launch.variables) is not is_trusted


def test_kernelspec_of_a_known_language_keeps_its_own_arguments(tmp_path: Path) -> None:
    own = machines.program(tmp_path / "bin/python3")
    machines.kernelspec(
        tmp_path / "home/.local/share/jupyter/kernels/spark", argv=[str(own), "-m", "spark", FILE], language="python"
    )
    environment = Environment("spark", "Spark", "python", "kernelspec", own, "spark")
    languages = Extensions(plugins_dir()).language
    launch = launch_for(
        environment, tmp_path, Trust(True), languages, private_folder=tmp_path, machine=machine(tmp_path)
    )
    assert launch.argv == (str(own), "-m", "spark", FILE)


def test_kernelspec_inside_an_environment_is_found_by_its_folder(tmp_path: Path) -> None:
    own = machines.venv(tmp_path / "v")
    folder = machines.kernelspec(tmp_path / "v/share/jupyter/kernels/odd", argv=["python", "-m", "odd", FILE])
    environment = Environment(str(folder), "Odd", "odd", "kernelspec", own, str(folder))
    launch = launch_for(
        environment, tmp_path, Trust(True), no_language, private_folder=tmp_path, machine=machine(tmp_path)
    )
    assert launch.argv[0] == str(own)


def test_kernelspec_that_is_gone_is_told(tmp_path: Path) -> None:
    environment = Environment("js", "JavaScript", "javascript", "kernelspec", tmp_path / "js", "js")
    with pytest.raises(KernelError, match="cannot start") as told:
        launch_for(environment, tmp_path, Trust(True), no_language, private_folder=tmp_path, machine=machine(tmp_path))
    assert "does not exist any more" in told.value.text


def test_broken_one_is_refused_with_its_reason(tmp_path: Path) -> None:
    broken = replace(PYTHON, health=Health.BROKEN, reason="It is gone.")
    with pytest.raises(KernelError) as told:
        launch_for(broken, tmp_path, Trust(True), no_language, private_folder=tmp_path)
    assert "It is gone." in told.value.text


def test_program_of_an_untrusted_folder_is_refused_with_one_action(tmp_path: Path) -> None:
    inside = replace(PYTHON, interpreter=tmp_path / ".venv/bin/python3")
    languages = Extensions(plugins_dir()).language
    with pytest.raises(KernelError) as told:
        launch_for(inside, tmp_path, Trust(False), languages, private_folder=tmp_path / "private")
    assert told.value.action == "trust.trust"
    assert launch_for(inside, tmp_path, Trust(True), languages, private_folder=tmp_path / "private").is_trusted


# --- launcher.py, in a real interpreter ------------------------------------------------------------------------------


def launched(folder: Path, *arguments: str) -> str:
    argv = [sys.executable, str(LAUNCHER), *arguments]
    return subprocess.run(argv, capture_output=True, text=True, check=True, cwd=folder).stdout


@pytest.fixture
def side(tmp_path: Path) -> Path:
    folder = tmp_path / "side"
    folder.mkdir()
    (folder / "only_beside.py").write_text("import sys\nprint('module', __name__, sys.argv[1:])\n")
    (folder / "platformdirs.py").write_text("origin = 'side folder'\n")
    return folder


def test_code_runs_with_the_side_folder_last(side: Path) -> None:
    code = "import sys, only_beside; print(sys.path[-1]); print(sys.argv, __name__, '__file__' in globals())"
    lines = launched(side.parent, str(side), "-c", code, "-f", "x").splitlines()
    assert lines[1:] == [str(side), "['-c', '-f', 'x'] __main__ False"]


def test_module_runs_as_main_with_its_arguments(side: Path) -> None:
    assert launched(side.parent, str(side), "-m", "only_beside", "-f", "x") == "module __main__ ['-f', 'x']\n"


def test_users_own_package_wins_over_the_side_folder(side: Path) -> None:
    code = "import platformdirs; print(hasattr(platformdirs, 'origin'))"
    assert launched(side.parent, str(side), "-c", code) == "False\n"


def test_launchers_own_folder_hides_no_module(side: Path) -> None:
    code = "import platform, sys; print(platform.__file__)"
    assert str(LAUNCHER.parent) not in launched(side.parent, str(side), "-c", code)


def test_names_of_the_launcher_are_not_the_users(side: Path) -> None:
    assert launched(side.parent, str(side), "-c", "print('main' in globals())") == "False\n"
