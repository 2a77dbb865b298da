"""Brings the console's view in without holding the window up: what knows nothing of Qt in the pool, the rest by turns.

PySide makes its classes when they are first asked for, and two threads that do so at once crash it. So nothing that
asks for a name of Qt is imported outside the UI thread; there each module has a turn of the event loop of its own.

qtconsole takes Qt's names from qtpy, whose modules ask for every class that Qt has: 160 ms and 15 MB. `lend_names` puts
PySide's own modules in their place, with what qtconsole needs of qtpy's changes to them.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Final

from PySide6 import QtCore, QtGui, QtPrintSupport, QtSvg, QtWidgets

VIEW: Final = "ide.panes.console.view"
WITHOUT_QT: Final = (
    "base64",
    "html.parser",
    "shlex",
    "uuid",
    "webbrowser",
    "xml.sax.saxutils",
    "jupyter_client",
    "traitlets.config.configurable",
    # Before those that take names from it: it puts another module in its place, and a thread that meets it halfway
    # through the import of a second one gets the one without names.
    "pygments.lexers",
    "pygments.styles",
    "pygments.formatters.html",
    "ipython_pygments_lexers",
    "ide.panes.console.feed",
    "ide.panes.console.html_text",
    "ide.panes.console.render",
    "ide.panes.console.terminal",
)
BY_TURNS: Final = (
    "ide.panes.console.bridge",
    "ide.panes.console.output",
    "ide.panes.console.completion",
    "qtconsole.util",
    "qtconsole.ansi_code_processor",
    "qtconsole.completion_widget",
    "qtconsole.completion_html",
    "qtconsole.base_frontend_mixin",
    "qtconsole.call_tip_widget",
    "qtconsole.pygments_highlighter",
    "qtconsole.console_widget",
    "qtconsole.history_console_widget",
    "qtconsole.frontend_widget",
    "qtconsole.jupyter_widget",
    VIEW,
)


def import_without_qt() -> None:
    """The part for a pool thread."""
    for name in WITHOUT_QT:
        importlib.import_module(name)


class ImportByTurns:
    """Imports the rest, one module for each turn that `post` gives. UI thread."""

    def __init__(
        self,
        post: Callable[[Callable[[], None]], object],
        done: Callable[[ModuleType], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._post = post
        self._done = done
        self._failed = failed
        self._names = iter(BY_TURNS)
        self._is_stopped = False

    def start(self) -> None:
        """Begin with the next turn."""
        lend_names()
        self._post(self._turn)

    def stop(self) -> None:
        """Import nothing more; nobody is told."""
        self._is_stopped = True

    def _turn(self) -> None:
        if self._is_stopped:
            return
        name = next(self._names)
        try:
            module = importlib.import_module(name)
        except (ImportError, AttributeError) as error:  # an installation that is not whole
            self._failed(error)
            return
        if name == VIEW:
            self._done(module)
        else:
            self._post(self._turn)


def lend_names() -> None:
    """Make `qtpy` a name for PySide's own modules, unless somebody has imported the real one."""
    if "qtpy" in sys.modules:
        return
    qtpy = ModuleType("qtpy", "Names of Qt, lent to qtconsole by ide.panes.console.view_import.")
    lent: dict[str, ModuleType] = {
        "QtCore": QtCore,
        "QtGui": QtGui,
        "QtPrintSupport": QtPrintSupport,
        "QtSvg": QtSvg,
        # Where Qt 6 has moved classes from one module to another, qtconsole looks in the old one.
        "QtWidgets": _Joined("qtpy.QtWidgets", QtWidgets, QtGui),
    }
    # A package with an empty path: what is not lent is not found, rather than looked for elsewhere.
    qtpy.__dict__.update(lent, QT6=True, QT_VERSION=QtCore.qVersion(), PYSIDE6=True, API="pyside6", __path__=[])
    sys.modules["qtpy"] = qtpy
    sys.modules.update({f"qtpy.{name}": module for name, module in lent.items()})
    _let_move_position_take_mode()


class _Joined(ModuleType):
    """The names of several modules, the first one's first."""

    def __init__(self, name: str, *modules: ModuleType) -> None:
        super().__init__(name)
        self._modules = modules

    def __getattr__(self, name: str) -> object:
        for module in self._modules:
            if hasattr(module, name):
                return getattr(module, name)
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")


def _let_move_position_take_mode() -> None:
    """qtconsole names the second parameter as Qt's own pages do; PySide has no name for it (PYSIDE-185)."""
    plain = QtGui.QTextCursor.movePosition

    def move_position(
        self: QtGui.QTextCursor,
        op: QtGui.QTextCursor.MoveOperation,
        mode: QtGui.QTextCursor.MoveMode = QtGui.QTextCursor.MoveMode.MoveAnchor,
        n: int = 1,
    ) -> bool:
        return plain(self, op, mode, n)

    setattr(QtGui.QTextCursor, "movePosition", move_position)  # noqa: B010 - a method of a class with fixed types
