"""Keys run commands: one shortcut per key, and what it means where the keyboard is. Owns the shortcuts.

A widget is asked first whether it wants a key for itself (Qt's ShortcutOverride); this answers for it: keys that mean a
command here and now are ours, keys that mean one only elsewhere are the widget's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QKeyCombination, QObject, Qt, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QWidget

from ide.commands.keys import KeyMaps
from ide.commands.registry import Commands
from ide.qt.ties import connect

PORTABLE = QKeySequence.SequenceFormat.PortableText


class KeyBindings(QObject):
    """Shortcuts of one window, its floating panes included."""

    def __init__(
        self,
        window: QWidget,
        commands: Commands,
        keymaps: KeyMaps,
        scope_of: Callable[[QWidget | None], str],
    ) -> None:
        """`scope_of` names the pane that holds a widget, or "window"; its language is the context's `PANE.language`."""
        super().__init__(window)
        self._window = window
        self._commands = commands
        self._keymaps = keymaps
        self._scope_of = scope_of
        self._shortcuts: dict[str, QShortcut] = {}
        self._watched: QWidget | None = None
        connect(self, keymaps.changed, self.bind)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        self._application = application
        application.focusChanged.connect(self._on_focus_changed)

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that means something somewhere."""
        return tuple(self._shortcuts)

    def command_for(self, key: str, widget: QWidget | None) -> str:
        """Command that `key` (portable text) runs when `widget` has the keyboard, or empty."""
        scope = self._scope_of(widget)
        if is_line_input(widget):
            scope = "window"
        language = str(self._commands.context.get(f"{scope}.language") or "")
        meant = self._keymaps.commands_for(key, scope, language)
        return next((command for command in meant if self._commands.is_enabled(command)), "")

    def press(self, key: str) -> None:
        """Run what `key` means where the keyboard is."""
        if command := self.command_for(key, QApplication.focusWidget()):
            self._commands.run(command)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Answer "do you want this key" for the widget with the keyboard."""
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        widget = watched if isinstance(watched, QWidget) else None
        key = portable(event)
        if is_line_input(widget):
            if key in self._shortcuts and not self.command_for(key, widget) and not self._keymaps.is_prefix(key):
                event.accept()  # Esc in a find bar: a command in the console only
                return True
            return False  # it keeps its editing keys and lets go of the others
        scope = self._scope_of(widget)
        if self.command_for(key, widget) or self._keymaps.is_prefix(key, scope):
            event.ignore()
            return True
        if key in self._shortcuts:
            event.accept()
            return True
        return False

    def bind(self) -> None:
        """Make the shortcuts as the key maps say now. Called after the first paint: a hundred of them take 20 ms."""
        wanted = dict.fromkeys(binding.key for binding in self._keymaps.bindings())
        for key in [key for key in self._shortcuts if key not in wanted]:
            shortcut = self._shortcuts.pop(key)
            shortcut.setEnabled(False)
            shortcut.deleteLater()
        for key in wanted:
            if key not in self._shortcuts:
                shortcut = QShortcut(QKeySequence(key, PORTABLE), self._window)
                shortcut.activated.connect(partial(self.press, key))
                # Two spellings of one key (Return and Enter of a number block) can meet; both mean the same.
                shortcut.activatedAmbiguously.connect(partial(self.press, key))
                self._shortcuts[key] = shortcut

    def close(self) -> None:
        """Watch nothing any more."""
        self._application.focusChanged.disconnect(self._on_focus_changed)
        self._watch(None)

    @Slot(QWidget, QWidget)
    def _on_focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        is_ours = new is not None and (new.window() is self._window or new.window().parent() is self._window)
        self._watch(new if is_ours else None)

    def _watch(self, widget: QWidget | None) -> None:
        if self._watched is widget:
            return
        if self._watched is not None:
            try:
                self._watched.removeEventFilter(self)
                self._watched.destroyed.disconnect(self._on_watched_destroyed)
            except RuntimeError:
                pass  # it was destroyed, and the filter with it
        self._watched = widget
        if widget is not None:
            widget.installEventFilter(self)
            widget.destroyed.connect(self._on_watched_destroyed)

    @Slot()
    def _on_watched_destroyed(self) -> None:
        self._watched = None


def portable(event: QKeyEvent) -> str:
    """The key of an event as portable text; a number block's keys count like the others."""
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    return QKeySequence(QKeyCombination(modifiers, Qt.Key(event.key()))).toString(PORTABLE)


def is_line_input(widget: QWidget | None) -> bool:
    """Whether the widget is a box for one line of text, whose editing keys are its own."""
    # Asked by name: to have the classes here would make PySide bring all that belongs to them before the first paint.
    return widget is not None and (widget.inherits("QLineEdit") or widget.inherits("QAbstractSpinBox"))
