"""Puts the Viewer pane together and does what its commands ask. Owns the web view's engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from ide.commands.registry import Commands
from ide.core.errors import CommandError, FourpaneError
from ide.core.events import Signal
from ide.core.outputs import Output
from ide.core.ports import After, RunInPool
from ide.core.record import dataclass
from ide.core.runs import Run
from ide.panes.viewer.commands import HAS_OUTPUT, HAS_PAGE, add_commands
from ide.panes.viewer.model import ShownOutput, ViewerModel
from ide.panes.viewer.output_view import OutputView, text_of_page
from ide.panes.viewer.view import ViewerView
from ide.qt.accessible import announce
from ide.qt.actions import Actions
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect, tied
from ide.widgets.empty_state import EmptyState
from ide.widgets.guest import GuestPage
from ide.widgets.notices import Notice, NoticeArea
from ide.widgets.pane_frame import PaneFrame
from ide.widgets.tabs import Tab
from ide.widgets.web.addresses import copy_of
from ide.widgets.web.page import inlined
from ide.widgets.web.starting import WebStarter

EMPTY_TEXT: Final = "Interactive charts, maps and pages appear here."
_SHOWN: Final = ("viewer.previous", "viewer.next", "viewer.open_large", "viewer.open_in_browser")
_BEHIND: Final = ("viewer.copy", "viewer.save", "viewer.reload", "viewer.delete", "viewer.delete_all")
_OPEN: Final = "viewer.open_address"
_NEVER: Final = "viewer.never"


@dataclass(frozen=True, slots=True)
class ViewerServices:
    """What the pane asks of others. UI thread.

    `copies` is `resources/web`. `browse` gives an address or file to the system's browser. `show_guest` shows a page in
    the editor's tabs. `temp_folder` is where pages for the browser are written; `folder` is where the save dialog
    begins.
    """

    copies: Path
    browse: Callable[[str], None]
    show_guest: Callable[[GuestPage], None]
    temp_folder: Callable[[], Path]
    folder: Callable[[], Path | None] = lambda: None


class ViewerPane:
    """`model.show` is the way in for everything else that wants an output large."""

    id = "viewer"
    title = "Viewer"

    def __init__(
        self,
        commands: Commands,
        actions: Actions,
        theme: Theme,
        icons: Icons,
        after: After,
        run_in_pool: RunInPool,
        services: ViewerServices,
        *,
        frame: PaneFrame | None = None,
    ) -> None:
        self.model = ViewerModel()
        self.starter = WebStarter(services.copies, after, run_in_pool)
        self._commands = commands
        self._theme = theme
        self._icons = icons
        self._run_in_pool = run_in_pool
        self._services = services
        self._never: set[str] = set()
        self._large: list[LargeOutput] = []
        add_commands(commands, self)
        self.widget = frame or PaneFrame(self.title, theme, icons)
        header = self.widget.header
        header.set_actions([actions.action(id) for id in _SHOWN], [actions.action(id) for id in _BEHIND])
        self.notices = NoticeArea(theme, icons)
        self.notices.acted.connect(self._on_notice_acted)
        self.widget.add_bar(self.notices)
        empty = EmptyState(theme, icons, EMPTY_TEXT, icon="presentation")
        self.view = ViewerView(self.model, self.starter, theme, icons, run_in_pool, empty)
        self.view.open_asked.connect(services.browse)
        self.view.browser_asked.connect(self._on_browser_asked)
        self.widget.set_body(self.view)
        connect(self.view, self.model.changed, self._on_changed)

    def focus(self) -> None:
        """The keyboard goes to the output in view."""
        self.view.setFocus()

    def close(self) -> None:
        """End all pages, then what runs them."""
        for large in tuple(self._large):
            large.close_page()
        self.view.close_pages()
        self.starter.close()

    # --- what others show

    def show(self, data: Mapping[str, Any], title: str, source: str = "") -> ShownOutput:
        """Show an output large, whatever its types are; one that is here already comes into view."""
        known = next((each for each in self.model.outputs if data and each.data == data), None)
        if known is None:
            return self.model.show(data, title, source)
        self.model.choose(known.id)
        self.model.arrived.emit()
        return known

    def take(
        self, session: str, run: Run, outputs: tuple[Output, ...], source: str, packages: tuple[Path, ...]
    ) -> None:
        """Keep the interactive ones among what a run has put out."""
        self.model.take(session, run, outputs, source, packages)

    def ask_to_open(self, address: str, who: str) -> None:
        """Code wants an address opened in the browser: the user decides."""
        if who in self._never:
            return
        shown = address if len(address) <= 160 else f"{address[:160]}…"
        arguments: dict[str, object] = {"address": address, "who": who}
        self.notices.show_notice(
            Notice(
                f"{who} wants to open {shown}",
                "info",
                _OPEN,
                "Open",
                arguments,
                other_action=_NEVER,
                other_title="Never",
                key=who,
            )
        )

    # --- commands

    def previous(self) -> None:
        """The output before."""
        self.model.step(-1)

    def next(self) -> None:
        """The output after."""
        self.model.step(1)

    def open_large(self) -> None:
        """The output in view in a tab of the editor."""
        output = self._current()
        for large in self._large:
            if large.output.id == output.id:
                self._services.show_guest(large)
                return
        view = OutputView(output, self.starter, self._theme, self._icons, self._run_in_pool)
        view.open_asked.connect(self._services.browse)
        view.browser_asked.connect(self._on_browser_asked)
        large = LargeOutput(view)
        large.closed.connect(self._on_large_closed)
        self._large.append(large)
        self._services.show_guest(large)

    def open_in_browser(self) -> None:
        """Give the output in view to the browser."""
        self._browse(self._current_page())

    def copy(self) -> None:
        """Put what is in sight on the clipboard."""
        view = self.view.current
        image = view.picture() if view is not None else None
        if image is None or image.isNull():
            raise CommandError("There is no picture of this output yet.")
        data = QMimeData()
        data.setImageData(image)
        QGuiApplication.clipboard().setMimeData(data)
        announce(self.view, "Output copied as a picture")

    def save(self, path: str = "") -> None:
        """Write the output in view to a page that works by itself; asks where without a path."""
        output = self._current_page()
        if output.address:
            raise CommandError("This page comes from a server.", "There is no file of it to save.")
        if not path:
            start = (self._services.folder() or Path.home()) / f"{output.title.lower().replace(' ', '-')}.html"
            path, _kind = QFileDialog.getSaveFileName(self.view.window(), "Save page", str(start), "Pages (*.html)")
        if path:
            self._in_pool(partial(self._write, output, Path(path)), self._on_saved)

    def reload(self) -> None:
        """The page in view from its beginning."""
        if self.view.current is not None:
            self.view.current.reload()

    def delete(self) -> None:
        """Take the output in view away."""
        self.model.delete(self._current().id)

    def delete_all(self) -> None:
        """Take all away."""
        self.model.delete_all()

    # --- how

    def _current(self) -> ShownOutput:
        output = self.model.current
        if output is None:
            raise CommandError("There is no output in view.")
        return output

    def _current_page(self) -> ShownOutput:
        output = self._current()
        if not output.is_page:
            raise CommandError("The output in view is no page.")
        return output

    def _browse(self, output: ShownOutput) -> None:
        if output.address:
            self._services.browse(output.address)
        elif output.file is not None:
            self._services.browse(output.file.as_uri())
        else:
            path = self._services.temp_folder() / f"output-{output.id}.html"
            self._in_pool(partial(self._write, output, path), self._on_written)

    def _write(self, output: ShownOutput, path: Path) -> Path:
        """In the pool. Scripts that are here go into the page, so that it works without a network."""
        copies = self._services.copies

        def text_of(address: str) -> str:
            found = copy_of(address, copies, output.packages)
            return found.read_text(encoding="utf-8") if found is not None else ""

        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(text_of_page(output, copies, inlined(text_of)), encoding="utf-8")
        return path

    def _in_pool(self, work: Callable[[], Path], done: Callable[[Path], None]) -> None:
        self._run_in_pool(work, tied(self.view, done), tied(self.view, self._on_failed))

    # --- events

    def _on_changed(self, _nothing: object = None) -> None:
        output = self.model.current
        self._commands.context.set(HAS_OUTPUT, output is not None)
        self._commands.context.set(HAS_PAGE, output is not None and output.is_page)

    def _on_browser_asked(self, id: int) -> None:
        output = next((each for each in self.model.outputs if each.id == id), None)
        if output is not None:
            self._browse(output)

    def _on_written(self, path: Path) -> None:
        self._services.browse(path.as_uri())

    def _on_saved(self, path: Path) -> None:
        self.notices.show_notice(Notice(f"Saved {path.name}.", "done", key="saved"))

    def _on_failed(self, error: Exception) -> None:
        self._commands.report(
            error if isinstance(error, FourpaneError) else CommandError("The page was not written.", str(error))
        )

    def _on_notice_acted(self, notice: Notice) -> None:
        arguments = notice.action_arguments
        if notice.action == _OPEN:
            self._services.browse(str(arguments["address"]))
        elif notice.action == _NEVER:
            self._never.add(str(arguments["who"]))

    def _on_large_closed(self, large: LargeOutput) -> None:
        if large in self._large:
            self._large.remove(large)


class LargeOutput:
    """An output as a page of the editor's tabs."""

    tab_changed = Signal()
    closed = Signal(object)

    def __init__(self, view: OutputView) -> None:
        self._view = view

    @property
    def output(self) -> ShownOutput:
        """What it shows."""
        return self._view.output

    @property
    def key(self) -> str:
        """Stable, and unlike any document's key."""
        return f"viewer-output:{self._view.output.id}"

    @property
    def tab(self) -> Tab:
        """What the output is."""
        output = self._view.output
        return Tab(self.key, output.title, tooltip=output.words)

    @property
    def widget(self) -> OutputView:
        """The output."""
        return self._view

    def close_page(self) -> None:
        """End the page."""
        self._view.close_page()
        self.closed.emit(self)
