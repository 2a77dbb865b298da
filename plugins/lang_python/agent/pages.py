"""`webbrowser.open` goes to the window, and Plotly's figures come as data. Owns the two hooks, opens nothing.

`webbrowser` is the user's to import: what is done here happens right after that. Python without a window keeps the
browsers that it has.
"""

from __future__ import annotations

import sys
import tempfile
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any, Callable

from fourpane_plugins.lang_python.agent.imports import after_import

NAME = "fourpane"


class Pages:
    """`show` tells the window of an address and the folder for temporary files, and whether somebody listens."""

    def __init__(self, show: Callable[[str, str], bool]) -> None:
        self._show = show
        self._browser: Any = None
        for name, then in (("webbrowser", self._in_webbrowser), ("plotly.io", self._in_plotly)):
            module = sys.modules.get(name)
            if module is not None:
                then(module)
            else:
                after_import(name, then)

    def stop(self) -> None:
        """Take the browser back."""
        webbrowser: Any = sys.modules.get("webbrowser")
        if webbrowser is not None and self._browser is not None:
            webbrowser._browsers.pop(NAME, None)
            if webbrowser._tryorder:
                webbrowser._tryorder[:] = [name for name in webbrowser._tryorder if name != NAME]

    def _in_webbrowser(self, webbrowser: Any) -> None:
        """The first choice of browsers; where no window listens the next ones have their turn."""
        show = self._show

        class Window(webbrowser.BaseBrowser):  # type: ignore[misc]  # the user's module, known at run time only
            def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
                return show(str(url), tempfile.gettempdir())

        self._browser = Window(NAME)
        webbrowser.register(NAME, None, self._browser, preferred=True)

    def _in_plotly(self, io: ModuleType) -> None:
        """Plotly shows figures only where nbformat is, which nothing here needs: without it they are sent as data."""
        renderers: Any = getattr(io, "renderers", None)
        if renderers is None or "plotly_mimetype" not in str(renderers.default) or find_spec("nbformat") is not None:
            return
        external: Any = import_module("plotly.io.base_renderers").ExternalRenderer
        as_data = renderers["plotly_mimetype"]

        class Window(external):  # type: ignore[misc]  # the user's library
            def render(self, fig_dict: dict[str, Any]) -> None:
                publish: Any = import_module("IPython.display").publish_display_data
                publish({**as_data.to_mimebundle(fig_dict), "text/plain": "Plotly figure"})

        renderers[NAME] = Window()
        renderers.default = NAME
