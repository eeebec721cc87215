"""Values against limits, on the border and where only a bound of the value is known."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sealwatch.measure.limits import Limit, Measured, Reason, Verdict, exact, judge, limit_of
from sealwatch.measure.units import conversion

PASS, FAIL, OPEN = Verdict.PASS, Verdict.FAIL, Verdict.NOT_JUDGED
AT_MOST = Limit(upper=Decimal(5), unit="mg")
BELOW = Limit(upper=Decimal(5), unit="mg", upper_inclusive=False)
AT_LEAST = Limit(lower=Decimal(5), unit="mg")
ABOVE = Limit(lower=Decimal(5), unit="mg", lower_inclusive=False)
BETWEEN = Limit(Decimal(5), Decimal(10), "mg")
STRICTLY_BETWEEN = Limit(Decimal(5), Decimal(10), "mg", lower_inclusive=False, upper_inclusive=False)
EXACTLY = Limit(Decimal(5), Decimal(5), "mg")
FROM_ZERO = Limit(Decimal(0), Decimal(5), "mg")

POINTS = [
    (AT_MOST, "4.9999 5 5.0000000000000001 6", [PASS, PASS, FAIL, FAIL]),
    (BELOW, "4.9999 5 5.0000000000000001 6", [PASS, FAIL, FAIL, FAIL]),
    (AT_LEAST, "4.9999999999999999 5 5.1", [FAIL, PASS, PASS]),
    (ABOVE, "4.9 5 5.0000000000000001", [FAIL, FAIL, PASS]),
    (BETWEEN, "4.9 5 7 10 10.1", [FAIL, PASS, PASS, PASS, FAIL]),
    (STRICTLY_BETWEEN, "4.9 5 7 10 10.1", [FAIL, FAIL, PASS, FAIL, FAIL]),
    (EXACTLY, "4.9999999999999999999 5 5.00 5.1", [FAIL, PASS, PASS, FAIL]),
    (FROM_ZERO, "-0.1 0 5", [FAIL, PASS, PASS]),
]
CENSORED = [
    # "<3", "<5", "<7", "<10", "<12" and then ">3" ... ">12"
    (AT_MOST, [PASS, PASS, OPEN, OPEN, OPEN], [OPEN, FAIL, FAIL, FAIL, FAIL]),
    (BELOW, [PASS, PASS, OPEN, OPEN, OPEN], [OPEN, FAIL, FAIL, FAIL, FAIL]),
    (AT_LEAST, [FAIL, FAIL, OPEN, OPEN, OPEN], [OPEN, PASS, PASS, PASS, PASS]),
    (ABOVE, [FAIL, FAIL, OPEN, OPEN, OPEN], [OPEN, PASS, PASS, PASS, PASS]),
    (BETWEEN, [FAIL, FAIL, OPEN, OPEN, OPEN], [OPEN, OPEN, OPEN, FAIL, FAIL]),
    (STRICTLY_BETWEEN, [FAIL, FAIL, OPEN, OPEN, OPEN], [OPEN, OPEN, OPEN, FAIL, FAIL]),
    (EXACTLY, [FAIL, FAIL, OPEN, OPEN, OPEN], [OPEN, FAIL, FAIL, FAIL, FAIL]),
    (FROM_ZERO, [PASS, PASS, OPEN, OPEN, OPEN], [OPEN, FAIL, FAIL, FAIL, FAIL]),
]
BOUNDS = ("3", "5", "7", "10", "12")
numbers = some.decimals(allow_nan=False, allow_infinity=False, min_value=-1000, max_value=1000, places=6)
limits = some.sampled_from([AT_MOST, BELOW, AT_LEAST, ABOVE, BETWEEN, STRICTLY_BETWEEN, EXACTLY, FROM_ZERO])
units = some.sampled_from(["mg", "g", "µg", "kg", "oz"])


def measured(text, censoring=None, unit="mg"):
    return Measured(Decimal(text), unit, censoring)


@pytest.mark.parametrize(("limit", "values", "verdicts"), POINTS)
def test_a_value_on_the_border_goes_by_the_limit_s_own_direction(limit, values, verdicts):
    assert [judge(measured(text), limit).verdict for text in values.split()] == verdicts


@pytest.mark.parametrize("censoring", ["below_lod", "below_loq"])
@pytest.mark.parametrize(("limit", "below", "_above"), CENSORED)
def test_below_what_can_be_seen_is_never_read_as_that_number(limit, below, _above, censoring):
    assert [judge(measured(text, censoring), limit).verdict for text in BOUNDS] == below


@pytest.mark.parametrize(("limit", "_below", "above"), CENSORED)
def test_above_what_can_be_seen_is_never_read_as_that_number(limit, _below, above):
    assert [judge(measured(text, "above_range"), limit).verdict for text in BOUNDS] == above


def test_an_amount_below_its_detection_limit_is_not_negative_but_a_temperature_may_be():
    limit = Limit(Decimal(0), Decimal(5), None)

    assert judge(measured("3", "below_lod"), limit).verdict is PASS
    assert judge(measured("3", "below_lod", "°C"), limit).verdict is OPEN


@pytest.mark.parametrize(
    ("given_measured", "limit", "reason"),
    [
        (measured("1", unit="mg"), Limit(upper=Decimal(1), unit="µm"), Reason.UNITS_INCOMPATIBLE),
        (measured("1", unit="mL/L"), Limit(upper=Decimal(1), unit="mg/kg"), Reason.UNITS_INCOMPATIBLE),
        (measured("1", unit="blorps"), Limit(upper=Decimal(1), unit="mg"), Reason.UNKNOWN_UNIT),
        (measured("1", unit="mg"), Limit(upper=Decimal(1), unit="blorps"), Reason.UNKNOWN_UNIT),
        (measured("7", "below_lod"), AT_MOST, Reason.CENSORED),
        (measured("1", "a word of later"), AT_MOST, Reason.UNKNOWN_CENSORING),
        (measured("1"), Limit(upper=Decimal("1e-99999999"), unit="g"), Reason.OUT_OF_REACH),
        (measured("1"), Limit(lower=Decimal("1e99999999"), unit="g"), Reason.OUT_OF_REACH),
    ],
)
def test_what_cannot_be_compared_is_not_judged_and_says_why(given_measured, limit, reason):
    assert judge(given_measured, limit) == (OPEN, reason)


@pytest.mark.parametrize(
    ("value", "unit", "limit", "verdict"),
    [
        ("100", "mg/kg", Limit(upper=Decimal("0.01"), unit="%"), PASS),
        ("100.0000000001", "mg/kg", Limit(upper=Decimal("0.01"), unit="%"), FAIL),
        ("99.9", "mg/kg", Limit(lower=Decimal("0.01"), unit="%"), FAIL),
        ("0.1", "mm", Limit(upper=Decimal(100), unit="µm"), PASS),
        ("212", "degF", Limit(Decimal(100), Decimal(100), "°C"), PASS),
        ("3", "N/15mm", Limit(lower=Decimal(200), unit="N/m"), PASS),
        ("2.9999", "N/15mm", Limit(lower=Decimal(200), unit="N/m"), FAIL),
        ("1e-99999999", "oz", Limit(upper=Decimal(5), unit="mg"), PASS),
        ("1e99999999", "oz", Limit(upper=Decimal(5), unit="mg"), FAIL),
        ("5", "a unit that nobody knows", Limit(upper=Decimal(5)), PASS),
        ("5", "GU", Limit(upper=Decimal(5), unit="GU"), PASS),
    ],
)
def test_a_value_and_a_limit_in_other_units_compare_to_the_digit(value, unit, limit, verdict):
    assert judge(measured(value, unit=unit), limit).verdict is verdict


def test_a_double_is_read_as_it_was_written():
    limit = limit_of((None, 0.3), "mg", (True, True))

    assert (exact(0.3), limit.upper) == (Decimal("0.3"), Decimal("0.3"))
    assert judge(Measured(exact(0.1) + exact(0.2), "mg"), limit).verdict is PASS


@given(numbers, numbers, units)
def test_what_lies_further_below_a_limit_that_passes_passes_too(one, other, unit):
    smaller, greater = sorted((one, other))
    limit = Limit(upper=Decimal(3), unit="g")

    verdicts = [judge(Measured(value, unit), limit).verdict for value in (smaller, greater)]

    assert verdicts != [FAIL, PASS]


@given(numbers, limits, units)
def test_the_unit_that_a_value_is_written_in_changes_no_verdict(value, limit, unit):
    moved = conversion("mg", unit)(Fraction(value))
    there = Limit(
        *(side and Decimal(side) for side in (limit.lower, limit.upper)),
        "mg",
        limit.lower_inclusive,
        limit.upper_inclusive,
    )
    written = Decimal(moved.numerator) / Decimal(moved.denominator)

    is_exact = Fraction(written) == moved
    assert not is_exact or judge(Measured(written, unit), there) == judge(Measured(value, "mg"), limit)


@given(numbers, limits, some.sampled_from(["below_lod", "above_range"]), numbers)
def test_a_censored_verdict_holds_for_every_value_it_may_stand_for(bound, limit, censoring, true_value):
    verdict = judge(Measured(bound, "mg", censoring), limit).verdict
    could_be = true_value < bound if censoring == "below_lod" else true_value > bound
    could_be = could_be and (true_value >= 0 or bound <= 0)

    assert verdict is OPEN or not could_be or judge(Measured(true_value, "mg"), limit).verdict is verdict
