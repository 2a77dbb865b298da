"""Values, errors and links as lines."""

from __future__ import annotations

import base64

from ide.core.language import TraceLink
from ide.panes.console.lines import parse_link
from ide.panes.console.render import (
    bundle_lines,
    error_lines,
    kept_note,
    picture_of,
    skipped_note,
    value_lines,
    with_urls,
)


def test_value_of_one_line_stands_behind_its_prompt() -> None:
    assert [each.text for each in value_lines(3, {"text/plain": "42"})] == ["Out[3]: 42"]


def test_value_of_several_lines_begins_below() -> None:
    assert [each.text for each in value_lines(3, {"text/plain": "a\nb"})] == ["Out[3]: ", "a", "b"]


def test_plain_text_is_preferred_unless_it_says_nothing() -> None:
    assert bundle_lines({"text/plain": "df", "text/html": "<b>x</b>"})[0].text == "df"
    nothing = {"text/plain": "<IPython.core.display.HTML object>", "text/html": "<b>x</b>"}
    assert bundle_lines(nothing)[0].text == "x"


def test_unknown_object_is_named() -> None:
    assert "application/x-thing" in bundle_lines({"application/x-thing": {}})[0].text


def test_places_of_a_traceback_are_links_across_colours() -> None:
    def places(text: str) -> list[TraceLink]:
        first = text.index("a.py")
        return [TraceLink(first, first + len("a.py:7"), "/p/a.py", 7)]

    lines = error_lines("E", "x", ["\x1b[31mFile \x1b[32ma.py\x1b[0m:7\x1b[0m in f", "E: x"], places)
    assert [each.text for each in lines] == ["File a.py:7 in f", "E: x"]
    linked = [(text, style.link) for text, style in lines[0].spans if style.link]
    assert "".join(text for text, _link in linked) == "a.py:7"
    assert {parse_link(link) for _text, link in linked} == {("place", "/p/a.py", 7)}


def test_error_without_traceback_still_says_what() -> None:
    assert error_lines("ValueError", "bad", [], None)[0].text == "ValueError: bad"


def test_addresses_are_links_without_the_full_stop() -> None:
    linked = with_urls("see https://a.example/x. ok")
    assert not isinstance(linked, str)
    assert [text for text, style in linked.spans if style.link] == ["https://a.example/x"]
    assert with_urls("no address") == "no address"


def test_path_with_colons_survives_as_link_target() -> None:
    assert parse_link("place:12:C:\\a b\\c.py") == ("place", "C:\\a b\\c.py", 12)


def test_notes_of_floods_name_numbers_and_the_way_to_all() -> None:
    for note in (skipped_note("run1", 12_345), kept_note("run1", 100_000, 10_000)):
        assert parse_link(note.spans[-1][1].link) == ("full", "run1", 0)
    assert "12\u202f345" in skipped_note("run1", 12_345).text


def test_damaged_picture_is_no_picture() -> None:
    assert picture_of({"image/png": "abc"}) is None
    assert picture_of({"image/png": 5}) is None
    good = picture_of({"image/png": base64.b64encode(b"data").decode()})
    assert good is not None
    assert good.data == b"data"
