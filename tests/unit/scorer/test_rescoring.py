"""What is walked, what may be dropped, and which checkpoint may stand for the past."""

from datetime import UTC, date, datetime

import pytest

from sealwatch_scorer.rescoring.checkpoints import Month, Stand, hindrance, objection
from sealwatch_scorer.rescoring.plan import Bound, Limits, Wish
from sealwatch_scorer.rescoring.register import Checkpoint
from sealwatch_scorer.rescoring.register import objection as objection_to
from sealwatch_scorer.rescoring.walking import days_between

MARCH = Month(2025, 3)
APRIL_FIRST = datetime(2025, 4, 1, tzinfo=UTC)
NOON_MS = int(datetime(2025, 4, 1, 12, tzinfo=UTC).timestamp()) * 1000
BOUND = Bound(next_offset=10, instant_ms=NOON_MS, swept_through=date(2025, 3, 31))


@pytest.mark.parametrize(
    ("instant_ms", "offset", "enters"),
    [(NOON_MS - 1, 99, True), (NOON_MS, 9, True), (NOON_MS, 10, False), (NOON_MS + 1, 0, False)],
)
def test_only_what_live_scoring_had_enters(instant_ms, offset, enters):
    assert Limits({0: BOUND}).enters(0, instant_ms, offset) is enters


def test_sweeps_go_as_far_as_live_ones_or_to_the_day_before_the_earlier_instant():
    known_at, as_of = datetime(2025, 3, 20, 5, tzinfo=UTC), datetime(2025, 3, 9, 5, tzinfo=UTC)

    assert Limits({0: BOUND}).swept_through(0) == date(2025, 3, 31)
    assert Limits({0: BOUND}, known_at).swept_through(0) == date(2025, 3, 19)
    assert Limits({0: BOUND}, known_at, as_of).swept_through(0) == date(2025, 3, 8)


def test_days_run_from_the_first_to_the_last_and_are_none_backwards():
    days = days_between(date(2025, 2, 27), date(2025, 3, 1))

    assert days == [date(2025, 2, 27), date(2025, 2, 28), date(2025, 3, 1)]
    assert days_between(date(2025, 3, 1), date(2025, 2, 28)) == []


@pytest.mark.parametrize(
    ("now", "forced", "words"),
    [
        (datetime(2025, 3, 31, 23, tzinfo=UTC), True, "2025-03 is not over"),
        (datetime(2025, 9, 27, tzinfo=UTC), True, "still fresh for 180 days"),
        (datetime(2026, 4, 30, 23, tzinfo=UTC), False, "less than 13 months ago"),
    ],
)
def test_a_month_stays_until_it_is_over_no_longer_fresh_and_old(now, forced, words):
    assert words in objection(MARCH, now, 180, forced=forced)


@pytest.mark.parametrize(
    ("now", "forced"),
    [(datetime(2026, 5, 1, tzinfo=UTC), False), (datetime(2025, 9, 28, tzinfo=UTC), True)],
)
def test_an_old_month_may_go_and_a_younger_one_by_force(now, forced):
    assert objection(MARCH, now, 180, forced=forced) is None


@pytest.mark.parametrize(
    ("stand", "words"),
    [
        (Stand(None, 0, ("events_2025_03",)), "has not swept 2025-03-31"),
        (Stand(date(2025, 3, 30), 0, ("events_2025_03",)), "has not swept 2025-03-31"),
        (Stand(date(2025, 3, 31), 2, ("events_2025_03",)), "2 events of 2025-03 were recorded after its end"),
        (Stand(date(2025, 3, 31), 0, ()), "nothing of 2025-03 or before is left"),
    ],
)
def test_the_database_can_keep_a_month(stand, words):
    assert words in hindrance(MARCH, stand)


def test_a_month_ends_where_the_next_begins_also_at_the_end_of_a_year():
    assert (Month(2025, 12).end, str(Month(2025, 12).later(3))) == (
        datetime(2026, 1, 1, tzinfo=UTC),
        "2026-03",
    )


@pytest.mark.parametrize(
    ("versions", "wish", "words"),
    [
        ({"1", "2"}, Wish(None, ""), None),
        ({"1"}, Wish("1", ""), None),
        ({"1"}, Wish(None, "", known_at=APRIL_FIRST), None),
        ({"1", "2"}, Wish("2", ""), "the past under 2 is gone"),
        ({"1"}, Wish(None, "", known_at=datetime(2025, 3, 1, tzinfo=UTC)), "nothing before that"),
        ({"1"}, Wish(None, "", as_of=datetime(2025, 3, 1, tzinfo=UTC)), "nothing before that"),
    ],
)
def test_a_checkpoint_stands_for_the_past_only_where_it_is_the_same_past(versions, wish, words):
    found = objection_to(Checkpoint("checkpoint-2025-03", APRIL_FIRST, frozenset(versions)), wish)

    assert (words is None) == (found is None)
    assert (words or "") in (found or "")
