"""Which form of a bundle is shown, and its data."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from ide.widgets.rich.form import Choice, DamagedData, as_bytes, as_text, choose, says_little, size_words

AUDIO = '<audio controls><source src="data:audio/wav;base64,UklGRg==" type="audio/wav" /></audio>'


@pytest.mark.parametrize(
    ("bundle", "form", "mime"),
    [
        ({"text/plain": "a", "image/png": "b", "image/svg+xml": "c"}, "svg", "image/svg+xml"),
        ({"text/plain": "a", "image/gif": "b"}, "raster", "image/gif"),
        ({"text/plain": "a", "text/html": "<b>a</b>", "text/latex": "a"}, "html", "text/html"),
        ({"text/plain": "a", "text/html": "<script>1</script>"}, "text", "text/plain"),
        ({"text/plain": "a", "text/markdown": "*a*", "text/latex": "a"}, "markdown", "text/markdown"),
        ({"text/plain": "a", "text/latex": "$a$"}, "formula", "text/latex"),
        ({"application/json": {"a": 1}}, "json", "application/json"),
        ({"application/geo+json": {"a": 1}}, "json", "application/geo+json"),
        ({"application/pdf": "", "image/png": "b"}, "pdf", "application/pdf"),
        ({"audio/mpeg": "b"}, "sound", "audio/mpeg"),
        ({"text/html": AUDIO}, "sound", "audio/wav"),
        ({"text/html": "<video><source src='data:video/mp4;base64,YQ=='></video>"}, "video", "video/mp4"),
        ({"application/vnd.x+json": {}}, "none", "application/vnd.x+json"),
        ({}, "none", ""),
    ],
)
def test_form_is_the_one_that_says_most(bundle: dict[str, Any], form: str, mime: str) -> None:
    choice = choose(bundle)
    assert (choice.form, choice.mime) == (form, mime)


def test_data_come_out_of_base64_html_and_text() -> None:
    assert as_bytes({"text/html": AUDIO}, choose({"text/html": AUDIO})) == base64.b64decode("UklGRg==")
    assert as_bytes({"image/svg+xml": ["<svg>", "</svg>"]}, Choice("svg", "image/svg+xml")) == b"<svg></svg>"
    with pytest.raises(DamagedData, match="damaged"):
        as_bytes({"image/png": "a"}, Choice("raster", "image/png"))


def test_lines_are_joined_and_json_is_written() -> None:
    assert as_text(["a\n", "b"]) == "a\nb"
    assert as_text({"ä": 1}) == '{\n  "ä": 1\n}'


def test_name_of_an_object_says_little() -> None:
    assert says_little("<IPython.core.display.HTML object>")
    assert says_little("<a.B object at 0x7f00>")
    assert not says_little("  a\n0 1")


def test_sizes_have_units() -> None:
    assert [size_words(count) for count in (12, 3_400, 1_200_000)] == ["12 bytes", "3.4 kB", "1.2 MB"]
