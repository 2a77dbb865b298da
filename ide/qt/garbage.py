"""Python's garbage collection, on the UI thread alone and in small parts. Owns a timer, and meanwhile the collector.

Left to itself Python collects in whichever thread allocates. There a collection would destroy Qt objects that belong
to the UI thread, which crashes; and a full one holds up every thread for 100 ms and more.
"""

from __future__ import annotations

import gc
from typing import Final

from PySide6.QtCore import QObject, QTimer, Slot

LOOK_EVERY_MS: Final = 500
YOUNG_OBJECTS: Final = 3_000
YOUNG_ROUNDS: Final = 10
OLDER_ROUNDS: Final = 40


class Garbage(QObject):
    """From its making until `close` nothing is collected but by it. UI thread."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._was_enabled = gc.isenabled()
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """The program is up: what is there now stays, and is never looked at again."""
        gc.freeze()
        self._timer.start()

    def close(self) -> None:
        """Give the collector back."""
        self._timer.stop()
        gc.unfreeze()
        if self._was_enabled:
            gc.enable()

    @Slot()
    def look(self) -> None:
        """Collect the generation that is due, as Python would, if one is."""
        objects, rounds, older = gc.get_count()
        if objects < YOUNG_OBJECTS:
            return
        generation = 0 if rounds < YOUNG_ROUNDS else 1 if older < OLDER_ROUNDS else 2
        gc.collect(generation)
