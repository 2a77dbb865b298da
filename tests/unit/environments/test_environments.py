from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ide.core.environment import Environment, Health
from ide.core.errors import KernelError
from ide.environments.environments import Environments
from ide.environments.machine import Machine
from tests.unit.environments import machines
from tests.unit.environments.machines import machine, on_path


def at_once(work: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[Exception], None]) -> Any:
    try:
        value = work()
    except Exception as error:  # noqa: BLE001 - a pool hands every error on
        failed(error)
    else:
        done(value)
    return lambda: None


class Later:
    """A pool that works when told, and forgets what was cancelled."""

    def __init__(self) -> None:
        self.jobs: list[Callable[[], None]] = []

    def __call__(
        self, work: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[Exception], None]
    ) -> Any:
        cancelled: list[bool] = []
        self.jobs.append(lambda: None if cancelled else at_once(work, done, failed))
        return lambda: cancelled.append(True)

    def run_all(self) -> None:
        while self.jobs:
            self.jobs.pop(0)()


def real_python(prefix: Path) -> None:
    """A venv whose program is a Python that answers, without ipykernel."""
    import sys

    text = f'#!/bin/sh\nexec "{sys.executable}" -I -S "$@"\n'
    machines.venv(prefix, text=text)


def made(root: Path, here: Machine | None = None, pool: Any = None) -> Environments:
    return Environments(root / "state.json", root / "side", machine=here or machine(root), pool=pool)


def test_default_needs_no_look_and_no_process(tmp_path: Path) -> None:
    environments = made(tmp_path)
    assert environments.default().kind == "program"
    assert environments.default(tmp_path / "project").health is Health.READY


def test_choice_is_remembered_for_its_project_and_beyond(tmp_path: Path) -> None:
    here = machine(tmp_path)
    for name in ("one", "two"):
        machines.venv(here.home / ".virtualenvs" / name, kernel=True, text="#!/bin/sh\nexit 1\n")
    first = made(tmp_path, here, at_once)
    machines_of = {name: first.add(here.home / ".virtualenvs" / name) for name in ("one", "two")}
    first.choose(machines_of["one"], Path("/a"))
    first.choose(machines_of["two"], Path("/b"))
    again = made(tmp_path, here)
    assert again.default(Path("/a")).name == "one"
    assert again.default(Path("/b")).name == "two"
    assert again.default(Path("/c")).name == "two"


def test_chosen_one_that_is_gone_is_passed_over(tmp_path: Path) -> None:
    here = machine(tmp_path)
    program = machines.venv(here.home / ".virtualenvs/one", kernel=True)
    environments = made(tmp_path, here)
    environments.choose(environments.add(program))
    assert made(tmp_path, here).default().name == "one"
    program.unlink()
    assert made(tmp_path, here).default().kind == "program"


def test_environment_inside_an_untrusted_project_is_never_the_default(tmp_path: Path) -> None:
    project = tmp_path / "project"
    machines.venv(project / ".venv", kernel=True)
    environments = made(tmp_path)
    inside = environments.default(project, is_trusted=True)
    assert inside.name == ".venv"
    environments.choose(inside, project)
    assert environments.default(project, is_trusted=False).kind == "program"
    assert environments.default(project, is_trusted=True).id == inside.id


def test_activated_environment_is_taken(tmp_path: Path) -> None:
    machines.conda(tmp_path / "stats", kernel=True)
    here = machine(tmp_path, variables={"CONDA_PREFIX": str(tmp_path / "stats")})
    assert made(tmp_path, here).default().name == "stats"


def test_default_of_a_language_without_any_says_so(tmp_path: Path) -> None:
    environments = made(tmp_path)
    with pytest.raises(KernelError) as told:
        environments.default(language="r")
    assert told.value.action == "environment.set_up"


def test_default_of_r_is_the_one_that_has_a_kernel(tmp_path: Path) -> None:
    here = machine(tmp_path, variables=on_path(tmp_path / "usr/bin"))
    machines.r_home(tmp_path / "usr/lib/R")
    machines.program(tmp_path / "usr/bin/R", "R_HOME_DIR=/usr/lib/R\n")
    environments = made(tmp_path, here, at_once)
    environments.refresh()
    with pytest.raises(KernelError, match="cannot run code yet") as told:
        environments.default(language="r")
    assert "IRkernel" in told.value.meaning
    (tmp_path / "usr/lib/R/library/IRkernel").mkdir()
    (tmp_path / "usr/lib/R/library/IRkernel/DESCRIPTION").write_text("")
    environments.refresh()
    assert environments.default(language="r").language == "r"


def test_look_shows_first_what_is_seen_then_what_is_said(tmp_path: Path) -> None:
    here = machine(tmp_path)
    real_python(here.home / ".virtualenvs/real")
    pool = Later()
    environments = made(tmp_path, here, pool)
    seen: list[tuple[str, ...]] = []

    def on_changed() -> None:
        seen.append(tuple(one.version for one in environments.all if one.name == "real"))

    environments.changed.connect(on_changed)
    environments.refresh()
    was_refreshing = environments.is_refreshing
    pool.run_all()
    assert (was_refreshing, environments.is_refreshing) == (True, False)
    import sys

    assert seen == [(), ("3.11.7",), (".".join(map(str, sys.version_info[:3])),)]
    again = made(tmp_path, here)
    assert again.find("real") is not None, "the list of the last look is there at once"


def test_late_answer_of_an_older_look_is_dropped(tmp_path: Path) -> None:
    here = machine(tmp_path)
    pool = Later()
    environments = made(tmp_path, here, pool)
    environments.refresh()
    machines.venv(here.home / ".virtualenvs/new", kernel=True, text="#!/bin/sh\nexit 1\n")
    environments.refresh()
    older, newer = pool.jobs
    newer()
    pool.jobs.clear()
    older()
    assert pool.jobs == [], "the older look asks nobody"
    assert environments.find("new") is not None


def test_failing_look_is_told_and_keeps_the_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(around: object) -> None:
        raise OSError("the disk is gone")

    environments = made(tmp_path, pool=at_once)
    monkeypatch.setattr("ide.environments.environments.list_environments", fail)
    environments.refresh()
    assert not environments.is_refreshing
    assert "the disk is gone" in environments.problem
    assert environments.all


def test_find_knows_every_name_of_an_environment(tmp_path: Path) -> None:
    here = machine(tmp_path)
    program = machines.venv(here.home / ".virtualenvs/stats", kernel=True)
    environments = made(tmp_path, here)
    added = environments.add(program)
    for text in (added.id, str(program), program, program.parent.parent, "stats", "STATS", "python 3.11"):
        found = environments.find(text)
        assert found is not None, text
        assert found.id == added.id, text
    assert environments.find("") is None


def test_adding_a_folder_or_program_twice_lists_it_once(tmp_path: Path) -> None:
    program = machines.venv(tmp_path / "v", kernel=True)
    environments = made(tmp_path)
    before = len(environments.all)
    assert environments.add(program) == environments.add(tmp_path / "v")
    assert len(environments.all) == before + 1


def test_adding_something_else_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(KernelError, match="is no Python"):
        made(tmp_path).add(tmp_path / "nothing")


def prepared(environments: Environments, one: Environment) -> tuple[list[Environment], list[Exception]]:
    done: list[Environment] = []
    failed: list[Exception] = []
    environments.prepare(one, done.append, failed.append)
    return done, failed


def test_ready_one_needs_no_preparing(tmp_path: Path) -> None:
    environments = made(tmp_path)
    own = environments.own()
    assert prepared(environments, own) == ([own], [])


def test_what_cannot_be_made_ready_says_why(tmp_path: Path) -> None:
    environments = made(tmp_path, pool=at_once)
    r = Environment("r", "R 4.3", "r", "r", tmp_path / "R", health=Health.NEEDS_KERNEL, reason="It lacks IRkernel.")
    done, failed = prepared(environments, r)
    assert done == []
    assert "It lacks IRkernel." in str(getattr(failed[0], "text", ""))
    broken = replace(
        r, language="python", kind="system", interpreter=machines.program(tmp_path / "python", "#!/bin/sh\nexit 3\n")
    )
    done, failed = prepared(environments, broken)
    assert "exit code 3" in str(getattr(failed[0], "text", ""))


def test_python_of_an_untrusted_project_is_not_run_to_make_it_ready(tmp_path: Path) -> None:
    mark = tmp_path / "RAN"
    project = tmp_path / "project"
    machines.venv(project / ".venv", text=machines.CANARY.format(mark=mark))
    environments = made(tmp_path, pool=at_once)
    environments.refresh(project, is_trusted=False)
    inside = next(one for one in environments.all if one.is_in_project)
    _, failed = prepared(environments, inside)
    assert "not trusted" in str(getattr(failed[0], "text", ""))
    assert not mark.exists()
    environments.refresh(project, is_trusted=True)
    assert mark.exists()


def test_r_is_found_on_the_very_first_start_before_any_look(tmp_path: Path) -> None:
    here = machine(tmp_path, variables=on_path(tmp_path / "usr/bin"))
    machines.r_home(tmp_path / "usr/lib/R", kernel=True)
    machines.program(tmp_path / "usr/bin/R", "R_HOME_DIR=/usr/lib/R\n")
    assert made(tmp_path, here).default(language="r").version == "4.3.1"


def test_preparing_fills_the_side_folder_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Path] = []

    def install(program: Path, target: Path, *_: object) -> None:
        calls.append(program)
        (target / "ipykernel").mkdir(parents=True)
        (target / "ipykernel/__init__.py").write_text("")

    monkeypatch.setattr("ide.environments.side_folder._install", install)
    here = machine(tmp_path)
    real_python(here.home / ".virtualenvs/real")
    environments = made(tmp_path, here, at_once)
    environments.refresh()
    bare = environments.find("real")
    assert bare is not None
    assert bare.health is Health.NEEDS_KERNEL
    done, failed = prepared(environments, bare)
    assert failed == []
    assert done[0].health is Health.READY
    assert environments.find("real") == done[0]
    side = environments.side_folder(done[0])
    assert side is not None
    assert side.parent == tmp_path / "side"
    environments.refresh()
    found = environments.find("real")
    assert found is not None
    assert found.health is Health.READY
    assert len(calls) == 1
    assert environments.side_folder(environments.own()) is None


def test_closing_stops_what_is_under_way_and_drops_answers(tmp_path: Path) -> None:
    pool = Later()
    environments = made(tmp_path, pool=pool)
    environments.refresh()
    told = threading.Event()
    environments.changed.connect(told.set)
    environments.close()
    pool.run_all()
    assert not told.is_set()


def counting_python(prefix: Path, log: Path, then: str = "") -> None:
    """A venv whose program notes that it was run, then answers or does what it is told."""
    import sys

    then = then or f'exec "{sys.executable}" -I -S "$@"'
    machines.venv(prefix, text=f'#!/bin/sh\necho {prefix.name} >> "{log}"\n{then}\n')


def test_each_interpreter_is_asked_once_and_again_only_when_it_changed_or_failed(tmp_path: Path) -> None:
    here, log = machine(tmp_path), tmp_path / "log"
    for name in ("a", "b"):
        counting_python(here.home / ".virtualenvs" / name, log)
    counting_python(here.home / ".virtualenvs/bad", log, "echo noise; exit 3")
    environments = made(tmp_path, here, at_once)
    environments.refresh()
    assert sorted(log.read_text().split()) == ["a", "b", "bad"]
    environments.refresh()
    assert sorted(log.read_text().split()) == ["a", "b", "bad", "bad"]
    assert not environments.is_refreshing


def test_one_that_hangs_is_shown_so_and_holds_up_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ide.environments import probe

    here, log = machine(tmp_path), tmp_path / "log"
    counting_python(here.home / ".virtualenvs/a-hangs", log, "exec sleep 1000")
    counting_python(here.home / ".virtualenvs/b-noisy", log, "printf 'hello '; echo >&2 oh; exec $REAL \"$@\"")
    import sys

    monkeypatch.setenv("REAL", f"{sys.executable} -I -S")
    monkeypatch.setattr(probe.probe, "__defaults__", (0.4, lambda: False))
    pool = Later()
    environments = made(tmp_path, here, pool)
    shown: list[dict[str, Health]] = []
    environments.changed.connect(lambda: shown.append({one.name: one.health for one in environments.all}))
    environments.refresh()
    pool.run_all()
    assert shown[-1]["a-hangs"] is Health.SILENT
    assert shown[-1]["b-noisy"] is Health.NEEDS_KERNEL
    (hanging,) = [one for one in environments.all if one.health is Health.SILENT]
    assert "not answering" in hanging.reason
    assert environments.all[-1] == hanging


def test_measuring_goes_only_over_what_changed_and_survives_the_file(tmp_path: Path) -> None:
    here = machine(tmp_path)
    machines.venv(here.home / ".virtualenvs/a")
    environments = made(tmp_path, here, at_once)
    environments.refresh()
    told: list[int] = []
    environments.changed.connect(lambda: told.append(1))
    environments.measure()
    assert len(told) == 2  # the program's own and the venv
    environments.measure()
    assert len(told) == 2
    again = made(tmp_path, here)
    (one,) = [one for one in again.all if one.name == "a"]
    extent = again.extent_of(one)
    assert extent is not None
    assert extent.size_bytes > 0


def test_measuring_that_is_given_up_ends(tmp_path: Path) -> None:
    pool = Later()
    environments = made(tmp_path, pool=pool)
    cancel = environments.measure()
    cancel()
    pool.run_all()
    assert environments.extent_of(environments.own()) is None


def test_added_one_stays_in_the_list_while_it_is_there(tmp_path: Path) -> None:
    here = machine(tmp_path)
    environments = made(tmp_path, here, at_once)
    own = environments.add(machines.venv(tmp_path / "far/away").parent.parent)
    machines.r_home(tmp_path / "odd/lib/R", kernel=True)
    r = environments.add(machines.program(tmp_path / "odd/bin/R", "R_HOME_DIR=/odd/lib/R\n"))
    assert (r.language, r.health) == ("r", Health.READY)
    environments.refresh()
    assert {own.id, r.id} <= {one.id for one in environments.all}
    again = made(tmp_path, here, at_once)
    (tmp_path / "far/away/bin/python3").unlink()
    again.refresh()
    assert r.id in {one.id for one in again.all}
    assert own.id not in {one.id for one in again.all}


def test_choice_for_a_file_is_remembered_for_it_alone(tmp_path: Path) -> None:
    here = machine(tmp_path)
    for name in ("one", "two"):
        machines.venv(here.home / ".virtualenvs" / name, kernel=True)
    first = made(tmp_path, here, at_once)
    named = {name: first.add(here.home / ".virtualenvs" / name) for name in ("one", "two")}
    first.choose(named["one"], Path("/a"))
    first.choose_for_file(Path("/a/x.py"), named["two"])
    again = made(tmp_path, here)
    assert again.default(Path("/a")).name == "one"
    chosen = again.chosen_for_file(Path("/a/x.py"))
    assert chosen is not None
    assert chosen.name == "two"
    assert again.chosen_for_file(Path("/a/y.py")) is None
    again.choose_for_file(Path("/a/x.py"), None)
    assert again.chosen_for_file(Path("/a/x.py")) is None
