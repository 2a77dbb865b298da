"""What waits is in order and bounded; what was left out is counted exactly."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ide.panes.console.feed import PIECE_LINES, Feed, Shown, Skipped, Text
from ide.panes.console.lines import ERROR, PLAIN


def drained(feed: Feed) -> list[object]:
    found: list[object] = []
    while (item := feed.next()) is not None:
        if isinstance(item, Text) and found and isinstance(last := found[-1], tuple) and last[1] is item.style:
            found[-1] = (last[0] + item.text, item.style)
        elif isinstance(item, Text):
            found.append((item.text, item.style))
        elif isinstance(item, Skipped):
            found.append(item.lines)
        elif isinstance(item, Shown):
            item.act()
            found.append("shown")
        else:
            item()
            found.append("act")
    return found


def test_text_and_acts_come_in_order() -> None:
    feed = Feed(1000)
    feed.add_text("r", "a\n", PLAIN)
    feed.add_text("r", "e\n", ERROR)
    feed.add(lambda: None)
    feed.add_text("r", "b\n", PLAIN)
    assert drained(feed) == [("a\n", PLAIN), ("e\n", ERROR), "act", ("b\n", PLAIN)]


def test_flood_keeps_the_end_and_counts_the_rest() -> None:
    feed = Feed(100)
    for start in range(0, 10_000, 50):
        feed.add_text("r", "".join(f"{number}\n" for number in range(start, start + 50)), PLAIN)
        assert feed.waiting_lines <= 100
    found = drained(feed)
    assert found == [9900, ("".join(f"{number}\n" for number in range(9900, 10_000)), PLAIN)]


def test_one_huge_message_keeps_its_last_lines() -> None:
    feed = Feed(10)
    feed.add_text("r", "\n".join(map(str, range(1000))) + "\nopen", PLAIN)
    assert drained(feed) == [990, ("".join(f"{number}\n" for number in range(990, 1000)) + "open", PLAIN)]


def test_acts_survive_a_flood() -> None:
    feed = Feed(10)
    for number in range(50):
        feed.add_text("r", f"{number}\n" * 5, PLAIN)
        feed.add(lambda: None)
    found = drained(feed)
    assert found.count("act") == 50
    assert sum(item for item in found if isinstance(item, int)) == 240


def test_clearing_drops_only_text_of_that_run() -> None:
    feed = Feed(1000)
    feed.add_text("one", "a\n", PLAIN)
    feed.add_text("two", "b\n", PLAIN)
    feed.drop_output("one")
    assert drained(feed) == [("b\n", PLAIN)]
    assert feed.waiting_lines == 0


def test_pieces_are_small() -> None:
    feed = Feed(100_000)
    feed.add_text("r", "x\n" * 50_000, PLAIN)
    while (item := feed.next()) is not None:
        assert isinstance(item, Text)
        assert item.breaks <= PIECE_LINES


@given(st.lists(st.text(alphabet="a\n", min_size=1, max_size=30), max_size=30), st.integers(1, 20))
def test_nothing_is_lost_but_what_is_counted(texts: list[str], limit: int) -> None:
    feed = Feed(limit)
    for text in texts:
        feed.add_text("r", text, PLAIN)
    found = drained(feed)
    skipped = sum(item for item in found if isinstance(item, int))
    kept = "".join(item[0] for item in found if isinstance(item, tuple))
    whole = "".join(texts)
    assert skipped + kept.count("\n") == whole.count("\n")
    assert whole.endswith(kept)
    assert kept.count("\n") <= limit
