"""Every place where code can run, which one is right for a project, and making one ready to run a kernel.

Owns the list and the remembered choices. Looking and probing happen in the pool; nothing is probed on the way to the
first window.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Event
from typing import TypeVar

from ide.core.environment import Environment, Health
from ide.core.errors import KernelError
from ide.core.events import Signal
from ide.core.ports import Cancel, RunInPool
from ide.core.record import dataclass, replace
from ide.environments.extents import Extent, measure
from ide.environments.extents import changed_ns as last_change_ns
from ide.environments.find_python import look_at
from ide.environments.launch import untrusted
from ide.environments.listing import (
    PYTHON_KINDS,
    Surroundings,
    can_be_made_ready,
    from_python,
    from_r_program,
    list_environments,
    looked_at_again,
    quick_project_python,
    sort_by_rank,
)
from ide.environments.machine import Machine
from ide.environments.platform import is_inside, python_in, r_in, runtime_folders
from ide.environments.probe import Probe, probe
from ide.environments.probing import ask, may_ask, to_ask
from ide.environments.project_files import ProjectFile, project_files
from ide.environments.side_folder import SideFolders
from ide.environments.state import ANY_LANGUAGE, State, read_state
from ide.settings.toml_file import replace_file

T = TypeVar("T")
FindRunning = Callable[[Iterable[Path]], tuple[Environment, ...]]

ASKED_AT_ONCE = max(1, min(3, os.cpu_count() or 1))
"""Interpreters that are run at the same time; the pool has work of others, too."""
_CANCEL_LIMIT = 50

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Offer:
    """An environment of the project, or a file of it from which one could be made."""

    environment: Environment | None = None
    file: ProjectFile | None = None


class Environments:
    """Used on the UI thread. `pool` may come later (`work_in`): before it nothing is looked for."""

    changed = Signal()
    """The list is another one, or a look round began or ended."""

    def __init__(
        self, state_file: Path, side_root: Path, *, machine: Machine | None = None, pool: RunInPool | None = None
    ) -> None:
        self.machine = machine or Machine.here()
        self.is_refreshing = False
        self.project_files: tuple[ProjectFile, ...] = ()
        """Files of the project that list packages, as the last look round saw them."""
        self.problem = ""
        """Why the last look round failed, for the picker; empty where it did not."""
        self._state_file = state_file
        self._side_folders = SideFolders(side_root)
        self._pool = pool
        self._state: State = read_state(state_file)
        self.state_problem = self._state.problem
        """What was wrong with the file of earlier choices; empty where nothing was."""
        self.find_running: FindRunning = lambda _folders: ()
        """Finds kernels that others started, in a pool thread; the program gives it."""
        self._project: Path | None = None
        self._is_trusted = False
        self._all: tuple[Environment, ...] = ()
        self._cancels: list[Cancel] = []
        self._generation = 0
        self._has_looked = bool(self._state.known)
        self._cancelled = Event()

    def work_in(self, pool: RunInPool) -> None:
        """Give the pool in which looking, probing and fetching happen."""
        self._pool = pool

    # --- the list ----------------------------------------------------------------------------------------------------

    @property
    def all(self) -> tuple[Environment, ...]:
        """Best first. Before the first look round of this start it is the list of the last one."""
        if not self._all:
            known = tuple(one for one in self._state.known.values() if not one.is_in_project)
            own = self.own()
            self._all = known if any(one.id == own.id for one in known) else (*known, own)
        return self._all

    def refresh(self, project: Path | None = None, *, is_trusted: bool = False) -> None:
        """Look round in the pool: first what can be seen, then what the interpreters say of themselves."""
        if self._pool is None:
            return
        self._project, self._is_trusted = project, is_trusted
        self._generation += 1
        generation = self._generation
        around = self._around()
        probes = dict(self._state.probes)
        self.is_refreshing = True
        self.changed.emit()

        def look() -> tuple[tuple[Environment, ...], tuple[Environment, ...], tuple[ProjectFile, ...]]:
            found = list_environments(around)
            found = (*found, *self.find_running(runtime_folders(around.machine)))
            return found, to_ask(found, probes, around), project_files(project) if project is not None else ()

        def on_seen(answer: tuple[tuple[Environment, ...], tuple[Environment, ...], tuple[ProjectFile, ...]]) -> None:
            if generation == self._generation and self._pool is not None:
                found, unknown, self.project_files = answer
                self._take(found)
                self._ask_all(unknown, around)

        def on_failed(error: Exception) -> None:
            if generation == self._generation:
                self._end_of_look(f"The look round this machine failed: {error}")

        self._start(look, on_seen, on_failed)

    def _ask_all(self, unknown: tuple[Environment, ...], around: Surroundings) -> None:
        """Ask each once, some at a time; each answer is shown when it comes, as one that hangs takes its time."""
        generation, stop = self._generation, self._cancelled
        waiting, is_asking = list(unknown), 0

        def is_cancelled() -> bool:
            return stop.is_set() or generation != self._generation

        def go_on() -> None:
            nonlocal is_asking
            while waiting and is_asking < ASKED_AT_ONCE and not is_cancelled():
                is_asking += 1
                self._start(partial(work, waiting.pop(0)), on_answer, on_failed)

        def work(one: Environment) -> tuple[Environment, tuple[int, Probe]]:
            answer = ask(one, around, is_cancelled)
            return looked_at_again(one, answer[1], around), answer

        def on_answer(result: tuple[Environment, tuple[int, Probe]]) -> None:
            one, answer = result
            if not is_cancelled():
                self._state.probes = {**self._state.probes, one.id: answer}
                self._all = sort_by_rank(one if known.id == one.id else known for known in self._all)
                self._state.known.update({known.id: known for known in self._all if known.id == one.id})
                end_one()

        def on_failed(error: Exception) -> None:
            if not is_cancelled():
                logger.warning("asking an interpreter failed: %s", error)
                end_one()

        def end_one() -> None:
            nonlocal is_asking
            is_asking -= 1
            go_on()
            if not waiting and not is_asking and self.is_refreshing:
                self._end_of_look("")
            else:
                self.changed.emit()

        go_on()
        if not unknown:
            self._end_of_look("")

    def extent_of(self, environment: Environment) -> Extent | None:
        """How large it was when it was measured last; None where it never was."""
        return self._state.extents.get(environment.id, (0, None))[1]

    def measure(self) -> Cancel:
        """Count packages and sum files of what has changed since the last time, one after the other, in the pool.

        `changed` tells of each. The returned callable ends it early; what was measured till then is kept.
        """
        given_up = Event()
        waiting, known, machine = list(self.all), dict(self._state.extents), self.machine

        def is_cancelled() -> bool:
            return given_up.is_set() or self._cancelled.is_set()

        def work() -> tuple[str, int, Extent] | None:
            while waiting and not is_cancelled():
                one = waiting.pop(0)
                at_ns = last_change_ns(one, machine)
                if known.get(one.id, (None, None))[0] != at_ns and (extent := measure(one, machine, is_cancelled)):
                    return one.id, at_ns, extent
            return None

        def on_done(measured: tuple[str, int, Extent] | None) -> None:
            if measured is not None:
                id, at_ns, extent = measured
                self._state.extents[id] = at_ns, extent
                self.changed.emit()
                self._start(work, on_done, on_failed)
            else:
                self._keep()

        def on_failed(error: Exception) -> None:
            logger.warning("an environment could not be measured: %s", error)

        self._start(work, on_done, on_failed)
        return given_up.set

    def look(self) -> tuple[Environment, ...]:
        """What can be seen on this machine, looked for now and in the caller's thread: for `--diagnose`."""
        return list_environments(self._around())

    def find(self, text: str | Path) -> Environment | None:
        """By id, kernelspec name, path of an interpreter or environment folder, or name, in that order."""
        text = str(text)
        if not text:
            return None
        ways: tuple[Callable[[Environment], bool], ...] = (
            lambda one: one.id == text,
            lambda one: one.kernelspec == text,
            lambda one: one.interpreter is not None and _leads_to(one.interpreter, text),
            lambda one: one.name.lower() == text.lower(),
            lambda one: f"{one.language} {one.version}".lower().startswith(text.lower()),
        )
        return next((one for fits in ways for one in self.all if fits(one)), None)

    def add(self, path: Path) -> Environment:
        """An environment that the user points at; it stays in the list. Raises KernelError for other things."""
        program = path if path.is_file() else python_in(path, self.machine.system)
        if program is None or not program.is_file():
            program = r_in(path, self.machine.system)
        environment = self._looked_at(program.absolute()) if program.is_file() else None
        if environment is None:
            advice = "Choose a Python or R program, or the folder of an environment."
            raise KernelError(f"{path} is no Python and no R.", "", advice)
        known = self.find(environment.id)
        if known is None:
            if str(environment.interpreter) not in self._state.added:
                self._state.added.append(str(environment.interpreter))
            self._state.known[environment.id] = environment
            self._all = (*self.all, environment)
            self.changed.emit()
        return known or environment

    def look_in_pool(
        self, look: Callable[[], Environment], done: Callable[[Environment], None], failed: Callable[[Exception], None]
    ) -> Cancel:
        """Look at one thing that takes a while, a running kernel for one."""
        return self._start(look, done, failed)

    def _looked_at(self, program: Path) -> Environment | None:
        if program.stem == "R":
            return from_r_program(program, self._around())
        return from_python(look_at(self.machine, "system", program, self._project), self._around())

    def own(self) -> Environment:
        """The Python that the program runs on: it has a kernel, so a prompt always works."""
        found = look_at(self.machine, "program", self.machine.program)
        return from_python(replace(found, has_kernel=True, is_in_project=False), self._around())

    @property
    def is_empty(self) -> bool:
        """Whether nothing but the program's own Python can run code, and nobody has chosen that."""
        return not self._state.chosen and all(one.kind == "program" for one in self.all)

    # --- the choice --------------------------------------------------------------------------------------------------

    def default(
        self, project: Path | None = None, *, language: str = ANY_LANGUAGE, is_trusted: bool = False
    ) -> Environment:
        """Where code of `project` runs unless the user says otherwise; at most a few looks at the disk, no process.

        What was chosen for the project, else an environment inside it (both only while it is trusted, where it lies in
        it), the one that the shell had activated, the last choice anywhere, the program's own. For a language other
        than Python raises KernelError where there is none.
        """
        for one in self._candidates(project, language, is_trusted):
            fits = language in (ANY_LANGUAGE, one.language)
            if fits and self._is_usable(one, project, is_trusted):
                return one
        own = self.own()
        if language in (ANY_LANGUAGE, own.language):
            return own
        fitting = [one for one in self.all if one.language == language]
        if not fitting and not self._has_looked:
            # Nothing is known yet, on the very first start: looking once, here and now, is better than saying no.
            self._has_looked = True
            self._take(list_environments(replace(self._around(), project=project, is_trusted=is_trusted)))
            fitting = [one for one in self.all if one.language == language]
        for one in fitting:
            if self._is_usable(one, project, is_trusted):
                return one
        if fitting:
            raise KernelError(f"{fitting[0].name} cannot run code yet.", fitting[0].reason)
        raise _nothing_runs(language)

    def _candidates(self, project: Path | None, language: str, is_trusted: bool) -> Iterator[Environment]:
        """In the order of `default`; each is looked at only where those before it do not do."""
        found: Environment | None
        if found := self._chosen(str(project or ""), language):
            yield found
        if project is not None and is_trusted:
            program = quick_project_python(self.machine, project)
            if found := self._at(program, replace(self._around(), project=project, is_trusted=True)):
                yield found
        active = self.machine.folder("VIRTUAL_ENV") or self.machine.folder("CONDA_PREFIX")
        if active and (found := self._in_prefix(active)):
            yield found
        if found := self._chosen("", language):
            yield found

    def choose(self, environment: Environment, project: Path | None = None) -> None:
        """Remember what the user picked, for the project and as the last choice."""
        self._state.choose(str(project or ""), environment)
        self._keep()

    def choose_for_file(self, file: Path, environment: Environment | None) -> None:
        """Remember what the user picked for one file alone; None forgets it. The file itself is not touched."""
        self._state.choose_for_file(str(file), environment)
        self._keep()

    def offer(self, project: Path, in_use: Iterable[Environment]) -> Offer | None:
        """What to offer for a trusted project after a look round: its own environment, or a file that lists packages.

        `in_use` are the environments of all consoles. None where code runs in its own, where something was chosen for
        the project, and where the same was offered before.
        """
        own = next((one for one in self.all if _is_of(one, project) and one.health is not Health.BROKEN), None)
        of_use = sorted(self.project_files, key=lambda one: not one.can_be_made)
        file = None if own is not None else next(iter(of_use), None)
        used = tuple(in_use)
        if own is not None:
            is_wanted = not any(_is_same(own, one) for one in used) and own.language in {one.language for one in used}
        else:
            is_wanted = file is not None
        offered = own.id if own is not None else str(file.path) if file is not None else ""
        if not is_wanted or self._state.chosen.get(str(project)):
            return None
        if not self._state.note_offer(str(project), offered):
            return None
        self._keep()
        return Offer(own, file)

    def chosen_for_file(self, file: Path | None) -> Environment | None:
        """What was picked for this file alone; None where nothing was."""
        return None if file is None else self._state.known.get(self._state.files.get(str(file), ""))

    # --- making one ready --------------------------------------------------------------------------------------------

    def side_folder(self, environment: Environment) -> Path | None:
        """The folder with ipykernel that this Python needs; None where it has its own or where none is filled yet."""
        _, asked = self._state.probes.get(environment.id, (0, None))
        if environment.kind not in PYTHON_KINDS or asked is None or asked.has_kernel:
            return None
        return self._side_folders.ready(asked)

    def prepare(
        self, environment: Environment, done: Callable[[Environment], None], failed: Callable[[Exception], None]
    ) -> Cancel:
        """Make a Python without ipykernel ready by fetching one beside it, in the pool; `done` gets it READY.

        `failed` gets a KernelError in words for the user.
        """
        if environment.health is Health.READY:
            done(environment)
            return lambda: None
        program = environment.interpreter
        if self._pool is None or program is None or not can_be_made_ready(environment):
            failed(KernelError(f"“{environment.name}” cannot be made ready here.", environment.reason))
            return lambda: None
        if not may_ask(environment, self._around()):
            failed(untrusted(environment))
            return lambda: None
        cancelled = Event()
        stop, machine = self._cancelled, self.machine

        def work() -> tuple[int, Probe]:
            asked = probe(program)
            if asked.reason:
                raise KernelError(f"“{environment.name}” does not work.", asked.reason, "Choose another environment.")
            if not asked.has_kernel:
                self._side_folders.fill(program, asked, lambda: cancelled.is_set() or stop.is_set())
            return last_change_ns(environment, machine), asked

        def on_done(answer: tuple[int, Probe]) -> None:
            self._state.probes = {**self._state.probes, environment.id: answer}
            ready = replace(environment, version=answer[1].version, health=Health.READY, reason="")
            self._state.known[environment.id] = ready
            self._all = tuple(ready if one.id == ready.id else one for one in self.all)
            self._keep()
            self.changed.emit()
            done(ready)

        cancel_job = self._start(work, on_done, failed)

        def cancel() -> None:
            cancelled.set()
            cancel_job()

        return cancel

    def close(self) -> None:
        """Stop what is under way; answers that still come are dropped."""
        self._cancelled.set()
        self._generation += 1
        self._pool = None
        for cancel in self._cancels:
            cancel()
        self._cancels.clear()

    # --- inside ------------------------------------------------------------------------------------------------------

    def _around(self) -> Surroundings:
        probes = {program: answer for program, (_, answer) in self._state.probes.items()}
        further = tuple(map(Path, self._state.added))
        return Surroundings(self.machine, self._side_folders, self._project, self._is_trusted, probes, further)

    def _take(self, found: tuple[Environment, ...]) -> None:
        chosen = {id for choices in self._state.chosen.values() for id in choices.values()}
        chosen |= set(self._state.files.values())
        kept = {id: one for id, one in self._state.known.items() if id in chosen}
        self._state.known = {**kept, **{one.id: one for one in found}}
        self._all = found
        self.changed.emit()

    def _end_of_look(self, problem: str) -> None:
        self.is_refreshing = False
        self._has_looked = True
        self.problem = problem
        self._keep()
        self.changed.emit()

    def _start(self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception], None]) -> Cancel:
        if self._pool is None:
            return lambda: None
        cancel = self._pool(work, done, failed)
        self._cancels = [*self._cancels[-_CANCEL_LIMIT:], cancel]
        return cancel

    def _chosen(self, project: str, language: str) -> Environment | None:
        id = self._state.chosen.get(project, {}).get(language, "")
        return self._state.known.get(id)

    def _at(self, program: Path | None, around: Surroundings) -> Environment | None:
        if program is None:
            return None
        return from_python(look_at(self.machine, "venv", program, around.project), around)

    def _in_prefix(self, prefix: Path) -> Environment | None:
        if prefix == self.machine.program_prefix:
            return None
        return self._at(python_in(prefix, self.machine.system), replace(self._around(), project=None))

    def _is_usable(self, one: Environment, project: Path | None, is_trusted: bool) -> bool:
        program = one.interpreter
        if one.health is not Health.READY or program is None or not program.exists():
            return False
        is_own = program == self.machine.program
        return is_own or is_trusted or project is None or not is_inside(program, project)

    def _keep(self) -> None:
        """Write the state; where that fails the next look round finds everything again."""
        content, path = self._state.to_bytes(), self._state_file

        def write() -> None:
            with suppress(OSError):
                replace_file(path, content)

        if self._pool is None:
            write()
        else:
            self._start(write, lambda _: None, lambda _: None)


def _is_of(one: Environment, project: Path) -> bool:
    return one.is_in_project and one.interpreter is not None and one.interpreter.is_relative_to(project)


def _nothing_runs(language: str) -> KernelError:
    from ide.environments.making.wish import language_offer  # not on the way to the first window

    happened = f"Nothing on this machine that runs {language} was found."
    if language_offer(language) is not None:
        return KernelError(
            happened,
            "",
            "Set it up, or choose its program in the list of environments.",
            action="environment.set_up",
            action_title="Set it up",
            action_arguments={"language": language},
        )
    return KernelError(
        happened,
        "",
        "Install it, or choose its program in the list of environments.",
        action="session.choose_environment",
        action_title="Show environments",
    )


def _is_same(one: Environment, other: Environment) -> bool:
    """Whether both are one place, found by two ways: a project's `.venv` may be a link. Looks at links on the disk.

    What else is known of one does not count: it may be more by now than when its console began.
    """
    if one.id == other.id or one.interpreter is None or other.interpreter is None:
        return one.id == other.id
    # The folders: in two environments of one Python the programs are links to the same file.
    return one.interpreter.parent.resolve() == other.interpreter.parent.resolve()


def _leads_to(interpreter: Path, text: str) -> bool:
    """Whether `text` is the path of this interpreter or of the environment that it lies in."""
    # Links must stay, since a venv's Python is one: so no `resolve`.
    path = os.path.normcase(os.path.abspath(text))
    own = os.path.normcase(interpreter)
    return own == path or os.path.normcase(interpreter.parent.parent) == path
