"""Says things to a screen reader, politely: what is being read is finished first. Owns no text."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from ide.core.ports import After, Cancel

LONGEST = 300
PAUSE_S = 0.3


def announce(widget: QWidget, text: str, *, is_urgent: bool = False) -> None:
    """Say `text` on behalf of `widget`; urgent breaks into what is being read. Costs nothing where nobody listens."""
    # These classes bring 250 names with them; nothing is said before the first paint.
    from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

    if not text or not QAccessible.isActive():
        return
    event = QAccessibleAnnouncementEvent(widget, text)
    if is_urgent:
        event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
    QAccessible.updateAccessibility(event)


class Announcer(QObject):
    """For text that comes in pieces, such as output: one announcement per pause, cut to its end when it is long."""

    def __init__(self, widget: QWidget, after: After, say: Callable[[QWidget, str], None] = announce) -> None:
        super().__init__(widget)
        self._widget = widget
        self._after = after
        self._say = say
        self._pieces: list[str] = []
        self._length = 0
        self._cancel: Cancel | None = None

    def add(self, text: str) -> None:
        """More text; said when nothing came for a moment or a moment is over."""
        self._pieces.append(text[-LONGEST:])
        self._length += len(text)
        del self._pieces[:-LONGEST]
        if self._cancel is None:
            self._cancel = self._after(PAUSE_S, self._flush)

    def close(self) -> None:
        """Say nothing more."""
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
        self._pieces.clear()

    def _flush(self) -> None:
        text = "".join(self._pieces).strip()
        if self._length > LONGEST:
            text = f"{self._length} characters of output, the end is: {text[-LONGEST:]}"
        self._pieces.clear()
        self._length = 0
        self._cancel = None
        self._say(self._widget, text)
