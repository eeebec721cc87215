"""What counts where a laboratory and its numbers say different things."""

from decimal import Decimal

import pytest

from sealwatch.measure.grades import Counted, Grades
from sealwatch.measure.limits import Limit, Measured, Reason, Verdict
from sealwatch.measure.verdicts import settle, settle_grade
from tests.unit.risk.given import POLICY

LIMIT = Limit(upper=Decimal(5), unit="mg")
WITHIN, OUTSIDE = Measured(Decimal(4), "mg"), Measured(Decimal(6), "mg")
UNSEEN, OTHER = Measured(Decimal(7), "mg", "below_lod"), Measured(Decimal(4), "µm")


@pytest.mark.parametrize(
    ("reported", "measured", "verdict", "reason"),
    [
        ("pass", WITHIN, Verdict.PASS, None),
        ("fail", WITHIN, Verdict.PASS, Reason.DISAGREES),
        ("not_judged", WITHIN, Verdict.PASS, None),
        ("pass", OUTSIDE, Verdict.FAIL, Reason.DISAGREES),
        ("fail", OUTSIDE, Verdict.FAIL, None),
        ("not_judged", OUTSIDE, Verdict.FAIL, None),
        ("pass", UNSEEN, Verdict.NOT_JUDGED, Reason.CENSORED),
        ("fail", UNSEEN, Verdict.FAIL, Reason.CENSORED),
        ("not_judged", UNSEEN, Verdict.NOT_JUDGED, Reason.CENSORED),
        ("pass", OTHER, Verdict.NOT_JUDGED, Reason.UNITS_INCOMPATIBLE),
        ("fail", OTHER, Verdict.FAIL, Reason.UNITS_INCOMPATIBLE),
        ("not_judged", OTHER, Verdict.NOT_JUDGED, Reason.UNITS_INCOMPATIBLE),
    ],
)
def test_numbers_decide_where_they_can_and_a_pass_without_them_does_not_count(
    reported, measured, verdict, reason
):
    assert settle(reported, measured, LIMIT) == (verdict, reason)


@pytest.mark.parametrize(
    ("reported", "grade", "counted", "reason"),
    [
        ("not_judged", "A", (0.0, 1.0), None),
        ("pass", "B", (0.1, 1.0), None),
        ("fail", "B", (0.1, 1.0), Reason.DISAGREES),
        ("pass", "E", (1.0, 1.0), Reason.DISAGREES),
        ("fail", "E", (1.0, 1.0), None),
        ("fail", "no such grade", (1.0, 1.0), Reason.UNKNOWN_GRADE),
        ("pass", "no such grade", (0.0, 1.0), Reason.UNKNOWN_GRADE),
        ("not_judged", "no such grade", None, Reason.UNKNOWN_GRADE),
    ],
)
def test_a_grade_counts_by_the_table_and_an_unknown_one_by_its_verdict(reported, grade, counted, reason):
    assert settle_grade(reported, grade, POLICY.grades) == (counted, reason)


@pytest.mark.parametrize("counted", [Counted(2, 1), Counted(-1, 1), Counted(0, 0)])
def test_a_table_with_an_impossible_number_is_refused(counted):
    with pytest.raises(ValueError, match="cannot be"):
        Grades({"A": counted}, "ours")


def test_a_worse_grade_of_our_table_never_counts_less():
    shares = [POLICY.grades.table[grade].failures for grade in "ABCDE"]

    assert shares == sorted(shares)
