"""What is taken for a progress bar, and what is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ide.core.bars import READ_CHARACTERS, BarReader, bar_parts


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("\r 42%|████▏     | 42/100 [00:01<00:02, 25.0it/s]", 0.42),
        ("\rloss 0.5:   7%|▋         | 7/100", 0.07),
        ("\r  |                    |   0%\r  |=====               |  25%", 0.25),
        ("\r\x1b[K■■■■■■■            20% | ETA:  4s", 0.20),
        ("\x1b[2KWorking... ━━━━━━  33.5% 0:00:04", 0.335),
        ("\r 10%|█  | loss=3%", 0.10),
        ("\r100%|██████████| 9/9 [00:00<00:00]\n", 1.0),
        ("\r250%|", 1.0),
    ],
)
def test_share_of_a_bar(text: str, share: float) -> None:
    assert BarReader().read(text) == pytest.approx(share)


@pytest.mark.parametrize(
    "text",
    ["", "accuracy 95%\n", "95%", "a\r\naccuracy 95%\n", "\rEpoch 3", "\r1.234%x"[:5], "\r12345%", "=====|====="],
)
def test_no_bar(text: str) -> None:
    assert BarReader().read(text) is None


def test_newest_state_counts() -> None:
    reader = BarReader()
    assert [reader.read(f"\r{percent:3d}%|") for percent in (0, 50, 100)] == [0, 0.5, 1]


@given(st.integers(0, 100), st.integers(1, 12))
def test_cuts_do_not_matter(percent: int, length: int) -> None:
    text = f"\x1b[2K\r{percent:3d}%|██        | {percent}/100"
    reader = BarReader()
    found = [reader.read(text[at : at + length]) for at in range(0, len(text), length)]
    assert [share for share in found if share is not None] == [percent / 100]


def test_of_nested_bars_the_outer_one_counts() -> None:
    reader = BarReader()
    found = []
    for outer in (0, 50, 100):
        found.append(reader.read(f"\r{outer:3d}%|outer"))
        found += [reader.read(f"\n\r{inner:3d}%|inner\x1b[A") for inner in (0, 40, 90, 100)][:3]
    assert found == [0, None, None, None, 0.5, None, None, None, 1, 0, 0.4, 0.9]


def test_nested_bar_that_ends_in_the_place_of_the_outer_one_is_not_the_progress() -> None:
    """tqdm leaves the inner bar there and draws the outer one a line below."""
    reader = BarReader()
    found = []
    for outer in (25, 50):
        found += [reader.read(f"\n\rinner: {inner:3d}%|\x1b[A") for inner in (0, 50)]
        found.append(reader.read(f"\rinner: 100%|\n\router: {outer}%|"))
    assert found == [0, 0.5, 0.25, None, None, 0.5]


def test_bar_after_one_that_was_given_up_counts() -> None:
    reader = BarReader()
    assert reader.read("\r 57%|first\n") == 0.57
    reader.read("\r  0%|second")
    assert reader.read("\r  1%|second") == 0.01


def test_bar_after_a_whole_one_counts_at_once() -> None:
    reader = BarReader()
    reader.read("\r100%|first\n")
    assert reader.read("\r  3%|second") == 0.03


def test_only_the_end_of_a_flood_is_read() -> None:
    assert BarReader().read("\r 10%|" + "x" * READ_CHARACTERS) is None
    assert BarReader().read("\r1%" * READ_CHARACTERS + "\r 10%|") == 0.1


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Warning: x\n", [("Warning: x\n", False)]),
        ("Warning: x\r\n", [("Warning: x\r\n", False)]),
        ("\r 1%|\n\r 2%|\x1b[A", [("\r 1%|\n\r 2%|\x1b[A", True)]),
        ("\r 1%|\nWarning: x\ny\n\r 2%|", [("\r 1%|\n", True), ("Warning: x\ny\n", False), ("\r 2%|", True)]),
    ],
)
def test_bars_are_told_from_warnings(text: str, parts: list[tuple[str, bool]]) -> None:
    assert bar_parts(text) == parts
