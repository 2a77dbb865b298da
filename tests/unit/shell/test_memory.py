"""The rhythm of sampling memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest

from ide.core.ports import Cancel
from ide.shell.memory import EVERY_S, Memory, MemoryMeter, gigabytes

T = TypeVar("T")


class Desk:
    """A pool and a clock that the test works by hand."""

    def __init__(self) -> None:
        self.work: list[Callable[[], None]] = []
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.cancelled = 0

    def run_in_pool(
        self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception], None]
    ) -> Cancel:
        def run() -> None:
            try:
                value = work()
            except OSError as error:
                failed(error)
            else:
                done(value)

        self.work.append(run)
        return self.cancel

    def after(self, seconds: float, callback: Callable[[], None]) -> Cancel:
        self.timers.append((seconds, callback))
        return self.cancel

    def cancel(self) -> None:
        self.cancelled += 1


def test_meter_samples_now_and_again_after_a_while() -> None:
    desk = Desk()
    samples: list[Memory] = []
    meter = MemoryMeter(desk.after, desk.run_in_pool, lambda: (7, 8), memory_of=sum, memory_total=lambda: 99)
    meter.sampled.connect(samples.append)
    meter.start()
    assert samples == []
    desk.work.pop()()
    assert samples == [Memory(15, 99)]
    assert desk.timers[0][0] == EVERY_S
    desk.timers.pop()[1]()
    desk.work.pop()()
    assert len(samples) == 2
    meter.close()
    assert desk.cancelled == 1


def test_meter_whose_system_does_not_tell_asks_no_more() -> None:
    def unknown(_pids: object) -> int:
        raise OSError("no counters")

    desk = Desk()
    samples: list[Memory] = []
    meter = MemoryMeter(desk.after, desk.run_in_pool, tuple, memory_of=unknown, memory_total=lambda: 1)
    meter.sampled.connect(samples.append)
    meter.start()
    desk.work.pop()()
    assert samples == []
    assert desk.timers == []


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [(120_000_000, "0.12"), (996_000_000, "1.0"), (1_240_000_000, "1.2"), (24_000_000_000, "24")],
)
def test_gigabytes_shows_two_digits_that_say_something(size_bytes: int, text: str) -> None:
    assert gigabytes(size_bytes) == text


def test_memory_text_without_a_known_total_has_only_the_use() -> None:
    assert Memory(1_200_000_000, 24_000_000_000).text == "1.2 of 24 GB"
    assert Memory(1_200_000_000, 0).text == "1.2 GB"
