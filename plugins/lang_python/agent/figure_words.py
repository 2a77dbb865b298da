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
    kinds = ["lines"] if any(_is_drawn(line) for line in axes.lines) else []
    names = [type(patch).__name__ for patch in axes.patches]
    kinds += ["bars"] if "Rectangle" in names else []
    kinds += ["pie"] if "Wedge" in names else []
    kinds += ["histogram outline"] if "StepPatch" in names else []
    kinds += [_COLLECTIONS.get(type(each).__name__, "") for each in axes.collections]
    kinds += ["image"] if axes.images else []
    return ", ".join(dict.fromkeys(kind for kind in kinds if kind))


def _is_drawn(line: Any) -> bool:
    return line.get_linestyle() not in ("None", "", " ") or line.get_marker() not in ("None", "", " ", None)


def _label(axes: Any, name: str) -> str:
    get = getattr(axes, f"get_{name}label", None)
    return str(get()) if get is not None else ""


def _text(text: Any) -> str:
    return str(text.get_text()) if text is not None else ""
