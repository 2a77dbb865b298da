"""Pictures of the Help pane: empty, pages of both languages, search, nothing known, busy; wide and narrow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.fakes.pane_desk import PaneDesk
from tests.fakes.window_parts import Parts
from tests.pictures.conftest import LOOKS
from tests.pictures.harness import check
from tests.qt.help.test_help_pane import Shown

DOCSTRING = """Join two tables.

Rows are matched by `on`. See :func:`concat`.

Parameters
----------
left : DataFrame
    First table.
how : {'inner', 'left'}, default 'inner'
    Which rows stay:

    - inner: those of both
    - left: all of the first

.. versionadded:: 2.0

Warning
-------
Missing keys match each other.

Examples
--------
>>> join(a, b)
   x  y
0  1  2
"""
HTML = """<h3>Description</h3><p><code>lm</code> fits <a href="help:stats/glm">linear</a> models.</p>
<h3>Usage</h3><pre><code class='language-R'>lm(formula, data, ...)</code></pre>
<h3>Arguments</h3><table><tr><td><code>formula</code></td><td><p>what is modelled</p></td></tr>
<tr><td><code>data</code></td><td><p>a data frame</p></td></tr></table>
<h3>Examples</h3><pre><code class='language-R'>fit &lt;- lm(dist ~ speed, cars)</code></pre>"""


@pytest.fixture(params=list(LOOKS.values()), ids=list(LOOKS))
def desk(request: pytest.FixtureRequest, qapp: object, tmp_path: Path) -> Iterator[PaneDesk]:
    """A desk in one theme at one zoom."""
    theme, zoom = request.param
    made = PaneDesk(tmp_path, theme)
    made.theme.set_zoom(zoom)
    yield made
    made.close()


def test_help(desk: PaneDesk, qtbot: QtBot) -> None:
    shown = Shown(desk, qtbot)
    widget = shown.pane.widget
    px = desk.theme.px

    def sized(width: int) -> Callable[[Parts], QWidget]:
        def resize(_parts: Parts) -> QWidget:
            widget.resize(px(width), px(420))
            return widget

        return resize

    def take(name: str, width: int = 520) -> None:
        check(f"help_{name}", cast(Parts, desk), sized(width), destroys=False)

    take("empty")
    shown.page("join", text=DOCSTRING, signature="join(left, right, how='inner')", kind="function", package="tables",
               version="3.1", source_path="/x/join.py", source_line=3)  # fmt: skip
    shown.run("help.show", topic="join", language="python")
    shown.wait_for("Join two tables")
    take("docstring")
    take("docstring_narrow", 300)
    about = {"package": "stats", "version": "4.2", "kind": "topic"}
    code = "fit <- lm(dist ~ speed, cars)"
    shown.page("lm", "r", **about, title="Fitting Linear Models", format="html", text=HTML, examples=code)
    shown.run("help.show", topic="lm", language="r")
    shown.wait_for("linear")
    take("html")
    shown.sessions["r"].matches = [
        {"name": "merge", "topic": "merge", "package": "base", "kind": "topic", "title": "Merge Two Data Frames"}
    ]
    shown.run("help.search", text="merge")
    shown.wait_for("Two Data")
    take("search")
    shown.run("help.show", topic="nope", language="r")
    shown.wait_for("no help")
    take("none")
    shown.run("help.cheat_sheet")
    shown.wait_for("Comment")
    take("cheat_sheet")
    shown.pane.close()
