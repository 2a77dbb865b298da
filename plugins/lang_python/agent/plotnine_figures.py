"""Pictures that plotnine draws itself: the figure behind each is kept, so that it is drawn again at any size.

Plotnine hands over bytes, whether a plot is the value of a cell or shown by `show()`. While it draws them, matplotlib's
`savefig` tells which figure it was; its layout engine leads to the plots in it. Nothing here imports plotnine.
"""

from __future__ import annotations

import functools
import sys
import threading
import time
from importlib import import_module
from typing import Any

from fourpane_plugins.lang_python.agent.figure_words import LONGEST, PANELS_MOST

_KINDS = {
    "geom_area": "areas",
    "geom_bar": "bars",
    "geom_bin_2d": "heat map",
    "geom_boxplot": "boxes",
    "geom_col": "bars",
    "geom_crossbar": "boxes",
    "geom_density_2d": "contours",
    "geom_dotplot": "dots",
    "geom_freqpoly": "lines",
    "geom_histogram": "bars",
    "geom_jitter": "points",
    "geom_label": "labels",
    "geom_line": "lines",
    "geom_linerange": "ranges",
    "geom_path": "lines",
    "geom_point": "points",
    "geom_pointrange": "points with ranges",
    "geom_polygon": "shapes",
    "geom_raster": "tiles",
    "geom_rect": "bars",
    "geom_ribbon": "areas",
    "geom_segment": "segments",
    "geom_smooth": "smoothed line",
    "geom_step": "steps",
    "geom_text": "labels",
    "geom_tile": "tiles",
    "geom_violin": "violins",
}
_LEFT_OUT = ("Environment", "layer")
"""Of what a figure is drawn is no need of the data behind it any more, nor of the user's variables."""


class _Default:
    """The size in inches that figures have where the user asks for none."""

    size: Any = None


def hook(module: Any) -> None:
    """Keep the figures of the class of plots in `module`, which has just been imported."""
    if _Default.size is None:
        _Default.size = tuple(getattr(sys.modules.get("plotnine.options"), "figure_size", ()))
    for name in ("ggplot", "Compose"):
        kind = vars(module).get(name)
        bundle = vars(kind).get("_repr_mimebundle_") if isinstance(kind, type) else None
        if bundle is not None and kind is not None and kind.__module__ == module.__name__:
            kind._repr_mimebundle_ = _keeping(getattr(bundle, "__wrapped__", bundle))


def _keeping(bundle: Any) -> Any:
    @functools.wraps(bundle)
    def _repr_mimebundle_(self: Any, include: Any = None, exclude: Any = None) -> Any:
        said: list[dict[str, Any]] = []
        with _heard(said):
            shown = bundle(self, include, exclude)
        if said and type(shown) is tuple and len(shown) == 2:
            data, metadata = shown
            return data, {**metadata, **{mime: {**metadata.get(mime, {}), "fourpane": said[-1]} for mime in data}}
        return shown

    return _repr_mimebundle_


class _heard:  # noqa: N801 - read as a function, like those of contextlib, which would add to a traceback
    """Adds to `said` what is told of the figures that this thread saves meanwhile (the contract's `ShownPlot`)."""

    def __init__(self, said: list[dict[str, Any]]) -> None:
        self.said = said
        self.kind = import_module("matplotlib.figure").Figure  # which plotnine imports when it draws, so now at once

    def __enter__(self) -> None:
        self.savefig = savefig = self.kind.savefig
        thread = threading.get_ident()

        @functools.wraps(savefig)
        def saved(figure: Any, *args: Any, **more: Any) -> Any:
            start_s = time.perf_counter()
            done = savefig(figure, *args, **more)
            if threading.get_ident() == thread:
                self.said.append(_kept(figure, time.perf_counter() - start_s))
            return done

        self.kind.savefig = saved

    def __exit__(self, *error: object) -> None:
        self.kind.savefig = self.savefig


def _kept(figure: Any, draw_s: float) -> dict[str, Any]:
    store = import_module("fourpane_plugins.lang_python.agent.figure_store")
    width, height = (float(length) for length in figure.get_size_inches())
    size = None
    if (width, height) == _Default.size:
        dpi = float(figure.dpi)
        size = round(width * dpi), round(height * dpi), dpi
    return store.keep(figure, draw_s, size)  # type: ignore[no-any-return]


def plots_of(figure: Any) -> list[Any]:
    """The ggplots that are drawn in a figure, in their order; none in one of matplotlib's. Raises nothing."""
    engine: Any = getattr(figure, "get_layout_engine", lambda: None)()
    if not type(engine).__module__.startswith("plotnine."):
        return []
    if hasattr(engine, "plot"):
        return [engine.plot]
    specs = getattr(getattr(engine, "composition", None), "plotspecs", [])
    return [spec.plot for spec in specs]


def without_data(value: Any) -> Any:
    """How a thing of plotnine's is pickled: what its layout needs, without the data that it was drawn from."""
    name = type(value).__name__
    if name in _LEFT_OUT:
        return _nothing, ()
    if name != "ggplot":
        return NotImplemented
    make, args, state, *more = value.__reduce_ex__(5)
    return (make, args, {**state, "data": None, "_build_objs": None}, *more)


def _nothing() -> None:
    """Stands where the data were."""


def resize(figure: Any, width: float, height: float, dpi: float) -> None:
    """Lay a figure out anew for a size in inches: its themes hold that too, and legends what they were drawn with."""
    figure.set_dpi(dpi)
    figure.set_size_inches(width, height)
    for plot in plots_of(figure):
        for themeable in plot.theme.themeables.values():
            properties = themeable._properties  # what the layout reads; `properties` is a copy
            if type(themeable).__name__ == "figure_size":
                properties["value"] = (width, height)
            margin = properties.get("margin")
            if hasattr(margin, "figure_size"):
                margin.figure_size = (width, height)
    for artist in figure.findobj(lambda one: hasattr(one, "_dpi_corrected")):
        artist._dpi_corrected = False


def words_of(plots: list[Any]) -> str:
    """A sentence for each plot, six at most: kinds of its layers, title, axes, legends and panels, as drawn."""
    sentences = [words for plot in plots if (words := _sentence(plot))]
    count = len(sentences)
    more = [f"and {count - PANELS_MOST} more panels."] if count > PANELS_MOST else []
    return " ".join([*sentences[:PANELS_MOST], *more])[:LONGEST]


def _sentence(plot: Any) -> str:
    targets = plot.theme.targets
    kind = ", ".join(dict.fromkeys(_kind(type(layer.geom).__name__) for layer in plot.layers))
    kind = "" if kind == "blank" else kind
    title = _text(targets.plot_title)
    head = f"{kind[:1].upper()}{kind[1:]}"
    head = f"{head}: {title}" if head and title else head or title
    guides = [guide for _scale, guide in getattr(plot.guides, "_lookup", {}).values()]
    strips = [*targets.strip_text_x, *targets.strip_text_y]
    parts = {
        "x": _text(targets.axis_title_x),
        "y": _text(targets.axis_title_y),
        "legend": ", ".join(dict.fromkeys(str(guide.title) for guide in guides if guide.title)),
        "panels": ", ".join(dict.fromkeys(_text(strip) for strip in strips)),
    }
    named = [f"{name}: {words}" for name, words in parts.items() if words]
    return f"{'; '.join(part for part in (head, *named) if part)}." if head or named else ""


def _kind(geom: str) -> str:
    return _KINDS.get(geom, geom[len("geom_") :] if geom.startswith("geom_") else geom).replace("_", " ")


def _text(text: Any) -> str:
    return " ".join(str(text.get_text()).split()) if text is not None and text.get_visible() else ""
