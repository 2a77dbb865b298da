"""Moments of the program's start, written to the file named by FOURPANE_MARKS for `bench/`; otherwise nothing.

A line is a name and the wall-clock time in seconds since the epoch, so that the process that started us can subtract.
"""

from __future__ import annotations

import os
import time


def mark(name: str) -> None:
    """Note that something was reached. Costs nothing where nobody measures."""
    path = os.environ.get("FOURPANE_MARKS")
    if path:
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"{name} {time.time():.6f}\n")
