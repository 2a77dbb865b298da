"""Has the kernel of a plot draw it anew for a file, where it can. Owns no session; UI thread."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Final

from ide.core.ports import Cancel
from ide.kernels.records import Answer
from ide.kernels.session import Session
from ide.panes.plots.plot import Plot
from ide.panes.plots.saving import Export

LIMIT_S: Final = 60.0
"""A large file of a slow plot takes its time; the user waits for it and sees nothing else stop."""

GetSessions = Callable[[], Sequence[Session]]


class Rendering:
    """Asks `plots.render` of the contract."""

    def __init__(self, sessions: GetSessions) -> None:
        self._sessions = sessions

    def obstacle(self, plot: Plot) -> str:
        """Why the kernel can't draw it now, in a sentence; empty where it can."""
        session = self._session(plot)
        if not plot.figure:
            return plot.problem or "Its kernel keeps no figures to draw again."
        if session is None or session.state == "dead":
            return "The kernel that drew it has ended."
        if not session.has_agent or session.state != "idle":
            return "The kernel that drew it is busy."
        return ""

    def render(
        self, plot: Plot, export: Export, done: Callable[[bytes], None], failed: Callable[[str], None]
    ) -> Cancel:
        """Ask for a picture; `done` gets the file's bytes, `failed` a sentence. Only where there is no obstacle."""
        session = self._session(plot)
        assert session is not None
        params = {
            "plot": plot.figure,
            "width_px": export.width_px,
            "height_px": export.height_px,
            "dpi": export.dpi,
            "format": export.format,
            "is_transparent": export.is_transparent,
            "limit_s": LIMIT_S,
        }

        def take(answer: Answer) -> None:
            data = picture_in(answer)
            if data:
                done(data)
            else:
                failed(answer.error or "Nothing came back.")

        return session.ask("plots.render", params, take, LIMIT_S + 5)

    def _session(self, plot: Plot) -> Session | None:
        return next((session for session in self._sessions() if session.id == plot.session), None)


def picture_in(answer: Answer) -> bytes:
    """The picture's bytes (`PlotPicture`); empty where none came."""
    if answer.result is None:
        return b""
    if answer.buffers:
        return bytes(answer.buffers[0])
    try:
        return base64.b64decode("".join(answer.result.get("inline", ())))
    except (binascii.Error, TypeError, ValueError):
        return b""
