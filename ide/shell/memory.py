"""Samples memory now and then, in the pool. Owns the rhythm; what is counted is `platform.py`'s."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ide.core.events import Signal
from ide.core.ports import After, Cancel, RunInPool
from ide.core.record import dataclass
from ide.shell import platform

EVERY_S = 5.0


@dataclass(frozen=True, slots=True)
class Memory:
    """`used` by window, keeper and kernels; `total` of the machine, 0 where unknown. Bytes."""

    used: int
    total: int

    @property
    def text(self) -> str:
        """ "1.2 of 24 GB"."""
        if not self.total:
            return gigabytes(self.used) + " GB"
        return f"{gigabytes(self.used)} of {gigabytes(self.total)} GB"


def gigabytes(size_bytes: int) -> str:
    """Two digits that say something: 0.12, 1.2, 24."""
    value = size_bytes / 1e9
    return f"{value:.2f}" if value < 0.995 else f"{value:.1f}" if value < 9.95 else f"{value:.0f}"


class MemoryMeter:
    """Asks `pids` on the UI thread and counts in the pool. `start` and `close` on the UI thread."""

    sampled = Signal(Memory)

    def __init__(
        self,
        after: After,
        run_in_pool: RunInPool,
        pids: Callable[[], Iterable[int]],
        *,
        memory_of: Callable[[Iterable[int]], int] = platform.memory_of,
        memory_total: Callable[[], int] = platform.memory_total,
    ) -> None:
        self._after = after
        self._run_in_pool = run_in_pool
        self._pids = pids
        self._memory_of = memory_of
        self._memory_total = memory_total
        self._cancel: Cancel | None = None

    def start(self) -> None:
        """Sample now and every few seconds from here on."""
        self._sample()

    def close(self) -> None:
        """Sample no more."""
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    def _sample(self) -> None:
        pids = tuple(self._pids())
        self._cancel = self._run_in_pool(
            lambda: Memory(self._memory_of(pids), self._memory_total()), self._on_sampled, self._on_failed
        )

    def _on_sampled(self, memory: Memory) -> None:
        self._cancel = self._after(EVERY_S, self._sample)
        self.sampled.emit(memory)

    def _on_failed(self, _error: Exception) -> None:
        """The system does not tell: then nothing is shown, and nothing is asked again."""
        self._cancel = None
