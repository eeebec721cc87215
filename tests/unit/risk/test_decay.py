import csv
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealwatch.risk.decay import LANDMARK, MILLION, divisor_at, factor_at, slow, value_at
from tests.unit.risk.given import DAY, second

LINE_LIST = Path(__file__).parents[2] / "data" / "surveillance" / "husO104Hosp.csv"
WEEK, MONTH, QUARTER, HALF_YEAR, YEAR = 7 * DAY, 30 * DAY, 90 * DAY, 180 * DAY, 365 * DAY

V2 = ((2 * 450_000, 30 * 450_000, second("2026-03-01T12:34:56")),)
V3 = (
    (3_000_000, 40_000_000, second("2026-01-05T08:00:00")),
    (0, 25 * 900_000, second("2025-07-19T23:59:59")),
    (300_000, 8 * 300_000, second("2026-02-28T12:00:00")),
)
V3_FOURTH = (*V3, (2_500_000, 2_500_000, second("2024-02-29T06:07:08")))
V4 = (
    (1_000_000, 1_000_000, second("2000-01-01T00:00:00")),
    (0, 1_000_000, second("2000-01-31T00:00:00")),
    (1_000_000, 1_000_000, second("2000-03-01T00:00:00")),
)
V5 = (
    (2 * 450_000, 30 * 450_000, second("2026-03-01T12:34:56")),
    (100_000, 100_000, second("2026-02-15T00:00:01")),
)


@pytest.mark.parametrize(
    ("instant", "half_life", "doublings", "rest", "mantissa"),
    [
        ("2000-01-01T00:00:01", WEEK, 0, 1, 18446765215105008379),
        ("2026-03-01T12:34:56", WEEK, 1365, 131696, 21452079721170521105),
        ("2026-03-01T12:34:56", HALF_YEAR, 53, 1427696, 19658696128344439062),
        ("2026-03-01T12:34:56", YEAR, 26, 5747696, 20930756294654056590),
        ("2026-12-31T23:59:59", MONTH, 328, 1900799, 30667257268055090615),
    ],
)
def test_vector_v1_of_the_factors(instant, half_life, doublings, rest, mantissa):
    t = second(instant)

    assert divmod(t - LANDMARK, half_life) == (doublings, rest)
    assert factor_at(t, half_life) == mantissa << doublings


@pytest.mark.parametrize(
    ("half_life", "rest", "mantissa"),
    [
        (QUARTER, 6097604, 31766873133328898522),
        (HALF_YEAR, 12195208, 31766873133328898522),
        (YEAR, 3275774, 19823893050008198458),
        (YEAR, 7026763, 21527538824834711993),
    ],
)
def test_the_four_seconds_that_the_tables_cannot_decide_go_the_slow_way(half_life, rest, mantissa):
    assert slow(rest, half_life) == mantissa
    assert factor_at(LANDMARK + rest, half_life) == mantissa


@pytest.mark.parametrize(
    ("events", "half_life", "failures", "trials"),
    [
        (V2, YEAR, 1264175349835574709671952384000000, 18962630247533620645079285760000000),
        (V3, YEAR, 4215189637301136127902194073600000, 74592989081399439406974946508800000),
        (V3_FOURTH, YEAR, 5090975598039487181879875993600000, 75468775042137790460952628428800000),
        (V4, MONTH, 92233720368547758080000000, 129127208515966861312000000),
        (V5, WEEK, 2477005468741684520990625 << 1368, 36264031029585255261365625 << 1368),
    ],
)
def test_vectors_v2_to_v5_sum_to_exact_integers(events, half_life, failures, trials):
    grown = [(y, n, factor_at(t, half_life)) for y, n, t in events]

    assert sum(y * factor for y, _, factor in grown) == failures
    assert sum(n * factor for _, n, factor in grown) == trials


@pytest.mark.parametrize(
    ("events", "half_life", "at", "values"),
    [
        (V2, YEAR, "2026-09-01", (0.6352179757047718, 8.893051659866805, 9.528269635571577)),
        (V3, YEAR, "2026-03-01", (3.0038945780554833, 50.15373170753978, 53.15762628559526)),
        (V3_FOURTH, YEAR, "2026-03-01", (3.628010910976497, 50.15373170753978, 53.781742618516276)),
        (V4, MONTH, "2000-03-01", (1.25, 0.5, 1.75)),
        (V5, WEEK, "2026-03-10", (0.3990748682806373, 5.443489304098227, 5.842564172378864)),
    ],
)
def test_vectors_v2_to_v5_are_read_to_the_last_bit(events, half_life, at, values):
    t = second(at)
    failed = sum(y * factor_at(when, half_life) for y, _, when in events)
    tried = sum(n * factor_at(when, half_life) for _, n, when in events)

    read = [value_at(total, t, half_life) for total in (failed, tried - failed, tried)]

    assert tuple(read) == values


@pytest.mark.parametrize(
    ("day", "seen_count", "seen", "final"),
    [
        ("2011-05-31", 328, 136.85615273989652, 266.5713504569873),
        ("2011-06-15", 589, 78.01649028852424, 88.73304529157618),
        ("2011-05-22", 1, 0.22643091606597668, 190.19191742774854),
    ],
)
def test_vector_t3_of_a_real_line_list_seen_late(day, seen_count, seen, final):
    until = date.fromisoformat(day)
    fallen_ill = [(ill, told) for ill, told in _line_list() if ill <= until]
    reported = [(ill, told) for ill, told in fallen_ill if told <= until]

    assert len(reported) == seen_count
    assert _weight(reported, until) == seen
    assert _weight(fallen_ill, until) == final


def test_vector_t3_as_an_exact_integer():
    until = date(2011, 5, 31)
    reported = [ill for ill, told in _line_list() if ill <= until and told <= until]

    total = sum(MILLION * factor_at(_midnight(ill), WEEK) for ill in reported)

    assert total == 106181028207871275353234375 << 600


def test_a_factor_grows_with_every_second():
    factors = [factor_at(LANDMARK + second_, DAY) for second_ in range(20_000)]

    assert factors == sorted(set(factors))


@given(rest=st.integers(0, YEAR - 1), half_life=st.integers(DAY, 3 * YEAR))
@settings(deadline=None, max_examples=50)
def test_tables_and_slow_way_give_the_same_factor(rest, half_life):
    t = LANDMARK + rest % half_life

    assert factor_at(t, half_life) == slow(rest % half_life, half_life)


@given(half_lives=st.integers(0, 40), age=st.integers(0, 40), rest=st.integers(0, WEEK - 1))
def test_whole_half_lives_halve_exactly(half_lives, age, rest):
    t = LANDMARK + half_lives * WEEK + rest

    assert value_at(MILLION * factor_at(t, WEEK), t + age * WEEK, WEEK) == 0.5**age


def test_a_half_life_under_a_day_is_refused():
    with pytest.raises(ValueError, match="at least"):
        factor_at(LANDMARK, DAY - 1)


def test_a_half_life_over_a_century_is_refused():
    with pytest.raises(ValueError, match="at most"):
        factor_at(LANDMARK, 36_526 * DAY)


def test_sums_are_read_in_millionths():
    assert divisor_at(LANDMARK, DAY) == MILLION << 64


def _line_list():
    with LINE_LIST.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    return [(date.fromisoformat(r["dHosp"]), date.fromisoformat(r["dReport"])) for r in rows]


def _midnight(day):
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _weight(cases, until):
    total = sum(MILLION * factor_at(_midnight(ill), WEEK) for ill, _ in cases)
    return value_at(total, _midnight(until), WEEK)
