"""Text in memory: the buffer, line endings, encodings; every one against a plain model or byte for byte."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ide.core.text import Edit
from ide.documents import encoding as encodings
from ide.documents import line_endings, text_buffer
from ide.documents.encoding import BinaryFileError, Encoding, WrongEncodingError
from ide.documents.line_endings import LineEndings
from ide.documents.text_buffer import TextBuffer, smallest_edit

TEXTS = st.text(alphabet=st.sampled_from("ab\n\u00e9\U0001f600 "), max_size=60)
EDITS = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 0.4), TEXTS), max_size=12)


def make_edit(length: int, where: float, share: float, inserted: str) -> Edit:
    start = int(where * length)
    return Edit(start, int(share * (length - start)), inserted)


@settings(deadline=None, max_examples=200)
@given(TEXTS, EDITS, st.integers(1, 9))
def test_buffer_equals_plain_edits(text: str, edits: list[tuple[float, float, str]], piece: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_buffer, "_PIECE_LENGTH", piece)
        buffer = TextBuffer(text)
        for numbers in edits:
            edit = make_edit(len(text), *numbers)
            removed = text[edit.start : edit.start + edit.removed_length]
            text = edit.apply(text)
            assert buffer.apply(edit) == removed
            assert len(buffer) == len(text)
            assert buffer.equals(text)
            assert not buffer.equals(text + "x")
            assert all(buffer.line_at(at) == text[:at].count("\n") for at in range(len(text) + 1))
        assert "".join(buffer.pieces) == buffer.text == text


@given(TEXTS, TEXTS)
def test_smallest_edit_makes_the_other_text(before: str, after: str) -> None:
    edit = smallest_edit(before, after)
    assert (edit.apply(before) if edit else before) == after


def test_smallest_edit_touches_only_what_differs() -> None:
    before = "x" * 10_000 + "old" + "y" * 10_000
    assert smallest_edit(before, before.replace("old", "new!")) == Edit(10_000, 3, "new!")


@pytest.mark.parametrize(("start", "length"), [(-1, 0), (0, 6), (6, 0), (2, -1)])
def test_edit_outside_the_text_is_refused(start: int, length: int) -> None:
    buffer = TextBuffer("12345")
    with pytest.raises(ValueError, match="edit of"):
        buffer.apply(Edit(start, length, ""))
    assert buffer.text == "12345"


def test_key_press_in_a_long_file_copies_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = TextBuffer("x = 12345\n" * 100_000)
    cut: list[str] = []
    monkeypatch.setattr(text_buffer, "_cut", cut.append)
    for _ in range(100):
        buffer.apply(Edit(500_000, 0, "a"))
    assert cut == []


# -- line endings ---------------------------------------------------------------------------------------------------

FILES = st.lists(st.tuples(st.text(alphabet="ab\x0b\x0c\x85\u2028", max_size=5), st.sampled_from(["\n", "\r\n", "\r"])))


@given(FILES, st.booleans())
def test_endings_come_back_byte_for_byte(lines: list[tuple[str, str]], has_end: bool) -> None:
    file = "".join(text + ending for text, ending in lines) + ("" if has_end else "last")
    text, endings = line_endings.split(file)
    assert "\r" not in text
    assert line_endings.join(text, endings) == file


@settings(deadline=None)
@given(FILES, st.floats(0, 1), st.floats(0, 0.4), TEXTS)
def test_untouched_lines_keep_their_endings(
    lines: list[tuple[str, str]], where: float, share: float, inserted: str
) -> None:
    text, endings = line_endings.split("".join(text + ending for text, ending in lines))
    edit = make_edit(len(text), where, share, inserted)
    first, last = text[: edit.start], text[edit.start + edit.removed_length :]
    before = list(endings.each or endings.usual * 0)
    buffer = TextBuffer(text)
    line = buffer.line_at(edit.start)
    endings.follow(edit, buffer.apply(edit), line)
    line_endings.join(buffer.text, endings)  # raises where the counts do not fit
    if endings.each is not None:
        assert list(endings.each[: first.count("\n")]) == before[: first.count("\n")]
        tail = last.count("\n")
        assert not tail or list(endings.each[-tail:]) == before[-tail:]


def test_new_lines_get_the_usual_ending() -> None:
    text, endings = line_endings.split("a\r\nb\nc\r\n")
    assert (endings.usual, endings.is_mixed) == ("\r\n", True)
    edit = Edit(1, 0, "\nnew")
    endings.follow(edit, "", 0)
    assert line_endings.join(edit.apply(text), endings) == "a\r\nnew\r\nb\nc\r\n"


def test_wrong_number_of_endings_is_an_error_not_a_shorter_file() -> None:
    with pytest.raises(ValueError, match="2 line endings for 1"):
        line_endings.join("a\nb", LineEndings("\n", bytearray(b"nn")))


# -- encodings ------------------------------------------------------------------------------------------------------

SAMPLES = [
    (codecs.BOM_UTF8 + "é".encode(), Encoding("utf-8", has_bom=True)),
    (codecs.BOM_UTF16_LE + "é\r\n".encode("utf-16-le"), Encoding("utf-16-le", has_bom=True)),
    (codecs.BOM_UTF16_BE + "é".encode("utf-16-be"), Encoding("utf-16-be", has_bom=True)),
    (codecs.BOM_UTF32_LE + "é".encode("utf-32-le"), Encoding("utf-32-le", has_bom=True)),
    (codecs.BOM_UTF32_BE + "é".encode("utf-32-be"), Encoding("utf-32-be", has_bom=True)),
    ("é".encode(), Encoding("utf-8")),
    (b"", Encoding("utf-8")),
    (codecs.BOM_UTF8, Encoding("utf-8", has_bom=True)),
    (b"# -*- coding: latin-1 -*-\nx = '\xe9'\n", Encoding("iso8859-1", is_declared=True)),
    (b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n\x80", Encoding("cp1252", is_declared=True)),
    (b"# coding: nonsense\nx = 1\n", Encoding("utf-8")),
    (b"# coding: rot13\nx = 1\n", Encoding("utf-8")),
    (b"x = 1\n# coding: latin-1\n\xc3\xa9", Encoding("utf-8")),
]


@pytest.mark.parametrize(("data", "encoding"), SAMPLES)
def test_encoding_is_found_and_kept_byte_for_byte(data: bytes, encoding: Encoding) -> None:
    text, found = encodings.decode(data)
    assert found == encoding
    assert encodings.encode(text, found) == data


@settings(deadline=None)
@given(st.binary(max_size=80))
def test_decoding_loses_nothing_or_refuses(data: bytes) -> None:
    try:
        text, encoding = encodings.decode(data)
    except (WrongEncodingError, BinaryFileError):
        return
    plain, endings = line_endings.split(text)
    assert encodings.encode(line_endings.join(plain, endings), encoding) == data


def test_not_utf8_offers_latin1_and_never_takes_it() -> None:
    with pytest.raises(WrongEncodingError) as caught:
        encodings.decode(b"caf\xe9\n", name="a.py")
    assert caught.value.action == "document.open_with_encoding"
    assert caught.value.action_arguments["encoding"] == "latin-1"
    assert encodings.decode(b"caf\xe9\n", "latin-1") == ("café\n", Encoding("iso8859-1"))


def test_utf16_without_mark_is_offered() -> None:
    with pytest.raises(WrongEncodingError) as caught:
        encodings.decode("print(1)\n".encode("utf-16-le"))
    assert caught.value.action_arguments["encoding"] == "utf-16-le"


def test_binary_is_refused() -> None:
    with pytest.raises(BinaryFileError):
        encodings.decode(b"\x7fELF\x02\x01\x01\0\0\0\xff\xfe\0")


def test_character_that_the_encoding_lacks_is_told() -> None:
    with pytest.raises(WrongEncodingError, match="cannot be saved as iso8859-1: '€'") as caught:
        encodings.encode("price: €", Encoding("iso8859-1"))
    assert caught.value.action == "document.save_as_utf8"


def test_changed_declaration_is_followed() -> None:
    assert (
        encodings.encode("# coding: utf-8\né", Encoding("iso8859-1", is_declared=True)) == "# coding: utf-8\né".encode()
    )


def test_half_a_character_is_told_not_lost() -> None:
    with pytest.raises(WrongEncodingError):
        encodings.encode("a\ud800", Encoding())
