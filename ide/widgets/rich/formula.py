"""LaTeX as pictures, by ziamath: pure Python, no TeX, no network. Any thread; the first formula imports the library."""

from __future__ import annotations

import re
import sys
import threading
import warnings
from functools import lru_cache
from typing import Any, Final

from ide.core.record import dataclass

SOURCE_LIMIT: Final = 2_000
"""Characters of one formula: the time grows with their square, 2,000 take about a second of a pool thread."""
KEPT: Final = 300
_ENVIRONMENTS = "equation|align|eqnarray|gather|multline|displaymath|math"
_FORMULA = re.compile(
    r"\$\$(?P<double>[^$]{1,2000}?)\$\$"
    r"|(?<![\\$])\$(?P<single>[^\s$](?:[^$\n]{0,2000}?[^\s$\\])?)\$(?![\d$])"
    r"|\\\[(?P<square>.{1,2000}?)\\\]"
    r"|\\\((?P<round>.{1,2000}?)\\\)"
    rf"|\\begin\{{(?P<name>(?:{_ENVIRONMENTS})\*?)\}}(?P<inner>.{{1,2000}}?)\\end\{{(?P=name)\}}",
    re.DOTALL,
)
_DOCUMENT = re.compile(
    r"\\(?:begin\{(?:tabular|table|figure|itemize|enumerate|description|center|verbatim)|item\b|section)"
)
_WORDS = re.compile(r"\\(?:label|nonumber|notag)(?:\{[^{}]*\})?")
_EDGE = 2.0  # the library leaves a pixel on all sides
_lock = threading.Lock()


class FormulaError(ValueError):
    """LaTeX that cannot be drawn; the message says why, for the user."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A drawn formula: SVG in black, its size in pixels, how far it reaches below the line of text, and the size of
    text that it was drawn for."""

    svg: bytes
    width: float
    height: float
    depth: float
    size_px: float


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, or of LaTeX; a display formula stands on a line of its own. `source` is as it was written."""

    text: str
    is_formula: bool = False
    is_display: bool = False
    source: str = ""


def pieces(text: str) -> tuple[Piece, ...]:
    """Text with its formulas found: `$..$`, `$$..$$`, `\\(..\\)`, `\\[..\\]` and the environments for formulas."""
    found: list[Piece] = []
    place = 0
    for match in _FORMULA.finditer(text):
        if match.start() > place:
            found.append(Piece(text[place : match.start()]))
        place = match.end()
        inline = match["single"] or match["round"]
        if inline:
            is_display = inline.lstrip().startswith(r"\displaystyle")
            found.append(Piece(inline.strip(), True, is_display, match[0]))
        else:
            body = match["double"] or match["square"] or _body(match["name"], match["inner"])
            found.append(Piece(body.strip(), True, True, match[0]))
    if place < len(text):
        found.append(Piece(text[place:]))
    return tuple(found)


def latex_pieces(text: str) -> tuple[Piece, ...]:
    """As `pieces`; text without any mark of a formula is one formula, as `Math` of IPython sends it in old versions."""
    found = pieces(text)
    is_bare = not any(piece.is_formula for piece in found) and re.search(r"[\\^_]", text)
    if is_bare and not _DOCUMENT.search(text):
        return (Piece(text.strip(), True, True, text),)
    return found


def draw(latex: str, size_px: float, *, is_display: bool = False) -> Formula:
    """Draw one formula for text of `size_px`. Raises FormulaError. The last few hundred are kept."""
    with _lock:  # the library's caches are its module's
        return _draw(latex, size_px, is_display)


def _body(name: str, inner: str) -> str:
    """What an environment holds, in one that the library knows."""
    inner = _WORDS.sub("", inner)
    plain = name.rstrip("*")
    if plain == "eqnarray":
        inner = re.sub(r"&\s*([^&]{0,20}?)\s*&", r"&\1 ", inner)
    if plain in ("align", "eqnarray") or r"\\" in inner:
        return rf"\begin{{align}}{inner}\end{{align}}"
    return inner


@lru_cache(maxsize=KEPT)
def _draw(latex: str, size_px: float, is_display: bool) -> Formula:
    if len(latex) > SOURCE_LIMIT:
        raise FormulaError(f"it has more than {SOURCE_LIMIT} characters")
    if not latex.strip():
        raise FormulaError("it is empty")
    Latex = _library()  # noqa: N806 - a class
    try:
        # TeX's own sign for a sum that carries its limits above and below.
        drawn = Latex(latex, size=size_px, inline=not is_display)
        svg = drawn.svg()
        width, height = drawn.getsize()
        depth = -drawn.getyofst()
    except Exception as error:
        name = type(error).__name__
        raise FormulaError(_WHY.get(name, "it is not LaTeX that can be drawn here")) from error
    return Formula(svg.encode(), width + _EDGE, height + _EDGE, depth, size_px)


def _library() -> Any:
    if "ziamath" not in sys.modules:
        with warnings.catch_warnings():  # it finds its font by a way that is deprecated
            warnings.simplefilter("ignore", DeprecationWarning)
            import ziamath  # noqa: F401 - without the warning
    from ziamath.config import config
    from ziamath.zmath import Latex

    config.svg2 = False  # QtSvg knows no symbols
    return Latex


_WHY = {
    "ExtraLeftOrMissingRightError": r"a \left has no \right",
    "MissingEndError": r"a \begin has no \end",
    "MissingSuperScriptOrSubscriptError": "nothing follows a ^ or _",
    "DoubleSubscriptsError": "something has two subscripts",
    "DoubleSuperscriptsError": "something has two superscripts",
    "DenominatorNotFoundError": r"a \frac has no denominator",
    "NumeratorNotFoundError": r"a \frac has no numerator",
    "RecursionError": "it is nested too deep",
}
