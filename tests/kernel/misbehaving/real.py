"""An ipykernel that misbehaves in the ways named by its arguments.

ignore_interrupt: SIGINT does nothing. no_shutdown: no reply to a shutdown request, SIGTERM does nothing. malformed:
every run also publishes messages that no client can read, or that nobody has signed.
"""

from __future__ import annotations

import signal
import sys
from typing import Any

from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp

WAYS = set(sys.argv[2:])


class Misbehaving(IPythonKernel):
    """Overrides what the arguments ask for."""

    def pre_handler_hook(self) -> None:
        """ipykernel would make SIGINT work again around each request."""
        if "ignore_interrupt" not in WAYS:
            super().pre_handler_hook()  # type: ignore[no-untyped-call]  # of ipykernel

    def do_shutdown(self, restart: bool) -> Any:
        """Hang instead of ending."""
        if "no_shutdown" in WAYS:
            while True:
                signal.pause()
        return super().do_shutdown(restart)  # type: ignore[no-untyped-call]  # of ipykernel

    async def shutdown_request(self, stream: Any, ident: Any, parent: Any) -> None:
        """No reply either."""
        if "no_shutdown" not in WAYS:
            await super().shutdown_request(stream, ident, parent)  # type: ignore[no-untyped-call]  # of ipykernel

    async def do_execute(self, *arguments: Any, **options: Any) -> Any:
        """Speak nonsense before each run."""
        if "malformed" in WAYS:
            assert self.session is not None
            good = self.session.serialize(self.session.msg("stream", {"name": "stdout", "text": "forged\n"}))
            for frames in (
                [b"nonsense"],
                [b"topic", b"<IDS|MSG>", b"", b"{", b"{}", b"{}", b"{}"],
                [b"topic", *good[:1], b"0" * 64, *good[2:]],
                [b"topic", *good[:5], b"[1, 2, 3]"],
            ):
                self.iopub_socket.send_multipart(frames)
        return await super().do_execute(*arguments, **options)  # type: ignore[no-untyped-call]  # of ipykernel


if "no_shutdown" in WAYS:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if "ignore_interrupt" in WAYS:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
IPKernelApp.launch_instance(argv=["-f", sys.argv[1]], kernel_class=Misbehaving)
