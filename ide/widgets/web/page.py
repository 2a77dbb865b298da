"""Makes one HTML page of a shown object. Pure.

Scripts are named by their usual addresses, which `addresses` answers; a page that is to live outside of the program
gets them into its text instead.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from ide.core.interactive import BOKEH, HTML, PLOTLY, VEGA, text_of, vega_type
from ide.widgets.web.addresses import PLOTLY_ADDRESS, bokeh_address, vega_addresses

_HEAD = '<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8">\n'
_STYLE = (
    "<style>html, body {{ height: 100%; margin: 0; }} "
    "body {{ box-sizing: border-box; padding: {}px; font-family: sans-serif; }}</style>\n"
)
_BOKEH_VERSION = re.compile(r'"version":\s*"(\d[^"]*)"')
_BOKEH_ROOTS = re.compile(r'"roots":\s*(\{[^{}]*\})')
_BOKEH_PARTS = ("bokeh", "bokeh-gl", "bokeh-widgets", "bokeh-tables")

ScriptTag = Callable[[str], str]


def linked(address: str) -> str:
    """A script by its address."""
    return f'<script src="{address}"></script>\n'


def inlined(read: Callable[[str], str]) -> ScriptTag:
    """Scripts whose text `read` knows are put into the page; the others (it says "") are named by their addresses."""

    def tag(address: str) -> str:
        text = _inside_script(read(address))
        return f"<script>{text}</script>\n" if text else linked(address)

    return tag


def page_of(data: Mapping[str, Any], script: ScriptTag = linked) -> str:
    """The page of an object whose MIME types are `data` (`interactive_kind` says that it needs one)."""
    if isinstance(data.get(PLOTLY), dict):
        return _plotly(data[PLOTLY], script)
    mime = vega_type(data)
    if isinstance(data.get(mime), dict):
        return _vega(mime, data[mime], script)
    if BOKEH in data:
        return _bokeh(text_of(data.get("application/javascript")), script)
    return _whole(text_of(data.get(HTML)))


def _whole(html: str) -> str:
    """A piece of HTML becomes a page; a page stays as it is."""
    if re.search(r"<\s*(html|body|!doctype)\b", html[:5_000], re.IGNORECASE):
        return html
    return f"{_HEAD}{_STYLE.format(8)}</head>\n<body>\n{html}\n</body>\n</html>\n"


def _plotly(figure: Mapping[str, Any], script: ScriptTag) -> str:
    # Without a graphics card there is no WebGL; the same points can be drawn without it.
    body = f"""<div id="figure" style="width: 100%; height: 100%"></div>
<script>
const figure = {_json(figure)};
if (!document.createElement("canvas").getContext("webgl"))
  for (const trace of figure.data) if (trace.type === "scattergl") trace.type = "scatter";
Plotly.newPlot("figure", figure.data, figure.layout, {{responsive: true, ...figure.config}})
  .then(() => figure.frames && Plotly.addFrames("figure", figure.frames));
</script>
"""
    return f"{_HEAD}{_STYLE.format(0)}{script(PLOTLY_ADDRESS)}</head>\n<body>\n{body}</body>\n</html>\n"


def _vega(mime: str, spec: Mapping[str, Any], script: ScriptTag) -> str:
    match = VEGA.match(mime)
    assert match is not None  # `vega_type` found it by this
    is_lite = bool(match[1])
    scripts = "".join(map(script, vega_addresses(is_lite, match[2])))
    mode = "vega-lite" if is_lite else "vega"
    body = f"""<div id="chart" style="width: 100%"></div>
<script>vegaEmbed("#chart", {_json(spec)}, {{mode: "{mode}"}});</script>
"""
    return f"{_HEAD}{_STYLE.format(8)}{scripts}</head>\n<body>\n{body}</body>\n</html>\n"


def _bokeh(code: str, script: ScriptTag) -> str:
    """Bokeh sends the places of its plots apart from the code that fills them; the code names them too."""
    version = _BOKEH_VERSION.search(code)
    scripts = "".join(script(bokeh_address(part, version[1] if version else "")) for part in _BOKEH_PARTS)
    places = ""
    for roots in _BOKEH_ROOTS.findall(code):
        for root, place in json.loads(roots).items():
            places += f'<div id="{_word(place)}" data-root-id="{_word(root)}" style="display: contents"></div>\n'
    code = _inside_script(code)
    return f"{_HEAD}{_STYLE.format(8)}{scripts}</head>\n<body>\n{places}<script>{code}</script>\n</body>\n</html>\n"


def _word(value: object) -> str:
    return re.sub(r"[^\w-]", "", str(value))


def _inside_script(code: str) -> str:
    return code.replace("</script", "<\\/script")


def _json(value: object) -> str:
    """As a script may hold it: nothing in it ends the script."""
    return json.dumps(value).replace("<", "\\u003c")
