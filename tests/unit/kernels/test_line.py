"""The end of a line to a kernel, without a kernel."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import zmq.asyncio

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
