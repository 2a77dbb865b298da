"""What a screen reader would meet: questions over QAccessible, for tests."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAbstractButton, QMenuBar, QWidget


def interface(widget: QWidget) -> QAccessibleInterface:
    """What the system is told of a widget."""
    found = QAccessible.queryAccessibleInterface(widget)
    assert found is not None
    return found


def name(widget: QWidget) -> str:
    """Its name as it is read out."""
    return interface(widget).text(QAccessible.Text.Name)


def role(widget: QWidget) -> QAccessible.Role:
    """What it is said to be."""
    return interface(widget).role()


def focusable(root: QWidget) -> Iterator[QWidget]:
    """Every visible widget that the keyboard can come to by Tab or a click."""
    for widget in (root, *root.findChildren(QWidget)):
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() != Qt.FocusPolicy.NoFocus:
            yield widget


def unnamed(root: QWidget) -> list[str]:
    """Focusable widgets without a name, and icon buttons without a tooltip."""
    found = []
    for widget in focusable(root):
        described = f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}"
        if not name(widget) and not isinstance(widget, QMenuBar) and not _is_inner(widget):
            found.append(f"no name: {described}")
        if isinstance(widget, QAbstractButton) and not widget.text() and not widget.toolTip() and not _is_inner(widget):
            found.append(f"no tooltip: {described}")
    return found


def _is_inner(widget: QWidget) -> bool:
    """Qt's own parts of a widget, which the keyboard never stays in."""
    return widget.objectName().startswith("qt_") or widget.objectName() in ("ScrollLeftButton", "ScrollRightButton")


def tab_round(start: QWidget) -> list[QWidget]:
    """The widgets that Tab comes to, from `start` until it is met again."""
    chain = []
    widget = start.nextInFocusChain()
    while widget is not None and widget is not start:
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            chain.append(widget)
        widget = widget.nextInFocusChain()
    return chain
