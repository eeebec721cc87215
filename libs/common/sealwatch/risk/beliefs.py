"""What a product's sums say about each factor at one instant."""

from collections.abc import Sequence
from math import fsum
from typing import NamedTuple

from sealwatch.risk.decay import MILLION, divisor_at
from sealwatch.risk.scale import index_of
from sealwatch.risk.state import State
from sealwatch.risk.yardstick import Measure, Yardstick


class Belief(NamedTuple):
    """A factor's effective failures and trials, and the Beta distribution they lead to."""

    factor: str
    failures: float
    trials: float
    alpha: float
    beta: float
    measure: Measure

    @property
    def mean(self) -> float:
        """Return the expected failure rate."""
        return self.alpha / (self.alpha + self.beta)

    @property
    def harm(self) -> float:
        """Return the expected probability of harm."""
        return self.measure.step * self.alpha / (self.alpha + self.beta)


def beliefs(state: State, stick: Yardstick, at: int) -> list[Belief]:
    """Return one belief per factor that has evidence, in the order of their names.

    Source classes are weighted in whole millionths and added before the one division, so the
    result is correctly rounded and knows no order. What a retraction still owes is no evidence.
    """
    found: dict[str, Belief] = {}
    for (factor, half_life), (failures, passes) in _weighted(state, stick).items():
        divisor = MILLION * divisor_at(at, half_life)
        before = found.get(factor) or _prior(factor, stick.measures[factor])
        failed = failures / divisor if failures > 0 else 0.0
        passed = passes / divisor if passes > 0 else 0.0
        found[factor] = _updated(before, failed, passed)
    return list(found.values())


def entering(found: Sequence[Belief], stick: Yardstick) -> Sequence[Belief]:
    """Return the factors that make the level: those that failed, else the least harmful one.

    So a pass never raises an index, and untested factors do not pile up their priors.
    """
    least = stick.policy.thresholds.entering_failures
    failed = [belief for belief in found if belief.failures >= least]
    if failed or len(found) < 2:  # noqa: PLR2004  one factor needs no comparison
        return failed or found
    if stick.uniform:
        return [min(found, key=_harm)]
    matrix = stick.policy.matrix
    return [min(found, key=lambda b: (index_of(b.harm, b.measure.severity, matrix), b.harm))]


def is_assessable(state: State, stick: Yardstick, at: int) -> bool:
    """Return whether there is anything but opinion, or opinion worth a whole trial."""
    opinion = stick.policy.opinion_classes
    for _, source_class, _ in state.sums:
        if source_class not in opinion:
            return True
    heard = fsum(
        stick.weights[source_class] * trials / (MILLION * divisor_at(at, half_life))
        for (_, source_class, half_life), (_, trials) in state.sums.items()
    )
    return bool(state.sums) and heard >= stick.policy.thresholds.opinion_trials


def corroborating(state: State, stick: Yardstick, at: int) -> int:
    """Return how many source classes hold at least one effective failure, over all factors."""
    held: dict[str, float] = {}
    for (_, source_class, half_life), (failures, _) in state.sums.items():
        seen = stick.weights[source_class] * failures / (MILLION * divisor_at(at, half_life))
        held[source_class] = held.get(source_class, 0.0) + seen
    return sum(failures >= 1 for failures in held.values())


def _weighted(state: State, stick: Yardstick) -> dict[tuple[str, int], tuple[int, int]]:
    """Return weighted failures and passes per factor and half-life, still as exact integers."""
    weights = stick.weights
    sums: dict[tuple[str, int], tuple[int, int]] = {}
    for (factor, source_class, half_life), (failures, trials) in state.sums.items():
        weight = weights[source_class]
        key = (factor, half_life)
        failed, passed = sums.get(key, (0, 0))
        sums[key] = (failed + weight * failures, passed + weight * (trials - failures))
    return sums


def _prior(factor: str, measure: Measure) -> Belief:
    return Belief(factor, 0.0, 0.0, measure.alpha, measure.beta, measure)


def _updated(before: Belief, failed: float, passed: float) -> Belief:
    factor, failures, trials, alpha, beta, measure = before
    trials += failed + passed
    return Belief(factor, failures + failed, trials, alpha + failed, beta + passed, measure)


def _harm(belief: Belief) -> float:
    return belief.harm
