"""How matplotlib's figures arrive: their size, their resolution and format. Imports nothing before the user does.

Figures travel by ipykernel's inline backend, which shows those that a run left open, in the order of their making. Its
defaults come from matplotlib's settings, so those are set the moment that matplotlib has been imported, before the
user's code can set them: what the user sets himself holds.
"""

from __future__ import annotations

import sys
import time
from importlib import import_module
from typing import Any

from fourpane_plugins.lang_python.agent.imports import after_import

_BACKEND = "matplotlib_inline.backend_inline"
_PLOTNINE = ("plotnine.ggplot", "plotnine.composition._compose")
MOST_AREA_PX = 100_000_000
"""Larger pictures are drawn smaller: each pixel takes four bytes and more, and a kernel out of memory is killed."""
SMALLER_AREA_PX = 4_000_000


class Settings:
    """What the window asked for last, and what was really set, to tell what the user changed since.

    `sizes` are all that were ever set, in pixels by inches and resolution: another one is the user's own.
    """

    def __init__(self) -> None:
        self.wanted: dict[str, Any] = {}
        self.set: dict[str, Any] = {}
        self.formats: list[str] = ["png"]
        self.svg_limit_bytes = 0
        self.is_watching = False
        self.last_svg: tuple[int, Any, float] | None = None
        self.last_mark: tuple[int, dict[str, Any]] | None = None
        self.sizes: dict[tuple[float, float, float], tuple[int, int, float]] = {}


_settings = Settings()


def configure(
    shell: Any, width_px: int, height_px: int, dpi: float, formats: list[str], svg_limit_bytes: int
) -> dict[str, Any]:
    """Take the contract's `plots.configure`; figures that are open already keep their size."""
    _settings.wanted = {"figure.dpi": float(dpi)}
    if width_px > 0 and height_px > 0:
        _settings.wanted["figure.figsize"] = [width_px / dpi, height_px / dpi]
    _settings.formats, _settings.svg_limit_bytes = list(formats), svg_limit_bytes
    if not _settings.is_watching:
        _settings.is_watching = True
        after_import("matplotlib", _apply)
        after_import(_BACKEND, lambda module: _choose_formats(shell))
        for name in _PLOTNINE:
            after_import(name, _keep_plotnine)
            if name in sys.modules:
                _keep_plotnine(sys.modules[name])
    if "matplotlib" in sys.modules:
        _apply(sys.modules["matplotlib"])
    if _BACKEND in sys.modules:
        _choose_formats(shell)
    return {"formats": _settings.formats}


def _keep_plotnine(module: Any) -> None:
    import_module("fourpane_plugins.lang_python.agent.plotnine_figures").hook(module)


def _apply(matplotlib: Any) -> None:
    """Set what the user has not set to something else himself."""
    current = matplotlib.rcParams
    for key, value in _settings.wanted.items():
        if key not in _settings.set or _equal(current[key], _settings.set[key]):
            current[key] = value
            _settings.set[key] = value
    if "figure.figsize" in _settings.set:
        (width, height), dpi = _settings.set["figure.figsize"], _settings.set["figure.dpi"]
        _settings.sizes[width, height, dpi] = round(width * dpi), round(height * dpi), dpi


def _equal(one: Any, other: Any) -> bool:
    return list(one) == list(other) if type(other) is list else bool(one == other)


def _choose_formats(shell: Any) -> None:
    """One function per format; an SVG that is too large gives way to a PNG, which else is made only if wanted."""
    from IPython.core import pylabtools

    print_figure: Any = pylabtools.print_figure
    figure_class = sys.modules["matplotlib.figure"].Figure

    def svg(figure: Any) -> Any:
        _settings.last_mark = None
        if "svg" not in _settings.formats:
            return None
        kept, _settings.last_svg = _settings.last_svg, None
        if kept is not None and kept[0] == id(figure):
            _figure, text, took_s = kept
        else:
            text, took_s = _timed(lambda: print_figure(figure, fmt="svg"))
        return _marked(figure, text, took_s) if _fits(text) else None

    def png(figure: Any) -> Any:
        took_s = 0.0
        if "png" not in _settings.formats:
            text, took_s = _timed(lambda: print_figure(figure, fmt="svg"))
            if _fits(text):
                _settings.last_svg = (id(figure), text, took_s)
                return None
        share = _drawable_share(figure)
        if share < 1:
            picture, took_s = _timed(lambda: print_figure(figure, fmt="png", base64=True, dpi=figure.dpi * share))
            return picture and (picture, {"fourpane": _smaller_mark(figure, took_s)})
        picture, more_s = _timed(lambda: print_figure(figure, fmt="png", base64=True))
        marked = _marked(figure, picture, took_s + more_s)
        _settings.last_mark = None
        return marked

    formatters = shell.display_formatter.formatters
    formatters["image/png"].for_type(figure_class, png)
    formatters["image/svg+xml"].for_type(figure_class, svg)


def _drawable_share(figure: Any) -> float:
    """How much smaller than wanted a figure must be drawn, in each direction."""
    width, height = figure.get_size_inches() * figure.dpi
    area = float(width * height)
    return 1.0 if area <= MOST_AREA_PX else (SMALLER_AREA_PX / area) ** 0.5


def _smaller_mark(figure: Any, took_s: float) -> dict[str, Any]:
    """The contract's `ShownPlot` of such a figure, which is not kept."""
    width, height = (round(float(length)) for length in figure.get_size_inches() * figure.dpi)
    problem = f"Drawn smaller: {width:,} x {height:,} pixels are more than can be drawn."
    words = import_module("fourpane_plugins.lang_python.agent.figure_words")
    alt = words.words_of(figure)
    return {"plot": "", "draw_ms": round(took_s * 1000), "is_sized": True, "alt": alt, "problem": problem}


def _fits(text: Any) -> bool:
    return text is not None and len(text) <= _settings.svg_limit_bytes


def _timed(draw: Any) -> tuple[Any, float]:
    start_s = time.perf_counter()
    picture = draw()
    return picture, time.perf_counter() - start_s


def _marked(figure: Any, picture: Any, took_s: float) -> Any:
    """A picture with what the window has to know to have it drawn again. Both pictures of one figure share that."""
    if picture is None:  # an empty figure
        return None
    if _settings.last_mark is None or _settings.last_mark[0] != id(figure):
        store = import_module("fourpane_plugins.lang_python.agent.figure_store")
        _settings.last_mark = (id(figure), store.keep(figure, took_s, _size_of(figure)))
    return picture, {"fourpane": _settings.last_mark[1]}


def _size_of(figure: Any) -> Any:
    """What of our sizes it has, None for another one."""
    width, height = (float(length) for length in figure.get_size_inches())
    return _settings.sizes.get((width, height, float(figure.dpi)))
