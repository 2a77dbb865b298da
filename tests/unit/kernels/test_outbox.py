"""Batches for the UI thread: bounded, one at a time, in order, adjacent text put together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from ide.core.outputs import Stream
from ide.kernels.items import DoorMessage, Gone, Item
from ide.kernels.outbox import BATCH_BYTES, BATCH_MESSAGES, FRAME_S, Outbox
from ide.kernels.wire import AGENT, USER, Message

Batch = tuple[str, tuple[Item, ...]]


class Bench:
    """An outbox whose UI thread is the test."""

    def __init__(self) -> None:
        self.posted: list[Callable[[], None]] = []
        self.batches: list[Batch] = []
        self.painted: list[str] = []
        self.outbox = Outbox(
            asyncio.get_running_loop(),
            self.posted.append,
            lambda session, items: self.batches.append((session, items)),
            lambda _session, message: self.painted.append(message.id),
        )

    async def run_ui(self, turns: int = 200) -> None:
        """Let both sides run until nothing is left."""
        for _ in range(turns):
            await asyncio.sleep(0.002)
            while self.posted:
                self.posted.pop(0)()


def text(number: int, size: int = 1, parent: str = "run", name: str = "stdout") -> Message:
    """One piece of printed text."""
    words = f"{number} " + "x" * size
    return Message(
        "iopub", "stream", f"m{number}", parent, {"name": name, "text": words},
        outputs=(Stream("stdout", words),), size_bytes=size,
    )  # fmt: skip


def plain(number: int, size: int = 10) -> Message:
    """A message that is not put together with others."""
    return Message("iopub", "display_data", f"m{number}", "run", {}, size_bytes=size)


def test_batches_are_bounded_and_keep_the_order() -> None:
    async def scene() -> Bench:
        bench = Bench()
        for number in range(5000):
            bench.outbox.put_io("s", plain(number))
        bench.outbox.put_io("s", plain(5000, 3 * BATCH_BYTES))
        bench.outbox.put_io("s", Gone())
        await bench.run_ui()
        return bench

    bench = asyncio.run(scene())
    items = [item for _, batch in bench.batches for item in batch]
    assert [item.id for item in items if isinstance(item, Message)] == [f"m{number}" for number in range(5001)]
    assert isinstance(items[-1], Gone)
    assert max(len(batch) for _, batch in bench.batches) <= BATCH_MESSAGES
    for _, batch in bench.batches:
        sizes = [item.size_bytes for item in batch if isinstance(item, Message)]
        assert len(batch) == 1 or sum(sizes) <= BATCH_BYTES
    assert bench.painted[-1] == "m5000"
    assert bench.outbox.waiting_bytes("s") == 0


def test_next_batch_waits_for_the_ui_thread() -> None:
    async def scene() -> None:
        bench = Bench()
        for number in range(5000):
            bench.outbox.put_io("s", plain(number))
        await asyncio.sleep(0.1)
        assert len(bench.posted) == 1
        assert bench.outbox.waiting_bytes("s") > 0
        await bench.run_ui()
        assert bench.outbox.waiting_bytes("s") == 0

    asyncio.run(scene())


def test_adjacent_text_of_one_run_and_stream_is_put_together() -> None:
    async def scene() -> Bench:
        bench = Bench()
        for number in range(100):
            bench.outbox.put_io("s", text(number))
        bench.outbox.put_io("s", text(100, name="stderr"))
        bench.outbox.put_io("s", text(101, parent="another"))
        await bench.run_ui(20)
        return bench

    bench = asyncio.run(scene())
    items = [item for _, batch in bench.batches for item in batch if isinstance(item, Message)]
    assert len(items) == 3
    assert items[0].content["text"] == "".join(f"{number} x" for number in range(100))
    assert items[0].outputs == (Stream("stdout", str(items[0].content["text"])),)
    assert items[0].id == "m99"


def test_error_in_the_ui_thread_does_not_stop_the_flow() -> None:
    async def scene() -> list[str]:
        seen: list[str] = []
        posted: list[Callable[[], None]] = []

        def deliver(_session: str, items: tuple[Item, ...]) -> None:
            seen.extend(item.id for item in items if isinstance(item, Message))
            if len(seen) == 1:
                raise RuntimeError("a listener failed")

        outbox = Outbox(asyncio.get_running_loop(), posted.append, deliver, lambda _s, _m: None)
        outbox.put_io("s", plain(1))
        for _ in range(20):
            await asyncio.sleep(0.002)
            while posted:
                try:
                    posted.pop(0)()
                except RuntimeError:
                    outbox.put_io("s", plain(2))
        return seen

    assert asyncio.run(scene()) == ["m1", "m2"]


def test_closed_outbox_posts_nothing() -> None:
    async def scene() -> Bench:
        bench = Bench()
        bench.outbox.put_io("s", plain(1))
        bench.outbox.close_io()
        await bench.run_ui(20)
        return bench

    assert asyncio.run(scene()).batches == []


def test_answers_at_the_door_overtake_printed_text_in_their_own_order() -> None:
    async def scene() -> Bench:
        bench = Bench()
        for number in range(3 * BATCH_MESSAGES):
            bench.outbox.put_io("s", plain(number))
        for number in range(3):
            bench.outbox.put_io("s", DoorMessage({"id": number}, (b"x" * 100,), 1))
        await bench.run_ui()
        return bench

    bench = asyncio.run(scene())
    items = [item for _, batch in bench.batches for item in batch]
    assert [item.data["id"] for item in items[:3] if isinstance(item, DoorMessage)] == [0, 1, 2]
    assert [item.id for item in items[3:] if isinstance(item, Message)] == [
        f"m{number}" for number in range(3 * BATCH_MESSAGES)
    ]
    assert bench.outbox.waiting_bytes("s") == 0


def said(kind: str, owner: str, **content: object) -> Message:
    """A message that a request of `owner` has caused."""
    return Message("iopub", kind, "m", "run", content, parent={"username": owner}, size_bytes=10)


AWAITED = {
    "door": DoorMessage({"id": 1}, (), 1),
    "comm": said("comm_msg", AGENT, data={"id": 1}),
    "idle": said("status", AGENT, execution_state="idle"),
}


@pytest.mark.parametrize("item", AWAITED.values(), ids=AWAITED)
def test_what_an_agent_answers_waits_for_no_frame(item: Item) -> None:
    async def scene() -> list[float]:
        bench, loop = Bench(), asyncio.get_running_loop()
        took = []
        for _number in range(10):
            began = loop.time()
            bench.outbox.put_io("s", item)
            while not bench.posted:
                await asyncio.sleep(0)
            took.append(loop.time() - began)
            bench.posted.pop(0)()
            await asyncio.sleep(0)
        return took

    assert sorted(asyncio.run(scene()))[5] < FRAME_S / 4


@pytest.mark.parametrize(
    "item",
    [
        said("comm_msg", USER),
        said("status", USER, execution_state="idle"),
        said("status", AGENT, execution_state="busy"),
    ],
    ids=["widget", "run", "busy"],
)
def test_what_others_say_waits_for_the_frame(item: Item) -> None:
    async def scene() -> float:
        bench, loop = Bench(), asyncio.get_running_loop()
        bench.outbox.put_io("s", item)
        while not bench.posted:
            await asyncio.sleep(0)
        bench.posted.pop(0)()
        await asyncio.sleep(0)
        began = loop.time()
        bench.outbox.put_io("s", item)
        while not bench.posted:
            await asyncio.sleep(0)
        return loop.time() - began

    assert asyncio.run(scene()) > FRAME_S / 2
