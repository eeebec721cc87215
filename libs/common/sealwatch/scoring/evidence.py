"""From an event to what it says about risk: the one place where contracts meet the model."""

from collections.abc import Iterable, Sequence

from sealwatch.contracts.log import (
    Event,
    IncidentsCounted,
    InspectedItem,
    InspectionReported,
    ReadingTaken,
    SightingRecorded,
)
from sealwatch.measure.grades import Grades
from sealwatch.measure.limits import Verdict
from sealwatch.risk.evidence import Evidence, evidence, incidents
from sealwatch.risk.floors import Check
from sealwatch.risk.policy import Policy, Quality
from sealwatch.risk.state import Said
from sealwatch.scoring.judgement import check_of, counted, judged

FACTOR_OF_SIGHTING = {
    "listing": "MKT",
    "shop": "MKT",
    "post": "OPIN",
    "article": "OPIN",
    "review": "OPIN",
    "complaint": "OPIN",
    "code_scan": "TRAC",
    "official_notice": "QUAL",
}
MOST_SEEN = 10  # a page of a thousand listings is not a thousand trials (docs/evidence.md); ours
DAY_SECONDS = 86_400


def evidence_of(event: Event, policy: Policy) -> tuple[Said, ...]:
    """Return the evidence an event holds and how it stood against compulsory standards.

    An event without any, or of unknown words, returns nothing.
    """
    checks: Sequence[Check] = ()
    source_class = event.source_class
    if source_class not in policy.sent_classes:
        return ()
    quality = policy.quality.accredited if event.accredited else policy.quality.unaccredited
    match event.body:
        case InspectionReported():
            counts, checks = _of_lot(event.body.items, event.occurred_at, policy.grades)
            source_class = _side(source_class, event.body.monitoring_mode, policy)
        case SightingRecorded():
            counts = _counts_of_sighting(event.body)
        case ReadingTaken():
            counts = _counts_of_reading(event, event.body)
            quality = _quality_of_reading(event, event.body, quality, policy.quality)
        case IncidentsCounted():
            return _of_incidents(event, event.body, policy, quality)
        case _:
            return ()
    found = [
        evidence(
            factor,
            source_class,
            failures,
            trials,
            quality=quality,
            at=event.occurred_at,
            half_life=policy.half_lives[factor],
        )
        for factor, (failures, trials) in counts.items()
        if factor in policy.half_lives
    ]
    return (*found, *checks)


def _side(source_class: str, mode: str | None, policy: Policy) -> str:
    """Return the class a lot is summed under: the targeted side of its own where no plan drew the sample.

    A class without such a side, and a lot that does not say its mode, stay as they are.
    """
    if mode is None or mode in policy.planned_modes:
        return source_class
    return policy.targeted_sides.get(source_class, source_class)


def _of_lot(
    items: Iterable[InspectedItem], at: int, grades: Grades
) -> tuple[dict[str, tuple[float, float]], list[Check]]:
    """Return what a lot counts as, and how it stood against compulsory standards.

    It is one trial a factor, failed if any item of it failed, or the counts of its worst indicator.
    """
    counts: dict[str, tuple[float, float]] = {}
    checks: list[Check] = []
    for item in items:
        found = counted(item, grades)
        if found is not None:
            known = counts.get(item.factor)
            if known is None or _worse(found, known):
                counts[item.factor] = found
        if item.standard is not None:
            check = check_of(item, found, at)
            if check is not None:
                checks.append(check)
    return counts, checks


def _worse(found: tuple[float, float], known: tuple[float, float]) -> bool:
    """Compare by failure rate, then by size, so that the order of items does not matter."""
    return (found[0] * known[1], found[1]) > (known[0] * found[1], known[1])


def _counts_of_sighting(seen: SightingRecorded) -> dict[str, tuple[float, float]]:
    factor = FACTOR_OF_SIGHTING.get(seen.kind)
    if factor is None or seen.seen < 1:
        return {}
    if seen.kind == "official_notice":
        return {factor: (1.0, 1.0)}
    trials = min(seen.seen, MOST_SEEN)
    return {factor: (min(seen.suspect, seen.seen) / seen.seen * trials, float(trials))}


def _counts_of_reading(event: Event, reading: ReadingTaken) -> dict[str, tuple[float, float]]:
    """Return a share of one trial a day against the stamped limit; without one nothing."""
    judgement = judged(event, reading)
    if (
        judgement is None
        or judgement.verdict is Verdict.NOT_JUDGED
        or event.limit is None
        or not event.period
    ):
        return {}
    trials = min(event.period / DAY_SECONDS, 1.0)
    return {event.limit.factor: (trials if judgement.verdict is Verdict.FAIL else 0.0, trials)}


def _of_incidents(
    event: Event, seen: IncidentsCounted, policy: Policy, quality: float
) -> tuple[Evidence, ...]:
    """Return so many incidents in so many days, dated at the end of the time that was watched."""
    half_life = policy.half_lives.get(seen.factor)
    if half_life is None:
        return ()
    days = (seen.observed_until - seen.observed_from).total_seconds() / DAY_SECONDS
    piece = incidents(
        seen.factor,
        event.source_class,
        seen.incidents,
        days,
        quality=quality,
        at=event.occurred_at,
        half_life=half_life,
    )
    return (piece,)


def _quality_of_reading(event: Event, reading: ReadingTaken, usual: float, quality: Quality) -> float:
    """Return 0 for what the device itself calls bad, the least for a device past its calibration date."""
    if reading.quality == "bad":
        return 0.0
    if event.calibrated_until is not None and event.occurred_at > event.calibrated_until:
        return quality.out_of_calibration
    return min(usual, quality.unaccredited) if reading.quality == "suspect" else usual
