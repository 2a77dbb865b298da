"""One stream out of two, the spool on disk and the live socket: each message once and in order.

Both carry the same messages in the same order; the live one may begin late, the spool may lag. The feed reads the spool
until the two meet, then lives on the socket; when the window cannot keep up it falls back to the spool.
"""

from __future__ import annotations

from collections import deque

from ide.kernels.spool import MESSAGE, SpoolReader, SpoolRecord, message_id

RECENT_IDS = 100_000
HELD_BYTES = 4 << 20


class Feed:
    """Decides which raw messages to hand on. One thread."""

    def __init__(self, reader: SpoolReader) -> None:
        self._reader = reader
        self._held: deque[tuple[bytes, list[bytes]]] = deque()
        self._held_bytes = 0
        self._recent: dict[bytes, None] = {}
        self._skip_to = b""
        self._after_gap: list[SpoolRecord] = []
        self._last_live = b""
        self.is_live = False

    def take_live(self, frames: list[bytes]) -> list[list[bytes]]:
        """The messages to hand on now that `frames` came by the socket."""
        name = message_id(frames)
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

    def take_spool(self, limit_bytes: int) -> tuple[list[SpoolRecord], list[list[bytes]]]:
        """The next records of the spool to hand on, and after them live messages that were held until the two met."""
        found, has_met = [], False
        for record in self._reader.read(limit_bytes):
            name = message_id(record.frames) if record.kind == MESSAGE else b""
            if self._skip_to and not self._reader.was_cut:
                self._skip(record, name)
                continue
            if name:
                has_met = has_met or bool(self._held and self._held[0][0] == name)
                self._remember(name)
            found.append(record)
        return found, self._meet() if has_met else []

    def take_cut(self) -> bool:
        """Whether the spool lost records before they were read; asked once."""
        was_cut, self._reader.was_cut = self._reader.was_cut, False
        if was_cut:
            self._skip_to = b""
        return was_cut

    def take_after_gap(self) -> list[SpoolRecord]:
        """At the end of the spool: what came after a keeper was replaced, where the last message handed on is not there.

        It came while nobody spooled; so all that a new keeper wrote is later.
        """
        found, self._after_gap = self._after_gap, []
        if found:
            self._skip_to = b""
            for record in found:
                if record.kind == MESSAGE:
                    self._remember(message_id(record.frames))
        return found

    def fall_back(self) -> None:
        """Go on from the spool, right after the last message handed on."""
        if self.is_live:
            self.is_live = False
            self._skip_to = self._last_live
            self._after_gap = []

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
        if not self._last_live and self._recent:
            self._last_live = next(reversed(self._recent))

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
        self._last_live = name
        if len(self._recent) > RECENT_IDS:
            del self._recent[next(iter(self._recent))]
