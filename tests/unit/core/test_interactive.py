"""What is told from the types of a shown object."""

from __future__ import annotations

import pytest

from ide.core.interactive import BOKEH, BOKEH_LOAD, PLOTLY, interactive_kind, is_only_for_scripts, vega_type


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ({PLOTLY: {}}, "Plotly figure"),
        ({"application/vnd.vegalite.v6+json": {}}, "Vega chart"),
        ({"application/vnd.vega.v5.json": {}}, ""),
        ({"application/vnd.vega.v5+json": {}}, "Vega chart"),
        ({BOKEH: ""}, "Bokeh plot"),
        ({"text/html": "<div class='html-widget'></div><script>1</script>"}, "HTML widget"),
        ({"text/html": ["<ifr", "ame srcdoc='leaflet'></iframe>"]}, "Map"),
        ({"text/html": "<SCRIPT>1</SCRIPT>"}, "Page"),
        ({"text/html": "<table><tr><td>script</td></tr></table>"}, ""),
        ({"text/html": "<style>a {}</style><details open>x</details>"}, ""),
        ({"text/plain": "<script>"}, ""),
        ({"text/html": 7}, ""),
    ],
)
def test_kind_is_told_from_the_types(data: dict[str, object], kind: str) -> None:
    assert interactive_kind(data) == kind


def test_scripts_at_either_end_of_a_long_page_are_seen() -> None:
    assert interactive_kind({"text/html": "<p>x</p>" * 1_000_000 + "<script>1</script>"}) == "Page"
    assert interactive_kind({"text/html": "<script>1</script>" + "<p>x</p>" * 1_000_000}) == "Page"


def test_newest_of_several_vega_types_is_not_guessed() -> None:
    assert vega_type({"text/plain": "", "application/vnd.vegalite.v5.20.1+json": {}}).endswith("v5.20.1+json")


def test_what_bokeh_sends_beside_its_plots_is_nothing_to_see() -> None:
    assert is_only_for_scripts({BOKEH_LOAD: "", "application/javascript": ""})
    assert is_only_for_scripts({"text/html": '\n  <div id="a" data-root-id="p1" style="x"></div>\n'})
    assert is_only_for_scripts({"text/html": "    <style>\n        .bk-notebook-logo {\n"})
    assert not is_only_for_scripts({"text/html": "<div>text</div>"})
