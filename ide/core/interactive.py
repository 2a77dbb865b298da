"""What a shown object is that needs scripts to be seen: told from its MIME types. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

PLOTLY: Final = "application/vnd.plotly.v1+json"
BOKEH: Final = "application/vnd.bokehjs_exec.v0+json"
BOKEH_LOAD: Final = "application/vnd.bokehjs_load.v0+json"
HTML: Final = "text/html"
VEGA = re.compile(r"application/vnd\.vega(lite)?\.v(\d+)(\.\d+)*\+json\Z")

OTHER_PAGE: Final = "Page"
"""The word for one that is of no library known here."""
_LOOKED_AT: Final = 500_000
"""Characters at either end of a page that are looked at: scripts stand there, and the window must not wait."""
_ACTIVE = re.compile(r"<\s*(script|iframe|object|embed)\b", re.IGNORECASE)
_BOKEH_PLACE = re.compile(r"\s*<div [^>]*data-root-id=[^>]*>\s*</div>\s*\Z|\s*<style>\s*\.bk-notebook-logo\b")
_WORDS: Final = (
    ("Plotly.newPlot", "Plotly figure"),
    ("cdn.plot.ly", "Plotly figure"),
    ("html-widget", "HTML widget"),
    ("vegaEmbed", "Vega chart"),
    ("vega-embed", "Vega chart"),
    ("Bokeh", "Bokeh plot"),
    ("leaflet", "Map"),
)


def text_of(value: object) -> str:
    """Jupyter writes text as one string or as a list of lines; empty for anything else."""
    if isinstance(value, list):
        return "".join(str(part) for part in value)
    return value if isinstance(value, str) else ""


def vega_type(data: Mapping[str, Any]) -> str:
    """The MIME type of a Vega or Vega-Lite chart among those of an object; empty where there is none."""
    return next((mime for mime in data if VEGA.match(mime)), "")


def interactive_kind(data: Mapping[str, Any]) -> str:
    """A word for an object that says little without scripts ("Plotly figure"); empty for all others."""
    if PLOTLY in data:
        return "Plotly figure"
    if vega_type(data):
        return "Vega chart"
    if BOKEH in data:
        return "Bokeh plot"
    html = text_of(data.get(HTML))
    ends = html if len(html) <= 2 * _LOOKED_AT else f"{html[:_LOOKED_AT]}\n{html[-_LOOKED_AT:]}"
    if not _ACTIVE.search(ends):
        return ""
    return next((name for word, name in _WORDS if word in ends), OTHER_PAGE)


def is_only_for_scripts(data: Mapping[str, Any]) -> bool:
    """Whether there is nothing to see: what Bokeh sends beside its plots."""
    return BOKEH_LOAD in data or (HTML in data and _BOKEH_PLACE.match(text_of(data[HTML])) is not None)
