"""A page in the editor's tabs that is no document: a table, an object. Whoever makes one owns what is behind it."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtWidgets import QWidget

from ide.core.events import SignalInstance
from ide.widgets.tabs import Tab

KEY_SCOPE = "key_scope"
"""Property of a widget in which keys mean other things than in the pane around it: the scope of key maps."""


class GuestPage(Protocol):
    """UI thread. `close_page` is called once, by whoever took the page in, when its tab is closed."""

    @property
    def key(self) -> str:
        """Stable, and unlike any document's key."""

    @property
    def tab(self) -> Tab:
        """How its tab looks now."""

    @property
    def widget(self) -> QWidget:
        """What is shown; it takes the keyboard by `setFocus`."""

    @property
    def tab_changed(self) -> SignalInstance:
        """Emitted without arguments when `tab` is another one."""

    def close_page(self) -> None:
        """End what it has under way. The widget is deleted by the caller."""
