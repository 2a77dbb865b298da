"""The data viewer with its commands over a host of tabs in memory, without a window and without kernels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication, QStackedWidget

from ide.core.errors import FourpaneError
from ide.core.events import Signal
from ide.core.table import TableSource
from ide.panes.tables.commands import add_commands
from ide.panes.tables.model import TableModel
from ide.panes.tables.page import TablePage
from ide.panes.tables.pane import TablesPane, TablesServices
from ide.panes.tables.words import Origin
from ide.tables.files.process import FileProcess
from ide.widgets.guest import GuestPage
from ide.widgets.notices import Notice
from tests.fakes.window_parts import Parts

PEOPLE: dict[str, list[Any]] = {
    "name": ["Ada", "Bo", None, "Dee", "Ada"],
    "age": [36, 52, 19, 41, 23],
    "height": [1.7, None, 1.55, 1.81, 1.64],
    "member": [True, False, True, None, False],
}


class Tabs:
    """Stands for the editor's tabs: the guest that came last is in front."""

    document_shown = Signal(object)
    guest_closed = Signal(str)

    def __init__(self) -> None:
        self.stack = QStackedWidget()
        self.guests: dict[str, GuestPage] = {}

    @property
    def front_guest(self) -> GuestPage | None:
        return next(reversed(self.guests.values()), None)

    def show_guest(self, guest: GuestPage) -> None:
        self.guests.pop(guest.key, None)
        self.guests[guest.key] = guest
        self.stack.addWidget(guest.widget)
        self.stack.setCurrentWidget(guest.widget)
        self.document_shown.emit(None)

    def remove_guest(self, key: str) -> None:
        guest = self.guests.pop(key)
        self.stack.removeWidget(guest.widget)
        guest.close_page()
        guest.widget.deleteLater()
        self.guest_closed.emit(key)

    def focus(self) -> None:
        if self.front_guest is not None:
            self.front_guest.widget.setFocus()


class TablesDesk:
    """`told`, `notices`, `inserted`, `texts` and `edited` note what the viewer asked of the program."""

    def __init__(self, parts: Parts, folder: Path, *, size: tuple[int, int] = (760, 480)) -> None:
        self.parts = parts
        self.told: list[FourpaneError] = []
        self.notices: list[Notice] = []
        self.inserted: list[str] = []
        self.texts: list[Path] = []
        self.edited: list[TableModel] = []
        self.code: Callable[[TableModel, str], str] = lambda model, dialect: f"# {dialect} of {model.origin.name}\n"
        self.process = FileProcess(parts.ui.post, parts.ui.after)
        self.tabs = Tabs()
        self.tabs.stack.resize(*size)
        services = TablesServices(
            parts.ui.after, self.told.append, self.notices.append, self._write_code,
            self.inserted.append, self.texts.append, lambda: self.process, lambda: folder, self.edited.append,
        )  # fmt: skip
        self.pane = TablesPane(self.tabs, services, parts.commands, parts.actions, parts.theme, parts.icons)
        own = {"table.open": print, "table.open_file": print}
        add_commands(parts.commands, {**self.pane.handlers(), **own})

    def _write_code(self, model: TableModel, dialect: str) -> str:
        return self.code(model, dialect)

    def open(self, source: TableSource, origin: Origin | None = None) -> TablePage:
        """Show a table and give it the keyboard."""
        page = self.pane.show(source, origin or ORIGIN)
        self.tabs.stack.show()
        self.tabs.stack.activateWindow()
        page.grid.setFocus()
        QApplication.processEvents()
        return page

    @property
    def page(self) -> TablePage:
        """The page in front."""
        assert self.pane.page is not None
        return self.pane.page

    def run(self, id: str, **arguments: object) -> object:
        """Run a command."""
        return self.parts.commands.perform(id, **arguments)

    def close(self) -> None:
        """Put everything away."""
        self.pane.close()
        self.process.close()
        self.tabs.stack.close()


ORIGIN = Origin("table-1", "df", "Python 3.13", "Py", "badge_python", session="s1", moment=lambda: "In [7]")
