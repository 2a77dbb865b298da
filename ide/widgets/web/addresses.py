"""Which addresses of scripts and styles are answered from copies on this machine. Pure.

Copies are those in `resources/web` (for each library and major version one) and those that Plotly and Bokeh bring into
the user's environment. The hosts are where pages of such libraries load them from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

_PACKAGE_HOSTS: Final = {
    # Host -> how its paths name package, version and file.
    "cdn.jsdelivr.net": re.compile(r"/npm/(?P<name>@?[\w.-]+)(?:@(?P<version>[^/]+))?(?:/(?P<file>.+))?\Z"),
    "unpkg.com": re.compile(r"/(?P<name>@?[\w.-]+)(?:@(?P<version>[^/]+))?(?:/(?P<file>.+))?\Z"),
    "cdnjs.cloudflare.com": re.compile(r"/ajax/libs/(?P<name>[\w.-]+)/(?P<version>[^/]+)/(?P<file>.+)\Z"),
    "code.jquery.com": re.compile(r"/(?P<name>jquery)-(?P<version>[\d.]+?)(?P<file>)(?:\.slim)?(?:\.min)?\.js\Z"),
    "maxcdn.bootstrapcdn.com": re.compile(r"/(?P<name>bootstrap)/(?P<version>[\d.]+)/(?P<file>.+)\Z"),
    "stackpath.bootstrapcdn.com": re.compile(r"/(?P<name>bootstrap)/(?P<version>[\d.]+)/(?P<file>.+)\Z"),
}
_COPIES: Final = {
    # Library -> major versions that are here, the newest first, and the file that is meant where none is named.
    "vega": (("6", "5"), "vega.min.js"),
    "vega-lite": (("6", "5"), "vega-lite.min.js"),
    "vega-embed": (("7", "6"), "vega-embed.min.js"),
    "leaflet": (("1",), "leaflet.js"),
    "leaflet.awesome-markers": (("2",), "leaflet.awesome-markers.min.js"),
    "katex": (("0",), "katex.min.js"),
    "jquery": (("3",), "jquery.min.js"),
    "bootstrap": (("5",), "bootstrap.bundle.min.js"),
}
_FOLDERS: Final = ("dist/", "build/", "js/", "css/", "contrib/")
_SAFE_FILE = re.compile(r"[\w@-][\w@.-]*(?:/[\w@-][\w@.-]*)*\Z")
_PLOTLY = re.compile(r"/plotly(?:-[\w.-]+?)?(?:\.min)?\.js\Z")
_BOKEH = re.compile(r"/bokeh/(?:release|dev)/(?P<name>bokeh(?:-[a-z]+)?)-\d[\w.]*?(?:\.min)?\.js\Z")

PLOTLY_ADDRESS: Final = "https://cdn.plot.ly/plotly.min.js"


def vega_addresses(lite: bool, major: str) -> tuple[str, str, str]:
    """Vega, Vega-Lite and vega-embed for a chart of Vega or, with `lite`, Vega-Lite of that major version."""
    known = _COPIES["vega-lite" if lite else "vega"][0]
    major = major if major in known else known[0]
    embed = "6" if major == "5" else "7"
    host = "https://cdn.jsdelivr.net/npm"
    return f"{host}/vega@{major}", f"{host}/vega-lite@{major}", f"{host}/vega-embed@{embed}"


def bokeh_address(name: str, version: str) -> str:
    """Where Bokeh's pages load one of its scripts from ("bokeh-widgets")."""
    return f"https://cdn.bokeh.org/bokeh/release/{name}-{version}.min.js"


def copy_of(address: str, copies: Path, packages: Sequence[Path]) -> Path | None:
    """The file that answers `address`; None where there is no copy, also not of that version.

    `copies` is `resources/web`, `packages` are folders of installed Python packages. Reads the disk.
    """
    parts = urlsplit(address)
    if parts.scheme not in ("https", "http"):
        return None
    host = parts.hostname or ""
    if host == "cdn.plot.ly" and _PLOTLY.match(parts.path):
        return _first(packages, "plotly/package_data/plotly.min.js")
    if host == "cdn.bokeh.org" and (match := _BOKEH.match(parts.path)):
        return _first(packages, f"bokeh/server/static/js/{match['name']}.min.js")
    pattern = _PACKAGE_HOSTS.get(host)
    match = pattern.match(parts.path) if pattern is not None else None
    if match is None:
        return None
    name = match["name"].lower()
    if name in ("plotly.js", "plotly.js-dist", "plotly.js-dist-min"):
        return _first(packages, "plotly/package_data/plotly.min.js")
    return _of_library(name, match["version"] or "", match["file"] or "", copies)


def _of_library(name: str, version: str, file: str, copies: Path) -> Path | None:
    if name not in _COPIES:
        return None
    majors, main = _COPIES[name]
    asked = version.lstrip("v^~").partition(".")[0]
    major = majors[0] if asked in ("", "latest") else asked
    if major not in majors:
        return None
    for folder in _FOLDERS * 2:  # dist/js/bootstrap.min.js
        file = file.removeprefix(folder)
    if not file or _without_min(file) == _without_min(main) or file in ("bootstrap.js", "bootstrap.min.js"):
        file = main
    elif file.endswith((".css", ".js")) and not (copies / f"{name}-{major}" / file).is_file():
        stem, _dot, ending = file.rpartition(".")
        file = f"{stem.removesuffix('.min')}.{ending}" if stem.endswith(".min") else f"{stem}.min.{ending}"
    if not _SAFE_FILE.match(file):
        return None
    found = copies / f"{name}-{major}" / file
    return found if found.is_file() else None


def _without_min(file: str) -> str:
    return file.replace(".min.", ".").replace(".slim.", ".")


def _first(packages: Sequence[Path], file: str) -> Path | None:
    return next((found for folder in packages if (found := folder / file).is_file()), None)
