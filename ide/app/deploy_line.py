"""`fourpane deploy` and `fourpane jobs`: the same as the button and the pane, from a terminal. No Qt, no window.

What the user is told goes to the error stream, what a program reads (the job's id, its log, the list) to the output.
"""

from __future__ import annotations

import argparse
import getpass
import json
import os
import queue
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO, TypeVar

from ide import __version__
from ide.app.arguments import Arguments
from ide.app.locked import cluster_needs, lock_source
from ide.core.deploy import Concern, JobEvent, JobOutcome, JobRequest, JobState, Resources, TargetSpec, TargetStatus
from ide.core.environment import Environment
from ide.core.errors import DeployError, FourpaneError, PackageError
from ide.core.ports import Cancel
from ide.core.record import dataclass
from ide.core.target import Target
from ide.deploy.checking import CHECK_LIMIT_S, Sources, check
from ide.deploy.cost import money
from ide.deploy.deployments import Deployments
from ide.deploy.dirty import dirty_of
from ide.deploy.history import History, search
from ide.deploy.key_store import KeyStore
from ide.deploy.preflight import POLICY, concerns, is_clear, key_of
from ide.deploy.preparing import prepare
from ide.deploy.record import RunRecord
from ide.deploy.results import ending
from ide.deploy.targets import Door, TargetStore
from ide.deploy.wishes import Wish, WishBook

if TYPE_CHECKING:
    from ide.app.start import Started
    from ide.environments.making.maker import Maker

T = TypeVar("T")
OpenDoor = Callable[["Started"], Door]
"""Makes the way to targets; `close` of it is called at the end."""

DONE, FAILED, REFUSED, LEFT = 0, 1, 2, 130
"""Exit codes: it ended well, it did not, it was not sent, somebody stopped looking. A script's own code is kept."""
REFUSED_BY_SHELLS: Final = 126
"""From here on exit codes mean something else to a shell."""


@dataclass(slots=True)
class Streams:
    """Where things are written."""

    out: TextIO
    errors: TextIO

    def tell(self, text: str) -> None:
        """A line for the user."""
        self.errors.write(f"{text}\n")
        self.errors.flush()


def jobs(words: Sequence[str], streams: Streams) -> int:
    """`fourpane jobs`: what this profile has deployed, the newest first."""
    from ide.app.start import paths_of

    parser = argparse.ArgumentParser(
        prog="fourpane jobs", description="List the jobs that were deployed, newest first."
    )
    parser.add_argument("words", nargs="*", metavar="WORD", help="only jobs in which each word stands somewhere")
    parser.add_argument("--json", action="store_true", help="whole records, as a list")
    parser.add_argument("--log", metavar="ID", help="print what a job has printed; the beginning of its id is enough")
    _profile(parser)
    given = parser.parse_args(words)
    history = History(paths_of(_arguments(given.profile, None)).state_folder / "jobs")
    records = history.records()
    for problem in history.problems:
        streams.tell(f"fourpane: {problem}")
    if given.log is not None:
        return _print_log(history, records, given.log, streams)
    found = search(records, " ".join(given.words))
    if given.json:
        streams.out.write(json.dumps([one.to_json() for one in found], indent=1) + "\n")
    else:
        streams.out.write(_table(found))
    return DONE


def deploy(words: Sequence[str], caller_folder: Path, open_door: OpenDoor, streams: Streams) -> int:
    """`fourpane deploy FILE`: look, bundle, hand over; with `--watch`, follow it to its end. Main thread."""
    from ide.app.start import begin

    # Split by hand: versions of argparse differ in what becomes of "--".
    end = words.index("--") if "--" in words else len(words)
    given = _deploy_parser().parse_args(words[:end])
    file = Path(caller_folder, Path(given.file).expanduser())
    folder = caller_folder if file.is_relative_to(caller_folder) else file.parent
    try:
        started = begin(_arguments(given.profile, folder), opens_window=False)
        started.pool.work_in(_at_once)
        door = open_door(started)
    except FourpaneError as error:
        streams.tell(f"fourpane: {error.text}")
        return REFUSED
    try:
        return _Deploy(started, door, streams).run(given, folder, file, tuple(words[end + 1 :]))
    except FourpaneError as error:
        streams.tell(f"fourpane: {error.text}")
        return REFUSED
    finally:
        door.close()


class _Deploy:
    """One script, from what is asked on the command line to how it ended."""

    def __init__(self, started: Started, door: Door, streams: Streams) -> None:
        self._started = started
        self._door = door
        self._streams = streams
        state = started.paths.state_folder
        self._history = History(state / "jobs")
        self._targets = TargetStore(state / "targets.json", [one.id for one in door.kinds()], _at_once)
        self._wishes = WishBook(state / "deploys.json", _at_once)
        self._secrets: dict[str, str] = {}
        self._logins: dict[str, dict[str, str]] = {}

    def run(self, given: argparse.Namespace, folder: Path, file: Path, arguments: tuple[str, ...]) -> int:
        if self._targets.problem:
            self._streams.tell(f"fourpane: {self._targets.problem}")
        wish = self._wish(given, folder, file)
        wish = replace(wish, arguments=arguments or wish.arguments)
        target = self._targets.find(wish.target)
        if target is None:
            raise DeployError("There is no target to deploy to.", advice="Name one with --target.")
        self._secrets = {name: os.environ[name] for name in wish.secrets if os.environ.get(name)}
        language = self._started.extensions.facts(wish.language)
        name = language.name if language is not None else wish.language
        steps = _Steps(self._streams)
        self._door.prepare(steps)
        found = check(
            wish, target, self._sources(wish, given.env), steps, language_name=name, secrets=frozenset(self._secrets)
        )
        told = concerns(found, frozenset(wish.accepted))
        for one in told:
            self._streams.tell(_in_words(one))
        if not is_clear(told):
            self._streams.tell("Nothing was sent.")
            return REFUSED
        trusted = self._started.trust.is_trusted(folder)
        secrets = {one: self._secrets[one] for one in wish.secrets if one in self._secrets}
        record, request = prepare(
            self._history, found, target, secrets, title=wish.title, user=getpass.getuser(), arguments=wish.arguments,
            dirty=dirty_of(folder, dict(os.environ), is_trusted=trusted),
        )  # fmt: skip
        self._wishes.keep(wish)
        return _Following(self._history.folder, self._open, self._streams).follow(record, request, watch=given.watch)

    def _wish(self, given: argparse.Namespace, folder: Path, file: Path) -> Wish:
        facts = self._started.extensions.facts_of_suffix(file.suffix.lower())
        if facts is None:
            raise DeployError(f"{file.name} is no script.", advice="Name a file of Python or R.")
        entry = file.relative_to(folder).as_posix()
        wish = self._wishes.find(str(folder), entry) or Wish(str(folder), entry, facts.id)
        if given.target:
            wish = replace(wish, target=self._targets.named(given.target).id)
        resources = wish.resources
        for name in ("workers", "time_limit_s", "budget"):
            if getattr(given, name) is not None:
                resources = replace(resources, **{name: getattr(given, name)})
        return replace(
            wish, resources=_whole(resources),
            secrets=tuple(dict.fromkeys((*wish.secrets, *given.secret))),
            accepted=tuple(dict.fromkeys((*wish.accepted, *given.accept))),
        )  # fmt: skip

    def _sources(self, wish: Wish, named: str) -> Sources:
        extensions = self._started.extensions
        languages = {
            suffix: extensions.language(facts.id) for facts in extensions.languages() for suffix in facts.suffixes
        }
        return Sources(
            languages.get, lock_source(self._maker, self._environment(wish, named)), self._status, Path.home(),
            cluster_needs,
        )  # fmt: skip

    def _environment(self, wish: Wish, named: str) -> Environment | None:
        environments, folder = self._started.environments, Path(wish.folder)
        if named:
            found = environments.find(named) or (environments.add(Path(named)) if Path(named).is_absolute() else None)
            if found is None:
                raise DeployError(f"There is no environment “{named}”.")
            return found
        try:
            trusted = self._started.trust.is_trusted(folder)
            return environments.default(folder, language=wish.language, is_trusted=trusted)
        except FourpaneError:
            return None  # preflight tells that there is no lock, and the target whether it runs the language

    def _maker(self) -> Maker:
        from ide.environments.making.maker import Maker
        from ide.environments.network import network_of
        from ide.environments.packages.policies import places_of
        from ide.environments.uv import Uv

        paths, network = self._started.paths, network_of(self._started.settings)
        places = places_of(paths, self._started.settings, self._started.folder)
        return Maker(Uv(paths.side_folder, network), self._started.environments.machine, places, _no_bin, __version__)

    def _status(self, spec: TargetSpec) -> TargetStatus:
        return self._open(spec.id).check(CHECK_LIMIT_S)

    def _open(self, id: str) -> Target:
        spec = self._targets.find(id)
        if spec is None:
            raise DeployError("The target of this job is not set up any more.", advice="Set it up again.")
        return self._door.open(spec, self._login(spec))

    def _login(self, spec: TargetSpec) -> dict[str, str]:
        """From the environment, else from the key store, which is asked once."""
        if spec.id not in self._logins:
            named = {name: os.environ.get(f"FOURPANE_{name.upper()}", "") for name in spec.secrets}
            given = {name: value for name, value in named.items() if value}
            missing = [name for name in spec.secrets if name not in given]
            self._logins[spec.id] = {**given, **(KeyStore().read(spec.id, missing) if missing else {})}
        return self._logins[spec.id]


class _Following:
    """Hands one job over and listens in the main thread, where `Deployments` wants to live."""

    def __init__(self, folder: Path, open_target: Callable[[str], Target], streams: Streams) -> None:
        self._posted: queue.Queue[Callable[[], None]] = queue.Queue()
        self._deployments = Deployments(folder, self._posted.put, open_target)
        self._streams = streams
        self._told = ""

    def follow(self, record: RunRecord, request: JobRequest, *, watch: bool) -> int:
        self._deployments.logged.connect(self._on_logged)
        self._deployments.submit(record, request)
        try:
            self._listen(record.id, until_end=watch)
        except KeyboardInterrupt:
            self._streams.tell(f"The job goes on. `fourpane jobs --log {record.id[:8]}` prints what it has printed.")
            return LEFT
        finally:
            self._deployments.close()
            self._deployments.wait_closed(10.0)
        return self._end(record.id, watch)

    def _listen(self, job: str, *, until_end: bool) -> None:
        """Until the target has it, or until it is over."""
        while True:
            state = self._deployments.jobs[job].record.state
            if state.is_final or (not until_end and state not in (JobState.PREPARING, JobState.SUBMITTING)):
                return
            self._tell_step(job)
            # A signal is seen between two waits: on Windows a wait without an end would not hear one.
            try:
                self._posted.get(timeout=0.2)()
            except queue.Empty:
                continue

    def _tell_step(self, job: str) -> None:
        shown = self._deployments.jobs[job]
        text = shown.trouble or shown.step
        if text and text != self._told:
            self._told = text
            self._streams.tell(text)

    def _on_logged(self, _job: str, events: tuple[JobEvent, ...]) -> None:
        for one in events:
            if one.kind == "log":
                stream = self._streams.errors if one.stream == "stderr" else self._streams.out
                stream.write(one.text)
                stream.flush()
            elif one.kind == "note":
                self._streams.tell(one.text)

    def _end(self, job: str, watch: bool) -> int:
        record = self._deployments.jobs[job].record
        if not watch and not record.state.is_final:
            self._streams.out.write(f"{job}\n")
            return DONE
        outcome = JobOutcome(record.state, record.exit_code, record.reason, record.error_file, record.error_line)
        self._streams.tell(ending(outcome))
        if record.cost:
            self._streams.tell(f"Cost: {money(record.cost, record.currency)}")
        if record.outputs:
            self._streams.tell(f"{len(record.outputs)} results in {self._deployments.place(job)}")
        if record.state is JobState.SUCCEEDED:
            return DONE
        code = record.exit_code
        return code if code is not None and 0 < code < REFUSED_BY_SHELLS else FAILED


class _Steps:
    """Tells each step once. Ctrl+C ends the program, so nothing is cancelled otherwise."""

    is_cancelled = False

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._told = ""

    def report(self, step: str, done: int = 0, total: int = 0) -> None:
        """`ide.core.ports.Work`."""
        if step != self._told:
            self._told = step
            self._streams.tell(f"{step} ...")


def _at_once(work: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception], None]) -> Cancel:
    """`RunInPool` where nobody waits for a window: here and now."""
    try:
        result = work()
    except Exception as error:  # noqa: BLE001 - handed on, as a pool does
        failed(error)
    else:
        done(result)
    return lambda: None


def _deploy_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="fourpane deploy",
        usage="%(prog)s FILE [options] [-- ARGUMENT ...]",
        description="Run a script on a target: the same code, packages and data. Prints the job's id. What stands "
        "after -- is for the script.",
        epilog="Ends with 0, with 2 where nothing was sent, with --watch also with the script's own exit code. The "
        "project is the current folder where the file is in it, else the file's. Secrets of the target are "
        "taken from variables (FOURPANE_PASSWORD for a password, FOURPANE_TOKEN for a token), else from the key store "
        "of the system.",
    )
    parser.add_argument("file", metavar="FILE", help="the script")
    parser.add_argument("--target", metavar="NAME", help="where; as it was the last time if not given")
    parser.add_argument("--watch", action="store_true", help="print its log, and wait for its end")
    parser.add_argument("--workers", type=int, metavar="N", help="so many workers")
    parser.add_argument("--time-limit", type=float, dest="time_limit_s", metavar="SECONDS", help="stop it then")
    parser.add_argument("--budget", type=float, metavar="AMOUNT", help="stop it once it has cost that")
    parser.add_argument(
        "--secret", action="append", default=[], metavar="NAME", help="hand on this variable's value; may be repeated"
    )
    parser.add_argument(
        "--accept",
        action="append",
        default=[],
        metavar="KEY",
        help="go on in spite of a problem, named as printed",
    )
    parser.add_argument("--env", default="", metavar="NAME", help="the environment whose lock is sent")
    _profile(parser)
    return parser


def _profile(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--profile", type=Path, metavar="FOLDER", help="the profile with its targets and history")


def _arguments(profile: Path | None, folder: Path | None) -> Arguments:
    return Arguments(folder=folder, profile=profile.absolute() if profile is not None else None)


def _whole(resources: Resources) -> Resources:
    if resources.workers < 1 or resources.time_limit_s < 0 or resources.budget < 0:
        raise DeployError("Workers, time limit and budget are positive numbers.")
    return resources


def _in_words(one: Concern) -> str:
    place = f"{one.file}:{one.line}: " if one.line else f"{one.file}: " if one.file else ""
    level = {"block": "error", "warn": "warning"}.get(one.level, "note")
    text = " ".join(part for part in (one.happened, one.meaning, one.advice) if part)
    is_open = one.level == "block" and one.code != POLICY
    accept = f"\n    To go on all the same: --accept {_quoted(key_of(one))}" if is_open else ""
    return f"{place}{level}: {text}{accept}"


def _quoted(text: str) -> str:
    import shlex
    import subprocess

    return subprocess.list2cmdline([text]) if sys.platform == "win32" else shlex.quote(text)


def _print_log(history: History, records: Sequence[RunRecord], start: str, streams: Streams) -> int:
    found = [one for one in records if start and one.id.startswith(start)]
    if len(found) != 1:
        streams.tell(
            f"fourpane: {'No job' if not found else 'More than one job'} has an id that begins with {start!r}."
        )
        return REFUSED
    for one in history.events(found[0].id):
        if one.kind == "log":
            streams.out.write(one.text)
    return DONE


def _table(records: Sequence[RunRecord]) -> str:
    if not records:
        return "No jobs.\n"
    rows = [("ID", "STARTED", "STATE", "TARGET", "SCRIPT", "COST")]
    for one in records:
        started = time.strftime("%Y-%m-%d %H:%M", time.localtime(one.created_s))
        cost = money(one.cost, one.currency) if one.cost else ""
        rows.append((one.id[:8], started, one.state.value, one.target_name or one.target, one.entry, cost))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
    return "\n".join(lines) + "\n"


def _no_bin(path: Path) -> None:
    raise PackageError(f"{path} was not moved to the bin.", "There is none without a window.")
