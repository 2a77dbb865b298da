"""The end of a line to a kernel, without a kernel."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import zmq.asyncio

from ide.kernels.items import Ended
from ide.kernels.line import Line
from ide.kernels.outbox import Outbox
from ide.kernels.records import Limits


def test_a_closed_line_follows_no_kernel_that_the_keeper_tells_of_later(tmp_path: Path) -> None:
    """The spare kernel may be dropped while its start is still being answered."""
    record: dict[str, Any] = {
        "generation": 1,
        "state": "running",
        "pid": 5,
        "is_heard": False,
        "launch": {"environment": {"name": "Env"}},
        "connection": {"transport": "ipc", "ip": str(tmp_path / "1"), "key": "k"},
    }

    async def scene() -> set[asyncio.Task[Any]]:
        context = zmq.asyncio.Context()
        outbox = Outbox(asyncio.get_running_loop(), lambda _: None, lambda _s, _i: None, lambda _s, _m: None)
        line = Line(context, outbox, "s", tmp_path, Limits())
        await line.close_io()
        line.on_record_io(record)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        outbox.close_io()
        context.destroy(linger=0)
        return left

    assert asyncio.run(scene()) == set()


def test_the_answer_to_a_start_that_comes_after_the_end_hides_nothing_of_it(tmp_path: Path) -> None:
    """The keeper tells of an end at once; what it answered before may be read later on a busy machine."""
    launched: dict[str, Any] = {
        "generation": 1,
        "state": "launching",
        "pid": 5,
        "launch": {"environment": {"name": "Env"}},
        "connection": {"transport": "ipc", "ip": str(tmp_path / "1"), "key": "k"},
        "exit": None,
    }
    ended = launched | {"state": "exited", "exit": {"code": 3, "was_running": False, "stderr": "no library"}}

    async def scene() -> list[Ended]:
        context = zmq.asyncio.Context()
        told: list[Any] = []
        outbox = Outbox(
            asyncio.get_running_loop(), lambda work: work(), lambda _, items: told.extend(items), lambda _s, _m: None
        )
        line = Line(context, outbox, "s", tmp_path, Limits())
        line.on_record_io(ended)
        line.on_record_io(launched)
        for _ in range(200):
            await asyncio.sleep(0.005)
            if any(isinstance(item, Ended) for item in told):
                break
        await line.close_io()
        outbox.close_io()
        context.destroy(linger=0)
        return [item for item in told if isinstance(item, Ended)]

    (end,) = asyncio.run(scene())
    assert (end.cause.kind, end.cause.exit_code, end.cause.stderr_lines) == ("start", 3, ("no library",))
