"""Spool and live socket as one stream: each message once, in order, however the two run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ide.kernels.feed import Feed
from ide.kernels.spool import MESSAGE, SpoolReader, SpoolRecord, message_id
from tests.unit.kernels.test_spool import raw


@dataclass
class FakeReader(SpoolReader):
    """A spool in memory."""

    written: list[SpoolRecord] = field(default_factory=list)
    place: int = 0

    def __post_init__(self) -> None:
        super().__init__(Path())

    def read(self, limit_bytes: int = 3) -> list[SpoolRecord]:
        """The next few records."""
        found = self.written[self.place : self.place + limit_bytes]
        self.place += len(found)
        return found

    def rewind(self) -> None:
        """Begin again."""
        self.place = 0

    def write(self, number: int) -> None:
        """The keeper spools a message."""
        self.written.append(SpoolRecord(MESSAGE, 0.0, tuple(raw(number))))

    def write_event(self, name: str) -> None:
        """The keeper spools an event of its own."""
        self.written.append(SpoolRecord(3, 0.0, (b'{"event": "%s"}' % name.encode(),)))


class Scene:
    """A kernel, a keeper that lags, a window that connects late, and a feed between them."""

    def __init__(self) -> None:
        self.reader = FakeReader()
        self.feed = Feed(self.reader)
        self.handed_on: list[int] = []
        self.sent = 0
        self.spooled = 0
        self.on_the_way: list[int] = []
        self.is_connected = False

    def send(self) -> None:
        """The kernel publishes."""
        if self.is_connected:
            self.on_the_way.append(self.sent)
        self.sent += 1

    def spool(self) -> None:
        """The keeper writes one message, if it has one."""
        if self.spooled < self.sent:
            self.reader.write(self.spooled)
            self.spooled += 1

    def receive(self) -> None:
        """One live message arrives."""
        if self.on_the_way:
            self._take(self.feed.take_live(raw(self.on_the_way.pop(0))))

    def read(self) -> None:
        """The window reads the spool, as long as it is not live."""
        if not self.feed.is_live:
            batch = self.feed.take_spool(3)
            self._take(record.frames for record in batch.records if record.kind == MESSAGE)
            self._take(batch.held)

    def finish(self) -> list[int]:
        """Everything arrives and is read."""
        while self.spooled < self.sent:
            self.spool()
        for _ in range(2 * self.sent + 10):
            self.receive()
            self.read()
        return self.handed_on

    def _take(self, messages: Iterator[tuple[bytes, ...]] | list[list[bytes]] | tuple[list[bytes], ...]) -> None:
        self.handed_on += [int(message_id(frames)[1:]) for frames in messages]


STEPS = st.lists(
    st.sampled_from(["send", "send", "spool", "spool", "receive", "read", "connect", "fall_back"]), max_size=200
)


@settings(max_examples=400, deadline=None)
@given(STEPS)
def test_each_message_is_handed_on_once_and_in_order(steps: list[str]) -> None:
    scene = Scene()
    for step in steps:
        if step == "connect":
            scene.is_connected = True
        elif step == "fall_back":
            scene.feed.fall_back()
        else:
            getattr(scene, step)()
    scene.is_connected = True
    assert scene.finish() == list(range(scene.sent))


def live_scene(count: int) -> Scene:
    """A window that lives on the socket and has handed on `count` messages."""
    scene = Scene()
    scene.is_connected = True
    for _ in range(count):
        scene.send()
        scene.spool()
        scene.read()
        scene.receive()
    assert scene.feed.is_live
    assert scene.handed_on == list(range(count))
    return scene


def test_held_messages_are_bounded_by_what_the_spool_has() -> None:
    scene = live_scene(3)
    scene.feed.fall_back()
    for number in range(3, 60_000):
        scene.feed.take_live([*raw(number)[:-1], b"x" * 500])
    assert scene.feed._held_bytes <= (4 << 20) + 1000
    for number in range(3, 60_000):
        scene.reader.write(number)
    while not scene.feed.is_live:
        scene.read()
    assert scene.handed_on == list(range(60_000))


def test_gap_of_a_keeper_that_died_is_bridged() -> None:
    """Live messages 3 and 4 came while no keeper was there; then the window falls back."""
    scene = live_scene(3)
    for number in (3, 4):
        scene._take(scene.feed.take_live(raw(number)))
    scene.reader.write_event("adopted")
    for number in (5, 6):
        scene.reader.write(number)
    scene.feed.fall_back()
    while not scene.feed.take_spool(3).is_end:
        pass
    batch = scene.feed.stop_skipping()
    scene._take([list(record.frames) for record in batch.records if record.kind == MESSAGE])
    assert scene.handed_on == [0, 1, 2, 3, 4, 5, 6]
    assert not batch.was_cut


def test_spool_that_dropped_the_last_painted_message_is_read_from_its_beginning() -> None:
    scene = live_scene(5)
    scene.feed.fall_back()
    scene.reader.written = [SpoolRecord(MESSAGE, 0.0, tuple(raw(number))) for number in (8, 9)]
    scene.reader.place, scene.reader.was_cut = 0, True
    while not scene.feed.take_spool(3).is_end:
        pass
    assert scene.feed.stop_skipping().was_cut
    scene.read()
    assert scene.handed_on == [0, 1, 2, 3, 4, 8, 9]


def test_silent_spool_gives_way_to_what_was_held() -> None:
    scene = live_scene(2)
    scene.feed.fall_back()
    assert scene.feed.take_live(raw(2)) == []
    assert scene.feed.has_held
    scene._take(scene.feed.give_up_spool())
    assert scene.handed_on == [0, 1, 2]
    assert scene.feed.is_live


def test_nonsense_among_messages_makes_none_come_twice() -> None:
    reader = FakeReader()
    feed = Feed(reader)
    nonsense = [b"nonsense"]
    for number in range(3):
        reader.write(number)
        reader.written.append(SpoolRecord(MESSAGE, 0.0, tuple(nonsense)))
    assert len(feed.take_spool(10).records) == 6
    for number in range(3):
        assert feed.take_live(raw(number)) == []
        assert feed.take_live(nonsense) == []
    assert feed.take_live(raw(3)) == [raw(3)]
    assert feed.take_live(nonsense) == [nonsense]
    feed.fall_back()
    for number in (3, 4):
        reader.write(number)
    assert [message_id(record.frames) for record in feed.take_spool(10).records] == [message_id(raw(4))]
