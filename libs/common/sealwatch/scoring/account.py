"""How each indicator of an event was counted, or why it was not. Pure; for whoever asks, never while scoring.

Each indicator is given to ``evidence_of`` alone and compared with what the whole event gave: what is told
is what was counted, by the same function, and costs nothing until somebody asks.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from msgspec.structs import replace

from sealwatch.contracts.log import (
    Event,
    IncidentsCounted,
    InspectionReported,
    ReadingTaken,
    SightingRecorded,
)
from sealwatch.measure.limits import Reason
from sealwatch.risk.evidence import Evidence
from sealwatch.risk.floors import Check
from sealwatch.risk.policy import Policy
from sealwatch.risk.state import Said
from sealwatch.scoring.evidence import FACTOR_OF_SIGHTING, evidence_of
from sealwatch.scoring.judgement import judged, weigh


class Lack(StrEnum):
    """Why an indicator was not counted, beside the reasons of ``measure.limits``; published words."""

    NOT_JUDGED = "not_judged"
    WORSE_COUNTS = "worse_indicator_counts"
    NO_LIMIT = "no_limit"
    NO_PERIOD = "period_missing"
    UNKNOWN_FACTOR = "factor_unknown"
    UNKNOWN_KIND = "kind_unknown"
    UNKNOWN_CLASS = "source_class_unknown"
    QUALITY_BAD = "quality_bad"
    OUT_OF_CALIBRATION = "out_of_calibration"
    NO_QUALITY = "quality_zero"


Why = Reason | Lack


class Account(NamedTuple):
    """One indicator: what it added, in millionths with the quality in it, and what is to be said of it.

    Where ``over_days``, failures are incidents and trials the days they were counted over. ``met`` tells
    how it stood against a compulsory national standard, None where it was held against none.
    """

    indicator: str
    factor: str | None
    counted: bool
    failures_millionths: int
    trials_millionths: int
    met: bool | None
    remarks: tuple[str, ...]
    over_days: bool = False


def accounts_of(event: Event, policy: Policy) -> tuple[Account, ...]:
    """Return how each indicator of an event was counted under a policy; what is no evidence has none."""
    said = evidence_of(event, policy)
    match event.body:
        case InspectionReported():
            return tuple(_of_lot(event, event.body, policy, said))
        case ReadingTaken():
            factor = event.limit.factor if event.limit else None
            return (
                _account(event.body.indicator, factor, said, [_of_reading(event, event.body, policy, said)]),
            )
        case SightingRecorded():
            factor = FACTOR_OF_SIGHTING.get(event.body.kind)
            lack = Lack.UNKNOWN_KIND if factor is None else _lack(event, factor, policy, said)
            return (_account(event.body.kind, factor, said, [lack]),)
        case IncidentsCounted():
            lack = _lack(event, event.body.factor, policy, said)
            return (_account(event.body.indicator, event.body.factor, said, [lack]),)
        case _:
            return ()


def _of_lot(
    event: Event, body: InspectionReported, policy: Policy, whole: Sequence[Said]
) -> Iterator[Account]:
    """Yield an account an item; of each factor the first of its worst items is the one that counts."""
    left = {piece.factor: piece for piece in _pieces(whole)}
    for item in body.items:
        said = evidence_of(replace(event, body=replace(body, items=(item,))), policy)
        piece = next(_pieces(said), None)
        odd = weigh(item, policy.grades).reason
        if piece is None:
            lack = _lack(event, item.factor, policy, said) or (None if odd else Lack.NOT_JUDGED)
        elif left.get(item.factor) == piece:
            del left[item.factor]
            lack = _lack(event, item.factor, policy, said)
        else:
            said = tuple(one for one in said if isinstance(one, Check))
            lack = Lack.WORSE_COUNTS
        yield _account(item.indicator, item.factor, said, [odd, lack])


def _of_reading(event: Event, body: ReadingTaken, policy: Policy, said: Sequence[Said]) -> Why | None:
    """Return why a reading was not counted: no limit, not to be judged, no period, or no quality."""
    judgement = judged(event, body)
    if event.limit is None or judgement is None:
        return Lack.NO_LIMIT
    if judgement.reason is not None:
        return judgement.reason
    if not event.period:
        return Lack.NO_PERIOD
    lack = _lack(event, event.limit.factor, policy, said)
    if lack is not Lack.NO_QUALITY:
        return lack
    return Lack.QUALITY_BAD if body.quality == "bad" else Lack.OUT_OF_CALIBRATION


def _lack(event: Event, factor: str, policy: Policy, said: Sequence[Said]) -> Lack | None:
    """Return what the policy or the quality keeps from counting, whatever was measured."""
    if event.source_class not in policy.sent_classes:
        return Lack.UNKNOWN_CLASS
    if factor not in policy.half_lives:
        return Lack.UNKNOWN_FACTOR
    return None if all(piece.weighs for piece in _pieces(said)) else Lack.NO_QUALITY


def _account(
    indicator: str, factor: str | None, said: Sequence[Said], remarks: Iterable[Why | None]
) -> Account:
    piece = next((piece for piece in _pieces(said) if piece.weighs), None)
    check = next((one for one in said if isinstance(one, Check)), None)
    return Account(
        indicator=indicator,
        factor=factor,
        counted=piece is not None,
        failures_millionths=piece.failures_millionths if piece else 0,
        trials_millionths=piece.trials_millionths if piece else 0,
        met=None if check is None else not check.failed,
        remarks=tuple(why.value for why in remarks if why is not None),
        over_days=piece is not None and piece.counted,
    )


def _pieces(said: Iterable[Said]) -> Iterator[Evidence]:
    return (one for one in said if isinstance(one, Evidence))
