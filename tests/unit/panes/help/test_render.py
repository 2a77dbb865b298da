"""Pages as HTML: what can be clicked, what is escaped, and what a package cannot bring in."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ide.core.record import replace
from ide.kernels.contract import HelpMember, HelpPage
from ide.panes.help import render
from ide.panes.help.markup import Look, Target, inline, page_link, target_of
from ide.panes.help.render import Facts, KeyLine, Rendered

LOOK = Look({"text": "#000000", "keyword": "#aa00aa"}, "Mono", 13, 12, round)
PYTHON = Facts("python", "Python", "python")
R = Facts("r", "R", "r")


class Links(HTMLParser):
    """Addresses, tags and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attributes}
        self.addresses += [value or "" for name, value in attributes if name == "href"]

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(page: HelpPage, facts: Facts = PYTHON) -> tuple[Rendered, Links]:
    rendered = render.page(page, facts, LOOK)
    return rendered, Links(rendered.html)


def test_page_tells_what_it_is_of() -> None:
    page = HelpPage(
        topic="pandas.merge",
        title="pandas.merge",
        package="pandas",
        version="3.1",
        kind="function",
        signature="merge(left, right)",
        text="Join them.",
        source_path="/x/merge.py",
        source_line=3,
    )
    _, links = shown(page)
    for part in ("pandas.merge", "function", "pandas 3.1", "Python", "merge(left, right)", "Join them."):
        assert part in links.text
    assert "source:" in links.addresses
    assert page_link(Target("python", "pandas", "pandas")) in links.addresses


def test_examples_run_one_by_one_and_all() -> None:
    page = HelpPage(topic="f", text="Examples\n--------\n>>> f(1)\n1\n\nMore\n\n>>> g(\n...     2)\n")
    rendered, links = shown(page)
    assert rendered.examples == ("f(1)\ng(\n    2)", "f(1)", "g(\n    2)")
    assert [address for address in links.addresses if address.startswith("run:")] == ["run:0", "run:1", "run:2"]


def test_related_names_are_links() -> None:
    _, links = shown(HelpPage(topic="a.f", text="See Also\n--------\nb.g : other\nh, i\nnot a name!"))
    assert [address for address in links.addresses if address.startswith("see:")] == ["see:b.g", "see:h", "see:i"]


HOSTILE = """<h3>Description</h3><script>alert(1)</script><p onclick="x()">Text
<a href="javascript:x()">a</a> <a href="run:0">b</a> <a href="command:app.quit">c</a> <a href="file:///etc/passwd">d</a>
<a href="help:stats/glm">e</a> <a href="help:x/..%2F%22%3E">f</a> <a href="https://example.org/">g</a>
<img src="https://example.org/p.png"><img src="file:///x.png" alt="alt"><iframe src="x"></iframe>
<style>p { display: none }</style></p><table><tr><td><code>x</code></td><td>the x</td></tr></table>
<h3>Examples</h3><pre><code class='language-R'>x &lt;- 1
y</code></pre>"""


def test_what_a_package_brings_is_made_inert() -> None:
    page = HelpPage(topic="lm", title="Models", package="stats", format="html", text=HOSTILE, examples="x <- 1")
    rendered, links = shown(page, R)
    assert set(links.addresses) == {
        "run:0",  # ours, of the example
        page_link(Target("r", "", "stats")),
        page_link(Target("r", "glm", "stats")),
        page_link(Target("r", '../">', "x")),
        "https://example.org/",
    }
    assert links.addresses.count("run:0") == 1
    assert rendered.examples == ("x <- 1",)
    assert not links.tags & {"script", "iframe", "style", "img"}
    assert not links.attributes & {"onclick", "src"}
    assert "alert" not in links.text
    assert "alt" in links.text


def test_huge_html_is_refused_in_words() -> None:
    _, links = shown(HelpPage(topic="x", format="html", text="<p>" + "x" * 3_000_000), R)
    assert "is not shown" in links.text
    assert len(links.text) < 500


def test_members_are_listed_by_kind() -> None:
    members = (
        HelpMember(name="f", topic="m.f", kind="function", title="Does ``it``."),
        HelpMember(name="C", topic="m.C", kind="class"),
        HelpMember(name="v", topic="vignette:v", package="m", kind="vignette"),
    )
    rendered, links = shown(HelpPage(topic="m", kind="module", members=members))
    order = [rendered.html.index(word) for word in ("Vignettes", "Classes", "Functions")]
    assert order == sorted(order)
    assert page_link(Target("python", "vignette:v", "m")) in links.addresses


def test_text_that_looks_like_markup_is_text() -> None:
    evil = '<b onclick="x()">&amp;</b>'
    member = HelpMember(name=evil, topic=evil, kind=evil, title=evil)
    page = HelpPage(topic=evil, title=evil, package=evil, version=evil, kind=evil, signature=evil, text=evil,
                    members=(member,), also=(member,))  # fmt: skip
    for format in ("docstring", "text"):
        _, links = shown(replace(page, format=format))
        assert links.text.count(evil) >= 6
        assert "onclick" not in links.attributes
    _, links = shown(HelpPage(topic="x", text=f"Parameters\n----------\n{evil} : {evil}\n    {evil}\n"))
    assert "onclick" not in links.attributes
    assert "onclick" not in Links(render.matches(evil, [(PYTHON, [member])], evil, LOOK).html).attributes
    assert "onclick" not in Links(render.message(evil, evil).html).attributes
    assert "onclick" not in Links(render.cheat_sheet(evil, {evil: [KeyLine(evil, evil)]}, LOOK).html).attributes


@given(st.text(alphabet="ab*`:<>_/.~\\[]&\"'h tps", max_size=120))
def test_inline_marks_never_let_markup_through(text: str) -> None:
    links = Links(inline(text, "python"))
    assert links.tags <= {"a", "b", "i", "code"}
    assert all(address.startswith(("page:", "http://", "https://")) for address in links.addresses)


@pytest.mark.parametrize("target", [Target("r", "a/b c%", "p:q"), Target("python", "", ""), Target("r", "[[", "base")])
def test_addresses_lead_back_to_their_targets(target: Target) -> None:
    assert target_of(page_link(target)) == target
    assert re.fullmatch(r"page:[\w%./~-]*", page_link(target))


@pytest.mark.parametrize("address", ["", "page:", "page:a/b", "page:a/b/c/d", "https://x", "run:0"])
def test_other_addresses_are_no_pages(address: str) -> None:
    assert target_of(address) is None


def test_long_signatures_are_folded_between_parameters() -> None:
    assert render.folded("f(a, b)") == "f(a, b)"
    text = "f(" + ", ".join(f"name_{n}=(1, 'a, b')" for n in range(9)) + ")"
    lines = render.folded(text).split("\n")
    assert (lines[0], lines[-1]) == ("f(", ")")
    assert all(len(line) <= 78 for line in lines)
    assert all(line.strip().startswith("name_") for line in lines[1:-1])
    assert " ".join("".join(lines).split()).replace("f( ", "f(") == text


def test_matches_say_where_they_are_from_and_what_is_missing() -> None:
    match = HelpMember(name="pandas.merge", topic="pandas.merge", package="pandas", kind="function", title="Join.")
    links = Links(render.matches("merge", [(PYTHON, [match]), (R, [])], "Still looking", LOOK).html)
    assert page_link(Target("python", "pandas.merge", "pandas")) in links.addresses
    assert "pandas function" in links.text
    assert "Still looking" in links.text
    assert "R" not in links.text.replace("Search", "")


def test_cheat_sheet_lists_keys_by_place() -> None:
    links = Links(render.cheat_sheet("Default", {"Editor": [KeyLine("Comment", "Ctrl+/")]}, LOOK).html)
    for part in ("Default", "Editor", "Comment", "Ctrl+/"):
        assert part in links.text
