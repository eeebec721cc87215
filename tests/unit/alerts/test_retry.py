"""The published schedule, and what a receiver may ask for (section G-3)."""

from datetime import timedelta

import pytest

from sealwatch_alerts.retry import SCHEDULE, next_attempt, patience
from tests.factories import NOON

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [
        (0, 0),
        (1, 5),
        (2, 300),
        (3, 1_800),
        (4, 7_200),
        (5, 18_000),
        (6, 36_000),
        (7, 50_400),
        (8, 72_000),
        (9, 86_400),
    ],
)
def test_attempts_follow_the_published_table(failures, seconds):
    assert next_attempt(failures, NOON, 0.0) == NOON + timedelta(seconds=seconds)


def test_the_table_ends_after_ten_attempts_and_75_hours():
    assert next_attempt(10, NOON, 0.0) is None
    assert sum(SCHEDULE, timedelta(0)) == timedelta(hours=75, minutes=35, seconds=5)


def test_jitter_makes_it_later_by_a_tenth_at_most():
    assert next_attempt(4, NOON, 1.0) == NOON + 2.2 * HOUR


def test_a_receiver_may_ask_for_more_time_but_not_for_less():
    assert next_attempt(1, NOON, 0.0, retry_after=HOUR) == NOON + HOUR
    assert next_attempt(4, NOON, 0.0, retry_after=HOUR) == NOON + 2 * HOUR


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("120", timedelta(seconds=120)),
        ("Sun, 01 Mar 2026 13:00:00 GMT", HOUR),
        ("Sun, 01 Mar 2026 11:00:00 GMT", None),
        ("Mon, 01 Mar 2027 11:00:00 GMT", 24 * HOUR),
        ("999999999", 24 * HOUR),
        ("9" * 400, 24 * HOUR),
        ("-5", None),
        ("abc", None),
        ("٣", None),
        ("", None),
    ],
)
def test_retry_after_is_honoured_capped_at_a_day_or_ignored(header, wait):
    assert patience(header, NOON) == wait
