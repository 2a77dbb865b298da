"""The menu bar, made from command records: "file/1_open" is menu "file", group 1. Owns the menus, no command.

A menu is filled when it is opened, so that the first paint waits for none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QMenu, QMenuBar

from ide.commands.command import Command
from ide.commands.registry import Commands
from ide.core.record import dataclass, field
from ide.qt.actions import Actions
from ide.qt.ties import connect

TITLES = {
    "file": "&File",
    "edit": "&Edit",
    "view": "&View",
    "run": "&Run",
    "session": "&Session",
    "table": "&Table",
    "variables": "Varia&bles",
    "plots": "&Plots",
    "help": "&Help",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a list that is made when its menu opens (recent files): runs a command with arguments."""

    title: str
    command: str
    arguments: dict[str, object] = field(default_factory=dict)
    tooltip: str = ""


ListSource = Callable[[], Sequence[Entry]]


def menu_place(command: Command) -> tuple[str, str]:
    """Menu and group of a command: "file/1_open" -> ("file", "1"); two empty words where it is in none."""
    menu, _slash, rest = command.menu.partition("/")
    return menu, rest.partition("_")[0]


def grouped(commands: Sequence[Command], menu: str) -> list[list[Command]]:
    """The commands of a menu in their groups, both in order; inside a group the order of adding holds."""
    groups: dict[str, list[Command]] = {}
    for command in commands:
        where, group = menu_place(command)
        if where == menu:
            groups.setdefault(group, []).append(command)
    return [groups[group] for group in sorted(groups, key=_group_order)]


def _group_order(group: str) -> tuple[int, str]:
    return (int(group), "") if group.isdigit() else (1_000, group)


class Menus(QObject):
    """Fills a menu bar."""

    def __init__(self, bar: QMenuBar, commands: Commands, actions: Actions) -> None:
        super().__init__(bar)
        self._bar = bar
        self._commands = commands
        self._actions = actions
        self._menus: dict[str, QMenu] = {}
        self._stale: set[str] = set()
        self._lists: dict[str, ListSource] = {}
        connect(self, commands.added, self._on_added)
        for command in commands.all():
            self._on_added(command.id)

    def menu(self, name: str) -> QMenu:
        """A menu with its present content; KeyError where no command is in it."""
        menu = self._menus[name]
        self._fill(name)
        return menu

    @property
    def names(self) -> tuple[str, ...]:
        """Menus that exist, as they stand in the bar."""
        order = list(TITLES)
        return tuple(sorted(self._menus, key=lambda name: order.index(name) if name in order else len(order) - 1.5))

    def set_list(self, command_id: str, source: ListSource) -> None:
        """Show a command as a submenu with the entries that `source` gives each time it is opened."""
        self._lists[command_id] = source
        if command_id in self._commands:
            self._stale.add(menu_place(self._commands.get(command_id))[0])

    def fill_all(self) -> None:
        """Fill every menu now: where the system draws the menu bar it wants them before they are opened."""
        for name in tuple(self._menus):
            self._fill(name)

    def _on_added(self, command_id: str) -> None:
        name = menu_place(self._commands.get(command_id))[0]
        if not name:
            return
        self._stale.add(name)
        if name not in self._menus:
            self._add_menu(name)

    def _add_menu(self, name: str) -> None:
        menu = QMenu(TITLES.get(name, name.capitalize()), self._bar)
        menu.setToolTipsVisible(True)
        menu.setObjectName(name)
        menu.aboutToShow.connect(self._on_about_to_show)
        self._menus[name] = menu
        after = self.names[self.names.index(name) + 1 :]
        if after:
            self._bar.insertMenu(self._menus[after[0]].menuAction(), menu)
        else:
            self._bar.addMenu(menu)

    @Slot()
    def _on_about_to_show(self) -> None:
        self._fill(self.sender().objectName())

    def _fill(self, name: str) -> None:
        self._actions.follow()
        if name not in self._stale:
            return
        self._stale.discard(name)
        menu = self._menus[name]
        menu.clear()
        for former in menu.findChildren(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly):
            former.deleteLater()
        for index, group in enumerate(grouped(self._commands.all(), name)):
            if index:
                menu.addSeparator()
            for command in group:
                if command.id in self._lists:
                    menu.addMenu(self._submenu(command, menu))
                else:
                    menu.addAction(self._actions.action(command.id))

    def _submenu(self, command: Command, parent: QMenu) -> QMenu:
        submenu = QMenu(command.title.replace("&", "&&"), parent)
        submenu.setToolTipsVisible(True)
        submenu.setObjectName(command.id)
        submenu.aboutToShow.connect(self._on_list_about_to_show)
        return submenu

    @Slot()
    def _on_list_about_to_show(self) -> None:
        submenu = self.sender()
        assert isinstance(submenu, QMenu)
        submenu.clear()
        entries = self._lists[submenu.objectName()]()
        for entry in entries:
            action = self._actions.bound(entry.command, entry.title.replace("&", "&&"), **entry.arguments)
            action.setParent(submenu)
            action.setToolTip(entry.tooltip or entry.title)
            submenu.addAction(action)
        if not entries:
            nothing = submenu.addAction("Nothing yet")
            nothing.setEnabled(False)
