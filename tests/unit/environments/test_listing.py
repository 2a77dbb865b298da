from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ide.core.environment import Environment, Health
from ide.environments.listing import Surroundings, list_environments
from ide.environments.probe import Probe
from ide.environments.probing import ask, to_ask
from ide.environments.side_folder import SideFolders, side_name
from tests.unit.environments import machines
from tests.unit.environments.machines import machine, on_path

FILE = "{connection_file}"
PROBE = Probe("cpython", "3.11.7", "cpython-311-x86_64-linux-gnu", False)


def listed(
    root: Path,
    project: Path | None = None,
    *,
    is_trusted: bool = False,
    variables: Mapping[str, str] | None = None,
    probes: Mapping[str, Probe] | None = None,
) -> tuple[Environment, ...]:
    here = machine(root, variables=variables)
    return list_environments(Surroundings(here, SideFolders(root / "side"), project, is_trusted, dict(probes or {})))


def test_each_thing_is_listed_once_under_all_its_names(tmp_path: Path) -> None:
    own = machines.venv(tmp_path / "home/.virtualenvs/stats", kernel=True)
    machines.r_home(tmp_path / "usr/lib/R", kernel=True)
    machines.program(tmp_path / "usr/bin/R", "R_HOME_DIR=/usr/lib/R\n")
    shared = tmp_path / "home/.local/share/jupyter/kernels"
    plain = ["-m", "ipykernel_launcher", "-f", FILE]
    machines.kernelspec(shared / "stats", argv=[str(own), *plain], display_name="Stats", language="python")
    machines.kernelspec(shared / "ir", argv=["R", "--slave", "-e", "IRkernel::main()", "--args", FILE], language="R")
    machines.kernelspec(own.parent.parent / "share/jupyter/kernels/python3", argv=["python", *plain], language="python")
    found = listed(tmp_path, variables=on_path(tmp_path / "usr/bin"))
    assert [(one.kind, one.kernelspec) for one in found] == [("venv", "stats"), ("r", "ir"), ("program", "")]


def test_broken_environments_own_kernelspec_is_no_row_of_its_own(tmp_path: Path) -> None:
    own = machines.venv(tmp_path / "home/.virtualenvs/stats", kernel=True)
    plain = ["-m", "ipykernel_launcher", "-f", FILE]
    inside = own.parent.parent / "share/jupyter/kernels"
    machines.kernelspec(inside / "python3", argv=["python", *plain], language="python")
    machines.kernelspec(inside / "absolute", argv=[str(own), *plain], language="python")
    own.unlink()
    found = listed(tmp_path)
    assert [(one.kind, one.health) for one in found] == [("program", Health.READY), ("venv", Health.BROKEN)]


def test_kernelspec_with_arguments_or_variables_of_its_own_stays_a_row(tmp_path: Path) -> None:
    own = machines.venv(tmp_path / "home/.virtualenvs/stats", kernel=True)
    shared = tmp_path / "home/.local/share/jupyter/kernels"
    plain = [str(own), "-m", "ipykernel_launcher", "-f", FILE]
    machines.kernelspec(shared / "spark", argv=plain, language="python", env={"SPARK_HOME": "/spark"})
    machines.kernelspec(shared / "quiet", argv=[*plain, "--quiet"], language="python")
    machines.kernelspec(shared / "bash", argv=[str(own), "-m", "bash_kernel", "-f", FILE], language="bash")
    found = listed(tmp_path)
    assert sorted(one.id for one in found if one.kind == "kernelspec") == ["bash", "quiet", "spark"]
    assert {one.language for one in found} == {"python", "bash"}


def test_python_known_only_by_its_kernelspec_is_listed(tmp_path: Path) -> None:
    own = machines.python(tmp_path / "odd/place", kernel=True)
    shared = tmp_path / "home/.local/share/jupyter/kernels"
    machines.kernelspec(shared / "odd", argv=[str(own), "-m", "ipykernel_launcher", "-f", FILE], language="python")
    assert [one.interpreter for one in listed(tmp_path) if one.kernelspec == "odd"] == [own]


def test_health_says_what_is_missing(tmp_path: Path) -> None:
    machines.venv(tmp_path / "home/.virtualenvs/bare")
    machines.venv(tmp_path / "home/.virtualenvs/old", version="3.7.2")
    machines.r_home(tmp_path / "usr/lib/R")
    machines.program(tmp_path / "usr/bin/R", "R_HOME_DIR=/usr/lib/R\n")
    shared = tmp_path / "home/.local/share/jupyter/kernels"
    machines.kernelspec(shared / "gone", argv=["/gone/julia", FILE], display_name="Julia", language="julia")
    found = {one.name: one for one in listed(tmp_path, variables=on_path(tmp_path / "usr/bin"))}
    assert found["bare"].health is Health.NEEDS_KERNEL
    assert "ipykernel" in found["bare"].reason
    assert found["old"].health is Health.BROKEN
    assert "3.8" in found["old"].reason
    assert found["R 4.3.1"].health is Health.NEEDS_KERNEL
    assert "IRkernel" in found["R 4.3.1"].reason
    assert found["Julia"].health is Health.BROKEN
    assert "/gone/julia" in found["Julia"].reason
    assert found["Fourpane’s own Python"].reason


def test_filled_side_folder_makes_a_python_ready(tmp_path: Path) -> None:
    own = machines.venv(tmp_path / "home/.virtualenvs/bare")
    probes = {str(own): PROBE}
    (bare,) = [one for one in listed(tmp_path, probes=probes) if one.kind == "venv"]
    assert bare.health is Health.NEEDS_KERNEL
    package = tmp_path / "side" / side_name(PROBE) / "ipykernel"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (bare,) = [one for one in listed(tmp_path, probes=probes) if one.kind == "venv"]
    assert bare.health is Health.READY


def test_what_a_python_said_of_itself_holds(tmp_path: Path) -> None:
    own = machines.venv(tmp_path / "home/.virtualenvs/a", version="3.11")
    (one,) = [
        one
        for one in listed(tmp_path, probes={str(own): Probe("cpython", "3.11.9", "tag", True)})
        if one.kind == "venv"
    ]
    assert (one.version, one.health) == ("3.11.9", Health.READY)
    (one,) = [
        one for one in listed(tmp_path, probes={str(own): Probe(reason="It is no Python.")}) if one.kind == "venv"
    ]
    assert (one.health, one.reason) == (Health.BROKEN, "It is no Python.")


def test_best_comes_first(tmp_path: Path) -> None:
    project = tmp_path / "project"
    machines.venv(project / ".venv", kernel=True, version="3.9.1")
    machines.venv(tmp_path / "home/.virtualenvs/new", kernel=True, version="3.13.0")
    machines.venv(tmp_path / "home/.virtualenvs/bare", version="3.14.0")
    machines.python(tmp_path / "home/.pyenv/versions/3.12.0", kernel=True)
    names = [one.name for one in listed(tmp_path, project, is_trusted=True)]
    assert names == [".venv", "new", "bare", "Python 3.12.0", "Fourpane’s own Python"]


def asked_all(found: tuple[Environment, ...], around: Surroundings) -> dict[str, Probe]:
    """The answers of all that may be asked."""
    return {one.id: ask(one, around, lambda: False)[1] for one in to_ask(found, {}, around)}


def trap(project: Path) -> tuple[Path, Path]:
    """A project whose Python and kernelspec would leave a mark."""
    mark = project / "RAN"
    own = machines.venv(project / ".venv", text=machines.CANARY.format(mark=mark))
    argv = [str(own), "-m", "ipykernel_launcher", "-f", FILE]
    machines.kernelspec(project / ".venv/share/jupyter/kernels/evil", argv=[*argv, "--evil"], language="python")
    return own, mark


def test_untrusted_project_is_shown_but_never_asked(tmp_path: Path) -> None:
    project = tmp_path / "project"
    own, mark = trap(project)
    here = machine(tmp_path)
    around = Surroundings(here, SideFolders(tmp_path / "side"), project, is_trusted=False)
    found = list_environments(around)
    (shown,) = [one for one in found if one.is_in_project]
    assert "not trusted" in shown.reason
    assert not [one for one in found if one.kind == "kernelspec"]
    assert str(own) not in asked_all(found, around)
    assert not mark.exists()


def test_trusted_project_is_asked(tmp_path: Path) -> None:
    project = tmp_path / "project"
    own, mark = trap(project)
    around = Surroundings(machine(tmp_path), SideFolders(tmp_path / "side"), project, is_trusted=True)
    found = list_environments(around)
    assert str(own) in asked_all(found, around)
    assert mark.exists(), "the canary must be able to sing"
