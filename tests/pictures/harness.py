"""Renders a state of widgets into `out/pictures` in every theme and zoom, and finds what is blank or cut off.

A state is a function from `Parts` to a widget that is ready to be shown; a module `test_*_pictures.py` passes it to
`check`. Then look at every picture yourself: the checks find only the plain mistakes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractButton, QLabel, QMenuBar, QScrollArea, QToolButton, QWidget

from ide.qt.theme import Choice
from tests.fakes.window_parts import Parts

FOLDER = Path(__file__).resolve().parents[2] / "out" / "pictures"
THEMES: tuple[Choice, ...] = ("light", "dark", "high_contrast")
ZOOMS = (1.0, 2.0)
SIZES = ((1280, 720), (1600, 1000))
FEWEST_COLORS = 4

MAY_BE_CUT = "may_be_cut"
"""Property of a widget whose text may be shortened: a path, a title of the user's."""

Build = Callable[[Parts], QWidget]


def check(name: str, parts: Parts, build: Build, size: tuple[int, int] | None = None, *, destroys: bool = True) -> Path:
    """Show the widget of `build`, save its picture and fail if it is blank or text of it is cut off.

    The widget is destroyed afterwards, unless `destroys` is off: then it is the caller's.
    """
    widget = build(parts)
    if size is not None:
        widget.resize(*size)
    widget.show()
    _settle()
    # A text that came from a timer in the last turn has asked for room, but has not got it yet.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
    image = widget.grab().toImage()
    zoom = round(parts.theme.zoom * 100)
    suffix = f"-{size[0]}x{size[1]}" if size else ""
    path = FOLDER / f"{name}-{parts.theme.name}-{zoom}{suffix}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(str(path))
    problems = [*_blank(image), *cut_off(widget)]
    if destroys:
        widget.close()
        widget.deleteLater()
        _settle()
    assert not problems, f"{path.name}: " + "; ".join(problems)
    return path


def cut_off(root: QWidget) -> Iterator[str]:
    """Texts that are wider or higher than the place they have."""
    for widget in (root, *root.findChildren(QWidget)):
        if not widget.isVisible() or widget.property(MAY_BE_CUT):
            continue
        if isinstance(widget, QLabel) and widget.text() and widget.pixmap().isNull():
            yield from _cut_label(widget)
        elif isinstance(widget, QAbstractButton) and not isinstance(widget, QMenuBar):
            yield from _cut_button(widget)


def _cut_label(label: QLabel) -> Iterator[str]:
    room = label.contentsRect()
    lines = label.text().split("\n")
    if label.wordWrap():
        needed = label.heightForWidth(label.width())
        if needed > label.height() + 1:
            yield f"label {label.text()[:40]!r} needs {needed} px of height, has {label.height()}"
    elif (wide := max(label.fontMetrics().horizontalAdvance(line) for line in lines)) > room.width() + 1:
        yield f"label {label.text()[:40]!r} needs {wide} px, has {room.width()}"
    yield from _outside(label, label.text())


def _cut_button(button: QAbstractButton) -> Iterator[str]:
    shows_text = not (
        isinstance(button, QToolButton) and button.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly
    )
    if button.text() and shows_text and button.sizeHint().width() > button.width() + 1:
        yield f"button {button.text()!r} needs {button.sizeHint().width()} px, has {button.width()}"
    yield from _outside(button, button.text() or button.accessibleName())


def _outside(widget: QWidget, what: str) -> Iterator[str]:
    """What scrolls may lie outside; everything else must be inside of all that it is in."""
    parent = widget.parentWidget()
    while parent is not None and not widget.isWindow():
        if isinstance(parent, QScrollArea) or isinstance(parent.parentWidget(), QScrollArea):
            return
        place = QRect(widget.mapTo(parent, QPoint(0, 0)), widget.size())
        if not parent.rect().adjusted(-1, -1, 1, 1).contains(place):
            yield f"{type(widget).__name__} {what[:40]!r} reaches out of {type(parent).__name__}"
            return
        if parent.isWindow():
            return
        parent = parent.parentWidget()


def _blank(image: QImage) -> Iterator[str]:
    step = max(1, image.width() // 300)
    columns, rows = range(0, image.width(), step), range(0, image.height(), step)
    colors = {image.pixel(x, y) for x in columns for y in rows}
    if len(colors) < FEWEST_COLORS:
        yield f"only {len(colors)} colours: it is blank"


def _settle() -> None:
    """Layouts and texts that follow widths need a few turns of the event loop."""
    for _ in range(4):
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
