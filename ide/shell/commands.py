"""Commands of the window itself. Records here; the work is the shell's."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from ide.commands.command import Command
from ide.commands.registry import Commands, Handler
from ide.settings.declared import APPEARANCE_THEME

PANE = "pane.current"
LAYOUT = "window.layout"
THEME = "window.theme"
IS_MAXIMISED = "window.has_maximised_pane"
IS_PRESENTING = "window.is_presenting"
HAS_NOTICES = "window.has_notices"

_PANES = (
    Command("view.editor", "Go to editor", menu="view/1_editor"),
    Command("view.console", "Go to console", menu="view/1_console"),
    Command("view.variables", "Go to variables", menu="view/1_variables"),
    Command("view.plots", "Go to plots", menu="view/1_plots"),
    Command("view.viewer", "Go to viewer", menu="view/1_plots"),
    Command("view.help", "Go to help", menu="view/1_files"),
    Command("view.files", "Go to files", menu="view/1_files"),
    Command("view.packages", "Go to packages", menu="view/1_files"),
)
COMMANDS = (
    Command("view.next_pane", "Next pane", menu="view/2_next"),
    Command("view.previous_pane", "Previous pane", menu="view/2_previous"),
    Command(
        "view.maximise_pane",
        "Maximise pane",
        "Give the pane with the keyboard the whole window, or bring the others back.",
        icon="corners-out",
        menu="view/2_maximise",
        is_checkable=True,
        checked=IS_MAXIMISED,
    ),
    Command(
        "view.float_pane",
        "Float pane",
        "Make the pane with the keyboard a window of its own, for another screen, or put it back.",
        when=PANE,
        menu="view/2_float",
    ),
    Command("layout.full", "Full layout", menu="view/3_full", is_checkable=True, checked=f'{LAYOUT} == "full"'),
    Command(
        "layout.simple",
        "Simple layout",
        "Editor, console and plots: what a first lesson needs. The palette keeps everything.",
        menu="view/3_simple",
        is_checkable=True,
        checked=f'{LAYOUT} == "simple"',
    ),
    Command("layout.reset", "Reset layout", "Put every pane back where it was at first.", menu="view/3_reset"),
    Command("view.zoom_in", "Zoom in", icon="magnifying-glass-plus", menu="view/4_zoom_in"),
    Command("view.zoom_out", "Zoom out", icon="magnifying-glass-minus", menu="view/4_zoom_out"),
    Command("view.zoom_reset", "Zoom to 100 %", menu="view/4_zoom_reset"),
    Command(
        "view.presentation",
        "Presentation mode",
        "Everything larger, on the whole screen.",
        icon="presentation",
        menu="view/4_presentation",
        is_checkable=True,
        checked=IS_PRESENTING,
    ),
    *(
        Command(
            f"view.theme_{name}",
            f"Theme: {title[0].lower()}{title[1:]}",
            menu=f"view/5_{name}",
            is_checkable=True,
            checked=f'{THEME} == "{name}"',
        )
        for name, title in APPEARANCE_THEME.choices.items()
    ),
    Command("view.notices", "Notices", "All that was told in this window.", when=HAS_NOTICES, menu="view/6_notices"),
    Command("app.about", "About Fourpane", menu="help/9_about"),
    Command(
        "app.copy_report",
        "Copy error report",
        "Copy the newest error report, or the versions where there was no error.",
        menu="help/8_report",
    ),
    Command("app.quit", "Quit", menu="file/9_quit"),
)


class WindowActions(Protocol):
    """What the window can be told to do."""

    def focus_pane(self, pane_id: str) -> None: ...
    def cycle_panes(self, by: int) -> None: ...
    def toggle_maximised(self) -> None: ...
    def toggle_floating(self) -> None: ...
    def use_layout(self, name: str) -> None: ...
    def reset_layout(self) -> None: ...
    def zoom_by(self, steps: int) -> None: ...
    def zoom_reset(self) -> None: ...
    def toggle_presentation(self) -> None: ...
    def use_theme(self, name: str) -> None: ...
    def open_notices(self) -> None: ...
    def show_about(self) -> None: ...
    def copy_report(self) -> None: ...
    def quit(self) -> None: ...


def add_commands(commands: Commands, window: WindowActions, panes: frozenset[str]) -> None:
    """Add the window's commands; those that go to a pane only for the panes that exist."""
    context = commands.context
    context.declare(PANE, "", "a pane with the keyboard", "the window")
    context.declare(LAYOUT, "full", "the layout", "the window")
    context.declare(THEME, "system", "the theme", "the window")
    context.declare(IS_MAXIMISED, False, "a maximised pane", "the window")
    context.declare(IS_PRESENTING, False, "presentation mode", "the window")
    context.declare(HAS_NOTICES, False, "a notice", "the window")
    for command in _PANES:
        pane_id = command.id.removeprefix("view.")
        if pane_id in panes:
            commands.add(command, partial(window.focus_pane, pane_id))
    handlers: dict[str, Handler] = {
        "view.next_pane": partial(window.cycle_panes, 1),
        "view.previous_pane": partial(window.cycle_panes, -1),
        "view.maximise_pane": window.toggle_maximised,
        "view.float_pane": window.toggle_floating,
        "layout.full": partial(window.use_layout, "full"),
        "layout.simple": partial(window.use_layout, "simple"),
        "layout.reset": window.reset_layout,
        "view.zoom_in": partial(window.zoom_by, 1),
        "view.zoom_out": partial(window.zoom_by, -1),
        "view.zoom_reset": window.zoom_reset,
        "view.presentation": window.toggle_presentation,
        "view.notices": window.open_notices,
        "app.about": window.show_about,
        "app.copy_report": window.copy_report,
        "app.quit": window.quit,
    }
    for command in COMMANDS:
        handler = handlers.get(command.id) or partial(window.use_theme, command.id.removeprefix("view.theme_"))
        commands.add(command, handler)
