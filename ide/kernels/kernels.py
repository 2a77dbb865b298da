"""All sessions of this window, the kernels that other windows left behind, and the spare one. UI thread only."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ide.core.environment import LaunchSpec
from ide.core.errors import KernelError
from ide.core.events import Signal
from ide.core.language import AgentSource
from ide.core.ports import After, Cancel, Post
from ide.kernels import death, launches, private
from ide.kernels.io_thread import IoThread, owner_of_this_window
from ide.kernels.records import KernelRecord, Limits

if TYPE_CHECKING:
    from ide.kernels.hub import Hub
    from ide.kernels.items import Item, Request
    from ide.kernels.session import Session

logger = logging.getLogger(__name__)

SPARE_DELAY_S = 2.0


class Kernels:
    """Starts, finds and ends kernels."""

    session_added = Signal(object)
    """Session"""
    session_removed = Signal(object)
    """Session"""

    def __init__(
        self,
        runtime_folder: Path,
        post: Post,
        after: After,
        *,
        agent_of: Callable[[str], AgentSource | None],
        limits: Limits | None = None,
    ) -> None:
        self._folder = runtime_folder
        self._post = post
        self._after = after
        self._agent_of = agent_of
        self._limits = limits or Limits()
        self._io = IoThread(runtime_folder, post, self._deliver)
        self._known: dict[str, Session] = {}
        self._spare: Session | None = None
        self._spare_launch: LaunchSpec | None = None
        self._spare_timer: Cancel | None = None
        self._has_kernels = False
        self._is_closed = False

    @property
    def sessions(self) -> tuple[Session, ...]:
        """The sessions in the order of their start; the spare kernel is none."""
        return tuple(session for session in self._known.values() if session is not self._spare)

    @property
    def limits(self) -> Limits:
        """What bounds the sessions that are started from now on."""
        return self._limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        self._limits = limits

    def start(self, launch: LaunchSpec, name: str = "", *, prestarted: str = "") -> Session:
        """A new session; a spare kernel of the same launch is taken, or the one that `prestart` began.

        Raises KernelError when the runtime folder is not private. All that fails later becomes the session's `cause`.
        """
        self._prepare()
        spare = self._take_spare(launch) if not prestarted else None
        if spare is not None:
            spare.rename(name or self._free_name(launch))
            self._io.call(_asking(spare.id, "give", {"owner": owner_of_this_window(), "name": spare.name}))
            session = spare
        else:
            session = self._open(launch, name or self._free_name(launch), prestarted, is_spare=False)
        self.session_added.emit(session)
        return session

    def left_behind(self) -> tuple[KernelRecord, ...]:
        """Kernels whose window is gone, oldest first; also such as have ended since.

        A living window's are never listed.
        """
        found = []
        for record in launches.records(self._folder):
            if record.get("is_spare") or record["id"] in self._known or launches.is_owned(record):
                continue
            try:
                found.append(self._record_of(record))
            except (KeyError, TypeError, ValueError) as error:
                logger.info("a kernel's record cannot be read: %s", error)
        return tuple(found)

    def attach(self, record: KernelRecord) -> Session:
        """Take over a kernel: all that its spool holds is handed out, then what comes from now on.

        Raises KernelError when it is not there any more, or another window was quicker.
        """
        found = private.read_json(record.folder / launches.RECORD)
        if found is None or launches.is_owned(found):
            raise KernelError("The kernel is not there any more.", "It was ended, or another window has taken it over.")
        self._prepare()
        session = self._make(record.id, record.launch, record.name, is_attached=True, is_busy=record.is_busy)
        session.started_s = record.started_s
        owner, limits = owner_of_this_window(), self._limits
        private.write_json(record.folder / launches.RECORD, {**found, "owner": owner})
        self._io.call(lambda hub: hub.attach_line_io({**found, "owner": owner}, owner, limits))
        self.session_added.emit(session)
        return session

    def discard(self, record: KernelRecord) -> None:
        """End a kernel that was left behind and remove what it left."""
        if record.exit_cause is not None and launches.live_keeper(self._folder) is None:
            private.remove_tree(record.folder)
            return
        self._has_kernels = True
        self._io.call(_asking(record.id, "stop", {"grace_s": 0.5}))

    def keep_spare(self, launch: LaunchSpec | None) -> None:
        """Keep one kernel of this launch warm, instead of the present one; None for none."""
        self._spare_launch = launch
        if self._spare is not None and self._spare.launch != launch:
            self._drop_spare()
        self._plan_spare(0.0)

    def leave(self, environment_id: str) -> None:
        """Keep no spare kernel in an environment that is about to be made anew or to go: it would be of the old one."""
        if self._spare_launch is not None and self._spare_launch.environment.id == environment_id:
            self.keep_spare(None)

    def restart(self, session: Session, launch: LaunchSpec) -> None:
        """Start a session's kernel anew in another way (the folder is trusted now): the session and its text stay.

        In another environment of the same language the session takes its name.
        """
        if launch.environment.id != session.launch.environment.id:
            session.rename(self._free_name(launch))
        session.launch = launch
        session.restart()

    def when_reached(self, act: Callable[[], None]) -> None:
        """Run `act`, on the UI thread, once the I/O thread talks with the keeper, or cannot."""
        self._io.call(lambda hub: hub.when_connected_io(lambda: self._post(act)))

    def close(self, *, leave_kernels: bool = False) -> None:
        """End all kernels, the keeper and the I/O thread; waits for them, 2 s at most.

        With `leave_kernels` the kernels go on under the keeper and are offered to the next window.
        """
        if self._is_closed:
            return
        self._is_closed = True
        if self._spare_timer is not None:
            self._spare_timer()
        for session in self._known.values():
            session.close()
        self._io.close(owner_of_this_window(), leave_kernels=leave_kernels, has_kernels=self._has_kernels)

    # -- Link, for the sessions

    def send(self, session: str, request: Request) -> None:
        """Send a message to a kernel."""
        self._io.call(lambda hub: hub.send_io(session, request))

    def ask_keeper(self, session: str, method: str, params: dict[str, Any]) -> None:
        """Have the keeper do something to a kernel."""
        known = self._known.get(session)
        if method == "restart" and known is not None:
            params = {**params, "launch": launches.launch_to_json(known.launch)}
        self._io.call(_asking(session, method, params))

    def note(self, session: str, values: dict[str, Any]) -> None:
        """Write something down for the next window."""
        self._io.call(lambda hub: hub.note_io(session, **values))

    # -- inside

    def _prepare(self) -> None:
        if self._is_closed:
            raise KernelError("The program is about to end, so no kernel is started.")
        private.prepare_runtime_folder(self._folder)
        self._has_kernels = True

    def _make(self, session_id: str, launch: LaunchSpec, name: str, **options: Any) -> Session:
        from ide.kernels.session import Session  # not on the way to the first window

        agent = self._agent_of(launch.environment.language)
        folder = self._folder / session_id
        session = Session(
            session_id, name, launch, folder, self, self._after, agent, self._limits, on_gone=self._on_gone, **options
        )
        self._known[session_id] = session
        return session

    def _open(self, launch: LaunchSpec, name: str, prestarted: str, *, is_spare: bool) -> Session:
        session_id, limits = prestarted or launches.new_id(), self._limits
        session = self._make(session_id, launch, name)
        request = launches.start_request(session_id, launch, name, is_spare=is_spare, settings=limits.for_keeper())
        self._io.call(lambda hub: hub.open_line_io(session_id, request, limits, is_prestarted=bool(prestarted)))
        return session

    def _deliver(self, session_id: str, items: tuple[Item, ...]) -> None:
        session = self._known.get(session_id)
        if session is not None and not self._is_closed:
            session.take(items)

    def _on_gone(self, session: Session) -> None:
        self._known.pop(session.id, None)
        self._io.call(lambda hub: hub.drop_line_io(session.id))
        if session is self._spare:
            self._spare = None
        else:
            self.session_removed.emit(session)

    def _free_name(self, launch: LaunchSpec) -> str:
        taken = {session.name for session in self.sessions}
        base = launch.environment.name
        return next(
            name for number in range(1, 10_000) if (name := base if number == 1 else f"{base} {number}") not in taken
        )

    def _record_of(self, record: Mapping[str, Any]) -> KernelRecord:
        launch = launches.launch_from_json(record["launch"])
        is_running = record["state"] in ("launching", "running")
        if is_running and launches.live_keeper(self._folder) is None:  # else the keeper is about to say how it ended
            is_running = launches.is_running(dict(record))
        return KernelRecord(
            id=str(record["id"]),
            name=str(record["name"]) or launch.environment.name,
            language=launch.environment.language,
            environment=launch.environment.name,
            pid=int(record["pid"]),
            is_busy=is_running and bool(record["is_busy"]),
            started_s=float(record["started_s"]),
            launch=launch,
            folder=self._folder / str(record["id"]),
            exit_cause=None if is_running else death.cause_of(dict(record)),
        )

    # -- inside: the spare kernel

    def _take_spare(self, launch: LaunchSpec) -> Session | None:
        spare = self._spare
        if spare is None or spare.launch != launch or spare.state == "dead":
            return None
        self._spare = None
        self._plan_spare(SPARE_DELAY_S)
        return spare

    def _drop_spare(self) -> None:
        spare, self._spare = self._spare, None
        if spare is not None:
            del self._known[spare.id]
            spare.close()
            self._io.call(_asking(spare.id, "stop", {"grace_s": 0.5}))
            self._io.call(lambda hub: hub.drop_line_io(spare.id))

    def _plan_spare(self, delay_s: float) -> None:
        if self._spare_timer is not None:
            self._spare_timer()
        self._spare_timer = self._after(delay_s, self._start_spare)

    def _start_spare(self) -> None:
        self._spare_timer = None
        if self._is_closed or self._spare_launch is None or self._spare is not None:
            return
        try:
            self._prepare()
        except KernelError as error:
            logger.info("no spare kernel: %s", error.text)
            return
        self._spare = self._open(self._spare_launch, "", "", is_spare=True)


def _asking(session: str, method: str, params: dict[str, Any]) -> Callable[[Hub], None]:
    return lambda hub: hub.ask_keeper_io(session, method, params)
