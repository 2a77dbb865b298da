"""Where the kernel works: the folder that the window named at launch, trusted or not (see `launch.py`)."""

from __future__ import annotations

import os
import sys
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any

from fourpane_plugins.lang_python.agent.console_width import screen_shape
from fourpane_plugins.lang_python.agent.imports import after_import

FOLDER_VARIABLE = "FOURPANE_FOLDER"
TRUST_VARIABLE = "FOURPANE_TRUSTED"


def go_to_folder() -> None:
    """Go to the folder; once it is trusted, let its modules be imported, after all installed ones.

    In an untrusted folder no entry of the import path may mean "here". `PYTHONSAFEPATH` is handed on to programs that
    the user starts only there: in a trusted folder they behave as in a terminal.
    """
    folder = os.environ.pop(FOLDER_VARIABLE, "")
    trust = os.environ.pop(TRUST_VARIABLE, "")
    if folder:
        try:
            os.chdir(folder)
        except OSError:
            pass
    if trust == "0":
        sys.path[:] = [entry for entry in sys.path if entry and Path(entry).is_absolute()]
    elif trust == "1":
        sys.path[:] = [entry for entry in sys.path if entry]
        sys.path.append("")
        os.environ.pop("PYTHONSAFEPATH", None)


def show_progress_as_text() -> None:
    """Make libraries draw their bars as text, which the console does in place: they take a kernel for a notebook with
    widgets, and warn or fail where they find none."""
    after_import("tqdm.std", _fit_bars)
    after_import("tqdm.autonotebook", _use_text_bars, is_quiet=True)
    after_import("tqdm.notebook", _use_text_bars, is_quiet=True)
    after_import("rich.live", _draw_live_text)


def _use_text_bars(module: Any) -> None:
    plain = import_module("tqdm.std")
    module.tqdm, module.trange = plain.tqdm, plain.trange
    if hasattr(module, "tqdm_notebook"):  # their former names, in `tqdm.notebook` alone
        module.tqdm_notebook, module.tnrange = plain.tqdm, plain.trange


def _fit_bars(module: Any) -> None:
    if hasattr(module, "_screen_shape_wrapper"):
        module._screen_shape_wrapper = screen_shape


def _draw_live_text(module: Any) -> None:
    """rich's bars and other live displays write to a terminal or to a widget, and a console that found itself in a
    kernel knows only the latter."""
    former = module.Live.__init__

    @wraps(former)
    def init(self: Any, *arguments: Any, **options: Any) -> None:
        former(self, *arguments, **options)
        console = self.console
        if getattr(console, "is_jupyter", False):
            console.is_jupyter = False
            console._force_terminal = console.is_interactive = True
            console._width = console._height = None  # the width of notebooks; without, it asks the environment

    module.Live.__init__ = init


def keep_all_output(kernel: Any) -> None:
    """Let the kernel hold its output until it is read.

    zmq silently drops what waits for one reader past 1,000 messages, which happens on a busy machine. The keeper
    reads all the time, so that what waits stays small. The socket belongs to ipykernel's own thread.
    """
    thread = getattr(kernel, "iopub_thread", None)
    socket = getattr(thread, "socket", None)
    zmq = sys.modules.get("zmq")
    if thread is None or socket is None or zmq is None:
        return
    thread.schedule(lambda: socket.setsockopt(zmq.SNDHWM, 0))
