"""How matplotlib's figures arrive: their size, their resolution and format. Imports nothing before the user does.

Figures travel by ipykernel's inline backend, which shows those that a run left open, in the order of their making. Its
defaults come from matplotlib's settings, so those are set the moment that matplotlib has been imported, before the
user's code can set them: what the user sets himself holds.
"""

from __future__ import annotations

import sys
from typing import Any

from fourpane_plugins.lang_python.agent.imports import after_import

_BACKEND = "matplotlib_inline.backend_inline"


class Settings:
    """What the window asked for last, and what was really set, to tell what the user changed since."""

    def __init__(self) -> None:
        self.wanted: dict[str, Any] = {}
        self.set: dict[str, Any] = {}
        self.formats: list[str] = ["png"]
        self.svg_limit_bytes = 0
        self.is_watching = False
        self.last_svg: tuple[int, Any] | None = None


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
    if "matplotlib" in sys.modules:
        _apply(sys.modules["matplotlib"])
    if _BACKEND in sys.modules:
        _choose_formats(shell)
    return {"formats": _settings.formats}


def _apply(matplotlib: Any) -> None:
    """Set what the user has not set to something else himself."""
    current = matplotlib.rcParams
    for key, value in _settings.wanted.items():
        if key not in _settings.set or _equal(current[key], _settings.set[key]):
            current[key] = value
            _settings.set[key] = value


def _equal(one: Any, other: Any) -> bool:
    return list(one) == list(other) if type(other) is list else bool(one == other)


def _choose_formats(shell: Any) -> None:
    """One function per format; an SVG that is too large gives way to a PNG, which else is made only if wanted."""
    from IPython.core import pylabtools

    print_figure: Any = pylabtools.print_figure
    figure_class = sys.modules["matplotlib.figure"].Figure

    def svg(figure: Any) -> Any:
        if "svg" not in _settings.formats:
            return None
        kept, _settings.last_svg = _settings.last_svg, None
        text = kept[1] if kept is not None and kept[0] == id(figure) else print_figure(figure, fmt="svg")
        return text if _fits(text) else None

    def png(figure: Any) -> Any:
        if "png" not in _settings.formats:
            text = print_figure(figure, fmt="svg")
            if _fits(text):
                _settings.last_svg = (id(figure), text)
                return None
        return print_figure(figure, fmt="png", base64=True)

    formatters = shell.display_formatter.formatters
    formatters["image/png"].for_type(figure_class, png)
    formatters["image/svg+xml"].for_type(figure_class, svg)


def _fits(text: Any) -> bool:
    return text is not None and len(text) <= _settings.svg_limit_bytes
