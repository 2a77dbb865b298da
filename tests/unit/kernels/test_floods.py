"""Long lines are folded, floods held back, and it is always said."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ide.core.outputs import Cut, Stream
from ide.kernels.floods import LineFolder, RunFlood
from ide.kernels.records import Limits


@given(st.lists(st.text(alphabet="ab\n", max_size=30), max_size=20))
def test_text_within_the_limits_is_untouched(pieces: list[str]) -> None:
    flood = RunFlood(Limits(line_characters=1000))
    assert "".join(flood.take("stdout", piece)[0] for piece in pieces) == "".join(pieces)
    assert flood.finish() == ()


@given(st.lists(st.text(alphabet="abc\n", max_size=60), max_size=20), st.integers(1, 20))
def test_folded_lines_do_not_depend_on_how_the_text_was_cut(pieces: list[str], limit: int) -> None:
    folder, whole = LineFolder(limit), LineFolder(limit)
    in_pieces = "".join(folder.fold(piece)[0] for piece in pieces) + folder.finish()[0]
    at_once = whole.fold("".join(pieces))[0] + whole.finish()[0]
    assert in_pieces == at_once
    for line, shown in zip("".join(pieces).split("\n"), at_once.split("\n"), strict=True):
        assert shown == (line if len(line) <= limit else f"{line[:limit]} ... {len(line) - limit:,} more characters")


def test_line_that_ends_much_later_is_marked_once() -> None:
    flood = RunFlood(Limits(line_characters=10))
    shown = [flood.take("stdout", "x" * 8)[0] for _ in range(5)]
    text, outputs = flood.take("stdout", "\nnext")
    assert "".join(shown) == "x" * 10
    assert text == " ... 30 more characters\nnext"
    assert outputs == (Stream("stdout", text), Cut("30 characters of long lines are folded."))


def test_two_streams_fold_apart() -> None:
    flood = RunFlood(Limits(line_characters=5))
    assert flood.take("stdout", "aaaa")[0] == "aaaa"
    assert flood.take("stderr", "bbbb")[0] == "bbbb"
    assert flood.take("stdout", "aaaa")[0] == "a"


def test_lines_past_the_limit_are_held_back_and_the_end_is_shown() -> None:
    flood = RunFlood(Limits(run_lines=3, tail_characters=6))
    text, outputs = flood.take("stdout", "1\n2\n3\n4\n5\n")
    assert text == "1\n2\n3\n"
    assert [type(output) for output in outputs] == [Stream, Cut]
    assert flood.take("stdout", "6\n7\n8\n9\n") == ("", ())
    shown = flood.finish()
    assert shown[0] == ("stdout", "\n... 6 characters are not shown ...\n")
    assert "".join(text for _, text in shown[1:]).endswith("9\n")
    assert flood.take("stdout", "fresh\n")[0] == "fresh\n"


def test_characters_past_the_limit_are_held_back_in_bounded_memory() -> None:
    flood = RunFlood(Limits(run_characters=1000, tail_characters=5000, line_characters=10**9))
    for _ in range(2000):
        flood.take("stdout", "y" * 999)
    assert flood._tail_characters <= 15_000
    assert len(flood.finish()[-1][1]) <= 8192


def test_progress_bars_keep_their_last_states() -> None:
    folder = LineFolder(100)
    text, left_out = folder.fold("start " + "".join(f"\r{number:3} %" for number in range(1000)) + "\n")
    assert text.startswith("start \r")
    assert text.endswith("\r999 %\n")
    assert len(text) < 60
    assert left_out == 0
