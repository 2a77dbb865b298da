"""Which consoles there are, what their tabs say and what their notices offer. Owns no widget and no kernel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ide.core.events import Signal
from ide.core.record import dataclass, field

if TYPE_CHECKING:
    from ide.core.errors import KernelError
    from ide.core.language import Language
    from ide.kernels.active import ActiveSession
    from ide.kernels.kernels import Kernels
    from ide.kernels.progress import RunProgress
    from ide.kernels.session import Session

EMPTY_TEXT = "No Python or R yet. Set up Python, set up R, or browse."
READY_TEXT = "Code that you run appears here, with what it prints.\nStart Python or R: the program that runs your code."


def starting_text(name: str) -> str:
    """What stands where one can type while the kernel of `name` comes up."""
    return f"{name} is starting. You can type already."


@dataclass(frozen=True, slots=True)
class ConsoleTab:
    """What a tab shows. `state` is a word for screen readers where it is not plain idle."""

    key: str
    text: str
    badge: str
    badge_role: str
    tooltip: str
    is_running: bool
    state: str
    share: float | None = None
    """How far its code is, from 0 to 1, where that is known."""


@dataclass(frozen=True, slots=True)
class ConsoleNotice:
    """Something about one session, in at most three lines, with one action. Equal keys replace each other."""

    key: str
    text: str
    kind: Literal["info", "done", "warning", "error"] = "info"
    action: str = ""
    action_title: str = ""
    arguments: dict[str, object] = field(default_factory=dict)
    details: str = ""


class ConsoleModel:
    """The consoles in the order of their tabs. UI thread."""

    changed = Signal()
    """Tabs came, went, or say something else."""
    opened = Signal(object)
    closed = Signal(object)

    def __init__(
        self,
        kernels: Kernels,
        active: ActiveSession,
        language_of: Callable[[str], Language | None],
        progress: RunProgress,
    ) -> None:
        self._kernels = kernels
        self._progress = progress
        self._active = active
        self._language_of = language_of
        self._sessions: list[Session] = []
        self._hidden: set[str] = set()
        kernels.session_added.connect(self._on_added)
        kernels.session_removed.connect(self._on_removed)
        active.changed.connect(self._on_active_changed)
        for session in kernels.sessions:
            self._on_added(session)

    @property
    def sessions(self) -> tuple[Session, ...]:
        """Those with a tab, in order."""
        return tuple(session for session in self._sessions if session.id not in self._hidden)

    @property
    def current(self) -> Session | None:
        """The session in use."""
        return self._active.session

    @property
    def tabs(self) -> tuple[ConsoleTab, ...]:
        """What the tabs show."""
        return tuple(self.tab_of(session) for session in self.sessions)

    def session(self, key: str) -> Session | None:
        """The session of a tab."""
        return next((session for session in self._sessions if session.id == key), None)

    def language(self, session: Session) -> Language | None:
        """The session's language, where a plugin knows it."""
        return self._language_of(session.language)

    def choose(self, key: str) -> None:
        """Make a tab the current one."""
        session = self.session(key)
        if session is not None:
            self._active.choose(session)

    def step(self, by: int) -> None:
        """Go so many tabs on, around the end."""
        shown = self.sessions
        if shown:
            index = shown.index(self.current) if self.current in shown else 0
            self._active.choose(shown[(index + by) % len(shown)])

    def reorder(self, keys: list[str]) -> None:
        """The user moved tabs."""
        place = {key: index for index, key in enumerate(keys)}
        self._sessions.sort(key=lambda session: place.get(session.id, len(place)))

    def hide(self, session: Session) -> None:
        """Take the tab away; the kernel is still there."""
        self._hidden.add(session.id)
        if session is self.current:
            self._active.choose(self.sessions[-1] if self.sessions else None)
        self.changed.emit()

    def bring_back(self, key: str) -> Session | None:
        """Show a hidden tab again."""
        session = self.session(key)
        if session is None or key not in self._hidden:
            return None
        self._hidden.discard(key)
        self._active.choose(session)
        self.changed.emit()
        return session

    def is_hidden(self, session: Session) -> bool:
        """Whether its tab was closed and can still be brought back."""
        return session.id in self._hidden

    def tab_of(self, session: Session) -> ConsoleTab:
        """What the tab of `session` shows."""
        language = self.language(session)
        environment = session.launch.environment
        words = {"starting": "starting", "restarting": "restarting", "dead": "ended", "waiting": "waiting for input"}
        badge = language.badge if language is not None else session.language[:2].capitalize()
        interpreter = f"\n{environment.interpreter}" if environment.interpreter is not None else ""
        progress = self._progress.of(session)
        done = f"\nRunning {progress.text}" if progress.text else ""
        return ConsoleTab(
            session.id,
            session.name,
            badge,
            language.badge_role if language is not None else "badge_other",
            f"{environment.name} {environment.version}".strip() + interpreter + done,
            session.state in ("busy", "starting", "restarting", "interrupting"),
            words.get(session.state, ""),
            progress.share,
        )

    def close(self) -> None:
        """Follow nothing any more."""
        self._kernels.session_added.disconnect(self._on_added)
        self._kernels.session_removed.disconnect(self._on_removed)
        self._active.changed.disconnect(self._on_active_changed)
        for session in self._sessions:
            session.state_changed.disconnect(self._on_state_changed)

    def _on_added(self, session: Session) -> None:
        self._sessions.append(session)
        session.state_changed.connect(self._on_state_changed)
        self.opened.emit(session)
        self._active.choose(session)
        self.changed.emit()

    def _on_removed(self, session: Session) -> None:
        if session not in self._sessions:
            return
        self._sessions.remove(session)
        self._hidden.discard(session.id)
        session.state_changed.disconnect(self._on_state_changed)
        if self._active.session is session:
            self._active.choose(self.sessions[-1] if self.sessions else None)
        self.closed.emit(session)
        self.changed.emit()

    def _on_state_changed(self) -> None:
        self.changed.emit()

    def _on_active_changed(self, session: Session | None) -> None:
        if session is not None and session.id in self._hidden:
            self._hidden.discard(session.id)
        self.changed.emit()


def death_notice(session: Session) -> ConsoleNotice | None:
    """What to say of a session whose kernel has ended by itself; None where the user asked for it."""
    cause = session.cause
    if session.state != "dead" or cause is None or cause.kind == "asked":
        return None
    lost = "Its variables are lost; nothing is run again by itself."
    text = (
        f"{cause.text}\n{'Look at what it printed, or choose another environment.' if cause.kind == 'start' else lost}"
    )
    return ConsoleNotice(
        f"dead:{session.id}",
        text,
        "error",
        "session.restart",
        "Restart",
        {"session": session.id},
        "\n".join(cause.stderr_lines),
    )


def trouble_notice(session: Session, error: KernelError) -> ConsoleNotice:
    """What a session says about a kernel that is not dead. Where an interrupt was ignored, killing is the way out."""
    key = f"trouble:{session.id}"
    if session.state == "interrupting":
        return ConsoleNotice(key, error.text, "warning", "session.kill", "End it at once", {"session": session.id})
    arguments = {"session": session.id, **error.action_arguments}
    return ConsoleNotice(key, error.text, "warning", error.action, error.action_title, arguments)


def closing_notice(session: Session, seconds: float) -> ConsoleNotice:
    """A console was closed and can be brought back."""
    text = f"“{session.name}” was closed. Its variables are kept for {seconds:.0f} s."
    return ConsoleNotice(
        f"closed:{session.id}", text, "info", "session.bring_back", "Bring back", {"session": session.id}
    )


def busy_notice(session: Session) -> ConsoleNotice:
    """Closing would stop running code."""
    text = f"“{session.name}” is running code.\nClosing it stops the run and its variables are lost."
    arguments: dict[str, object] = {"session": session.id, "is_sure": True}
    return ConsoleNotice(f"busy:{session.id}", text, "warning", "session.shut_down", "Close anyway", arguments)


def attached_notice(session: Session) -> ConsoleNotice:
    """A kernel of an earlier window is here again."""
    text = f"“{session.name}” was left behind by a window that ended.\nIts variables and its output are here again."
    return ConsoleNotice(f"attached:{session.id}", text)


def shown_folder(folder: Path | None, home: Path) -> str:
    """The working folder as it stands above the console: the home folder as ~."""
    if folder is None:
        return "Working folder unknown"
    try:
        inner = folder.relative_to(home)
    except ValueError:
        return str(folder)
    return "~" if inner == Path() else f"~/{inner.as_posix()}"
