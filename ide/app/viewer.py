"""Makes the Viewer pane and ties it to the sessions: what they show, and what their code wants opened."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

from ide._paths import resources_dir
from ide.commands.registry import Commands
from ide.core.outputs import Output
from ide.core.ports import After, RunInPool
from ide.core.runs import Run
from ide.panes.viewer.pane import ViewerPane, ViewerServices
from ide.qt.actions import Actions
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.widgets.guest import GuestPage
from ide.widgets.pane_frame import PaneFrame

if TYPE_CHECKING:
    from ide.core.environment import Environment
    from ide.kernels.kernels import Kernels
    from ide.kernels.session import Session

EVENT: Final = "viewer.show"
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_PAGES: Final = (".html", ".htm", ".xhtml")
_PACKAGE_FOLDERS: Final = ("lib/python3*/site-packages", "lib/python3*/dist-packages", "Lib/site-packages")


class Viewer:
    """UI thread. `show_pane` brings the pane to the front, `keep_back` takes its tab away when it has nothing."""

    def __init__(
        self,
        kernels: Kernels,
        commands: Commands,
        actions: Actions,
        theme: Theme,
        icons: Icons,
        after: After,
        run_in_pool: RunInPool,
        *,
        browse: Callable[[str], None],
        show_guest: Callable[[GuestPage], None],
        folder: Callable[[], Path | None],
        show_pane: Callable[[], None],
        keep_back: Callable[[], None],
        frame: PaneFrame,
    ) -> None:
        self._kernels = kernels
        self._show_pane = show_pane
        self._keep_back = keep_back
        self._temp: tempfile.TemporaryDirectory[str] | None = None
        self._packages: dict[str, tuple[Path, ...]] = {}
        self._listeners: dict[str, Callable[[str, dict[str, Any]], None]] = {}
        services = ViewerServices(resources_dir() / "web", browse, show_guest, self._temp_folder, folder)
        self.pane = ViewerPane(commands, actions, theme, icons, after, run_in_pool, services, frame=frame)
        self.pane.model.arrived.connect(self._on_arrived)
        self.pane.model.changed.connect(self._on_changed)
        kernels.session_added.connect(self._follow)
        kernels.session_removed.connect(self._unfollow)
        for session in kernels.sessions:
            self._follow(session)

    def close(self) -> None:
        """Hear of no session any more, and remove the pages that were written for the browser. The pane ends itself."""
        self._kernels.session_added.disconnect(self._follow)
        self._kernels.session_removed.disconnect(self._unfollow)
        for session in self._kernels.sessions:
            self._unfollow(session)
        self.pane.model.changed.disconnect(self._on_changed)
        if self._temp is not None:
            self._temp.cleanup()

    def _temp_folder(self) -> Path:
        """Private, for pages that the browser is to read."""
        if self._temp is None:
            self._temp = tempfile.TemporaryDirectory(prefix="fp-pages-", ignore_cleanup_errors=True)
        return Path(self._temp.name)

    def _follow(self, session: Session) -> None:
        def listen(event: str, params: dict[str, Any]) -> None:
            if event == EVENT:
                self._open(session, str(params.get("address", "")), str(params.get("folder", "")))

        self._listeners[session.id] = listen
        session.agent_event.connect(listen)
        session.output_arrived.connect(self._on_output_arrived)

    def _unfollow(self, session: Session) -> None:
        listener = self._listeners.pop(session.id, None)
        if listener is not None:
            session.agent_event.disconnect(listener)
            session.output_arrived.disconnect(self._on_output_arrived)
        self._packages.pop(session.id, None)

    def _on_output_arrived(self, run: Run, outputs: tuple[Output, ...]) -> None:
        session = next((each for each in self._kernels.sessions if each.id == run.session), None)
        if session is None:
            return
        count = f"In [{run.execution_count}]" if run.execution_count else ""
        source = " ".join(part for part in (session.name, count) if part)
        self.pane.take(session.id, run, outputs, source, self._packages_of(session))

    def _packages_of(self, session: Session) -> tuple[Path, ...]:
        if session.id not in self._packages:
            self._packages[session.id] = package_folders(session.launch.environment)
        return self._packages[session.id]

    def _open(self, session: Session, address: str, folder: str) -> None:
        """A page in the session's temporary folder or of a server on this machine is shown, the rest asked about."""
        packages = self._packages_of(session)
        page = page_in(address, folder)
        if page is not None:
            file, beside = page
            title = "Page" if file.stem == "index" else file.stem
            self.pane.model.show(
                {}, title, session.name, session=session.id, file=file, folder=beside, packages=packages
            )
        elif is_loopback(address):
            title = urlsplit(address).netloc
            self.pane.model.show({}, title, session.name, session=session.id, address=address, packages=packages)
        elif address:
            self._show_pane()
            self.pane.ask_to_open(address, session.name or session.language)

    def _on_arrived(self) -> None:
        self._show_pane()

    def _on_changed(self) -> None:
        if not self.pane.model.outputs:
            self._keep_back()


def is_loopback(address: str) -> bool:
    """Whether an address is one of a server on this machine."""
    parts = urlsplit(address)
    return parts.scheme in ("http", "https") and (parts.hostname or "") in _LOOPBACK


def page_in(address: str, folder: str) -> tuple[Path, Path | None] | None:
    """The page that `address` means, if it is one in the temporary folder `folder`, and the folder that it may read.

    A page that lies in the temporary folder itself reads nothing beside it: that is where everything lies.
    """
    parts = urlsplit(address)
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        path = Path(url2pathname(parts.path))
    else:
        path = Path(address)
    if not path.is_absolute():
        return None
    if not folder or path.suffix.lower() not in _PAGES:
        return None
    path, root = path.resolve(), Path(folder).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        return None
    return path, path.parent if path.parent != root else None


def package_folders(environment: Environment) -> tuple[Path, ...]:
    """Where the Python packages of an environment lie; reads the disk, runs nothing. Empty for other languages."""
    if environment.interpreter is None:
        return ()
    prefix = environment.interpreter.parent.parent
    return tuple(found for pattern in _PACKAGE_FOLDERS for found in sorted(prefix.glob(pattern)) if found.is_dir())
