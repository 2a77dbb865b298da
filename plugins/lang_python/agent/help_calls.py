"""`x?`, `?x` and a lone `help(x)` go to the window instead of a pager. Owns the two hooks, not what is shown."""

from __future__ import annotations

import re
from typing import Any, Callable

from fourpane_plugins.lang_python.agent import place

_CHAIN = rf"{place.NAME}(?:\.{place.NAME})*"
_ASKED = re.compile(
    rf"\s*(?:\?\s*({_CHAIN})|({_CHAIN})\s*\?|help\(\s*(?:({_CHAIN})|\"([\w.]+)\"|'([\w.]+)')\s*\))\s*;?\s*\Z"
)


def asked_for(code: str) -> str:
    """The name that the code asks help for and does nothing else; "" for all other code."""
    match = _ASKED.match(code) if len(code) < 400 else None
    return next((name for name in match.groups() if name), "") if match else ""


class HelpCalls:
    """Knows the code that runs now. `show` tells the window of a topic and whether somebody listens."""

    def __init__(self, shell: Any, show: Callable[[str], bool]) -> None:
        self._shell = shell
        self._show = show
        self._code = ""
        self._pydoc: Any = None
        self._former: Any = None
        shell.events.register("pre_run_cell", self.before_run)
        shell.set_hook("show_in_pager", self.in_pager, 0)

    def stop(self) -> None:
        """Take the hooks back."""
        try:
            self._shell.events.unregister("pre_run_cell", self.before_run)
        except ValueError:
            pass
        chain = self._shell.hooks.show_in_pager.chain
        chain[:] = [entry for entry in chain if not self._is_mine(entry[1])]
        if self._pydoc is not None:
            self._pydoc.help = self._former

    def _is_mine(self, hook: Any) -> bool:
        """IPython binds what it is given once more, to its shell."""
        return getattr(getattr(hook, "__func__", None), "__self__", None) is self

    def before_run(self, info: Any = None) -> None:
        """Note the code; `pydoc` is put right when `help(...)` is about to be called for the first time."""
        code = getattr(info, "raw_cell", "")
        self._code = code if type(code) is str else ""
        if self._pydoc is None and self._code.lstrip().startswith("help("):
            import pydoc

            self._pydoc, self._former = pydoc, pydoc.help
            pydoc.help = self._call  # type: ignore[assignment]  # a callable in place of one

    def in_pager(self, _shell: Any, _data: Any, start: int = 0, screen_lines: int = 0) -> None:
        """IPython's hook: what is not asked for by name goes on to the pager."""
        from IPython.core.error import TryNext

        topic = asked_for(self._code)
        if not topic or not self._show(topic):
            raise TryNext

    def _call(self, *arguments: Any, **options: Any) -> Any:
        topic = asked_for(self._code)
        if not topic or not self._show(topic):
            return self._former(*arguments, **options)
        return None
