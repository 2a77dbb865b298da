"""Bundles of MIME types as kernels send them, one of each form."""

from __future__ import annotations

import base64
import io
import wave
from typing import Any

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QPainter, QPdfWriter

from tests.fakes.pictures import png

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="220" height="60"><polyline fill="none" stroke="#0072B2"'
    ' stroke-width="3" points="0,50 60,20 120,40 180,5 220,30"/></svg>'
)
PANDAS = """<div>
<style scoped>.dataframe tbody tr th { vertical-align: top; }</style>
<table border="1" class="dataframe">
  <thead><tr style="text-align: right;"><th></th><th>species</th><th>mass_g</th><th>bill_mm</th></tr></thead>
  <tbody>
    <tr><th>0</th><td>Adelie</td><td>3750</td><td>39.1</td></tr>
    <tr><th>1</th><td>Gentoo</td><td>5000</td><td>NaN</td></tr>
    <tr><th>2</th><td>Chinstrap &amp; others</td><td>3500</td><td>46.5</td></tr>
  </tbody>
</table>
</div>"""
R_FRAME = """<table class="dataframe">
<caption>A data.frame: 2 × 3</caption>
<thead>
\t<tr><th scope=col>species</th><th scope=col>mass</th><th scope=col>island</th></tr>
\t<tr><th scope=col>&lt;fct&gt;</th><th scope=col>&lt;dbl&gt;</th><th scope=col>&lt;chr&gt;</th></tr>
</thead>
<tbody>
\t<tr><td>Adelie</td><td>3750.5</td><td>Torgersen</td></tr>
\t<tr><td>Gentoo</td><td>    NA</td><td>Biscoe   </td></tr>
</tbody>
</table>"""
MARKDOWN = """# Penguins

Body mass of **344 penguins**, with `mass_g` in grams: $\\bar{x} = \\frac{1}{n}\\sum_{i=1}^n x_i$ is the mean.

- Adelie
- Gentoo
  1. male
  2. female

| island | count |
|--------|------:|
| Biscoe | 168 |
| Dream  | 124 |

$$\\hat{\\beta} = (X^\\top X)^{-1} X^\\top y$$
"""
LATEX = r"$\displaystyle \int_{-\infty}^{\infty} e^{-x^2}\,dx = \sqrt{\pi}$"
JSON: dict[str, Any] = {
    "name": "penguins",
    "rows": 344,
    "islands": ["Biscoe", "Dream", "Torgersen"],
    "species": [
        {"name": name, "count": count, "endangered": False} for name, count in (("Adelie", 152), ("Gentoo", 124))
    ],
    "source": {"title": "Palmer Archipelago (Antarctica) penguin data", "year": 2020, "doi": None},
}


def pdf(pages: int = 2) -> str:
    """A PDF file in base64."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(72)
    painter = QPainter(writer)
    for page in range(pages):
        if page:
            writer.newPage()
        painter.fillRect(40, 40, 200, 120, 0x0072B2)
        painter.drawText(40, 220, f"Page {page + 1}")
    painter.end()
    return base64.b64encode(buffer.data().data()).decode()


def wav(length_s: float = 0.2) -> str:
    """A sound in base64: silence."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(2 * round(8000 * length_s)))
    return base64.b64encode(buffer.getvalue()).decode()


def audio_html() -> str:
    """How IPython shows a sound."""
    return (
        f'<audio controls="controls"><source src="data:audio/wav;base64,{wav()}" type="audio/wav" />'
        "Your browser does not support the audio element.</audio>"
    )


def gif(frames: int = 2) -> str:
    """A moving picture in base64."""
    from PIL import Image

    pictures = [Image.new("RGB", (40, 30), color) for color in ("red", "blue", "green")[:frames]]
    buffer = io.BytesIO()
    pictures[0].save(buffer, "gif", save_all=True, append_images=pictures[1:], duration=40, loop=0)
    return base64.b64encode(buffer.getvalue()).decode()


def bundles() -> dict[str, dict[str, Any]]:
    """One bundle of each form, with the plain text that kernels send along."""
    return {
        "table": {"text/html": PANDAS, "text/plain": "species ..."},
        "r-table": {
            "text/html": R_FRAME,
            "text/plain": "species ...",
            "text/latex": r"\begin{tabular}{l}\end{tabular}",
        },
        "markdown": {"text/markdown": MARKDOWN, "text/plain": "<IPython.core.display.Markdown object>"},
        "latex": {"text/latex": LATEX, "text/plain": "<IPython.core.display.Math object>"},
        "json": {"application/json": JSON, "text/plain": "<IPython.core.display.JSON object>"},
        "svg": {"image/svg+xml": SVG, "text/plain": "<IPython.core.display.SVG object>"},
        "png": {"image/png": base64.b64encode(png(60, 40)).decode(), "text/plain": "<Figure>"},
        "gif": {"image/gif": gif(), "text/plain": "<IPython.core.display.Image object>"},
        "pdf": {"application/pdf": pdf(), "text/plain": "<PDF object>"},
        "sound": {"text/html": audio_html(), "text/plain": "<IPython.lib.display.Audio object>"},
    }
