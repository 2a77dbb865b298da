"""Pages made of what kernels show."""

from __future__ import annotations

from ide.core.interactive import BOKEH, PLOTLY
from ide.widgets.web.page import inlined, page_of


def test_piece_of_html_becomes_a_page_and_a_page_stays_as_it_is() -> None:
    assert page_of({"text/html": "<script>1</script>"}).startswith("<!DOCTYPE html>")
    whole = "<!doctype html>\n<html><script>1</script></html>"
    assert page_of({"text/html": [whole[:20], whole[20:]]}) == whole


def test_plotly_figure_is_drawn_from_its_data() -> None:
    page = page_of({PLOTLY: {"data": [{"name": "</script><b>"}], "layout": {}}, "text/html": "x"})

    assert '<script src="https://cdn.plot.ly/plotly.min.js"></script>' in page
    assert "</script><b>" not in page
    assert "\\u003c/script>" in page


def test_vega_chart_names_scripts_of_its_own_version() -> None:
    lite = page_of({"application/vnd.vegalite.v5.20.1+json": {"mark": "bar"}})
    vega = page_of({"application/vnd.vega.v6+json": {}})

    assert "vega-lite@5" in lite and "vega-embed@6" in lite and '"vega-lite"' in lite  # noqa: PT018 - one page
    assert "vega@6" in vega and '"vega"}' in vega  # noqa: PT018


def test_bokeh_plot_gets_its_place_and_its_version() -> None:
    code = 'docs = {"version":"3.9.2"}; items = [{"roots":{"p1008":"c9d-a"}}]; "</script>"'
    page = page_of({BOKEH: "", "application/javascript": code})

    assert '<div id="c9d-a" data-root-id="p1008"' in page
    assert "https://cdn.bokeh.org/bokeh/release/bokeh-3.9.2.min.js" in page
    assert '"</script>"' not in page


def test_scripts_go_into_a_page_that_leaves_the_program() -> None:
    tag = inlined(lambda address: "let a = '</script>'" if "vega@" in address else "")
    page = page_of({"application/vnd.vega.v6+json": {}}, tag)

    assert "<script>let a = '<\\/script>'</script>" in page
    assert 'src="https://cdn.jsdelivr.net/npm/vega-lite@6"' in page
