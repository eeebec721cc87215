"""What each item of a lot counts as, and what is odd about it. Pure."""

from typing import NamedTuple

from sealwatch.contracts.log import Event, InspectedItem, InspectionReported, ReadingTaken
from sealwatch.measure.grades import Counted, Grades
from sealwatch.measure.limits import Judgement, Measured, Reason, Verdict, judge
from sealwatch.measure.verdicts import counted_verdict, settle, settle_grade
from sealwatch.risk.floors import Check

COMPULSORY = "compulsory_national"


class Weighed(NamedTuple):
    """What an item counts as, None for nothing, and what is odd about it."""

    counted: Counted | None
    reason: Reason | None = None


class Remark(NamedTuple):
    """Something odd about one indicator of an event, for an expert to look at."""

    indicator: str
    reason: str


def weigh(item: InspectedItem, grades: Grades) -> Weighed:
    """Return what an item counts as: its counts, its grade, its value against its limit, its verdict."""
    if item.trials:
        return _weighed_count(item, item.trials)
    if item.grade is not None:
        return Weighed(*settle_grade(item.verdict, item.grade, grades))
    if item.limits is not None and item.value is not None and item.unit is not None:
        measured = Measured(item.value, item.unit, item.censoring)
        verdict, reason = settle(item.verdict, measured, item.limits)
        return Weighed(counted_verdict(verdict), reason)
    return Weighed(counted_verdict(item.verdict))


def _weighed_count(item: InspectedItem, trials: int) -> Weighed:
    """Return y of n; a pass with failures is a plan's acceptance number, a failure without one is odd."""
    failures = item.failures or 0
    is_odd = item.verdict == "fail" and not failures
    return Weighed(Counted(float(failures), float(trials)), Reason.DISAGREES if is_odd else None)


def judged(event: Event, reading: ReadingTaken) -> Judgement | None:
    """Return a reading against the limit that was stamped on it, None where there is none."""
    if event.limit is None:
        return None
    return judge(Measured(reading.value, reading.unit), event.limit.limits)


def remarks_of(event: Event, grades: Grades) -> tuple[Remark, ...]:
    """Return what an expert should look at: what intake flagged, and what the numbers say otherwise."""
    flagged = [Remark("", flag) for flag in event.flags]
    match event.body:
        case InspectionReported():
            found = [(item.indicator, weigh(item, grades).reason) for item in event.body.items]
        case ReadingTaken():
            judgement = judged(event, event.body)
            found = [(event.body.indicator, judgement.reason if judgement else None)]
        case _:
            found = []
    return (*flagged, *(Remark(name, reason.value) for name, reason in found if reason is not None))


def checks_of(event: Event, body: InspectionReported, grades: Grades) -> tuple[Check, ...]:
    """Return how a lot stood against compulsory national standards: a floor hangs on it."""
    found: list[Check] = []
    for item in body.items:
        standard = item.standard
        if standard is not None and standard.rank == COMPULSORY:
            passed = _passed(item, grades)
            if passed is not None:
                found.append(Check(standard.code, item.indicator, event.occurred_at, not passed))
    return tuple(found)


def _passed(item: InspectedItem, grades: Grades) -> bool | None:
    """Return whether an item meets its standard; of y of n its laboratory's verdict says so, if given."""
    if item.trials:
        return not item.failures if item.verdict == Verdict.NOT_JUDGED else item.verdict == Verdict.PASS
    counted = weigh(item, grades).counted
    return None if counted is None else counted.failures == 0
