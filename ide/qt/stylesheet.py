"""The one style sheet, made from roles and the zoom. What the palette alone can say is not in it."""

from __future__ import annotations

from collections.abc import Callable
from string import Template

from PySide6.QtGui import QColor

# `$role` is a colour, `$pN` is N pixels at the zoom in force.
_SHEET = """
QToolTip { background: $popup; color: $text; border: 1px solid $border; padding: $p4; }

QLabel[tone="muted"] { color: $muted; }
QLabel[tone="accent"] { color: $accent; }
QLabel[tone="warning"] { color: $warning; }
QLabel[tone="error"] { color: $error; }
QLabel[tone="done"] { color: $done; }

QMainWindow::separator { background: $window; width: $p4; height: $p4; }
QMainWindow::separator:hover { background: $accent; }
QSplitter::handle { background: $window; }
QSplitter::handle:hover { background: $accent; }
QDockWidget { titlebar-close-icon: none; titlebar-normal-icon: none; }

QMenuBar { background: $window; padding: 0; }
QMenuBar::item { padding: $p4 $p8; background: transparent; border-radius: $p4; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $popup; border: 1px solid $border; padding: $p4 0; }
QMenu::item { padding: $p4 $p24 $p4 $p8; margin: 0 $p4; border-radius: $p4; }
QMenu::item:selected { background: $selection; color: $text; }
QMenu::item:disabled { color: $disabled; }
QMenu::separator { height: 1px; background: $line; margin: $p4 0; }
QMenu::icon { padding-left: $p8; }

QToolBar { background: $window; border: none; padding: $p4 $p8; spacing: $p4; }
QToolBar::separator { background: $border; width: 1px; margin: $p4; }
QStatusBar { background: $window; border-top: 1px solid $border; }
QStatusBar::item { border: none; }

QToolButton { background: transparent; border: 1px solid transparent; border-radius: $p4; padding: $p3; color: $text; }
QToolButton:hover { background: $hover; }
QToolButton:pressed, QToolButton:checked { background: $pressed; }
QToolButton:disabled { color: $disabled; }
QToolButton:focus { border: 1px solid $accent; }
QToolButton::menu-indicator { image: none; width: 0; }

QTabBar::tab { background: $header; color: $text; border: none; padding: $p4 $p8; }
QTabBar QToolButton { background: $header; border: none; border-radius: 0; padding: 0; }
QTabBar QToolButton:hover { background: $hover; }

QPushButton {
  background: $pane; color: $text; border: 1px solid $control_border; border-radius: $p4;
  padding: $p4 $p12; min-height: $p16;
}
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $pressed; }
QPushButton:checked { background: $selection; border-color: $accent; }
QPushButton:focus { border: 2px solid $accent; padding: $p3 $p11; }
QPushButton:disabled { color: $disabled; border-color: $border; }
QPushButton[main="true"], QToolButton[main="true"] {
  background: $accent; color: $on_accent; border: 1px solid $accent; padding: $p4 $p12;
}
QPushButton[main="true"]:hover, QToolButton[main="true"]:hover {
  background: $accent_hover; border-color: $accent_hover;
}
QPushButton[main="true"]:pressed, QToolButton[main="true"]:pressed { background: $accent_pressed; }
QPushButton[main="true"]:focus, QToolButton[main="true"]:focus { border: 2px solid $text; padding: $p3 $p11; }
QPushButton[main="true"]:disabled, QToolButton[main="true"]:disabled {
  background: $pressed; color: $disabled; border-color: $border;
}
QToolButton[side="left"] { border-top-right-radius: 0; border-bottom-right-radius: 0; }
QToolButton[side="right"] { border-top-left-radius: 0; border-bottom-left-radius: 0; padding: 0; }
QToolButton[side="right"]:focus { padding: 0; }
QPushButton[link="true"] { background: transparent; border: 1px solid transparent; color: $link; padding: $p2 $p4; }
QPushButton[link="true"]:hover { text-decoration: underline; }
QPushButton[link="true"]:focus { border: 1px solid $accent; }

QLineEdit {
  background: $pane; color: $text; border: 1px solid $border; border-radius: $p4; padding: $p3 $p6;
  selection-background-color: $selection; selection-color: $text;
}
QLineEdit:hover { border-color: $control_border; }
QLineEdit:focus { border: 2px solid $accent; padding: $p2 $p5; }
QLineEdit:disabled { color: $disabled; background: $window; }

QPlainTextEdit, QTextEdit, QTextBrowser {
  background: $pane; color: $text; border: none; selection-background-color: $selection; selection-color: $text;
}
QCheckBox::indicator, QListView::indicator, QTreeView::indicator { width: $p14; height: $p14; }
QCheckBox::indicator:unchecked, QListView::indicator:unchecked, QTreeView::indicator:unchecked {
  background: $pane; border: 1px solid $control_border; border-radius: $p2; width: $p12; height: $p12;
}
QListView, QTreeView, QTableView {
  background: $pane; color: $text; border: none; outline: none;
  selection-background-color: $selection; selection-color: $text;
}
QListView::item, QTreeView::item { padding: $p3 $p4; }
QListView::item:hover, QTreeView::item:hover { background: $hover; }
QListView::item:selected, QTreeView::item:selected { background: $selection; color: $text; }
QHeaderView::section {
  background: $header; color: $muted; border: none; border-bottom: 1px solid $border; border-right: 1px solid $line;
  padding: $p4 $p8;
}

QScrollBar:vertical { background: transparent; width: $p12; margin: 0; }
QScrollBar:horizontal { background: transparent; height: $p12; margin: 0; }
QScrollBar::handle { background: $border; border-radius: $p4; border: 2px solid $pane; }
QScrollBar::handle:vertical { min-height: $p32; }
QScrollBar::handle:horizontal { min-width: $p32; }
QScrollBar::handle:hover { background: $control_border; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; }
"""


def style_sheet(color: Callable[[str], QColor], px: Callable[[float], int]) -> str:
    """The sheet for one theme at one zoom. KeyError where the sheet names a role that the theme has not."""
    return Template(_SHEET).substitute(_Values(color, px))


class _Values(dict[str, str]):
    """Looks up what the template asks for."""

    def __init__(self, color: Callable[[str], QColor], px: Callable[[float], int]) -> None:
        super().__init__()
        self._color = color
        self._px = px

    def __missing__(self, key: str) -> str:
        if key[0] == "p" and key[1:].isdigit():
            return f"{self._px(int(key[1:]))}px"
        return self._color(key).name()
