"""The toolbar, made from command records: the main action filled, the command box, the layout menu. Owns no command.

`toolbar` of a record is "group_order" ("1_run"). Commands of groups 1 and 9 are named beside their icon while there is
room; those of group 9 stand at the right. A command in CHOICES has a narrow button beside it with its other ways.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton, QSizePolicy, QToolBar, QToolButton, QWidget

from ide.commands.command import Command
from ide.commands.keys import KeyMaps
from ide.commands.registry import Commands
from ide.qt.actions import Actions, key_text
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect

MAIN = "run.default"
CHOICES = {MAIN: "Other ways to run", "deploy.start": "Other ways to deploy"}
_NAMED, _RIGHT = (1, 9), 9
PALETTE = "app.palette"
LAYOUT_COMMANDS = ("layout.full", "layout.simple", "", "view.maximise_pane", "view.presentation", "", "layout.reset")


def toolbar_place(command: Command) -> tuple[int, str]:
    """Group and order of a command: "1_run" -> (1, "run"); group 0 where it is not in the toolbar."""
    group, _bar, order = command.toolbar.partition("_")
    return (int(group), order) if group.isdigit() else (0, "")


class Toolbar(QToolBar):
    """One line of buttons. The window decides nothing about it but where it is."""

    def __init__(
        self, commands: Commands, keymaps: KeyMaps, actions: Actions, theme: Theme, icons: Icons, parent: QWidget
    ) -> None:
        super().__init__("Toolbar", parent)
        self._commands = commands
        self._actions = actions
        self._theme = theme
        self._icons = icons
        self._buttons: list[QToolButton] = []
        self._named: list[QToolButton] = []
        self._choices: list[QToolButton] = []
        self._row_widget = QWidget()
        self._row = QHBoxLayout(self._row_widget)
        self._palette = CommandBox(keymaps, theme, icons)
        self._palette.clicked.connect(self._on_palette)
        self._layout_button = self._make_layout_button(icons)
        self.setObjectName("toolbar")
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.addWidget(self._row_widget)
        self._row_widget.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        connect(self, commands.added, self._on_added)
        theme.changed.connect(self._on_theme_changed)
        self._build()

    @property
    def buttons(self) -> tuple[QToolButton, ...]:
        """Buttons of commands, in order."""
        return tuple(self._buttons)

    @property
    def command_box(self) -> QPushButton:
        """The box that opens the palette."""
        return self._palette

    @property
    def layout_button(self) -> QToolButton:
        """The button with the layout menu."""
        return self._layout_button

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Names beside icons only while there is room; the main action always has its name."""
        super().resizeEvent(event)
        self._name_buttons()

    def _on_added(self, command_id: str) -> None:
        if toolbar_place(self._commands.get(command_id))[0] or command_id in LAYOUT_COMMANDS:
            self._build()

    def _build(self) -> None:
        while (item := self._row.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None and widget not in (self._palette, self._layout_button):
                widget.deleteLater()
        self._buttons, self._named, self._choices = [], [], []
        shown = sorted((c for c in self._commands.all() if toolbar_place(c)[0]), key=toolbar_place)
        group = 0
        for command in (one for one in shown if toolbar_place(one)[0] != _RIGHT):
            if group and toolbar_place(command)[0] != group:
                self._row.addWidget(_Line(self._theme))
            group = toolbar_place(command)[0]
            self._row.addWidget(self._make_place(command))
        self._row.addStretch(1)
        self._row.addWidget(self._palette, 4)
        self._row.addStretch(1)
        for command in (one for one in shown if toolbar_place(one)[0] == _RIGHT):
            self._row.addWidget(self._make_place(command))
        self._row.addWidget(self._layout_button)
        self._on_theme_changed()

    def _make_place(self, command: Command) -> QWidget:
        button = self._make_button(command, is_named=toolbar_place(command)[0] in _NAMED)
        return self._with_choices(button, command) if command.id in CHOICES else button

    def _make_button(self, command: Command, *, is_named: bool) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(self._actions.action(command.id))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAutoRaise(True)
        button.setAccessibleName(command.title)
        if command.id == MAIN:
            button.setProperty("main", "true")
            # The action's own icon is in the colour of text; the filled button needs the other one.
            button.setIcon(self._icons.icon(command.icon or "play", "on_accent"))
            self._actions.action(command.id).changed.connect(self._on_main_changed)
        if is_named:
            self._named.append(button)
        self._buttons.append(button)
        return button

    def _with_choices(self, button: QToolButton, command: Command) -> QWidget:
        """A button with a narrow one beside it, behind which the other ways to do it are."""
        choices = QToolButton()
        if command.id == MAIN:
            choices.setProperty("main", "true")
        choices.setProperty("side", "right")
        choices.setIcon(self._icons.icon("caret-down", "on_accent" if command.id == MAIN else "text"))
        choices.setAccessibleName(CHOICES[command.id])
        choices.setToolTip(CHOICES[command.id])
        choices.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        choices.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(choices)
        menu.setObjectName(command.id)
        menu.aboutToShow.connect(self._fill_choices)
        choices.setMenu(menu)
        self._choices.append(choices)
        button.setProperty("side", "left")
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        row.addWidget(button)
        row.addWidget(choices)
        return both

    @Slot()
    def _on_main_changed(self) -> None:
        for button in self._buttons:
            if button.property("main") == "true":
                button.setIcon(self._icons.icon(self._commands.get(MAIN).icon or "play", "on_accent"))
                button.setAccessibleName(self._commands.title(MAIN))

    def _make_layout_button(self, icons: Icons) -> QToolButton:
        button = QToolButton()
        button.setText("Layout")
        button.setIcon(icons.icon("layout"))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName("Layout")
        button.setToolTip("Arrange the panes")
        menu = QMenu(button)
        menu.aboutToShow.connect(self._fill_layout_menu)
        button.setMenu(menu)
        return button

    def _name_buttons(self) -> None:
        beside, alone = Qt.ToolButtonStyle.ToolButtonTextBesideIcon, Qt.ToolButtonStyle.ToolButtonIconOnly
        has_room = self.width() >= self._theme.px(900)
        for button in self._buttons:
            is_main = button.property("main") == "true"
            button.setToolButtonStyle(beside if is_main or (button in self._named and has_room) else alone)
        self._layout_button.setToolButtonStyle(beside if has_room else alone)

    @Slot()
    def _fill_choices(self) -> None:
        """The whole menu for the main action, the command's own group of its menu for another."""
        from ide.shell.menus import grouped, menu_place

        menu = self.sender()
        assert isinstance(menu, QMenu)
        menu.clear()
        own = self._commands.get(menu.objectName())
        groups = grouped(self._commands.all(), menu_place(own)[0])
        if own.id != MAIN:
            groups = [group for group in groups if own in group]
        for index, group in enumerate(groups):
            if index:
                menu.addSeparator()
            menu.addActions([self._actions.action(command.id) for command in group])

    @Slot()
    def _fill_layout_menu(self) -> None:
        menu = self._layout_button.menu()
        menu.clear()
        for command_id in LAYOUT_COMMANDS:
            if not command_id:
                menu.addSeparator()
            elif command_id in self._commands:
                menu.addAction(self._actions.action(command_id))

    @Slot()
    def _on_palette(self) -> None:
        self._commands.run(PALETTE)

    @Slot()
    def _on_theme_changed(self) -> None:
        px = self._theme.px
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(px(4))
        for button in (*self._buttons, self._layout_button):
            # Wider than the icon, which stands in its middle: that parts it from the words.
            button.setIconSize(QSize(px(20), px(16)))
            button.setMinimumSize(px(28), px(28))
            button.setMaximumHeight(px(28))
        for choices in self._choices:
            choices.setIconSize(QSize(px(12), px(12)))
            choices.setFixedSize(px(20), px(28))
        self._palette.fit()
        self._name_buttons()


class CommandBox(QPushButton):
    """Looks like a search box and opens the palette; named and pressed like any button."""

    def __init__(self, keymaps: KeyMaps, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._keymaps = keymaps
        self._theme = theme
        self._icons = icons
        self.setAccessibleName("Search or command")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        connect(self, keymaps.changed, self.fit)
        self.fit()

    def fit(self) -> None:
        """Follow theme, zoom and keys."""
        keys = key_text(self._keymaps.keys(PALETTE))
        self.setToolTip(f"Find and run any command ({keys})" if keys else "Find and run any command")
        self.setFixedHeight(self._theme.px(28))
        self.setMinimumWidth(self._theme.px(120))
        self.setMaximumWidth(self._theme.px(420))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A quiet box: glass, words at the left, key at the right."""
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        has_focus = self.hasFocus()
        painter.setPen(theme.color("accent" if has_focus else "control_border" if self.underMouse() else "border"))
        painter.setBrush(theme.color("pane"))
        painter.drawRoundedRect(self.rect().adjusted(0, 1, -1, -2), px(4), px(4))
        size = QSize(px(14), px(14))
        middle = (self.height() - size.height()) // 2
        glass = self._icons.pixmap("magnifying-glass", "muted", size, self.devicePixelRatioF())
        painter.drawPixmap(px(8), middle, glass)
        painter.setPen(theme.color("muted"))
        painter.setFont(theme.font("ui"))
        room = self.rect().adjusted(px(28), 0, -px(8), 0)
        side = Qt.AlignmentFlag.AlignVCenter
        keys = key_text(self._keymaps.keys(PALETTE))
        metrics = painter.fontMetrics()
        words = "Search or command"
        if metrics.horizontalAdvance(words + keys) + px(24) <= room.width():
            painter.drawText(room, side | Qt.AlignmentFlag.AlignRight, keys)
        painter.drawText(room, side, metrics.elidedText(words, Qt.TextElideMode.ElideRight, room.width()))
        painter.end()

    def sizeHint(self) -> QSize:
        """Wide enough for words and key."""
        return QSize(self._theme.px(320), self._theme.px(28))


class _Line(QFrame):
    """Parts two groups."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setFixedWidth(theme.px(9))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A thin line."""
        painter = QPainter(self)
        inset = self._theme.px(4)
        line = self.rect().adjusted(self.width() // 2, inset, 0, -inset)
        painter.fillRect(line.left(), line.top(), 1, line.height(), self._theme.color("border"))
        painter.end()
