"""When an endpoint is switched off: the clock is an argument, a week of it takes no time."""

from datetime import timedelta

import pytest

from sealwatch_alerts.attempt import Conclusion
from sealwatch_alerts.endpoints.health import (
    LIMIT,
    Ended,
    Heard,
    Standing,
    counted,
    fail_together,
    heard_of,
    is_over,
)
from tests.factories import NOON

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SICK, WELL, TIRED = b"s" * 16, b"w" * 16, b"t" * 16
FAILED = Conclusion("pending", "unavailable", "status 500", kind="status_5xx")
DELIVERED = Conclusion("delivered", "delivered", "")
OURS = Conclusion("pending", "unavailable", "our side", kind="ours")


def standing(key=SICK, *, failing=True, tried=NOON):
    return Standing(key, tried, NOON if failing else None, timedelta(0), NOON if failing else None)


def well(number, tried=NOON):
    return Standing(bytes([number]) * 16, tried)


def switched_off_after(others, *, step=MINUTE, most=200 * HOUR):
    """Return after how long one that fails all the time, and is tried all the time, is switched off."""
    sick, now = standing(), NOON
    while now - NOON < most:
        now += step
        sick = Standing(SICK, now, sick.failing_since, sick.failing_for, sick.counted_at)
        [sick] = [one for one in counted([sick, *others(now)], now) if one.subscription_id == SICK]
        if is_over(sick, now):
            return now - NOON
    return None


def three_well(now):
    return [well(n, now) for n in range(3)]


def two_sick(now):
    return [standing(WELL, tried=now), standing(TIRED, tried=now)]


def sick_for_a_day(now):
    return two_sick(now) if now - NOON <= DAY else three_well(now)


def nobody(_now):
    return []


@pytest.mark.parametrize(
    ("others", "after"),
    [(three_well, LIMIT), (nobody, LIMIT), (sick_for_a_day, LIMIT + DAY), (two_sick, None)],
    ids=["while others are well", "alone", "a day in which most failed does not count", "while most fail"],
)
def test_an_endpoint_that_only_fails_is_switched_off_after_120_hours(others, after):
    assert switched_off_after(others) == after


def test_time_in_which_nobody_looked_does_not_count():
    [sick] = counted([standing()], NOON + 7 * DAY)

    assert sick.failing_for == 5 * MINUTE


def test_one_that_was_not_tried_for_a_day_stays_on_until_it_is_tried():
    sick = Standing(SICK, NOON, NOON, LIMIT, NOON)

    assert (is_over(sick, NOON + HOUR), is_over(sick, NOON + DAY)) == (True, False)


def test_a_healthy_one_has_no_clock():
    assert counted([standing(failing=False)], NOON + HOUR) == []


@pytest.mark.parametrize(
    ("failing", "healthy", "together"), [(2, 0, False), (3, 0, True), (2, 2, False), (3, 2, True)]
)
def test_most_of_at_least_three_fail_together(failing, healthy, together):
    endpoints = [standing(bytes([n]) * 16) for n in range(failing)] + [well(n) for n in range(healthy)]

    assert fail_together(endpoints, NOON + HOUR) is together


def test_who_was_not_tried_for_a_day_says_nothing_about_the_others():
    long_dead = [standing(bytes([n]) * 16, tried=NOON - DAY) for n in range(9)]

    assert not fail_together([*long_dead, *three_well(NOON)], NOON)


@pytest.mark.parametrize(
    ("conclusions", "expected"),
    [
        ([FAILED, FAILED], Heard(SICK, NOON + MINUTE, None, NOON, 2, "status 500")),
        ([FAILED, DELIVERED], Heard(SICK, NOON + MINUTE, NOON + MINUTE, None, 0, "")),
        ([DELIVERED, FAILED], Heard(SICK, NOON + MINUTE, NOON, NOON + MINUTE, 1, "status 500")),
        ([FAILED, OURS], Heard(SICK, NOON, None, NOON, 1, "status 500")),
    ],
)
def test_failures_count_since_the_last_success_and_our_own_never(conclusions, expected):
    ended = [Ended(SICK, NOON + n * MINUTE, one) for n, one in enumerate(conclusions)]

    assert heard_of(reversed(ended)) == [expected]


def test_each_endpoint_is_heard_of_by_itself_in_the_order_of_ids():
    ended = [Ended(WELL, NOON, DELIVERED), Ended(SICK, NOON, FAILED)]

    assert [one.subscription_id for one in heard_of(ended)] == [SICK, WELL]
