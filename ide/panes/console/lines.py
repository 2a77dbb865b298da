"""Lines of a console as immutable styled text. Owns no colour: a style names theme roles or ANSI numbers."""

from __future__ import annotations

from ide.core.record import dataclass, field, replace

AnsiColor = int | tuple[int, int, int] | None
"""0 to 15 of the ANSI palette, red-green-blue from 0 to 255, or the default."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a stretch of text looks. `role` is a theme role, used where `foreground` is None.

    `link` is what a click opens, made by `link_to_*` below and never taken from output. `background_role` is a theme
    role, used where `background` is None. `formula` is LaTeX: where it can be drawn, its picture stands for the text.
    """

    foreground: AnsiColor = None
    background: AnsiColor = None
    is_bold: bool = False
    is_italic: bool = False
    is_underlined: bool = False
    role: str = ""
    link: str = ""
    background_role: str = ""
    formula: str = ""


PLAIN = Style()
MUTED = Style(role="muted")
ERROR = Style(role="error")
WARNING = Style(role="warning")

Span = tuple[str, Style]


@dataclass(frozen=True, slots=True)
class Picture:
    """Data of `mime` to draw in a line of its own: an image, or a PDF file, of which the first page is drawn."""

    mime: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its line break. `display` is the display_id of the shown object that it belongs to, `large` the
    number by which the console keeps it for a large view (0: it is not kept)."""

    spans: tuple[Span, ...] = ()
    display: str = ""
    picture: Picture | None = None
    large: int = 0

    @property
    def text(self) -> str:
        """The characters alone."""
        return "".join(text for text, _style in self.spans)

    @property
    def has_formula(self) -> bool:
        """Whether it is higher than text."""
        return any(style.formula for _text, style in self.spans)


def line(text: str, style: Style = PLAIN) -> Line:
    """A line in one style."""
    return Line(((text, style),))


def link_style(link: str) -> Style:
    """The look of text that a click opens."""
    return Style(is_underlined=True, role="link", link=link)


def link_to_place(path: str, line_number: int) -> str:
    """Opens a file at a line that counts from 0, as `TraceLink.line` does."""
    return f"place:{line_number}:{path}"


def link_to_url(url: str) -> str:
    """Asks, then opens the address in the browser."""
    return f"url:{url}"


def link_to_rest(key: int) -> str:
    """Shows a folded line whole."""
    return f"rest:{key}"


def link_to_full_output(run_id: str) -> str:
    """Shows everything that a run has put out."""
    return f"full:{run_id}"


def link_to_plot(number: int) -> str:
    """Shows a figure in the plots pane."""
    return f"plot:{number}"


def link_to_large(number: int) -> str:
    """Opens a shown object large."""
    return f"large:{number}"


def link_to_fold(number: int, *, opens: bool) -> str:
    """Shows more of a shown object in the console, or less again."""
    return f"{'unfold' if opens else 'fold'}:{number}"


def link_to_sound(number: int) -> str:
    """Plays a sound, or stops it."""
    return f"play:{number}"


def parse_link(link: str) -> tuple[str, str, int]:
    """Kind, target and number of a link; the number is 0 where the kind has none."""
    kind, _, rest = link.partition(":")
    if kind == "place":
        number, _, path = rest.partition(":")
        return kind, path, int(number)
    if kind in ("rest", "plot", "large", "unfold", "fold", "play"):
        return kind, "", int(rest)
    return kind, rest, 0


def with_link(spans: tuple[Span, ...], first: int, end: int, link: str) -> tuple[Span, ...]:
    """`spans` with the characters `first` to `end` made a link."""
    linked: list[Span] = []
    offset = 0
    for text, style in spans:
        low, high = max(first - offset, 0), min(end - offset, len(text))
        offset += len(text)
        if low >= high:
            linked.append((text, style))
            continue
        shown = replace(style, is_underlined=True, role=style.role or "link", link=link)
        linked += [part for part in ((text[:low], style), (text[low:high], shown), (text[high:], style)) if part[0]]
    return tuple(linked)
