"""Where the kernel works: the folder that the window named at launch, trusted or not (see `launch.py`)."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

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
    """Make `tqdm.auto` draw its bars as text, which the console does in place: it takes a kernel for a notebook with
    widgets, and warns where it finds none."""
    after_import("tqdm.autonotebook", _use_text_bars, is_quiet=True)


def _use_text_bars(module: Any) -> None:
    plain = sys.modules["tqdm.std"]
    module.tqdm, module.trange = plain.tqdm, plain.trange


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
