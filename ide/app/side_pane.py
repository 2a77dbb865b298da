"""The place of a pane that the first paint does not need: a frame now, the pane itself a moment later."""

from __future__ import annotations

from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.widgets.pane_frame import Pane, PaneFrame


class SidePane:
    """What the shell takes for the pane; `fill` brings the real one, which was made with `widget` as its frame."""

    def __init__(self, id: str, title: str, theme: Theme, icons: Icons) -> None:
        self.id = id
        self.title = title
        self.widget = PaneFrame(title, theme, icons)
        self._pane: Pane | None = None

    def fill(self, pane: Pane) -> None:
        """The pane is there."""
        self._pane = pane

    def focus(self) -> None:
        """The keyboard goes to the pane, or to its frame while it is on its way."""
        if self._pane is not None:
            self._pane.focus()
        else:
            self.widget.setFocus()

    def close(self) -> None:
        """End what the pane started."""
        if self._pane is not None:
            self._pane.close()
