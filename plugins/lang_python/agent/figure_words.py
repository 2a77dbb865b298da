"""What a matplotlib figure shows, in a sentence for those who do not see it: kind, titles, axes. Changes nothing."""

from __future__ import annotations

import sys
from typing import Any

LONGEST = 300
PANELS_MOST = 6
_COLLECTIONS = {
    "PathCollection": "points",
    "FillBetweenPolyCollection": "areas",
    "PolyCollection": "areas",
    "QuadMesh": "heat map",
    "LineCollection": "lines",
    "QuadContourSet": "contours",
    "Quiver": "arrows",
}
_NOT_DRAWN = ("None", "", " ")
_BOX_LENGTHS = (5, 11)
"""Points of the outline of a box in a box plot, without and with a notch."""
_LONGEST_SIDES = 5000
_LEAST_FITTED = 20
"""Seaborn draws a regression line by 100 points; who draws a line by hand gives two."""


def words_of(figure: Any) -> str:
    """One sentence for each panel, six at most; empty where nothing is known. Never raises."""
    try:
        plotnine = sys.modules.get("fourpane_plugins.lang_python.agent.plotnine_figures")
        plots = plotnine.plots_of(figure) if plotnine is not None else []
        if plotnine is not None and plots:
            return str(plotnine.words_of(plots))
        panels = [words for axes in figure.axes if (words := _panel(axes))]
        title = _text(getattr(figure, "_suptitle", None))
        count = len(panels)
        more = f"and {count - PANELS_MOST} more panels." if count > PANELS_MOST else ""
        return " ".join(part for part in (title and f"{title}.", *panels[:PANELS_MOST], more) if part)[:LONGEST]
    except Exception:  # noqa: BLE001 - whatever the user's own artists raise; a picture without words is a picture still
        return ""


def _panel(axes: Any) -> str:
    kind = _kind(axes)
    title = axes.get_title() or axes.get_title(loc="left")
    named = [f"{name}: {label}" for name in "xyz" if (label := _label(axes, name))]
    head = f"{kind[:1].upper()}{kind[1:]}" if kind else ""
    head = f"{head}: {title}" if head and title else head or title
    return f"{'; '.join(part for part in (head, *named) if part)}." if head or named else ""


def _kind(axes: Any) -> str:
    if getattr(axes, "_colorbar", None) is not None:
        return "colour bar"
    lines = [line for line in axes.lines if _is_drawn(line)]
    names = [type(patch).__name__ for patch in axes.patches]
    kinds = _known(axes, lines, names) or (["lines"] if lines else [])
    left_out = () if not kinds or kinds == ["lines"] else ("areas", "lines")
    kinds += ["bars"] if "Rectangle" in names else []
    kinds += ["pie"] if "Wedge" in names else []
    kinds += ["histogram outline"] if "StepPatch" in names else []
    kinds += [_COLLECTIONS.get(type(each).__name__, "") for each in axes.collections]
    kinds += ["image"] if axes.images else []
    return ", ".join(dict.fromkeys(kind for kind in kinds if kind and kind not in left_out))


def _known(axes: Any, lines: list[Any], patches: list[str]) -> list[str]:
    """What lines, areas and patches make together, told by how many there are and of how many points."""
    lengths = [len(line.get_xydata()) for line in lines if line.get_linestyle() not in _NOT_DRAWN]
    collections = [type(each).__name__ for each in axes.collections]
    areas = [each for each in axes.collections if _COLLECTIONS.get(type(each).__name__) == "areas"]
    if areas and max(lengths, default=0) <= 2 and all(map(_is_mirrored, areas)):
        return ["violins"]
    plain, filled = sum(map(lengths.count, _BOX_LENGTHS)), patches.count("PathPatch")
    others = len(lengths) - plain
    if (plain or filled) and others == lengths.count(2) >= 3 * (plain + filled):  # whiskers and median, mostly caps
        return ["boxes"]
    if "BoxPlotContainer" in map(_type_name, axes.containers):
        return ["boxes"]
    if lengths and set(lengths) == {2} and collections.count("PatchCollection") == len(lengths):  # seaborn's boxenplot
        return ["boxes"]
    if "PathCollection" in collections and lines and len(areas) in (0, len(lines)) and all(map(_is_straight, lines)):
        return ["points", "regression line"]
    return []


def _type_name(value: Any) -> str:
    return type(value).__name__


def _is_mirrored(area: Any) -> bool:
    """Whether the two sides of an area between curves lie the same way from a straight line, as those of violins."""
    paths = area.get_paths()
    if len(paths) != 1 or not 9 <= len(paths[0].vertices) <= _LONGEST_SIDES:
        return False
    points = paths[0].vertices.tolist()
    count = (len(points) - 3) // 2  # a first point, one side, a last point, the other side back, and the first again
    one, other = points[1 : count + 1], points[count + 2 : 2 * count + 2][::-1]
    for across in (0, 1):
        middles = [a[across] + b[across] for a, b in zip(one, other)]
        widths = [abs(a[across] - b[across]) for a, b in zip(one, other)]
        is_along = all(a[1 - across] == b[1 - across] for a, b in zip(one, other))
        most = max(widths)
        if is_along and max(middles) - min(middles) < most / 1000 and most - min(widths) > most / 10:
            return True
    return False


def _is_straight(line: Any) -> bool:
    """Whether it has the points of a curve and yet is straight."""
    points = line.get_xydata()
    if len(points) < _LEAST_FITTED:
        return False
    (x0, y0), (x1, y1), (x2, y2) = (points[at].tolist() for at in (0, len(points) // 2, len(points) - 1))
    return bool(abs((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)) <= 1e-6 * abs((x2 - x0) * (y2 - y0)))


def _is_drawn(line: Any) -> bool:
    return line.get_linestyle() not in _NOT_DRAWN or line.get_marker() not in ("None", "", " ", None)


def _label(axes: Any, name: str) -> str:
    get = getattr(axes, f"get_{name}label", None)
    return str(get()) if get is not None else ""


def _text(text: Any) -> str:
    return str(text.get_text()) if text is not None else ""
