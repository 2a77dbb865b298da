"""Cost: price x workers x time to the second, limits that hold before they are passed."""

from __future__ import annotations

import pytest

from ide.deploy.cost import POLL_S, Limits, Meter, cost_by_day, estimate, idle_left_s, money, reason_to_stop

DAY_S = 86_400.0


def test_cost_follows_the_number_of_workers() -> None:
    meter = Meter(3.6)  # a thousandth per worker and second
    meter.workers(2, 100.0)
    meter.workers(2, 150.0)
    assert meter.cost(200.0) == pytest.approx(0.2)
    assert meter.cost_per_hour() == pytest.approx(7.2)
    meter.workers(5, 200.0)
    meter.end(210.0)
    meter.end(400.0)

    assert meter.cost(1_000.0) == pytest.approx(0.2 + 0.05)
    assert meter.cost_per_hour() == 0
    assert len(meter.spells) == 2


def test_clock_set_back_costs_nothing() -> None:
    meter = Meter(10.0)
    meter.workers(1, 100.0)

    assert meter.cost(50.0) == 0
    meter.end(50.0)
    assert meter.cost(50.0) == 0
    assert estimate(1.0, 1, -5) == 0


def test_budget_is_never_passed_between_two_polls() -> None:
    meter, limits = Meter(360.0), Limits(budget=10.0)  # a tenth a second
    meter.workers(1, 0.0)
    now = 0.0
    while not reason_to_stop(limits, meter, 0.0, now, now):
        now += POLL_S

    assert reason_to_stop(limits, meter, 0.0, now, now) == "budget"
    assert 10.0 - 2 * POLL_S / 10 <= meter.cost(now) <= 10.0


def test_time_and_idleness_end_it() -> None:
    meter, limits = Meter(0.0), Limits(time_s=100.0, idle_s=20.0)

    assert reason_to_stop(limits, meter, 0.0, 0.0, 19.9) == ""
    assert reason_to_stop(limits, meter, 0.0, 0.0, 20.0) == "idle"
    assert reason_to_stop(limits, meter, 0.0, 90.0, 99.0) == ""
    assert reason_to_stop(limits, meter, 0.0, 99.0, 100.0) == "time"
    assert reason_to_stop(Limits(), meter, 0.0, 0.0, 1e9) == ""
    assert idle_left_s(limits, 0.0, 90.0, 99.0) == 11.0
    assert idle_left_s(limits, 0.0, 0.0, 99.0) == 0.0
    assert idle_left_s(Limits(), 0.0, 0.0, 99.0) is None


def test_cost_by_day_splits_at_midnight_and_adds_up() -> None:
    one, two = Meter(1.0), Meter(2.0)
    one.workers(1, DAY_S - 3_600)
    one.end(DAY_S + 7_200)
    two.workers(1, DAY_S)

    days = cost_by_day([one, two], DAY_S + 3_600)

    assert days == pytest.approx({"1970-01-01": 1.0, "1970-01-02": 4.0})


def test_money_as_it_is_shown() -> None:
    assert [money(1.255, "EUR"), money(0.0004, "EUR"), money(0, "")] == ["1.25 EUR", "0.0004 EUR", "0.00"]
