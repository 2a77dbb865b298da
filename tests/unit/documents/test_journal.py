"""The journal: what is replayed is what was typed; damage costs no more than what comes after it."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from ide.core.errors import DocumentError
from ide.core.text import Edit
from ide.documents import journal as journals_module
from ide.documents import journal_format as form
from ide.documents import line_endings
from ide.documents.journal import Journal
from ide.documents.journal_format import Encoder, Head, View
from ide.documents.recovery import find_left_behind
from ide.documents.text_buffer import TextBuffer
from tests.unit.documents.desk import Window
from tests.unit.documents.test_text import EDITS, FILES, make_edit

HEAD = Head("k1", path="", title="Untitled 1", language="python")


def quiet(*_: object) -> None:
    return None


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path, quiet, quiet)
    yield journal
    assert journal.close(20)


def typed(count: int) -> bytes:
    """A journal with a text and `count` edits, one letter each."""
    encoder = Encoder()
    records = [
        encoder.record(form.HEAD, form.json_payload({"version": 1, **HEAD.fields()})),
        encoder.record(form.TEXT, form.text_payload(["start\n"])),
    ]
    records += [encoder.record(form.EDIT, form.edit_payload(Edit(n, 0, "x"))) for n in range(count)]
    return b"".join(records)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FILES, EDITS)
def test_replay_equals_what_was_typed(
    journal: Journal, lines: list[tuple[str, str]], edits: list[tuple[float, float, str]]
) -> None:
    text, endings = line_endings.split("".join(text + ending for text, ending in lines) + "\ud800")
    head = Head("k1", line_ending=endings.usual)
    journal.begin(head, (text,), bytes(endings.each) if endings.each is not None else None, View(1, 2, 3))
    buffer = TextBuffer(text)
    for numbers in edits:
        edit = make_edit(len(buffer), *numbers)
        line = buffer.line_at(edit.start)
        endings.follow(edit, buffer.apply(edit), line)
        journal.edit("k1", edit)
    assert journal.flush(20)
    state = form.replay((journal.folder / "k1.journal").read_bytes())
    assert state is not None
    assert (state.text, state.head, state.view, state.is_damaged) == (buffer.text, head, View(1, 2, 3), False)
    assert state.endings == (bytes(endings.each) if endings.each is not None else None)


def test_cut_anywhere_gives_the_valid_prefix() -> None:
    data = typed(30)
    lengths = set()
    for cut in range(len(data)):
        state = form.replay(data[:cut])
        if state is None or state.text is None:
            assert cut < data.index(b"start\n") + 7
            continue
        count = len(state.text) - len("start\n")
        assert state.text == "x" * count + "start\n"
        assert state.is_damaged == (cut != state.valid_bytes)
        lengths.add(count)
    assert lengths == set(range(30))


def test_flipped_bit_anywhere_invents_nothing() -> None:
    data = typed(12)
    for at in range(len(data)):
        for bit in (0, 3, 7):
            bad = bytearray(data)
            bad[at] ^= 1 << bit
            state = form.replay(bytes(bad))
            if state is not None and state.text is not None:
                count = len(state.text) - len("start\n")
                assert state.text == "x" * count + "start\n"
                assert state.is_damaged


@pytest.mark.parametrize(
    "spoil",
    [
        lambda records: [*records[:5], *records[6:]],
        lambda records: [*records[:5], records[4], *records[5:]],
        lambda records: [*records[:4], records[5], records[4], *records[6:]],
    ],
    ids=["missing", "doubled", "swapped"],
)
def test_record_out_of_order_ends_the_valid_part(spoil: Callable[[list[bytes]], list[bytes]]) -> None:
    encoder = Encoder()
    records = [encoder.record(form.HEAD, form.json_payload(HEAD.fields())), encoder.record(form.TEXT, b"start\n")]
    records += [encoder.record(form.EDIT, form.edit_payload(Edit(0, 0, str(n)))) for n in range(8)]
    state = form.replay(b"".join(spoil(records)))
    assert state is not None
    assert state.is_damaged
    assert state.text in ("10start\n", "210start\n")


def test_unknown_record_is_passed_over() -> None:
    encoder = Encoder()
    records = [encoder.record(form.HEAD, form.json_payload(HEAD.fields())), encoder.record(form.TEXT, b"a")]
    state = form.replay(
        b"".join([*records, encoder.record("Z", b"of a later version"), encoder.record("e", b'[1,0,"b"]')])
    )
    assert state is not None
    assert (state.text, state.is_damaged) == ("ab", False)


def test_files_are_for_the_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        window = Window(tmp_path / "profile" / "journal")
        window.documents.new(text="secret")
        window.flush()
    finally:
        os.umask(before)
    for path in (tmp_path / "profile" / "journal").rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path
    window.close()


def test_long_journal_begins_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(journals_module, "_COMPACT_ABOVE_BYTES", 2000)
    window = Window(tmp_path / "journal")
    document = window.documents.new()
    for _ in range(30):
        for _ in range(20):
            document.apply(Edit(len(document), 0, "x"))
        window.flush()
    (path,) = window.documents.journal.folder.glob("*.journal")
    assert path.stat().st_size < 6000
    state = form.replay(path.read_bytes())
    assert state is not None
    assert state.text == "x" * 600
    window.close()


def test_journal_that_cannot_be_written_is_told_once_and_begins_anew(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("ide.documents.safekeeping._AGAIN_S", 0.02)
    window = Window(tmp_path / "journal")
    document = window.documents.new()
    window.flush()
    is_full = True

    def write_all(descriptor: int, data: bytes) -> None:
        if is_full:
            os.write(descriptor, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")
        os.write(descriptor, data)

    monkeypatch.setattr(journals_module, "write_all", write_all)
    document.apply(Edit(0, 0, "precious"))
    window.desk.run_until(lambda: window.told)
    for _ in range(3):
        document.apply(Edit(0, 0, "more "))
        window.flush()
    is_full = False
    window.desk.run_until(lambda: not window.documents._keeping.is_in_trouble)
    document.apply(Edit(0, 0, "and "))
    assert [error.happened for error in window.told] == ["What you type cannot be kept safe just now."]
    window.vanish()
    again = Window(tmp_path / "journal")
    assert [each.text for each in again.restore().documents] == ["and more more more precious"]
    again.close()


BAD = {
    "empty": b"",
    "nul": b"\0" * 5000,
    "text": b"hello\n" * 100,
    "huge length": b"00000000 1 99999999999 h\n",
    "negative length": b"00000000 1 -5 h\nabcde\n",
    "no head": Encoder().record(form.EDIT, b'[0,0,"x"]'),
    "head of wrong type": Encoder().record(form.HEAD, b"[1,2]"),
    "head without key": Encoder().record(form.HEAD, b"{}"),
    "deep": Encoder().record(form.HEAD, b"[" * 100_000),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_journal_is_kept_and_said_once(tmp_path: Path, kind: str) -> None:
    first = Window(tmp_path / "journal")
    good = first.documents.new(text="good")
    first.flush()
    (first.documents.journal.folder / "bad0.journal").write_bytes(BAD[kind])
    first.vanish()
    second = Window(tmp_path / "journal")
    restored = second.restore()
    assert [each.key for each in restored.documents] == [good.key]
    assert len(restored.problems) == 1
    second.flush()
    second.close()
    third = Window(tmp_path / "journal")
    assert third.restore().problems == ()
    third.close()
    kept = [path.read_bytes() for path in (tmp_path / "journal").rglob("*.bad")]
    assert kept == [BAD[kind]]


def test_damaged_journal_gives_its_prefix_and_is_kept(tmp_path: Path) -> None:
    first = Window(tmp_path / "journal")
    document = first.documents.new(text="typed")
    first.flush()
    document.apply(Edit(5, 0, " and lost"))
    first.vanish()
    (path,) = (tmp_path / "journal").rglob("*.journal")
    data = path.read_bytes().replace(b"and lost", b"and l0st")
    path.write_bytes(data)
    second = Window(tmp_path / "journal")
    restored = second.restore()
    assert [each.text for each in restored.documents] == ["typed"]
    assert ["Untitled 1" in problem for problem in restored.problems] == [True]
    second.close()


def test_journal_of_a_newer_version_is_left_for_it(tmp_path: Path) -> None:
    first = Window(tmp_path / "journal")
    record = Encoder().record(form.HEAD, form.json_payload({"version": 99, "key": "k9"}))
    (first.documents.journal.folder / "k9.journal").write_bytes(record)
    first.vanish()
    for _ in range(3):
        window = Window(tmp_path / "journal")
        restored = window.restore()
        assert restored.documents == ()
        assert ["newer version" in problem for problem in restored.problems] == [True]
        window.vanish()
    assert [path.read_bytes() for path in (tmp_path / "journal").rglob("k9.journal")] == [record]


def test_beginning_that_never_came_into_place_is_used(tmp_path: Path) -> None:
    (tmp_path / "k1.journal").write_bytes(typed(1))
    (tmp_path / "k1.new").write_bytes(b"half")
    assert [document.text for document in find_left_behind((tmp_path,), None).documents] == ["xstart\n"]
    (tmp_path / "k1.journal").unlink()
    (tmp_path / "k1.new").write_bytes(typed(3))
    found = find_left_behind((tmp_path,), None)
    assert [document.text for document in found.documents] == ["xxxstart\n"]
    assert found.problems == ()


def test_no_error_of_the_journal_stops_an_edit(tmp_path: Path) -> None:
    window = Window(tmp_path / "journal")
    document = window.documents.new()
    window.flush()
    (window.documents.journal.folder).chmod(0o500)
    document.apply(Edit(0, 0, "x"))
    assert document.text == "x"
    (window.documents.journal.folder).chmod(0o700)
    window.close()


def test_profile_that_cannot_be_used_gives_way_to_a_temporary_one(tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("a file where the folder should be")
    window = Window(tmp_path / "journal")
    window.documents.new(text="typed all the same")
    assert any("Safety copies" in problem for problem in window.restore().problems)
    window.flush()
    assert list(window.documents.journal.folder.glob("*.journal"))
    window.close()


def test_document_error_has_three_lines_and_an_action() -> None:
    from ide.documents.safekeeping import _no_journal

    error = _no_journal(Path("/x/w-1"), OSError(errno.ENOSPC, "No space left"))
    assert isinstance(error, DocumentError)
    assert len(error.text.splitlines()) == 3
    assert error.action
