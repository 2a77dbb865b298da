"""Pictures of the whole window over simple panes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication

from ide.shell.shell import Shell
from ide.shell.welcome import Welcome
from ide.widgets.empty_state import EmptyState
from ide.widgets.notices import Notice
from ide.widgets.tabs import Tab, TabStrip
from tests.fakes.window_parts import Parts
from tests.pictures.harness import SIZES, check


def _fill(parts: Parts, shell: Shell) -> None:
    panes = {pane.id: pane.widget for pane in shell.window.docks.panes}
    sessions = TabStrip(parts.theme, parts.icons, "Sessions")
    sessions.set_tabs((Tab("a", "myenv", "Py", "badge_python"), Tab("b", "R 4.5", "R", "badge_r", is_running=True)))
    panes["console"].header.set_tabs(sessions)
    panes["variables"].header.set_filter("Filter", "Filter variables")
    panes["variables"].header.set_actions([parts.actions.action("variables.copy_name")])
    bar = shell.window.status_bar
    bar.set_environment("myenv 3.13", "Py", "badge_python")
    bar.set_kernel("idle", took_s=0.4)
    bar.set_memory("1.2 of 24 GB")
    bar.set_cursor(11, 4)
    bar.set_file_form("UTF-8", "LF")


def first_start(parts: Parts, shell: Shell) -> None:
    panes = {pane.id: pane.widget for pane in shell.window.docks.panes}
    welcome = Welcome(parts.commands, {}, parts.theme, parts.icons)
    panes["editor"].set_body(welcome)
    for pane_id, text, example in (
        ("variables", "Names you create appear here. Try:", "ages = [31, 42]"),
        ("plots", "Charts appear here.", "Draw a sample"),
        ("console", "No Python or R yet.", "Set up Python"),
    ):
        panes[pane_id].set_body(EmptyState(parts.theme, parts.icons, text, [("x", example)]))
    shell.show_untrusted(Path("/p/penguins"), [".Rprofile is not run.", ".RData is not loaded."])


def work(parts: Parts, shell: Shell) -> None:
    _fill(parts, shell)


def trouble(parts: Parts, shell: Shell) -> None:
    _fill(parts, shell)
    shell.window.status_bar.set_kernel("dead", "It ended with exit code 3")
    parts.notices.add(
        Notice(
            "The Python that runs your code ended.\nIts variables are gone; your text is safe.\nStart it again.",
            "error",
            action="file.save",
            action_title="Start again",
            details="exit code 3",
        )
    )


def simple(parts: Parts, shell: Shell) -> None:
    _fill(parts, shell)
    parts.commands.run("layout.simple")


def maximised(parts: Parts, shell: Shell) -> None:
    _fill(parts, shell)
    parts.commands.run("view.console")
    parts.commands.run("view.maximise_pane")


STATES: dict[str, Callable[[Parts, Shell], None]] = {
    "window-first": first_start,
    "window-work": work,
    "window-trouble": trouble,
    "window-simple": simple,
    "window-maximised": maximised,
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", STATES)
def test_picture_of_window_is_whole(name: str, size: tuple[int, int], parts: Parts) -> None:
    shell = parts.shell()
    shell.open()
    shell.window.resize(*size)
    for _ in range(3):
        QCoreApplication.processEvents()
    STATES[name](parts, shell)
    try:
        check(name, parts, lambda _parts: shell.window, size, destroys=False)
    finally:
        shell.close()
