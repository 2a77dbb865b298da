"""Colours of cells by their value: viridis for what grows, blue to orange for what lies around a middle.

The two palettes are data, not part of a theme: viridis is by Stéfan van der Walt and Nathaniel Smith (CC0). Text on
them is drawn in the theme's `text` or `pane`, whichever is read better; where neither is enough the ground gives way.
"""

from __future__ import annotations

from typing import Literal

from PySide6.QtGui import QColor

from ide.core.record import dataclass
from ide.core.table import ColumnProfile
from ide.qt.theme import Theme

HeatKind = Literal["sequential", "diverging"]
STEPS = 64
CONTRAST = {"light": 4.5, "dark": 4.5, "high_contrast": 7.0}
_VIRIDIS = (
    (68, 1, 84), (71, 44, 122), (59, 81, 139), (44, 113, 142), (33, 144, 141), (39, 173, 129), (92, 200, 99),
    (170, 220, 50), (253, 231, 37),
)  # fmt: skip
_BLUE, _ORANGE = (0, 114, 178), (213, 94, 0)


@dataclass(frozen=True, slots=True)
class Heat:
    """How one column is coloured, between the least and the largest value that its profile tells."""

    kind: HeatKind
    low: float
    high: float

    def share(self, value: float) -> float:
        """Where a value lies, 0 to 1. A diverging scale has 0 in the middle where there are both signs."""
        low, high = self.low, self.high
        if self.kind == "diverging" and low < 0 < high:
            reach = max(-low, high)
            low, high = -reach, reach
        return min(max((value - low) / (high - low), 0.0), 1.0) if high > low else 0.5


def heat_of(kind: HeatKind, profile: ColumnProfile | None) -> Heat | None:
    """The scale for a column, or None where its profile tells no range."""
    if profile is None or len(profile.edges) < 2:
        return None
    return Heat(kind, profile.edges[0], profile.edges[-1])


class HeatColors:
    """Ground and text of every step, for the theme in force."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._steps: dict[HeatKind, list[tuple[QColor, QColor]]] = {}

    def clear(self) -> None:
        """The theme changed."""
        self._steps.clear()

    def colors(self, kind: HeatKind, share: float) -> tuple[QColor, QColor]:
        """Ground, and text on it."""
        if kind not in self._steps:
            self._steps[kind] = [self._step(kind, step / (STEPS - 1)) for step in range(STEPS)]
        return self._steps[kind][round(share * (STEPS - 1))]

    def _step(self, kind: HeatKind, share: float) -> tuple[QColor, QColor]:
        pane, text = self._theme.color("pane"), self._theme.color("text")
        ground = _viridis(share) if kind == "sequential" else _diverging(share, pane)
        needed = CONTRAST[self._theme.name]
        ink = max((text, pane), key=lambda color: contrast(color, ground))
        away = QColor("black") if ink.lightness() > ground.lightness() else QColor("white")
        while contrast(ink, ground) < needed and ground != away:
            ground = mixed(ground, away, 0.06)
        return ground, ink


def _viridis(share: float) -> QColor:
    place = share * (len(_VIRIDIS) - 1)
    at = min(int(place), len(_VIRIDIS) - 2)
    return mixed(QColor(*_VIRIDIS[at]), QColor(*_VIRIDIS[at + 1]), place - at)


def _diverging(share: float, middle: QColor) -> QColor:
    end = QColor(*(_BLUE if share < 0.5 else _ORANGE))
    return mixed(middle, end, abs(share - 0.5) * 2)


def mixed(one: QColor, other: QColor, share: float) -> QColor:
    """`one` with so much of `other`. Never stands still on the way, so that repeated mixing arrives."""
    parts = []
    for a, b in zip(one.getRgb()[:3], other.getRgb()[:3], strict=True):  # type: ignore[index]  # declared as object
        least = (b > a) - (b < a) if share > 0 else 0
        parts.append(a + (round((b - a) * share) or least))
    return QColor(*parts)


def contrast(one: QColor, other: QColor) -> float:
    """Contrast of WCAG 2.2."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: QColor) -> float:
    channels = (color.redF(), color.greenF(), color.blueF())
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
