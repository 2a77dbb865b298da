"""What jobs and clusters cost, and when they must end: arithmetic over a clock that is given. Times in seconds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from ide.core.record import dataclass, field

POLL_S: Final = 5.0
"""How often what runs is looked at: a budget is overshot by what this costs at most."""

_HOUR_S: Final = 3600.0


def estimate(price_per_worker_hour: float, workers: int, seconds: float) -> float:
    """Price x workers x time."""
    return price_per_worker_hour * workers * max(seconds, 0.0) / _HOUR_S


def money(amount: float, currency: str) -> str:
    """As it is shown: "1.25 EUR"; cents are told below one."""
    shown = f"{amount:.4f}" if 0.0001 <= amount < 0.01 else f"{amount:.2f}"
    return f"{shown} {currency}".strip()


@dataclass(frozen=True, slots=True)
class Spell:
    """A time with an unchanged number of workers. `ended_s` None: it lasts. Seconds since the epoch."""

    started_s: float
    workers: int
    ended_s: float | None = None


@dataclass(slots=True)
class Meter:
    """The cost of one job or cluster from when its workers came to when they went. Changes by `workers` and `end`."""

    price_per_worker_hour: float
    spells: list[Spell] = field(default_factory=list)

    def workers(self, count: int, now_s: float) -> None:
        """From now on so many workers are up."""
        if self.spells and self.spells[-1].ended_s is None and self.spells[-1].workers == count:
            return
        self.end(now_s)
        if count:
            self.spells.append(Spell(now_s, count))

    def end(self, now_s: float) -> None:
        """From now on nothing is up."""
        if self.spells and self.spells[-1].ended_s is None:
            last = self.spells[-1]
            self.spells[-1] = Spell(last.started_s, last.workers, max(now_s, last.started_s))

    def cost(self, now_s: float) -> float:
        """So far. A clock that was set back costs nothing."""
        return sum(
            estimate(
                self.price_per_worker_hour,
                one.workers,
                (now_s if one.ended_s is None else one.ended_s) - one.started_s,
            )
            for one in self.spells
        )

    def cost_per_hour(self) -> float:
        """At the present number of workers."""
        is_up = self.spells and self.spells[-1].ended_s is None
        return self.price_per_worker_hour * self.spells[-1].workers if is_up else 0.0


@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop. Zero: never for that reason."""

    time_s: float = 0.0
    idle_s: float = 0.0
    budget: float = 0.0


def reason_to_stop(limits: Limits, meter: Meter, started_s: float, last_busy_s: float, now_s: float) -> str:
    """ "budget", "time" or "idle" where that limit is reached, "" where it goes on.

    The budget counts as spent where it would be before the next poll: what is shown never passes it.
    """
    if limits.budget and meter.cost(now_s) + meter.cost_per_hour() * POLL_S / _HOUR_S > limits.budget:
        return "budget"
    if limits.time_s and now_s - started_s >= limits.time_s:
        return "time"
    if limits.idle_s and now_s - max(started_s, last_busy_s) >= limits.idle_s:
        return "idle"
    return ""


def idle_left_s(limits: Limits, started_s: float, last_busy_s: float, now_s: float) -> float | None:
    """How long until it ends for idleness, None where it never does."""
    return max(0.0, limits.idle_s - (now_s - max(started_s, last_busy_s))) if limits.idle_s else None


def cost_by_day(meters: Iterable[Meter], now_s: float) -> dict[str, float]:
    """Cost of each day in UTC ("2026-11-28"), in order; a night job is split at midnight."""
    days: dict[str, float] = {}
    for meter in meters:
        for one in meter.spells:
            start, end = one.started_s, now_s if one.ended_s is None else one.ended_s
            while start < end:
                day = datetime.fromtimestamp(start, UTC).date()
                midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC).timestamp()
                part = estimate(meter.price_per_worker_hour, one.workers, min(end, midnight) - start)
                days[day.isoformat()] = days.get(day.isoformat(), 0.0) + part
                start = min(end, midnight)
    return dict(sorted(days.items()))
