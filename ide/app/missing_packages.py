"""Offers to install what code lacks: at the error in console and editor, and above a file that imports it.

What is missing is told by the language's plugin and the list of packages; nothing is asked of the network until the
user says yes. Each offer names the environment that it would change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ide.commands.registry import Commands
from ide.core.environment import Environment
from ide.core.errors import FourpaneError, PackageError
from ide.core.language import Language
from ide.core.packages import Act, Changed, Installed, Plan, package_key
from ide.core.ports import RunInPool
from ide.core.record import dataclass
from ide.core.runs import Run, RunStatus
from ide.environments.packages.service import Packages
from ide.environments.uv import CancelledError
from ide.panes.packages.commands import OFFERS
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.widgets.choice_bar import BarChoice, ChoiceBar

if TYPE_CHECKING:
    from ide.app.sessions import SessionRouter
    from ide.documents.document import Document
    from ide.kernels.active import ActiveSession
    from ide.kernels.kernels import Kernels
    from ide.kernels.session import Session
    from ide.panes.console.pane import ConsolePane
    from ide.panes.editor.pane import EditorPane
    from ide.panes.packages.pane import PackagesPane

INSTALL, DECLINE = OFFERS
CODE_LENGTH: Final = 200_000
"""Characters from the top of a file that are looked at: what loads packages stands there."""
_SHOWN_NAMES: Final = 4
_CHOOSING: Final = BarChoice("Choose environment", "session.choose_environment")


@dataclass(frozen=True, slots=True)
class Offer:
    """What a run, or something else of a session, lacked. `packages` are names for the index; `again` does it once
    more, `verb` says so; `document` is the key of the one whose code ran."""

    session: Session
    environment: Environment
    packages: tuple[str, ...]
    again: Callable[[], object]
    verb: str = "run again"
    document: str | None = None


class MissingPackages:
    """UI thread."""

    def __init__(
        self,
        service: Packages,
        pane: PackagesPane,
        kernels: Kernels,
        active: ActiveSession,
        router: SessionRouter,
        find: Callable[[str], Environment | None],
        editor: EditorPane,
        console: ConsolePane,
        environment_of: Callable[[Session], Environment],
        folder: Callable[[], Path | None],
        language_of: Callable[[str], Language | None],
        is_wanted: Callable[[], bool],
        commands: Commands,
        theme: Theme,
        icons: Icons,
        run_in_pool: RunInPool,
        reveal: Callable[[], None],
    ) -> None:
        self._service = service
        self._pane = pane
        self._kernels = kernels
        self._active = active
        self._router = router
        self._find = find
        self._editor = editor
        self._environment_of = environment_of
        self._folder = folder
        self._language_of = language_of
        self._is_wanted = is_wanted
        self._commands = commands
        self._run_in_pool = run_in_pool
        self._reveal = reveal
        self._sessions: dict[str, Callable[[Run], None]] = {}
        self._offers: dict[str, Offer] = {}
        self._waiting: dict[str, Offer] = {}
        self._proposed = ""
        self._told: dict[str, str] = {}
        self._declined: set[tuple[str, tuple[str, ...]]] = set()
        self._followed: set[str] = set()
        self.bar = ChoiceBar(theme, icons)
        self.bar.chosen.connect(self._on_chosen)
        console.widget.add_bar(self.bar)
        commands.add(INSTALL, self.install)
        commands.add(DECLINE, self.decline)
        active.changed.connect(self._show_offer)
        kernels.session_added.connect(self._follow)
        kernels.session_removed.connect(self._unfollow)
        for session in kernels.sessions:
            self._follow(session)
        service.changed.connect(self._on_packages_changed)
        pane.model.changed.connect(self._on_pane_changed)
        connect(self.bar, editor.document_shown, self._on_document_shown)
        self._on_document_shown(editor.desk.document)

    def close(self) -> None:
        """Hear of nothing any more."""
        self._active.changed.disconnect(self._show_offer)
        self._kernels.session_added.disconnect(self._follow)
        self._kernels.session_removed.disconnect(self._unfollow)
        for session in self._kernels.sessions:
            self._unfollow(session)
        self._service.changed.disconnect(self._on_packages_changed)
        self._pane.model.changed.disconnect(self._on_pane_changed)

    # --- at the error ------------------------------------------------------------------------------------------------

    def _follow(self, session: Session) -> None:
        def on_run(run: Run) -> None:
            if run.is_silent:
                return
            if run.status is RunStatus.RUNNING:
                self._withdraw(session)
            elif run.status is RunStatus.ERROR and run.error is not None and self._is_wanted():
                self._look_at(session, run)

        self._sessions[session.id] = on_run
        session.run_changed.connect(on_run)

    def _unfollow(self, session: Session) -> None:
        on_run = self._sessions.pop(session.id, None)
        if on_run is not None:
            session.run_changed.disconnect(on_run)
        self._offers.pop(session.id, None)
        self._show_offer(self._active.session)

    def _look_at(self, session: Session, run: Run) -> None:
        language = self._language_of(session.language)
        error = run.error
        name = language.missing_import(error.name, error.message) if language is not None and error is not None else ""
        if language is None or not name:
            return
        package, environment = language.package_of(name), self._environment_of(session)

        def done(installed: Installed) -> None:
            is_last = session.runs and session.runs[-1].id == run.id
            if is_last and not _is_here(installed, name, package):
                again = partial(session.execute, run.code, source=run.source)
                document = run.source.document if run.source is not None else None
                self._offers[session.id] = Offer(session, environment, (package,), again, document=document)
                self._show_offer(self._active.session)

        self._service.look(environment, done, ignore)

    def need(
        self, session: Session, packages: tuple[str, ...], verb: str, act: Callable[[], object],
        failed: Callable[[Exception], None],
    ) -> None:  # fmt: skip
        """Do `act` where the session's environment has these packages; else offer to install what is missing, and do
        it then. `verb` says what it does."""
        environment = self._environment_of(session)

        def done(installed: Installed) -> None:
            lacking = tuple(one for one in packages if installed.get(one) is None)
            if not lacking:
                try:
                    act()
                except FourpaneError as error:  # the kernel may have ended while its packages were looked at
                    failed(error)
                return
            again = partial(self.need, session, packages, verb, act, failed)
            self._offers[session.id] = Offer(session, environment, lacking, again, verb)
            self._show_offer(self._active.session)

        self._service.look(environment, done, failed)

    def _show_offer(self, session: Session | None) -> None:
        """The bar of the session in front, in the console and above the code that ran."""
        offer = self._offers.get(session.id) if session is not None else None
        if offer is None:
            self.bar.hide()
            return
        text, choices = self._words(offer)
        self.bar.tell(text, choices, role="accent")
        document = next((one for one in self._documents() if one.key == offer.document), None)
        if document is not None:
            self._tell_above(document, text, choices)

    def _words(self, offer: Offer) -> tuple[str, tuple[BarChoice, ...]]:
        name = " and ".join(offer.packages)
        quoted = " and ".join(f"“{one}”" for one in offer.packages)
        is_not = "is not" if len(offer.packages) == 1 else "are not"
        installed = self._service.known(offer.environment)
        where = offer.environment.name
        if installed is not None and not installed.manager:
            text = f"{quoted} {is_not} installed in “{where}”, whose packages are not changed here."
            return text, (_creation(offer.environment, offer.packages), _CHOOSING, BarChoice("Not now"))
        text = f"{quoted} {is_not} installed in “{where}”."
        arguments = (("names", offer.packages), ("environment", offer.environment.id), ("session", offer.session.id))
        return text, (
            BarChoice(f"Install {name} into {where} and {offer.verb}", "packages.install_missing", arguments),
            BarChoice("Not now"),
        )

    def _withdraw(self, session: Session) -> None:
        """The session runs something else: the offer is a former one."""
        offer = self._offers.pop(session.id, None)
        if offer is not None:
            self._show_offer(self._active.session)
            if offer.document is not None:
                self._take_away(offer.document)

    # --- installing --------------------------------------------------------------------------------------------------

    def install(self, names: Iterable[str] = (), environment: str = "", session: str = "") -> None:
        """Install packages into an environment; what a run of that session lacked is run again then.

        Where more than the named ones and what they need would change, the plan is shown first.
        """
        offer = self._offers.get(session)
        found = offer.environment if offer is not None else self._environment(environment)
        wanted = tuple(names)
        if found is None or not wanted:
            return
        if offer is not None:
            self._waiting[found.id] = offer
        self._tell_working(found, wanted)

        def planned(plan: Plan) -> None:
            is_plain = all(not change.before for change in plan.changes)
            if plan.changes and plan.is_allowed and is_plain and not plan.warnings:
                self._tell_working(found, wanted, plan.library)
                self._service.change(found, plan, lambda changed: self._on_installed(found, changed), failed)
            elif not plan.changes and plan.is_allowed:
                self._run_again(found)
            else:
                self.bar.hide()
                self._reveal()
                self._pane.model.propose(found, plan)
                self._proposed = found.id

        def failed(error: Exception) -> None:
            self._waiting.pop(found.id, None)
            self._show_offer(self._active.session)
            if isinstance(error, CancelledError):
                return
            said = error if isinstance(error, FourpaneError) else PackageError("This did not work.", str(error))
            self._commands.report(said)

        self._service.plan(found, Act.INSTALL, wanted, planned, failed)

    def _environment(self, id: str) -> Environment | None:
        environments = (self._environment_of(session) for session in self._kernels.sessions)
        found = next((one for one in environments if one.id == id), None)
        if found is None and self._active.session is not None and not id:
            found = self._environment_of(self._active.session)
        return found or self._find(id)

    def _tell_working(self, environment: Environment, names: tuple[str, ...], library: Path | None = None) -> None:
        for key in tuple(self._told):
            self._take_away(key)
        text = f"Installing {_listed(names)} into {library or f'“{environment.name}”'}..."
        cancel = BarChoice("Cancel", "packages.cancel", (("environment", environment.id),))
        self.bar.tell(text, (cancel,), role="accent")

    def _on_installed(self, environment: Environment, changed: Changed) -> None:
        offer = self._waiting.get(environment.id)
        if changed.has_new_library and offer is not None and offer.session.state != "dead":
            # R begins to look into the new library with this question, which comes before the run.
            offer.session.ask("modules.loaded", {"names": []}, lambda _answer: None)
        self._run_again(environment)

    def _on_pane_changed(self) -> None:
        """The user left a plan as it was: nothing waits for it any more."""
        model = self._pane.model
        if self._proposed and model.plan is None and not model.is_busy:
            self._waiting.pop(self._proposed, None)
            self._proposed = ""

    def _run_again(self, environment: Environment) -> None:
        """What lacked the packages runs again in the session where it ran."""
        self.bar.hide()
        offer = self._waiting.pop(environment.id, None)
        if offer is None or offer.session not in self._kernels.sessions or offer.session.state == "dead":
            return
        self._offers.pop(offer.session.id, None)
        offer.again()

    # --- before the run ----------------------------------------------------------------------------------------------

    def _on_document_shown(self, document: Document | None) -> None:
        if document is None:
            return
        if document.key not in self._followed:
            self._followed.add(document.key)
            connect(self.bar, document.state_changed, self._on_document_state)
        self._check(document)

    def _on_document_state(self) -> None:
        """Saved, or of another language: what it imports may be different."""
        document = self._editor.desk.document
        if document is not None and not document.is_dirty:
            self._check(document)

    def _on_packages_changed(self, id: str) -> None:
        waiting = self._waiting.get(id)
        if waiting is not None:
            installed = self._service.known(waiting.environment)
            is_here = installed is not None and all(installed.get(name) is not None for name in waiting.packages)
            if is_here and not self._service.is_busy(waiting.environment):
                self._run_again(waiting.environment)
        document = self._editor.desk.document
        if document is not None:
            self._check(document)

    def _check(self, document: Document) -> None:
        """See what the document imports against what is installed where it would run."""
        language = self._language_of(document.language) if document.language else None
        environment = self._environment_for(document.language) if language is not None and self._is_wanted() else None
        if language is None or environment is None:
            self._take_away(document.key)
            return
        installed = self._service.known(environment)
        if installed is None:
            self._service.look(environment, ignore, ignore)  # `changed` brings us here again
            return
        text, folders = document.text[:CODE_LENGTH], self._near(document)

        def work() -> tuple[str, ...]:
            names = [name for name in language.imports(text) if not _is_near(name, folders)]
            pairs = ((name, language.package_of(name)) for name in names)
            return tuple(dict.fromkeys(package for name, package in pairs if not _is_here(installed, name, package)))

        self._run_in_pool(work, lambda lacking: self._on_checked(document, environment, installed, lacking), ignore)

    def _on_checked(
        self, document: Document, environment: Environment, installed: Installed, lacking: tuple[str, ...]
    ) -> None:
        if document is not self._editor.desk.document:
            return
        if any(offer.document == document.key for offer in self._offers.values()):
            return  # the error says it already
        if not lacking or (document.key, lacking) in self._declined:
            self._take_away(document.key)
            return
        many = len(lacking) > 1
        what = f"{len(lacking)} packages that this file imports are" if many else "A package that this file imports is"
        text = f"{what} missing from “{environment.name}”: {_listed(lacking)}."
        arguments = (("names", lacking), ("environment", environment.id))
        decline = (("document", document.key), ("names", lacking))
        choices: tuple[BarChoice, ...] = (
            BarChoice("Install", "packages.install_missing", arguments),
            BarChoice("Not now", "packages.decline_missing", decline),
        )
        if not installed.manager:
            choices = (_creation(environment, lacking), _CHOOSING, choices[-1])
        self._tell_above(document, text, choices)

    def _environment_for(self, language: str) -> Environment | None:
        session = self._router.session_of(language)
        return self._environment_of(session) if session is not None else None

    def _near(self, document: Document) -> tuple[Path, ...]:
        folders = (document.path.parent if document.path is not None else None, self._folder())
        return tuple(dict.fromkeys(folder for folder in folders if folder is not None))

    def _documents(self) -> tuple[Document, ...]:
        return tuple(dict.fromkeys(page.document for page in self._editor.desk.pages))

    def _tell_above(self, document: Document, text: str, choices: tuple[BarChoice, ...]) -> None:
        page = self._editor.desk.page_of(document)
        if page is None or page.bar.text == text:
            return
        # What happened to the file itself is more important.
        if page.bar.text and page.bar.text != self._told.get(document.key):
            return
        self._told[document.key] = text
        page.tell_choice(text, choices, role="accent")

    def _take_away(self, key: str) -> None:
        told = self._told.pop(key, "")
        for page in self._editor.desk.pages:
            if page.document.key == key and told and page.bar.text == told:
                page.bar.hide()

    def _on_chosen(self, choice: BarChoice) -> None:
        if choice.command:
            self._commands.run(choice.command, **dict(choice.arguments))
        elif self._active.session is not None:
            self._offers.pop(self._active.session.id, None)

    def decline(self, document: str, names: tuple[str, ...]) -> None:
        """Do not offer these again above this document while the program runs."""
        self._declined.add((document, names))


def _creation(environment: Environment, names: tuple[str, ...]) -> BarChoice:
    """The way out where nothing is installed into: the program's own Python, or the system's."""
    arguments = (("language", environment.language), ("packages", names))
    return BarChoice("Create environment...", "environment.create", arguments)


def _is_here(installed: Installed, name: str, package: str) -> bool:
    """Whether what is imported as `name` is installed, in whatever package it comes."""
    keys = {package_key(name), package_key(package)}
    return any(name in one.modules or one.key in keys for one in installed.packages)


def _is_near(name: str, folders: Iterable[Path]) -> bool:
    """Whether it is a module of the user's own, beside the file or in the project."""
    return any((folder / f"{name}.py").is_file() or (folder / name).is_dir() for folder in folders)


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:_SHOWN_NAMES])
    return f"{shown} and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else shown


def ignore(_what: object) -> None:
    """Nothing follows from it."""
