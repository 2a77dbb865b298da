"""Commands of the Plots pane."""

from __future__ import annotations

from functools import partial
from typing import Final, Protocol

from ide.commands.command import Command
from ide.commands.registry import Commands
from ide.panes.plots.look import Vision

HAS_PLOT: Final = "plots.has_plot"
HAS_PLACE: Final = "plots.has_place"
HAS_CODE: Final = "plots.has_code"
HAS_LANGUAGE: Final = "plots.has_language"
HAS_DELETED: Final = "plots.has_deleted"
CAN_REDRAW: Final = "plots.can_redraw"
IS_PINNED: Final = "plots.is_pinned"
COMPARES: Final = "plots.compares"
TIES_ZOOM: Final = "plots.ties_zoom"
IS_DARK: Final = "plots.is_dark"
VISION: Final = "plots.vision"

VISIONS: Final[tuple[tuple[str, Vision, str], ...]] = (
    ("plot.see_all_colours", "", "All colours"),
    ("plot.see_deuteranopia", "deuteranopia", "Without green (deuteranopia)"),
    ("plot.see_protanopia", "protanopia", "Without red (protanopia)"),
    ("plot.see_tritanopia", "tritanopia", "Without blue (tritanopia)"),
)

COMMANDS: Final[tuple[Command, ...]] = (
    Command("plot.previous", "Previous plot", icon="caret-left", when=HAS_PLOT, menu="plots/1_previous"),
    Command("plot.next", "Next plot", icon="caret-right", when=HAS_PLOT, menu="plots/1_next"),
    Command(
        "plot.filter",
        "Filter plots",
        help="List only plots of a session, a file or with certain words in their code; “pinned” lists pinned ones.",
        icon="magnifying-glass",
        menu="plots/1_filter",
    ),
    Command("plot.zoom_in", "Zoom plot in", icon="magnifying-glass-plus", when=HAS_PLOT, menu="plots/2_zoom_in"),
    Command("plot.zoom_out", "Zoom plot out", icon="magnifying-glass-minus", when=HAS_PLOT, menu="plots/2_zoom_out"),
    Command("plot.zoom_fit", "Show whole plot", icon="corners-out", when=HAS_PLOT, menu="plots/2_zoom_fit"),
    Command(
        "plot.redraw",
        "Redraw plot at this size",
        help="Have the kernel draw the plot anew, also one that takes long; the others are redrawn by themselves.",
        icon="arrows-clockwise",
        when=CAN_REDRAW,
        menu="plots/2_redraw",
    ),
    Command(
        "plot.compare",
        "Compare plot with others",
        help="Keep the plot in view at the left and choose another one for the right.",
        icon="columns",
        when=f"{HAS_PLOT} or {COMPARES}",
        menu="plots/3_compare",
        is_checkable=True,
        checked=COMPARES,
    ),
    Command(
        "plot.tie_zoom",
        "Zoom compared plots together",
        help="Zooming or moving one of two plots side by side does the same to the other.",
        when=COMPARES,
        menu="plots/3_compare_zoom",
        is_checkable=True,
        checked=TIES_ZOOM,
    ),
    Command(
        "plot.open_window",
        "Open plot in its own window",
        help="The window keeps this plot while others are chosen.",
        icon="arrow-square-out",
        when=HAS_PLOT,
        menu="plots/3_open_window",
    ),
    Command(
        "plot.full_screen",
        "Show plots on the full screen",
        help="Arrow keys go from plot to plot, Esc comes back.",
        when=HAS_PLOT,
        menu="plots/3_full_screen",
    ),
    Command(
        "plot.show_dark",
        "Preview plots on dark paper",
        help="Light and dark are exchanged on the screen; the plot itself and what is exported stay as they are.",
        menu="plots/4_show_dark",
        is_checkable=True,
        checked=IS_DARK,
    ),
    *(
        Command(
            id,
            f"See plots: {title[0].lower()}{title[1:]}",
            help="How plots look to people with this colour vision; nothing is changed."
            if vision
            else "Plots as they are.",
            menu=f"plots/4_{id.removeprefix('plot.')}",
            is_checkable=True,
            checked=f"{VISION} == '{vision}'",
        )
        for id, vision, title in VISIONS
    ),
    Command(
        "plot.save",
        "Export plot...",
        help="Write the plot in view to a file: PNG, SVG, PDF, TIFF or JPEG, in any size.",
        icon="floppy-disk",
        when=HAS_PLOT,
        menu="plots/5_save",
    ),
    Command(
        "plot.copy",
        "Copy plot",
        help="Put the plot in view on the clipboard as a picture.",
        icon="copy",
        when=HAS_PLOT,
        menu="plots/5_copy",
    ),
    Command(
        "plot.insert_save_code",
        "Insert code that saves the plot",
        help="Put code into the script that writes this plot to a file.",
        when=HAS_LANGUAGE,
        menu="plots/5_insert_save_code",
    ),
    Command("plot.show_code", "Show the plot's code", icon="code", when=HAS_CODE, menu="plots/6_show_code"),
    Command(
        "plot.go_to_code",
        "Go to the plot's cell",
        help="Open the file at the cell that drew this plot.",
        icon="file-code",
        when=HAS_PLACE,
        menu="plots/6_go_to_code",
    ),
    Command(
        "plot.run_again",
        "Run the plot's code again",
        help="Run the code that drew this plot, in its session or one of its language.",
        icon="play",
        when=HAS_LANGUAGE,
        menu="plots/6_run_again",
    ),
    Command(
        "plot.pin",
        "Pin plot",
        help="A pinned plot stays, however many come after it, and “Delete all plots” leaves it.",
        icon="push-pin",
        when=HAS_PLOT,
        menu="plots/7_pin",
        is_checkable=True,
        checked=IS_PINNED,
    ),
    Command(
        "plot.describe",
        "Describe plot...",
        help="What screen readers say of this plot.",
        icon="pencil-simple",
        when=HAS_PLOT,
        menu="plots/7_describe",
    ),
    Command("plot.delete", "Delete plot", icon="trash", when=HAS_PLOT, menu="plots/8_delete"),
    Command("plot.delete_all", "Delete all plots", when=HAS_PLOT, menu="plots/8_delete_all"),
    Command("plot.restore", "Bring back deleted plot", when=HAS_DELETED, menu="plots/8_restore"),
)


class PlotActions(Protocol):
    """What the pane can be told to do with the plot in view."""

    def previous(self) -> None: ...
    def next(self) -> None: ...
    def filter(self, text: str | None = None) -> None: ...
    def zoom_in(self) -> None: ...
    def zoom_out(self) -> None: ...
    def zoom_fit(self) -> None: ...
    def redraw(self) -> None: ...
    def compare(self) -> None: ...
    def tie_zoom(self) -> None: ...
    def open_window(self) -> None: ...
    def full_screen(self) -> None: ...
    def show_dark(self) -> None: ...
    def see(self, vision: Vision) -> None: ...
    def save(self, path: str = "") -> None: ...
    def copy(self) -> None: ...
    def insert_save_code(self) -> None: ...
    def show_code(self) -> None: ...
    def go_to_code(self) -> None: ...
    def run_again(self) -> None: ...
    def pin(self) -> None: ...
    def describe(self, text: str | None = None) -> None: ...
    def delete(self) -> None: ...
    def delete_all(self) -> None: ...
    def restore(self) -> None: ...


def add_commands(commands: Commands, pane: PlotActions) -> None:
    """Declare the pane's context keys and add its commands; `pane` does the work."""
    for key, default, meaning in (
        (HAS_PLOT, False, "a plot"),
        (HAS_PLACE, False, "a plot drawn by an open or saved file"),
        (HAS_CODE, False, "a plot whose code is known"),
        (HAS_LANGUAGE, False, "a plot whose code is in a language that the program knows"),
        (CAN_REDRAW, False, "a plot that its kernel can draw anew"),
        (HAS_DELETED, False, "a deleted plot"),
        (IS_PINNED, False, "a pinned plot"),
        (COMPARES, False, "two plots side by side"),
        (TIES_ZOOM, True, "plots side by side that are zoomed together"),
        (IS_DARK, False, "plots on dark paper"),
        (VISION, "", "how colours are seen"),
    ):
        commands.context.declare(key, default, meaning, "Plots pane")
    visions = {id: vision for id, vision, _title in VISIONS}
    for command in COMMANDS:
        if command.id in visions:
            commands.add(command, partial(pane.see, visions[command.id]))
        else:
            commands.add(command, getattr(pane, command.id.removeprefix("plot.")))
