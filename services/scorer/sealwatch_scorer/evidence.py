"""From an event to what it says about risk: the one place where contracts meet the model."""

from collections.abc import Iterable

from sealwatch.contracts.log import Event, InspectedItem, InspectionReported, SightingRecorded
from sealwatch.risk.evidence import Evidence, evidence
from sealwatch.risk.policy import Policy

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
MOST_SEEN = 10  # a page of a thousand listings is not a thousand trials (risk-model.md 2.1)


def evidence_of(event: Event, policy: Policy) -> tuple[Evidence, ...]:
    """Return the evidence an event holds; an event without any, or of unknown words, returns nothing.

    Readings feed signals only until limits are registered (risk-model.md 2.1).
    """
    if event.source_class not in policy.source_weights:
        return ()
    match event.body:
        case InspectionReported():
            counts = _counts_by_factor(event.body.items)
        case SightingRecorded():
            counts = _counts_of_sighting(event.body)
        case _:
            return ()
    quality = policy.quality.accredited if event.accredited else policy.quality.unaccredited
    return tuple(
        evidence(
            factor,
            event.source_class,
            failures,
            trials,
            quality=quality,
            at=event.occurred_at,
            half_life=policy.half_lives[factor],
        )
        for factor, (failures, trials) in counts.items()
        if factor in policy.half_lives
    )


def _counts_by_factor(items: Iterable[InspectedItem]) -> dict[str, tuple[float, float]]:
    """Return one trial a factor, failed if any item of it failed, or the counts of its worst indicator."""
    counts: dict[str, tuple[float, float]] = {}
    for item in items:
        if item.verdict == "not_judged" and item.trials is None:
            continue
        found = (
            (float(item.failures or 0), float(item.trials))
            if item.trials
            else (float(item.verdict == "fail"), 1.0)
        )
        known = counts.get(item.factor)
        if known is None or _worse(found, known):
            counts[item.factor] = found
    return counts


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
