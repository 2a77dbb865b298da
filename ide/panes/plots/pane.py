"""Puts the Plots pane together and does what its commands ask. Owns the store of plots and what draws them."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QMimeData, QPoint, QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from ide.commands.registry import Commands
from ide.core.errors import CommandError, FourpaneError
from ide.core.outputs import Output
from ide.core.ports import After, RunInPool
from ide.core.record import dataclass, replace
from ide.core.runs import Run
from ide.kernels.session import Session
from ide.panes.plots.commands import (
    CAN_REDRAW,
    COMPARES,
    HAS_CODE,
    HAS_DELETED,
    HAS_LANGUAGE,
    HAS_PLACE,
    HAS_PLOT,
    IS_DARK,
    IS_PINNED,
    TIES_ZOOM,
    VISION,
    VISIONS,
    add_commands,
)
from ide.panes.plots.look import Vision
from ide.panes.plots.model import MOST_BYTES, PlotsModel
from ide.panes.plots.picture import BrokenPicture, Drawn, Pictures
from ide.panes.plots.picture_view import ZOOM_STEP
from ide.panes.plots.plot import SVG, Plot
from ide.panes.plots.redraw import SLOW_S, Redraw, Size
from ide.panes.plots.rendering import Rendering
from ide.panes.plots.saving import PLAIN_DPI, Export, described, write_bytes, write_plot
from ide.panes.plots.view import PlotsView
from ide.panes.plots.window import PlotWindow
from ide.qt.accessible import announce
from ide.qt.actions import Actions
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect, tied
from ide.widgets.empty_state import EmptyState
from ide.widgets.pane_frame import PaneFrame

if TYPE_CHECKING:
    from ide.kernels.kernels import Kernels
    from ide.panes.plots.store import PlotStore

EMPTY_TEXT: Final = "Charts appear here."
_SHOWN: Final = ("plot.previous", "plot.next", "plot.save", "plot.copy")
_MENU: Final = (
    ("plot.save", "plot.copy", "plot.insert_save_code"),
    ("plot.show_code", "plot.go_to_code", "plot.run_again"),
    ("plot.compare", "plot.tie_zoom", "plot.open_window", "plot.full_screen"),
    ("plot.zoom_in", "plot.zoom_out", "plot.zoom_fit", "plot.redraw"),
    ("plot.pin", "plot.describe", "plot.show_dark"),
    ("plot.delete", "plot.delete_all", "plot.restore"),
)
"""The context menu, group by group; colour visions are in a menu of their own."""
_IN_HEADER: Final = ("plot.zoom_in", "plot.zoom_out", "plot.zoom_fit", *_SHOWN)
"""Not behind the header's "...": buttons of their own, the wheel."""


@dataclass(frozen=True, slots=True)
class PlotServices:
    """What the pane asks of others. UI thread.

    `go_to` brings a plot's code into view, `run_again` runs it. `save_code` writes code that saves a plot, from the
    plot, a file's name and a size in inches, empty where its language is not known; `insert_code` puts it into the
    script, False where there is none. `formats` are those asked of kernels, the preferred one first. `folder` is where
    the save dialog begins. A plot that takes longer than `redraw_limit_s` to draw is redrawn only when asked for.
    """

    go_to: Callable[[Plot], None]
    run_again: Callable[[Plot], None]
    save_code: Callable[[Plot, str, float, float], str]
    insert_code: Callable[[str], bool]
    formats: Callable[[], tuple[str, ...]]
    folder: Callable[[], Path | None] = lambda: None
    redraw_limit_s: Callable[[], float] = lambda: SLOW_S


class PlotsPane:
    """Sessions are told the pane's size, so that new plots fit at once. Without a `store` plots live in memory only.
    `examples` are commands and their buttons for the empty pane.
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
        after: After,
        services: PlotServices,
        *,
        most_bytes: int = MOST_BYTES,
        store: PlotStore | None = None,
        examples: Sequence[tuple[str, str]] = (),
        frame: PaneFrame | None = None,
    ) -> None:
        self.model = PlotsModel(keep_count, most_bytes, store)
        self._commands = commands
        self._actions = actions
        self._kernels = kernels
        self._theme = theme
        self._icons = icons
        self._run_in_pool = run_in_pool
        self._services = services
        self._store = store
        self._early: list[tuple[Run, tuple[Output, ...]]] | None = None
        self._pictures = Pictures()
        self._rendering = Rendering(lambda: kernels.sessions)
        self._redraw = Redraw(lambda: kernels.sessions, self.model.redrawn, after, services.redraw_limit_s)
        self._told: weakref.WeakKeyDictionary[Session, tuple[object, ...]] = weakref.WeakKeyDictionary()
        self.windows: list[PlotWindow] = []
        add_commands(commands, self)
        self.widget = frame or PaneFrame(self.title, theme, icons)
        header = self.widget.header
        self._filter_box = header.set_filter("Filter", "Filter plots by session, file or code")
        header.filter_changed.connect(self.model.set_filter)
        behind = [id for group in _MENU for id in group if id not in _IN_HEADER]
        header.set_actions([actions.action(id) for id in _SHOWN], [actions.action(id) for id in behind])
        empty = EmptyState(theme, icons, EMPTY_TEXT, examples, icon="chart-line")
        empty.chosen.connect(commands.run)
        self.view = PlotsView(self.model, self._pictures, theme, icons, run_in_pool, empty)
        self.widget.set_body(self.view)
        for widget in (self.view.picture, self.view.thumbnails):
            widget.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.picture.customContextMenuRequested.connect(self._on_picture_menu_asked)
        self.view.thumbnails.customContextMenuRequested.connect(self._on_strip_menu_asked)
        self.view.room_changed.connect(self.tell_sessions)
        self.view.room_changed.connect(self._see)
        connect(self.view, self._redraw.changed, self._on_redraw_changed)
        self.model.forgotten.connect(self._redraw.forget)
        self.view.save_asked.connect(self._on_save_asked)
        self.view.redraw_asked.connect(self._on_redraw_asked)
        for signal in (self.model.chosen, self.model.inserted, self.model.removed, self.model.changed):
            connect(self.view, signal, self._on_changed)
        connect(self.view, self.model.inserted, self._on_inserted)
        if store is not None:
            self._early = []
            store.failed.connect(self._on_store_failed)
            store.load(keep_count, most_bytes, self._on_loaded)
        kernels.session_added.connect(self._on_session_added)
        kernels.session_removed.connect(self._on_session_removed)
        for session in kernels.sessions:
            self._on_session_added(session)

    @property
    def is_restored(self) -> bool:
        """Whether the plots of earlier windows are here."""
        return self._early is None

    def focus(self) -> None:
        """The keyboard goes to the plot in view."""
        self.view.focus()

    def close(self) -> None:
        """Follow no session any more, end what draws, and have on disk what is to be kept."""
        self._kernels.session_added.disconnect(self._on_session_added)
        self._kernels.session_removed.disconnect(self._on_session_removed)
        for session in self._kernels.sessions:
            self._unfollow(session)
        self._redraw.close()
        for window in tuple(self.windows):
            window.close()
        self._pictures.close()
        if self._store is not None:
            self._store.close()

    # --- commands

    def previous(self) -> None:
        """The plot before."""
        self.model.step(-1)

    def next(self) -> None:
        """The plot after."""
        self.model.step(1)

    def filter(self, text: str | None = None) -> None:
        """List plots with these words only; without any the caret goes into the box for them."""
        if text is None:
            self._filter_box.setFocus()
            self._filter_box.selectAll()
        else:
            self._filter_box.setText(text)

    def zoom_in(self) -> None:
        """Closer."""
        self.view.picture.zoom_by(ZOOM_STEP)

    def zoom_out(self) -> None:
        """Farther."""
        self.view.picture.zoom_by(1 / ZOOM_STEP)

    def zoom_fit(self) -> None:
        """The whole plot."""
        self.view.picture.fit()

    def redraw(self) -> None:
        """Have the kernel draw the plot in view at its size on the screen, however long that takes."""
        self._redraw.redraw()

    def compare(self) -> None:
        """Keep the plot in view beside others, or end that. The one before it comes to its right."""
        if self.view.compared is not None:
            self.view.compare(None)
        else:
            self.view.compare(self._current())
            position = self.model.position or 0
            self.model.step(-1 if position else 1)
        self._on_changed(None)

    def tie_zoom(self) -> None:
        """Zoom two plots side by side as one, or each by itself."""
        self.view.set_zoom_tied(not self.view.is_zoom_tied)
        self._commands.context.set(TIES_ZOOM, self.view.is_zoom_tied)

    def open_window(self) -> None:
        """A window that keeps the plot in view."""
        self._open_window(follows_choice=False).show()

    def full_screen(self) -> None:
        """The plot in view on the whole screen."""
        self._open_window(follows_choice=True).showFullScreen()

    def show_dark(self) -> None:
        """Look at plots on dark paper, or no longer."""
        self._look(is_dark=not self.view.look.is_dark)

    def see(self, vision: Vision) -> None:
        """Look at plots with another colour vision."""
        self._look(vision=vision)

    def save(self, path: str = "") -> None:
        """Write the plot in view as it came, in the format of the path's ending; asks how and where without a path."""
        plot = self._current()
        if path:
            self._in_pool(partial(write_plot, plot, Path(path), self._pictures), self._on_saved)
        else:
            self._in_pool(partial(_size_of, self._pictures, plot), self._ask_export)

    def export(self, plot: Plot, path: Path, wish: Export) -> None:
        """Write a plot in a size and format: drawn anew by its kernel where that can be, else from its picture."""
        from_picture = partial(write_plot, plot, path, self._pictures, wish)
        if self._rendering.obstacle(plot):
            self._in_pool(from_picture, self._on_saved)
            return

        def take(data: bytes) -> None:
            self._in_pool(lambda: write_bytes(path, described(data, plot.alt)), self._on_saved)

        def give_up(reason: str) -> None:
            error = CommandError(
                f"The kernel could not draw plot {plot.id} anew.",
                reason,
                "It is written from the picture that is here.",
            )
            self._commands.report(error)
            self._in_pool(from_picture, self._on_saved)

        self._rendering.render(plot, wish, take, give_up)

    def copy(self) -> None:
        """Put the plot in view on the clipboard, as a picture and as its own bytes."""
        self._in_pool(partial(_whole, self._pictures, self._current()), self._on_copied)

    def insert_save_code(self) -> None:
        """Put code that saves the plot in view into the script."""
        plot = self._current()
        room = self.view.room()
        size = (room.width() / PLAIN_DPI, room.height() / PLAIN_DPI)
        code = self._services.save_code(plot, f"plot-{plot.id}.png", *size)
        if not self._services.insert_code(code):
            raise CommandError("There is no script to put the code into.", "", "Open or make one first.")

    def show_code(self) -> None:
        """The code of the plot in view, to read."""
        from ide.panes.plots.dialogs import CodeDialog

        plot = self._current()
        can_run = bool(self._commands.context.get(HAS_LANGUAGE))
        dialog = CodeDialog(plot, plot.source is not None, can_run, self._theme, self.view.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.command_asked.connect(self._on_command_asked)
        dialog.open()

    def go_to_code(self) -> None:
        """Bring the code of the plot in view into the editor."""
        self._services.go_to(self._current())

    def run_again(self) -> None:
        """Run the code of the plot in view."""
        self._services.run_again(self._current())

    def pin(self) -> None:
        """Pin the plot in view, or take the pin out."""
        position = self.model.position
        if position is not None:
            self.model.set_pinned(position, not self.model.at(position).is_pinned)

    def describe(self, text: str | None = None) -> None:
        """Say what the plot in view shows; asks where nothing is given."""
        plot = self._current()
        if text is not None:
            self.model.describe(plot.id, text.strip())
            return
        from ide.panes.plots.dialogs import DescribeDialog

        dialog = DescribeDialog(plot, self._theme, self.view.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.kept.connect(self.model.describe)
        dialog.open()

    def delete(self) -> None:
        """Take the plot in view away."""
        if self.model.position is not None:
            self.model.delete(self.model.position)

    def delete_all(self) -> None:
        """Take all plots away but the pinned ones."""
        self.model.delete_all()

    def restore(self) -> None:
        """Bring back what was deleted last."""
        self.model.restore()

    def tell_sessions(self) -> None:
        """Tell every session that can be told the size and format of new plots, once for each size."""
        for session in self._kernels.sessions:
            self._configure(session)

    # --- how

    def _current(self) -> Plot:
        plot = self.model.current
        if plot is None:
            raise CommandError("There is no plot in view.")
        return plot

    def _see(self) -> None:
        """Tell what is in sight, and how large: a plot may have to be drawn anew."""
        ratio = self.view.devicePixelRatioF()
        room = self.view.room_in_sight()
        dpi = round(PLAIN_DPI * ratio * self._theme.zoom)
        size = Size(round(room.width() * ratio), round(room.height() * ratio), dpi)
        self._redraw.see(self.model.current, size)

    def _look(self, **changes: object) -> None:
        look = replace(self.view.look, **changes)  # type: ignore[arg-type]  # fields of Look
        self.view.set_look(look)
        for window in self.windows:
            window.set_look(look)
        self._commands.context.set(IS_DARK, look.is_dark)
        self._commands.context.set(VISION, look.vision)

    def _open_window(self, *, follows_choice: bool) -> PlotWindow:
        window = PlotWindow(
            self._current(),
            self.model,
            self._pictures,
            self._theme,
            self._icons,
            self._run_in_pool,
            self.view.window(),
            follows_choice=follows_choice,
        )
        window.set_look(self.view.look)
        window.closed.connect(self._on_window_closed)
        self.windows.append(window)
        return window

    def _ask_export(self, answer: tuple[Plot, QSize]) -> None:
        from ide.panes.plots.dialogs import ExportDialog, ask_path

        plot, own_size = answer
        if own_size.isEmpty():  # its data can be written still
            path = ask_path(self.view.window(), f"plot-{plot.id}{plot.suffix}", "")
            if path:
                self.save(path)
            return
        ratio = self.view.devicePixelRatioF()
        dpi = PLAIN_DPI if plot.mime == SVG else PLAIN_DPI * ratio * self._theme.zoom
        dialog = ExportDialog(
            plot, own_size, dpi, self._rendering.obstacle(plot), self._services.folder(), self._theme,
            self.view.window(),
        )  # fmt: skip
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.chosen.connect(self.export)
        dialog.open()

    def _in_pool(self, work: Callable[[], object], done: Callable[..., None]) -> None:
        self._run_in_pool(work, tied(self.view, done), tied(self.view, self._on_failed))

    # --- events

    def _on_loaded(self, plots: Sequence[Plot]) -> None:
        """Plots of earlier windows are here, or there are none; now what came meanwhile."""
        self.model.put_back(plots)
        early, self._early = self._early or [], None
        for run, outputs in early:
            self._on_output_arrived(run, outputs)

    def _on_store_failed(self, error: OSError) -> None:
        reason = f"The system says: {error.strerror or error}."
        advice = "They stay here until the window closes."
        self._commands.report(CommandError("Plots can't be kept on disk.", reason, advice))

    def _on_redraw_asked(self) -> None:
        self.redraw()

    def _on_save_asked(self) -> None:
        self._commands.run("plot.save")

    def _on_command_asked(self, id: str) -> None:
        self._commands.run(id)

    def _on_window_closed(self, window: PlotWindow) -> None:
        if window in self.windows:
            self.windows.remove(window)

    def _on_changed(self, _what: object) -> None:
        context = self._commands.context
        plot = self.model.current
        context.set(HAS_PLOT, plot is not None)
        context.set(HAS_PLACE, plot is not None and plot.source is not None)
        context.set(HAS_CODE, plot is not None and bool(plot.code))
        context.set(HAS_LANGUAGE, plot is not None and bool(self._services.save_code(plot, "plot.png", 6.0, 4.0)))
        context.set(HAS_DELETED, self.model.can_restore)
        context.set(IS_PINNED, plot is not None and plot.is_pinned)
        context.set(COMPARES, self.view.compared is not None)
        self._see()

    def _on_redraw_changed(self) -> None:
        plot = self.model.current
        can_redraw = plot is not None and bool(plot.figure) and self._redraw.state not in ("none", "impossible")
        self._commands.context.set(CAN_REDRAW, can_redraw)
        self.view.set_redraw_words(self._redraw.words, self._redraw.offer)

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
        if self._early is not None:
            self._early.append((run, outputs))
            return
        session = next((each for each in self._kernels.sessions if each.id == run.session), None)
        name, language = (session.name, session.language) if session is not None else ("", "")
        self.model.take(run.session, run, outputs, session_name=name, language=language)

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
            "dpi": round(PLAIN_DPI * ratio * self._theme.zoom),
            "formats": list(self._services.formats()),
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
        for ids in _MENU:
            menu.addActions([self._actions.action(id) for id in ids])
            menu.addSeparator()
        visions = menu.addMenu("Colour vision")
        visions.addActions([self._actions.action(id) for id, _vision, _title in VISIONS])
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
        return plot, pictures.draw_plot(plot)
    except BrokenPicture as broken:
        raise CommandError("This plot can't be copied.", str(broken), "Save its data to a file.") from broken


def _size_of(pictures: Pictures, plot: Plot) -> tuple[Plot, QSize]:
    """In a pool thread: the picture's own size in pixels; a broken one has none, and its data can be saved still."""
    try:
        return plot, pictures.draw_plot(plot).own_size
    except BrokenPicture:
        return plot, QSize()
