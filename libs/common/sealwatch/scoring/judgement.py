"""What each item of a lot counts as, and what is odd about it. Pure."""

from typing import NamedTuple

from sealwatch.contracts.log import Event, InspectedItem, InspectionReported, ReadingTaken
from sealwatch.measure.grades import Counted, Grades
from sealwatch.measure.limits import Judgement, Measured, Reason, Verdict, judge
from sealwatch.measure.verdicts import counted_verdict, settle, settle_grade
from sealwatch.risk.floors import Check

COMPULSORY = "compulsory_national"
_PASS, _NOT_JUDGED = Verdict.PASS.value, Verdict.NOT_JUDGED.value


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


def counted(item: InspectedItem, grades: Grades) -> Counted | None:
    """Return what an item counts as, as ``weigh`` does; most have only a verdict, which is cheap."""
    if item.trials:
        return Counted(float(item.failures or 0), float(item.trials))
    if item.limits is None and item.grade is None:
        return counted_verdict(item.verdict)
    return weigh(item, grades).counted


def check_of(item: InspectedItem, found: Counted | None, at: int) -> Check | None:
    """Return how an item of a lot sampled at ``at`` stood against a compulsory national standard.

    A floor hangs on it. ``found`` is what the item counts as.
    """
    standard = item.standard
    if standard is None or standard.rank != COMPULSORY:
        return None
    passed = _passed(item, found)
    return None if passed is None else Check(standard.code, item.indicator, at, not passed)


def _passed(item: InspectedItem, found: Counted | None) -> bool | None:
    """Return whether an item meets its standard; of y of n its laboratory's verdict says so, if given."""
    if item.trials:
        return not item.failures if item.verdict == _NOT_JUDGED else item.verdict == _PASS
    return None if found is None else found.failures == 0
