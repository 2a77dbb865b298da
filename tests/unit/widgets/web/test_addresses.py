"""Which addresses are answered from copies on this machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ide._paths import resources_dir
from ide.widgets.web.addresses import bokeh_address, copy_of, vega_addresses

COPIES = resources_dir() / "web"


@pytest.mark.parametrize(
    ("address", "file"),
    [
        ("https://cdn.jsdelivr.net/npm/vega@6?noext", "vega-6/vega.min.js"),
        ("https://cdn.jsdelivr.net/npm/vega@5.30.0", "vega-5/vega.min.js"),
        ("https://cdn.jsdelivr.net/npm/vega", "vega-6/vega.min.js"),
        ("https://cdn.jsdelivr.net/npm/vega-lite@6.4.1?noext", "vega-lite-6/vega-lite.min.js"),
        ("https://cdn.jsdelivr.net/npm/vega-lite@5/build/vega-lite.js", "vega-lite-5/vega-lite.min.js"),
        ("https://unpkg.com/vega-embed@7/build/vega-embed.min.js", "vega-embed-7/vega-embed.min.js"),
        ("https://cdn.jsdelivr.net/npm/leaflet@1.9.3/dist/leaflet.js", "leaflet-1/leaflet.js"),
        ("https://unpkg.com/leaflet@1.9.3/dist/leaflet.css", "leaflet-1/leaflet.css"),
        ("https://unpkg.com/leaflet@1.9.3/dist/images/layers.png", "leaflet-1/images/layers.png"),
        (
            "https://cdnjs.cloudflare.com/ajax/libs/Leaflet.awesome-markers/2.0.2/leaflet.awesome-markers.js",
            "leaflet.awesome-markers-2/leaflet.awesome-markers.min.js",
        ),
        ("https://code.jquery.com/jquery-3.7.1.min.js", "jquery-3/jquery.min.js"),
        (
            "https://cdn.jsdelivr.net/npm/bootstrap@5.2.2/dist/js/bootstrap.bundle.min.js",
            "bootstrap-5/bootstrap.bundle.min.js",
        ),
        ("https://cdn.jsdelivr.net/npm/bootstrap@5.2.2/dist/css/bootstrap.min.css", "bootstrap-5/bootstrap.min.css"),
        ("https://cdn.jsdelivr.net/npm/katex@0.16.9/dist/katex.min.css", "katex-0/katex.min.css"),
        ("https://cdn.jsdelivr.net/npm/katex@0.16.9/dist/contrib/auto-render.min.js", "katex-0/auto-render.min.js"),
    ],
)  # fmt: skip
def test_known_address_is_answered_by_its_copy(address: str, file: str) -> None:
    assert copy_of(address, COPIES, ()) == COPIES / file


@pytest.mark.parametrize(
    "address",
    [
        "https://cdn.jsdelivr.net/npm/vega@4",
        "https://cdn.jsdelivr.net/npm/vega@6/../../../../etc/passwd",
        "https://cdn.jsdelivr.net/npm/vega@6/%2e%2e/LICENSE",
        "https://cdn.jsdelivr.net/npm/leaflet@1.9.3/dist/..%2fLICENSE",
        "https://cdn.jsdelivr.net.example.org/npm/vega@6",
        "https://example.org/npm/vega@6",
        "https://user@example.org/npm/vega@6",
        "https://code.jquery.com/jquery-2.2.4.min.js",
        "https://cdn.jsdelivr.net/npm/unknown@1",
        "file:///vega",
        "output://x/vega",
        "",
    ],
)
def test_other_address_is_not(address: str) -> None:
    assert copy_of(address, COPIES, ()) is None


def test_scripts_of_plotly_and_bokeh_come_from_the_users_packages(tmp_path: Path) -> None:
    plotly = tmp_path / "plotly" / "package_data" / "plotly.min.js"
    bokeh = tmp_path / "bokeh" / "server" / "static" / "js" / "bokeh-widgets.min.js"
    for file in (plotly, bokeh):
        file.parent.mkdir(parents=True)
        file.write_text("x")
    packages = (tmp_path / "nowhere", tmp_path)

    assert copy_of("https://cdn.plot.ly/plotly-4.1.1.min.js", COPIES, packages) == plotly
    assert copy_of("https://cdn.plot.ly/plotly-latest.min.js", COPIES, packages) == plotly
    assert copy_of("https://cdn.plot.ly/world_110m.json", COPIES, packages) is None
    assert copy_of(bokeh_address("bokeh-widgets", "3.9.2"), COPIES, packages) == bokeh
    assert copy_of(bokeh_address("bokeh", "3.9.2"), COPIES, packages) is None
    assert copy_of("https://cdn.plot.ly/plotly.min.js", COPIES, ()) is None


@pytest.mark.parametrize(
    ("is_lite", "major"), [(True, "6"), (True, "5"), (True, "7"), (False, "6"), (False, "5"), (False, "9")]
)
def test_every_script_that_a_chart_names_is_here(is_lite: bool, major: str) -> None:
    assert all(copy_of(address, COPIES, ()) for address in vega_addresses(is_lite, major))


def test_each_copy_has_its_licence_and_is_named_in_the_notice() -> None:
    named = re.findall(r"(?:resources/web/|, )([a-z][a-z.-]*)", (resources_dir().parent / "NOTICE").read_text())

    for folder in COPIES.iterdir():
        assert (folder / "LICENSE").is_file(), folder
        assert folder.name.rpartition("-")[0] + "-" in named, folder
