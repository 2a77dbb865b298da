"""Puts the Plots pane together and does what its commands ask: step, zoom, save, copy, delete."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from ide.commands.registry import Commands
from ide.core.errors import CommandError, FourpaneError
from ide.core.outputs import Output
from ide.core.ports import RunInPool
from ide.core.runs import Run
from ide.kernels.session import Session
from ide.panes.plots.commands import HAS_DELETED, HAS_PLACE, HAS_PLOT, add_commands
from ide.panes.plots.model import Plot, PlotsModel
from ide.panes.plots.picture import BrokenPicture, Drawn, Pictures
from ide.panes.plots.picture_view import ZOOM_STEP
from ide.panes.plots.saving import filters_for, path_with_suffix, write_plot
from ide.panes.plots.view import PlotsView
from ide.qt.accessible import announce
from ide.qt.actions import Actions
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect, tied
from ide.widgets.empty_state import EmptyState
from ide.widgets.pane_frame import PaneFrame

if TYPE_CHECKING:
    from ide.kernels.kernels import Kernels

EMPTY_TEXT: Final = "Charts appear here."
DPI_AT_100_PERCENT: Final = 96

AskPath = Callable[[QWidget, str, str], tuple[str, str]]
"""Parent, proposed path, filters -> chosen path (empty: none) and filter."""


def ask_path(parent: QWidget, proposal: str, filters: str) -> tuple[str, str]:
    """The system's save dialog."""
    return QFileDialog.getSaveFileName(parent, "Save plot", proposal, filters)


class PlotsPane:
    """`go_to` brings a plot's code into view; `formats` are those asked of kernels, the preferred one first. Sessions
    are told the pane's size, so that new plots fit at once. `folder` is where the save dialog begins. `examples` are
    commands and their buttons for the empty pane.
    """

    id = "plots"
    title = "Plots"

    def __init__(
        self,
        commands: Commands,
        actions: Actions,
        kernels: Kernels,
        keep_count: int,
        theme: Theme,
        icons: Icons,
        run_in_pool: RunInPool,
        go_to: Callable[[Plot], None],
        formats: Callable[[], tuple[str, ...]],
        *,
        folder: Callable[[], Path | None] = lambda: None,
        examples: Sequence[tuple[str, str]] = (),
        ask: AskPath = ask_path,
        frame: PaneFrame | None = None,
    ) -> None:
        self.model = PlotsModel(keep_count)
        self._commands = commands
        self._actions = actions
        self._kernels = kernels
        self._theme = theme
        self._run_in_pool = run_in_pool
        self._go_to = go_to
        self._formats = formats
        self._folder = folder
        self._ask = ask
        self._pictures = Pictures()
        self._told: weakref.WeakKeyDictionary[Session, tuple[object, ...]] = weakref.WeakKeyDictionary()
        add_commands(commands, self)
        self.widget = frame or PaneFrame(self.title, theme, icons)
        shown = ("plot.previous", "plot.next", "plot.save", "plot.copy")
        behind = ("plot.zoom_in", "plot.zoom_out", "plot.zoom_fit", "plot.go_to_code")
        ending = ("plot.delete", "plot.delete_all", "plot.restore")
        self._menu_ids = (("plot.save", "plot.copy"), behind, ending)
        self.widget.header.set_actions(
            [actions.action(id) for id in shown], [actions.action(id) for id in (*behind, *ending)]
        )
        empty = EmptyState(theme, icons, EMPTY_TEXT, examples, icon="chart-line")
        empty.chosen.connect(commands.run)
        self.view = PlotsView(self.model, self._pictures, theme, icons, run_in_pool, empty)
        self.widget.set_body(self.view)
        for widget in (self.view.picture, self.view.thumbnails):
            widget.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.picture.customContextMenuRequested.connect(self._on_picture_menu_asked)
        self.view.thumbnails.customContextMenuRequested.connect(self._on_strip_menu_asked)
        self.view.room_changed.connect(self.tell_sessions)
        self.view.save_asked.connect(self._on_save_asked)
        for signal in (self.model.chosen, self.model.inserted, self.model.removed):
            connect(self.view, signal, self._on_changed)
        connect(self.view, self.model.inserted, self._on_inserted)
        kernels.session_added.connect(self._on_session_added)
        kernels.session_removed.connect(self._on_session_removed)
        for session in kernels.sessions:
            self._on_session_added(session)

    def focus(self) -> None:
        """The keyboard goes to the plot in view."""
        self.view.focus()

    def close(self) -> None:
        """Follow no session any more, and end what draws."""
        self._kernels.session_added.disconnect(self._on_session_added)
        self._kernels.session_removed.disconnect(self._on_session_removed)
        for session in self._kernels.sessions:
            self._unfollow(session)
        self._pictures.close()

    # --- commands

    def previous(self) -> None:
        """The plot before."""
        self.model.step(-1)

    def next(self) -> None:
        """The plot after."""
        self.model.step(1)

    def zoom_in(self) -> None:
        """Closer."""
        self.view.picture.zoom_by(ZOOM_STEP)

    def zoom_out(self) -> None:
        """Farther."""
        self.view.picture.zoom_by(1 / ZOOM_STEP)

    def zoom_fit(self) -> None:
        """The whole plot."""
        self.view.picture.fit()

    def save(self, path: str = "") -> None:
        """Write the plot in view; asks for a place where none is given."""
        plot = self._current()
        target = Path(path) if path else self._ask_target(plot)
        if target is not None:
            self._in_pool(partial(write_plot, plot, target, self._pictures), self._on_saved)

    def copy(self) -> None:
        """Put the plot in view on the clipboard, as a picture and as its own bytes."""
        self._in_pool(partial(_whole, self._pictures, self._current()), self._on_copied)

    def go_to_code(self) -> None:
        """Bring the code of the plot in view into the editor."""
        self._go_to(self._current())

    def delete(self) -> None:
        """Take the plot in view away."""
        if self.model.position is not None:
            self.model.delete(self.model.position)

    def delete_all(self) -> None:
        """Take all plots away."""
        self.model.delete_all()

    def restore(self) -> None:
        """Bring back what was deleted last."""
        self.model.restore()

    def tell_sessions(self) -> None:
        """Tell every session that can be told the size and format of new plots, once for each size."""
        for session in self._kernels.sessions:
            self._configure(session)

    # --- events

    def _current(self) -> Plot:
        plot = self.model.current
        if plot is None:
            raise CommandError("There is no plot in view.")
        return plot

    def _ask_target(self, plot: Plot) -> Path | None:
        name = f"plot-{plot.id}{plot.suffix}"
        folder = self._folder()
        proposal = str(folder / name) if folder is not None else name
        path, chosen_filter = self._ask(self.widget, proposal, filters_for(plot))
        return path_with_suffix(Path(path), chosen_filter, plot) if path else None

    def _in_pool(self, work: Callable[[], object], done: Callable[..., None]) -> None:
        self._run_in_pool(work, tied(self.view, done), tied(self.view, self._on_failed))

    def _on_save_asked(self) -> None:
        self._commands.run("plot.save")

    def _on_changed(self, _what: object) -> None:
        context = self._commands.context
        plot = self.model.current
        context.set(HAS_PLOT, plot is not None)
        context.set(HAS_PLACE, plot is not None and plot.source is not None)
        context.set(HAS_DELETED, self.model.can_restore)

    def _on_inserted(self, position: int) -> None:
        announce(self.view, f"{self.model.at(position).words} has arrived")

    def _on_session_added(self, session: Session) -> None:
        session.output_arrived.connect(self._on_output_arrived)
        session.state_changed.connect(self.tell_sessions)
        self._configure(session)

    def _on_session_removed(self, session: Session) -> None:
        self._unfollow(session)

    def _unfollow(self, session: Session) -> None:
        session.output_arrived.disconnect(self._on_output_arrived, missing_ok=True)
        session.state_changed.disconnect(self.tell_sessions, missing_ok=True)

    def _on_output_arrived(self, run: Run, outputs: tuple[Output, ...]) -> None:
        self.model.take(run.session, run, outputs)

    def _configure(self, session: Session) -> None:
        """Its next plots then need no redraw. A kernel that was started anew has forgotten what it was told."""
        if not session.has_agent:
            self._told.pop(session, None)
            return
        ratio = self.view.devicePixelRatioF()
        room = self.view.room()
        params = {
            "width_px": round(room.width() * ratio),
            "height_px": round(room.height() * ratio),
            "dpi": round(DPI_AT_100_PERCENT * ratio * self._theme.zoom),
            "formats": list(self._formats()),
        }
        wanted = tuple(str(value) for value in params.values())
        if session.state == "idle" and self._told.get(session) != wanted:
            self._told[session] = wanted
            session.ask("plots.configure", params, ignore_answer)

    def _on_picture_menu_asked(self, place: QPoint) -> None:
        self._show_menu(self.view.picture.mapToGlobal(place))

    def _on_strip_menu_asked(self, place: QPoint) -> None:
        self._show_menu(self.view.thumbnails.viewport().mapToGlobal(place))

    def _show_menu(self, place: QPoint) -> None:
        menu = QMenu(self.view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for ids in self._menu_ids:
            menu.addActions([self._actions.action(id) for id in ids])
            menu.addSeparator()
        menu.popup(place)

    def _on_saved(self, path: Path) -> None:
        announce(self.view, f"Saved as {path.name}")

    def _on_copied(self, answer: tuple[Plot, Drawn]) -> None:
        plot, drawn = answer
        data = QMimeData()
        data.setImageData(drawn.image)
        data.setData(plot.mime, plot.data)
        QGuiApplication.clipboard().setMimeData(data)
        announce(self.view, f"{plot.words} copied")

    def _on_failed(self, error: Exception) -> None:
        if not isinstance(error, FourpaneError):
            raise error
        self._commands.report(error)


def ignore_answer(_answer: object) -> None:
    """A kernel that can't be configured draws at its own size; the pane scales it."""


def _whole(pictures: Pictures, plot: Plot) -> tuple[Plot, Drawn]:
    """In a pool thread. Raises CommandError."""
    try:
        return plot, pictures.draw(plot.mime, plot.data)
    except BrokenPicture as broken:
        raise CommandError("This plot can't be copied.", str(broken), "Save its data to a file.") from broken
