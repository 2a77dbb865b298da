from __future__ import annotations

from pathlib import Path

from ide.environments.find_r import find_rs
from tests.unit.environments import machines
from tests.unit.environments.machines import machine, on_path


def test_no_r_is_no_error(tmp_path: Path) -> None:
    assert find_rs(machine(tmp_path)) == ()


def test_start_script_on_path_says_its_home(tmp_path: Path) -> None:
    here = machine(tmp_path, variables=on_path(tmp_path / "usr/bin"))
    machines.r_home(tmp_path / "usr/lib/R", "4.2.2", kernel=True)
    machines.program(tmp_path / "usr/bin/R", "#!/bin/sh\nR_HOME_DIR=/usr/lib/R\n")
    (found,) = find_rs(here)
    assert (found.program, found.home) == (tmp_path / "usr/bin/R", tmp_path / "usr/lib/R")
    assert (found.version, found.has_kernel) == ("4.2.2", True)


def test_versions_under_opt_are_found_newest_first(tmp_path: Path) -> None:
    here = machine(tmp_path)
    for version in ("4.1.0", "4.4.1"):
        machines.r_home(tmp_path / f"opt/R/{version}/lib/R", version)
        machines.program(tmp_path / f"opt/R/{version}/bin/R", f"R_HOME_DIR=/opt/R/{version}/lib/R\n")
    assert [one.version for one in find_rs(here)] == ["4.4.1", "4.1.0"]


def test_kernel_is_seen_in_every_kind_of_library(tmp_path: Path) -> None:
    places = {
        "site": "usr/lib/R/site-library",
        "debian": "usr/local/lib/R/site-library",
        "user": "home/R/x86_64-pc-linux-gnu-library/4.2",
        "renviron": "home/mine/4.2",
        "variable": "shared/r",
    }
    for name, place in places.items():
        root = tmp_path / name
        here = machine(root, variables={**on_path(root / "usr/bin"), "R_LIBS": "/shared/r"})
        machines.r_home(root / "usr/lib/R", "4.2.2")
        machines.program(root / "usr/bin/R", "R_HOME_DIR=/usr/lib/R\n")
        (root / "usr/lib/R/etc").mkdir()
        (root / "usr/lib/R/etc/Renviron").write_text("R_LIBS_SITE=${R_LIBS_SITE:-'/usr/local/lib/R/site-library:%S'}\n")
        (here.home / ".Renviron").write_text("R_LIBS_USER=~/mine/%v\n")
        assert not find_rs(here)[0].has_kernel
        (root / place / "IRkernel").mkdir(parents=True)
        (root / place / "IRkernel/DESCRIPTION").write_text("Package: IRkernel")
        assert find_rs(here)[0].has_kernel, name


def test_windows_registry_names_the_homes(tmp_path: Path) -> None:
    home = tmp_path / "R-4.3.1"
    machines.r_home(home, kernel=True)
    machines.program(home / "bin/R.exe")
    registry = {
        r"Software\R-core\R": {"1": {"InstallPath": str(home)}},
        r"Software\R-core\R\*": {"1\\4.3.1": {"InstallPath": str(home)}, "1\\4.0": {"InstallPath": "C:\\gone"}},
    }
    (found,) = find_rs(machine(tmp_path, "win32", registry=registry))
    assert found.program == home / "bin/R.exe"
    assert found.version == "4.3.1"


def test_macos_framework_is_found(tmp_path: Path) -> None:
    resources = tmp_path / "Library/Frameworks/R.framework/Versions/4.4/Resources"
    machines.r_home(resources, "4.4.0")
    (tmp_path / "Library/Frameworks/R.framework/Resources").symlink_to("Versions/4.4/Resources")
    (found,) = find_rs(machine(tmp_path, "darwin"))
    assert found.version == "4.4.0"


def test_program_that_only_is_called_r_is_left_out(tmp_path: Path) -> None:
    here = machine(tmp_path, variables=on_path(tmp_path / "bin"))
    machines.program(tmp_path / "bin/R", "#!/bin/sh\nexec something-else\n")
    assert find_rs(here) == ()
