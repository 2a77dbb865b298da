"""What IPython.display and IRdisplay show, in the console and large, from real kernels."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from ide.core.environment import Environment
from ide.widgets.rich.form import choose
from tests.fakes.pictures import png
from tests.fakes.rich import pdf, wav
from tests.kernel.test_console_kernels import PYTHON, KernelRig, R

PLACE = "\N{OBJECT REPLACEMENT CHARACTER}"
SVG = "<svg xmlns='http://www.w3.org/2000/svg' width='20' height='10'><rect width='9' height='9'/></svg>"


class RichRig(KernelRig):
    """Opens large what was shown last."""

    def opened(self) -> tuple[str, str]:
        """Form and type of the newest kept object, as its link hands it on."""
        found: list[Mapping[str, Any]] = []
        self.pane.show_large = lambda bundle, _title: found.append(bundle)
        self.view.open_anchor(f"large:{self.view._kept.next_number - 1}")
        choice = choose(found[0])
        return choice.form, choice.mime


@pytest.fixture
def rig(qtbot: QtBot, tmp_path: Path) -> Iterator[RichRig]:
    """A console without a kernel yet."""
    found = RichRig(tmp_path)
    yield found
    found.close()


def files(folder: Path) -> None:
    """Data that are too long to be typed."""
    (folder / "a.png").write_bytes(png(8, 8))
    (folder / "a.pdf").write_bytes(base64.b64decode(pdf(1)))
    (folder / "a.wav").write_bytes(base64.b64decode(wav()))
    (folder / "a.svg").write_text(SVG)


def start(rig: RichRig, environment: Environment, folder: Path, prepare: str) -> None:
    files(folder)
    rig.start(environment)
    rig.run(prepare)


def test_all_of_ipython_display(rig: RichRig, tmp_path: Path) -> None:
    start(rig, PYTHON, tmp_path, "from IPython.display import *; import pandas as pd, base64")
    assert "a bold" in rig.run("HTML('<p>a <b>bold</b></p>')")
    assert rig.opened() == ("html", "text/html")
    frame = rig.run("pd.DataFrame({'name': ['a', 'b'], 'mass': [1.5, None]})")
    assert "Out[3]: \n    name  mass \n 0  a      1.5 \n 1  b      NaN \n" in frame
    assert rig.opened() == ("html", "text/html")
    assert "• one\n• two" in rig.run("Markdown('- one' + chr(10) + '- two')")
    assert rig.opened() == ("markdown", "text/markdown")
    for code in ("Math('x^2')", "Latex('$$y_1$$')", r"Latex(r'\begin{eqnarray}a&=&b\end{eqnarray}')"):
        assert PLACE in rig.run(code)
        assert rig.opened() == ("formula", "text/latex")
    assert '"a": [1, 2]' in rig.run("JSON({'a': [1, 2], 'b': {'c': [{'d': 'e' * 50}]}})")
    assert rig.opened() == ("json", "application/json")
    assert "Sound, WAV" in rig.run("Audio('a.wav')")
    assert rig.opened() == ("sound", "audio/x-wav")
    data = "base64.b64encode(open('a.pdf', 'rb').read()).decode()"
    assert PLACE + "\nPDF" in rig.run("display({'application/pdf': " + data + "}, raw=True)")
    assert rig.opened() == ("pdf", "application/pdf")
    assert "Figure 1 is in Plots" in rig.run("Image('a.png')")
    assert "Figure 2 is in Plots" in rig.run("SVG('a.svg')")


def test_all_of_irdisplay(rig: RichRig, tmp_path: Path) -> None:
    start(rig, R, tmp_path, "library(IRdisplay)")
    frame = rig.run("data.frame(name = c('a', 'b'), mass = c(1.5, NA))")
    assert "A data.frame: 2 × 2\n name    mass \n <chr>  <dbl> \n a        1.5 \n b         NA \n" in frame
    assert rig.opened() == ("html", "text/html")
    assert "[1] 1 2 3" in rig.run("c(1, 2, 3)"), "its plain text says it best"
    assert "a bold" in rig.run("display_html('<p>a <b>bold</b></p>')")
    assert rig.opened() == ("html", "text/html")
    assert "• one\n• two" in rig.run("display_markdown('- one\\n- two')")
    assert rig.opened() == ("markdown", "text/markdown")
    assert PLACE in rig.run("display_latex('$\\\\frac{a}{b}$')")
    assert rig.opened() == ("formula", "text/latex")
    assert '"a": [1, 2' in rig.run('display_json(\'{"a": [1, 2, 3], "b": {"c": 1}}\')')
    assert PLACE + "\nPDF" in rig.run("display_pdf(file = 'a.pdf')")
    assert rig.opened() == ("pdf", "application/pdf")
    assert "Figure 1 is in Plots" in rig.run("display_png(file = 'a.png')")
    assert "Figure 2 is in Plots" in rig.run("display_svg(file = 'a.svg')")
