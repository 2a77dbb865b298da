"""Has SVG drawn by a process of its own (`svg_child.py`). Owns that process: starts it at need, ends it when stuck."""

from __future__ import annotations

import contextlib
import logging
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final

from ide.panes.plots.svg_child import FIT, Refused, read_answer, write_request

TIME_LIMIT_S: Final = 15.0
_ROOT: Final = Path(__file__).resolve().parents[3]
_CODE: Final = "import sys; sys.path.insert(0, sys.argv[1]); from ide.panes.plots.svg_child import main; main()"

_log = logging.getLogger(__name__)

Drawing = tuple[tuple[int, int], tuple[int, int], bytes]
"""Own size, drawn size, pixels (or the PDF)."""


class SvgProcess:
    """Called in pool threads: one request after the other. `close` may come from any thread and ends one under way."""

    def __init__(self, time_limit_s: float = TIME_LIMIT_S) -> None:
        self._time_limit_s = time_limit_s
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_closed = False

    def draw(self, data: bytes, width: int = 0, height: int = 0, kind: int = FIT) -> Drawing:
        """By `kind` as `svg_child.py` tells; 0 x 0 for the picture's own size. Raises Refused."""
        with self._lock:
            for is_second in (False, True):
                process = self._running()
                try:
                    return self._ask(process, data, width, height, kind)
                except (OSError, EOFError, ValueError) as error:
                    # It may have ended for lack of requests just as this one came; a second end is the picture's doing.
                    self._end(process)
                    if is_second or self._is_closed:
                        raise Refused("The program that draws SVG pictures ended over it.") from error
        raise AssertionError("unreachable")

    def close(self) -> None:
        """End the process, whatever it does."""
        self._is_closed = True
        process = self._process
        if process is not None:
            with contextlib.suppress(OSError):
                process.kill()
        with self._lock:
            if self._process is not None:
                self._end(self._process)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._is_closed:
            raise Refused("The program is closing.")
        if self._process is not None and self._process.poll() is not None:
            self._end(self._process)
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _CODE, str(_ROOT)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        return self._process

    def _ask(self, process: subprocess.Popen[bytes], data: bytes, width: int, height: int, kind: int) -> Drawing:
        assert process.stdin is not None
        assert process.stdout is not None
        is_late = threading.Event()

        def stop() -> None:
            is_late.set()
            process.kill()

        alarm = threading.Timer(self._time_limit_s, stop)
        alarm.name = "svg-alarm"
        alarm.start()
        try:
            write_request(process.stdin, data, width, height, kind)
            return read_answer(process.stdout)
        except (OSError, EOFError) as error:
            if is_late.is_set():
                self._end(process)
                raise Refused(f"It took more than {self._time_limit_s:g} seconds to draw.") from error
            raise
        finally:
            alarm.cancel()
            alarm.join()

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        self._process = None
        with contextlib.suppress(OSError):
            process.kill()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        process.wait()
        if process.returncode not in (0, None) and not self._is_closed:
            _log.info("the process that draws SVG pictures ended with %s", process.returncode)
