"""The frame of a pane: header with title or tabs, filter box and buttons, and the body below. Knows no pane.

The header is a widget of its own, so that a dock can take it as its title bar: dragging its empty part moves the pane.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QMouseEvent, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.widgets.tabs import TabStrip

MOST_BUTTONS = 4
NARROW_FILTER_PX = 72
WIDE_FILTER_PX = 180


class Pane(Protocol):
    """What the shell asks of a pane. `id` is stable ("editor"): layouts remember it."""

    @property
    def id(self) -> str:
        """Stable word of the pane."""

    @property
    def title(self) -> str:
        """Name on the screen, sentence case."""

    @property
    def widget(self) -> PaneFrame:
        """The frame; the shell takes it into a dock and owns it from then on."""

    def focus(self) -> None:
        """Put the keyboard where the user expects it in this pane."""

    def close(self) -> None:
        """End what the pane started. The widget is destroyed by the shell."""


class PaneHeader(QWidget):
    """One line: title or tabs at the left; filter box, up to four buttons and "..." at the right."""

    double_clicked = Signal()
    """On the empty part."""
    filter_changed = Signal(str)

    def __init__(self, title: str, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._shown: list[QAction] = []
        self._hidden: list[QAction] = []
        self._buttons: list[QToolButton] = []
        self._filter: QLineEdit | None = None
        self._tabs: TabStrip | None = None
        self._title = QLabel(title)
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._more = self._make_more()
        self._row = QHBoxLayout(self)
        self._row.setSpacing(2)
        self._row.addWidget(self._title)
        self._row.addStretch(1)
        self._row.addWidget(self._more)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    @property
    def filter_box(self) -> QLineEdit | None:
        """The filter box, where there is one."""
        return self._filter

    @property
    def tabs(self) -> TabStrip | None:
        """The tabs, where there are any."""
        return self._tabs

    @property
    def buttons(self) -> tuple[QToolButton, ...]:
        """The buttons that could be shown, in order, without "..."."""
        return tuple(self._buttons)

    @property
    def more_button(self) -> QToolButton:
        """The button behind which the rest is."""
        return self._more

    def set_title(self, title: str) -> None:
        """Show another title."""
        self._title.setText(title)

    def set_tabs(self, tabs: TabStrip) -> None:
        """Tabs in place of the title. They belong to the header from now on."""
        self._tabs = tabs
        self._title.hide()
        self._row.insertWidget(0, tabs)
        self._order()
        self._on_theme_changed()

    def set_filter(self, placeholder: str, name: str) -> QLineEdit:
        """A filter box; `name` is for screen readers ("Filter variables")."""
        box = QLineEdit()
        box.setPlaceholderText(placeholder)
        box.setAccessibleName(name)
        box.setToolTip(name)
        box.setClearButtonEnabled(True)
        box.textChanged.connect(self.filter_changed)
        self._filter = box
        self._row.insertWidget(self._row.count() - 1 - len(self._buttons), box, 2)
        self._order()
        self._on_theme_changed()
        return box

    def set_actions(self, shown: Sequence[QAction], behind: Sequence[QAction] = ()) -> None:
        """Buttons for `shown`, four at most, the rest of it and `behind` behind "..."."""
        for button in self._buttons:
            self._row.removeWidget(button)
            button.deleteLater()
        self._shown = list(shown[:MOST_BUTTONS])
        self._hidden = [*shown[MOST_BUTTONS:], *behind]
        self._buttons = [self._make_button(action) for action in self._shown]
        for button in self._buttons:
            self._row.insertWidget(self._row.count() - 1, button)
        self._order()
        self._arrange()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Background, and the line that parts it from the body."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("header"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, self._theme.color("border"))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put behind "..." what has no room."""
        super().resizeEvent(event)
        self._arrange()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The dock would float the pane; here it is maximised."""
        self.double_clicked.emit()
        event.accept()

    def _make_button(self, action: QAction) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(action)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(action.text().replace("&&", "&"))
        button.setIconSize(self._icon_size())
        return button

    def _make_more(self) -> QToolButton:
        button = QToolButton()
        button.setIcon(self._icons.icon("dots-three"))
        button.setAccessibleName("More actions")
        button.setToolTip("More actions")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        menu.aboutToShow.connect(self._fill_menu)
        button.setMenu(menu)
        button.hide()
        return button

    @Slot()
    def _fill_menu(self) -> None:
        menu = self._more.menu()
        menu.clear()
        menu.addActions([action for action, b in zip(self._shown, self._buttons, strict=True) if b.isHidden()])
        menu.addActions(self._hidden)

    def _order(self) -> None:
        """The Tab key goes from left to right."""
        parts = [part for part in (self._tabs, self._filter, *self._buttons, self._more) if part is not None]
        for one, next_one in pairwise(parts):
            QWidget.setTabOrder(one, next_one)

    def _arrange(self) -> None:
        px = self._theme.px
        each = px(26)
        left = self._tabs.minimumSizeHint().width() if self._tabs else self._title.sizeHint().width()
        room = self.width() - left - px(20) - (px(NARROW_FILTER_PX) if self._filter else 0)
        fits = max(0, room // each)
        count = len(self._buttons)
        if fits < count or self._hidden:
            fits = max(0, fits - 1)
        for index, button in enumerate(self._buttons):
            button.setVisible(index < fits)
        self._more.setVisible(bool(self._hidden) or fits < count)

    def _icon_size(self) -> QSize:
        return QSize(self._theme.px(16), self._theme.px(16))

    @Slot()
    def _on_theme_changed(self) -> None:
        px = self._theme.px
        self._row.setContentsMargins(0 if self._tabs else px(8), 0, px(4), 1)
        self._title.setFont(self._theme.font("title"))
        # Set, not answered by sizeHint: docks ask a thousand times while they are laid out. As high as tabs are; narrow
        # panes are allowed, since what has no room goes behind "...".
        self.setFixedHeight(px(28) + 1)
        self.setMinimumWidth(px(120))
        if self._filter is not None:
            self._filter.setFont(self._theme.font("small"))
            self._filter.setMinimumWidth(px(NARROW_FILTER_PX))
            self._filter.setMaximumWidth(px(WIDE_FILTER_PX))
            self._filter.setFixedHeight(px(22))
        for button in (*self._buttons, self._more):
            button.setIconSize(self._icon_size())
            button.setFixedSize(px(24), px(24))
        self._arrange()
        self.update()


class PaneFrame(QWidget):
    """Header and body. `theme` and `icons` are those of the program."""

    def __init__(self, title: str, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.header = PaneHeader(title, theme, icons)
        self._body: QWidget | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.header)
        self._bars = QVBoxLayout()
        self._bars.setSpacing(0)
        self._column.addLayout(self._bars)
        self.setAccessibleName(title)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self.title = title

    @property
    def body(self) -> QWidget | None:
        """What is shown below the header."""
        return self._body

    def set_body(self, body: QWidget) -> None:
        """Show `body`; one that was there before is destroyed."""
        focused = QApplication.focusWidget()
        had_focus = self._body is not None and focused is not None and self._body.isAncestorOf(focused)
        if self._body is not None:
            self._column.removeWidget(self._body)
            self._body.deleteLater()
        self._body = body
        self._column.addWidget(body, 1)
        self.setFocusProxy(body)
        if had_focus:
            body.show()
            body.setFocus()

    def add_bar(self, bar: QWidget) -> None:
        """A bar (find, notices) between header and body."""
        self._bars.addWidget(bar)

    def take_header(self) -> PaneHeader:
        """Give the header away, to be a dock's title bar."""
        self._column.removeWidget(self.header)
        return self.header
