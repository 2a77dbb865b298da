"""The one I/O thread: an asyncio loop with zmq's sockets that serves all kernels. Owns the thread; `hub` does the work.

The thread starts with the first call and imports asyncio, zmq and jupyter_client there, never on the UI thread.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ide.core.ports import Post
from ide.kernels import platform

if TYPE_CHECKING:
    import asyncio

    from ide.kernels.hub import Hub
    from ide.kernels.items import Deliver

logger = logging.getLogger(__name__)


class IoThread:
    """Starts and ends the thread; hands calls over to it in order."""

    def __init__(self, runtime_folder: Path, post: Post, deliver: Deliver) -> None:
        self._runtime_folder = runtime_folder
        self._post = post
        self._deliver = deliver
        self._loop: asyncio.AbstractEventLoop | None = None
        self._hub: Hub | None = None
        self._thread: threading.Thread | None = None
        self._early: list[Callable[[Hub], None]] | None = []
        self._lock = threading.Lock()
        self._ending: tuple[dict[str, Any], bool, bool] | None = None

    def call(self, function: Callable[[Hub], None]) -> None:
        """Run `function` in the I/O thread, soon. From any thread; the first call starts the thread."""
        with self._lock:
            if self._ending is not None:
                return
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="fourpane-kernels-io", daemon=True)
                self._thread.start()
            if self._early is not None:
                self._early.append(function)
                return
            loop, hub = self._loop, self._hub
        assert loop is not None
        assert hub is not None
        loop.call_soon_threadsafe(function, hub)

    def close(self, owner: dict[str, Any], *, leave_kernels: bool, has_kernels: bool, timeout_s: float = 2.0) -> None:
        """End kernels (unless they are left) and the thread; waits for both."""
        with self._lock:
            self._ending = (owner, leave_kernels, has_kernels)
            thread, loop, early = self._thread, self._loop, self._early
        if thread is None:
            return
        if loop is not None and early is None:
            loop.call_soon_threadsafe(self._stop_io)
        thread.join(timeout_s)
        if thread.is_alive():
            logger.warning("the kernels' I/O thread has not ended within %s s", timeout_s)

    def _run(self) -> None:
        import asyncio

        loop = asyncio.SelectorEventLoop()  # zmq needs a loop that can watch descriptors, on Windows too
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(self._serve_io(loop))
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()

    async def _serve_io(self, loop: asyncio.AbstractEventLoop) -> None:
        import asyncio

        from ide.kernels.hub import Hub

        self._stopped = asyncio.Event()
        hub = Hub(self._runtime_folder, self._post, self._deliver)
        with self._lock:
            self._loop, self._hub = loop, hub
            early, self._early = self._early or [], None
            is_ending = self._ending is not None
        for function in early:
            function(hub)
        if not is_ending:
            await self._stopped.wait()
        assert self._ending is not None
        owner, leave_kernels, has_kernels = self._ending
        await hub.close_io(owner, leave_kernels=leave_kernels, has_kernels=has_kernels)

    def _stop_io(self) -> None:
        self._stopped.set()


def owner_of_this_window() -> dict[str, Any]:
    """How kernel records name this process."""
    pid, mark = platform.own_mark()
    return {"pid": pid, "mark": mark}
