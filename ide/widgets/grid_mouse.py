"""What presses, drags and double clicks mean on a grid. Owns the gesture under way; the grid does what it asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, QPoint, Qt, QTimer, Slot
from PySide6.QtGui import QCursor, QMouseEvent
from PySide6.QtWidgets import QApplication

from ide.widgets.grid_frame import Hit

if TYPE_CHECKING:
    from ide.widgets.grid import Grid

Gesture = Literal["", "cells", "rows", "columns", "resize", "move"]
SCROLL_EVERY_MS = 30


class GridMouse(QObject):
    """Belongs to one grid."""

    def __init__(self, grid: Grid) -> None:
        super().__init__(grid)
        self._grid = grid
        self._gesture: Gesture = ""
        self._pressed_at = QPoint()
        self._pressed_width = 0
        self._hit = Hit("nothing")
        self._point = QPoint()
        self._scroll = QTimer(self)
        self._scroll.setInterval(SCROLL_EVERY_MS)
        self._scroll.timeout.connect(self._on_scroll)

    @property
    def gesture(self) -> Gesture:
        """What is under way."""
        return self._gesture

    def press(self, event: QMouseEvent) -> None:
        """A button goes down."""
        point = event.position().toPoint()
        hit = self._grid.frame.hit(point)
        self._hit, self._pressed_at, self._point = hit, point, point
        if event.button() == Qt.MouseButton.RightButton:
            self._grid.note_menu_place(hit)
            return
        if event.button() != Qt.MouseButton.LeftButton:
            return
        adds = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        extends = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if hit.divider is not None:
            self._gesture = "resize"
            self._pressed_width = self._grid.frame.head_rect(hit.divider).width()
        elif hit.part == "column":
            button = self._grid.head_button_at(point)
            if button:
                self._grid.press_head_button(hit.place, button, adds=adds or extends)
                return
            self._gesture = "columns" if extends else "move"
            self._grid.choose_column(hit.place, adds=adds, extends=extends)
        elif hit.part == "row":
            self._gesture = "rows"
            self._grid.choose_row(hit.row, adds=adds, extends=extends)
        elif hit.part == "corner":
            self._grid.select_all()
        elif hit.part == "cell":
            self._gesture = "cells"
            self._grid.choose_cell(hit.row, hit.place, adds=adds, extends=extends)

    def move(self, event: QMouseEvent) -> None:
        """The pointer moves, with or without a button."""
        self._point = event.position().toPoint()
        if not event.buttons() & Qt.MouseButton.LeftButton:
            self._hover()
            return
        if self._gesture == "resize":
            wide = self._pressed_width + self._point.x() - self._pressed_at.x()
            self._grid.drag_width(self._hit.divider or 0, wide)
        elif self._gesture == "move":
            far = abs(self._point.x() - self._pressed_at.x()) >= QApplication.startDragDistance()
            if far or self._grid.seen.drop_gap is not None:
                self._grid.drag_head(self._hit.place, self._point.x())
        elif self._gesture in ("cells", "rows", "columns"):
            self._reach()
        self._follow_edges()

    def release(self, event: QMouseEvent) -> None:
        """The button comes up."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        gesture, self._gesture = self._gesture, ""
        self._scroll.stop()
        if gesture == "move" and self._grid.seen.drop_gap is not None:
            self._grid.drop_head(self._hit.place)
        self._hover()

    def double_click(self, event: QMouseEvent) -> None:
        """A line between heads fits its column; a cell is opened."""
        hit = self._grid.frame.hit(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if hit.divider is not None:
            self._grid.fit_column(self._grid.columns.index_at(hit.divider))
        elif hit.part == "cell":
            self._grid.activate(hit.row, hit.place)
        elif hit.part == "column" and (button := self._grid.head_button_at(event.position().toPoint())):
            self._grid.press_head_button(hit.place, button, adds=False)

    def leave(self) -> None:
        """The pointer is elsewhere."""
        self._grid.set_hover(Hit("nothing"), "")

    def stop(self) -> None:
        """Give up what is under way."""
        self._gesture = ""
        self._scroll.stop()
        self._grid.drop_head(-1)

    def _hover(self) -> None:
        hit = self._grid.frame.hit(self._point)
        button = self._grid.head_button_at(self._point) if hit.part == "column" else ""
        self._grid.set_hover(hit, button)
        shape = Qt.CursorShape.SplitHCursor if hit.divider is not None else Qt.CursorShape.ArrowCursor
        if self._grid.viewport().cursor().shape() != shape:
            self._grid.viewport().setCursor(QCursor(shape))

    def _reach(self) -> None:
        row, place = self._grid.frame.nearest(self._point)
        if self._gesture == "rows":
            self._grid.reach(row, None)
        elif self._gesture == "columns":
            self._grid.reach(None, place)
        else:
            self._grid.reach(row, place)

    def _follow_edges(self) -> None:
        """Near or past an edge the grid scrolls on by itself."""
        is_outside = self._speed() != (0, 0)
        if is_outside and self._gesture in ("cells", "rows", "columns", "move"):
            if not self._scroll.isActive():
                self._scroll.start()
        else:
            self._scroll.stop()

    def _speed(self) -> tuple[int, int]:
        frame, point = self._grid.frame, self._point
        x = min(0, point.x() - frame.left) if point.x() < frame.left else max(0, point.x() - frame.width)
        y = min(0, point.y() - frame.top) if point.y() < frame.top else max(0, point.y() - frame.height)
        if self._gesture in ("move", "columns"):
            y = 0
        if self._gesture == "rows":
            x = 0
        # Inside of the side or of pinned parts nothing scrolls when the drag began there.
        if x < 0 and self._pressed_at.x() < frame.left:
            x = 0
        if y < 0 and self._pressed_at.y() < frame.top:
            y = 0
        return x, y

    @Slot()
    def _on_scroll(self) -> None:
        x, y = self._speed()
        if self._gesture == "" or (x, y) == (0, 0):
            self._scroll.stop()
            return
        self._grid.scroll_by(x, y)
        if self._gesture == "move":
            self._grid.drag_head(self._hit.place, self._point.x())
        else:
            self._reach()
