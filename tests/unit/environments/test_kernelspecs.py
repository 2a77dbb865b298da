from __future__ import annotations

import os
from pathlib import Path

import pytest

from ide.environments.kernelspecs import find_kernelspecs, read_kernelspec
from ide.environments.platform import jupyter_folders
from tests.unit.environments import machines
from tests.unit.environments.machines import machine, on_path

FILE = "{connection_file}"


def test_first_of_a_name_wins(tmp_path: Path) -> None:
    here = machine(tmp_path, variables=on_path(tmp_path / "bin"))
    machines.program(tmp_path / "bin/js")
    machines.kernelspec(here.home / ".local/share/jupyter/kernels/JS", argv=["js", FILE], display_name="Mine")
    machines.kernelspec(tmp_path / "usr/share/jupyter/kernels/js", argv=["js", FILE], display_name="Theirs")
    assert [(spec.name, spec.title) for spec in find_kernelspecs(here)] == [("js", "Mine")]


def test_everything_is_read(tmp_path: Path) -> None:
    here = machine(tmp_path, variables=on_path(tmp_path / "bin"))
    machines.program(tmp_path / "bin/js")
    folder = machines.kernelspec(
        tmp_path / "k/js", argv=["js", "--x", FILE], display_name="JS", language="JavaScript", interrupt_mode="message",
        env={"A": "1"},
    )  # fmt: skip
    spec = read_kernelspec(folder, here)
    assert (spec.language, spec.interrupt_mode, dict(spec.variables)) == ("javascript", "message", {"A": "1"})
    assert spec.program == tmp_path / "bin/js"
    assert spec.reason == ""


def test_python_in_an_environments_own_kernelspec_is_that_environments(tmp_path: Path) -> None:
    here = machine(tmp_path, variables=on_path(tmp_path / "bin"))
    machines.program(tmp_path / "bin/python")
    own = machines.venv(tmp_path / "v")
    folder = machines.kernelspec(tmp_path / "v/share/jupyter/kernels/python3", argv=["python", "-m", "k", FILE])
    assert read_kernelspec(folder, here, tmp_path / "v").program == own


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "cannot be read"), ("garbage", "cannot be read"), ("[]", "no table"), ("{}", "argv"),
        ('{"argv": []}', "argv"), ('{"argv": "R"}', "argv"), ('{"argv": [1]}', "argv"),
        ('{"argv": ["R"]}', "connection_file"),
        ('{"argv": ["no-such-program", "{connection_file}"]}', "no-such-program"),
        ('{"argv": ["/gone/x", "{connection_file}"]}', "/gone/x"),
        ('{"argv": ["./x", "{connection_file}"]}', "./x"), ('{"argv": ["a", "{connection_file}"], "env": 3}', "env"),
        ("[" * 100_000, "cannot be read"), (" " * 200_000, "too large"),
    ],
)  # fmt: skip
def test_broken_kernelspec_is_listed_with_its_reason(tmp_path: Path, text: str, reason: str) -> None:
    here = machine(tmp_path)
    folder = here.home / ".local/share/jupyter/kernels/odd"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(text)
    (spec,) = find_kernelspecs(here)
    assert spec.name == "odd"
    assert reason in spec.reason


def test_fifo_in_place_of_a_kernelspec_is_not_opened(tmp_path: Path) -> None:
    here = machine(tmp_path)
    folder = here.home / ".local/share/jupyter/kernels/odd"
    folder.mkdir(parents=True)
    os.mkfifo(folder / "kernel.json")
    (spec,) = find_kernelspecs(here)
    assert "ordinary file" in spec.reason


@pytest.mark.parametrize(
    ("system", "variables", "user", "shared"),
    [
        ("linux", {}, "home/.local/share/jupyter", "usr/share/jupyter"),
        ("linux", {"XDG_DATA_HOME": "{root}/d"}, "d/jupyter", "usr/local/share/jupyter"),
        ("darwin", {}, "home/Library/Jupyter", "opt/homebrew/share/jupyter"),
        ("win32", {"APPDATA": "{root}/a", "PROGRAMDATA": "{root}/p"}, "a/jupyter", "p/jupyter"),
        ("linux", {"JUPYTER_DATA_DIR": "{root}/own"}, "own", "usr/share/jupyter"),
        ("linux", {"JUPYTER_PATH": "{root}/extra:relative"}, "extra", "usr/share/jupyter"),
    ],
)
def test_jupyter_folders_of_each_system(
    tmp_path: Path, system: str, variables: dict[str, str], user: str, shared: str
) -> None:
    named = {name: text.replace("{root}", str(tmp_path)) for name, text in variables.items()}
    folders = jupyter_folders(machine(tmp_path, system, named))
    assert folders[0] == tmp_path / user
    assert tmp_path / shared in folders
    assert all(folder.is_absolute() for folder in folders)


@pytest.mark.parametrize(
    ("program", "metadata", "expected"),
    [
        ("deno", {}, True),
        ("js", {"fourpane": {"transport": "tcp"}}, True),
        ("js", {"fourpane": "tcp"}, False),
        ("js", [], False),
        ("js", {}, False),
    ],
)
def test_kernel_that_speaks_tcp_only_is_known(tmp_path: Path, program: str, metadata: object, expected: bool) -> None:
    here = machine(tmp_path, variables=on_path(tmp_path / "bin"))
    machines.program(tmp_path / "bin" / program)
    folder = machines.kernelspec(tmp_path / "k/odd", argv=[program, FILE], metadata=metadata)
    assert read_kernelspec(folder, here).is_tcp_only is expected
