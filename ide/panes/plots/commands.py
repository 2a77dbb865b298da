"""Commands of the Plots pane."""

from __future__ import annotations

from typing import Final, Protocol

from ide.commands.command import Command
from ide.commands.registry import Commands

HAS_PLOT: Final = "plots.has_plot"
HAS_PLACE: Final = "plots.has_place"
HAS_DELETED: Final = "plots.has_deleted"

COMMANDS: Final[tuple[Command, ...]] = (
    Command("plot.previous", "Previous plot", icon="caret-left", when=HAS_PLOT, menu="plots/1_previous"),
    Command("plot.next", "Next plot", icon="caret-right", when=HAS_PLOT, menu="plots/1_next"),
    Command("plot.zoom_in", "Zoom plot in", icon="magnifying-glass-plus", when=HAS_PLOT, menu="plots/2_zoom_in"),
    Command("plot.zoom_out", "Zoom plot out", icon="magnifying-glass-minus", when=HAS_PLOT, menu="plots/2_zoom_out"),
    Command("plot.zoom_fit", "Show whole plot", icon="corners-out", when=HAS_PLOT, menu="plots/2_zoom_fit"),
    Command(
        "plot.save",
        "Save plot as...",
        help="Write the plot in view to a file: PNG, JPEG, or SVG where it is one.",
        icon="floppy-disk",
        when=HAS_PLOT,
        menu="plots/3_save",
    ),
    Command(
        "plot.copy",
        "Copy plot",
        help="Put the plot in view on the clipboard as a picture.",
        icon="copy",
        when=HAS_PLOT,
        menu="plots/3_copy",
    ),
    Command(
        "plot.go_to_code",
        "Go to the plot's code",
        help="Open the file at the cell that drew this plot.",
        icon="code",
        when=HAS_PLACE,
        menu="plots/4_go_to_code",
    ),
    Command("plot.delete", "Delete plot", icon="trash", when=HAS_PLOT, menu="plots/5_delete"),
    Command("plot.delete_all", "Delete all plots", when=HAS_PLOT, menu="plots/5_delete_all"),
    Command("plot.restore", "Bring back deleted plot", when=HAS_DELETED, menu="plots/5_restore"),
)


class PlotActions(Protocol):
    """What the pane can be told to do with the plot in view."""

    def previous(self) -> None: ...
    def next(self) -> None: ...
    def zoom_in(self) -> None: ...
    def zoom_out(self) -> None: ...
    def zoom_fit(self) -> None: ...
    def save(self, path: str = "") -> None: ...
    def copy(self) -> None: ...
    def go_to_code(self) -> None: ...
    def delete(self) -> None: ...
    def delete_all(self) -> None: ...
    def restore(self) -> None: ...


def add_commands(commands: Commands, pane: PlotActions) -> None:
    """Declare the pane's context keys and add its commands; `pane` does the work."""
    for key, meaning in (
        (HAS_PLOT, "a plot"),
        (HAS_PLACE, "a plot drawn by an open or saved file"),
        (HAS_DELETED, "a deleted plot"),
    ):
        commands.context.declare(key, False, meaning, "Plots pane")
    handlers = {
        "plot.previous": pane.previous,
        "plot.next": pane.next,
        "plot.zoom_in": pane.zoom_in,
        "plot.zoom_out": pane.zoom_out,
        "plot.zoom_fit": pane.zoom_fit,
        "plot.save": pane.save,
        "plot.copy": pane.copy,
        "plot.go_to_code": pane.go_to_code,
        "plot.delete": pane.delete,
        "plot.delete_all": pane.delete_all,
        "plot.restore": pane.restore,
    }
    for command in COMMANDS:
        commands.add(command, handlers[command.id])
