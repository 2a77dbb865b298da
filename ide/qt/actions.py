"""Commands as Qt actions: title, icon, key in the tooltip, whether enabled, all kept up to date. Owns the actions.

Menus, the toolbar, pane headers and context menus take the same action for the same command.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtGui import QAction, QKeySequence

from ide.commands.command import Command
from ide.commands.keys import KeyMaps
from ide.commands.registry import Commands
from ide.qt.icons import Icons
from ide.qt.ties import connect


def key_text(keys: Iterable[str]) -> str:
    """The first of several portable key sequences as this system writes it ("Ctrl+S", "⌘S"); empty without any."""
    first = next(iter(keys), "")
    return QKeySequence(first, QKeySequence.SequenceFormat.PortableText).toString(
        QKeySequence.SequenceFormat.NativeText
    )


class Actions(QObject):
    """Makes one action per command, on first demand."""

    def __init__(self, commands: Commands, keymaps: KeyMaps, icons: Icons, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._commands = commands
        self._keymaps = keymaps
        self._icons = icons
        self._actions: dict[str, QAction] = {}
        self._watched: dict[str, frozenset[str]] = {}
        self._changed_keys: set[str] = set()
        # Many keys change together, so actions follow once per turn of the event loop.
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self.follow)
        connect(self, commands.context.changed, self._on_context_changed)
        connect(self, keymaps.changed, self._on_keys_changed)

    def action(self, command_id: str) -> QAction:
        """The action of a command. It belongs to this object: never delete it. CommandError where there is none."""
        if command_id not in self._actions:
            self._actions[command_id] = self._make(self._commands.get(command_id))
        return self._actions[command_id]

    def has(self, command_id: str) -> bool:
        """Whether there is such a command."""
        return command_id in self._commands

    def bound(self, command_id: str, title: str, **arguments: object) -> QAction:
        """A new action that runs a command with arguments, for lists such as recent files. The caller parents it."""
        action = QAction(title)
        action.triggered.connect(partial(self._run, command_id, arguments))
        return action

    @Slot()
    def follow(self) -> None:
        """Bring all actions up to date with the context now, without waiting for the next turn."""
        keys, self._changed_keys = self._changed_keys, set()
        self._soon.stop()
        for command_id, action in self._actions.items():
            if keys & self._watched[command_id]:
                self._refresh(self._commands.get(command_id), action)

    def keys(self, command_id: str) -> str:
        """The key of a command as this system writes it; empty without one. The command may come later."""
        return key_text(self._keymaps.keys(command_id))

    def tooltip(self, command_id: str) -> str:
        """Title and key: "Save (Ctrl+S)"."""
        action = self.action(command_id)
        keys = self.keys(command_id)
        title = plain(action.text())
        return f"{title} ({keys})" if keys else title

    def _make(self, command: Command) -> QAction:
        action = QAction(self)
        action.setObjectName(command.id)
        # Keys are watched in one place (`ide/shell/keys.py`); here they are only shown. A shortcut in the context of
        # a widget that the action is never given to does not fire.
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.setMenuRole(QAction.MenuRole.NoRole)
        if command.icon:
            action.setIcon(self._icons.icon(command.icon))
        action.setCheckable(command.is_checkable)
        if command.help:
            action.setStatusTip(command.help)
        action.triggered.connect(partial(self._run, command.id, {}))
        self._actions[command.id] = action
        self._watched[command.id] = self._commands.keys_looked_at(command.id)
        self._refresh(command, action)
        self._show_keys(command, action)
        return action

    def _refresh(self, command: Command, action: QAction) -> None:
        action.setText(self._commands.title(command.id).replace("&", "&&"))
        action.setEnabled(self._commands.is_enabled(command.id))
        action.setToolTip(self.tooltip(command.id))
        if command.is_checkable:
            action.setChecked(self._commands.is_checked(command.id))

    def _show_keys(self, command: Command, action: QAction) -> None:
        action.setShortcuts([QKeySequence(keys) for keys in self._keymaps.keys(command.id)])
        action.setToolTip(self.tooltip(command.id))

    def _run(self, command_id: str, arguments: dict[str, object], *_checked: object) -> None:
        self._commands.run(command_id, **arguments)
        if command_id in self._actions:
            # Qt has ticked a checkable action by itself; whether the command did its work is the context's to say.
            self._refresh(self._commands.get(command_id), self._actions[command_id])

    def _on_context_changed(self, key: str) -> None:
        self._changed_keys.add(key)
        if not self._soon.isActive():
            self._soon.start()

    def _on_keys_changed(self) -> None:
        for command_id, action in self._actions.items():
            self._show_keys(self._commands.get(command_id), action)


def plain(text: str) -> str:
    """Text of an action without the marks of mnemonics."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&")
