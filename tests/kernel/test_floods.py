"""Storms of output neither stall nor fill the window, nothing is lost in silence, and the full text is there (B4)."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from ide.core.runs import RunStatus
from ide.kernels.outbox import BATCH_BYTES, BATCH_MESSAGES
from ide.kernels.records import Limits
from tests.kernel.kit import Watcher, python_launch

Start = Callable[..., Watcher]


def resident_bytes() -> int:
    """Memory of this process, which plays the window."""
    return int(psutil.Process().memory_info().rss)


def test_hundred_thousand_lines_arrive_whole_and_in_order(python: Watcher) -> None:
    run = python.execute("for number in range(100000): print(number)")
    assert python.text(run.id).splitlines() == [str(number) for number in range(100_000)]
    assert python.cuts() == []


def test_flood_of_small_messages_arrives_whole_in_few_batches(python: Watcher) -> None:
    run = python.execute("for number in range(5000): print(number, flush=True)")
    assert python.text(run.id).splitlines() == [str(number) for number in range(5000)]
    streams = [message for message in python.messages if message.type == "stream"]
    assert len(streams) < 2500


def test_mixed_streams_keep_their_order(python: Watcher) -> None:
    code = "import sys\nfor n in range(300): print(n, flush=True); print(n, file=sys.stderr, flush=True)"
    run = python.execute(code)
    assert python.text(run.id).splitlines() == [str(number) for number in range(300) for _ in range(2)]


def test_long_line_is_folded_and_the_full_text_is_there(python: Watcher) -> None:
    run = python.execute("print('x' * 5_000_000)")
    assert len(python.text(run.id)) < 20_000
    assert "4,990,000 more characters" in python.text(run.id)
    assert python.cuts()
    full = python.session.full_output(run.id)
    assert full is not None
    assert full.read_text() == "x" * 5_000_000 + "\n"


def test_flood_past_the_limit_is_cut_and_its_end_is_shown(start: Start, work: Path) -> None:
    watcher = start(python_launch(work), Limits(run_lines=1000, tail_characters=500))
    run = watcher.execute("for number in range(50000): print(number)")
    lines = watcher.text(run.id).splitlines()
    assert lines[:1000] == [str(number) for number in range(1000)]
    assert lines[-1] == "49999"
    assert len(lines) < 1200
    assert any("are not shown" in line for line in lines)
    assert len(watcher.cuts()) == 1
    full = watcher.session.full_output(run.id)
    assert full is not None
    assert full.read_text().splitlines() == [str(number) for number in range(50_000)]
    again = watcher.execute("print('next')")
    assert watcher.text(again.id) == "next\n"


def test_endless_flood_stays_small_and_is_interrupted_at_once(start: Start, work: Path) -> None:
    watcher = start(python_launch(work), Limits(spool_bytes=8 << 20))
    before = resident_bytes()
    run = watcher.session.execute("while True: print('y' * 200)")
    began = time.monotonic()
    watcher.wait(lambda: time.monotonic() - began > 3)
    watcher.session.interrupt()
    watcher.wait(lambda: watcher.run(run.id).status.is_final)
    assert watcher.run(run.id).status is RunStatus.INTERRUPTED
    assert resident_bytes() - before < 300_000_000
    spooled = sum(path.stat().st_size for path in watcher.session._folder.glob("spool-*"))
    assert spooled <= 9 << 20


def test_spool_that_was_cut_says_so_to_the_next_window(
    start: Start, work: Path, open_kernels: Callable[..., object]
) -> None:
    watcher = start(python_launch(work), Limits(spool_bytes=1 << 20))
    watcher.execute("for number in range(300000): print(number)")
    segments = sorted(watcher.session._folder.glob("spool-*"))
    assert segments[0].name != "spool-000001.bin"
    assert sum(path.stat().st_size for path in segments) <= 1_300_000


def test_batches_are_bounded_and_wait_for_the_ui_thread(python: Watcher) -> None:
    sizes: list[tuple[int, int]] = []

    def measure(messages: tuple[object, ...]) -> None:
        sizes.append((len(messages), sum(message.size_bytes for message in messages)))  # type: ignore[attr-defined]  # Message

    python.session.messages_arrived.connect(measure)
    python.execute("from IPython.display import display\nfor n in range(6000): display(n)", timeout_s=60)
    python.session.messages_arrived.disconnect(measure)
    assert sum(count for count, _ in sizes) > 6000
    assert max(count for count, _ in sizes) <= BATCH_MESSAGES
    assert max(size for _, size in sizes) <= BATCH_BYTES + 4096


def test_window_that_does_not_listen_is_not_filled_and_loses_nothing(start: Start, work: Path) -> None:
    """The UI thread stands still while 60 MB are shown: what does not fit waits in the spool."""
    watcher = start(python_launch(work), Limits(waiting_bytes=2 << 20, spool_bytes=200 << 20))
    code = (
        "from IPython.display import display\n"
        "for n in range(600): display({'text/plain': str(n), 'text/html': 'h' * 100_000}, raw=True)"
    )
    run = watcher.session.execute(code)
    before = resident_bytes()
    while sum(path.stat().st_size for path in watcher.session._folder.glob("spool-*")) < 600 * 100_000:
        time.sleep(0.02)  # nothing is pumped
    assert resident_bytes() - before < 60_000_000
    watcher.wait(lambda: watcher.run(run.id).status.is_final, timeout_s=60)
    shown = [output.data["text/plain"] for output in watcher.displays()]
    assert shown == [str(number) for number in range(600)]


@pytest.mark.parametrize("code", [r"print('\r'.join(str(n) for n in range(200000)))", "print(chr(27) + '[2J' * 50000)"])
def test_control_characters_do_not_multiply(python: Watcher, code: str) -> None:
    run = python.execute(code)
    assert run.status is RunStatus.OK
    assert len(python.text(run.id)) < 20_000


def test_huge_object_is_replaced_by_a_note(start: Start, work: Path) -> None:
    watcher = start(python_launch(work), Limits(display_bytes=1_000_000))
    watcher.execute("from IPython.display import display; display({'text/html': 'h' * 3_000_000}, raw=True)")
    assert watcher.displays() == []
    assert watcher.cuts() == ["Too large to show: text/html (3 MB)."]
    assert sum(message.size_bytes for message in watcher.messages) >= 3_000_000
    assert max(len(str(message.content)) for message in watcher.messages) < 10_000


def test_huge_traceback_is_shortened(python: Watcher) -> None:
    python.execute("def f(n):\n    g(n)\ndef g(n):\n    if n == 0: raise ValueError('x' * 100)\n    f(n - 1)\nf(300)")
    assert len(python.failures()[0].traceback) <= 401
    assert os.getpid() > 0


def test_late_output_of_a_thread_still_belongs_to_its_run(python: Watcher) -> None:
    code = (
        "import threading, time\ndef late():\n    time.sleep(0.5); print('late')\nthreading.Thread(target=late).start()"
    )
    run = python.execute(code)
    assert run.status is RunStatus.OK
    python.wait(lambda: "late" in python.text(run.id))
