"""One stream out of two, the spool on disk and the live socket: each message once and in order.

Both carry the same messages in the same order; the live one may begin late, the spool may lag. The feed reads the spool
until the two meet, then lives on the socket; when the window cannot keep up it falls back to the spool.
"""

from __future__ import annotations

from collections import deque

from ide.core.record import dataclass
from ide.kernels.spool import MESSAGE, SpoolReader, SpoolRecord, message_id

RECENT_IDS = 100_000
HELD_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class SpoolBatch:
    """What was read: `records` to hand on, then `held` live messages. `is_end`: there is no more at present.

    `was_cut`: records before these were dropped unread.
    """

    records: tuple[SpoolRecord, ...]
    held: tuple[list[bytes], ...]
    is_end: bool
    was_cut: bool


class Feed:
    """Decides which raw messages to hand on. One thread."""

    def __init__(self, reader: SpoolReader) -> None:
        self._reader = reader
        self._held: deque[tuple[bytes, list[bytes]]] = deque()
        self._held_bytes = 0
        self._recent: dict[bytes, None] = {}
        self._skip_to = b""
        self._after_gap: list[SpoolRecord] = []
        self._was_cut_in_skipping = False
        self._last_live = b""
        self.is_live = False

    def take_live(self, frames: list[bytes]) -> list[list[bytes]]:
        """The messages to hand on now that `frames` came by the socket."""
        name = message_id(frames)
        if not name:
            # What no client can read has no place in the order: it comes by the spool, or here once the two have met.
            return [frames] if self.is_live and not self._recent else []
        if not self.is_live:
            if name not in self._recent:
                self._hold(name, frames)
                return []
            self._go_live()
        if name in self._recent:
            return []  # it came by the spool before
        if self._recent:
            self._recent.clear()
        self._last_live = name
        return [frames]

    def take_spool(self, limit_bytes: int) -> SpoolBatch:
        """Read on in the spool, whether or not anything of it is to be handed on."""
        batch, found, has_met = self._reader.read(limit_bytes), [], False
        was_cut, self._reader.was_cut = self._reader.was_cut, False
        if self._skip_to:
            self._was_cut_in_skipping, was_cut = self._was_cut_in_skipping or was_cut, False
        for record in batch:
            name = message_id(record.frames) if record.kind == MESSAGE else b""
            if self._skip_to:
                self._skip(record, name)
                continue
            if name:
                has_met = has_met or bool(self._held and self._held[0][0] == name)
                self._remember(name)
            found.append(record)
        return SpoolBatch(tuple(found), tuple(self._meet()) if has_met else (), not batch, was_cut)

    def stop_skipping(self) -> SpoolBatch:
        """At the end of the spool, where the last message handed on was not found in it.

        It came while no keeper was there to spool it: then all that the next keeper wrote is later. Or it was dropped
        because the spool was full: then all that is kept is later, and is read from its beginning.
        """
        found, self._after_gap = self._after_gap, []
        was_cut = bool(self._skip_to) and not found and self._was_cut_in_skipping
        if found or was_cut:
            self._skip_to = b""
        if was_cut:
            self._reader.rewind()
        for record in found:
            if record.kind == MESSAGE:
                self._remember(message_id(record.frames))
        return SpoolBatch(tuple(found), (), not was_cut, was_cut)

    def fall_back(self) -> None:
        """Go on from the spool, right after the last message handed on."""
        if self.is_live:
            self.is_live = False
            self._skip_to = self._last_live
            self._after_gap = []
            self._was_cut_in_skipping = False

    def give_up_spool(self) -> list[list[bytes]]:
        """Nobody writes the spool any more: go live with what was held."""
        return self._meet()

    @property
    def has_held(self) -> bool:
        """Whether live messages wait for the spool to catch up."""
        return bool(self._held)

    def _meet(self) -> list[list[bytes]]:
        rest = [frames for name, frames in self._held if name not in self._recent]
        if rest:
            self._last_live = message_id(rest[-1])
        self._go_live()
        return rest

    def _go_live(self) -> None:
        self._held.clear()
        self._held_bytes = 0
        self._skip_to = b""
        self.is_live = True

    def _skip(self, record: SpoolRecord, name: bytes) -> None:
        if name == self._skip_to:
            self._skip_to = b""
            self._after_gap = []
        elif self._after_gap or record.event().get("event") == "adopted":
            self._after_gap.append(record)

    def _hold(self, name: bytes, frames: list[bytes]) -> None:
        """Only the newest are held: what is dropped here is in the spool, and not read yet."""
        self._held.append((name, frames))
        self._held_bytes += sum(map(len, frames))
        while self._held_bytes > HELD_BYTES and len(self._held) > 1:
            self._held_bytes -= sum(map(len, self._held.popleft()[1]))

    def _remember(self, name: bytes) -> None:
        self._recent[name] = None
        self._last_live = b""  # the reader stands right behind it
        if len(self._recent) > RECENT_IDS:
            del self._recent[next(iter(self._recent))]
