"""Interactive outputs of the usual libraries work in the Viewer, without any network, in both languages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.stories.kit import run_script

HEAD = """
import time
RENDERED = "PySide6.QtWebEngineCore"

def page_of(wb):
    view = wb.program.viewer.pane.view.current
    return view.web.page if view is not None and view.web is not None else None

def ask(wb, code):
    answers = []
    page = page_of(wb)
    if page is not None:
        page.runJavaScript(code, 0, answers.append)
        wb.wait_until(lambda: answers, 10, "An answer of the page")
    return answers[0] if answers else None

def reaches(wb, code, timeout_s=20):
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        answer = ask(wb, f"(() => {{ try {{ return {code} }} catch (error) {{ return null }} }})()")
        if answer:
            return answer
        wb.settle()
        time.sleep(0.05)
    return None

def show(wb, code, language="python"):
    run = wb.run(code, language=language).wait(90)
    if run.error is not None:
        raise AssertionError(f"{run.error.name}: {run.error.message}")
    wb.settle()
    return wb.program.console.page.view._control.toPlainText()

def newest(wb):
    return wb.program.viewer.pane.model.current

def blocked(wb):
    web = wb.program.viewer.pane.view.current.web
    return [bar.notice.text for bar in web.notices.bars if "load from" in bar.notice.text]

def mouse(kind, place):
    return (f"(() => {{ const at = {place}.getBoundingClientRect(); const way = {{bubbles: true, cancelable: true, "
            f"view: window, clientX: at.x + at.width / 2, clientY: at.y + at.height / 2}}; "
            f"for (const kind of {kind}) document.elementFromPoint(way.clientX, way.clientY).dispatchEvent("
            f"kind.startsWith('pointer') ? new PointerEvent(kind, way) : new MouseEvent(kind, way)); return true }})()")
"""

PYTHON = (
    HEAD
    + """
with open_workbench(profile_dir=profile, project_dir=project, environment=python, is_trusted=True) as wb:
    wb.session.wait_ready(60)
    show(wb, "1 + 1")
    tell(early=RENDERED in sys.modules, offers=wb.program.shell.window.docks.all[-1].offers("viewer"))

    text = show(wb, "import plotly.express as px\\npx.scatter(x=[1, 2, 3], y=[3, 1, 2])")
    tell(plotly_points=reaches(wb, "document.querySelectorAll('.js-plotly-plot .point').length"))
    tell(plotly_hover=ask(wb, mouse("['mousemove', 'mouseover']", "document.querySelectorAll('.point')[1]")),
         plotly_tip=reaches(wb, "document.querySelector('.hoverlayer .hovertext').textContent"),
         plotly_blocked=blocked(wb), plotly_text=text, kind=newest(wb).title,
         offered=wb.program.shell.window.docks.all[-1].offers("viewer"))

    show(wb, "px.line(x=[1, 2], y=[3, 4]).show()")
    tell(plotly_show=reaches(wb, "document.querySelectorAll('.js-plotly-plot .js-line').length"))

    text = show(wb, '''
import altair as alt, pandas as pd
chart = alt.Chart(pd.DataFrame({"a": ["x", "y"], "b": [3, 4]})).mark_bar().encode(x="a", y="b", tooltip="b")
chart''')
    tell(altair_bars=reaches(wb, "document.querySelectorAll('.mark-rect path, canvas').length"), altair_text=text,
         altair_menu=reaches(wb, "document.querySelector('details summary') !== null"), altair_blocked=blocked(wb))
    ask(wb, "document.querySelector('details summary').click()")
    tell(altair_open=reaches(wb, "document.querySelector('details').open"))

    text = show(wb, '''
from bokeh.io import output_notebook, reset_output
from bokeh.plotting import figure, show
output_notebook()
plot = figure(width=300, height=200)
plot.scatter([1, 2, 3], [3, 1, 2], size=20)
show(plot)''')
    tell(bokeh_views=reaches(wb, "document.querySelectorAll('.bk-Figure').length"), bokeh_text=text,
         bokeh_blocked=blocked(wb))
    tell(bokeh_zoomed=reaches(wb, '''(() => { const range = Bokeh.index.roots[0].model.x_range; range.start = 2;
         return range.start === 2 })()'''))

    show(wb, '''
reset_output()
plot = figure(width=300, height=200)
plot.line([1, 2, 3], [3, 1, 2])
show(plot)''')
    tell(bokeh_page=reaches(wb, "document.querySelectorAll('.bk-Figure').length"), bokeh_page_blocked=blocked(wb))

    text = show(wb, '''
import folium
place = folium.Map([45, 10], zoom_start=6, tiles=None)
folium.Marker([45, 10], popup="here").add_to(place)
place''')
    tell(folium_frames=reaches(wb, "document.querySelectorAll('iframe').length"), folium_text=text)
    show(wb, '''
import webbrowser, tempfile, os
path = os.path.join(tempfile.mkdtemp(), "map.html")
place.save(path)
webbrowser.open("file://" + path)''')
    tell(folium_marker=reaches(wb, "document.querySelectorAll('.leaflet-marker-icon').length"))
    ask(wb, "document.querySelector('.leaflet-marker-icon').click()")
    tell(folium_popup=reaches(wb, "document.querySelector('.leaflet-popup-content').textContent"),
         folium_zoomed=reaches(wb, '''(() => { const zoom = document.querySelector('.leaflet-control-zoom-in');
             zoom.click()
             return document.querySelector('.leaflet-zoom-anim, .leaflet-zoom-animated') !== null })()'''))

    before = len(wb.program.viewer.pane.model.outputs)
    text = show(wb, '''
from IPython.display import HTML
HTML("<script>1</script>" + "x" * 100_000_000)''')
    tell(huge_text=text[-300:], huge_outputs=len(wb.program.viewer.pane.model.outputs) - before)

    show(wb, "print(webbrowser.open('https://example.org/x'))")
    tell(asked=[bar.notice.text for bar in wb.program.viewer.pane.notices.bars])
    wb.program.viewer.pane.notices.bars[0].buttons[1].click()
    show(wb, "print(webbrowser.open('https://example.org/y'))")
    tell(never=[bar.notice.text for bar in wb.program.viewer.pane.notices.bars],
         live=len(wb.program.viewer.pane.view.live),
         outputs=[output.title for output in wb.program.viewer.pane.model.outputs])

    wb.run_command("viewer.save", path=str(project / "saved.html"))
    wb.wait_until((project / "saved.html").exists, 20)
    wb.run_command("viewer.delete_all")
    wb.settle()
    import psutil
    me = psutil.Process()
    zygotes = {child.pid for child in me.children()}

    def renderers():
        return [each for each in me.children(recursive=True) if each.pid not in zygotes and "WebEngine" in each.name()]

    wb.wait_until(lambda: not renderers(), 10, "The end of the processes of pages")
    tell(still_offered=wb.program.shell.window.docks.all[-1].offers("viewer"), done=True)
"""
)

R = (
    HEAD
    + """
with open_workbench(profile_dir=profile, project_dir=project, environment="ir", is_trusted=True) as wb:
    wb.session.wait_ready(60)
    text = show(wb, "library(DT)\\ndatatable(data.frame(a = 1:30, b = letters[c(1:26, 1:4)]))", "r")
    tell(rows=reaches(wb, "document.querySelectorAll('table.dataTable tbody tr').length"), text=text,
         kind=newest(wb).title)
    ask(wb, "document.querySelectorAll('.paginate_button')[2].click()")
    tell(second=reaches(wb, "document.querySelector('table.dataTable tbody td:nth-child(2)').textContent === '11'"),
         blocked=blocked(wb))
    show(wb, '''print(datatable(head(iris)), view = TRUE)''', "r")
    tell(viewed=reaches(wb, "document.querySelectorAll('table.dataTable tbody tr').length"),
         titles=[output.title for output in wb.program.viewer.pane.model.outputs])
    show(wb, "browseURL('https://example.org/z')", "r")
    wb.settle()
    tell(asked=[bar.notice.text for bar in wb.program.viewer.pane.notices.bars])
"""
)

WITHOUT = (
    HEAD
    + """
sys.modules["PySide6.QtWebEngineCore"] = None  # it is not installed
opened = []
with open_workbench(profile_dir=profile, project_dir=project, environment=python, is_trusted=True) as wb:
    wb.program.viewer.pane.view.browser_asked.connect(opened.append)
    wb.session.wait_ready(60)
    show(wb, '''
from IPython.display import publish_display_data
import base64
pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAAC0lEQVR42mNgAAIAAAUAAen63NgAAAAASUVORK5CYII="
publish_display_data({"text/html": "<script>1</script>", "image/png": pixel})''')
    view = wb.program.viewer.pane.view
    wb.wait_until(lambda: view.current is not None and view.current.web is not None, 20)
    wb.wait_until(lambda: view.current.notice_texts, 20)
    tell(with_picture=view.current.notice_texts, has_picture=view.current.picture() is not None)
    show(wb, "from IPython.display import HTML\\nHTML('<script>2</script>')")
    wb.wait_until(lambda: view.current.web is not None and view.current.web.words != "", 20)
    tell(without_picture=view.current.web.words)
"""
)


def no_network() -> Sequence[str]:
    """In front of a command: it runs where there is no network, not even this machine's own, if that is permitted."""
    unshare = shutil.which("unshare")
    if unshare is None or not sys.platform.startswith("linux"):
        return ()
    words = (unshare, "--net") if os.geteuid() == 0 else (unshare, "--net", "--map-root-user")
    return words if subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0 else ()


def played(script: str, folder: Path) -> dict[str, Any]:
    (folder / "project").mkdir()
    outcome = run_script(script, folder, prefix=no_network(), QT_QPA_PLATFORM="offscreen")
    assert outcome.exit_code == 0, outcome.errors[-3000:]
    return outcome.facts


def test_charts_and_maps_of_python_are_interactive_without_a_network(tmp_path: Path) -> None:
    facts = played(PYTHON, tmp_path)

    assert (facts["early"], facts["offers"]) == (False, False)  # nothing is loaded, no tab is there before
    assert facts["plotly_points"] == 3
    assert facts["plotly_tip"]
    assert facts["plotly_blocked"] == []
    assert "\nPlotly figure in the Viewer\n" in facts["plotly_text"]
    assert (facts["kind"], facts["offered"]) == ("Plotly figure", True)
    assert facts["plotly_show"] == 1
    assert "Vega chart in the Viewer\n" in facts["altair_text"]
    assert "Bokeh plot in the Viewer\n" in facts["bokeh_text"]
    assert "BokehJS" not in facts["bokeh_text"]
    assert "Map in the Viewer\n" in facts["folium_text"]
    assert facts["altair_bars"]
    assert facts["altair_open"]
    assert facts["altair_blocked"] == []
    assert facts["bokeh_views"] == 1
    assert facts["bokeh_zoomed"]
    assert facts["bokeh_blocked"] == []
    assert facts["bokeh_page"] == 1
    assert facts["bokeh_page_blocked"] == []
    assert facts["folium_frames"] == 1
    assert facts["folium_marker"] == 1
    assert facts["folium_popup"].strip() == "here"
    assert facts["folium_zoomed"]
    assert any("wants to open https://example.org/x" in text for text in facts["asked"])
    assert facts["never"] == []
    assert "(too large to show)" in facts["huge_text"]
    assert facts["huge_outputs"] == 0
    assert facts["live"] == 3
    assert facts["still_offered"] is False
    assert facts["done"]
    saved = (tmp_path / "project" / "saved.html").read_text()
    assert "leaflet" in saved


def test_widgets_of_r_are_interactive_without_a_network(tmp_path: Path) -> None:
    facts = played(R, tmp_path)

    assert facts["rows"] == 10
    assert facts["second"]
    assert facts["kind"] == "HTML widget"
    assert "\nHTML widget in the Viewer\n" in facts["text"]
    assert facts["blocked"] == []
    assert facts["viewed"] == 6
    assert facts["titles"] == ["HTML widget", "Page"]
    assert any("wants to open https://example.org/z" in text for text in facts["asked"])


def test_static_picture_stands_for_a_page_where_no_web_view_is_installed(tmp_path: Path) -> None:
    facts = played(WITHOUT, tmp_path)

    assert any("picture" in text and "not installed" in text for text in facts["with_picture"])
    assert facts["has_picture"]
    assert "The output opens in the browser instead." in facts["without_picture"]
