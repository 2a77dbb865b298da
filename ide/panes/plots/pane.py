"""Puts the Plots pane together and does what its commands ask: step, zoom, save, copy, delete."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu

from ide.commands.registry import Commands
from ide.core.errors import CommandError
from ide.core.outputs import Output
from ide.core.ports import RunInPool
from ide.core.runs import Run
from ide.kernels.kernels import Kernels
from ide.kernels.session import Session
from ide.panes.plots.commands import add_commands
from ide.panes.plots.model import SVG, Plot, PlotsModel
from ide.panes.plots.picture import BrokenPicture, decode
from ide.panes.plots.picture_view import ZOOM_STEP
from ide.panes.plots.view import PlotsView
from ide.qt.actions import Actions
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect, tied
from ide.widgets.empty_state import EmptyState
from ide.widgets.pane_frame import PaneFrame

EMPTY_TEXT = "Charts appear here."
DPI_AT_100_PERCENT = 96


class PlotsPane:
    """`go_to` brings a plot's code into view. Sessions are told the pane's size, so that new plots fit at once."""

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
    ) -> None:
        self.model = PlotsModel(keep_count)
        self._commands = commands
        self._actions = actions
        self._kernels = kernels
        self._run_in_pool = run_in_pool
        self._go_to = go_to
        self._formats = formats
        self._told: weakref.WeakKeyDictionary[Session, tuple[int, int, float]] = weakref.WeakKeyDictionary()
        for key, meaning in (
            ("plots.has_plot", "a plot"),
            ("plots.has_place", "a plot drawn by an open or saved file"),
            ("plots.has_deleted", "a deleted plot"),
        ):
            commands.context.declare(key, False, meaning, "Plots pane")
        add_commands(commands, self)
        self.widget = PaneFrame(self.title, theme, icons)
        shown = ("plot.previous", "plot.next", "plot.save", "plot.copy")
        behind = (
            "plot.zoom_in",
            "plot.zoom_out",
            "plot.zoom_fit",
            "plot.go_to_code",
            "plot.delete",
            "plot.delete_all",
            "plot.restore",
        )
        self._menu_ids = (*shown, *behind)
        self.widget.header.set_actions([actions.action(id) for id in shown], [actions.action(id) for id in behind])
        empty = EmptyState(theme, icons, EMPTY_TEXT, icon="chart-line")
        self.view = PlotsView(self.model, theme, run_in_pool, empty)
        self.widget.set_body(self.view)
        self.view.picture.setContextMenuPolicy(self.view.thumbnails.contextMenuPolicy().CustomContextMenu)
        self.view.picture.customContextMenuRequested.connect(self._on_menu_asked)
        self.view.room_changed.connect(self._on_room_changed)
        for signal in (self.model.chosen, self.model.inserted, self.model.removed):
            connect(self.view, signal, self._on_changed)
        kernels.session_added.connect(self._on_session_added)
        kernels.session_removed.connect(self._on_session_removed)

    def focus(self) -> None:
        """The keyboard goes to the plot in view."""
        self.view.picture.setFocus()

    def close(self) -> None:
        """Follow no session any more."""
        self._kernels.session_added.disconnect(self._on_session_added)
        self._kernels.session_removed.disconnect(self._on_session_removed)
        for session in self._kernels.sessions:
            self._unfollow(session)

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
        if not path:
            kinds = {
                SVG: "SVG picture (*.svg);;PNG picture (*.png)",
                "image/jpeg": "JPEG picture (*.jpg);;PNG picture (*.png)",
            }
            path, _ = QFileDialog.getSaveFileName(
                self.widget,
                "Save plot",
                f"plot-{plot.id}{plot.suffix}",
                kinds.get(plot.mime, "PNG picture (*.png);;JPEG picture (*.jpg)"),
            )
        if path:
            self._run_in_pool(
                lambda: write_plot(plot, Path(path)), tied(self.view, self._on_saved), tied(self.view, self._on_failed)
            )

    def copy(self) -> None:
        """Put the plot in view on the clipboard, as a picture and as its own bytes."""
        plot = self._current()
        self._run_in_pool(
            lambda: (plot, decode(plot.mime, plot.data)),
            tied(self.view, self._on_copied),
            tied(self.view, self._on_failed),
        )

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

    # --- events

    def _current(self) -> Plot:
        plot = self.model.current
        if plot is None:
            raise CommandError("There is no plot in view.")
        return plot

    def _on_changed(self, _what: object) -> None:
        context = self._commands.context
        plot = self.model.current
        context.set("plots.has_plot", plot is not None)
        context.set("plots.has_place", plot is not None and plot.source is not None)
        context.set("plots.has_deleted", self.model.can_restore)

    def _on_session_added(self, session: Session) -> None:
        session.output_arrived.connect(self._on_output_arrived)
        session.state_changed.connect(self._on_state_changed)
        self._configure(session)

    def _on_session_removed(self, session: Session) -> None:
        self._unfollow(session)

    def _unfollow(self, session: Session) -> None:
        session.output_arrived.disconnect(self._on_output_arrived, missing_ok=True)
        session.state_changed.disconnect(self._on_state_changed, missing_ok=True)

    def _on_output_arrived(self, run: Run, outputs: tuple[Output, ...]) -> None:
        self.model.take(run.session, run, outputs)

    def _on_state_changed(self) -> None:
        for session in self._kernels.sessions:
            self._configure(session)

    def _on_room_changed(self, _room: QSize) -> None:
        self._on_state_changed()

    def _configure(self, session: Session) -> None:
        """Tell an idle session the room, once per size: its next plots then need no redraw."""
        if session.state == "starting" or session.state == "restarting":
            self._told.pop(session, None)
            return
        ratio = self.view.devicePixelRatioF()
        room = self.view.room()
        wanted = (room.width(), room.height(), ratio)
        if session.state != "idle" or not session.has_agent or self._told.get(session) == wanted:
            return
        self._told[session] = wanted
        session.ask(
            "plots.configure",
            {
                "width_px": round(room.width() * ratio),
                "height_px": round(room.height() * ratio),
                "dpi": round(DPI_AT_100_PERCENT * ratio),
                "formats": list(self._formats()),
            },
            ignore_answer,
        )

    def _on_menu_asked(self, place: QPoint) -> None:
        menu = QMenu(self.view)
        menu.addActions([self._actions.action(id) for id in self._menu_ids])
        menu.exec(self.view.picture.mapToGlobal(place))
        menu.deleteLater()

    def _on_saved(self, _path: Path) -> None:
        return None

    def _on_copied(self, answer: tuple[Plot, object]) -> None:
        plot, image = answer
        data = QMimeData()
        data.setImageData(image)
        data.setData(plot.mime, plot.data)
        QGuiApplication.clipboard().setMimeData(data)

    def _on_failed(self, error: Exception) -> None:
        self._commands.report(
            error if isinstance(error, CommandError) else CommandError("The plot can't be used.", str(error))
        )


def ignore_answer(_answer: object) -> None:
    """A kernel that can't be configured draws at its own size; the pane scales it."""


def write_plot(plot: Plot, path: Path) -> Path:
    """Write a plot; the ending decides the format. In the pool. Raises CommandError."""
    own = plot.suffix == path.suffix.lower() or (plot.mime == "image/jpeg" and path.suffix.lower() == ".jpeg")
    try:
        if own:
            path.write_bytes(plot.data)
            return path
        if path.suffix.lower() == ".svg":
            raise CommandError("This plot can't be saved as SVG.", "The kernel sent a bitmap.", "Save it as PNG.")
        if not decode(plot.mime, plot.data).save(str(path)):
            raise CommandError(
                f"“{path.name}” was not written.", "The format or the place can't be used.", "Choose .png."
            )
    except (OSError, BrokenPicture) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CommandError(f"“{path.name}” was not written.", f"{reason}.", "Choose another place.") from error
    return path
