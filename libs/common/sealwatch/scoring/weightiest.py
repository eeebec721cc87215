"""Which events weigh most in a product's sums at an instant. Pure."""

from collections.abc import Iterable, Sequence
from heapq import nlargest
from typing import NamedTuple

from sealwatch.risk.decay import MILLION, factor_at, value_at
from sealwatch.risk.evidence import Evidence
from sealwatch.risk.policy import Policy
from sealwatch.risk.state import Said

MOST_SHOWN = 10  # of an explanation (docs/risk-model.md); ours


class Behind(NamedTuple):
    """An event that nobody took back: its receipt, what it was, when it occurred, and what it said."""

    uid: bytes
    type: str
    source: str
    occurred_at: int
    said: Sequence[Said]


class Weighed(NamedTuple):
    """What one event says of one factor, and what it weighs at the instant asked about.

    Failures and trials (incidents and days where ``counted``) are as they were folded, the quality in
    them; ``weight`` is the trials (where there are none the failures) decayed and by source weight.
    """

    event: Behind
    factor: str
    source_class: str
    counted: bool
    failures: float
    trials: float
    weight: float


def weightiest(events: Iterable[Behind], policy: Policy, at: int) -> tuple[list[Weighed], int]:
    """Return the heaviest pieces of evidence, heaviest first, and how many events hold any."""
    pieces: list[Weighed] = []
    count = 0
    for event in events:
        said = [one for one in event.said if isinstance(one, Evidence) and one.weighs]
        found = [_weighed(event, one, policy, at) for one in said]
        pieces += found
        count += bool(found)
    return nlargest(MOST_SHOWN, pieces, key=lambda one: (one.weight, one.event.uid, one.factor)), count


def _weighed(event: Behind, said: Evidence, policy: Policy, at: int) -> Weighed:
    amount = said.trials_millionths or said.failures_millionths
    decayed = value_at(amount * factor_at(said.at, said.half_life), at, said.half_life)
    return Weighed(
        event,
        said.factor,
        said.source_class,
        said.counted,
        said.failures_millionths / MILLION,
        said.trials_millionths / MILLION,
        decayed * policy.source_weights[said.source_class],
    )
