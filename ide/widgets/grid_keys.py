"""Where keys lead in a grid. Owns nothing; a step says how far, the grid knows from where."""

from __future__ import annotations

from PySide6.QtCore import Qt

from ide.core.record import dataclass

EDGE = 2**62
"""Further than any table."""


@dataclass(frozen=True, slots=True)
class Step:
    """Rows down, columns to the right, pages down, screens to the right; all may be negative."""

    down: int = 0
    right: int = 0
    pages: int = 0
    screens: int = 0


_PLAIN = {
    Qt.Key.Key_Up: Step(down=-1),
    Qt.Key.Key_Down: Step(down=1),
    Qt.Key.Key_Left: Step(right=-1),
    Qt.Key.Key_Right: Step(right=1),
    Qt.Key.Key_PageUp: Step(pages=-1),
    Qt.Key.Key_PageDown: Step(pages=1),
    Qt.Key.Key_Home: Step(right=-EDGE),
    Qt.Key.Key_End: Step(right=EDGE),
}
_FAR = {
    Qt.Key.Key_Up: Step(down=-EDGE),
    Qt.Key.Key_Down: Step(down=EDGE),
    Qt.Key.Key_Left: Step(right=-EDGE),
    Qt.Key.Key_Right: Step(right=EDGE),
    Qt.Key.Key_Home: Step(down=-EDGE, right=-EDGE),
    Qt.Key.Key_End: Step(down=EDGE, right=EDGE),
}
_SIDEWAYS = {Qt.Key.Key_PageUp: Step(screens=-1), Qt.Key.Key_PageDown: Step(screens=1)}


def step_of(key: Qt.Key, *, controls: bool, sideways: bool) -> Step | None:
    """What a key means with Ctrl, or with Alt; None where it moves nothing."""
    if controls and sideways:
        return None
    return (_FAR if controls else _SIDEWAYS if sideways else _PLAIN).get(key)
