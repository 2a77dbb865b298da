"""HTML becomes text, and only text."""

from __future__ import annotations

import sys

import pytest

from ide.panes.console.html_text import SOURCE_LIMIT, html_lines


def texts(source: str) -> list[str]:
    return [line.text for line in html_lines(source)[0]]


def test_paragraphs_lists_and_breaks_become_lines() -> None:
    assert texts("<p>one <b>two</b></p><ul><li>three</li><li>four</li></ul>a<br>b") == [
        "one two", "• three", "• four", "a", "b",
    ]  # fmt: skip


def test_table_has_aligned_columns() -> None:
    table = "<table><tr><th>a</th><th>name</th></tr><tr><td>1</td><td>x</td></tr></table>"
    assert texts(table) == [" a  name ", " 1  x    "]


def test_preformatted_text_keeps_its_lines() -> None:
    assert texts("<pre>a\n  b</pre>") == ["a", "  b"]


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>", "<style>b{}</style>", "<iframe src='http://x'>no</iframe>",
        "<svg onload=x><text>no</text></svg>", "<form><button>Run</button></form>", "<object data='file:///etc'>no</object>",
        "<template><b>no</b></template>", "<video src=x>no</video>", "<style><script></style>",
    ],
)  # fmt: skip
def test_active_parts_leave_nothing(source: str) -> None:
    assert texts(f"before{source}after") == ["beforeafter"]


def test_pictures_are_named_and_not_loaded() -> None:
    assert texts("<img src='http://beacon' alt='a cat'>") == ["[picture: a cat]"]


def test_link_shows_where_it_leads() -> None:
    lines, _is_whole = html_lines("<a href='https://evil.example/x'>your bank</a>")
    assert lines[0].text == "your bank (https://evil.example/x)"
    assert lines[0].spans[-1][1].link == "url:https://evil.example/x"


@pytest.mark.parametrize("target", ["javascript:alert(1)", "file:///etc/passwd", "command:run", "https://a\nb"])
def test_other_targets_are_no_links(target: str) -> None:
    assert all(not style.link for line in html_lines(f"<a href='{target}'>x</a>")[0] for _text, style in line.spans)


def test_hidden_characters_are_spelled_out() -> None:
    assert texts("<b>a\u202eb</b>") == ["a‹U+202E›b"]


def test_large_source_is_cut_and_said() -> None:
    assert "not shown" in texts("<p>x</p>" * (SOURCE_LIMIT // 4))[-1]


@pytest.mark.parametrize("piece", ["<!--", "<", "<!", "<?", "&#", "<a href='", "</", "<b><i>", "]]>"])
def test_hostile_html_takes_steps_in_proportion_to_its_length(piece: str) -> None:
    counts = []
    for length in (500, 1000):
        steps = 0

        def count(_frame: object, _event: str, _argument: object) -> None:
            nonlocal steps
            steps += 1

        before = sys.getprofile()
        sys.setprofile(count)
        try:
            html_lines((piece * length)[:SOURCE_LIMIT])
        finally:
            sys.setprofile(before)
        counts.append(steps)
    assert counts[1] <= 2.5 * counts[0] + 500


def test_broken_html_is_read_as_far_as_it_goes() -> None:
    assert texts("<b>bold<i>both</b>rest</i><table><tr><td>cell") != []
    assert texts("<" * 1000) != [""]
