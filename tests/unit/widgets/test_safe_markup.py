"""HTML and SVG of others are inert (PROMISES D4)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ide.widgets.safe_markup import MarkupRefused, is_active_html, safe_html, safe_svg

PIXEL = "data:image/png;base64,iVBORw0KGgo="


@pytest.mark.parametrize(
    ("hostile", "left"),
    [
        ("<script>alert(1)</script>text", "text"),
        ("<b onclick='x()'>bold</b>", "<b>bold</b>"),
        ('<img src="http://example.org/beacon.png">', "<img>"),
        ('<img src="file:///etc/passwd" alt="a">', '<img alt="a">'),
        (f'<img src="{PIXEL}">', f'<img src="{PIXEL}">'),
        ('<img src="data:image/svg+xml;base64,AAAA">', "<img>"),
        ('<a href="javascript:alert(1)">x</a>', "<a>x</a>"),
        ('<a href="https://example.org/?a=1&b=2">x</a>', '<a href="https://example.org/?a=1&amp;b=2">x</a>'),
        ("<iframe src='http://example.org'>inside</iframe>after", "after"),
        ("<style>body{background:url(http://example.org)}</style>seen", "seen"),
        ("<form action='http://example.org'><input name=a>field</form>", "field"),
        ("<table><tr><td style='x'>1", "<table><tr><td>1</td></tr></table>"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("<svg><script>1</script><text>drawn</text></svg>after", "after"),
    ],
)
def test_safe_html_lets_only_listed_things_through(hostile: str, left: str) -> None:
    assert safe_html(hostile) == left


def test_own_links_are_asked_about_and_escaped() -> None:
    html = '<a href="help:x/y">a</a><a href="https://x.org">b</a><a href="javascript:z">c</a>'
    clean = safe_html(html, lambda address: 'own:"' if address.startswith("help:") else "")
    assert clean == '<a href="own:&quot;">a</a><a href="https://x.org">b</a><a>c</a>'


def test_safe_html_of_a_huge_text_is_refused_with_its_size() -> None:
    with pytest.raises(MarkupRefused, match=r"HTML of 3\.0 MB"):
        safe_html("x" * 3_000_000)


def test_safe_html_of_a_table_past_the_limit_is_refused() -> None:
    with pytest.raises(MarkupRefused, match="cells"):
        safe_html("<table>" + "<tr><td>1</td></tr>" * 20_001)


def test_safe_html_of_deep_nesting_stays_shallow_and_keeps_the_text() -> None:
    clean = safe_html("<div>" * 5_000 + "text")
    assert clean.count("<div>") <= 60
    assert "text" in clean


@given(st.text(alphabet=st.sampled_from("<>/=\"' abscriptonclickhref:imgj&#;x\n"), max_size=120))
def test_safe_html_of_anything_holds_no_handler_and_no_script(text: str) -> None:
    clean = safe_html(text).lower()
    assert "<script" not in clean
    for piece in clean.split("<")[1:]:
        tag = piece.partition(">")[0]
        assert " on" not in tag
        assert "javascript:" not in tag


@pytest.mark.parametrize(
    ("hostile", "gone"),
    [
        ('<svg><image xlink:href="file:///etc/passwd"/></svg>', "passwd"),
        ("<svg><image href='http://example.org/a.png'/></svg>", "example.org"),
        ('<svg><use href = "other.svg#a"/></svg>', "other.svg"),
        ('<svg><image foo:href="data:image/svg+xml;base64,AA"/></svg>', "svg+xml"),
        ('<?xml version="1.0" encoding="UTF-16"?><svg/>', "UTF-16"),
        ('<!DOCTYPE svg PUBLIC "a" "http://example.org/svg.dtd"><svg/>', "example.org"),
    ],
)
def test_safe_svg_loads_nothing_from_outside(hostile: str, gone: str) -> None:
    assert gone not in safe_svg(hostile).decode()


def test_safe_svg_keeps_inner_references_and_inner_pictures() -> None:
    svg = f'<svg><use xlink:href="#mark"/><image href="{PIXEL}"/></svg>'
    assert safe_svg(svg).decode() == svg


@pytest.mark.parametrize(
    "svg",
    ['<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>', "<g>" * 3_000, "<svg>" + " " * 5_000_000],
    ids=["entities", "deep", "large"],
)
def test_safe_svg_of_a_trap_is_refused(svg: str) -> None:
    with pytest.raises(MarkupRefused):
        safe_svg(svg)


@pytest.mark.parametrize("piece", ["a", "<a", "<!DOCTYPE", "<?xml ", "href=", "href =  ", "<a href='", "<!DOCTYPE ["])
def test_safe_svg_of_a_text_made_to_be_slow_ends(piece: str) -> None:
    """A pattern that looks at everything from every place would take hours here."""
    try:
        assert safe_svg(piece * (4_900_000 // len(piece)))
    except MarkupRefused:
        assert piece in ("<a", "<a href='")


def test_is_active_html_knows_what_needs_scripts() -> None:
    assert is_active_html("<div></div>< SCRIPT>1</script>")
    assert not is_active_html("<table><tr><td>description</td></tr></table>")
