"""How kernels start: nothing of an untrusted folder may run (PROMISES D2)."""

from __future__ import annotations

from pathlib import Path

import pytest

from fourpane_plugins.lang_python import launch as python_launch
from fourpane_plugins.lang_r import launch as r_launch
from ide.core.environment import Environment
from ide.core.errors import KernelError
from tests.unit.plugins.languages import PYTHON, R

PYTHON_HERE = Environment("p", "Python", "python", "venv", Path("/e/bin/python"))
R_HERE = Environment("r", "R", "r", "system", Path("/usr/bin/Rscript"))
FOLDER, PRIVATE = Path("/srv/project"), Path("/run/private")


def test_python_never_imports_from_the_folder_by_itself() -> None:
    for is_trusted in (True, False):
        spec = PYTHON.launch(PYTHON_HERE, FOLDER, is_trusted=is_trusted, private_folder=PRIVATE)
        assert spec.variables["PYTHONSAFEPATH"] == "1"
        assert "--InteractiveShellApp.ignore_cwd=True" in spec.argv
        assert "{connection_file}" in spec.argv
        assert "-m" not in spec.argv
        assert spec.variables["FOURPANE_TRUSTED"] == ("1" if is_trusted else "0")


def test_untrusted_kernels_start_in_the_private_folder() -> None:
    for language, environment in ((PYTHON, PYTHON_HERE), (R, R_HERE)):
        spec = language.launch(environment, FOLDER, is_trusted=False, private_folder=PRIVATE)
        assert spec.working_folder == PRIVATE
        assert spec.variables["FOURPANE_FOLDER"] == str(FOLDER)
        assert not spec.is_trusted
        assert language.launch(environment, FOLDER, is_trusted=True, private_folder=PRIVATE).working_folder == FOLDER


def test_r_never_restores_a_workspace() -> None:
    for is_trusted in (True, False):
        spec = R.launch(R_HERE, FOLDER, is_trusted=is_trusted, private_folder=PRIVATE)
        assert {"--no-restore", "--no-save"} <= set(spec.argv)
        assert spec.argv[0] == "/usr/bin/R"


def r_variables(own: dict[str, str], platform: str = "linux", *, is_trusted: bool = False) -> dict[str, str]:
    spec = r_launch.launch(R_HERE, FOLDER, is_trusted=is_trusted, private_folder=PRIVATE, own=own, platform=platform)
    return {name: value for name, value in spec.variables.items() if name.startswith("R_")}


def test_untrusted_r_reads_the_users_own_start_up_files() -> None:
    home = Path("/srv/a")
    expected = {"R_ENVIRON_USER": str(home / ".Renviron"), "R_PROFILE_USER": str(home / ".Rprofile")}
    assert r_variables({"HOME": "/srv/a"}) == expected
    assert r_variables({"HOME": "/srv/a"}, is_trusted=True) == {}
    assert r_variables({}, "win32") == {}
    assert r_variables({"R_USER": "/srv/a"}, "win32") == expected


def test_start_up_files_that_the_user_named_hold_unless_they_lie_in_the_folder() -> None:
    own = {"HOME": "/srv/a", "R_PROFILE_USER": "/etc/mine.R", "R_ENVIRON_USER": "/srv/project/.Renviron"}
    assert r_variables(own) == {"R_ENVIRON_USER": str(Path("/srv/a/.Renviron"))}
    assert "R_PROFILE_USER" in r_variables({"HOME": "/srv/a", "R_PROFILE_USER": "relative.R"})


def test_safe_mode_leaves_out_the_users_files_too() -> None:
    r = r_launch.launch(R_HERE, FOLDER, is_trusted=True, private_folder=PRIVATE, is_safe=True)
    assert {"--no-environ", "--no-init-file", "--no-site-file", "--no-restore"} <= set(r.argv)
    assert r.working_folder == PRIVATE
    python = python_launch.launch(PYTHON_HERE, FOLDER, is_trusted=True, private_folder=PRIVATE, is_safe=True)
    assert "-I" in python.argv
    assert f"--ipython-dir={PRIVATE}" in python.argv
    assert python.working_folder == PRIVATE


def test_environments_programs_are_found_first() -> None:
    spec = python_launch.launch(PYTHON_HERE, FOLDER, is_trusted=True, private_folder=PRIVATE, search_path="/usr/bin")
    assert spec.variables["VIRTUAL_ENV"] == str(Path("/e"))
    assert spec.variables["PATH"].split(":" if ":" in spec.variables["PATH"] else ";")[0] == str(Path("/e/bin"))
    system = Environment("s", "Python", "python", "system", Path("/usr/bin/python3"))
    assert "PATH" not in PYTHON.launch(system, FOLDER, is_trusted=True, private_folder=PRIVATE).variables


def test_conda_on_windows_gets_its_library_folder() -> None:
    conda = Environment("c", "base", "python", "conda", Path("/c/env/python.exe"))
    variables = python_launch._environment_variables(conda, Path("/c/env/python.exe"), "/w", "win32")
    assert variables["CONDA_PREFIX"] == str(Path("/c/env"))
    assert str(Path("/c/env/Library/bin")) in variables["PATH"].split(";")


@pytest.mark.parametrize("language", [PYTHON, R], ids=["python", "r"])
def test_environment_without_a_program_is_refused(language: object) -> None:
    for one in (PYTHON, R):
        with pytest.raises(KernelError):
            one.launch(Environment("x", "x", one.id, "x"), FOLDER, is_trusted=True, private_folder=PRIVATE)


def test_names_in_code_are_data() -> None:
    odd = Path("/a b/$x{y}\"'\\n")
    assert eval(PYTHON.set_folder_code(odd).removeprefix("__import__('os').chdir")) == str(odd)
    assert PYTHON.run_file_code(Path("/a/$x{y}.py")) == '%run -i "/a/$$x{{y}}.py"'
    assert R.set_folder_code(Path('/a"\\b')) == 'setwd("/a\\"\\\\b")'
    assert R.run_file_code(Path("/a.R")).startswith('source("/a.R", echo = TRUE')


def test_agent_is_one_expression_that_names_no_target_but_ours() -> None:
    source = PYTHON.agent()
    assert source is not None
    assert source.target == "fourpane"
    compile(source.code, "x", "eval")
    r = R.agent()
    assert r is not None
    assert r.code.startswith("eval(parse(text = memDecompress(")
