"""What one item of a lot counts as, where its laboratory and its numbers may say different things.

The numbers decide where they can. Where they cannot (units that do not compare, a limit of detection
above the limit), a reported failure stands and a reported pass does not: it is no evidence. Every
difference has a reason that is kept and shown.
"""

from typing import NamedTuple

from sealwatch.measure.grades import Counted, Grades
from sealwatch.measure.limits import Judgement, Limit, Measured, Reason, Verdict, judge

_FAILING_SHARE = 0.5  # from here on a grade reads as a failure when compared with a verdict; ours


class Settled(NamedTuple):
    """A verdict that counts, and what is odd about it."""

    verdict: Verdict
    reason: Reason | None = None


class Graded(NamedTuple):
    """What a grade counts as, None for nothing, and what is odd about it."""

    counted: Counted | None
    reason: Reason | None = None


_FAILED = Counted(1.0, 1.0)
_PASSED = Counted(0.0, 1.0)


def settle(reported: str, measured: Measured, limit: Limit) -> Settled:
    """Return the verdict that counts for a value with a limit."""
    found = judge(measured, limit)
    if found.verdict is Verdict.NOT_JUDGED:
        return _unsettled(reported, found)
    return Settled(found.verdict, None if reported in (found.verdict, "not_judged") else Reason.DISAGREES)


def _unsettled(reported: str, found: Judgement) -> Settled:
    return Settled(Verdict.FAIL if reported == "fail" else Verdict.NOT_JUDGED, found.reason)


def settle_grade(reported: str, grade: str, grades: Grades) -> Graded:
    """Return what a grade counts as: the table's number, or the verdict where the table has none."""
    counted = grades.counted(grade)
    if counted is None:
        return Graded(counted_verdict(reported), Reason.UNKNOWN_GRADE)
    looks = "fail" if counted.failures >= _FAILING_SHARE * counted.trials else "pass"
    return Graded(counted, None if reported in (looks, "not_judged") else Reason.DISAGREES)


def counted_verdict(verdict: str) -> Counted | None:
    """Return a verdict as one trial, None where there is none."""
    return _FAILED if verdict == "fail" else _PASSED if verdict == "pass" else None
